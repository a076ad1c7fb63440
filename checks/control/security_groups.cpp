// AWS: security groups of an interface, of what comes in and of what goes out.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "checks/control/ports.hpp"
#include "checks/control/rules.hpp"

namespace whylink::control {
namespace {

/// The end of a flow that the rules of a direction name: the source of what comes in, the destination of what goes out.
struct FarEnd {
    const IpAddress& address;
    const std::vector<std::string>& groups;
    bool groups_known = false;
    std::string_view owner;  ///< of the groups
};

FarEnd far_end(const Flow& flow, Toward toward) {
    if (toward == Toward::inbound) {
        return {flow.source, flow.source_groups, flow.source_groups_known, "this host"};
    }
    return {flow.destination, flow.destination_groups, flow.destination_groups_known, "the endpoint"};
}

const SecurityGroup* group_by_id(const Facts& facts, const std::string& id) {
    const auto found = std::ranges::find(facts.security_groups, id, &SecurityGroup::id);
    return found == facts.security_groups.end() ? nullptr : &*found;
}

bool is_about(const SecurityGroupRule& rule, Toward toward, const Flow& flow) {
    return rule.toward == toward && is_tcp(rule.protocol) && has_port(rule.ports, flow.port);
}

/// What joins two networks and knows the groups of one in the other. Transit gateways do it for inbound rules alone.
std::string_view joins(Toward toward) {
    return toward == Toward::inbound ? "peering or a transit gateway with security group referencing"
                                     : "peering alone";
}

/// "a rule lets in members of sg-0abc"
std::string members_text(Toward toward, const std::string& id) {
    return fmt::format("a rule lets {} members of {}", toward == Toward::inbound ? "in" : "out to", id);
}

/// Whether the rule names the far end of the flow. `missing` gains what was not read of what may.
bool names_far_end(const Facts& facts, const SecurityGroupRule& rule, const Flow& flow,
                   std::string& missing) {
    const FarEnd end = far_end(flow, rule.toward);
    if (contains(rule.networks, end.address)) {
        return true;
    }
    for (const std::string& id : rule.prefix_lists) {
        const auto list = std::ranges::find(facts.prefix_lists, id, &PrefixList::id);
        if (list != facts.prefix_lists.end() && contains(list->networks.items, end.address)) {
            return true;
        }
        if (list == facts.prefix_lists.end() || !list->networks.complete) {
            missing = fmt::format("prefix list {} was not read", id);
        }
    }
    for (const std::string& id : rule.groups) {
        const bool is_member = std::ranges::find(end.groups, id) != end.groups.end();
        if (is_member && !flow.from_other_network) {
            return true;
        }
        if (is_member) {
            missing = fmt::format("{}; between two VPCs they count over {}", members_text(rule.toward, id),
                                  joins(rule.toward));
        } else if (!end.groups_known) {
            missing =
                fmt::format("{}; the groups of {} are not known", members_text(rule.toward, id), end.owner);
        }
    }
    return false;
}

Ruling denied(const Gate& gate, const Flow& flow) {
    const bool in = gate.toward == Toward::inbound;
    const bool one = gate.groups.size() == 1;
    const std::string resource = fmt::format("{}", fmt::join(gate.groups, ", "));
    const std::string traffic = fmt::format("tcp/{} {} {}", flow.port, in ? "from" : "to",
                                            far_end(flow, gate.toward).address.to_string());
    return {
        Passage::denied, resource, fmt::format("no {} rule for {}", slug(gate.toward), traffic),
        fmt::format("{} an {} rule to {}{} ({} of {}): {}.", gate.is_of_service ? "Service side: add" : "Add",
                    slug(gate.toward), one ? "" : "one of ", resource,
                    one ? "security group" : "security groups", gate.owner, traffic)};
}

}  // namespace

Ruling security_groups(const Facts& facts, const Gate& gate, const Flow& flow) {
    if (gate.groups.empty()) {
        return {Passage::unknown, {}, fmt::format("the security groups of {} were not read", gate.owner)};
    }
    std::string missing;
    for (const std::string& id : gate.groups) {
        const SecurityGroup* group = group_by_id(facts, id);
        if (group == nullptr || !group->rules.complete) {
            missing = fmt::format("the rules of {} were not read", id);
        }
        if (group == nullptr) {
            continue;
        }
        for (const SecurityGroupRule& rule : group->rules.items) {
            if (is_about(rule, gate.toward, flow) && names_far_end(facts, rule, flow, missing)) {
                return {Passage::allowed, id, {}};
            }
        }
    }
    if (!missing.empty()) {
        return {Passage::unknown, fmt::format("{}", fmt::join(gate.groups, ", ")), missing};
    }
    return denied(gate, flow);
}

}  // namespace whylink::control
