// The drawings of the page. Each has its meaning in words for who does not see it.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "daemon/history/recent_days.hpp"
#include "daemon/page/html.hpp"
#include "daemon/page/state.hpp"

namespace whylink::daemon::page {

/// Of 40 values at most, from zero to the largest; nothing where there are less than two. NaN is a gap.
void write_sparkline(Html& html, const std::vector<float>& seconds, std::string_view what);

/// The latest value beside its sparkline: "0.4 ms"; nothing while it is a gap.
void write_latest(Html& html, const std::vector<float>& seconds);

/// Equal parts of a span of time: a thin line where all rounds passed; the more of them failed, the higher it is. `span`
/// is what it is called: "Last 24 hours".
void write_strip(Html& html, std::span<const Day::Count> parts, std::string_view span);

/// How many targets are in each state, as a bar. The words stand beside it.
void write_shares(Html& html, const std::vector<std::size_t>& by_state);

/// One row of a waterfall: from `begin` on, of `whole`.
void write_span(Html& html, std::chrono::nanoseconds begin, std::chrono::nanoseconds took,
                std::chrono::nanoseconds whole, std::optional<State> state);

}  // namespace whylink::daemon::page
