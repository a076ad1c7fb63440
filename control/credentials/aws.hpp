// AWS credentials in the order of its SDKs: environment, shared files, web identity, container, instance metadata; and a
// role that is assumed with them. Kept until shortly before they expire.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "config/account.hpp"
#include "control/credentials/environment.hpp"
#include "control/http/caller.hpp"
#include "control/http/transport.hpp"
#include "control/secrets/redaction.hpp"
#include "control/secrets/secret.hpp"

namespace whylink::control {

struct AwsCredentials {
    std::string access_key_id;
    Secret secret_key;
    Secret session_token;  ///< empty: none
    std::optional<std::chrono::system_clock::time_point> expires_at;
    std::string source;  ///< "environment", "file ~/.aws/credentials, profile ops", "IMDS role whylink-read"
};

class AwsCredentialChain {
  public:
    /// All outlive it.
    AwsCredentialChain(config::Account account, const Environment& environment, Transport& transport,
                       Redaction& redaction);
    ~AwsCredentialChain();

    /// Those in hand while they last more than 5 minutes, else new ones by `until`; those in hand stay until they expire
    /// where new ones cannot be had.
    std::variant<AwsCredentials, CredentialFault> get(std::chrono::steady_clock::time_point until);
    /// They were refused: the next get() finds new ones. False where the source always gives the same.
    bool renew();

    /// Of the account, the environment, the profile or the instance; empty: not known.
    std::string region(std::chrono::steady_clock::time_point until);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace whylink::control
