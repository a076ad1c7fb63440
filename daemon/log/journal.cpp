#include "daemon/log/journal.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>

namespace whylink::daemon {

bool read_by_journal(int fd) {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat status {};
    if (stream == nullptr || ::fstat(fd, &status) != 0) {
        return false;
    }
    return fmt::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

}  // namespace whylink::daemon
