#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "support/process.hpp"
#include "support/start_program.hpp"

namespace whylink::lab {

Background::Background(const Command& command) : log_(memory_file({})) {
    const Fd in(memory_file(command.input));
    // Appending, so that reading the log does not move where it is written.
    const Fd out(open(("/proc/self/fd/" + std::to_string(log_)).c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    if (out.get() < 0) {
        fail("open log");
    }
    pid_ = start_program(command, in.get(), out.get(), command.error >= 0 ? command.error : out.get());
}

Background::~Background() {
    if (pid_ > 0 && !ended_) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    close(log_);
}

bool Background::running() const {
    siginfo_t info{};
    return !ended_ && waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
}

void Background::signal(int number) const {
    if (!ended_ && kill(pid_, number) != 0) {
        fail("kill");
    }
}

std::optional<int> Background::wait(std::chrono::milliseconds deadline) {
    if (ended_) {
        return ended_;
    }
    // Not pidfd_open(2) of glibc 2.36, whose header forgets that C++ includes it.
    const Fd ends(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
    if (ends.get() < 0) {
        fail("pidfd_open");
    }
    pollfd watched{ends.get(), POLLIN, 0};
    const auto until = std::chrono::steady_clock::now() + deadline;
    int ready = 0;
    do {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        ready = poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    } while (ready < 0 && errno == EINTR);
    int status = 0;
    if (ready > 0 && waitpid(pid_, &status, 0) == pid_) {
        ended_ = exit_status(status);
    }
    return ended_;
}

std::string Background::log() const {
    std::string text;
    std::array<char, 65536> buffer;
    off_t at = 0;
    for (ssize_t n; (n = pread(log_, buffer.data(), buffer.size(), at)) > 0; at += n) {
        text.append(buffer.data(), static_cast<std::size_t>(n));
    }
    return text;
}

}  // namespace whylink::lab
