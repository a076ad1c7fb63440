// How a target stands, in the five ways that the page knows.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/vocabulary.hpp"
#include "daemon/page/html.hpp"
#include "daemon/report/human/marks.hpp"
#include "daemon/watch/snapshot.hpp"

namespace whylink::daemon::page {

using Time = std::chrono::system_clock::time_point;

/// Worst first. The slugs are those of the query and of the style sheet.
enum class State : std::uint8_t { failing, unknown, warning, waiting, healthy };
consteval auto vocabulary(State) {
    using enum State;
    return terms<State>({{failing, "failing", "Failing"},
                         {unknown, "unknown", "Not checked"},
                         {warning, "warning", "Warning"},
                         {waiting, "waiting", "Waiting"},
                         {healthy, "healthy", "Healthy"}});
}

State state_of(const TargetStatus& status);
/// Of a probe or a line of a report; nothing for what decides nothing.
std::optional<State> state_of(Mark mark);

/// "Not on the service's allow-list"; "Healthy"; "Waiting for the first check".
std::string title_of(const TargetStatus& status);
ReportEntry entry_of(const TargetStatus& status);
Time end_of_round(const Standing& standing);

/// Of all addresses, when the first certificate of the chain ends.
std::optional<Time> certificate_end(const TargetStatus& status);
/// "23 days", "expired 2 days ago".
std::string certificate_text(Time end, Time now);

/// "99.98 %": never rounded up, so that 100 % means every round; "no checks" where there were none.
std::string share_text(std::optional<double> share);

/// The sign of a state; `hidden` where its word stands beside it.
void write_icon(Html& html, State state, bool hidden = true);
/// "13:48 UTC" with the whole time for programs.
void write_time(Html& html, Time time, Time now);
/// "14 min ago"
std::string ago_text(Time time, Time now);

}  // namespace whylink::daemon::page
