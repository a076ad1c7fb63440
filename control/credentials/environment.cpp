#include "control/credentials/environment.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include <unistd.h>

#include "control/credentials/command.hpp"

namespace whylink::control {

namespace {

Environment::Unreadable unreadable(int error) {
    return {error, std::strerror(error)};
}

using Clock = std::chrono::steady_clock;

constexpr auto longest_read = std::chrono::seconds(2);
/// It starts an interpreter and may ask Entra.
constexpr auto longest_az = std::chrono::seconds(15);

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
        return read_to_end(descriptor, Clock::now() + longest_read);
    }

    std::chrono::system_clock::time_point now() const override { return std::chrono::system_clock::now(); }

    std::variant<std::string, Unreadable> az_access_token(std::string_view tenant) const override {
        std::vector<std::string> words{
            "az",       "account", "get-access-token", "--resource", "https://management.azure.com/",
            "--output", "json"};
        if (!tenant.empty()) {
            words.insert(words.end(), {"--tenant", std::string(tenant)});
        }
        auto output = output_of(std::move(words), Clock::now() + longest_az);
        const auto* fault = std::get_if<Unreadable>(&output);
        if (fault == nullptr || fault->error == ENOENT) {
            return output;
        }
        return Unreadable{0, fault->error == ETIMEDOUT
                                 ? "az did not end within " + std::to_string(longest_az.count()) + " s"
                                 : "az failed: run `az login`"};
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
