#include "checks/stages/hold.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "checks/explain/text.hpp"
#include "checks/stages/errors.hpp"

namespace whylink::checks {
namespace {

using probes::HoldFacts;
using probes::StreamEnd;

std::string after_idleness(const HoldFacts& facts) {
    return "after " + duration_text(facts.idle) + " idle";
}

std::string reset_text(const HoldFacts& facts) {
    return facts.ended_while_idle ? "RST " + after_idleness(facts)
                                  : fmt::format("RST on use {}: the path or the server dropped its state",
                                                after_idleness(facts));
}

std::string used_text(const HoldFacts& facts) {
    return facts.answered ? fmt::format("{} idle, then a reply in {}", duration_text(facts.idle),
                                        duration_text(facts.answered_after))
                          : "no reply on use " + after_idleness(facts);
}

Classification classify(const HoldFacts& facts) {
    if (facts.end == StreamEnd::fin) {
        return said(Outcome::closed_by_peer, [&facts] {
            return "FIN " + after_idleness(facts) + ": the server or its proxy closes idle connections";
        });
    }
    if (facts.end == StreamEnd::rst) {
        return said(Outcome::reset_by_peer, [&facts] { return reset_text(facts); });
    }
    if (facts.answered) {
        return said(Outcome::ok, [&facts] { return used_text(facts); });
    }
    if (facts.error != 0) {
        return said_or_local(errno_outcome(facts.error),
                             [&facts] { return errno_text(facts.error) + " " + after_idleness(facts); });
    }
    if (facts.used) {
        return said(Outcome::timeout, [&facts] { return used_text(facts); });
    }
    return said(Outcome::local_error, [] { return std::string("the connection was not held to the end"); });
}

/// A FIN is the peer's own decision, and an idle time-out of the server is nothing unusual.
bool is_dropped(const JudgedHold& hold) {
    return hold.outcome == Outcome::reset_by_peer || hold.outcome == Outcome::timeout;
}

}  // namespace

Classification classify(const probes::HeldConnection& held) {
    return held.local ? local_fault(*held.local) : classify(held.facts);
}

StreamEnd stream_end(const HoldFacts& facts) {
    return end_or_reset(facts.end, facts.error);
}

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
            lines.push_back(fmt::format("{} held idle since {}: {}", endpoint_text(held.address, held.port),
                                        time_text(held.started), details[i]));
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
