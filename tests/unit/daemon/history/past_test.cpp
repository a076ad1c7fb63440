// What `whylink history` shows.
#include "daemon/history/past.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "daemon/history/render.hpp"
#include "daemon/history/sqlite.hpp"
#include "daemon/history/store.hpp"
#include "daemon/report/human/text.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using fabricated::noon;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr HumanStyle plain{.width = 80};

TargetName named(const std::string& name) {
    return std::make_shared<const std::string>(name);
}

class PastTest : public testing::Test {
  protected:
    PastTest() {
        HistoryBatch batch;
        for (int minute = 0; minute < 100; ++minute) {
            const bool passes = minute < 60 || minute >= 75;
            batch.rounds.push_back({named("orders"), noon() + minute * 1min, passes,
                                    passes ? Cause::healthy : Cause::syn_unanswered, 5ms});
        }
        batch.rounds.push_back({named("other"), noon(), true, Cause::healthy, 5ms});
        batch.changes = {{nullptr, {noon() + 59min + 30s, What::route, "10.0.0.1 eth0", ""}},
                         {named("orders"), {noon() + 60min, What::address, "10.0.0.9", "10.0.0.4"}},
                         {named("orders"), {noon() + 60min, What::health, "healthy", "unhealthy"}},
                         {named("other"), {noon() + 60min, What::mss, "1460", "1360"}}};
        batch.outages = {{named("orders"),
                          noon() + 60min,
                          noon() + 75min,
                          Cause::syn_unanswered,
                          noon() + 59min,
                          "Nobody answers.",
                          {"5 SYNs in 5 s", "no RST"}}};
        batch.evidence = {
            {named("orders"), noon() + 60min, noon() + 60min, Cause::syn_unanswered, "/e/one.pcapng"},
            {named("orders"), noon() + 60min, noon() + 70min, Cause::connection_refused, "/e/two.pcapng"}};
        HistoryStore(directory.path(), {90 * 24h, 64ULL << 20}).write(batch, noon() + 100min);
    }

    Past past(std::vector<std::string> names = {}) const {
        return read_past(std::filesystem::path(directory.path()) / history_file_name,
                         {std::move(names), noon(), noon() + 100min, 20});
    }

    lab::TemporaryDirectory directory;
};

TEST_F(PastTest, CountsTheRoundsThatPassed) {
    const Past all = past();
    ASSERT_EQ(all.targets.size(), 2U);
    EXPECT_EQ(all.targets[0].name, "orders");
    EXPECT_DOUBLE_EQ(*all.targets[0].availability(), 0.85);
    const RoundCount broken = all.targets[0].timeline[13];
    EXPECT_EQ(broken.rounds, 5);
    EXPECT_EQ(broken.passed, 0);
    EXPECT_EQ(all.targets[0].timeline[0].passed, 5);
}

TEST_F(PastTest, AnOutageHasWhatChangedBeforeIt) {
    const Past one = past({"orders"});
    ASSERT_EQ(one.targets.size(), 1U);
    ASSERT_EQ(one.targets[0].outages.size(), 1U);
    EXPECT_THAT(one.targets[0].outages[0].changes,
                ElementsAre(Change{noon() + 59min + 30s, What::route, "10.0.0.1 eth0", ""},
                            Change{noon() + 60min, What::address, "10.0.0.9", "10.0.0.4"}));
}

TEST_F(PastTest, AFileOfTheFirstVersionIsReadAsItIs) {
    const std::string file = directory / "old.db";
    {
        sql::Database database(file, sql::Access::write);
        database.run(history_migrations().front());
        database.run(
            "PRAGMA user_version = 1; INSERT INTO target (id, name) VALUES (1, 'orders'); "
            "INSERT INTO outage (target, since, cause, evidence) VALUES (1, 1767268800000, 'no_route', '/e/old.pcapng')");
    }
    const Past old = read_past(file, {{}, noon() - 24h, noon() + 24h, 10});
    ASSERT_EQ(old.targets.size(), 1U);
    ASSERT_EQ(old.targets.front().outages.size(), 1U);
    EXPECT_EQ(old.targets.front().outages.front().cause, "no_route");
    EXPECT_THAT(old.targets.front().outages.front().evidence, testing::IsEmpty());
    ASSERT_EQ(old.targets.front().outages.front().files.size(), 1U);
    EXPECT_EQ(old.targets.front().outages.front().files.front().cause, "no_route");
    EXPECT_EQ(old.targets.front().outages.front().files.front().file, "/e/old.pcapng");
}

TEST_F(PastTest, ADaemonThatNamesOneFileOfAnOutage) {
    nlohmann::json document = nlohmann::json::parse(past_json(past({"orders"})));
    document.at("targets").at(0).at("outages").at(0).erase("evidence_files");
    const Past there = past_of_json(document.dump());
    ASSERT_EQ(there.targets[0].outages[0].files.size(), 1U);
    EXPECT_EQ(there.targets[0].outages[0].files[0].file, "/e/one.pcapng");
    EXPECT_EQ(there.targets[0].outages[0].files[0].cause, "syn_unanswered");
}

