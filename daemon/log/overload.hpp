// Says when more checks are due than may run concurrently: when it begins, each hour while it lasts, and when it is
// over. Pure over the times that it is given.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "config/capacity.hpp"
#include "daemon/log/record.hpp"
#include "daemon/watch/schedule.hpp"

namespace whylink::daemon {

/// How many concurrent checks there may be, and why not more.
struct RoundLimit {
    unsigned at_once = 1;
    unsigned configured = 1;     ///< `max_concurrent`; `at_once` is less where descriptors do not suffice
    std::size_t open_files = 0;  ///< that this process may have
};

class OverloadWatch {
  public:
    using Clock = std::chrono::steady_clock;
    /// A round that waits so long is late.
    static constexpr Clock::duration late = std::chrono::seconds(1);
    /// A burst, as after a start or a pause, is over sooner.
    static constexpr Clock::duration begins_after = std::chrono::seconds(10);
    static constexpr Clock::duration over_after = std::chrono::minutes(1);
    static constexpr Clock::duration repeated_after = std::chrono::hours(1);

    /// To be called every second or so. `load` is asked only for what is said.
    std::optional<Record> tick(const Schedule::Pressure& pressure, const RoundLimit& limit,
                               const std::function<config::Load()>& load, Clock::time_point now);

  private:
    struct Overload {
        Clock::time_point since;
        Clock::time_point said;
        std::uint64_t overruns_before = 0;
    };
    std::optional<Record> begin_or_wait(const Schedule::Pressure& pressure, const RoundLimit& limit,
                                        const std::function<config::Load()>& load, Clock::time_point now);

    std::optional<Clock::time_point> late_since_;
    std::uint64_t overruns_then_ = 0;  ///< at `late_since_`
    Clock::time_point latest_late_{};
    std::optional<Overload> overload_;  ///< that was said
};

}  // namespace whylink::daemon
