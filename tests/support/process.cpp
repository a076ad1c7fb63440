#include "support/process.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "support/sandbox.hpp"

namespace whylink::lab {
namespace {

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

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

int memory_file(const std::string& content) {
    const int fd = memfd_create("lab", MFD_CLOEXEC);
    if (fd < 0) {
        fail("memfd_create");
    }
    std::size_t written = 0;
    while (written < content.size()) {
        const ssize_t n = write(fd, content.data() + written, content.size() - written);
        if (n < 0) {
            close(fd);
            fail("write");
        }
        written += static_cast<std::size_t>(n);
    }
    lseek(fd, 0, SEEK_SET);
    return fd;
}

// It stays until the sandbox ends: the child mounts it at a time of its own.
std::string scratch_file(const std::string& content) {
    std::string path = scratch_directory() / "file-XXXXXX";
    const Fd fd(mkstemp(path.data()));
    if (fd.get() < 0 ||
        write(fd.get(), content.data(), content.size()) != static_cast<ssize_t>(content.size()) ||
        fchmod(fd.get(), 0644) != 0) {
        fail("write " + path);
    }
    return path;
}

std::string program_path(const std::string& name) {
    if (name.find('/') != std::string::npos) {
        return name;
    }
    const char* path = std::getenv("PATH");
    std::string search =
        std::string(path != nullptr ? path : "") + ":/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin";
    for (std::size_t begin = 0; begin < search.size();) {
        const std::size_t end = std::min(search.find(':', begin), search.size());
        const std::string candidate = search.substr(begin, end - begin) + "/" + name;
        if (access(candidate.c_str(), X_OK) == 0) {
            return candidate;
        }
        begin = end + 1;
    }
    throw std::runtime_error("no program " + name + " in PATH");
}

// Where a bind mount may be put: the file behind symbolic links.
std::string mount_point(const std::string& path) {
    std::error_code error;
    const auto real = std::filesystem::canonical(path, error);
    if (error) {
        throw std::runtime_error("cannot stand in for " + path + ": " + error.message());
    }
    return real;
}

// What a child needs between fork and exec, made before: after fork of a program with threads only system
// calls are safe.
struct Prepared {
    std::string path;
    std::vector<std::string> strings;
    std::vector<char*> argv;
    std::vector<char*> environment;
    struct File {
        std::string source;
        std::string target;
    };
    std::vector<File> files;

    explicit Prepared(const Command& command) : path(program_path(command.argv.at(0))) {
        for (const auto& [target, content] : command.files) {
            files.push_back({scratch_file(content), mount_point(target)});
        }
        for (const auto& argument : command.argv) {
            strings.push_back(argument);
        }
        for (const auto& [key, value] : command.environment) {
            strings.push_back(key + "=" + value);
        }
        for (std::size_t i = 0; i < strings.size(); ++i) {
            (i < command.argv.size() ? argv : environment).push_back(strings[i].data());
        }
        for (char** entry = environ; *entry != nullptr; ++entry) {
            environment.push_back(*entry);
        }
        argv.push_back(nullptr);
        environment.push_back(nullptr);
    }
    Prepared(const Prepared&) = delete;
    Prepared& operator=(const Prepared&) = delete;
};

// Writes what failed where run() finds it, and ends the child.
[[noreturn]] void give_up(const char* what) {
    constexpr std::string_view prefix = "lab: cannot ";
    (void)!write(STDERR_FILENO, prefix.data(), prefix.size());
    (void)!write(STDERR_FILENO, what, std::char_traits<char>::length(what));
    (void)!write(STDERR_FILENO, "\n", 1);
    _exit(127);
}

void replace_files(const Prepared& prepared) {
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        give_up("make a mount namespace");
    }
    for (const auto& file : prepared.files) {
        if (mount(file.source.c_str(), file.target.c_str(), nullptr, MS_BIND, nullptr) != 0) {
            give_up("mount over a file");
        }
    }
}

[[noreturn]] void become(const Command& command, const Prepared& prepared, int in, int out, int err) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    if (command.netns >= 0 && setns(command.netns, CLONE_NEWNET) != 0) {
        give_up("enter the network namespace");
    }
    if (!prepared.files.empty()) {
        replace_files(prepared);
    }
    if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0) {
        give_up("redirect");
    }
    // Asio accepts connections without close-on-exec; inherited, they would outlive the server's close().
    close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    if (command.max_open_files) {
        const rlimit limit{*command.max_open_files, *command.max_open_files};
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
            give_up("limit open files");
        }
    }
    execve(prepared.path.c_str(), prepared.argv.data(), prepared.environment.data());
    give_up("execute the program");
}

