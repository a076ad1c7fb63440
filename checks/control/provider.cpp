#include "checks/control/provider.hpp"

#include <algorithm>
#include <iterator>
#include <span>

#include "checks/control/absence.hpp"
#include "checks/control/flows.hpp"
#include "checks/control/matches.hpp"
#include "checks/control/rules.hpp"
#include "config/ascii.hpp"

namespace whylink::control {
namespace {

bool has_name(const EndpointService& service, const std::string& name) {
    return same_id(service.id, name) || (!name.empty() && lower_case(service.name) == lower_case(name));
}

/// The service that the config names or the endpoint connects to; at this side of the link also the only one there is.
const EndpointService* service_of(const Subject& subject, const Findings& findings) {
    const std::vector<EndpointService>& services = findings.facts->services;
    for (const std::string& name :
         {subject.service, findings.endpoint == nullptr ? std::string() : findings.endpoint->service}) {
        const auto found = std::ranges::find_if(
            services, [&](const EndpointService& service) { return has_name(service, name); });
        if (found != services.end()) {
            return &*found;
        }
    }
    const bool provides = subject.side == Side::provider && subject.service.empty();
    const bool only_one =
        services.size() == 1 && services.front().own && has_all_services(*findings.facts, services.front());
    return provides && only_one ? &services.front() : nullptr;
}

/// Of this service or, where the config names none, of any of the account's.
bool is_about(const Connection& connection, const Subject& subject, const Findings& findings) {
    if (subject.side == Side::consumer) {
        return findings.endpoint != nullptr && same_id(connection.endpoint, findings.endpoint->id);
    }
    return subject.service.empty() || same_id(connection.service, subject.service) ||
           (findings.service != nullptr && same_id(connection.service, findings.service->id));
}

/// One that waits for acceptance comes first. Of several that do not, nothing says which is the peer's.
const Connection* connection_of(const Subject& subject, const Findings& findings) {
    const Connection* only = nullptr;
    std::size_t count = 0;
    for (const Connection& connection : findings.facts->connections) {
        if (!is_about(connection, subject, findings)) {
            continue;
        }
        if (connection.state == ConnectionState::waiting) {
            return &connection;
        }
        only = &connection;
        ++count;
    }
    return count == 1 ? only : nullptr;
}

bool contains_text(const std::vector<std::string>& list, const std::string& text) {
    return std::ranges::find(list, text) != list.end();
}

bool has_any(const LoadBalancer& balancer, const std::vector<IpAddress>& addresses) {
    return std::ranges::any_of(balancer.zones, [&](const BalancerZone& zone) {
        return std::ranges::any_of(zone.addresses, [&](const IpAddress& address) {
            return std::ranges::find(addresses, address) != addresses.end();
        });
    });
}

/// No endpoint leads to the target; a load balancer of the account itself may.
bool is_direct(const Subject& subject, const Findings& findings) {
    return findings.service == nullptr && findings.endpoint == nullptr && subject.side == Side::consumer;
}

/// Load balancers that connections to the target go through: the service's, else those that have its address.
std::vector<std::string> balancers_of(const Subject& subject, const Findings& findings) {
    if (findings.service != nullptr) {
        return findings.service->balancers;
    }
    std::vector<std::string> ids;
    for (const LoadBalancer& balancer : findings.facts->balancers) {
        if (is_direct(subject, findings) && has_any(balancer, subject.addresses)) {
            ids.push_back(balancer.id);
        }
    }
    return ids;
}

/// A listener of the balancers forwards to the group. A watch has the port of this host, which is the target's.
bool is_behind(const TargetGroup& group, const Subject& subject, const Facts& facts,
               const std::vector<std::string>& balancers) {
    const bool of_targets = subject.side == Side::provider && group.port == subject.port;
    return std::ranges::any_of(facts.listeners, [&](const Listener& listener) {
        return (of_targets || listener.port == subject.port) && contains_text(balancers, listener.balancer) &&
               contains_text(listener.target_groups, group.id);
    });
}

/// Target groups behind the balancers for the port.
std::vector<const TargetGroup*> groups_of(const Subject& subject, const Facts& facts,
                                          const std::vector<std::string>& balancers) {
    std::vector<const TargetGroup*> groups;
    for (const TargetGroup& group : facts.target_groups) {
        if (is_behind(group, subject, facts, balancers)) {
            groups.push_back(&group);
        }
    }
    return groups;
}

/// Of each balancer the listeners were read, and each group that one of them forwards to.
bool all_groups_known(const Facts& facts, const std::vector<std::string>& balancers) {
    const auto is_read = [&](const std::string& group) {
        return std::ranges::find(facts.target_groups, group, &TargetGroup::id) != facts.target_groups.end();
    };
    return std::ranges::all_of(balancers, [&](const std::string& balancer) {
        bool any = false;
        for (const Listener& listener : facts.listeners) {
            if (listener.balancer == balancer) {
                any = true;
                if (!std::ranges::all_of(listener.target_groups, is_read)) {
                    return false;
                }
            }
        }
        return any;
    });
}

bool has_healthy(const TargetGroup& group) {
    return std::ranges::find(group.targets.items, TargetState::healthy, &Target::state) !=
           group.targets.items.end();
}

bool is_known(const TargetGroup& group) {
    return group.targets.complete && std::ranges::find(group.targets.items, TargetState::unknown,
                                                       &Target::state) == group.targets.items.end();
}

/// Whether a target is healthy. That none is takes each group that there may be.
void add_targets(std::span<const TargetGroup* const> groups, const std::vector<std::string>& balancers,
                 Findings& findings) {
    const bool any_healthy =
        std::ranges::any_of(groups, [](const TargetGroup* group) { return has_healthy(*group); });
    const bool all_known =
        std::ranges::all_of(groups, [](const TargetGroup* group) { return is_known(*group); });
    std::ranges::copy_if(groups, std::back_inserter(findings.unhealthy_groups),
                         [](const TargetGroup* group) { return is_known(*group) && !has_healthy(*group); });
    if (any_healthy) {
        findings.has_healthy_target = true;
    } else if (!groups.empty() && all_known && all_groups_known(*findings.facts, balancers)) {
        findings.has_healthy_target = false;
    }
}

void add_proxy_header(std::span<const TargetGroup* const> groups, Findings& findings) {
    const auto add = [&](const std::optional<bool>& setting) {
        if (setting) {
            findings.provider_sends_proxy_header =
                findings.provider_sends_proxy_header.value_or(false) || *setting;
        }
    };
    if (findings.service != nullptr) {
        add(findings.service->proxy_header);
    }
    for (const TargetGroup* group : groups) {
        add(group->proxy_header);
    }
}

void add_idle_timeout(const Subject& subject, const std::vector<std::string>& balancers, Findings& findings) {
    for (const Listener& listener : findings.facts->listeners) {
        if (listener.port == subject.port && contains_text(balancers, listener.balancer) &&
            listener.idle_timeout) {
            findings.idle_timeout = listener.idle_timeout;
        }
    }
}

/// For endpoints the load balancer's own groups count only where they are switched on. They see this host's address.
void add_balancer_groups(const Subject& subject, const std::vector<std::string>& balancers,
                         Findings& findings) {
    const bool direct = is_direct(subject, findings);
    for (const LoadBalancer& balancer : findings.facts->balancers) {
        if (!contains_text(balancers, balancer.id) || balancer.security_groups.empty() ||
            (!direct && balancer.groups_apply_to_endpoints == false)) {
            continue;
        }
        if (!direct && !balancer.groups_apply_to_endpoints) {
            findings.add({Passage::unknown,
                          {},
                          "whether the load balancer's security groups apply to endpoints was not read"});
            continue;
        }
        for (const IpAddress& source : subject.sources) {
            Flow flow;
            flow.source = source;
            flow.port = subject.port;
            const Gate gate{balancer.security_groups, Toward::inbound, "the load balancer", !direct};
            findings.add(as_seen_from(*findings.facts, source, security_groups(*findings.facts, gate, flow)));
        }
    }
}

/// By IDs, which are the same in every account, where both have them.
void add_zones(Findings& findings) {
    const EndpointService& service = *findings.service;
    if (!service.zone_ids.complete || service.zone_ids.items.empty()) {
        return;
    }
    for (const Interface& interface : findings.endpoint->interfaces.items) {
        const bool missing =
            !interface.zone_id.empty() && !contains_text(service.zone_ids.items, interface.zone_id);
        if (missing && !contains_text(findings.zones_without_service, interface.zone_id)) {
            findings.zones_without_service.push_back(interface.zone_id);
        }
    }
}

/// "402592597372" of "arn:aws:iam::402592597372:root"; empty: no ARN.
std::string_view account_of_arn(std::string_view arn) {
    constexpr int colons = 4;
    for (int i = 0; i < colons; ++i) {
        const std::size_t colon = arn.find(':');
        if (colon == std::string_view::npos) {
            return {};
        }
        arn.remove_prefix(colon + 1);
    }
    return arn.substr(0, arn.find(':'));
}

/// "mqtt" of its name, else its identifier.
const std::string& name_of(const TargetGroup& group) {
    return group.name.empty() ? group.id : group.name;
}

}  // namespace

std::string proxy_header_setting(const Subject& subject, const Findings& findings) {
    if (findings.service != nullptr && findings.service->proxy_header == true) {
        const std::string& id = findings.service->id;
        return "Private Link service " + id.substr(id.rfind('/') + 1) + ": enableProxyProtocol is true";
    }
    const std::vector<const TargetGroup*> groups =
        groups_of(subject, *findings.facts, balancers_of(subject, findings));
    const auto sends =
        std::ranges::find_if(groups, [](const TargetGroup* group) { return group->proxy_header == true; });
    return sends == groups.end() ? std::string()
                                 : "target group " + name_of(**sends) + ": proxy_protocol_v2.enabled is true";
}

std::optional<bool> is_allowed(const EndpointService& service, const std::string& account) {
    bool open = !service.allowed.complete || account.empty();
    for (const Principal& principal : service.allowed.items) {
        const bool whole_account = principal.id.ends_with(":root") && account_of_arn(principal.id) == account;
        if (principal.id == "*" || (!account.empty() && (principal.id == account || whole_account))) {
            return true;
        }
        // A role, a user or an organization that the account may act as or belong to.
        open =
            open || account_of_arn(principal.id) == account || lower_case(principal.type).starts_with("org");
    }
    return open ? std::nullopt : std::optional(false);
}

void add_provider(const Subject& subject, Findings& findings) {
    findings.service = service_of(subject, findings);
    findings.connection = connection_of(subject, findings);
    const std::vector<std::string> balancers = balancers_of(subject, findings);
    const std::vector<const TargetGroup*> groups = groups_of(subject, *findings.facts, balancers);
    add_targets(groups, balancers, findings);
    add_proxy_header(groups, findings);
    add_idle_timeout(subject, balancers, findings);
    if (is_direct(subject, findings)) {
        add_balancer_groups(subject, balancers, findings);
    }
    if (findings.service == nullptr) {
        return;
    }
    const std::string account = findings.connection != nullptr ? findings.connection->owner
                                : findings.endpoint != nullptr ? findings.endpoint->owner
                                                               : std::string();
    if (findings.service->own && !account.empty()) {
        findings.principal_allowed = is_allowed(*findings.service, account);
    }
    if (findings.endpoint != nullptr) {
        add_balancer_groups(subject, balancers, findings);
        add_zones(findings);
    }
}

}  // namespace whylink::control
