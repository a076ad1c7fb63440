// A connection that was held idle and then used: still there, ended by the peer, reset, or forgotten.
#include "checks/explain/text.hpp"
#include "checks/stages/classify_stage.hpp"

namespace whylink::checks {
namespace {

using probes::HoldFacts;
using probes::StreamEnd;

std::string after_idleness(const HoldFacts& facts) {
    return "after " + duration_text(facts.idle) + " of idleness";
}

std::string reset_text(const HoldFacts& facts) {
    return facts.ended_while_idle
               ? "RST " + after_idleness(facts)
               : "idle for " + duration_text(facts.idle) +
                     ", then RST when used: the path or the server had forgotten the connection";
}

std::string used_text(const HoldFacts& facts) {
    const std::string text = "idle for " + duration_text(facts.idle) + ", then ";
    return facts.answered ? text + "used, and answered after " + duration_text(facts.answered_after)
                          : text + "no answer when used";
}

}  // namespace

Classification classify_hold(const HoldFacts& facts) {
    if (facts.end == StreamEnd::fin) {
        return said(Outcome::closed_by_peer, [&facts] {
            return "FIN " + after_idleness(facts) +
                   ": the server, or a proxy in front of it, ends idle connections by itself, as servers may";
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
    return local_fault([] { return std::string("the connection was not held to its end"); });
}

}  // namespace whylink::checks
