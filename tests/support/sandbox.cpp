#include "support/sandbox.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace whylink::lab {
namespace {

std::string failure(const char* what) {
    return std::string(what) + ": " + std::generic_category().message(errno);
}

int exit_status(int wait_status) {
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

sigset_t guarded_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) {
        sigaddset(&set, number);
    }
    return set;
}

// The outer process. A terminal's Ctrl-C reaches everyone in the foreground, but the first process of a PID
// namespace ignores what it has no handler for, so that only SIGKILL ends it for certain.
[[noreturn]] void guard(pid_t init) {
    const sigset_t set = guarded_signals();
    for (;;) {
        int number = 0;
        if (sigwait(&set, &number) != 0) {
            continue;
        }
        int status = 0;
        if (number == SIGCHLD) {
            if (waitpid(init, &status, WNOHANG) == init) {
                _exit(exit_status(status));
            }
            continue;
        }
        kill(init, SIGKILL);
        waitpid(init, &status, 0);  // returns once everything in the namespace is gone
        std::signal(number, SIG_DFL);
        sigset_t only;
        sigemptyset(&only);
        sigaddset(&only, number);
        kill(getpid(), number);
        sigprocmask(SIG_UNBLOCK, &only, nullptr);
        _exit(128 + number);
    }
}

// The first process of the PID namespace: reaps the orphans of servers that fork, and ends all when the
// program ends.
[[noreturn]] void reap_until(pid_t program) {
    for (;;) {
        int status = 0;
        const pid_t ended = waitpid(-1, &status, 0);
        if (ended == program) {
            _exit(exit_status(status));
        }
        if (ended < 0 && errno != EINTR) {
            _exit(1);
        }
    }
}

void die_with_guard(int guard_pipe) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // The guard may have died before the line above: then the pipe that it holds open is closed.
    pollfd closed{guard_pipe, POLLIN, 0};
    if (poll(&closed, 1, 0) != 0) {
        _exit(1);
    }
    close(guard_pipe);
}

std::optional<std::string> mount_private_world() {
    if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        return failure("making mounts private");
    }
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0) {
        return failure("mounting /proc");
    }
    const std::string scratch = scratch_directory();
    if (mount("whylink-lab", scratch.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") != 0) {
        return failure("mounting a tmpfs");
    }
    // Temporary files of libraries and children go there too, so that none is left behind.
    setenv("TMPDIR", scratch.c_str(), 1);
    return std::nullopt;
}

}  // namespace

std::filesystem::path scratch_directory() {
    return "/dev/shm";
}

std::optional<std::string> enter_sandbox() {
    if (geteuid() != 0) {
        return "network namespaces need root";
    }
    if (unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID) != 0) {
        return failure("unshare");
    }
    std::array<int, 2> alive{};
    if (pipe2(alive.data(), O_CLOEXEC) != 0) {
        return failure("pipe");
    }
    const sigset_t blocked = guarded_signals();
    sigset_t before;
    sigprocmask(SIG_BLOCK, &blocked, &before);
    std::fflush(nullptr);
    const pid_t init = fork();
    if (init < 0) {
        sigprocmask(SIG_SETMASK, &before, nullptr);
        return failure("fork");
    }
    if (init > 0) {
        close(alive[0]);
        guard(init);
    }
    close(alive[1]);
    sigprocmask(SIG_SETMASK, &before, nullptr);
    die_with_guard(alive[0]);
    auto refused = mount_private_world();
    const pid_t program = fork();
    if (program > 0) {
        reap_until(program);
    }
    if (program < 0) {
        return failure("fork");
    }
    return refused;
}

}  // namespace whylink::lab
