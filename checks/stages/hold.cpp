#include "checks/stages/hold.hpp"

#include "checks/explain/text.hpp"

namespace whylink::checks {
namespace {

/// A FIN is the peer's own decision, and an idle time-out of the server is nothing unusual.
bool is_dropped(const JudgedHold& hold) {
    return hold.outcome == Outcome::reset_by_peer || hold.outcome == Outcome::timeout;
}

}  // namespace

FactSet summarise_hold(std::span<const JudgedHold> holds) {
    FactSet facts;
    for (const JudgedHold& hold : holds) {
        facts.insert_if(is_dropped(hold), Fact::idle_dropped);
        facts.insert_if(is_dropped(hold) && hold.outcome == Outcome::timeout, Fact::idle_unanswered);
    }
    return facts;
}

std::vector<std::string> hold_evidence(std::span<const JudgedHold> holds) {
    std::vector<std::string> lines;
    for (const JudgedHold& hold : holds) {
        if (!hold.connection.local) {
            lines.push_back(endpoint_text(hold.connection.address, hold.connection.port) +
                            " held idle from " + time_text(hold.connection.started) + ": " + hold.detail);
        }
    }
    return lines;
}

std::string dropped_hold_detail(std::span<const JudgedHold> holds) {
    for (const JudgedHold& hold : holds) {
        if (is_dropped(hold)) {
            return hold.detail;
        }
    }
    return {};
}

}  // namespace whylink::checks
