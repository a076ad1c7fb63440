// How the lab starts a program: what run() and Background have in common.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <string>

#include "support/process.hpp"

namespace whylink::lab {

/// A descriptor that is closed with this.
class Fd {
  public:
    explicit Fd(int fd = -1) : fd_(fd) {}
    ~Fd() { reset(); }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    int get() const { return fd_; }
    void reset(int fd = -1) {
        if (fd_ >= 0) {
            close(fd_);
        }
        fd_ = fd;
    }

  private:
    int fd_;
};

/// Throws std::system_error with errno.
[[noreturn]] void fail(const std::string& what);

/// A file without a name that holds `content`, read from its beginning.
int memory_file(const std::string& content);

/// Forks and executes; the child dies with the calling thread. Throws when that cannot even begin; what goes
/// wrong in the child is said on `err`, and its status is 127.
pid_t start_program(const Command& command, int in, int out, int err);

/// Of wait(2), as Completed::status has it.
int exit_status(int wait_status);

}  // namespace whylink::lab
