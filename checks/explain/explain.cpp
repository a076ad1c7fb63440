#include "checks/explain/explain.hpp"

#include <fmt/core.h>

#include "checks/explain/describe.hpp"
#include "checks/explain/evidence.hpp"
#include "checks/explain/remediation.hpp"
#include "checks/explain/text.hpp"

namespace whylink::checks {
namespace {

/// "4 of the last 10 rounds failed"
std::string rounds_text(const RecentRounds& recent) {
    return fmt::format("{} of the last {} rounds failed", recent.failed, recent.rounds);
}

/// "connection_refused 3, syn_unanswered 1"
std::string causes_text(const RecentRounds& recent) {
    std::string text;
    for (const RecentRounds::CauseCount& entry : recent.causes) {
        append(text, fmt::format("{} {}", slug(entry.cause), entry.count), ", ");
    }
    return text;
}

}  // namespace

Explanation explain(const config::Target& target, const Verdict& verdict) {
    Explanation explanation;
    explanation.details = details_of(target, verdict);
    const Row& row = *verdict.decision.row;
    const Wording wording = wording_of(target, row, verdict, explanation.details);
    explanation.summary = fill(row.summary, wording);
    explanation.evidence = evidence(target, verdict, explanation.details);
    explanation.steps = remediation(verdict.decision.cause, target, wording);
    if (verdict.recent) {
        const std::string rounds = rounds_text(*verdict.recent);
        explanation.summary += ": " + rounds;
        explanation.evidence.insert(explanation.evidence.begin(),
                                    rounds + ": " + causes_text(*verdict.recent));
    }
    return explanation;
}

}  // namespace whylink::checks
