#include "probes/host/proc_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace whylink::probes {
namespace {

constexpr std::size_t max_size = 64U << 10;

}  // namespace

std::string read_proc_file(const char* path) {
    std::string content;
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return content;
    }
    std::array<char, 4096> buffer;
    while (content.size() < max_size) {
        const ssize_t size = ::read(fd, buffer.data(), buffer.size());
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
