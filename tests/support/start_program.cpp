#include "support/start_program.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "support/sandbox.hpp"

namespace whylink::lab {

void fail(const std::string& what) {
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

namespace {

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
        std::string candidate = search.substr(begin, end - begin) + "/" + name;
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

}  // namespace

pid_t start_program(const Command& command, int in, int out, int err) {
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

}  // namespace whylink::lab
