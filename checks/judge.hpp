// From the observations of a round to its outcomes, its decision and its health. Pure: the same input gives
// the same verdict, and nothing here reads a clock, a file or a socket.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "checks/surroundings/source.hpp"
#include "checks/table/cause.hpp"
#include "checks/table/facts.hpp"
#include "checks/table/outcome.hpp"
#include "config/config.hpp"
#include "probes/round.hpp"

namespace whylink::checks {

struct JudgedProbe {
    probes::Observation observation;
    Outcome outcome = Outcome::ok;
    /// Every fault that holds, where the outcome names but the first (certificates).
    std::vector<Outcome> faults;
    /// dns: one for each query, in their order.
    std::vector<Outcome> query_outcomes;
    /// False for what is reported but does not decide: the control name (unless it has an address), a
    /// resolver that the hosts file shadows, a follow-up test, plain text where TLS was only tried.
    bool counts = true;
};

struct JudgedFollowUp {
    probes::FollowUp kind = probes::FollowUp::proxy_v2;
    JudgedProbe probe;  ///< does not count
};

struct JudgedHold {
    probes::HeldConnection connection;
    Outcome outcome = Outcome::ok;
};

using TimePoint = probes::WallClock::time_point;

/// What the probes of a round show by themselves: the outcome of each, and the facts that hold of them all.
struct Assessment {
    TimePoint at{};  ///< when it was assessed, by which certificates are expired or about to be
    std::vector<JudgedProbe> probes;
    std::vector<JudgedFollowUp> follow_ups;
    std::vector<JudgedHold> holds;
    /// What was captured of the connections of the probes, one for each address. They decide nothing by
    /// themselves: they sharpen what the probes say.
    std::vector<probes::CapturedConnection> packets;
    FactSet facts;

    bool passed() const { return facts.contains(Fact::all_pass); }
};

/// The rounds that show that a target comes and goes.
struct RecentRounds {
    struct CauseCount {
        Cause cause;
        std::size_t count;
    };
    std::size_t rounds = 0;
    std::size_t failed = 0;
    std::vector<CauseCount> causes;  ///< of the failed ones
};

/// The facts are those of the round and of its surroundings: what the decision was drawn from. There is no
/// sentence in it: see explain/explain.hpp.
struct Verdict : Assessment {
    bool healthy = true;
    Decision decision;
    std::optional<RecentRounds> recent;  ///< where it was decided by them
};

/// `now` decides which certificates are expired or about to be. Of a watch the probes are of the stages
/// listener (inbound) and packets (TrafficFacts). No table is read: a follow-up test asks no more than this.
Assessment assess(const config::Target& target, probes::Round measured, TimePoint now);

/// Draws the decision: the surroundings add their facts, and then the table is read, once.
Verdict judge(const config::Target& target, Assessment round, Surroundings surroundings = {});

}  // namespace whylink::checks
