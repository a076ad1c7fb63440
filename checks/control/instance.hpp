// This host as its cloud sees it: the source of the flow that a security group is judged by.
#pragma once

#include <string>
#include <vector>

#include "checks/control/link.hpp"
#include "checks/control/read.hpp"
#include "config/cloud.hpp"

namespace whylink::control {

/// By the metadata service, without any permission.
struct Instance {
    Origin origin;
    config::Cloud cloud = config::Cloud::other;
    std::string id;
    std::string account;  ///< account, subscription or project
    std::string region;
    std::string zone;
    std::string zone_id;
    std::string identity;  ///< role or service account whose credentials it has; empty: none
    std::vector<Interface> interfaces;
    bool operator==(const Instance&) const = default;
};

}  // namespace whylink::control
