// Whether anybody reads a directory's entries, as the kernel sees it.
#pragma once

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>

namespace whylink::lab {

class DirectoryReads {
  public:
    explicit DirectoryReads(const std::string& directory) : fd_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
        // Of the directory itself: readdir(3). To open it, or a file in it, is none.
        if (fd_ == -1 || inotify_add_watch(fd_, directory.c_str(), IN_ACCESS | IN_ONLYDIR) == -1) {
            throw std::runtime_error("inotify " + directory);
        }
    }
    ~DirectoryReads() { close(fd_); }
    DirectoryReads(const DirectoryReads&) = delete;
    DirectoryReads& operator=(const DirectoryReads&) = delete;

    /// Since it was last asked.
    bool any() const {
        alignas(inotify_event) std::array<char, 4096> events{};
        bool found = false;
        for (ssize_t got = 0; (got = read(fd_, events.data(), events.size())) > 0;) {
            for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
                inotify_event event{};
                std::memcpy(&event, events.data() + at, sizeof event);
                // With a name it would be of something in the directory.
                found = found || ((event.mask & IN_ISDIR) != 0 && event.len == 0);
                at += sizeof event + event.len;
            }
        }
        return found;
    }

  private:
    int fd_;
};

}  // namespace whylink::lab
