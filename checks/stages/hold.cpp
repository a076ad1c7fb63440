#include "checks/stages/hold.hpp"

#include "checks/explain/text.hpp"

namespace whylink::checks {
namespace {

bool is_hold(const JudgedProbe& probe) {
    return std::holds_alternative<probes::HoldFacts>(probe.observation.facts) && !probe.observation.local;
}

/// A FIN is the peer's own decision, and an idle time-out of the server is nothing unusual.
bool is_dropped(const JudgedProbe& probe) {
    return is_hold(probe) && (probe.outcome == Outcome::reset_by_peer || probe.outcome == Outcome::timeout);
}

}  // namespace

FactSet summarise_hold(std::span<const JudgedProbe> probes) {
    FactSet facts;
    for (const JudgedProbe& probe : probes) {
        facts.insert_if(is_dropped(probe), Fact::idle_dropped);
        facts.insert_if(is_dropped(probe) && probe.outcome == Outcome::timeout, Fact::idle_unanswered);
    }
    return facts;
}

std::vector<std::string> hold_evidence(std::span<const JudgedProbe> probes) {
    std::vector<std::string> lines;
    for (const JudgedProbe& probe : probes) {
        if (is_hold(probe) && probe.observation.address) {
            lines.push_back(endpoint_text(*probe.observation.address, probe.observation.port) +
                            " held idle from " + time_text(probe.observation.started) + ": " + probe.detail);
        }
    }
    return lines;
}

std::string dropped_hold_detail(std::span<const JudgedProbe> probes) {
    for (const JudgedProbe& probe : probes) {
        if (is_dropped(probe)) {
            return probe.detail;
        }
    }
    return {};
}

}  // namespace whylink::checks
