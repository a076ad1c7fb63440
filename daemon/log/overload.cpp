#include "daemon/log/overload.hpp"

#include <fmt/format.h>

#include <string>

#include "daemon/log/change_records.hpp"

namespace whylink::daemon {
namespace {

using Clock = OverloadWatch::Clock;

std::chrono::seconds whole(Clock::duration duration) {
    return std::chrono::duration_cast<std::chrono::seconds>(duration);
}

/// What keeps more checks from running.
std::string limit_text(const RoundLimit& limit) {
    return limit.at_once < limit.configured
               ? fmt::format("the limit is {}, because this process may open {} files",
                             grouped(limit.at_once), grouped(limit.open_files))
               : fmt::format("the limit is {} (max_concurrent)", grouped(limit.at_once));
}

std::string first_step(const RoundLimit& limit, const config::Load& load) {
    std::string text;
    if (limit.at_once < limit.configured) {
        text = "raise LimitNOFILE= in the unit (ulimit -n)";
    } else if (load.exceeds(limit.at_once)) {
        text = fmt::format("set max_concurrent = {}", load.needed());
    } else {
        text = "raise max_concurrent";
    }
    return text + ", or use a longer `interval` or a shorter `timeout`";
}

void add_figures(Record& record, const Schedule::Pressure& pressure, const RoundLimit& limit,
                 const config::Load& load) {
    record.add("waiting", pressure.waiting);
    record.add("max_wait_seconds", whole(pressure.max_wait).count());
    record.add("targets", load.targets);
    record.add("rounds_at_once", load.needed());
    record.add("max_at_once", std::size_t{limit.at_once});
}

Record overload_record(const Schedule::Pressure& pressure, const RoundLimit& limit, const config::Load& load,
                       const std::string& standing) {
    Record record{config::LogLevel::warn, "overload",
                  fmt::format("overload: {} — {}; {}; {} rounds wait, the longest for {}; {}", standing,
                              config::load_text(load), limit_text(limit), grouped(pressure.waiting),
                              span_text(whole(pressure.max_wait)), first_step(limit, load))};
    add_figures(record, pressure, limit, load);
    return record;
}

}  // namespace

std::optional<Record> OverloadWatch::begin_or_wait(const Schedule::Pressure& pressure,
                                                   const RoundLimit& limit,
                                                   const std::function<config::Load()>& load,
                                                   Clock::time_point now) {
    if (now - *late_since_ < begins_after) {
        return std::nullopt;
    }
    overload_ = Overload{*late_since_, now, overruns_then_};
    return overload_record(pressure, limit, load(), "rounds start late");
}

std::optional<Record> OverloadWatch::tick(const Schedule::Pressure& pressure, const RoundLimit& limit,
                                          const std::function<config::Load()>& load, Clock::time_point now) {
    if (pressure.max_wait >= late) {
        latest_late_ = now;
        if (!late_since_) {
            late_since_ = now;
            overruns_then_ = pressure.overruns;
        }
        if (!overload_) {
            return begin_or_wait(pressure, limit, load, now);
        }
        if (now - overload_->said < repeated_after) {
            return std::nullopt;
        }
        overload_->said = now;
        return overload_record(
            pressure, limit, load(),
            fmt::format("rounds start late for {}, {} skipped", span_text(whole(now - overload_->since)),
                        grouped(pressure.overruns - overload_->overruns_before)));
    }
    if (!overload_) {
        late_since_.reset();
        return std::nullopt;
    }
    if (now - latest_late_ < over_after) {
        return std::nullopt;
    }
    const std::uint64_t left_out = pressure.overruns - overload_->overruns_before;
    Record record{config::LogLevel::info, "overload",
                  fmt::format("overload ended: rounds start on time; they were late for {}, {} skipped",
                              span_text(whole(latest_late_ - overload_->since)), grouped(left_out))};
    record.add("left_out", left_out);
    overload_.reset();
    late_since_.reset();
    return record;
}

}  // namespace whylink::daemon
