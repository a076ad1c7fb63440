#include "checks/surroundings/account_words.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "checks/explain/text.hpp"
#include "checks/surroundings/account_facts.hpp"

namespace whylink::checks {
namespace {

using control::ConnectionState;
using control::Findings;
using control::ServiceState;

std::string_view verb_of(ConnectionState state) {
    switch (state) {
        case ConnectionState::waiting:
            return "waits for acceptance";
        case ConnectionState::setting_up:
            return "is being set up";
        case ConnectionState::needs_attention:
            return "needs an action of the producer";
        case ConnectionState::available:
            return "is available";
        case ConnectionState::partial:
            return "is available in some zones";
        case ConnectionState::rejected:
            return "is rejected";
        case ConnectionState::disconnected:
            return "is disconnected";
        case ConnectionState::failed:
            return "has failed";
        case ConnectionState::expired:
            return "has expired";
        case ConnectionState::deleting:
            return "is being deleted";
        case ConnectionState::deleted:
            return "is deleted";
        case ConnectionState::unknown:
            break;
    }
    return "is in an unknown state";
}

/// "waits for acceptance (pendingAcceptance)"
std::string state_text(ConnectionState state, const std::string& word) {
    std::string text(verb_of(state));
    if (!word.empty()) {
        text += fmt::format(" ({})", word);
    }
    return text;
}

/// "vpce-0abc", "pe-clickhouse" of its Resource ID
std::string short_id(const std::string& id) {
    return id.substr(id.rfind('/') + 1);
}

std::string ruling_text(const control::Ruling& ruling) {
    return ruling.resource.empty() ? ruling.reason : fmt::format("{}: {}", ruling.resource, ruling.reason);
}

std::string group_text(const control::TargetGroup& group) {
    const std::vector<control::Target>& targets = group.targets.items;
    const std::string& name = group.name.empty() ? group.id : group.name;
    if (targets.empty()) {
        return fmt::format("{}: no target is registered", name);
    }
    std::string text = fmt::format("{}: 0 of {} healthy", name, count_text(targets.size(), "target"));
    if (!targets.front().reason.empty()) {
        text += fmt::format(" ({})", targets.front().reason);
    }
    return text;
}

std::string read_text(const control::Origin& origin) {
    return fmt::format("account {}, read {}", origin.account, time_text(origin.read_at));
}

void add_endpoint_lines(const Findings& found, const AccountWords& words, std::vector<AccountLine>& lines) {
    const control::Endpoint& endpoint = *found.endpoint;
    const FactSet facts = link_facts(endpoint.state);
    const std::optional<Fact> fact = facts.contains(Fact::link_waits)   ? std::optional(Fact::link_waits)
                                     : facts.contains(Fact::link_ended) ? std::optional(Fact::link_ended)
                                                                        : std::nullopt;
    std::string text = fmt::format("{} {}", words.endpoint, words.state);
    append(text, endpoint.description, ": ");
    lines.push_back({fact, fmt::format("{}; {}", text, read_text(endpoint.origin))});
}

/// Each set of rules that denies, with what it says first: of further addresses it says the same.
std::vector<const control::Ruling*> denying_sets(const Findings& found) {
    std::vector<const control::Ruling*> sets;
    for (const control::Ruling& ruling : found.rulings) {
        const bool is_new = std::ranges::none_of(
            sets, [&](const control::Ruling* known) { return known->resource == ruling.resource; });
        if (ruling.passage == control::Passage::denied && is_new) {
            sets.push_back(&ruling);
        }
    }
    return sets;
}

void add_rule_lines(const Findings& found, const Assessment& round, std::vector<AccountLine>& lines) {
    for (const control::Ruling* ruling : denying_sets(found)) {
        lines.push_back({Fact::rule_denies, ruling_text(*ruling)});
    }
    if (found.blocked || !round.facts.contains(Fact::tcp_timeout)) {
        return;
    }
    const auto open = std::ranges::find(found.rulings, control::Passage::unknown, &control::Ruling::passage);
    if (open != found.rulings.end()) {
        lines.push_back({{}, "rules of the account not fully known: " + open->reason});
    } else if (found.rules_allow()) {
        lines.push_back({{}, "the rules of the account let the connection through"});
    }
}

void add_vendor_lines(const Findings& found, const AccountWords& words, std::vector<AccountLine>& lines) {
    if (found.vendor->state != ServiceState::running && found.vendor->state != ServiceState::unknown) {
        const bool idle = found.vendor->state == ServiceState::idle;
        lines.push_back({idle ? Fact::vendor_idle : Fact::vendor_stopped,
                         fmt::format("{}; {}", words.vendor_state, read_text(found.vendor->origin))});
    }
    if (found.on_allow_list) {
        const std::string id = found.endpoint == nullptr ? std::string("the endpoint") : found.endpoint->id;
        lines.push_back(
            {*found.on_allow_list ? std::nullopt : std::optional(Fact::id_not_listed),
             fmt::format("the service's allow-list {} {}; {}", *found.on_allow_list ? "has" : "does not have",
                         id, read_text(found.vendor->origin))});
    }
}

void add_other_lines(const Findings& found, const Assessment& round, const AccountWords& words,
                     std::vector<AccountLine>& lines) {
    if (round.facts.contains(Fact::zone_incomplete)) {
        lines.push_back({{}, words.zone_reason});
    }
    if (round.facts.contains(Fact::record_is_wrong)) {
        lines.push_back({Fact::record_is_wrong,
                         fmt::format("{} has the addresses {}", words.endpoint, words.right_address)});
    }
    for (const control::TargetGroup* group : found.unhealthy_groups) {
        lines.push_back({Fact::targets_unhealthy, "target group " + group_text(*group)});
    }
    if (waits_for_us(found)) {
        lines.push_back({Fact::peer_waits, fmt::format("{} waits for acceptance by {}; {}", words.connection,
                                                       short_id(found.connection->service),
                                                       read_text(found.connection->origin))});
    }
    if (has_ended_peer(found, round)) {
        lines.push_back({Fact::link_ended, fmt::format("{} {}; {}", words.connection, words.state,
                                                       read_text(found.connection->origin))});
    }
    if (found.idle_timeout && round.facts.contains(Fact::idle_dropped)) {
        lines.push_back(
            {{}, fmt::format("the load balancer forgets connections after {} s idle", *found.idle_timeout)});
    }
    if (found.principal_allowed == false) {
        lines.push_back({{}, "the service does not allow the account of the endpoint to connect"});
    }
}

std::string mismatch_text(const control::Mismatch& mismatch) {
    if (mismatch.what == "endpoint_service") {
        return fmt::format("the endpoint connects to {}, but the service is behind {}", mismatch.configured,
                           mismatch.found);
    }
    if (mismatch.what == "zone") {
        return fmt::format("the endpoint has an interface in zone {}, and the service has no such zone",
                           mismatch.configured);
    }
    return fmt::format("`{}` is {}, but the account has {}", mismatch.what, mismatch.configured,
                       mismatch.found);
}

}  // namespace

AccountWords account_words(const Findings& found) {
    AccountWords words;
    if (found.endpoint != nullptr) {
        words.endpoint = short_id(found.endpoint->id);
        words.endpoint_id = found.endpoint->id;
        words.state = state_text(found.endpoint->state, found.endpoint->state_word);
    }
    if (found.blocked) {
        words.rule = ruling_text(*found.blocked);
        words.fix = found.blocked->fix;
    }
    words.right_address = addresses_text(found.right_addresses);
    words.zone_reason = found.zone_reason;
    if (found.vendor != nullptr) {
        words.vendor_service = found.vendor->id;
        const std::string& name = found.vendor->name.empty() ? found.vendor->id : found.vendor->name;
        words.vendor_state = fmt::format(
            "{} is {}", name, found.vendor->state_word.empty() ? "stopped" : found.vendor->state_word);
    }
    if (found.connection != nullptr) {
        words.connection = short_id(found.connection->endpoint);
        if (!found.connection->owner.empty()) {
            words.connection += fmt::format(" (account {})", found.connection->owner);
        }
    }
    if (found.endpoint == nullptr && found.connection != nullptr) {
        words.endpoint = words.connection;
        words.state = state_text(found.connection->state, found.connection->state_word);
    }
    if (!found.unhealthy_groups.empty()) {
        words.target_group = group_text(*found.unhealthy_groups.front());
    }
    return words;
}

std::vector<AccountLine> account_lines(const Findings& found, const Assessment& round,
                                       const AccountWords& words) {
    std::vector<AccountLine> lines;
    // Of what works only differences are worth a line.
    if (!round.passed()) {
        if (found.endpoint != nullptr) {
            add_endpoint_lines(found, words, lines);
        }
        add_rule_lines(found, round, lines);
        if (found.vendor != nullptr) {
            add_vendor_lines(found, words, lines);
        }
        add_other_lines(found, round, words, lines);
    } else if (waits_for_us(found) || found.idle_timeout) {
        add_other_lines(found, round, words, lines);
    }
    for (const control::Mismatch& mismatch : found.mismatches) {
        lines.push_back({{}, mismatch_text(mismatch)});
    }
    return lines;
}

}  // namespace whylink::checks
