// From the observations of a round to its outcomes, its decision and its health. Pure: the same input gives
// the same verdict, and nothing here reads a clock, a file or a socket.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "checks/surroundings/source.hpp"
#include "checks/table/cause.hpp"
#include "checks/table/facts.hpp"
#include "checks/table/outcome.hpp"
#include "config/config.hpp"
#include "probes/round.hpp"

namespace whylink::checks {

/// What one observation saw.
struct Judgement {
    Outcome outcome = Outcome::ok;
    /// Every fault of the certificate, in the order in which they would be the outcome, which names but one.
    std::vector<Outcome> faults;
    /// dns: one for each query, in their order.
    std::vector<Outcome> query_outcomes;
    /// False for what is reported but does not decide: the control name (unless it has an address), a
    /// resolver that the hosts file shadows, a follow-up test, plain text where TLS was only tried.
    bool counts = true;
};

struct JudgedProbe : Judgement {
    probes::Observation observation;

    /// Decides, and against the target.
    bool fails() const { return counts && !passes(outcome); }

    // The facts of its stage; null when it is of another.
    const probes::DnsFacts* dns() const { return get_if<probes::DnsFacts>(&observation.facts); }
    const probes::TcpFacts* tcp() const { return get_if<probes::TcpFacts>(&observation.facts); }
    const probes::TlsFacts* tls() const { return get_if<probes::TlsFacts>(&observation.facts); }
    const probes::AppFacts* app() const { return get_if<probes::AppFacts>(&observation.facts); }
};

struct JudgedFollowUp {
    probes::FollowUp kind = probes::FollowUp::proxy_v2;
    JudgedProbe probe;      ///< does not count
    std::string host = {};  ///< as in probes::FollowUpTest
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
    /// Of this host: where its programs are sent. Null: no proxy is set.
    std::shared_ptr<const std::vector<probes::ProxySetting>> proxies;
    /// In which this host runs. It chooses steps and says where the target is elsewhere; no cause depends on it.
    std::optional<config::Cloud> cloud;
    FactSet facts;

    /// Whether one of the probes is so, or one of the follow-up tests.
    template <class Predicate>
    bool any(Predicate is_so) const {
        return std::ranges::any_of(probes, is_so) ||
               std::ranges::any_of(follow_ups, is_so, &JudgedFollowUp::probe);
    }

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

struct AccountWords;  // surroundings/accounts.hpp

/// The facts are those of the round and of its surroundings: what the decision was drawn from. There is no
/// sentence in it: see explain/explain.hpp.
struct Verdict : Assessment {
    bool healthy = true;
    Decision decision;
    probes::Rare<RecentRounds> recent;             ///< where it was decided by them
    std::shared_ptr<const AccountWords> accounts;  ///< null: no account was asked
};

/// `now` decides which certificates are expired or about to be. Of a watch the probes are of the stages
/// listener (inbound) and packets (TrafficFacts). No table is read: a follow-up test asks no more than this.
Assessment assess(const config::Target& target, probes::Round measured, TimePoint now);

/// Draws the decision: the surroundings add their facts, and then the table is read, once.
Verdict judge(const config::Target& target, Assessment round, Surroundings surroundings = {});

}  // namespace whylink::checks
