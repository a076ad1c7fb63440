#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "daemon/log/change_records.hpp"

namespace whylink::daemon {
namespace {

/// Names or causes of which there may be thousands: so many are named.
constexpr std::size_t max_named = 5;

std::string count_text(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", grouped(count), noun, count == 1 ? "" : "s");
}

/// What the summary says of all targets.
struct Standings {
    std::size_t healthy = 0;
    std::size_t unknown = 0;
    std::size_t unhealthy = 0;
    std::vector<std::string> named;         ///< "orders (connection_refused)", the first of the unhealthy
    std::vector<RecordRow> unhealthy_rows;  ///< the same targets
};

Standings standings_of(std::span<const TargetStatusPtr> targets) {
    Standings standings;
    for (const TargetStatusPtr& target : targets) {
        if (!target->healthy || !target->verdict) {
            ++standings.unknown;
        } else if (*target->healthy) {
            ++standings.healthy;
        } else if (++standings.unhealthy <= max_named) {
            const Cause cause = target->verdict->decision.cause;
            standings.named.push_back(fmt::format("{} ({})", target->name(), slug(cause)));
            standings.unhealthy_rows.emplace_back().add("name", target->name()).add("cause", cause);
        }
    }
    return standings;
}

std::string unhealthy_text(const Standings& standings) {
    if (standings.unhealthy == 0) {
        return {};
    }
    std::string text = fmt::format("; unhealthy: {}", fmt::join(standings.named, ", "));
    if (standings.unhealthy > standings.named.size()) {
        text += fmt::format(", and {} more", grouped(standings.unhealthy - standings.named.size()));
    }
    return text;
}

/// The most frequent first.
std::vector<std::pair<Cause, std::size_t>> most_frequent(const LeftOut& left_out) {
    std::vector<std::pair<Cause, std::size_t>> causes(left_out.causes.begin(), left_out.causes.end());
    std::ranges::stable_sort(causes, [](const auto& a, const auto& b) { return a.second > b.second; });
    causes.resize(std::min(causes.size(), max_named));
    return causes;
}

}  // namespace

Record healthy_record(std::size_t targets) {
    Record record{config::LogLevel::debug, "change",
                  fmt::format("healthy: first round passed for {}", count_text(targets, "more target"))};
    record.add("targets", targets);
    return record;
}

Record summary_record(std::span<const TargetStatusPtr> targets, const DayTotals& day) {
    const Standings standings = standings_of(targets);
    Record record{
        config::LogLevel::info, "summary",
        fmt::format(
            "{} of {} healthy{}; {} and {} in 24 h{}", grouped(standings.healthy), grouped(targets.size()),
            standings.unknown == 0 ? "" : fmt::format(", {} not checked yet", grouped(standings.unknown)),
            count_text(day.rounds, "round"), count_text(day.changes, "change"), unhealthy_text(standings))};
    record.add("targets", targets.size());
    record.add("healthy", standings.healthy);
    record.add("unhealthy", standings.unhealthy);
    record.add("unknown", standings.unknown);
    record.add("rounds", day.rounds);
    record.add("changes", day.changes);
    record.add("unhealthy_targets", standings.unhealthy_rows);
    return record;
}

Record left_out_record(const LeftOut& left_out, std::size_t waiting) {
    std::vector<std::string> texts;
    std::vector<RecordRow> causes;
    for (const auto& [cause, count] : most_frequent(left_out)) {
        texts.push_back(fmt::format("{} {}", slug(cause), grouped(count)));
        causes.emplace_back().add("cause", cause).add("changes", count);
    }
    Record record{
        config::LogLevel::warn, "suppressed",
        fmt::format(
            "too many changes to log: {} of {} left out — {}; {} wait for a line; run `whylink status` for all",
            count_text(left_out.changes, "change"), count_text(left_out.targets, "target"),
            fmt::join(texts, ", "), count_text(waiting, "target"))};
    record.add("changes", left_out.changes);
    record.add("targets", left_out.targets);
    record.add("causes", causes);
    record.add("waiting", waiting);
    return record;
}

std::string span_text(std::chrono::seconds span) {
    struct Unit {
        std::int64_t seconds;
        std::string_view name;
    };
    constexpr std::array<Unit, 4> units{{{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}}};
    const std::int64_t seconds = std::max<std::int64_t>(span.count(), 0);
    std::size_t largest = 0;
    while (largest + 1 < units.size() && seconds < units[largest].seconds) {
        ++largest;
    }
    std::string text = fmt::format("{} {}", seconds / units[largest].seconds, units[largest].name);
    if (largest + 1 == units.size()) {
        return text;
    }
    const Unit& smaller = units[largest + 1];
    const std::int64_t rest = seconds % units[largest].seconds / smaller.seconds;
    return rest == 0 ? text : fmt::format("{} {} {}", text, rest, smaller.name);
}

std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t end = digits.size(); end > 3; end -= 3) {
        digits.insert(end - 3, 1, ',');
    }
    return digits;
}

}  // namespace whylink::daemon
