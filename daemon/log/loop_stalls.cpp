#include "daemon/log/loop_stalls.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace whylink::daemon {
namespace {

double seconds(StallWatch::Clock::duration duration) {
    return std::chrono::duration<double>(duration).count();
}

std::string culprit(const probes::LongPiece& longest) {
    return longest.what.empty() ? std::string("no single task took long")
                                : fmt::format("{:.2f} s in {}", seconds(longest.took), longest.what);
}

}  // namespace

std::optional<Record> StallWatch::beat(const Beat& beat, Clock::time_point now) {
    // A stall may begin at any moment between two beats, so that the delay alone shows less than its length.
    const Clock::duration length = std::max<Clock::duration>(beat.late, beat.longest.took);
    if (length < stall || beat.computed < length / 2) {
        return std::nullopt;
    }
    stalls_.observe(seconds(length));
    if (said_ && now - *said_ < repeated_after) {
        ++unsaid_;
        return std::nullopt;
    }
    said_ = now;
    Record record{config::LogLevel::warn, "loop_stall",
                  fmt::format("event loop blocked for {:.2f} s: {}; all targets waited", seconds(length),
                              culprit(beat.longest))};
    if (unsaid_ > 0) {
        record.message += fmt::format("; {} more stalls since the previous line", unsaid_);
    }
    record.add("stall_seconds", seconds(length));
    record.add("work", beat.longest.what);
    record.add("stalls_unsaid", std::exchange(unsaid_, 0));
    return record;
}

}  // namespace whylink::daemon
