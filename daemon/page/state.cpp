#include "daemon/page/state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "checks/explain/explain.hpp"
#include "checks/explain/text.hpp"
#include "checks/stages/tls/path.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon::page {
namespace {

/// On a grid of 16 by 16. Each has a shape of its own, because colour alone says nothing to many.
constexpr std::array<std::string_view, count_of<State>> shapes{
    // An octagon with a cross.
    "M5 1h6l4 4v6l-4 4H5l-4-4V5zM5.6 4.5 4.5 5.6 6.9 8l-2.4 2.4 1.1 1.1L8 9.1l2.4 2.4 1.1-1.1L9.1 8l2.4-2.4-1.1-1.1L8 6.9z",
    // A square with a bar.
    "M2 2h12v12H2zM5 7.2v1.6h6V7.2z",
    // A triangle with an exclamation mark.
    "M8 1.2 15.4 14.5H.6zM7.2 6v4.2h1.6V6zM7.2 11.4V13h1.6v-1.6z",
    // A ring.
    "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3z",
    // A disc with a tick.
    "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM6.9 9.2 5 7.3 3.9 8.4l3 3 5.3-5.3-1.1-1.1z",
};

void include_earliest(std::optional<Time>& end, const probes::TlsFacts& facts) {
    if (facts.chain.empty()) {
        return;
    }
    const auto first = checks::first_to_end(facts, Time::min());
    if (first && (!end || first->certificate->not_after < *end)) {
        end = first->certificate->not_after;
    }
}

}  // namespace

std::optional<State> state_of(Mark mark) {
    switch (mark) {
        case Mark::bad:
            return State::failing;
        case Mark::unknown:
            return State::unknown;
        case Mark::warning:
            return State::warning;
        case Mark::good:
            return State::healthy;
        case Mark::aside:
            break;
    }
    return std::nullopt;
}

State state_of(const TargetStatus& status) {
    return status.verdict == nullptr ? State::waiting
                                     : state_of(mark_of(*status.verdict)).value_or(State::healthy);
}

std::string title_of(const TargetStatus& status) {
    switch (state_of(status)) {
        case State::waiting:
            return "Waiting for the first check";
        case State::healthy:
            return "Healthy";
        default:
            return capitalised(std::string(checks::title_of(status.verdict->decision)));
    }
}

ReportEntry entry_of(const TargetStatus& status) {
    return {status.target, status.verdict, status.standing, status.evidence_file};
}

Time end_of_round(const Standing& standing) {
    return standing.round_started + std::chrono::duration_cast<Time::duration>(standing.round_took);
}

std::optional<Time> certificate_end(const TargetStatus& status) {
    std::optional<Time> end;
    if (status.verdict != nullptr) {
        for (const checks::JudgedProbe& probe : status.verdict->probes) {
            if (const probes::TlsFacts* tls = probe.tls()) {
                include_earliest(end, *tls);
            }
        }
    }
    return end;
}

std::string certificate_text(Time end, Time now) {
    const std::int64_t days = std::chrono::duration_cast<std::chrono::days>(end - now).count();
    if (end < now) {
        return days == 0 ? "expired today"
                         : "expired " + checks::count_text(static_cast<std::uint64_t>(-days), "day") + " ago";
    }
    return days == 0 ? "less than a day" : checks::count_text(static_cast<std::uint64_t>(days), "day");
}

std::string share_text(std::optional<double> share) {
    if (!share) {
        return "no checks";
    }
    constexpr double hundredths = 1e4;
    return *share == 1 ? "100 %" : fmt::format("{:.2f} %", std::floor(*share * hundredths + 1e-9) / 100);
}

void write_icon(Html& html, State state, bool hidden) {
    const std::string kind = fmt::format("icon {}", slug(state));
    const auto svg = html.in("svg", {{"class", kind},
                                     {"viewBox", "0 0 16 16"},
                                     {"aria-hidden", "true", hidden},
                                     {"role", "img", !hidden},
                                     {"aria-label", title(state), !hidden}});
    html.lone("path", {{"fill-rule", "evenodd"}, {"d", shapes.at(static_cast<std::size_t>(state))}});
}

void write_time(Html& html, Time time, Time now) {
    const std::string exact = rfc3339(time);
    html.put("time", {{"datetime", exact}, {"title", exact}}, clock_text(time, now));
}

std::string ago_text(Time time, Time now) {
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(std::max(now, time) - time);
    return age_text(age) + " ago";
}

}  // namespace whylink::daemon::page
