#include "checks/surroundings/accounts.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "checks/control/provider.hpp"
#include "checks/explain/text.hpp"
#include "checks/stages/addresses.hpp"
#include "checks/stages/dns/answer.hpp"
#include "checks/stages/dns/dns.hpp"
#include "checks/table/oddities.hpp"

namespace whylink::checks {
namespace {

using control::ConnectionState;
using control::Findings;
using control::ServiceState;

// ---- the target as this round saw it ----

void add_names(const Assessment& round, control::Subject& subject) {
    std::vector<IpAddress> addresses;
    for (const CountedName& name : counted_names(round.probes)) {
        if (name.facts.role != probes::NameRole::host) {
            continue;
        }
        for (const IpAddress& address : addresses_of(name.facts)) {
            add_once(addresses, address);
        }
        for (const probes::DnsQuery& query : name.facts.queries) {
            for (const std::string& alias : query.cnames) {
                add_once(subject.names, alias);
            }
        }
    }
    if (!addresses.empty()) {
        subject.addresses = std::move(addresses);
    }
}

void add_sources(const Assessment& round, control::Subject& subject) {
    std::vector<IpAddress> sources;
    for (const JudgedProbe& probe : round.probes) {
        const auto* tcp = probe.tcp();
        if (tcp != nullptr && tcp->local_address) {
            add_once(sources, *tcp->local_address);
        } else if (tcp != nullptr && tcp->route && tcp->route->source) {
            add_once(sources, *tcp->route->source);
        }
    }
    if (!sources.empty()) {
        subject.sources = std::move(sources);
    }
}

// ---- facts ----

bool sent_something(const JudgedProbe& probe) {
    const auto* tcp = probe.tcp();
    const auto* tls = probe.tls();
    const auto* app = probe.app();
    return (tcp != nullptr && tcp->bytes_received > 0) || (tls != nullptr && tls->bytes_received > 0) ||
           (app != nullptr && app->bytes_received > 0);
}

/// No byte of the endpoint, and nothing that this host itself did to the connection.
bool nothing_came_back(const Assessment& round) {
    constexpr FactSet ends{Fact::tcp_timeout,          Fact::tcp_refused, Fact::accepted_then_reset,
                           Fact::accepted_then_closed, Fact::tls_silent,  Fact::app_silent};
    constexpr FactSet packets{Fact::own_syn_returns, Fact::syn_routed_back, Fact::answered_from_elsewhere,
                              Fact::syn_ack_damaged, Fact::syn_ack_foreign};
    return round.facts.contains(Fact::address_fails) && round.facts.intersects(ends) &&
           !round.facts.intersects(packets) && !round.any(sent_something);
}

void add_state(ConnectionState state, FactSet& facts) {
    switch (state) {
        case ConnectionState::waiting:
        case ConnectionState::setting_up:
        case ConnectionState::needs_attention:
            facts.insert(Fact::link_waits);
            break;
        case ConnectionState::available:
        case ConnectionState::partial:
            facts.insert(Fact::link_available);
            break;
        case ConnectionState::rejected:
        case ConnectionState::disconnected:
        case ConnectionState::failed:
        case ConnectionState::expired:
        case ConnectionState::deleting:
        case ConnectionState::deleted:
            facts.insert(Fact::link_ended);
            break;
        case ConnectionState::unknown:
            break;
    }
}

void add_vendor(const Findings& found, FactSet& facts) {
    const ServiceState state = found.vendor->state;
    facts.insert_if(state == ServiceState::stopped || state == ServiceState::stopping ||
                        state == ServiceState::failed || state == ServiceState::terminated,
                    Fact::vendor_stopped);
    facts.insert_if(state == ServiceState::idle, Fact::vendor_idle);
    // The public name has another list.
    if (found.on_allow_list && found.asks_private_host != false) {
        facts.insert(*found.on_allow_list ? Fact::id_listed : Fact::id_not_listed);
    }
}

/// Another port of the endpoint answers: whatever its state is said to be, it does not stop packets.
bool carries(const Assessment& round) {
    return !round.passed() && round.facts.contains(Fact::other_port_answers);
}

/// Nothing comes, and the only connection there is does not exist any more.
bool has_ended_peer(const Findings& found, const Assessment& round) {
    FactSet state;
    if (found.connection != nullptr) {
        add_state(found.connection->state, state);
    }
    return state.contains(Fact::link_ended) && round.facts.contains(Fact::traffic_missing);
}

/// Where a link does not carry anything, a rule that would deny is the next fault, and no other explanation.
bool denies(const Findings& found, FactSet facts, const Assessment& round) {
    return found.blocked && (round.passed() || !facts.intersects({Fact::link_waits, Fact::link_ended}));
}

bool waits_for_us(const Findings& found) {
    return found.connection != nullptr && found.connection->state == ConnectionState::waiting;
}

bool has_accepted(const Findings& found) {
    return std::ranges::any_of(found.facts->connections, [&](const control::Connection& connection) {
        return connection.service == found.connection->service &&
               connection.state == ConnectionState::available;
    });
}

/// What the config expects it vouches for.
bool is_record_wrong(const Findings& found, const control::Subject& subject, const Assessment& round) {
    return found.addresses_right == false && !round.facts.contains(Fact::name_public) &&
           !std::ranges::all_of(subject.addresses,
                                [&](const IpAddress& address) { return contains(subject.expect, address); });
}

/// The API answered that the configured endpoint does not exist.
bool is_not_found(const control::Read& read, const control::Subject& subject) {
    const bool of_endpoint =
        read.read == "vpc_endpoint" || read.read == "private_endpoint" || read.read == "forwarding_rule";
    const bool of_target =
        read.targets.empty() || std::ranges::find(read.targets, subject.target) != read.targets.end();
    return read.result == control::Result::not_found && of_endpoint && of_target;
}

FactSet facts_of(const Findings& found, const control::Subject& subject, const Assessment& round) {
    FactSet facts;
    facts.insert_if(nothing_came_back(round), Fact::nothing_came_back);
    if (found.endpoint != nullptr && !carries(round)) {
        add_state(found.endpoint->state, facts);
    }
    facts.insert_if(found.endpoint_absent, Fact::link_absent);
    if (found.vendor != nullptr) {
        add_vendor(found, facts);
    }
    facts.insert_if(has_ended_peer(found, round), Fact::link_ended);
    facts.insert_if(denies(found, facts, round), Fact::rule_denies);
    facts.insert_if(found.rules_allow(), Fact::rules_allow);
    facts.insert_if(found.addresses_right == true, Fact::record_is_right);
    facts.insert_if(is_record_wrong(found, subject, round), Fact::record_is_wrong);
    facts.insert_if(
        found.zone_linked == false && round.facts.intersects({Fact::name_missing, Fact::name_public}),
        Fact::zone_incomplete);
    facts.insert_if(found.has_healthy_target == false, Fact::targets_unhealthy);
    facts.insert_if(found.provider_sends_proxy_header == true, Fact::balancer_sends_header);
    // Beside a connection that is accepted, one that waits is not why nothing comes.
    facts.insert_if(
        round.facts.contains(Fact::watch) && waits_for_us(found) && (round.passed() || !has_accepted(found)),
        Fact::peer_waits);
    return facts;
}

// ---- words ----

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

AccountWords words_of(const Findings& found) {
    AccountWords words;
    if (found.endpoint != nullptr) {
        words.endpoint = short_id(found.endpoint->id);
        words.endpoint_id = found.endpoint->id;
        words.state = state_text(found.endpoint->state, found.endpoint->state_word);
    }
    if (found.blocked) {
        words.rule = ruling_text(*found.blocked);
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

// ---- evidence ----

/// A line and the fact that it is about: what the diagnosis leaves unexplained is said there.
struct Line {
    std::optional<Fact> fact;
    std::string text;
};

std::string read_text(const control::Origin& origin) {
    return fmt::format("account {}, read {}", origin.account, time_text(origin.read_at));
}

void add_endpoint_lines(const Findings& found, const AccountWords& words, std::vector<Line>& lines) {
    const control::Endpoint& endpoint = *found.endpoint;
    FactSet facts;
    add_state(endpoint.state, facts);
    const std::optional<Fact> fact = facts.contains(Fact::link_waits)   ? std::optional(Fact::link_waits)
                                     : facts.contains(Fact::link_ended) ? std::optional(Fact::link_ended)
                                                                        : std::nullopt;
    std::string text = fmt::format("{} {}", words.endpoint, words.state);
    append(text, endpoint.description, ": ");
    lines.push_back({fact, fmt::format("{}; {}", text, read_text(endpoint.origin))});
}

void add_rule_lines(const Findings& found, const Assessment& round, const AccountWords& words,
                    std::vector<Line>& lines) {
    if (found.blocked) {
        lines.push_back({Fact::rule_denies, words.rule});
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

void add_vendor_lines(const Findings& found, const AccountWords& words, std::vector<Line>& lines) {
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
                     std::vector<Line>& lines) {
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

std::vector<Line> lines_of(const Findings& found, const Assessment& round, const AccountWords& words) {
    std::vector<Line> lines;
    // Of what works only differences are worth a line.
    if (!round.passed()) {
        if (found.endpoint != nullptr) {
            add_endpoint_lines(found, words, lines);
        }
        add_rule_lines(found, round, words, lines);
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

/// The setting that adds PROXY headers, where the peer may not know them.
bool is_header_in_question(const Assessment& round) {
    constexpr FactSet ends{Fact::proxy_header_unwanted, Fact::accepted_then_reset,
                           Fact::accepted_then_closed};
    return round.facts.contains(Fact::balancer_sends_header) && round.facts.intersects(ends);
}

bool is_unexplained(const Decision& decision, std::optional<Fact> fact) {
    return fact && std::ranges::find(decision.unexplained, *fact, [](const Oddity* oddity) {
                       return oddity->fact;
                   }) != decision.unexplained.end();
}

}  // namespace

AccountsOf::AccountsOf(const control::Readings& readings, control::Subject subject,
                       std::optional<control::Time> failing_since)
    : readings_(readings), subject_(std::move(subject)), failing_since_(failing_since) {}

control::Subject AccountsOf::subject(const Assessment& round) const {
    control::Subject subject = subject_;
    add_names(round, subject);
    add_sources(round, subject);
    return subject;
}

bool AccountsOf::is_fresh(control::Time read_at, const Assessment& round) const {
    return round.passed() || !failing_since_ || read_at >= *failing_since_;
}

Findings AccountsOf::findings(const control::Subject& subject, const Assessment& round) const {
    return control::find(readings_.facts, subject, round.passed() ? std::nullopt : failing_since_);
}

FactSet AccountsOf::facts(const Assessment& round) const {
    const control::Subject now = subject(round);
    const Findings found = findings(now, round);
    FactSet facts = facts_of(found, now, round);
    const bool may_be_absent = found.endpoint == nullptr && !now.endpoint_id.empty();
    facts.insert_if(may_be_absent && std::ranges::any_of(readings_.reads,
                                                         [&](const control::Read& read) {
                                                             return is_not_found(read, now) &&
                                                                    is_fresh(read.read_at, round);
                                                         }),
                    Fact::link_absent);
    return facts;
}

void AccountsOf::tell(Verdict& verdict) const {
    const control::Subject now = subject(verdict);
    const Findings found = findings(now, verdict);
    AccountWords words = words_of(found);
    for (Line& line : lines_of(found, verdict, words)) {
        if (!is_unexplained(verdict.decision, line.fact)) {
            add_once(words.lines, std::move(line.text));
        }
    }
    if (is_header_in_question(verdict)) {
        add_once(words.lines, control::proxy_header_setting(now, found));
    }
    verdict.accounts = std::make_shared<const AccountWords>(std::move(words));
}

}  // namespace whylink::checks
