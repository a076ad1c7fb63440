#include "control/credentials/environment.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <unistd.h>

namespace whylink::control {

namespace {

Environment::Unreadable unreadable(int error) {
    return {error, std::strerror(error)};
}

using Clock = std::chrono::steady_clock;

constexpr auto longest_read = std::chrono::seconds(2);
/// It starts an interpreter and may ask Entra.
constexpr auto longest_az = std::chrono::seconds(15);

/// Something to read, or its end, comes by then.
bool is_ready(int descriptor, Clock::time_point until) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd wanted{descriptor, POLLIN, 0};
    return left > 0 && ::poll(&wanted, 1, static_cast<int>(left)) > 0;
}

/// All of it up to the bound and the time; closes the descriptor.
std::variant<std::string, Environment::Unreadable> read_all(int descriptor, Clock::time_point until) {
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

class ProcessEnvironment : public Environment {
  public:
    std::optional<std::string> variable(std::string_view name) const override {
        const char* value = std::getenv(std::string(name).c_str());
        return value != nullptr && *value != '\0' ? std::optional<std::string>(value) : std::nullopt;
    }

    std::variant<std::string, Unreadable> read_file(const std::string& path) const override {
        const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (descriptor < 0) {
            return unreadable(errno);
        }
        struct stat status {};
        if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
            ::close(descriptor);
            return Unreadable{EINVAL, "not a regular file"};
        }
        return read_all(descriptor, Clock::now() + longest_read);
    }

    std::chrono::system_clock::time_point now() const override { return std::chrono::system_clock::now(); }

    std::variant<std::string, Unreadable> az_access_token(std::string_view tenant) const override {
        std::vector<std::string> words{
            "az",       "account", "get-access-token", "--resource", "https://management.azure.com/",
            "--output", "json"};
        if (!tenant.empty()) {
            words.insert(words.end(), {"--tenant", std::string(tenant)});
        }
        std::vector<char*> arguments;
        for (std::string& word : words) {
            arguments.push_back(word.data());
        }
        arguments.push_back(nullptr);
        return output_of(arguments);
    }

  private:
    static std::variant<std::string, Unreadable> output_of(const std::vector<char*>& arguments) {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
            return unreadable(errno);
        }
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        pid_t child = -1;
        const int error =
            ::posix_spawnp(&child, arguments.front(), &actions, nullptr, arguments.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
        if (error != 0) {
            ::close(ends[0]);
            return unreadable(error);
        }
        auto output = read_all(ends[0], Clock::now() + longest_az);
        if (std::holds_alternative<Unreadable>(output)) {
            ::kill(child, SIGKILL);
        }
        int status = 0;
        while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            return Unreadable{0, "az failed: run `az login`"};
        }
        return output;
    }
};

}  // namespace

const Environment& process_environment() {
    static const ProcessEnvironment environment;
    return environment;
}

std::string credential_path(const Environment& environment, std::string_view file) {
    if (file.find('/') != std::string_view::npos) {
        return std::string(file);
    }
    return environment.variable("CREDENTIALS_DIRECTORY").value_or(".") + "/" + std::string(file);
}

std::variant<std::string, Environment::Unreadable> read_secret(const Environment& environment,
                                                               std::string_view file) {
    if (file.find('/') == std::string_view::npos && !environment.variable("CREDENTIALS_DIRECTORY")) {
        return Environment::Unreadable{
            0, "a name without \"/\" is a systemd credential, and there are none here"};
    }
    auto content = environment.read_file(credential_path(environment, file));
    if (auto* text = std::get_if<std::string>(&content)) {
        text->resize(std::min(text->find('\n'), text->size()));
        while (text->ends_with('\r') || text->ends_with(' ')) {
            text->pop_back();
        }
        if (text->empty()) {
            return Environment::Unreadable{0, "empty"};
        }
    }
    return content;
}

}  // namespace whylink::control
