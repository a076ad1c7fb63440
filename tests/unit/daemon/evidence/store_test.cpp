#include "daemon/evidence/store.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <random>
#include <string>

#include "kept_evidence.hpp"
#include "tests/support/directory_reads.hpp"
#include "tests/support/temporary_directory.hpp"

namespace whylink::daemon {
namespace {

namespace fs = std::filesystem;
using lab::DirectoryReads;
using lab::file_text;
using lab::listing;
using lab::make_file;
using lab::TemporaryDirectory;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint64_t mib = 1U << 20U;

/// What the disk gives to the files that are called as evidence, each inode once.
std::uint64_t on_disk(const std::string& directory) {
    std::map<ino_t, std::uint64_t> inodes;
    for (const std::string& name : listing(directory)) {
        struct stat status {};
        if (is_evidence_name(name) && lstat((directory + "/" + name).c_str(), &status) == 0) {
            inodes[status.st_ino] = static_cast<std::uint64_t>(status.st_blocks) * 512;
        }
    }
    std::uint64_t total = 0;
    for (const auto& [inode, bytes] : inodes) {
        total += bytes;
    }
    return total;
}

std::size_t files_of(const std::string& directory, std::string_view target) {
    std::size_t count = 0;
    for (const std::string& name : listing(directory)) {
        count += evidence_target(name) == target ? 1U : 0U;
    }
    return count;
}

/// A change of somebody else that the directory's time shows: on older kernels it goes in steps of milliseconds.
void change(const std::string& directory) {
    const OpenedDirectory opened = open_directory(directory);
    const auto before = state_of(opened.fd.get());
    do {
        make_file(directory + "/notes.txt", "n");
        fs::remove(directory + "/notes.txt");
    } while (state_of(opened.fd.get())->unchanged(*before));
}

/// The umask as long as this is there.
class Umask {
  public:
    explicit Umask(mode_t mask) : before_(umask(mask)) {}
    ~Umask() { umask(before_); }
    Umask(const Umask&) = delete;
    Umask& operator=(const Umask&) = delete;