pid_t start(const Command& command, int in, int out, int err) {
    const Prepared prepared(command);
    const pid_t pid = fork();
    if (pid < 0) {
        fail("fork");
    }
    if (pid == 0) {
        become(command, prepared, in, out, err);
    }
    return pid;
}

int exit_status(int wait_status) {
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

struct Pipe {
    Fd read;
    Fd write;
    Pipe() {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0) {
            fail("pipe");
        }
        read.reset(ends[0]);
        write.reset(ends[1]);
    }
};

// Collects both streams until they end or the deadline has passed; false at the deadline.
bool collect(Pipe& out, Pipe& err, Completed& done, std::chrono::steady_clock::time_point deadline) {
    std::array<pollfd, 2> watched{pollfd{out.read.get(), POLLIN, 0}, pollfd{err.read.get(), POLLIN, 0}};
    std::array<std::string*, 2> texts{&done.out, &done.err};
    std::array<char, 65536> buffer;
    int open_streams = 2;
    while (open_streams > 0) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0) {
            return false;
        }
        if (poll(watched.data(), watched.size(), static_cast<int>(left.count())) < 0 && errno != EINTR) {
            fail("poll");
        }
        for (std::size_t i = 0; i < watched.size(); ++i) {
            if (watched[i].fd < 0 || watched[i].revents == 0) {
                continue;
            }
            const ssize_t n = read(watched[i].fd, buffer.data(), buffer.size());
            if (n > 0) {
                texts[i]->append(buffer.data(), static_cast<std::size_t>(n));
            } else if (n == 0 || errno != EINTR) {
                watched[i].fd = -1;
                --open_streams;
            }
        }
    }
    return true;
}

}  // namespace

Completed run(const Command& command) {
    const Fd in(memory_file(command.input));
    Completed done;
    Pipe out;
    Pipe err;
    const auto deadline = std::chrono::steady_clock::now() + command.deadline;
    const pid_t pid = command.inherit_output ? start(command, in.get(), STDOUT_FILENO, STDERR_FILENO)
                                             : start(command, in.get(), out.write.get(), err.write.get());
    out.write.reset();
    err.write.reset();
    if (!command.inherit_output && !collect(out, err, done, deadline)) {
        done.killed_at_deadline = true;
        kill(pid, SIGKILL);
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    done.status = exit_status(status);
    return done;
}

Background::Background(const Command& command) : log_(memory_file({})) {
    const Fd in(memory_file(command.input));
    // Appending, so that reading the log does not move where it is written.
    const Fd out(open(("/proc/self/fd/" + std::to_string(log_)).c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    if (out.get() < 0) {
        fail("open log");
    }
    pid_ = start(command, in.get(), out.get(), out.get());
}

Background::~Background() {
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    close(log_);
}

bool Background::running() const {
    siginfo_t info{};
    return waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
}

std::string Background::log() const {
    std::string text;
    std::array<char, 4096> buffer;
    off_t at = 0;
    for (ssize_t n; (n = pread(log_, buffer.data(), buffer.size(), at)) > 0; at += n) {
        text.append(buffer.data(), static_cast<std::size_t>(n));
    }
    return text;
}

}  // namespace whylink::lab
