// Which part of private DNS is missing for a name: the zone, its link to this host's network, or the record. Pure.
#pragma once

#include <optional>
#include <string>

#include "checks/control/facts.hpp"
#include "checks/control/subject.hpp"

namespace whylink::control {

struct PrivateDns {
    /// A private zone with a record for the name answers in the network; none: not known.
    std::optional<bool> answers;
    /// Of `false`: "zone privatelink.example.com has no link to vnet-app".
    std::string missing;
};

/// For the host and its CNAME chain. `network` is this host's, empty: not known. `endpoint` may be null.
PrivateDns private_dns(const Facts& facts, const Subject& subject, const std::string& network,
                       const Endpoint* endpoint);

}  // namespace whylink::control
