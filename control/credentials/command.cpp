#include "control/credentials/command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

#include <unistd.h>

namespace whylink::control {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using Unreadable = Environment::Unreadable;

/// How long what was killed may take to end.
constexpr auto longest_end = std::chrono::seconds(1);
constexpr milliseconds pause{5};

Unreadable unreadable(int error) {
    return {error, std::strerror(error)};
}

/// Something to read, or its end, comes by then.
bool is_ready(int descriptor, Clock::time_point until) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd wanted{descriptor, POLLIN, 0};
    return left > 0 && ::poll(&wanted, 1, static_cast<int>(left)) > 0;
}

/// A process group of its own that reads nothing and prints into `output`; -1 and an error where it did not start.
pid_t start(std::vector<std::string>& words, int output, int& error) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    pid_t child = -1;
    error = ::posix_spawnp(&child, arguments.front(), &actions, &attributes, arguments.data(), environ);
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    return error == 0 ? child : -1;
}

/// None: it has not ended by then.
std::optional<int> status_of(pid_t child, Clock::time_point until) {
    while (true) {
        int status = 0;
        const pid_t ended = ::waitpid(child, &status, WNOHANG);
        if (ended == child) {
            return status;
        }
        if ((ended < 0 && errno != EINTR) || Clock::now() >= until) {
            return std::nullopt;
        }
        ::poll(nullptr, 0, static_cast<int>(pause.count()));
    }
}

}  // namespace

/// All of it up to the bound and the time; closes the descriptor.
std::variant<std::string, Environment::Unreadable> read_to_end(int descriptor, Clock::time_point until) {
    std::string content;
    std::array<char, 4096> part{};
    ssize_t got = 0;
    do {
        if (!is_ready(descriptor, until)) {
            ::close(descriptor);
            return unreadable(ETIMEDOUT);
        }
        got = ::read(descriptor, part.data(), part.size());
        if (got > 0) {
            content.append(part.data(), static_cast<std::size_t>(got));
        }
    } while (content.size() <= max_credential_file && (got > 0 || (got < 0 && errno == EINTR)));
    const int error = got < 0 ? errno : 0;
    ::close(descriptor);
    ::explicit_bzero(part.data(), part.size());
    if (error != 0) {
        return unreadable(error);
    }
    if (content.size() > max_credential_file) {
        return Environment::Unreadable{EFBIG, "larger than 64 KiB"};
    }
    return content;
}

std::variant<std::string, Unreadable> output_of(std::vector<std::string> words, Clock::time_point until) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return unreadable(errno);
    }
    int error = 0;
    const pid_t child = start(words, ends[1], error);
    ::close(ends[1]);
    if (child < 0) {
        ::close(ends[0]);
        return unreadable(error);
    }
    auto output = read_to_end(ends[0], until);
    const bool was_read = std::holds_alternative<std::string>(output);
    const std::optional<int> status = was_read ? status_of(child, until) : std::nullopt;
    if (!status) {
        ::kill(-child, SIGKILL);
        static_cast<void>(status_of(child, Clock::now() + longest_end));
        return was_read ? unreadable(ETIMEDOUT) : std::move(output);
    }
    if (!WIFEXITED(*status) || WEXITSTATUS(*status) != 0) {
        return Unreadable{0, "ended with an error"};
    }
    return output;
}

}  // namespace whylink::control
