// The file of the history: what is written is there, whatever happens to it.
#include "daemon/history/store.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "daemon/history/past.hpp"
#include "daemon/history/sqlite.hpp"
#include "daemon/history/times.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using fabricated::noon;
using lab::TemporaryDirectory;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr HistoryLimits limits{90 * 24h, 64ULL << 20};

TargetName orders() {
    static const auto name = std::make_shared<const std::string>("orders");
    return name;
}

Change address_change() {
    return {noon() + 30s, What::address, "10.0.0.9", "10.0.0.4"};
}

/// Healthy until noon, and failing since half a minute later.
HistoryBatch failure() {
    HistoryBatch batch;
    batch.rounds = {{orders(), noon(), true, Cause::healthy, 5ms},
                    {orders(), noon() + 30s, false, Cause::syn_unanswered, 5s}};
    batch.changes = {{nullptr, {noon() + 20s, What::route, "10.0.0.1 eth0", "10.9.0.1 tun0"}},
                     {orders(), address_change()}};
    batch.traits = {{orders(), {What::address, "10.0.0.2 A db"}, "10.0.0.4"},
                    {nullptr, {What::boot, {}}, "3f2a91c0"}};
    batch.standings = {{orders(), config::TargetKind::endpoint, StoredHealth{false, noon() + 30s, noon()},
                        daemon::Run{false, noon() + 30s, noon() + 30s, noon(), noon() - 24h}}};
    batch.outages = {{orders(), noon() + 30s, std::nullopt, Cause::syn_unanswered, noon()}};
    batch.evidence = {{orders(), noon() + 30s, noon() + 30s, Cause::syn_unanswered, "/e/one.pcapng"}};
    return batch;
}

HistoryBatch rounds(std::size_t count, std::chrono::system_clock::time_point begin) {
    HistoryBatch batch;
    for (std::size_t i = 0; i < count; ++i) {
        batch.rounds.push_back({orders(), begin + i * 1s, i % 4 != 0, Cause::healthy, 5ms});
    }
    return batch;
}

std::vector<std::string> files_in(const TemporaryDirectory& directory) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory.path())) {
        names.push_back(entry.path().filename().string());
    }
    return names;
}

Past past_of(const TemporaryDirectory& directory, std::chrono::system_clock::time_point to) {
    return read_past(fs::path(directory.path()) / history_file_name, {{}, noon() - 1h, to, 10});
}

TEST(HistoryStore, GivesBackWhatWasWritten) {
    const TemporaryDirectory directory;
    HistoryStore(directory.path(), limits).write(failure(), noon() + 1min);
    const StoredHistory stored = HistoryStore(directory.path(), limits).load();
    EXPECT_EQ(stored.host, (Traits{{{What::boot, {}}, "3f2a91c0"}}));
    ASSERT_EQ(stored.targets.size(), 1U);
    const StoredTarget& target = stored.targets.at("orders");
    EXPECT_EQ(target.traits, (Traits{{{What::address, "10.0.0.2 A db"}, "10.0.0.4"}}));
    ASSERT_TRUE(target.health && target.run);
    EXPECT_FALSE(target.health->healthy);
    EXPECT_EQ(target.health->since, noon() + 30s);
    EXPECT_EQ(target.health->last_healthy, noon());
    EXPECT_FALSE(target.run->passed);
    EXPECT_EQ(target.run->last_passed, noon());
    EXPECT_EQ(target.outage_since, noon() + 30s);
    ASSERT_EQ(target.changes.size(), 2U);
    EXPECT_EQ(target.changes[1], address_change());
}

TEST(HistoryStore, KnowsTheLastRoundThatPassedByItsRounds) {
    const TemporaryDirectory directory;
    HistoryStore store(directory.path(), limits);
    HistoryBatch batch;
    batch.standings = {{orders(), config::TargetKind::endpoint, StoredHealth{true, noon(), std::nullopt},
                        daemon::Run{true, noon(), noon(), noon()}}};
    batch.rounds = {{orders(), noon() + 1h, true, Cause::healthy, 5ms}};
    store.write(batch, noon() + 1h);
    EXPECT_EQ(store.load().targets.at("orders").run->last_passed, noon() + 1h);
}

