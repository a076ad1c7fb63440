#include "daemon/report/human/standing.hpp"

#include <fmt/format.h>

#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

using TimePoint = std::chrono::system_clock::time_point;

std::chrono::seconds age(TimePoint time, TimePoint now) {
    return std::chrono::duration_cast<std::chrono::seconds>(now - time);
}

TimePoint end_of_round(const Standing& standing) {
    return standing.round_started + std::chrono::duration_cast<TimePoint::duration>(standing.round_took);
}

/// "Broken for 14 min (last healthy 13:48 UTC)"
std::string health_text(bool healthy, const Standing& standing, TimePoint now) {
    const std::string span = age_text(age(standing.health_since, now));
    const std::string since = clock_text(standing.health_since, now);
    if (healthy) {
        return fmt::format("Healthy for {} (since {})", span, since);
    }
    return standing.last_healthy
               ? fmt::format("Broken for {} (last healthy {})", span, clock_text(*standing.last_healthy, now))
               : fmt::format("Broken for {} (since the first check, {})", span, since);
}

/// Changes that a line names; the JSON has all.
constexpr std::size_t max_changes = 3;

std::string joined(const std::string& health, const std::string& changed, const std::string& checked) {
    return fmt::format("{}. {}{}{}", health, changed, changed.empty() ? "" : " ", checked);
}

}  // namespace

std::string changed_text(const checks::Verdict& verdict, const TargetHistory* history) {
    if (history == nullptr || verdict.passed()) {
        return {};
    }
    if (!history->last_healthy) {
        return "Never healthy so far.";
    }
    return history->changes.empty()
               ? "Nothing changed before it."
               : fmt::format("Changed: {}.", changes_text(history->changes, max_changes));
}

std::string standing_text(const checks::Verdict& verdict, const Standing& standing,
                          std::optional<TimePoint> now) {
    const TimePoint end = end_of_round(standing);
    const std::string checked = now ? fmt::format("Checked {} ago.", age_text(age(end, *now)))
                                    : fmt::format("Checked at {}.", clock_text(end, end));
    const TimePoint seen_at = now.value_or(end);
    const bool made = verdict.decision.cause != Cause::local_limit;
    const std::string changed = made ? changed_text(verdict, standing.history.get()) : std::string();
    if (made && verdict.passed() == verdict.healthy) {
        return joined(health_text(verdict.healthy, standing, seen_at), changed, checked);
    }
    const std::string_view round = !made ? "could not be made" : verdict.passed() ? "passed" : "failed";
    return joined(fmt::format("This check {}; still counted {} since {}", round,
                              verdict.healthy ? "healthy"
                              : made          ? "unhealthy"
                                              : "not healthy",
                              clock_text(standing.health_since, seen_at)),
                  changed, checked);
}

}  // namespace whylink::daemon