TEST_F(PastTest, OfManyFilesOfAnOutageTheFirstAreNamed) {
    Past many = past({"orders"});
    many.targets[0].outages[0].files.resize(6, {noon(), "no_route", "/e/more.pcapng"});
    EXPECT_THAT(render_past(many, plain), HasSubstr("Packets of 2 later causes"));
}

TEST_F(PastTest, NamesThatItDoesNotKnow) {
    EXPECT_THAT(past({"orders", "ordres"}).unknown_names, ElementsAre("ordres"));
}

TEST_F(PastTest, OneWhoMayNotWriteReadsAsWell) {
    EXPECT_EQ(past().targets.size(), 2U);
    EXPECT_THROW(read_past(directory / "none.db", {{}, noon(), noon() + 1h, 10}), sql::Error);
}

TEST_F(PastTest, TheJsonIsThatOfTheContract) {
    const auto document = nlohmann::json::parse(past_json(past({"orders"})));
    ASSERT_EQ(document.at("targets").size(), 1U);
    const auto& target = document.at("targets").at(0);
    EXPECT_EQ(target.at("name"), "orders");
    EXPECT_DOUBLE_EQ(target.at("availability").get<double>(), 0.85);
    const auto& outage = target.at("outages").at(0);
    EXPECT_EQ(outage.at("since"), "2026-01-01T13:00:00.000Z");
    EXPECT_EQ(outage.at("until"), "2026-01-01T13:15:00.000Z");
    EXPECT_EQ(outage.at("cause"), "syn_unanswered");
    EXPECT_EQ(outage.at("changes").at(1), nlohmann::json({{"at", "2026-01-01T13:00:00.000Z"},
                                                          {"what", "address"},
                                                          {"from", "10.0.0.9"},
                                                          {"to", "10.0.0.4"}}));
    EXPECT_EQ(outage.at("changes").at(0).at("to"), "none");
    EXPECT_EQ(outage.at("summary"), "Nobody answers.");
    EXPECT_EQ(outage.at("evidence"), nlohmann::json({"5 SYNs in 5 s", "no RST"}));
    EXPECT_EQ(outage.at("evidence_file"), "/e/one.pcapng");
    EXPECT_EQ(outage.at("evidence_files").size(), 2U);
    EXPECT_EQ(outage.at("evidence_files").at(1), nlohmann::json({{"at", "2026-01-01T13:10:00.000Z"},
                                                                 {"cause", "connection_refused"},
                                                                 {"file", "/e/two.pcapng"}}));
    EXPECT_EQ(target.at("changes").size(), 3U);
}

TEST_F(PastTest, WhatADaemonAnswersIsReadBack) {
    const Past here = past();
    const Past there = past_of_json(past_json(here));
    EXPECT_EQ(past_json(there), past_json(here));
    EXPECT_EQ(there.from, here.from);
    ASSERT_EQ(there.targets[0].outages[0].files.size(), 2U);
    EXPECT_EQ(there.targets[0].outages[0].files[1].file, "/e/two.pcapng");
    EXPECT_THAT(render_past(there, plain), HasSubstr("85.00 % available"));
    EXPECT_THAT(render_past(there, plain), testing::Not(HasSubstr("█████")));
    EXPECT_THROW(past_of_json("no JSON"), std::exception);
    EXPECT_THROW(past_of_json("{}"), std::exception);
}

TEST_F(PastTest, TheReportFitsEightyColumnsAndNamesTheChange) {
    const std::string text = render_past(past(), plain);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(display_width(line), 80U) << line;
    }
    EXPECT_THAT(text, HasSubstr("85.00 % available"));
    EXPECT_THAT(text, HasSubstr("████████████▁▁▁█████"));
    EXPECT_THAT(text, HasSubstr("2026-01-01 13:00  15 min: "));
    EXPECT_THAT(text, HasSubstr("(syn_unanswered)"));
    EXPECT_THAT(text, HasSubstr("Changed: default route 10.0.0.1 eth0 → none"));
    EXPECT_THAT(text, HasSubstr("Packets: /e/one.pcapng"));
    EXPECT_THAT(text, HasSubstr("Packets: /e/two.pcapng"));
}

TEST_F(PastTest, TheTimelineIsAsciiWhereTheTerminalIs) {
    HumanStyle style = plain;
    style.utf8 = false;
    EXPECT_THAT(render_past(past({"orders"}), style), HasSubstr("############___#####"));
}

TEST(Availability, IsNeverRoundedUp) {
    TargetPast target;
    EXPECT_EQ(availability_text(target), "no rounds");
    target.all = {100'000, 99'999};
    EXPECT_EQ(availability_text(target), "99.99 % available");
    target.all = {5, 5};
    EXPECT_EQ(availability_text(target), "100 % available");
}

}  // namespace
}  // namespace whylink::daemon
