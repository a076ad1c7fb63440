// The readers of Azure.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "checks/control/instance.hpp"
#include "control/credentials/azure.hpp"
#include "control/reading.hpp"

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

/// The smallest custom role with these actions, as Azure takes it.
std::string azure_role(const std::string& subscription, std::vector<std::string> actions);

/// This host by Azure's instance metadata, without any permission.
std::variant<Instance, Reply> azure_instance(Transport& transport, Redaction& redaction,
                                             std::chrono::steady_clock::time_point until);

}  // namespace whylink::control
