#include "checks/explain/explain.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "checks/explain/describe.hpp"
#include "checks/explain/evidence.hpp"
#include "checks/explain/faults.hpp"
#include "checks/explain/remediation.hpp"
#include "checks/explain/text.hpp"
#include "checks/surroundings/accounts.hpp"
#include "checks/table/oddities.hpp"
#include "checks/texts/causes.hpp"
#include "config/outside_text.hpp"

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

struct FactStep {
    Fact fact;
    std::string_view text;
};

struct FactSettle {
    Cause cause;
    Fact fact;
    std::string_view text;
};

/// What settles a cause where a fact has answered what its own text asks.
constexpr FactSettle fact_settles[]{
    {Cause::syn_unanswered, Fact::link_available,
     "Ask the provider whether its load balancer has a healthy target for port {port}."},
};

std::string settle_text(const config::Target& target, const Verdict& verdict, const Wording& wording) {
    for (const FactSettle& own : fact_settles) {
        if (own.cause == verdict.decision.cause && verdict.facts.contains(own.fact)) {
            return fill(own.text, wording);
        }
    }
    return settle(verdict.decision.cause, target, wording);
}

/// Steps that a fact adds to those of any cause.
constexpr FactStep fact_steps[]{
    {Fact::programs_use_proxy,
     "Run `curl --verbose --proxy {proxy_url} {url}` to test the path of programs; to bypass the proxy, add {host} to "
     "NO_PROXY."},
};

void add_fact_steps(FactSet facts, const Wording& wording, std::vector<std::string>& steps) {
    for (const FactStep& step : fact_steps) {
        if (facts.contains(step.fact)) {
            steps.push_back(fill(step.text, wording));
        }
    }
}

/// Each part has its own bound, which fits what it says. This one holds whatever a round is made of: a record may say
/// anything.
constexpr std::size_t max_lines = 128;
constexpr std::size_t max_size = 2048;

/// What the config leaves open the account may know.
void name_accounts(const AccountWords& words, Wording& wording) {
    wording.account_endpoint = words.endpoint;
    wording.account_state = words.state;
    wording.account_rule = words.rule;
    wording.account_fix = words.fix;
    wording.account_connection = words.connection;
    wording.right_address = words.right_address;
    wording.zone_reason = words.zone_reason;
    wording.vendor_state = words.vendor_state;
    wording.target_group = words.target_group;
    if (wording.endpoint_id.empty()) {
        wording.endpoint_id = words.endpoint_id;
    }
    if (wording.service.empty()) {
        wording.service = words.vendor_service;
    }
}

void bound(std::vector<std::string>& lines) {
    const std::size_t further = lines.size() - std::min(lines.size(), max_lines);
    lines.resize(lines.size() - further);
    for (std::string& line : lines) {
        line = outside_text(line, max_size);
    }
    if (further > 0) {
        lines.push_back("and " + count_text(further, "more line"));
    }
}

}  // namespace

std::string_view title_of(const Decision& decision) {
    const bool own = decision.row != nullptr && !decision.row->title.empty();
    return own ? decision.row->title : std::string_view(text(decision.cause).title);
}

Explanation explain(const config::Target& target, const Verdict& verdict) {
    Explanation explanation;
    explanation.details = details_of(target, verdict);
    const Row& row = *verdict.decision.row;
    Wording wording = wording_of(target, row, verdict, explanation.details);
    if (verdict.accounts) {
        name_accounts(*verdict.accounts, wording);
    }
    explanation.summary = fill(row.summary, wording);
    explanation.evidence = evidence(target, verdict, explanation.details);
    for (const Row* warning : verdict.decision.warnings) {
        explanation.evidence.push_back(fill(warning->summary, wording));
    }
    if (verdict.accounts) {
        std::ranges::copy(verdict.accounts->lines, std::back_inserter(explanation.evidence));
    }
    explanation.steps =
        remediation(verdict.decision.cause, target, wording, fault_keys(target, verdict), verdict.cloud);
    explanation.identifiers = named_identifiers(verdict.decision.cause, target, wording);
    if (verdict.decision.confidence != Confidence::high) {
        explanation.settle = settle_text(target, verdict, wording);
    }
    if (!verdict.passed()) {
        add_fact_steps(verdict.facts, wording, explanation.steps);
    }
    for (const Oddity* oddity : verdict.decision.unexplained) {
        explanation.unexplained.push_back(fill(oddity->said, wording));
    }
    if (verdict.recent) {
        const std::string rounds = rounds_text(*verdict.recent);
        explanation.summary += " " + rounds + ".";
        explanation.evidence.insert(explanation.evidence.begin(),
                                    rounds + ": " + causes_text(*verdict.recent));
    }
    explanation.summary = outside_text(explanation.summary, max_size);
    bound(explanation.evidence);
    bound(explanation.unexplained);
    return explanation;
}

}  // namespace whylink::checks
