// Azure: network security groups, by priority.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "checks/control/matches.hpp"
#include "checks/control/ports.hpp"
#include "checks/control/rules.hpp"
#include "config/ascii.hpp"

namespace whylink::control {
namespace {

/// Whether a rule is about the flow.
enum class Match : std::uint8_t { no, unknown, yes };

Match all_of(std::initializer_list<Match> parts) {
    return std::min(parts);
}

bool is_word(std::string_view text, std::string_view word) {
    return lower_case(text) == lower_case(word);
}

bool is_in_a_network(const Facts& facts, const IpAddress& address) {
    return std::ranges::any_of(facts.networks,
                               [&](const Network& network) { return contains(network.networks, address); });
}

/// The address by which Azure's load balancer sends health probes.
const IpAddress& platform_address() {
    static const IpAddress address = IpAddress::v4({168, 63, 129, 16});
    return address;
}

Match match_tag(const Facts& facts, std::string_view tag, const IpAddress& address) {
    if (is_word(tag, "VirtualNetwork")) {
        // The tag covers peered and connected networks too, so that only a member is certain.
        return is_in_a_network(facts, address) ? Match::yes : Match::unknown;
    }
    if (is_word(tag, "AzureLoadBalancer")) {
        return address == platform_address() ? Match::yes : Match::no;
    }
    if (is_word(tag, "Internet") && is_in_a_network(facts, address)) {
        return Match::no;
    }
    return Match::unknown;
}

Match match_prefix(const Facts& facts, std::string_view prefix, const IpAddress& address) {
    if (prefix == "*") {
        return Match::yes;
    }
    if (const auto network = Cidr::parse(prefix)) {
        return network->contains(address) ? Match::yes : Match::no;
    }
    return match_tag(facts, prefix, address);
}

Match match_groups(const std::vector<std::string>& groups, const std::vector<std::string>& own) {
    const auto is_own = [&](const std::string& group) {
        return std::ranges::any_of(own, [&](const std::string& id) { return same_id(id, group); });
    };
    if (groups.empty()) {
        return Match::no;
    }
    return std::ranges::any_of(groups, is_own) ? Match::yes : own.empty() ? Match::unknown : Match::no;
}

/// Where a side has neither, the answer was not of the shape that is known.
Match match_addresses(const Facts& facts, const NsgSide& side, const IpAddress& address,
                      const std::vector<std::string>& groups) {
    if (side.prefixes.empty() && side.application_groups.empty()) {
        return Match::unknown;
    }
    Match best = match_groups(side.application_groups, groups);
    for (const std::string& prefix : side.prefixes) {
        best = std::max(best, match_prefix(facts, prefix, address));
    }
    return best;
}

Match match_port(const NsgSide& side, std::uint16_t port) {
    const bool has = side.ports.empty() || std::ranges::any_of(side.ports, [port](const PortRange& range) {
                         return has_port(range, port);
                     });
    return has ? Match::yes : Match::no;
}

/// The port that this host sends from is one of the ephemeral ones.
Match match_source_port(const NsgSide& side) {
    const auto has_all = [](const PortRange& range) {
        return range.from <= ephemeral_ports.from && range.to >= ephemeral_ports.to;
    };
    const auto has_some = [](const PortRange& range) { return range.to >= ephemeral_ports.from; };
    if (side.ports.empty() || std::ranges::any_of(side.ports, has_all)) {
        return Match::yes;
    }
    return std::ranges::any_of(side.ports, has_some) ? Match::unknown : Match::no;
}

Match match(const Facts& facts, const NsgRule& rule, const Flow& flow) {
    return all_of({is_tcp(rule.protocol) ? Match::yes : Match::no,
                   match_addresses(facts, rule.source, flow.source, flow.source_application_groups),
                   match_source_port(rule.source),
                   match_addresses(facts, rule.destination, flow.destination, {}),
                   match_port(rule.destination, flow.port)});
}

std::vector<const NsgRule*> by_priority(const NetworkSecurityGroup& group, Toward toward) {
    std::vector<const NsgRule*> rules;
    for (const NsgRule& rule : group.rules.items) {
        if (rule.toward == toward) {
            rules.push_back(&rule);
        }
    }
    std::ranges::stable_sort(rules, {}, [](const NsgRule* rule) { return rule->priority; });
    return rules;
}

std::string last_part(std::string_view id) {
    return std::string(id.substr(id.rfind('/') + 1));
}

std::string traffic_text(Toward toward, const Flow& flow) {
    const bool in = toward == Toward::inbound;
    return fmt::format("tcp/{} {} {}", flow.port, in ? "from" : "to",
                       (in ? flow.source : flow.destination).to_string());
}

/// One's own rules have priorities from 100 to 4096, and come before the default ones.
std::string fix_text(const NetworkSecurityGroup& group, const NsgRule& rule, const std::string& traffic) {
    constexpr std::uint32_t first_priority = 100;
    const bool is_first = rule.priority <= first_priority;
    return fmt::format("{} {} {} in {} (NSG of {}){}.",
                       is_first ? "Change rule " + rule.name + ": allow" : "Allow", slug(rule.toward),
                       traffic, last_part(group.id),
                       rule.toward == Toward::inbound ? "the endpoint's subnet" : "this host",
                       is_first ? std::string() : fmt::format(", with a priority below {}", rule.priority));
}

Ruling decided(const NetworkSecurityGroup& group, const NsgRule& rule, const Flow& flow) {
    const std::string resource = fmt::format("{}/{}", last_part(group.id), rule.name);
    if (rule.allow) {
        return {Passage::allowed, resource, {}};
    }
    const std::string traffic = traffic_text(rule.toward, flow);
    return {Passage::denied, resource,
            fmt::format("{} rule (priority {}) denies {}", slug(rule.toward), rule.priority, traffic),
            fix_text(group, rule, traffic)};
}

Ruling judge(const Facts& facts, const NetworkSecurityGroup& group, Toward toward, const Flow& flow) {
    const std::string name = last_part(group.id);
    if (!group.rules.complete) {
        return {Passage::unknown, name, fmt::format("the rules of {} were not all read", name)};
    }
    const NsgRule* open = nullptr;  // the first that may decide
    for (const NsgRule* rule : by_priority(group, toward)) {
        const Match matched = match(facts, *rule, flow);
        if (matched == Match::no) {
            continue;
        }
        if (open != nullptr && open->allow != rule->allow) {
            break;
        }
        if (matched == Match::yes) {
            return decided(group, *rule, flow);
        }
        open = open == nullptr ? rule : open;
    }
    return {Passage::unknown, name,
            open == nullptr
                ? fmt::format("no rule of {} is about this flow", name)
                : fmt::format("whether rule {} of {} is about this flow is not known", open->name, name)};
}

}  // namespace

Ruling network_security_group(const Facts& facts, const Subnet& subnet, const Flow& flow) {
    const bool applies = subnet.endpoint_policies == EndpointPolicies::enabled ||
                         subnet.endpoint_policies == EndpointPolicies::security_group_only;
    if (subnet.network_security_group.empty() ||
        (!applies && subnet.endpoint_policies != EndpointPolicies::unknown)) {
        return {Passage::allowed, {}, {}};
    }
    const auto group =
        std::ranges::find_if(facts.network_security_groups, [&](const NetworkSecurityGroup& known) {
            return !known.effective && same_id(known.id, subnet.network_security_group);
        });
    if (group == facts.network_security_groups.end()) {
        const std::string name = last_part(subnet.network_security_group);
        return {Passage::unknown, name, fmt::format("{} was not read", name)};
    }
    Ruling ruling = judge(facts, *group, Toward::inbound, flow);
    if (ruling.passage == Passage::denied && !applies) {
        return {Passage::unknown, ruling.resource,
                "whether the subnet applies its rules to private endpoints was not read"};
    }
    return ruling;
}

Ruling effective_security_group(const Facts& facts, const std::string& interface, const Flow& flow) {
    Ruling sum{Passage::unknown, {}, "the effective rules of this host's interface were not read"};
    bool any = false;
    for (const NetworkSecurityGroup& group : facts.network_security_groups) {
        if (!group.effective || !same_id(group.interface, interface)) {
            continue;
        }
        // Those of the subnet and of the interface each have to let it out.
        Ruling ruling = judge(facts, group, Toward::outbound, flow);
        if (ruling.passage == Passage::denied) {
            return ruling;
        }
        if (!any || ruling.passage == Passage::unknown) {
            sum = std::move(ruling);
        }
        any = true;
    }
    return sum;
}

}  // namespace whylink::control
