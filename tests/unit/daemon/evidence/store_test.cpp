#include "daemon/evidence/store.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <random>
#include <string>

#include "daemon/evidence/evidence_file.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

namespace fs = std::filesystem;
using lab::file_text;
using lab::listing;
using lab::make_file;
using lab::TemporaryDirectory;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Of the round that began so many seconds after noon.
std::string name_of(int round, std::string_view target = "db") {
    return evidence_name(fabricated::noon() + std::chrono::seconds(round), target, Cause::no_route);
}

StoredEvidence store(const std::string& directory, std::uint64_t limit, int round, std::size_t size) {
    return store_evidence(directory, limit, name_of(round), std::string(size, 'x'));
}

std::uint64_t total_size(const std::string& directory) {
    std::uint64_t total = 0;
    for (const std::string& name : listing(directory)) {
        total += fs::file_size(fs::path(directory) / name);
    }
    return total;
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
        const StoredEvidence stored = store_evidence(directory + "//", 1000, name_of(1), bytes);
        EXPECT_EQ(stored.error, std::nullopt);
        EXPECT_THAT(stored.removed, IsEmpty());
        EXPECT_EQ(stored.path, directory + "/" + name_of(1));
        EXPECT_THAT(listing(directory), ElementsAre(name_of(1)));
        EXPECT_EQ(file_text(stored.path), bytes);
        EXPECT_EQ(lab::permissions(stored.path), 0640U);
        EXPECT_EQ(lab::permissions(directory), 0750U);
        fs::remove_all(root / "lib");
    }
}

TEST(EvidenceStore, RemovesTheOldestFirstAndNoMoreThanItMust) {
    const TemporaryDirectory directory;
    // Not in the order of their times: what counts is the name.
    for (const int round : {3, 1, 4, 2}) {
        ASSERT_EQ(store(directory.path(), 100, round, 25).error, std::nullopt);
    }
    const StoredEvidence stored = store(directory.path(), 100, 5, 26);
    EXPECT_EQ(stored.error, std::nullopt);
    EXPECT_THAT(stored.removed, ElementsAre(directory / name_of(1), directory / name_of(2)));
    EXPECT_THAT(listing(directory.path()), ElementsAre(name_of(3), name_of(4), name_of(5)));
    // A file exactly as large as the limit has all of it.
    EXPECT_EQ(store(directory.path(), 100, 6, 100).removed.size(), 3U);
    EXPECT_THAT(listing(directory.path()), ElementsAre(name_of(6)));
}

TEST(EvidenceStore, KeepsTheNewFileAlsoWhenTheClockWentBack) {
    const TemporaryDirectory directory;
    ASSERT_EQ(store(directory.path(), 100, 9, 60).error, std::nullopt);
    EXPECT_EQ(store(directory.path(), 100, 1, 60).error, std::nullopt);
    EXPECT_THAT(listing(directory.path()), ElementsAre(name_of(1)));
}

TEST(EvidenceStore, HoldsALimitThatWasLowered) {
    const TemporaryDirectory directory;
    for (int round = 1; round <= 5; ++round) {
        ASSERT_EQ(store(directory.path(), 1000, round, 100).error, std::nullopt);
    }
    EXPECT_EQ(store(directory.path(), 150, 6, 50).removed.size(), 4U);
    EXPECT_THAT(listing(directory.path()), ElementsAre(name_of(5), name_of(6)));
}

TEST(EvidenceStore, NeverTouchesWhatIsNotItsOwn) {
    const TemporaryDirectory directory;
    const TemporaryDirectory elsewhere;
    const std::string precious = elsewhere / "precious";
    make_file(precious, std::string(500, 'p'));
    make_file(directory / "notes.txt", std::string(500, 'n'));
    make_file(directory / "copy-of-20260101T120001.000Z_db_no_route.pcapng", std::string(500, 'c'));
    make_file(directory / ".whylink-evidence-notes", "n");
    fs::create_symlink(precious, directory / name_of(1));
    fs::create_directory(directory / name_of(2));
    ASSERT_EQ(mkfifo((directory / name_of(3)).c_str(), 0600), 0);
    fs::create_symlink(precious, directory / ".whylink-evidence-0123456789abcdef");
    const std::vector<std::string> before = listing(directory.path());
    const StoredEvidence stored = store(directory.path(), 100, 4, 100);
    EXPECT_EQ(stored.error, std::nullopt) << *stored.error;
    EXPECT_THAT(stored.removed, IsEmpty());
    std::vector<std::string> expected = before;
    expected.push_back(name_of(4));
    EXPECT_THAT(listing(directory.path()), testing::UnorderedElementsAreArray(expected));
    EXPECT_EQ(file_text(precious).size(), 500U);
}

