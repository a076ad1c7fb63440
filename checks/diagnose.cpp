#include "checks/diagnose.hpp"

#include <algorithm>
#include <iterator>

#include "checks/evidence.hpp"
#include "checks/summarise.hpp"
#include "checks/text.hpp"
#include "checks/wording.hpp"
#include "config/dns_name.hpp"
#include "config/profiles.hpp"

namespace whylink::checks {
namespace {

using probes::DnsFacts;
using probes::NameRole;

constexpr Row undecided{
    Cause::local_limit, {}, {}, Confidence::low, "what was seen fits no known cause: {detail}"};

void add_alternative(Decision& decision, Cause cause) {
    const bool known = cause == decision.row->cause ||
                       std::find(decision.alternatives.begin(), decision.alternatives.end(), cause) !=
                           decision.alternatives.end();
    if (!known) {
        decision.alternatives.push_back(cause);
    }
}

// ---- what the placeholders stand for ----

void add_once(std::vector<std::string>& list, std::string item) {
    if (std::find(list.begin(), list.end(), item) == list.end()) {
        list.push_back(std::move(item));
    }
}

bool is_resolver_outcome(Outcome outcome) {
    return is_network_level(outcome) || outcome == Outcome::servfail || outcome == Outcome::query_refused ||
           outcome == Outcome::bad_response;
}

bool ever_replied(const DnsFacts& resolver, std::span<const JudgedProbe> probes) {
    return std::any_of(probes.begin(), probes.end(), [&](const JudgedProbe& probe) {
        const DnsFacts* dns = dns_facts(probe);
        return dns != nullptr && dns->source == resolver.source && dns->resolver == resolver.resolver &&
               dns->resolver_port == resolver.resolver_port && resolver_replied(*dns);
    });
}

/// Whether the probe shows what the row takes from the resolvers.
bool shows(const JudgedProbe& probe, const DnsFacts& dns, const Row& row,
           std::span<const JudgedProbe> probes) {
    if (row.when.contains(Fact::control_resolves)) {
        return dns.role == NameRole::control && probe.outcome == Outcome::unexpected_address;
    }
    if (row.when.contains(Fact::resolver_forbidden_here)) {
        return forbidden_here(probe.observation);
    }
    if (row.when.contains(Fact::resolver_without_reply)) {
        return is_network_level(probe.outcome) && !forbidden_here(probe.observation) &&
               !ever_replied(dns, probes);
    }
    if (row.when.contains(Fact::resolver_fails)) {
        return is_resolver_outcome(probe.outcome) && dns.role != NameRole::public_host;
    }
    if (row.when.contains(Fact::public_name_fails)) {
        return is_resolver_outcome(probe.outcome) && dns.role == NameRole::public_host;
    }
    return false;
}

/// The resolvers that show the row's cause; where it is about none in particular, those that do not resolve,
/// else those that say something wrong, else all.
std::string resolvers_text(const Row& row, std::span<const JudgedProbe> probes) {
    std::vector<std::string> showing;
    std::vector<std::string> failing;
    std::vector<std::string> wrong;
    std::vector<std::string> all;
    for (const JudgedProbe& probe : probes) {
        const DnsFacts* dns = dns_facts(probe);
        if (dns == nullptr || !probe.counts) {
            continue;
        }
        add_once(all, resolver_text(*dns));
        if (shows(probe, *dns, row, probes)) {
            add_once(showing, resolver_text(*dns));
        }
        if (is_resolver_outcome(probe.outcome)) {
            add_once(failing, resolver_text(*dns));
        } else if (!passes(probe.outcome)) {
            add_once(wrong, resolver_text(*dns));
        }
    }
    return join(!showing.empty() ? showing : !failing.empty() ? failing : !wrong.empty() ? wrong : all);
}

/// The control's answers count only where nothing else is wrong: they are about no name of the target.
std::string wrong_answers(const Subject& subject, std::span<const JudgedProbe> probes, bool want_wrong) {
    const Expectation expectation = expectation_of(subject);
    std::vector<IpAddress> addresses;
    for (const JudgedProbe& probe : probes) {
        const DnsFacts* dns = dns_facts(probe);
        if (dns == nullptr || !probe.counts || dns->role == NameRole::control ||
            passes(probe.outcome) == want_wrong) {
            continue;
        }
        for (const probes::DnsQuery& query : dns->queries) {
            for (const probes::DnsAnswer& answer : query.answers) {
                const bool wrong = judge_address(answer.address, dns->source, expectation) != Outcome::ok ||
                                   dns->role == NameRole::public_host;
                const bool new_one =
                    std::find(addresses.begin(), addresses.end(), answer.address) == addresses.end();
                if (wrong == want_wrong && new_one) {
                    addresses.push_back(answer.address);
                }
            }
        }
    }
    return addresses_text(addresses);
}

std::string answers_text(const Subject& subject, std::span<const JudgedProbe> probes) {
    std::string wrong = wrong_answers(subject, probes, true);
    return wrong.empty() ? wrong_answers(subject, probes, false) : wrong;
}

/// Those that show by themselves what the row takes from the addresses; where none does, or the row needs
/// several that differ, all that fail.
std::vector<AddressState> blamed(const std::vector<AddressState>& failing, FactSet when) {
    std::vector<AddressState> shown;
    FactSet of_addresses;
    for (const AddressState& state : failing) {
        of_addresses.insert_all(summarise_address(state));
    }
    const FactSet wanted = of_addresses.intersection(when);
    std::copy_if(
        failing.begin(), failing.end(), std::back_inserter(shown),
        [wanted](const AddressState& state) { return summarise_address(state).contains_all(wanted); });
    return shown.empty() ? failing : shown;
}

/// The addresses that fail for the row's cause.
std::vector<AddressState> failing_states(const Subject& subject, const Row& row,
                                         std::span<const JudgedProbe> probes) {
    std::vector<AddressState> failing = address_states(subject, probes);
    std::erase_if(failing,
                  [](const AddressState& state) { return !state.right || passes(state.last->outcome); });
    return blamed(failing, row.when);
}

void add_addresses(Wording& wording, const Subject& subject, const Row& row,
                   std::span<const JudgedProbe> probes) {
    std::vector<IpAddress> failing;
    std::vector<IpAddress> working;
    for (const AddressState& state : failing_states(subject, row, probes)) {
        failing.push_back(state.address);
    }
    for (const AddressState& state : address_states(subject, probes)) {
        if (state.right && passes(state.last->outcome)) {
            working.push_back(state.address);
        }
    }
    wording.address = addresses_text(failing.empty() ? working : failing);
    wording.working = addresses_text(working);
}

/// Of the last stage that fails, for later stages say more; of DNS only when no address fails.
std::string first_detail(const Subject& subject, const Row& row, std::span<const JudgedProbe> probes) {
    for (const AddressState& state : failing_states(subject, row, probes)) {
        if (!state.last->detail.empty()) {
            return state.last->detail;
        }
    }
    for (const AddressState& state : address_states(subject, probes)) {
        if (state.right && state.last->outcome != Outcome::ok && !state.last->detail.empty()) {
            return state.last->detail;
        }
    }
    for (const JudgedProbe& probe : probes) {
        if (probe.counts && probe.outcome != Outcome::ok && !probe.detail.empty()) {
            return probe.detail;
        }
    }
    return {};
}

std::string parent_of(const std::string& host) {
    const std::size_t dot = host.find('.');
    return dot == std::string::npos ? std::string() : host.substr(dot + 1);
}

Wording wording_of(const Subject& subject, const Row& row, std::span<const JudgedProbe> probes) {
    Wording wording;
    if (subject.zone != nullptr) {
        wording.name = subject.zone->name;
        wording.zone = canonical_name(subject.zone->zone);
        wording.host = "*." + wording.zone;
    } else {
        const config::Endpoint& endpoint = *subject.endpoint;
        wording.name = endpoint.name;
        wording.host = endpoint.address ? endpoint.address->to_string() : canonical_name(endpoint.host);
        wording.zone = endpoint.address ? std::string() : parent_of(wording.host);
        wording.port = std::to_string(endpoint.port);
        wording.endpoint_id = endpoint.endpoint_id;
        wording.service = endpoint.service;
        wording.public_host = endpoint.public_host;
    }
    add_addresses(wording, subject, row, probes);
    wording.resolver = resolvers_text(row, probes);
    wording.answers = answers_text(subject, probes);
    wording.detail = first_detail(subject, row, probes);
    return wording;
}

// ---- what to do ----

/// With a provider's profile its own steps only; without one all of them, each saying for whom it is.
std::vector<std::string> remediation(Cause cause, const Subject& subject, const Wording& wording) {
    const config::Profile* profile =
        subject.endpoint == nullptr ? nullptr : config::find_profile(subject.endpoint->profile);
    const config::Provider own = profile == nullptr ? config::Provider::generic : profile->provider;
    std::vector<std::string> steps;
    for (const Step& step : text(cause).steps) {
        if (step.provider == config::Provider::generic || step.provider == own) {
            steps.push_back(fill(step.text, wording));
        } else if (own == config::Provider::generic) {
            steps.push_back(std::string(prefix(step.provider)) + fill(step.text, wording));
        }
    }
    return steps;
}

// ---- how bad it is ----

/// The name resolves at one resolver at least, or needs none.
bool a_resolver_works(const Subject& subject, std::span<const JudgedProbe> probes) {
    return (subject.endpoint != nullptr && subject.endpoint->address) ||
           std::any_of(probes.begin(), probes.end(), [](const JudgedProbe& probe) {
               const DnsFacts* dns = dns_facts(probe);
               return dns != nullptr && dns->role == NameRole::host && probe.counts && passes(probe.outcome);
           });
}

/// A zone works at a resolver where every name of it that was asked is right.
bool a_resolver_serves_the_zone(std::span<const JudgedProbe> probes) {
    const auto fails_at = [&](const DnsFacts& resolver) {
        return std::any_of(probes.begin(), probes.end(), [&](const JudgedProbe& probe) {
            const DnsFacts* dns = dns_facts(probe);
            return dns != nullptr && dns->resolver == resolver.resolver &&
                   dns->resolver_port == resolver.resolver_port && dns->role != NameRole::control &&
                   probe.counts && !passes(probe.outcome);
        });
    };
    return std::any_of(probes.begin(), probes.end(), [&](const JudgedProbe& probe) {
        const DnsFacts* dns = dns_facts(probe);
        return dns != nullptr && dns->role != NameRole::control && probe.counts && passes(probe.outcome) &&
               !fails_at(*dns);
    });
}

Severity severity(const Subject& subject, FactSet facts, Cause cause, std::span<const JudgedProbe> probes) {
    if (facts.contains(Fact::healthy)) {
        return cause == Cause::healthy ? Severity::ok : Severity::warning;
    }
    const bool works = subject.zone != nullptr
                           ? a_resolver_serves_the_zone(probes)
                           : facts.contains(Fact::address_works) && a_resolver_works(subject, probes);
    return works ? Severity::warning : Severity::critical;
}

}  // namespace

bool matches(const Row& row, FactSet facts) {
    return facts.contains_all(row.when) && !facts.intersects(row.unless);
}

bool matches(const Doubt& doubt, FactSet facts) {
    return facts.contains_all(doubt.when) && !facts.intersects(doubt.unless);
}

Decision decide(FactSet facts) {
    Decision decision;
    for (const Row& row : rules()) {
        if (!matches(row, facts)) {
            continue;
        }
        if (decision.row == nullptr) {
            decision.row = &row;
        } else {
            add_alternative(decision, row.cause);
        }
    }
    if (decision.row == nullptr) {
        decision.row = &undecided;
    }
    for (const Doubt& doubt : doubts()) {
        if (doubt.cause == decision.row->cause && matches(doubt, facts)) {
            add_alternative(decision, doubt.alternative);
        }
    }
    decision.confidence =
        decision.alternatives.empty() ? decision.row->best : std::min(decision.row->best, Confidence::medium);
    return decision;
}

Diagnosis diagnose(const Subject& subject, FactSet facts, std::span<const JudgedProbe> probes,
                   std::span<const probes::Observation> packets) {
    Decision decision = decide(facts);
    const Wording wording = wording_of(subject, *decision.row, probes);
    Diagnosis diagnosis;
    diagnosis.cause = decision.row->cause;
    diagnosis.confidence = decision.confidence;
    diagnosis.severity = severity(subject, facts, diagnosis.cause, probes);
    diagnosis.summary = fill(decision.row->summary, wording);
    diagnosis.evidence = evidence(subject, facts, probes, packets);
    diagnosis.remediation = remediation(diagnosis.cause, subject, wording);
    diagnosis.alternatives = std::move(decision.alternatives);
    return diagnosis;
}

}  // namespace whylink::checks
