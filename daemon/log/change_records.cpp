#include "daemon/log/change_records.hpp"

#include <fmt/format.h>

#include "checks/explain/explain.hpp"
#include "daemon/log/words.hpp"
#include "daemon/report/human/text.hpp"
#include "daemon/report/probe_view.hpp"

namespace whylink::daemon {
namespace {

using checks::Decision;
using checks::Explanation;
using checks::Severity;
using config::LogLevel;

const Decision& decision_of(const TargetStatus& status) {
    return status.verdict->decision;
}

bool is_unhealthy(const State& state) {
    return state.healthy == false;
}

/// The latest round by itself; the verdict's `healthy` is damped.
bool passed(const TargetStatus& status) {
    return status.verdict->passed();
}

LogLevel level_of(const TargetStatus& status) {
    const State state = state_of(status);
    if (is_plainly_healthy(state)) {
        return LogLevel::info;
    }
    const bool critical = decision_of(status).severity == Severity::critical;
    return is_unhealthy(state) && critical && state.cause != Cause::local_limit ? LogLevel::error
                                                                                : LogLevel::warn;
}

/// "(connection_refused, critical, high confidence): SUMMARY"
std::string rating_text(const TargetStatus& status, const Explanation& explanation) {
    const Decision& decision = decision_of(status);
    return fmt::format("({}, {}, {} confidence): {}", slug(decision.cause), slug(decision.severity),
                       slug(decision.confidence), explanation.summary);
}

/// As that, behind "connection refused".
std::string verdict_text(const TargetStatus& status, const Explanation& explanation) {
    return fmt::format("{} {}", checks::title_of(decision_of(status)), rating_text(status, explanation));
}

// ---- a change ----

std::string plainly_healthy_text(const Background& background) {
    if (!background.before) {
        return "is healthy";
    }
    const State& before = *background.before;
    if (is_unhealthy(before)) {
        return "is healthy again after " + span_words(background.unhealthy);
    }
    return is_plainly_healthy(before) ? "is healthy" : "is healthy again";
}

/// Damped: the latest round alone does not turn the health.
std::string still_healthy_text(const TargetStatus& status, const Explanation& explanation) {
    if (decision_of(status).cause == Cause::intermittent) {
        return "is still counted healthy: " + verdict_text(status, explanation);
    }
    if (!passed(status)) {
        return "failed a round and is still counted healthy: " + verdict_text(status, explanation);
    }
    // The title of a cause is about a failure.
    return "is healthy with a warning " + rating_text(status, explanation);
}

std::string change_text(const TargetStatus& status, const Explanation& explanation,
                        const Background& background) {
    const State state = state_of(status);
    if (state.cause == Cause::local_limit) {
        return "could not be checked, which says nothing about it: " + verdict_text(status, explanation);
    }
    if (is_plainly_healthy(state)) {
        return plainly_healthy_text(background);
    }
    if (!is_unhealthy(state)) {
        return still_healthy_text(status, explanation);
    }
    if (passed(status) && state.cause != Cause::intermittent) {
        return "passed a round and is still counted unhealthy";
    }
    return "is unhealthy: " + verdict_text(status, explanation);
}

/// "changed 14 times in the last minute"
std::string changes_text(const Background& background) {
    const auto seconds = background.changed_in.count();
    const bool a_minute = seconds > 55 && seconds < 65;
    return fmt::format(" (changed {} times in the last {})", background.changes,
                       a_minute ? "minute" : span_words(background.changed_in));
}

bool is_first_and_healthy(const TargetStatus& status, const Background& background) {
    return !background.before && background.changes <= 1 && is_plainly_healthy(state_of(status));
}

}  // namespace

State state_of(const TargetStatus& status) {
    const Decision& decision = decision_of(status);
    if (decision.cause == Cause::intermittent) {
        return {status.healthy, decision.cause, Severity::warning, checks::Confidence::medium};
    }
    return {status.healthy, decision.cause, decision.severity, decision.confidence};
}

bool is_plainly_healthy(const State& state) {
    return state.healthy == true && state.severity == Severity::ok;
}

Record change_record(const TargetStatus& status, const Explanation& explanation,
                     const Background& background) {
    Record record{is_first_and_healthy(status, background) ? LogLevel::debug : level_of(status), "change",
                  subject_text(status) + " " + change_text(status, explanation, background)};
    if (background.changes > 1) {
        record.message += changes_text(background);
    }
    if (!is_plainly_healthy(state_of(status))) {
        record.details = detail_lines(status, explanation);
    }
    add_fields(status, explanation, record);
    if (background.before) {
        if (background.before->healthy) {
            record.add("was_healthy", *background.before->healthy);
        }
        record.add("was_cause", background.before->cause);
        if (is_unhealthy(*background.before) && status.healthy == true) {
            record.add("unhealthy_seconds", background.unhealthy.count());
        }
    }
    if (background.changes > 1) {
        record.add("changes", background.changes);
    }
    return record;
}

Record further_record(const TargetStatus& status, const FurtherTest& test) {
    Record record{LogLevel::debug, "experiment",
                  fmt::format("{}: experiment {}: {}", subject_text(status), test.name, further_text(test))};
    if (!test.detail.empty()) {
        record.message += fmt::format(" ({})", test.detail);
    }
    record.add("kind", status.kind());
    record.add("name", status.name());
    record.add("experiment", std::string(test.name));
    record.add("stage", test.stage);
    record.add("outcome", test.outcome);
    record.add("duration_seconds", std::chrono::duration<double>(test.took).count());
    if (test.address) {
        record.add("address", test.address->to_string());
        record.add("port", test.port);
    }
    return record;
}

Record reminder_record(const TargetStatus& status, const Explanation& explanation) {
    const std::string since = rfc3339(status.standing.health_since);
    const bool checked = decision_of(status).cause != Cause::local_limit;
    Record record{level_of(status), "reminder",
                  fmt::format("{} {}: {}", subject_text(status),
                              checked ? "is still unhealthy since " + since
                                      : "still cannot be checked, which says nothing about it",
                              verdict_text(status, explanation))};
    add_fields(status, explanation, record);
    if (is_unhealthy(state_of(status))) {
        record.add("since", since);
    }
    return record;
}

}  // namespace whylink::daemon
