#include "daemon/log/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <span>
#include <string_view>

#include "daemon/report/probe_view.hpp"

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

/// "proxy_v2: tls at 10.0.0.4:9440 ended as ok", those of earlier rounds that still stand among them.
std::vector<std::string> further_texts(const checks::Verdict& verdict) {
    std::vector<std::string> texts;
    for (const FurtherTest& test : further_tests(verdict)) {
        texts.push_back(fmt::format("{}: {}", test.name, further_text(test)));
    }
    return texts;
}

FurtherTest further_test(const checks::JudgedFollowUp& test) {
    const probes::Observation& made = test.probe.observation;
    const auto* dns = std::get_if<probes::DnsFacts>(&made.facts);
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
    if (!test.queried.empty()) {
        return fmt::format("{} of {} ended as {}", slug(test.stage), test.queried, slug(test.outcome));
    }
    if (!test.address) {
        return fmt::format("{} ended as {}", slug(test.stage), slug(test.outcome));
    }
    return fmt::format("{} at {} ended as {}", slug(test.stage), endpoint_text(*test.address, test.port),
                       slug(test.outcome));
}

std::string subject_text(const TargetStatus& status) {
    const std::string text = fmt::format("{} {}", slug(status.kind()), status.name());
    const config::Watch* watch = status.target->watch();
    return watch != nullptr ? fmt::format("{} ({})", text, watch_text(*watch)) : text;
}

std::vector<std::string> detail_lines(const TargetStatus& status, const checks::Explanation& explanation) {
    const checks::Decision& decision = status.verdict->decision;
    std::vector<std::string> lines;
    for (const std::string& evidence : explanation.evidence) {
        lines.push_back("seen: " + evidence);
    }
    for (const std::string& unexplained : explanation.unexplained) {
        lines.push_back("not explained: " + unexplained);
    }
    if (!decision.alternatives.empty()) {
        lines.push_back(fmt::format("could also be: {}", fmt::join(slugs(decision.alternatives), ", ")));
    }
    for (std::size_t i = 0; i < explanation.steps.size(); ++i) {
        lines.push_back(fmt::format("do: {}. {}", i + 1, explanation.steps[i]));
    }
    if (!status.evidence_file.empty()) {
        lines.push_back("packets: " + status.evidence_file);
    }
    if (!status.labels().empty()) {
        lines.push_back(fmt::format("labels: {}", fmt::join(label_texts(status), ", ")));
    }
    return lines;
}

void add_fields(const TargetStatus& status, const checks::Explanation& explanation, Record& record) {
    const checks::Decision& decision = status.verdict->decision;
    record.add("kind", status.kind());
    record.add("name", status.name());
    if (!status.labels().empty()) {
        record.add("labels", label_texts(status));
    }
    if (status.healthy) {
        record.add("healthy", *status.healthy);
    }
    record.add("cause", decision.cause);
    record.add("severity", decision.severity);
    record.add("confidence", decision.confidence);
    record.add("summary", explanation.summary);
    record.add("evidence", explanation.evidence);
    record.add("remediation", explanation.steps);
    record.add("alternatives", slugs(decision.alternatives));
    record.add("unexplained", explanation.unexplained);
    if (const auto experiments = further_texts(*status.verdict); !experiments.empty()) {
        record.add("experiments", experiments);
    }
    if (!status.evidence_file.empty()) {
        record.add("evidence_file", status.evidence_file);
    }
}

}  // namespace whylink::daemon
