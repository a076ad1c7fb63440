// Programs that run inside the lab: in a network namespace, with files of their own, killed when no longer
// wanted.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace whylink::lab {

struct Command {
    std::vector<std::string> argv;  ///< argv[0] is looked up in PATH and in the sbin directories
    int netns = -1;                 ///< descriptor of a network namespace; -1: the caller's
    std::string input;              ///< for standard input, at most 64 KiB
    /// Absolute path of an existing file → what this program alone finds there. Bind mounts in a mount
    /// namespace of its own, so it needs root and a sandbox.
    std::map<std::string, std::string> files;
    std::map<std::string, std::string> environment;  ///< beside what is inherited
    std::optional<unsigned> max_open_files;          ///< RLIMIT_NOFILE
    /// Standard output and error go where the caller's go, and come back empty; `deadline` does not hold
    /// then.
    bool inherit_output = false;
    /// Of Background: a descriptor that standard error goes to instead of the log; it stays the caller's.
    int error = -1;
    std::chrono::milliseconds deadline{60'000};  ///< killed after this
};

struct Completed {
    int status = 0;  ///< exit status, or 128 and the signal's number
    bool killed_at_deadline = false;
    std::string out;
    std::string err;
};

/// Runs to its end. Throws std::runtime_error when the program cannot be started.
Completed run(const Command& command);

/// A server: started by the constructor, killed (SIGKILL) and reaped by the destructor. It also dies with the
/// thread that made it.
class Background {
  public:
    explicit Background(const Command& command);
    ~Background();
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    pid_t pid() const { return pid_; }
    bool running() const;
    /// Nothing happens when wait() has seen its end.
    void signal(int number) const;
    /// Its end, as Completed::status has it; none when it still runs after `deadline`.
    std::optional<int> wait(std::chrono::milliseconds deadline);
    /// What it has written to standard output and error so far.
    std::string log() const;

  private:
    pid_t pid_ = -1;
    std::optional<int> ended_;
    int log_ = -1;
};

}  // namespace whylink::lab
