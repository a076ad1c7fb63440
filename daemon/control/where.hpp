// Where this host is, in words, by the metadata service of its cloud.
#pragma once

#include <string>
#include <vector>

#include "checks/control/instance.hpp"

namespace whylink::daemon {

/// VPCs or VNets of its interfaces, each once.
std::vector<std::string> networks_of(const control::Instance& instance);

/// "AWS eu-west-1a (euw1-az1), vpc-0abc, account 123456789012, role whylink"; what is not known is left out.
std::string where_text(const control::Instance& instance);

}  // namespace whylink::daemon
