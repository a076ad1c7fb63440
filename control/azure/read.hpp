// The readers of Azure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "checks/control/instance.hpp"
#include "control/credentials/azure.hpp"
#include "control/reading.hpp"
#include "control/secrets/secret.hpp"

namespace whylink::control {

/// Private endpoints (one listing of the subscription), the interfaces and subnets of those that targets use, zone
/// groups, private zones with links and the records asked for, NSGs of their subnets; of this host, where it runs in the
/// subscription, its interface, effective rules and routes.
Readings read_azure_consumer(const Reading& reading, const std::string& subscription,
                             const AzureCloud& cloud);

/// Private Link services with connections, visibility, auto-approval and PROXY header, and their load balancers.
Readings read_azure_provider(const Reading& reading, const std::string& subscription,
                             const AzureCloud& cloud);

CheckAnswer check_azure(const Reading& reading, AzureTokenChain& tokens, const std::string& subscription);

/// Each read that the readers make, once: of a resource that the subscription has, else of one that does not exist, which
/// Azure answers with 404 only to who may read it.
std::vector<Access> azure_access(const Reading& reading, const std::string& subscription,
                                 const AzureCloud& cloud);

/// Whom a token names: "application 1f2e…, object 3d4c…", a user's name; empty: it does not say.
std::string token_identity(const Secret& bearer);

/// The smallest custom role with these actions, as `az role definition create --role-definition` takes it.
std::string azure_role(const std::string& subscription, std::vector<std::string> actions);

/// This host by Azure's instance metadata, without any permission. Its id is the Resource ID of the virtual machine.
std::variant<Instance, Reply> azure_instance(Transport& transport, Redaction& redaction,
                                             std::chrono::steady_clock::time_point until);

}  // namespace whylink::control