TEST(HistoryStore, AnOutageEndsAndKeepsItsEvidence) {
    const TemporaryDirectory directory;
    HistoryStore store(directory.path(), limits);
    store.write(failure(), noon() + 1min);
    HistoryBatch end;
    end.outages = {{orders(), noon() + 30s, noon() + 15min, Cause::healthy}};
    store.write(end, noon() + 15min);
    EXPECT_EQ(store.load().targets.at("orders").outage_since, std::nullopt);
    const Past past = past_of(directory, noon() + 1h);
    ASSERT_EQ(past.targets.size(), 1U);
    ASSERT_EQ(past.targets.front().outages.size(), 1U);
    const Outage& outage = past.targets.front().outages.front();
    EXPECT_EQ(outage.until, noon() + 15min);
    EXPECT_EQ(outage.cause, "syn_unanswered");
    ASSERT_EQ(outage.files.size(), 1U);
    EXPECT_EQ(outage.files.front().file, "/e/one.pcapng");
    ASSERT_EQ(outage.changes.size(), 2U);
    EXPECT_EQ(outage.changes[0].what, What::route);
}

TEST(HistoryStore, AnOutageKeepsTheEvidenceOfItsLaterCauses) {
    const TemporaryDirectory directory;
    HistoryStore store(directory.path(), limits);
    store.write(failure(), noon() + 1min);
    HistoryBatch later;
    later.evidence = {{orders(), noon() + 30s, noon() + 5min, Cause::connection_refused, "/e/two.pcapng"}};
    EXPECT_FALSE(later.only_rounds());
    store.write(later, noon() + 5min);
    const Past past = past_of(directory, noon() + 1h);
    const auto& files = past.targets.front().outages.front().files;
    ASSERT_EQ(files.size(), 2U);
    EXPECT_EQ(files[0].file, "/e/one.pcapng");
    EXPECT_EQ(files[1].file, "/e/two.pcapng");
    EXPECT_EQ(files[1].cause, "connection_refused");
    EXPECT_EQ(files[1].at, noon() + 5min);
    EXPECT_EQ(past.targets.front().outages.front().cause, "syn_unanswered");
}

TEST(HistoryStore, AnOutageNamesNoEvidenceThatIsGone) {
    const TemporaryDirectory directory;
    HistoryStore store(directory.path(), limits);
    store.write(failure(), noon() + 1min);
    HistoryBatch news;
    news.gone_evidence = {"/e/other.pcapng", "/e/one.pcapng"};
    EXPECT_FALSE(news.only_rounds());
    store.write(news, noon() + 2min);
    EXPECT_THAT(past_of(directory, noon() + 1h).targets.front().outages.front().files, IsEmpty());
}

TEST(HistoryStore, EvidenceIsKeptAsLongAsItsOutage) {
    const TemporaryDirectory directory;
    HistoryStore store(directory.path(), {24h, limits.max_size});
    HistoryBatch batch = failure();
    batch.outages.front().until = noon() + 1h;
    batch.evidence.push_back(
        {orders(), noon() + 30s, noon() + 5min, Cause::connection_refused, "/e/two.pcapng"});
    store.write(batch, noon() + 1h);
    EXPECT_THAT(store.take_dropped_evidence(), IsEmpty());
    store.write({}, noon() + 24h);
    EXPECT_THAT(store.take_dropped_evidence(), IsEmpty());
    store.write({}, noon() + 26h);
    EXPECT_THAT(store.take_dropped_evidence(), ElementsAre("/e/one.pcapng", "/e/two.pcapng"));
    EXPECT_THAT(store.take_dropped_evidence(), IsEmpty());
}

TEST(HistoryStore, EvidenceOfTwoOutagesIsKeptAsLongAsTheLater) {
    const TemporaryDirectory directory;
    HistoryStore store(directory.path(), {24h, limits.max_size});
    HistoryBatch batch = failure();
    batch.outages = {{orders(), noon(), noon() + 1h, Cause::syn_unanswered},
                     {orders(), noon() + 2h, noon() + 10h, Cause::syn_unanswered}};
    batch.evidence = {{orders(), noon(), noon(), Cause::syn_unanswered, "/e/one.pcapng"},
                      {orders(), noon() + 2h, noon(), Cause::syn_unanswered, "/e/one.pcapng"}};
    store.write(batch, noon() + 10h);
    store.write({}, noon() + 26h);
    EXPECT_THAT(store.take_dropped_evidence(), IsEmpty());
    store.write({}, noon() + 35h);
    EXPECT_THAT(store.take_dropped_evidence(), ElementsAre("/e/one.pcapng"));
}

