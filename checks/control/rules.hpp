// Whether the rules of an account let a flow through. Pure: only what was read counts, and what was not read is unknown,
// never allowed or denied.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "checks/control/facts.hpp"
#include "checks/control/flow.hpp"

namespace whylink::control {

/// The security groups of an interface, and the direction in which the flow passes it.
struct Gate {
    std::span<const std::string> groups;
    Toward toward = Toward::inbound;
    std::string_view owner;      ///< "the endpoint"
    bool is_of_service = false;  ///< who provides the service has to change them
};

/// One rule that matches lets the flow in or out. Unknown where none matches and a group, a prefix list or the groups of
/// the other end were not read. The replies need no rule.
Ruling security_groups(const Facts& facts, const Gate& gate, const Flow& flow);

/// The ACLs of both subnets, there and back (to every ephemeral port, 1024 to 65535): the lowest number that matches
/// decides. Between two addresses of one subnet no ACL applies. Empty: not known; of this host's alone only a denial is.
Ruling network_acls(const Facts& facts, const std::string& source_subnet,
                    const std::string& destination_subnet, const Flow& flow);

/// Inbound of the NSG of an endpoint's subnet, by priority; allowed where the subnet's policies do not apply it.
/// Service tags that depend on what Azure alone knows are unknown unless a rule before them decides.
Ruling network_security_group(const Facts& facts, const Subnet& subnet, const Flow& flow);

/// Outbound of this host's interface, where its effective rules were read.
Ruling effective_security_group(const Facts& facts, const std::string& interface, const Flow& flow);

/// The effective route of this host to the destination: InterfaceEndpoint passes, None is denied, a virtual appliance is
/// unknown.
Ruling effective_route(const Facts& facts, const std::string& interface, const Flow& flow);

}  // namespace whylink::control
