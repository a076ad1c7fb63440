// What is said of too many rounds, by times that are given.
#include "daemon/log/overload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;
using Clock = OverloadWatch::Clock;
using Field = std::pair<std::string_view, Record::Value>;

/// A second after the other, of a daemon whose 10,000 targets time out.
struct Seconds {
    OverloadWatch watch;
    RoundLimit limit{1000, 1000, 524288};
    std::uint64_t overruns = 0;
    unsigned asked = 0;
    Clock::time_point now{1000h};
    std::vector<Record> said;

    /// Each second so many rounds are left out.
    void pass(std::chrono::seconds seconds, Clock::duration max_wait, std::uint64_t left_out = 0) {
        const auto load = [this] {
            ++asked;
            return config::Load{10'000, 1000, 5000, 5};
        };
        for (std::chrono::seconds passed{0}; passed < seconds; ++passed) {
            const std::size_t waiting = max_wait > 0s ? 3999 : 0;
            if (auto record = watch.tick({waiting, max_wait, overruns}, limit, load, now)) {
                said.push_back(*std::move(record));
            }
            overruns += left_out;
            now += 1s;
        }
    }
};

TEST(Overload, IsSaidOnceWithItsArithmeticAndWhatToChange) {
    Seconds seconds;
    seconds.pass(600s, 31s, 100);
    ASSERT_THAT(seconds.said, SizeIs(1));
    const Record& record = seconds.said.front();
    EXPECT_EQ(record.level, config::LogLevel::warn);
    EXPECT_EQ(record.event, "overload");
    EXPECT_THAT(record.message,
                StartsWith("overload: rounds start late — 10000 targets × 5 s ÷ 10 s = 5000 "));
    EXPECT_THAT(record.message, HasSubstr("; the limit is 1,000 (max_concurrent); "));
    EXPECT_THAT(record.message, HasSubstr("3,999 rounds wait, the longest for 31 s"));
    EXPECT_THAT(record.message,
                EndsWith("; set max_concurrent = 5000, or use a longer `interval` or a shorter `timeout`"));
    EXPECT_THAT(record.fields, Contains(Field{"max_wait_seconds", std::int64_t{31}}));
    EXPECT_EQ(seconds.asked, 1U) << "the arithmetic goes over all targets";
}

TEST(Overload, ABurstIsNone) {
    Seconds seconds;
    for (int burst = 0; burst < 20; ++burst) {
        seconds.pass(9s, 5s);
        seconds.pass(1s, 0s);
    }
    EXPECT_THAT(seconds.said, SizeIs(0));
}

TEST(Overload, WaitingAMomentIsNone) {
    Seconds seconds;
    seconds.pass(3600s, 900ms);
    EXPECT_THAT(seconds.said, SizeIs(0));
}

TEST(Overload, IsSaidAgainEachHour) {
    Seconds seconds;
    seconds.pass(3h, 31s, 2);
    ASSERT_THAT(seconds.said, SizeIs(3));
    EXPECT_THAT(seconds.said[1].message, HasSubstr("overload: rounds start late for 1 h"));
    EXPECT_THAT(seconds.said[1].message, HasSubstr("7,220 skipped")) << "the first ten seconds as well";
    EXPECT_THAT(seconds.said[2].message, HasSubstr("rounds start late for 2 h"));
}

TEST(Overload, ItsEndIsSaidOnceWhenItLasts) {
    Seconds seconds;
    seconds.pass(100s, 31s, 5);
    seconds.pass(30s, 0s);
    seconds.pass(20s, 2s);
    ASSERT_THAT(seconds.said, SizeIs(1)) << "a pause of it is no end";
    seconds.pass(600s, 0s);
    ASSERT_THAT(seconds.said, SizeIs(2));
    EXPECT_EQ(seconds.said[1].level, config::LogLevel::info);
    EXPECT_THAT(seconds.said[1].message, HasSubstr("overload ended: rounds start on time"));
    EXPECT_THAT(seconds.said[1].message, HasSubstr("500 skipped"));
    seconds.pass(100s, 31s);
    EXPECT_THAT(seconds.said, SizeIs(3)) << "another one";
}

TEST(Overload, NamesTheDescriptorsWhereThoseAreTheLimit) {
    Seconds seconds;
    seconds.limit = {60, 1000, 1024};
    seconds.pass(60s, 31s);
    ASSERT_THAT(seconds.said, SizeIs(1));
    EXPECT_THAT(seconds.said[0].message,
                HasSubstr("the limit is 60, because this process may open 1,024 files"));
    EXPECT_THAT(seconds.said[0].message, HasSubstr("raise LimitNOFILE="));
    EXPECT_THAT(seconds.said[0].message, Not(HasSubstr("set max_concurrent")));
}

}  // namespace
}  // namespace whylink::daemon
