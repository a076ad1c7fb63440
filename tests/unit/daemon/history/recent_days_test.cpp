// What the status page reads of the last 24 hours, little by little.
#include "daemon/history/recent_days.hpp"

#include <gtest/gtest.h>

#include "daemon/history/store.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using fabricated::noon;

class RecentDaysTest : public testing::Test {
  protected:
    /// A round a minute.
    void write(HistoryTime from, int minutes, bool passed, const std::string& name = "orders") {
        HistoryBatch batch;
        const auto target = std::make_shared<const std::string>(name);
        for (int minute = 0; minute < minutes; ++minute) {
            batch.rounds.push_back(
                {target, from + minute * 1min, passed, passed ? Cause::healthy : Cause::syn_unanswered, 5ms});
        }
        store.write(batch, from + minutes * 1min);
    }
    std::filesystem::path file() const { return std::filesystem::path(directory.path()) / history_file_name; }

    lab::TemporaryDirectory directory;
    HistoryStore store{directory.path(), {90 * 24h, 64ULL << 20}};
    RecentDays days{file()};
};

TEST_F(RecentDaysTest, CountsTheRoundsOfEachHalfHour) {
    write(noon() - 40min, 30, true);
    write(noon() - 10min, 10, false);
    const Day day = days.read(noon() + 1min).at("orders");
    EXPECT_EQ(day.counts[45].rounds, 10U);  // 11:20 to 11:30
    EXPECT_EQ(day.counts[45].passed, 10U);
    EXPECT_EQ(day.counts[46].rounds, 30U);
    EXPECT_EQ(day.counts[46].passed, 20U);
    EXPECT_EQ(day.counts[47].rounds, 0U);
    EXPECT_DOUBLE_EQ(*day.availability(), 0.75);
}

TEST_F(RecentDaysTest, ReadsOnWhatIsNew) {
    write(noon(), 10, true);
    EXPECT_EQ(days.read(noon() + 10min).at("orders").counts[47].rounds, 10U);
    write(noon() + 10min, 10, false);
    write(noon() + 10min, 5, true, "other");
    const Days& read = days.read(noon() + 20min);
    EXPECT_EQ(read.at("orders").counts[47].rounds, 20U);
    EXPECT_EQ(read.at("orders").counts[47].passed, 10U);
    EXPECT_EQ(read.at("other").counts[47].rounds, 5U);
    EXPECT_EQ(days.read(noon() + 20min).at("orders").counts[47].rounds, 20U);
}

TEST_F(RecentDaysTest, TheDayMovesOn) {
    write(noon(), 10, true);
    static_cast<void>(days.read(noon() + 10min));
    EXPECT_EQ(days.read(noon() + 2h).at("orders").counts[43].rounds, 10U);
    const Days& later = days.read(noon() + 25h);
    EXPECT_TRUE(!later.contains("orders") || !later.at("orders").availability());
}

TEST_F(RecentDaysTest, AClockThatWasSetBackCountsAgain) {
    write(noon(), 10, true);
    static_cast<void>(days.read(noon() + 3h));
    EXPECT_EQ(days.read(noon() + 10min).at("orders").counts[47].rounds, 10U);
}

TEST_F(RecentDaysTest, AnotherFileIsReadFromItsBeginning) {
    write(noon(), 10, true);
    static_cast<void>(days.read(noon() + 10min));
    const std::filesystem::path aside = std::filesystem::path(directory.path()) / "aside";
    std::filesystem::create_directory(aside);
    HistoryBatch batch;
    batch.rounds.push_back(
        {std::make_shared<const std::string>("orders"), noon(), true, Cause::healthy, 5ms});
    HistoryStore(aside, {90 * 24h, 64ULL << 20}).write(batch, noon());
    // As the store does with a damaged file.
    for (const char* end : {"-wal", "-shm"}) {
        std::filesystem::remove(file().string() + end);
    }
    std::filesystem::rename(aside / history_file_name, file());
    EXPECT_EQ(days.read(noon() + 10min).at("orders").counts[47].rounds, 1U);
}

TEST_F(RecentDaysTest, ARoundThatCouldNotBeMadeIsNone) {
    HistoryBatch batch;
    batch.rounds.push_back(
        {std::make_shared<const std::string>("orders"), noon(), std::nullopt, Cause::local_limit, 5ms});
    store.write(batch, noon());
    EXPECT_TRUE(days.read(noon() + 1min).empty());
}

TEST_F(RecentDaysTest, WithoutAFileItThrows) {
    RecentDays nothing(std::filesystem::path(directory.path()) / "other.db");
    EXPECT_THROW(static_cast<void>(nothing.read(noon())), sql::Error);
}

TEST(FirstSlot, IsAHalfHourOfTheClock) {
    EXPECT_EQ(first_slot(noon() + 17min), noon() + 30min - 24h);
}

}  // namespace
}  // namespace whylink::daemon
