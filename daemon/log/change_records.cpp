#include "daemon/log/change_records.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checks/explain/explain.hpp"
#include "checks/texts/causes.hpp"
#include "config/outside_text.hpp"
#include "daemon/log/phrases.hpp"
#include "daemon/log/target_text.hpp"
#include "daemon/report/human/standing.hpp"

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

/// Where whoever reads the line should not have to scroll.
constexpr std::size_t max_evidence = 240;

// ---- the parts of a line ----

/// Behind what is there already, if there is something to say.
void add_clause(std::string& text, std::string_view clause) {
    if (!clause.empty()) {
        text += fmt::format("; {}", clause);
    }
}

/// "connection refused (high) — RST to the SYN; check that the service listens"
std::string diagnosis_text(const TargetStatus& status, const Explanation& explanation) {
    std::string text = fmt::format("{} — {}", title_clause(decision_of(status)),
                                   shortened(deciding_evidence(status, explanation), max_evidence));
    add_clause(text, first_step(explanation));
    return text;
}

/// "1 of 2 failures": how far the rounds are from turning the health. They count against thresholds of at least 1.
std::string streak_clause(std::size_t streak, unsigned threshold, std::string_view results) {
    return fmt::format("{} of {} {}", streak, std::max(threshold, 1U), results);
}

std::string since_text(const TargetStatus& status) {
    return since_clause(status.standing.health_since, status.standing.round_started);
}

/// "changed: address 10.0.0.9 → 10.0.0.4", "nothing changed before it": of a round that failed.
std::string changed_clause(const TargetStatus& status, const std::string& same_change_as) {
    if (!same_change_as.empty()) {
        return "same change before it as " + same_change_as;
    }
    std::string text = lower_first(changed_text(*status.verdict, status.standing.history.get()));
    if (text.ends_with('.')) {
        text.pop_back();
    }
    return text;
}

// ---- a change ----

/// "recovered after 14 min (was: connection refused)"
std::string healthy_text(const Background& background) {
    if (!background.before) {
        return "first round passed";
    }
    const State& before = *background.before;
    std::string text = "recovered";
    if (is_unhealthy(before)) {
        text += " after " + span_text(background.unhealthy);
    }
    if (before.cause != Cause::healthy) {
        text += fmt::format(" (was: {})", lower_first(checks::text(before.cause).title));
    }
    return text;
}

/// What is healthy with a warning has no title for it: titles are of failures.
std::string warning_text(const TargetStatus& status, const Explanation& explanation) {
    std::string text = fmt::format("{} ({})", explanation.summary, slug(decision_of(status).confidence));
    add_clause(text, first_step(explanation));
    return text;
}

/// A warning, or a failure that the thresholds do not yet take for one.
std::string still_healthy_text(const TargetStatus& status, const Explanation& explanation,
                               std::size_t streak) {
    const bool intermittent = decision_of(status).cause == Cause::intermittent;
    std::string text = passed(status) && !intermittent ? warning_text(status, explanation)
                                                       : diagnosis_text(status, explanation);
    if (!passed(status) && !intermittent) {
        add_clause(text, streak_clause(streak, status.target->head().failure_threshold, "failures"));
    }
    add_clause(text, "still healthy");
    return text;
}

std::string unhealthy_text(const TargetStatus& status, const Explanation& explanation,
                           const Background& background) {
    std::string text;
    if (passed(status) && decision_of(status).cause != Cause::intermittent) {
        text = "latest round passed";
        add_clause(text, streak_clause(background.streak, status.target->head().success_threshold, "passes"));
    } else {
        text = diagnosis_text(status, explanation);
    }
    add_clause(text, since_text(status));
    add_clause(text, changed_clause(status, background.same_change_as));
    return text;
}

/// "unhealthy orders: connection refused (high) — …"
std::string change_text(const TargetStatus& status, const Explanation& explanation,
                        const Background& background) {
    const State state = state_of(status);
    const auto line = [&status](std::string_view verb, const std::string& what) {
        return fmt::format("{} {}: {}", verb, status.name(), what);
    };
    if (state.cause == Cause::local_limit) {
        return line("inconclusive", diagnosis_text(status, explanation));
    }
    if (is_plainly_healthy(state)) {
        return line("healthy", healthy_text(background));
    }
    if (!is_unhealthy(state)) {
        return line("warning", still_healthy_text(status, explanation, background.streak));
    }
    return line("unhealthy", unhealthy_text(status, explanation, background));
}

/// " (14 changes in 1 min)"
std::string changes_text(const Background& background) {
    const auto seconds = background.changed_in.count();
    const bool a_minute = seconds > 55 && seconds < 65;
    return fmt::format(" ({} changes in {})", background.changes,
                       span_text(a_minute ? std::chrono::minutes(1) : background.changed_in));
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
                  change_text(status, explanation, background)};
    if (background.changes > 1) {
        record.message += changes_text(background);
    }
    if (!is_plainly_healthy(state_of(status))) {
        record.details = detail_lines(status, explanation, deciding_evidence(status, explanation));
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
                  fmt::format("follow-up test {} of {}: {}", test.name, status.name(), further_text(test))};
    if (!test.detail.empty()) {
        record.message += fmt::format(" ({})", test.detail);
    }
    record.add("kind", status.kind());
    record.add("name", status.name());
    for (const auto& [key, value] : further_row(test).fields) {
        std::visit([&record, key = key](const auto& held) { record.add(key, held); }, value);
    }
    return record;
}

Record reminder_record(const TargetStatus& status, const Explanation& explanation, std::size_t streak) {
    Background background;
    background.streak = streak;
    Record record{level_of(status), "reminder", "still " + change_text(status, explanation, background)};
    add_fields(status, explanation, record);
    return record;
}

}  // namespace whylink::daemon