// ---- the schema ----

std::vector<const char*> with_step(const char* further) {
    std::vector<const char*> steps(history_migrations().begin(), history_migrations().end());
    steps.push_back(further);
    return steps;
}

TEST(HistoryStore, TakesAFileOfTheFirstVersion) {
    const TemporaryDirectory directory;
    {
        sql::Database database(directory / history_file_name, sql::Access::write);
        database.run(history_migrations().front());
        database.run(
            "PRAGMA user_version = 1; INSERT INTO target (name, kind, passed, run_since, run_until, last_passed) "
            "VALUES ('orders', 'endpoint', 0, 3000, 3000, 2000)");
    }
    HistoryStore store(directory.path(), limits);
    const StoredHistory stored = store.load();
    ASSERT_TRUE(stored.targets.contains("orders"));
    EXPECT_EQ(stored.targets.at("orders").run->passed_since, std::nullopt);
    store.write(failure(), noon() + 1min);
    EXPECT_EQ(store.load().targets.at("orders").run->passed_since, noon() - 24h);
}

TEST(HistoryStore, TakesTheEvidenceOfAFileOfTheSecondVersion) {
    const TemporaryDirectory directory;
    {
        sql::Database database(directory / history_file_name, sql::Access::write);
        database.run(history_migrations()[0]);
        database.run(history_migrations()[1]);
        database.run(
            "PRAGMA user_version = 2; INSERT INTO target (id, name) VALUES (1, 'orders'); "
            "INSERT INTO outage (target, since, cause, evidence) VALUES (1, 1767268800000, 'no_route', "
            "'/e/one.pcapng'), (1, 1767268900000, 'no_route', '')");
    }
    HistoryStore(directory.path(), limits).load();
    const Past past = past_of(directory, noon() + 24h);
    ASSERT_EQ(past.targets.front().outages.size(), 2U);
    ASSERT_EQ(past.targets.front().outages[0].files.size(), 1U);
    EXPECT_EQ(past.targets.front().outages[0].files[0].file, "/e/one.pcapng");
    EXPECT_THAT(past.targets.front().outages[1].files, IsEmpty());
}

TEST(HistoryStore, TakesAnOlderFileToItsOwnVersion) {
    const TemporaryDirectory directory;
    HistoryStore(directory.path(), limits).write(failure(), noon() + 1min);
    const std::vector<const char*> later = with_step("ALTER TABLE outage ADD COLUMN note TEXT");
    EXPECT_EQ(HistoryStore(directory.path(), limits, later).load().targets.size(), 1U);
    sql::Database database(directory / history_file_name, sql::Access::read);
    EXPECT_EQ(database.number("PRAGMA user_version"), std::ssize(later));
    EXPECT_EQ(database.number("SELECT count(*) FROM outage WHERE note IS NULL"), 1);
}

TEST(HistoryStore, SetsTheFileOfANewerVersionAside) {
    const TemporaryDirectory directory;
    {
        sql::Database database(directory / history_file_name, sql::Access::write);
        database.run("CREATE TABLE future (a); PRAGMA user_version = 99");
    }
    HistoryStore store(directory.path(), limits);
    EXPECT_TRUE(store.load().targets.empty());
    EXPECT_THAT(store.take_remarks(), ElementsAre(HasSubstr("newer version")));
    EXPECT_THAT(files_in(directory), testing::Contains(HasSubstr("history.db.newer-")));
    store.write(failure(), noon() + 1min);
    EXPECT_EQ(store.load().targets.size(), 1U);
}

TEST(HistoryStore, AMigrationThatFailsLeavesTheFileAlone) {
    const TemporaryDirectory directory;
    HistoryStore(directory.path(), limits).write(failure(), noon() + 1min);
    const std::vector<const char*> wrong = with_step("CREATE TABLE note (a); CREATE TABLE note (a)");
    EXPECT_THROW(HistoryStore(directory.path(), limits, wrong).load(), sql::Error);
    EXPECT_EQ(HistoryStore(directory.path(), limits).load().targets.size(), 1U);
}

// ---- faults ----

