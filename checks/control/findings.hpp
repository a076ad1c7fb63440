// What the facts of accounts say about one target: the control plane's part of the judgement. Pure functions over what
// was read; the decision table takes the rest from here (checks/surroundings/accounts.hpp).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checks/control/facts.hpp"
#include "checks/control/flow.hpp"
#include "checks/control/subject.hpp"

namespace whylink::control {

/// A difference between the config and the account, or between two facts of the account, which is worth a line even
/// where nothing fails.
struct Mismatch {
    std::string what;        ///< "endpoint_id", "expect", "service", "endpoint_service", "host", "zone"
    std::string configured;  ///< or: what it was
    std::string found;
};

/// Every member is empty where it is not known. Facts that are older than `failing_since` are left out before.
struct Findings {
    /// What the pointers point into: the facts that were given, or a copy of those that are not too old.
    std::shared_ptr<const Facts> facts;

    const Endpoint* endpoint = nullptr;      ///< the target's, by id or by address
    const VendorService* vendor = nullptr;   ///< the vendor's service behind it
    const Connection* connection = nullptr;  ///< provider side: one that waits for us, else the peer's
    const EndpointService* service = nullptr;
    /// An endpoint with the configured id is in no account that was read, and one was listed in full where it would be;
    /// another account may have it.
    bool endpoint_absent = false;

    std::optional<bool> on_allow_list;
    std::optional<bool> asks_private_host;   ///< the host is the vendor's privateDnsHostname
    std::optional<bool> connects_to_vendor;  ///< the endpoint's service is the vendor's endpointServiceId
    std::optional<Ruling> blocked;           ///< the first rule set that denies
    std::vector<Ruling> rulings;             ///< of every rule set that was judged
    std::optional<bool> addresses_right;     ///< those that DNS gives are the endpoint's
    std::vector<IpAddress> right_addresses;  ///< of the endpoint
    std::optional<bool> zone_linked;         ///< a private zone for the name answers in this host's network
    std::string zone_reason;                 ///< which zone, link or record is missing
    std::optional<bool> principal_allowed;   ///< provider side
    std::optional<bool> has_healthy_target;  ///< provider side
    std::vector<const TargetGroup*> unhealthy_groups;
    std::vector<std::string>
        zones_without_service;  ///< endpoint subnets' zones that the service does not have
    std::optional<bool> provider_sends_proxy_header;
    std::optional<std::uint32_t>
        idle_timeout;  ///< seconds after which the load balancer forgets a connection
    std::vector<Mismatch> mismatches;

    /// At least one set of rules was judged, and each lets the flow through.
    bool rules_allow() const;
    void add(const Ruling& ruling);
};

/// `facts` must outlive the findings. `failing_since`: none while the target is healthy.
Findings find(const Facts& facts, const Subject& subject, std::optional<Time> failing_since);

}  // namespace whylink::control
