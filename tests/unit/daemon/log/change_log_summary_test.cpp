// What the change log says of the day, and how it says numbers.
#include "daemon/log/change_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/log/change_records.hpp"
#include "logged_changes.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using checks::Confidence;
using checks::Severity;
using config::LogLevel;
using fabricated::field;
using fabricated::LoggedChanges;
using fabricated::of_event;
using fabricated::refused;
using fabricated::well;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<Record> summaries_after(LoggedChanges& logged, std::chrono::seconds time) {
    logged.skip(time - 1s);
    logged.tick();
    logged.pass(1s);
    return of_event(logged.take(), "summary");
}

TEST(ChangeLogSummary, ComesOnceADay) {
    LoggedChanges logged;
    for (const char* name : {"a", "b", "c", "d"}) {
        logged.round(name, well);
    }
    logged.round("a", refused);
    logged.round("unknown", {std::nullopt, Cause::local_limit, Severity::critical, Confidence::high, false});
    for (int i = 0; i < 2000; ++i) {
        logged.round("b", well);
    }
    EXPECT_THAT(summaries_after(logged, 24h - 1s), IsEmpty());
    const auto first = summaries_after(logged, 1s);
    ASSERT_THAT(first, SizeIs(1));
    EXPECT_EQ(first[0].level, LogLevel::info);
    EXPECT_EQ(first[0].message,
              "3 of 5 healthy, 1 not checked yet; 2,006 rounds and 1 change in 24 h; unhealthy: a "
              "(connection_refused)");
    EXPECT_EQ(field<std::int64_t>(first[0], "rounds"), 2006);
    EXPECT_EQ(field<std::vector<RecordRow>>(first[0], "unhealthy_targets"),
              std::vector{RecordRow().add("name", std::string("a")).add("cause", Cause::connection_refused)});
    EXPECT_THAT(summaries_after(logged, 24h - 1s), IsEmpty());
    const auto second = summaries_after(logged, 1s);
    ASSERT_THAT(second, SizeIs(1));
    EXPECT_EQ(second[0].message,
              "3 of 5 healthy, 1 not checked yet; 0 rounds and 0 changes in 24 h; unhealthy: a "
              "(connection_refused)");
}

TEST(ChangeLogSummary, NamesAFew) {
    LoggedChanges logged;
    for (int i = 0; i < 8; ++i) {
        logged.round("t" + std::to_string(i), refused);
    }
    logged.skip(24h);
    logged.take();
    logged.tick();
    EXPECT_THAT(logged.take().front().message, testing::EndsWith("t4 (connection_refused), and 3 more"));
}

TEST(LogNumbers, AreShort) {
    EXPECT_EQ(span_text(0s), "0 s");
    EXPECT_EQ(span_text(59s), "59 s");
    EXPECT_EQ(span_text(60s), "1 min");
    EXPECT_EQ(span_text(200s), "3 min 20 s");
    EXPECT_EQ(span_text(2h + 5min + 9s), "2 h 5 min");
    EXPECT_EQ(span_text(49h), "2 d 1 h");
    EXPECT_EQ(span_text(-5s), "0 s");
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(12345678), "12,345,678");
}

}  // namespace
}  // namespace whylink::daemon
