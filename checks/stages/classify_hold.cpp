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

Classification closed(const HoldFacts& facts) {
    return said(Outcome::closed_by_peer, "FIN " + after_idleness(facts) +
                                             ": the server, or a proxy in front of it, ends idle connections "
                                             "by itself, as servers may");
}

Classification reset(const HoldFacts& facts) {
    return said(Outcome::reset_by_peer,
                facts.ended_while_idle
                    ? "RST " + after_idleness(facts)
                    : "idle for " + duration_text(facts.idle) +
                          ", then RST when used: the path or the server had forgotten the connection");
}

Classification failed(const HoldFacts& facts) {
    const Outcome outcome = errno_outcome(facts.error).value_or(Outcome::local_error);
    return said(outcome, errno_text(facts.error) + " " + after_idleness(facts));
}

}  // namespace

Classification classify_hold(const HoldFacts& facts) {
    if (facts.end == StreamEnd::fin) {
        return closed(facts);
    }
    if (facts.end == StreamEnd::rst) {
        return reset(facts);
    }
    if (facts.answered) {
        return said(Outcome::ok, "idle for " + duration_text(facts.idle) +
                                     ", then used, and answered after " +
                                     duration_text(facts.answered_after));
    }
    if (facts.error != 0) {
        return failed(facts);
    }
    if (facts.used) {
        return said(Outcome::timeout, "idle for " + duration_text(facts.idle) + ", then no answer when used");
    }
    return local_fault("the connection was not held to its end");
}

}  // namespace whylink::checks
