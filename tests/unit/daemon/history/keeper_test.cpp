// The history beside the event loop, with the real worker and disk.
#include "daemon/history/keeper.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "daemon/history/past.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/daemon/fabricated_snapshot.hpp"

namespace whylink::daemon {
namespace {

using fabricated::noon;
using lab::TemporaryDirectory;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Keeping {
    asio::io_context loop;
    std::vector<std::string> said;
    HistoryKeeper keeper{
        loop,
        {.say = [this](bool good,
                       const std::string& text) { said.push_back((good ? "good: " : "bad: ") + text); },
         .beside = [](const std::function<void()>&) { return false; }}};
    config::History settings;
    TargetStatus status = fabricated::watched(fabricated::failing_endpoint("orders"));

    explicit Keeping(const std::string& directory) {
        keeper.start(settings, directory);
        configure();
    }
    void configure() {
        Plan plan;
        plan.targets.push_back({status.target, Fate::added, 0});
        keeper.configure(settings, plan, {});
    }
};

TEST(HistoryKeeper, WhatEndedIsThereAtTheNextStart) {
    const TemporaryDirectory directory;
    {
        Keeping before(directory.path());
        before.keeper.round_ended(before.status);
        before.keeper.end();
    }
    Keeping after(directory.path());
    EXPECT_THAT(after.said, IsEmpty());
    const auto health = after.keeper.health_of("orders");
    ASSERT_TRUE(health.has_value());
    EXPECT_FALSE(health->healthy);
    EXPECT_EQ(health->since, noon());
    ASSERT_TRUE(after.keeper.status().has_value());
    EXPECT_TRUE(after.keeper.status()->up);
}

TEST(HistoryKeeper, WithoutADiskItSaysSoOnceAndRemembersAllTheSame) {
    const TemporaryDirectory directory;
    std::ofstream(directory / "file") << "no directory";
    Keeping keeping(directory / "file");
    EXPECT_NE(keeping.keeper.round_ended(keeping.status), nullptr);
    keeping.keeper.tick();
    keeping.keeper.tick();
    keeping.keeper.end();
    EXPECT_THAT(keeping.said, ElementsAre(HasSubstr("bad: the history is kept in memory only: ")));
    EXPECT_FALSE(keeping.keeper.status()->up);
}

TEST(HistoryKeeper, SwitchedOffItHasNoFile) {
    const TemporaryDirectory directory;
    Keeping keeping(directory.path());
    keeping.settings.enabled = false;
    keeping.configure();
    EXPECT_NE(keeping.keeper.round_ended(keeping.status), nullptr);
    keeping.keeper.tick();
    keeping.keeper.end();
    EXPECT_EQ(keeping.keeper.status(), std::nullopt);
}

TEST(HistoryKeeper, BoundsWhatWaitsForADiskThatIsNotThere) {
    const TemporaryDirectory directory;
    std::ofstream(directory / "file") << "no directory";
    Keeping keeping(directory / "file");
    for (std::size_t i = 0; i < HistoryKeeper::max_rounds + 10; ++i) {
        keeping.keeper.round_ended(keeping.status);
    }
    keeping.keeper.tick();
    EXPECT_EQ(keeping.keeper.status()->dropped, 10U);
}

}  // namespace
}  // namespace whylink::daemon
