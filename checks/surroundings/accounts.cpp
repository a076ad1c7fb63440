#include "checks/surroundings/accounts.hpp"

#include <algorithm>
#include <utility>

#include "checks/control/provider.hpp"
#include "checks/explain/text.hpp"
#include "checks/stages/addresses.hpp"
#include "checks/stages/dns/answer.hpp"
#include "checks/stages/dns/dns.hpp"
#include "checks/surroundings/account_facts.hpp"
#include "checks/table/oddities.hpp"

namespace whylink::checks {
namespace {

using control::Findings;

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

// ---- reads ----

/// A read that says whether an account has the target's endpoint.
bool is_of_endpoint(const control::Read& read, const control::Subject& subject) {
    const bool of_endpoint = read.read == "vpc_endpoint" || read.read == "private_endpoint" ||
                             read.read == "forwarding_rule" || read.read == "account";
    const bool of_target =
        read.targets.empty() || std::ranges::find(read.targets, subject.target) != read.targets.end();
    return of_endpoint && of_target;
}

/// Another account may have the endpoint, and did not say.
bool has_failed(const control::Read& read) {
    return read.result != control::Result::ok && read.result != control::Result::not_found;
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
    FactSet facts = account_facts(found, now, round);
    facts.insert_if(found.endpoint == nullptr && is_absent(found, now, round), Fact::link_absent);
    return facts;
}

/// No account has the endpoint that is configured, and none was left unread.
bool AccountsOf::is_absent(const Findings& found, const control::Subject& subject,
                           const Assessment& round) const {
    bool absent = found.endpoint_absent;
    for (const control::Read& read : readings_.reads) {
        if (subject.endpoint_id.empty() || !is_of_endpoint(read, subject)) {
            continue;
        }
        if (has_failed(read)) {
            return false;
        }
        absent = absent || (read.result == control::Result::not_found && is_fresh(read.read_at, round));
    }
    return absent;
}

void AccountsOf::tell(Verdict& verdict) const {
    const control::Subject now = subject(verdict);
    const Findings found = findings(now, verdict);
    AccountWords words = account_words(found);
    for (AccountLine& line : account_lines(found, verdict, words)) {
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
