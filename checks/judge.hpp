// From the observations of a round to its outcomes, its diagnosis and its health. Pure: the same input gives
// the same verdict, and nothing here reads a clock, a file or a socket.
#pragma once

#include <string>
#include <vector>

#include "checks/table/cause.hpp"
#include "checks/table/facts.hpp"
#include "checks/table/outcome.hpp"
#include "config/config.hpp"
#include "probes/observation.hpp"

namespace whylink::checks {

struct JudgedProbe {
    probes::Observation observation;
    Outcome outcome = Outcome::ok;
    /// What to say beside the outcome, with numbers; may be empty.
    std::string detail;
    /// Every fault that holds, where the outcome names but the first (certificates).
    std::vector<Outcome> faults;
    /// dns: one for each query, in their order.
    std::vector<Outcome> query_outcomes;
    /// False for what is reported but does not decide: the control name (unless it has an address), a
    /// resolver that the hosts file shadows, an experiment, plain text where TLS was only tried.
    bool counts = true;
};

struct Verdict {
    bool healthy = true;
    std::vector<JudgedProbe> probes;
    /// What was captured of the connections of these probes, one for each address (PacketFacts). They decide
    /// nothing by themselves: they sharpen what the probes say.
    std::vector<probes::Observation> packets;
    FactSet facts;  ///< what the diagnosis was drawn from
    Diagnosis diagnosis;
};

using TimePoint = probes::WallClock::time_point;

/// `now` decides which certificates are expired or about to be. Of a watch the observations are of the stages
/// listener (inbound) and packets (TrafficFacts).
Verdict judge(const config::Target& target, std::vector<probes::Observation> observations, TimePoint now);

/// One target's verdict among those of the same time.
struct Sibling {
    const config::Target* target = nullptr;  ///< no watch
    Verdict* verdict = nullptr;
};

/// Judges the targets together and rewrites the diagnoses that the others change: when everything fails at
/// the network and no resolver answers it is this VM's network; when another name on the same address is
/// served it is that one service. Outcomes and health stay as they are. With a single target nothing changes.
/// A target that nothing could be learnt of for a fault of this VM (local_error) does not count: it is told
/// nothing of the network, and keeps nobody else from being told.
void judge_siblings(std::vector<Sibling>& siblings);

}  // namespace whylink::checks
