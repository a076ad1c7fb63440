// Builds the records of the change log. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "daemon/log/record.hpp"
#include "daemon/log/target_text.hpp"
#include "daemon/watch/target_status.hpp"

namespace whylink::daemon {

/// What of a target's status makes a change when it differs.
struct State {
    std::optional<bool> healthy;
    Cause cause = Cause::healthy;
    checks::Severity severity = checks::Severity::ok;
    checks::Confidence confidence = checks::Confidence::high;
    bool operator==(const State&) const = default;
};

/// Severity and confidence of what comes and goes alternate with its rounds and are no change.
State state_of(const TargetStatus& status);
/// Healthy without a warning.
bool is_plainly_healthy(const State& state);

/// What goes before a change that is told.
struct Background {
    std::optional<State> before;        ///< as it was last told, if it ever was
    std::chrono::seconds unhealthy{};   ///< how long it was the last time
    std::size_t streak = 0;             ///< rounds in a row that speak against the health
    std::size_t changes = 1;            ///< since it was last told, this one included
    std::chrono::seconds changed_in{};  ///< within which
    std::string same_change_as = {};    ///< the target whose line has what changed before; empty: this one
};

Record change_record(const TargetStatus& status, const checks::Explanation& explanation,
                     const Background& background);
/// What one further connection or query of the latest round showed, at level debug.
Record further_record(const TargetStatus& status, const FurtherTest& test);
/// `streak` as in Background.
Record reminder_record(const TargetStatus& status, const checks::Explanation& explanation,
                       std::size_t streak);

/// First rounds that found their targets healthy.
Record healthy_record(std::size_t targets);

struct DayTotals {
    std::uint64_t rounds = 0;
    std::uint64_t changes = 0;
};
Record summary_record(std::span<const TargetStatusPtr> targets, const DayTotals& day);

/// Changes that were not told at once because there were too many.
struct LeftOut {
    std::size_t changes = 0;
    std::size_t targets = 0;
    std::map<Cause, std::size_t> causes;  ///< changes to it
};
/// `waiting` targets are still to be told about.
Record left_out_record(const LeftOut& left_out, std::size_t waiting);

/// "3 min 20 s", "2 h 5 min", "45 s": the two largest units.
std::string span_text(std::chrono::seconds span);
/// "12,345"
std::string grouped(std::uint64_t number);

}  // namespace whylink::daemon