TEST(EvidenceStore, OverwritesNothingAndNumbersInstead) {
    const TemporaryDirectory directory;
    const auto again = [&](const std::string& bytes) {
        return store_evidence(directory.path(), 1000, name_of(1), bytes);
    };
    EXPECT_EQ(again("first").path, directory / name_of(1));
    EXPECT_EQ(again("second").path, directory / numbered(name_of(1), 2));
    // Nor does it follow a link of that name, to write where it leads.
    fs::create_symlink(directory / "made-through-the-link", directory / numbered(name_of(1), 3));
    EXPECT_EQ(again("third").path, directory / numbered(name_of(1), 4));
    EXPECT_EQ(file_text(directory / name_of(1)), "first");
    EXPECT_EQ(file_text(directory / numbered(name_of(1), 4)), "third");
    EXPECT_FALSE(fs::exists(directory / "made-through-the-link"));
    // Numbered ones count like the others.
    EXPECT_EQ(store(directory.path(), 10, 2, 10).removed.size(), 3U);
}

TEST(EvidenceStore, RefusesWhatExceedsTheLimitAlone) {
    const TemporaryDirectory directory;
    ASSERT_EQ(store(directory.path(), 100, 1, 100).error, std::nullopt);
    for (const std::uint64_t limit : {0U, 99U}) {
        const StoredEvidence refused = store(directory.path(), limit, 2, 100);
        EXPECT_EQ(refused.error, "cannot write " + (directory / name_of(2)) + ": it needs 100 bytes, and " +
                                     "evidence_limit is " + std::to_string(limit) + " bytes");
        EXPECT_EQ(refused.path, "");
        EXPECT_THAT(refused.removed, IsEmpty());
    }
    EXPECT_THAT(listing(directory.path()), ElementsAre(name_of(1)));
}

TEST(EvidenceStore, RefusesANameThatItWouldNotKnowAgain) {
    const TemporaryDirectory root;
    const std::string directory = root / "evidence";
    for (const std::string name : {"", ".", "../x.pcapng", "notes.txt"}) {
        const StoredEvidence refused = store_evidence(directory, 100, name, "x");
        ASSERT_TRUE(refused.error);
        EXPECT_THAT(*refused.error, HasSubstr("no name of an evidence file"));
    }
    EXPECT_THAT(listing(root.path()), IsEmpty());
}

TEST(EvidenceStore, StaysWithinTheLimitWhateverComes) {
    std::mt19937 random(4);  // the same each time, so that a failure can be seen again
    const auto below = [&](std::uint64_t bound) {
        return std::uniform_int_distribution<std::uint64_t>(0, bound)(random);
    };
    for (int series = 0; series < 10; ++series) {
        const TemporaryDirectory directory;
        std::uint64_t limit = 1 + below(5000);
        for (int round = 0; round < 30; ++round) {
            if (below(9) == 0) {
                limit = 1 + below(5000);
            }
            const std::uint64_t size = below(3000);
            const std::vector<std::string> before = listing(directory.path());
            const StoredEvidence stored = store(directory.path(), limit, round, size);
            if (size > limit) {
                EXPECT_TRUE(stored.error);
                EXPECT_EQ(listing(directory.path()), before);
                continue;
            }
            ASSERT_EQ(stored.error, std::nullopt) << *stored.error;
            EXPECT_LE(total_size(directory.path()), limit);
            EXPECT_EQ(fs::file_size(stored.path), size);
            // The rest are the newest of before, and one more would have been too many.
            const std::vector<std::string> after = listing(directory.path());
            ASSERT_EQ(after.size() + stored.removed.size(), before.size() + 1);
            EXPECT_TRUE(std::equal(after.begin(), after.end() - 1,
                                   before.end() - static_cast<std::ptrdiff_t>(after.size() - 1)));
        }
    }
}

}  // namespace
}  // namespace whylink::daemon
