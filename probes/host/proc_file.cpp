#include "probes/host/proc_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace whylink::probes {

std::string read_proc_file(const char* path, std::size_t max_size) {
    std::string content;
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return content;
    }
    std::array<char, 4096> buffer;
    while (content.size() < max_size) {
        const ssize_t size = ::read(fd, buffer.data(), std::min(buffer.size(), max_size - content.size()));
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size <= 0) {
            break;
        }
        content.append(buffer.data(), static_cast<std::size_t>(size));
    }
    ::close(fd);
    return content;
}

}  // namespace whylink::probes
