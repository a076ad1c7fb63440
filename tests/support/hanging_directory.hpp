// A directory in which every open(2) of a file hangs, as on a disk or a server that does not answer.
#pragma once

#include <fcntl.h>
#include <sys/fanotify.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace whylink::lab {

/// Until it is destroyed. Asks to be asked for permission (fanotify(7)), and does not answer. Needs root; throws
/// std::system_error.
class HangingDirectory {
  public:
    explicit HangingDirectory(const std::string& directory)
        : fd_(fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY)) {
        if (fd_ == -1 || fanotify_mark(fd_, FAN_MARK_ADD, FAN_OPEN_PERM | FAN_EVENT_ON_CHILD, AT_FDCWD,
                                       directory.c_str()) != 0) {
            const int error = errno;
            if (fd_ != -1) {
                close(fd_);
            }
            throw std::system_error(error, std::generic_category(), "fanotify " + directory);
        }
    }
    /// Whoever waits goes on.
    ~HangingDirectory() { close(fd_); }
    HangingDirectory(const HangingDirectory&) = delete;
    HangingDirectory& operator=(const HangingDirectory&) = delete;

  private:
    int fd_;
};

}  // namespace whylink::lab
