#include "checks/table/decide.hpp"

#include <algorithm>
#include <iterator>

#include "checks/stages/dns/dns.hpp"
#include "checks/stages/traffic/attempts.hpp"
#include "checks/stages/traffic/traffic.hpp"

namespace whylink::checks {
namespace {

using probes::NameRole;

constexpr Row undecided{Cause::local_limit,
                        {},
                        {},
                        Confidence::low,
                        "Inconclusive: what was seen fits no known cause: {detail}."};

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

std::vector<const Row*> matching_rows(FactSet facts) {
    std::vector<const Row*> matching;
    for (const Row& row : rules()) {
        if (matches(row, facts)) {
            matching.push_back(&row);
        }
    }
    return matching;
}

// ---- what is out of the ordinary ----

std::vector<const Oddity*> held(std::span<const Oddity> all, FactSet facts) {
    std::vector<const Oddity*> odd;
    for (const Oddity& oddity : all) {
        if (facts.contains(oddity.fact)) {
            odd.push_back(&oddity);
        }
    }
    return odd;
}

bool is_contradicted(Cause cause, std::span<const Oddity* const> odd) {
    return std::ranges::any_of(odd, [cause](const Oddity* o) { return o->contradicts.contains(cause); });
}

/// In the order of the enumeration.
std::vector<Cause> explaining(const Oddity& oddity, std::span<const Oddity* const> odd) {
    std::vector<Cause> causes;
    for (const Term<Cause>& term : terms_of<Cause>) {
        if (oddity.explained_by.contains(term.value) && !is_contradicted(term.value, odd)) {
            causes.push_back(term.value);
        }
    }
    return causes;
}

/// Words what stands for itself: every cause of an oddity, as if a row had found it.
const Row& row_of(const Oddity& oddity, Cause cause) {
    static const std::vector<Row> rows = [] {
        std::vector<Row> made;
        for (const Oddity& each : oddities()) {
            for (const Term<Cause>& term : terms_of<Cause>) {
                if (each.explained_by.contains(term.value)) {
                    made.push_back({term.value, {each.fact}, {}, Confidence::medium, each.said});
                }
            }
        }
        return made;
    }();
    const auto row = std::ranges::find_if(
        rows, [&](const Row& made) { return made.cause == cause && made.when == FactSet{oddity.fact}; });
    return row == rows.end() ? undecided : *row;
}

/// Every cause that a row of this round found is contradicted: what contradicts it explains itself, or the
/// first row stands after all.
const Row* nothing_left(std::span<const Row* const> matching, std::span<const Oddity* const> odd) {
    const auto own = std::ranges::find_if_not(matching, is_of_rounds_before);
    if (own == matching.end()) {
        return &undecided;
    }
    for (const Oddity* oddity : odd) {
        const std::vector<Cause> causes = explaining(*oddity, odd);
        if (oddity->contradicts.contains((*own)->cause) && !causes.empty()) {
            return &row_of(*oddity, causes.front());
        }
    }
    return *own;
}

/// What the cause explains rules out the alternatives that it contradicts.
void rule_out(Decision& decision, std::span<const Oddity* const> odd) {
    std::erase_if(decision.alternatives, [&](Cause alternative) {
        return std::ranges::any_of(odd, [&](const Oddity* oddity) {
            return oddity->explained_by.contains(decision.cause) && oddity->contradicts.contains(alternative);
        });
    });
}

/// What the cause does not explain is said; what speaks against it brings in what would explain that.
void account_for(Decision& decision, std::span<const Oddity* const> odd) {
    for (const Oddity* oddity : odd) {
        const bool follows = oddity->explained_by.contains(decision.cause) ||
                             oddity->explained_by.contains(decision.by_itself);
        if (!follows) {
            decision.unexplained.push_back(oddity);
        }
        if (!oddity->contradicts.contains(decision.cause)) {
            continue;
        }
        for (const Cause cause : explaining(*oddity, odd)) {
            add_alternative(decision, cause);
        }
    }
}

/// Of what works: for whom else it does not, beside what the row says.
void note_warnings(Decision& decision, std::span<const Row* const> matching) {
    if (decision.cause == Cause::healthy) {
        std::ranges::copy_if(matching, std::back_inserter(decision.warnings),
                             [&](const Row* row) { return row->warns && row != decision.row; });
    }
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

Severity severity(const config::Target& target, FactSet facts, const Decision& decision,
                  std::span<const JudgedProbe> probes) {
    if (facts.contains(Fact::all_pass)) {
        const bool fine = decision.cause == Cause::healthy && !decision.row->warns;
        return fine ? Severity::ok : Severity::warning;
    }
    if (target.watch() != nullptr) {
        return a_connection_works(probes) ? Severity::warning : Severity::critical;
    }
    const config::Endpoint* endpoint = target.endpoint();
    const bool works = endpoint == nullptr
                           ? a_resolver_serves_the_zone(probes)
                           : facts.contains(Fact::srv_targets_work) ||
                                 (facts.contains(Fact::address_works) && a_resolver_works(*endpoint, probes));
    return works ? Severity::warning : Severity::critical;
}

}  // namespace

Decision decide(FactSet facts, std::span<const Oddity> all) {
    const std::vector<const Row*> matching = matching_rows(facts);
    const std::vector<const Oddity*> odd = held(all, facts);
    const auto own = std::ranges::find_if(matching, [&](const Row* row) {
        return !is_of_rounds_before(row) && !is_contradicted(row->cause, odd);
    });
    Decision decision;
    const Row* by_itself = own != matching.end() ? *own : nothing_left(matching, odd);
    // A round that could not be made says nothing of what comes and goes.
    const bool made = facts.contains(Fact::all_pass) || by_itself->cause != Cause::local_limit;
    const bool by_rounds_before = made && !matching.empty() && is_of_rounds_before(matching.front());
    decision.row = by_rounds_before ? matching.front() : by_itself;
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
    rule_out(decision, odd);
    account_for(decision, odd);
    const bool certain = decision.alternatives.empty() && !is_contradicted(decision.cause, odd);
    note_warnings(decision, matching);
    decision.confidence = certain ? decision.row->best : std::min(decision.row->best, Confidence::medium);
    return decision;
}

Decision decide(FactSet facts) {
    return decide(facts, oddities());
}

Decision decide(const config::Target& target, const Assessment& round) {
    Decision decision = decide(round.facts);
    decision.severity = severity(target, round.facts, decision, round.probes);
    return decision;
}

}  // namespace whylink::checks
