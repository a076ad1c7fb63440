#include "support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "support/start_program.hpp"

namespace whylink::lab {
namespace {

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
    const pid_t pid = command.inherit_output
                          ? start_program(command, in.get(), STDOUT_FILENO, STDERR_FILENO)
                          : start_program(command, in.get(), out.write.get(), err.write.get());
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

}  // namespace whylink::lab
