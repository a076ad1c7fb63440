#include "daemon/log/target_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <span>
#include <string_view>

#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

/// "team=payments"
std::vector<std::string> label_texts(const TargetStatus& status) {
    std::vector<std::string> texts;
    for (const auto& [name, value] : status.labels()) {
        texts.push_back(fmt::format("{}={}", name, value));
    }
    return texts;
}

std::vector<std::string> slugs(const std::vector<Cause>& causes) {
    std::vector<std::string> texts;
    texts.reserve(causes.size());
    for (const Cause cause : causes) {
        texts.emplace_back(slug(cause));
    }
    return texts;
}

/// Those of earlier rounds that still stand are among them.
std::vector<RecordRow> further_rows(const checks::Verdict& verdict, const checks::Explanation& explanation) {
    std::vector<RecordRow> rows;
    for (const FurtherTest& test : further_tests(verdict, &explanation)) {
        rows.push_back(further_row(test));
    }
    return rows;
}

/// As the report's `history` has them.
std::vector<RecordRow> change_rows(const TargetHistory& history) {
    std::vector<RecordRow> rows;
    for (const Change& change : history.changes) {
        rows.emplace_back()
            .add("at", rfc3339(change.at))
            .add("what", change.what)
            .add("from", value_text(change.from))
            .add("to", value_text(change.to));
    }
    return rows;
}

FurtherTest further_test(const checks::JudgedFollowUp& test) {
    const probes::Observation& made = test.probe.observation;
    const auto* dns = get_if<probes::DnsFacts>(&made.facts);
    return {.name = slug(test.kind),
            .stage = made.stage,
            .outcome = test.probe.outcome,
            .started = made.started,
            .took = made.took,
            .queried = dns != nullptr ? std::string_view(dns->name) : std::string_view(),
            .address = made.address,
            .port = made.port};
}

FurtherTest further_test(const checks::JudgedHold& hold) {
    return {.name = probes::hold_slug,
            .outcome = hold.outcome,
            .started = hold.connection.started,
            .took = hold.connection.took,
            .address = hold.connection.address,
            .port = hold.connection.port};
}

}  // namespace

std::vector<FurtherTest> further_tests(const checks::Verdict& verdict,
                                       const checks::Explanation* explanation) {
    std::vector<FurtherTest> tests;
    const auto add = [&](const auto& made, std::span<const std::string> details) {
        for (std::size_t i = 0; i < made.size(); ++i) {
            tests.push_back(further_test(made[i]));
            tests.back().detail = i < details.size() ? std::string_view(details[i]) : std::string_view();
        }
    };
    const checks::Details none;
    const checks::Details& details = explanation == nullptr ? none : explanation->details;
    add(verdict.follow_ups, details.follow_ups);
    add(verdict.holds, details.holds);
    return tests;
}

std::string further_text(const FurtherTest& test) {
    std::string where(slug(test.stage));
    if (!test.queried.empty()) {
        where += fmt::format(" {}", test.queried);
    } else if (test.address) {
        where += fmt::format(" {}", endpoint_text(*test.address, test.port));
    }
    return fmt::format("{}: {}", where, slug(test.outcome));
}

RecordRow further_row(const FurtherTest& test) {
    RecordRow row;
    row.add("experiment", std::string(test.name)).add("stage", test.stage);
    if (!test.queried.empty()) {
        row.add("target", std::string(test.queried));
    }
    if (test.address) {
        row.add("address", test.address->to_string()).add("port", test.port);
    }
    row.add("outcome", test.outcome)
        .add("started_at", rfc3339(test.started))
        .add("duration_seconds", std::chrono::duration<double>(test.took).count());
    if (!test.detail.empty()) {
        row.add("detail", std::string(test.detail));
    }
    return row;
}

std::vector<std::string> detail_lines(const TargetStatus& status, const checks::Explanation& explanation,
                                      std::string_view said) {
    const checks::Decision& decision = status.verdict->decision;
    std::vector<std::string> lines;
    for (const std::string& evidence : explanation.evidence) {
        if (evidence != said) {
            lines.push_back("evidence: " + evidence);
        }
    }
    for (const std::string& unexplained : explanation.unexplained) {
        lines.push_back("unexplained: " + unexplained);
    }
    if (!decision.alternatives.empty()) {
        lines.push_back(fmt::format("could also be: {}", fmt::join(slugs(decision.alternatives), ", ")));
    }
    for (std::size_t i = 0; i < explanation.steps.size(); ++i) {
        lines.push_back(fmt::format("fix {}: {}", i + 1, explanation.steps[i]));
    }
    if (!status.evidence_file.empty()) {
        lines.push_back("packets: " + status.evidence_file);
    }
    if (!status.labels().empty()) {
        lines.push_back(fmt::format("labels: {}", fmt::join(label_texts(status), ", ")));
    }
    if (decision.cause != Cause::healthy) {
        lines.push_back(fmt::format("more: whylink explain {}", slug(decision.cause)));
    }
    return lines;
}

void add_fields(const TargetStatus& status, const checks::Explanation& explanation, Record& record) {
    const checks::Decision& decision = status.verdict->decision;
    record.add("kind", status.kind());
    record.add("name", status.name());
    record.add("labels", status.labels());
    if (status.healthy) {
        record.add("healthy", *status.healthy);
        record.add("health_since", rfc3339(status.standing.health_since));
    }
    if (const TargetHistory* history = status.standing.history.get()) {
        record.add("never_healthy", !history->last_healthy.has_value());
        record.add("changed", change_rows(*history));
    }
    record.add("cause", decision.cause);
    record.add("severity", decision.severity);
    record.add("confidence", decision.confidence);
    record.add("summary", explanation.summary);
    record.add("evidence", explanation.evidence);
    record.add("remediation", explanation.steps);
    record.add("alternatives", slugs(decision.alternatives));
    record.add("unexplained", explanation.unexplained);
    if (const auto experiments = further_rows(*status.verdict, explanation); !experiments.empty()) {
        record.add("experiments", experiments);
    }
    if (!status.evidence_file.empty()) {
        record.add("evidence_file", status.evidence_file);
    }
}

}  // namespace whylink::daemon
