// What the credential chains read of this host: variables, files and the clock. Tests give their own.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace whylink::control {

/// Bytes of a file with credentials or a token.
inline constexpr std::size_t max_credential_file = 64UL << 10;

class Environment {
  public:
    virtual ~Environment() = default;
    /// None where it is not set or empty.
    virtual std::optional<std::string> variable(std::string_view name) const = 0;
    /// The content of a regular file, or why it cannot be read ("No such file or directory"); never part of it.
    struct Unreadable {
        int error = 0;
        std::string reason;
    };
    virtual std::variant<std::string, Unreadable> read_file(const std::string& path) const = 0;
    virtual std::chrono::system_clock::time_point now() const = 0;
    /// The output of `az account get-access-token …`; asked only where the account is interactive. `error` is 0 where az
    /// is there and failed.
    virtual std::variant<std::string, Unreadable> az_access_token(std::string_view tenant) const = 0;
};

/// Of this process.
const Environment& process_environment();

/// The path of a `*_file` key: as it stands with a "/", else `$CREDENTIALS_DIRECTORY/NAME`.
std::string credential_path(const Environment& environment, std::string_view file);

/// The first line of a file with a secret, without its line feed.
std::variant<std::string, Environment::Unreadable> read_secret(const Environment& environment,
                                                               std::string_view file);

}  // namespace whylink::control
