// The readers of AWS. Both sides may be asked of one account; each action is a read of its own, and a permission that is
// missing takes away that one.
#pragma once

#include <string>

#include "control/credentials/aws.hpp"
#include "control/reading.hpp"

namespace whylink::control {

/// Endpoint, its interfaces, security groups with the groups and prefix lists that they name, subnets, network ACLs, VPC
/// attributes, the service as the consumer sees it, and the private zones of the VPC with the names of the targets.
/// An endpoint is found by its id, else by the interface that has one of the target's addresses.
Readings read_aws_consumer(const Reading& reading, const std::string& region);

/// Of each service of ours (`service` of the target, else all of the account): configuration, permissions, connections,
/// load balancers, listeners, target groups with the health of their targets, and their attributes.
Readings read_aws_provider(const Reading& reading, const std::string& region);

/// GetCallerIdentity first, then each action with the least that it lists; the policy has the actions that are missing.
CheckAnswer check_aws(const Reading& reading, AwsCredentialChain& credentials, const std::string& region);

/// The smallest policy with these actions, as IAM takes it.
std::string aws_policy(std::vector<std::string> actions);

}  // namespace whylink::control
