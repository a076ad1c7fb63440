// A token for Azure Resource Manager, in the order of its SDKs: service principal, workload identity, managed identity
// (virtual machine, App Service, Arc), and the az CLI for the interactive command alone.
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

/// The domains of one of Azure's clouds.
struct AzureCloud {
    std::string management;  ///< "management.azure.com"
    std::string login;       ///< "login.microsoftonline.com"
};

struct AzureToken {
    Secret bearer;
    std::chrono::system_clock::time_point expires_at;
    std::string source;  ///< "service principal 1234…", "managed identity", "az CLI"
};

class AzureTokenChain {
  public:
    /// All outlive it.
    AzureTokenChain(config::Account account, const Environment& environment, Transport& transport,
                    Redaction& redaction);
    ~AzureTokenChain();

    std::variant<AzureToken, CredentialFault> get(std::chrono::steady_clock::time_point until);
    bool renew();
    /// Of the account, the environment or the instance; empty: not known.
    std::string subscription(std::chrono::steady_clock::time_point until);
    /// By AZURE_AUTHORITY_HOST; the public one where it names none that is known.
    const AzureCloud& cloud() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace whylink::control
