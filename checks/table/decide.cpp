#include "checks/table/decide.hpp"

#include <algorithm>

#include "checks/stages/dns/dns.hpp"
#include "checks/stages/traffic/attempts.hpp"
#include "checks/stages/traffic/traffic.hpp"

namespace whylink::checks {
namespace {

using probes::NameRole;

constexpr Row undecided{
    Cause::local_limit, {}, {}, Confidence::low, "what was seen fits no known cause: {detail}"};

void add_alternative(Decision& decision, Cause cause) {
    const bool known = cause == decision.cause ||
                       std::ranges::find(decision.alternatives, cause) != decision.alternatives.end();
    if (!known) {
        decision.alternatives.push_back(cause);
    }
}

bool is_of_rounds_before(const Row* row) {
    return row->when.contains(Fact::comes_and_goes);
}

// ---- how bad it is ----

/// The name resolves at one resolver at least, or needs none.
bool a_resolver_works(const config::Endpoint& endpoint, std::span<const JudgedProbe> probes) {
    return endpoint.address || std::ranges::any_of(counted_names(probes), [](const CountedName& name) {
               return name.facts.role == NameRole::host && passes(name.probe.outcome);
           });
}

/// A zone works at a resolver where every name of it that was asked is right.
bool a_resolver_serves_the_zone(std::span<const JudgedProbe> probes) {
    const std::vector<CountedName> names = counted_names(probes);
    const auto fails_at = [&names](const probes::DnsFacts& resolver) {
        return std::ranges::any_of(names, [&](const CountedName& name) {
            return is_same_resolver(name.facts, resolver) && name.facts.role != NameRole::control &&
                   name.probe.fails();
        });
    };
    return std::ranges::any_of(names, [&](const CountedName& name) {
        return name.facts.role != NameRole::control && passes(name.probe.outcome) && !fails_at(name.facts);
    });
}

/// One was established, and was not ended before it was of use.
bool a_connection_works(std::span<const JudgedProbe> probes) {
    const probes::TrafficFacts* traffic = traffic_facts(probes);
    return traffic != nullptr && !ends_before_data(*traffic) &&
           traffic->established > traffic->reset_after_proxy_header;
}

Severity severity(const config::Target& target, FactSet facts, Cause cause,
                  std::span<const JudgedProbe> probes) {
    if (facts.contains(Fact::all_pass)) {
        return cause == Cause::healthy ? Severity::ok : Severity::warning;
    }
    if (target.watch() != nullptr) {
        return a_connection_works(probes) ? Severity::warning : Severity::critical;
    }
    const config::Endpoint* endpoint = target.endpoint();
    const bool works = endpoint == nullptr
                           ? a_resolver_serves_the_zone(probes)
                           : facts.contains(Fact::address_works) && a_resolver_works(*endpoint, probes);
    return works ? Severity::warning : Severity::critical;
}

}  // namespace

Decision decide(FactSet facts) {
    std::vector<const Row*> matching;
    for (const Row& row : rules()) {
        if (matches(row, facts)) {
            matching.push_back(&row);
        }
    }
    Decision decision;
    const auto own = std::ranges::find_if_not(matching, is_of_rounds_before);
    const Row* by_itself = own == matching.end() ? &undecided : *own;
    // A round that could not be made says nothing of what comes and goes.
    const bool made = facts.contains(Fact::all_pass) || by_itself->cause != Cause::local_limit;
    decision.row = made && !matching.empty() ? matching.front() : by_itself;
    decision.cause = decision.row->cause;
    decision.by_itself = by_itself->cause;
    for (const Row* row : matching) {
        if (made || !is_of_rounds_before(row)) {
            add_alternative(decision, row->cause);
        }
    }
    for (const Doubt& doubt : doubts()) {
        if (doubt.cause == decision.cause && matches(doubt, facts)) {
            add_alternative(decision, doubt.alternative);
        }
    }
    decision.confidence =
        decision.alternatives.empty() ? decision.row->best : std::min(decision.row->best, Confidence::medium);
    return decision;
}

Decision decide(const config::Target& target, const Assessment& round) {
    Decision decision = decide(round.facts);
    decision.severity = severity(target, round.facts, decision.cause, round.probes);
    return decision;
}

}  // namespace whylink::checks
