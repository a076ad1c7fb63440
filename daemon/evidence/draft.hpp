// A file that gets its name only once all of it is on the disk.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

namespace whylink::daemon {

/// Closes with this; -1: none.
class Descriptor {
  public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ != -1) {
            close(fd_);
        }
    }
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    int get() const { return fd_; }
    bool open() const { return fd_ != -1; }
    int release() { return std::exchange(fd_, -1); }

  private:
    int fd_;
};

/// A temporary file in a directory, removed with this unless it was published. All functions give an errno,
/// 0 for success.
class Draft {
  public:
    /// `directory` outlives this. The file is called `prefix` and 16 random hexadecimal digits.
    Draft(int directory, std::string_view prefix) : directory_(directory), prefix_(prefix) {}
    ~Draft();
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;

    /// With exactly these permissions, whatever the umask.
    int create(mode_t permissions);
    /// Everything, onto the disk.
    int write(std::string_view bytes);
    /// Gives it the name; EEXIST when there is something of that name and `replace` is false.
    int publish(const std::string& name, bool replace);
    /// Of the file once it is created.
    int descriptor() const { return file_.get(); }

  private:
    int directory_;
    std::string prefix_;
    std::string name_;  ///< empty: there is nothing to remove
    Descriptor file_;
};

/// Whether a Draft with this prefix can have been called so.
bool is_draft_name(std::string_view name, std::string_view prefix);

/// Removes what a process left behind that ended while it wrote. A draft that somebody is still writing
/// stays: its writer holds a lock on it (flock(2)); where locks do not work all of them stay.
void remove_if_abandoned(int directory, const std::string& draft);

}  // namespace whylink::daemon