  private:
    mode_t before_;
};

TEST(EvidenceStore, MakesTheDirectoryAndAFileThatTheGroupCanRead) {
    const TemporaryDirectory root;
    const std::string directory = root / "lib/whylink/evidence";
    for (const mode_t mask : {0U, 0077U}) {
        const Umask umask(mask);
        const std::string bytes("packets\0and\nmore", 16);
        const StoredEvidence stored = EvidenceStore().store(directory + "//", mib, evidence_at(1), bytes);
        EXPECT_EQ(stored.error, std::nullopt);
        EXPECT_THAT(stored.removed, IsEmpty());
        EXPECT_EQ(stored.path, directory + "/" + evidence_at(1));
        EXPECT_THAT(listing(directory), ElementsAre(evidence_at(1)));
        EXPECT_EQ(file_text(stored.path), bytes);
        EXPECT_EQ(lab::permissions(stored.path), 0640U);
        EXPECT_EQ(lab::permissions(directory), 0750U);
        fs::remove_all(root / "lib");
    }
}

// ---- which go first ----

TEST(EvidenceStore, RemovesFirstWhatCameFirstAndNoMoreThanItMust) {
    const TemporaryDirectory directory;
    DaemonRun run;
    for (const int round : {3, 1, 4, 2}) {
        ASSERT_EQ(run.store(directory.path(), 4 * block, round, block).error, std::nullopt);
    }
    const StoredEvidence stored = run.store(directory.path(), 4 * block, 5, block + 1);
    EXPECT_EQ(stored.error, std::nullopt);
    EXPECT_THAT(stored.removed, ElementsAre(directory / evidence_at(3), directory / evidence_at(1)));
    EXPECT_THAT(listing(directory.path()), ElementsAre(evidence_at(2), evidence_at(4), evidence_at(5)));
    EXPECT_EQ(stored.use.files, 3U);
    EXPECT_EQ(stored.use.bytes, 4 * block);
    // A file exactly as large as the limit has all of it.
    EXPECT_EQ(run.store(directory.path(), 4 * block, 6, 4 * block).removed.size(), 3U);
    EXPECT_THAT(listing(directory.path()), ElementsAre(evidence_at(6)));
}

TEST(EvidenceStore, RemovesByTheirNamesWhatEarlierRunsLeft) {
    const TemporaryDirectory directory;
    for (const int round : {3, 1, 2}) {
        ASSERT_EQ(DaemonRun().store(directory.path(), mib, round, block).error, std::nullopt);
    }
    DaemonRun run;
    EXPECT_THAT(run.store(directory.path(), 3 * block, 4, block).removed,
                ElementsAre(directory / evidence_at(1)));
    // Whatever its name is, a file of this run is younger than all of them.
    EXPECT_THAT(run.store(directory.path(), 3 * block, 0, 2 * block).removed,
                ElementsAre(directory / evidence_at(2), directory / evidence_at(3)));
    EXPECT_THAT(run.store(directory.path(), 3 * block, 5, block).removed,
                ElementsAre(directory / evidence_at(4)));
}

TEST(EvidenceStore, KeepsTheNewestFilesWhenTheClockJumpsBack) {
    const TemporaryDirectory directory;
    DaemonRun run;
    constexpr int fit = 40;
    constexpr std::uint64_t limit = fit * block;
    for (int round = 0; round < fit; ++round) {
        ASSERT_EQ(run.store(directory.path(), limit, 10'000 + round, block).error, std::nullopt);
    }
    constexpr int after = 30;
    run.set_clock(0);
    for (int round = 0; round < after; ++round) {
        ASSERT_EQ(run.store(directory.path(), limit, round, block).error, std::nullopt);
    }
    for (int round = 0; round < after; ++round) {
        EXPECT_TRUE(fs::exists(directory / evidence_at(round))) << round;
    }
    EXPECT_FALSE(fs::exists(directory / evidence_at(10'000 + after - 1)));
    EXPECT_TRUE(fs::exists(directory / evidence_at(10'000 + after)));
    // The directory is read again, and each file keeps its age.
    change(directory.path());
    run.wait(EvidenceStore::min_listing_pause);
    EXPECT_THAT(run.store(directory.path(), limit, after, block).removed,
                ElementsAre(directory / evidence_at(10'000 + after)));
}

TEST(EvidenceStore, RemovesFirstWhatAWrongClockDatedAheadBeforeItWasStarted) {
    const TemporaryDirectory directory;
    for (const int round : {10, 20, 90'000, 80'000}) {
        ASSERT_EQ(DaemonRun().store(directory.path(), mib, round, block).error, std::nullopt);
    }
    DaemonRun run;
    run.set_clock(100);
    EXPECT_THAT(run.store(directory.path(), 4 * block, 100, 3 * block).removed,
                ElementsAre(directory / evidence_at(80'000), directory / evidence_at(90'000),
                            directory / evidence_at(10)));
}

TEST(EvidenceStore, HoldsALimitThatWasLowered) {
    const TemporaryDirectory directory;
    DaemonRun run;
    for (int round = 1; round <= 5; ++round) {
        ASSERT_EQ(run.store(directory.path(), 10 * block, round, block).error, std::nullopt);
    }
    EXPECT_EQ(run.store(directory.path(), 2 * block, 6, block).removed.size(), 4U);
    EXPECT_THAT(listing(directory.path()), ElementsAre(evidence_at(5), evidence_at(6)));
}

TEST(EvidenceStore, LetsATargetThatFlapsRemoveOnlyItsOwn) {
    const TemporaryDirectory directory;
    const std::uint64_t limit = 100 * block;
    for (int target = 0; target < 20; ++target) {
        const std::string name = "steady-" + std::to_string(target);
        ASSERT_EQ(DaemonRun().store(directory.path(), limit, target, 2 * block, name).error, std::nullopt);
    }
    DaemonRun run;
    for (int round = 100; round < 130; ++round) {
        ASSERT_EQ(run.store(directory.path(), limit, round, 18 * block, "flaps").error, std::nullopt);
    }
    for (int target = 0; target < 20; ++target) {
        EXPECT_EQ(files_of(directory.path(), "steady-" + std::to_string(target)), 1U) << target;
    }
    EXPECT_EQ(files_of(directory.path(), "flaps"), 3U) << "60 blocks are left to it";
}

// ---- what is refused ----

TEST(EvidenceStore, OverwritesNothingAndNumbersInstead) {
    const TemporaryDirectory directory;
    EvidenceStore store;
    const auto again = [&](const std::string& bytes) {
        return store.store(directory.path(), mib, evidence_at(1), bytes);
    };
    EXPECT_EQ(again("first").path, directory / evidence_at(1));
    EXPECT_EQ(again("second").path, directory / numbered(evidence_at(1), 2));
    // Nor does it follow a link of that name, to write where it leads.
    fs::create_symlink(directory / "made-through-the-link", directory / numbered(evidence_at(1), 3));
    EXPECT_EQ(again("third").path, directory / numbered(evidence_at(1), 4));
    EXPECT_EQ(file_text(directory / evidence_at(1)), "first");
    EXPECT_EQ(file_text(directory / numbered(evidence_at(1), 4)), "third");
    EXPECT_FALSE(fs::exists(directory / "made-through-the-link"));
    // Numbered ones count like the others.
    EXPECT_EQ(store.store(directory.path(), block, evidence_at(2), "fourth").removed.size(), 3U);
}

TEST(EvidenceStore, RefusesWhatExceedsTheLimitAlone) {
    const TemporaryDirectory directory;
    DaemonRun run;
    ASSERT_EQ(run.store(directory.path(), 2 * block, 1, 2 * block).error, std::nullopt);
    for (const std::uint64_t limit : {std::uint64_t{0}, std::uint64_t{block}}) {
        // One byte more takes another block.
        const StoredEvidence refused = run.store(directory.path(), limit, 2, block + 1);
        EXPECT_EQ(refused.error, "cannot write " + (directory / evidence_at(2)) +
                                     ": it needs 8192 bytes on the disk, and evidence_limit is " +
                                     std::to_string(limit) + " bytes");
        EXPECT_TRUE(refused.too_large);
        EXPECT_EQ(refused.path, "");
        EXPECT_THAT(refused.removed, IsEmpty());
    }
    EXPECT_THAT(listing(directory.path()), ElementsAre(evidence_at(1)));
}

TEST(EvidenceStore, RefusesWhatOnlyTheShareOfOthersHasRoomFor) {
    const TemporaryDirectory directory;
    DaemonRun run;
    for (int target = 0; target < 4; ++target) {
        const std::string name = "db-" + std::to_string(target);
        ASSERT_EQ(run.store(directory.path(), 8 * block, target, 2 * block, name).error, std::nullopt);
    }
    const std::vector<std::string> before = listing(directory.path());
    const StoredEvidence refused = run.store(directory.path(), 8 * block, 9, 3 * block, "db-0");
    EXPECT_EQ(refused.error,
              "cannot write " + (directory / evidence_at(9, "db-0")) +
                  ": it needs 12288 bytes on the disk, and each of 4 targets may hold 8192 bytes");
    EXPECT_TRUE(refused.too_large);
    EXPECT_THAT(refused.removed, IsEmpty());
    EXPECT_EQ(listing(directory.path()), before);
}

TEST(EvidenceStore, RefusesANameThatItWouldNotKnowAgain) {
    const TemporaryDirectory root;
    const std::string directory = root / "evidence";
    for (const std::string name : {"", ".", "../x.pcapng", "notes.txt"}) {
        const StoredEvidence refused = EvidenceStore().store(directory, mib, name, "x");
        ASSERT_TRUE(refused.error);
        EXPECT_THAT(*refused.error, HasSubstr("no name of an evidence file"));
    }
    EXPECT_THAT(listing(root.path()), IsEmpty());
}

// ---- what lies there besides ----

TEST(EvidenceStore, NeverTouchesWhatIsNotItsOwn) {
    const TemporaryDirectory directory;
    const TemporaryDirectory elsewhere;
    const std::string precious = elsewhere / "precious";
    make_file(precious, std::string(500, 'p'));
    make_file(directory / "notes.txt", std::string(500, 'n'));
    make_file(directory / "copy-of-20260101T120001.000Z_db_no_route.pcapng", std::string(500, 'c'));
    make_file(directory / ".whylink-evidence-notes", "n");
    fs::create_symlink(precious, directory / evidence_at(1));
    fs::create_directory(directory / evidence_at(2));
    // Nobody writes into it: who opened it would wait for ever.
    ASSERT_EQ(mkfifo((directory / evidence_at(3)).c_str(), 0600), 0);
    ASSERT_EQ(mkfifo((directory / ".whylink-evidence-0123456789abcde0").c_str(), 0600), 0);
    fs::create_symlink(precious, directory / ".whylink-evidence-0123456789abcdef");
    fs::create_directory(directory / ".whylink-evidence-0123456789abcde1");
    const std::vector<std::string> before = listing(directory.path());
    DaemonRun run;
    const StoredEvidence stored = run.store(directory.path(), block, 4, block);
    EXPECT_EQ(stored.error, std::nullopt) << *stored.error;
    EXPECT_THAT(stored.removed, IsEmpty());
    EXPECT_EQ(stored.use.files, 1U) << "nothing else is counted";
    std::vector<std::string> expected = before;
    expected.push_back(evidence_at(4));
    EXPECT_THAT(listing(directory.path()), testing::UnorderedElementsAreArray(expected));
    EXPECT_EQ(file_text(precious).size(), 500U);
}

TEST(EvidenceStore, NeverRemovesWhatHasTakenThePlaceOfAFile) {
    const TemporaryDirectory directory;
    const TemporaryDirectory elsewhere;
    make_file(elsewhere / "precious", "p");
    DaemonRun run;
    for (int round = 1; round <= 3; ++round) {
        ASSERT_EQ(run.store(directory.path(), 3 * block, round, block).error, std::nullopt);
        fs::remove(directory / evidence_at(round));
    }
    fs::create_symlink(elsewhere / "precious", directory / evidence_at(1));
    fs::create_directory(directory / evidence_at(2));
    ASSERT_EQ(mkfifo((directory / evidence_at(3)).c_str(), 0600), 0);
    EXPECT_EQ(run.store(directory.path(), 3 * block, 4, 3 * block).error, std::nullopt);
    EXPECT_THAT(listing(directory.path()),
                ElementsAre(evidence_at(1), evidence_at(2), evidence_at(3), evidence_at(4)));
    EXPECT_EQ(file_text(elsewhere / "precious"), "p");
}

TEST(EvidenceStore, CountsAFileWithSeveralNamesOnce) {
    const TemporaryDirectory directory;
    ASSERT_EQ(DaemonRun().store(directory.path(), mib, 1, 4 * block).error, std::nullopt);
    fs::create_hard_link(directory / evidence_at(1), directory / evidence_at(2));
    fs::create_hard_link(directory / evidence_at(1), directory / evidence_at(3, "other"));
    fs::create_hard_link(directory / evidence_at(1), directory / evidence_at(4, "other"));
    DaemonRun run;
    const StoredEvidence prepared = run.prepare(directory.path(), 8 * block);
    EXPECT_EQ(prepared.error, std::nullopt);
    EXPECT_EQ(prepared.use.files, 4U);
    EXPECT_EQ(prepared.use.bytes, 4 * block);
    const StoredEvidence stored = run.store(directory.path(), 8 * block, 5, 4 * block);
    EXPECT_EQ(stored.error, std::nullopt) << *stored.error;
    EXPECT_THAT(stored.removed, IsEmpty());
}

TEST(EvidenceStore, FindsNoFaultWithAFileThatSomebodyElseHasRemoved) {
    const TemporaryDirectory directory;
    DaemonRun run;
    for (int round = 1; round <= 3; ++round) {
        ASSERT_EQ(run.store(directory.path(), 3 * block, round, block).error, std::nullopt);
    }
    fs::remove(directory / evidence_at(1));
    const StoredEvidence stored = run.store(directory.path(), 3 * block, 4, block);
    EXPECT_EQ(stored.error, std::nullopt) << *stored.error;
    EXPECT_THAT(stored.removed, ElementsAre(directory / evidence_at(1)));
    EXPECT_THAT(listing(directory.path()), ElementsAre(evidence_at(2), evidence_at(3), evidence_at(4)));
}

TEST(EvidenceStore, FollowsADirectoryThatWasReplaced) {
    const TemporaryDirectory root;
    const std::string directory = root / "evidence";
    DaemonRun run;
    ASSERT_EQ(run.store(directory, 2 * block, 1, 2 * block).error, std::nullopt);
    fs::rename(directory, root / "moved away");
    const StoredEvidence stored = run.store(directory, 2 * block, 2, 2 * block);
    EXPECT_EQ(stored.error, std::nullopt);
    EXPECT_EQ(stored.use.files, 1U);
    EXPECT_THAT(listing(directory), ElementsAre(evidence_at(2)));
    EXPECT_THAT(listing(root / "moved away"), ElementsAre(evidence_at(1)));
}

// ---- what it costs ----

TEST(EvidenceStore, ReadsTheDirectoryOnceAndNotForEachFile) {
    const TemporaryDirectory directory;
    constexpr int there = 2000;
    constexpr std::uint64_t limit = std::uint64_t{there} * (16U << 10U);  // as many files as that
    for (int round = 0; round < there; ++round) {
        make_file(directory / evidence_at(round, "db-" + std::to_string(round % 50)), "x");
    }
    DaemonRun run;
    const DirectoryReads reads(directory.path());
    const StoredEvidence prepared = run.prepare(directory.path(), limit);
    EXPECT_TRUE(reads.any()) << "or this test cannot fail";
    EXPECT_EQ(prepared.use.files, std::size_t{there});
    for (int round = there; round < there + 100; ++round) {
        const StoredEvidence stored =
            run.store(directory.path(), limit, round, block, "db-" + std::to_string(round % 50));
        ASSERT_EQ(stored.error, std::nullopt) << *stored.error;
        EXPECT_EQ(stored.removed.size(), 1U);
        run.wait(EvidenceStore::min_listing_pause);
    }
    EXPECT_EQ(run.prepare(directory.path(), limit).error, std::nullopt);
    EXPECT_FALSE(reads.any());
}

TEST(EvidenceStore, ReadsTheDirectoryAgainWhenOthersChangedItButNotAllTheTime) {
    const TemporaryDirectory directory;
    DaemonRun run;
    ASSERT_EQ(run.store(directory.path(), mib, 1, block).error, std::nullopt);
    ASSERT_EQ(run.store(directory.path(), mib, 2, block).error, std::nullopt);
    const DirectoryReads reads(directory.path());
    fs::remove(directory / evidence_at(1));
    make_file(directory / evidence_at(3), std::string(block, 'x'));
    change(directory.path());
    run.wait(EvidenceStore::min_listing_pause - std::chrono::minutes(1));
    EXPECT_EQ(run.store(directory.path(), mib, 4, block).use.files, 3U) << "as far as it remembers";
    EXPECT_FALSE(reads.any());
    run.wait(std::chrono::minutes(1));
    const StoredEvidence stored = run.store(directory.path(), mib, 5, block);
    EXPECT_TRUE(reads.any());
    EXPECT_EQ(stored.use.files, 4U);
    EXPECT_THAT(stored.removed, ElementsAre(directory / evidence_at(1))) << "nobody names it any more";
    run.wait(EvidenceStore::min_listing_pause);
    static_cast<void>(run.store(directory.path(), mib, 6, block));
    EXPECT_FALSE(reads.any()) << "all changes were its own";
}

TEST(EvidenceStore, HoldsABoundedNumberOfFilesInMemoryHoweverManyThereAre) {
    const TemporaryDirectory directory;
    constexpr std::uint64_t limit = 64U << 10U;
    for (int round = 0; round < 1000; ++round) {
        make_file(directory / evidence_at(round), "x");
    }
    DaemonRun run;
    EXPECT_EQ(run.prepare(directory.path(), limit).use.files, 4 * EvidenceIndex::max_files(limit));
    const StoredEvidence stored = run.store(directory.path(), limit, 1000, 1);
    EXPECT_EQ(stored.error, std::nullopt);
    EXPECT_LE(on_disk(directory.path()), limit);
    EXPECT_LE(listing(directory.path()).size(), EvidenceIndex::max_files(limit));
    EXPECT_EQ(listing(directory.path()).size(), stored.use.files);
    EXPECT_TRUE(fs::exists(directory / evidence_at(1000)));
}

TEST(EvidenceStore, StaysWithinTheLimitWhateverComes) {
    std::mt19937 random(4);  // the same each time, so that a failure can be seen again
    const auto below = [&](std::uint64_t bound) {
        return std::uniform_int_distribution<std::uint64_t>(0, bound)(random);
    };
    for (int series = 0; series < 10; ++series) {
        const TemporaryDirectory directory;
        DaemonRun run;
        std::uint64_t limit = block + below(20 * block);
        for (int round = 0; round < 60; ++round) {
            if (below(9) == 0) {
                limit = block + below(20 * block);
            }
            const std::uint64_t size = 1 + below(6 * block);
            const std::string target = "db-" + std::to_string(below(4));
            const std::vector<std::string> before = listing(directory.path());
            const StoredEvidence stored = run.store(directory.path(), limit, round, size, target);
            const std::vector<std::string> after = listing(directory.path());
            if (stored.error) {
                EXPECT_TRUE(stored.too_large) << *stored.error;
                EXPECT_EQ(after, before);
                continue;
            }
            EXPECT_LE(on_disk(directory.path()), limit);
            EXPECT_EQ(fs::file_size(stored.path), size);
            EXPECT_EQ(after.size() + stored.removed.size(), before.size() + 1);
            EXPECT_EQ(after.size(), stored.use.files);
        }
    }
}

TEST(EvidenceStore, RemovesWhatIsNoLongerNeededAndNothingElse) {
    const TemporaryDirectory directory;
    EvidenceStore store;
    const std::string one = "20260101T000000.000Z_orders_syn_unanswered.pcapng";
    const std::string two = "20260101T000001.000Z_orders_syn_unanswered.pcapng";
    for (const std::string& name : {one, two}) {
        EXPECT_EQ(store.store(directory.path(), mib, name, "packets").error, std::nullopt);
    }
    make_file(directory / "notes.txt", "of somebody else");
    const StoredEvidence stored = store.remove(
        directory.path() + "/", mib,
        {directory / one, directory / "notes.txt", "/elsewhere/" + two, two, directory / "gone"});
    EXPECT_EQ(stored.error, std::nullopt);
    EXPECT_THAT(stored.removed, ElementsAre(directory / one));
    EXPECT_EQ(stored.use.files, 1U);
    EXPECT_THAT(listing(directory.path()), ElementsAre(two, "notes.txt"));
}

}  // namespace
}  // namespace whylink::daemon
