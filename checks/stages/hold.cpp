#include "checks/stages/hold.hpp"

#include <algorithm>

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

std::vector<std::string> hold_evidence(std::span<const JudgedHold> holds,
                                       std::span<const std::string> details) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < holds.size(); ++i) {
        const probes::HeldConnection& held = holds[i].connection;
        if (!held.local) {
            lines.push_back(endpoint_text(held.address, held.port) + " held idle from " +
                            time_text(held.started) + ": " + details[i]);
        }
    }
    return lines;
}

std::string dropped_hold_detail(std::span<const JudgedHold> holds, std::span<const std::string> details) {
    const auto dropped = std::ranges::find_if(holds, is_dropped);
    return dropped == holds.end() ? std::string()
                                  : details[static_cast<std::size_t>(dropped - holds.begin())];
}

}  // namespace whylink::checks