TEST(HistoryStore, SetsADamagedFileAside) {
    const TemporaryDirectory directory;
    std::ofstream(directory / history_file_name) << std::string(8192, 'x');
    HistoryStore store(directory.path(), limits);
    EXPECT_TRUE(store.load().targets.empty());
    EXPECT_THAT(store.take_remarks(), ElementsAre(HasSubstr("is damaged")));
    const auto files = files_in(directory);
    const auto aside = std::ranges::find_if(
        files, [](const std::string& name) { return name.starts_with("history.db.corrupt-"); });
    ASSERT_NE(aside, files.end());
    EXPECT_EQ(fs::file_size(directory / *aside), 8192U);
    store.write(failure(), noon() + 1min);
    EXPECT_EQ(store.load().targets.size(), 1U);
}

TEST(HistoryStore, BeginsAgainWhereTheFileIsDamagedWhileItIsUsed) {
    const TemporaryDirectory directory;
    {
        HistoryStore store(directory.path(), limits);
        store.write(failure(), noon() + 1min);
    }
    {
        // Every page but the first, so that it opens.
        std::fstream file(directory / history_file_name, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(4096);
        file << std::string(fs::file_size(directory / history_file_name) - 4096, '\xff');
    }
    HistoryStore store(directory.path(), limits);
    store.write(failure(), noon() + 2min);
    EXPECT_THAT(store.take_remarks(), ElementsAre(HasSubstr("is damaged")));
    EXPECT_EQ(store.load().targets.size(), 1U);
}

TEST(HistoryStore, ForgetsTheIdsOfABatchThatTheNewFileCouldNotTake) {
    const TemporaryDirectory directory;
    std::ofstream(directory / history_file_name) << std::string(8192, 'x');
    HistoryStore store(directory.path(), {limits.max_age, 1});
    EXPECT_THROW(store.write(rounds(10'000, noon()), noon() + 1min), sql::Error);
    store.set_limits(limits);
    HistoryBatch other = failure();
    other.standings.clear();
    other.rounds.front().target = std::make_shared<const std::string>("billing");
    other.rounds.pop_back();
    store.write(other, noon() + 1min);
    EXPECT_EQ(store.load().targets.size(), 2U) << "orders and billing have an id each";
}

TEST(HistoryStore, SaysWhyThereCanBeNoFile) {
    const TemporaryDirectory directory;
    std::ofstream(directory / "file") << "x";
    HistoryStore store(directory / "file/state", limits);
    EXPECT_THROW(store.load(), sql::Error);
    EXPECT_THROW(store.write(failure(), noon()), sql::Error);
    EXPECT_THAT(store.take_remarks(), IsEmpty());
}

TEST(HistoryStore, AFullDiskTakesAllOfABatchOrNothing) {
    const TemporaryDirectory directory;
    HistoryStore store(directory.path(), limits);
    store.write(failure(), noon() + 1min);
    store.set_limits({limits.max_age, 1ULL << 20});  // SQLite's own wall
    EXPECT_THROW(store.write(rounds(200'000, noon() + 1h), noon() + 1h), sql::Error);
    store.set_limits(limits);
    EXPECT_EQ(past_of(directory, noon() + 48h).targets.front().all.rounds, 2);
    store.write(rounds(4, noon() + 1h), noon() + 1h);
    EXPECT_EQ(past_of(directory, noon() + 48h).targets.front().all.rounds, 6);
}

TEST(HistoryStore, WhatWasConfirmedSurvivesAKill) {
    const TemporaryDirectory directory;
    std::array<int, 2> confirmed{};
    ASSERT_EQ(pipe(confirmed.data()), 0);
    const pid_t child = fork();
    ASSERT_NE(child, -1);
    if (child == 0) {
        HistoryStore store(directory.path(), limits);
        for (std::size_t i = 0;; ++i) {
            store.write(rounds(10, noon() + i * 10s), noon() + i * 10s);
            if (write(confirmed[1], "x", 1) != 1) {
                _exit(1);
            }
        }
    }
    close(confirmed[1]);
    std::int64_t batches = 0;
    for (char byte = 0; batches < 20 && read(confirmed[0], &byte, 1) == 1; ++batches) {
    }
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    for (char byte = 0; read(confirmed[0], &byte, 1) == 1; ++batches) {
    }
    close(confirmed[0]);
    EXPECT_GE(batches, 20);
    HistoryStore store(directory.path(), limits);
    EXPECT_EQ(store.load().targets.size(), 1U);
    EXPECT_THAT(store.take_remarks(), IsEmpty());
    const std::int64_t kept = past_of(directory, noon() + 1000h).targets.front().all.rounds;
    EXPECT_GE(kept, batches * 10);
    EXPECT_EQ(kept % 10, 0) << "a batch is there as a whole";
}

// ---- bounds ----

constexpr std::uint64_t small = 16ULL << 20;

std::uint64_t size_of(const TemporaryDirectory& directory) {
    std::uint64_t size = 0;
    for (const auto& entry : fs::directory_iterator(directory.path())) {
        size += entry.file_size();
    }
    return size;
}

TEST(HistoryStore, OldRoundsBecomeSums) {
    const TemporaryDirectory directory;
    HistoryStore store(directory.path(), limits);
    store.write(rounds(1000, noon()), noon() + 1h);
    for (int i = 0; i < 10; ++i) {
        store.write({}, noon() + 30h);
    }
    sql::Database database(directory / history_file_name, sql::Access::read);
    EXPECT_EQ(database.number("SELECT count(*) FROM round"), 0);
    EXPECT_EQ(database.number("SELECT count(*) FROM bucket WHERE period = 300000"), 4);
    const TargetPast target = past_of(directory, noon() + 30h).targets.front();
    EXPECT_EQ(target.all.rounds, 1000);
    EXPECT_EQ(target.all.passed, 750);
    for (int i = 0; i < 10; ++i) {
        store.write({}, noon() + 20 * 24h);
    }
    EXPECT_EQ(database.number("SELECT count(*) FROM bucket WHERE period = 3600000"), 1);
    EXPECT_EQ(past_of(directory, noon() + 20 * 24h).targets.front().all.rounds, 1000);
}

TEST(HistoryStore, WhatIsTooOldGoes) {
    const TemporaryDirectory directory;
    HistoryStore store(directory.path(), limits);
    HistoryBatch batch = failure();
    batch.outages.front().until = noon() + 1h;
    store.write(batch, noon() + 1h);
    for (int i = 0; i < 5; ++i) {
        store.write({}, noon() + 100 * 24h);
    }
    sql::Database database(directory / history_file_name, sql::Access::read);
    for (const char* table : {"round", "bucket", "change", "outage", "outage_evidence"}) {
        EXPECT_EQ(database.number(fmt::format("SELECT count(*) FROM {}", table).c_str()), 0) << table;
    }
}

TEST(HistoryStore, TheFileStaysWithinItsSizeAndChangesStay) {
    const TemporaryDirectory directory;
    HistoryStore store(directory.path(), {90 * 24h, small});
    store.write(failure(), noon() + 1min);
    for (int i = 0; i < 30; ++i) {
        // None is a day old: the size alone makes room.
        const auto begin = noon() + 1h + i * 1min;
        store.write(rounds(20'000, begin), begin);
    }
    EXPECT_LE(size_of(directory), small);
    sql::Database database(directory / history_file_name, sql::Access::read);
    EXPECT_EQ(database.number("SELECT count(*) FROM change"), 2);
    EXPECT_EQ(database.number("SELECT count(*) FROM outage"), 1);
}

std::vector<TargetName> many_targets(int count) {
    std::vector<TargetName> targets;
    targets.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        targets.push_back(std::make_shared<const std::string>(fmt::format("target-{}", i)));
    }
    return targets;
}

TEST(HistoryStore, RoundsThatAreFewerThanTheirSumsStayWithinTheSizeToo) {
    const TemporaryDirectory directory;
    HistoryStore store(directory.path(), {90 * 24h, small});
    store.write(failure(), noon() + 1min);
    const std::vector<TargetName> targets = many_targets(4000);
    auto now = noon() + 1h;
    for (int i = 0; i < 120; ++i, now += 2h) {
        HistoryBatch batch;
        for (const TargetName& target : targets) {
            batch.rounds.push_back({target, now, true, Cause::healthy, 5ms});
        }
        store.write(batch, now);
    }
    EXPECT_LE(size_of(directory), small);
    sql::Database database(directory / history_file_name, sql::Access::read);
    EXPECT_EQ(database.number("SELECT count(*) FROM change"), 2);
    EXPECT_GE(database.number("SELECT count(*) FROM round"), 4000) << "the newest";
    EXPECT_GT(database.number("SELECT count(*) FROM bucket"), 50'000) << "more went than had to";
}

TEST(HistoryStore, OldOutagesMakeRoomWhereNothingElseCan) {
    const TemporaryDirectory directory;
    HistoryStore store(directory.path(), {90 * 24h, small});
    const TargetName name = orders();
    auto now = noon();
    for (int i = 0; i < 40; ++i) {
        HistoryBatch batch;
        for (int j = 0; j < 1000; ++j, now += 1min) {
            OutageRecord outage{name, now, now + 30s, Cause::syn_unanswered, now - 30s};
            outage.summary = std::string(400, 's');
            batch.outages.push_back(std::move(outage));
        }
        batch.outages.push_back({name, now - 10s, std::nullopt, Cause::syn_unanswered, now});
        store.write(batch, now);
    }
    EXPECT_LE(size_of(directory), small);
    sql::Database database(directory / history_file_name, sql::Access::read);
    EXPECT_GT(database.number("SELECT count(*) FROM outage WHERE until IS NOT NULL"), 5000);
    EXPECT_EQ(database.number("SELECT count(*) FROM outage WHERE until IS NULL"), 40);
    EXPECT_EQ(database.number("SELECT max(until) FROM outage"), milliseconds_of(now - 1min + 30s))
        << "the newest";
}

TEST(HistoryStore, AFileThatIsLargerThanItMayBeByNowBecomesSmaller) {
    const TemporaryDirectory directory;
    HistoryStore store(directory.path(), limits);
    store.write(failure(), noon() + 1min);
    for (int i = 0; i < 60; ++i) {
        const auto begin = noon() + 1h + i * 1min;
        store.write(rounds(20'000, begin), begin);
    }
    ASSERT_GT(size_of(directory), small);
    store.set_limits({limits.max_age, small});
    const auto later = noon() + 30h;
    for (int i = 0; i < 20; ++i) {
        store.write(rounds(20'000, later + i * 1min), later + i * 1min);
    }
    EXPECT_LE(fs::file_size(directory / history_file_name), small);
    sql::Database database(directory / history_file_name, sql::Access::read);
    EXPECT_EQ(database.number("SELECT count(*) FROM change"), 2);
}

TEST(HistoryStore, RoundsOfAClockThatWasAheadHoldNobodyUp) {
    const TemporaryDirectory directory;
    HistoryStore store(directory.path(), limits);
    store.write(rounds(1000, noon() + 365 * 24h), noon() + 365 * 24h);
    store.write(rounds(1000, noon()), noon() + 1h);
    for (int i = 0; i < 20; ++i) {
        store.write({}, noon() + 30h);
    }
    sql::Database database(directory / history_file_name, sql::Access::read);
    EXPECT_EQ(database.number("SELECT count(*) FROM round"), 0);
    EXPECT_EQ(past_of(directory, noon() + 30h).targets.front().all.rounds, 1000);
}

TEST(HistoryStore, ATargetOfWhichNothingIsLeftIsForgotten) {
    const TemporaryDirectory directory;
    HistoryStore store(directory.path(), limits);
    store.write(failure(), noon() + 1min);
    const TargetName other = std::make_shared<const std::string>("other");
    const auto later = noon() + 100 * 24h;
    HistoryBatch batch;
    for (int i = 0; i < 4; ++i) {
        batch.rounds = {{other, later + i * 24h, true, Cause::healthy, 5ms}};
        // While an outage lasts its target is remembered.
        batch.outages = {{orders(), noon() + 30s, noon() + 1h, Cause::syn_unanswered, noon()}};
        store.write(batch, later + i * 24h);
    }
    sql::Database database(directory / history_file_name, sql::Access::read);
    EXPECT_EQ(database.number("SELECT count(*) FROM target"), 1);
    EXPECT_EQ(database.number("SELECT count(*) FROM trait WHERE target != 0"), 0);
    EXPECT_EQ(database.number("SELECT count(*) FROM trait WHERE target = 0"), 1) << "this host's";
    batch.rounds = {{orders(), later + 96h, true, Cause::healthy, 5ms}};
    batch.outages.clear();
    store.write(batch, later + 96h);
    EXPECT_EQ(past_of(directory, later + 97h).targets.size(), 2U) << "it is back";
}

// ---- where ----

TEST(StateDirectory, IsTheFirstThatSystemdNames) {
    setenv("STATE_DIRECTORY", "/srv/a:/srv/a/evidence", 1);
    EXPECT_EQ(state_directory(), "/srv/a");
    unsetenv("STATE_DIRECTORY");
    EXPECT_EQ(state_directory(), "/var/lib/whylink");
}

}  // namespace
}  // namespace whylink::daemon
