// AWS: security groups of an endpoint's interface.
#include <fmt/core.h>

#include <algorithm>

#include "checks/control/ports.hpp"
#include "checks/control/rules.hpp"

namespace whylink::control {
namespace {

const SecurityGroup* group_by_id(const Facts& facts, const std::string& id) {
    const auto found = std::ranges::find(facts.security_groups, id, &SecurityGroup::id);
    return found == facts.security_groups.end() ? nullptr : &*found;
}

bool is_about(const SecurityGroupRule& rule, const Flow& flow) {
    return rule.toward == Toward::inbound && is_tcp(rule.protocol) && has_port(rule.ports, flow.port);
}

/// Whether a source of the rule is that of the flow. `missing` gains what was not read of those that may be.
bool lets_in(const Facts& facts, const SecurityGroupRule& rule, const Flow& flow, std::string& missing) {
    if (contains(rule.networks, flow.source)) {
        return true;
    }
    for (const std::string& id : rule.prefix_lists) {
        const auto list = std::ranges::find(facts.prefix_lists, id, &PrefixList::id);
        if (list != facts.prefix_lists.end() && contains(list->networks.items, flow.source)) {
            return true;
        }
        if (list == facts.prefix_lists.end() || !list->networks.complete) {
            missing = fmt::format("prefix list {} was not read", id);
        }
    }
    for (const std::string& id : rule.groups) {
        const bool is_member = std::ranges::find(flow.source_groups, id) != flow.source_groups.end();
        if (is_member && !flow.from_other_network) {
            return true;
        }
        if (is_member) {
            missing = fmt::format(
                "a rule lets in members of {}; from another VPC they count over peering alone", id);
        } else if (!flow.source_groups_known) {
            missing = fmt::format("a rule lets in members of {}; the groups of this host are not known", id);
        }
    }
    return false;
}

std::string joined(std::span<const std::string> ids) {
    std::string text;
    for (const std::string& id : ids) {
        text += (text.empty() ? "" : ", ") + id;
    }
    return text;
}

}  // namespace

Ruling security_groups(const Facts& facts, std::span<const std::string> ids, const Flow& flow) {
    if (ids.empty()) {
        return {Passage::unknown, {}, "the security groups of the endpoint were not read"};
    }
    std::string missing;
    for (const std::string& id : ids) {
        const SecurityGroup* group = group_by_id(facts, id);
        if (group == nullptr || !group->rules.complete) {
            missing = fmt::format("the rules of {} were not read", id);
        }
        if (group == nullptr) {
            continue;
        }
        for (const SecurityGroupRule& rule : group->rules.items) {
            if (is_about(rule, flow) && lets_in(facts, rule, flow, missing)) {
                return {Passage::allowed, id, {}};
            }
        }
    }
    if (!missing.empty()) {
        return {Passage::unknown, joined(ids), missing};
    }
    return {Passage::denied, joined(ids),
            fmt::format("no inbound rule for tcp/{} from {}", flow.port, flow.source.to_string())};
}

}  // namespace whylink::control
