// What goes wrong on a disk: full ones, forbidden ones, and processes that end while they write.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>

#include "daemon/evidence/draft.hpp"
#include "daemon/evidence/evidence_file.hpp"
#include "daemon/evidence/store.hpp"
#include "kept_evidence.hpp"
#include "tests/support/directory_reads.hpp"
#include "tests/support/small_disk.hpp"

namespace whylink::daemon {
namespace {

namespace fs = std::filesystem;
using lab::listing;
using lab::make_file;
using lab::on_small_disk;
using lab::TemporaryDirectory;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::size_t mib = 1U << 20U;

std::string name_of(int round) {
    return evidence_at(round);
}

/// By a process of its own.
StoredEvidence store(const std::string& directory, std::uint64_t limit, int round, std::size_t size) {
    return DaemonRun().store(directory, limit, round, size);
}

std::optional<std::string> evidence_directory_fault(const std::string& directory) {
    return DaemonRun().prepare(directory, mib).error;
}

/// Both ways to notice give the same reason, and name the directory.
void expect_fault(const std::string& directory, const std::string& reason) {
    const std::string text = "cannot write " + directory + ": " + reason;
    EXPECT_EQ(evidence_directory_fault(directory), text);
    const StoredEvidence stored = store(directory, mib, 1, 10);
    ASSERT_TRUE(stored.error) << directory;
    EXPECT_THAT(*stored.error, testing::StartsWith("cannot write " + directory));
    EXPECT_THAT(*stored.error, testing::EndsWith(": " + reason));
    EXPECT_EQ(stored.path, "");
}

TEST(EvidenceFaults, AreNoneWhereFilesCanBeWritten) {
    const TemporaryDirectory root;
    EXPECT_EQ(evidence_directory_fault(root / "lib/evidence"), std::nullopt);
    EXPECT_EQ(lab::permissions(root / "lib/evidence"), 0750U);
    EXPECT_THAT(listing(root / "lib/evidence"), IsEmpty());
    EXPECT_EQ(evidence_directory_fault((root / "lib/evidence") + "/"), std::nullopt);
}

TEST(EvidenceFaults, NameADirectoryThatIsNone) {
    const TemporaryDirectory root;
    make_file(root / "file", "x");
    expect_fault(root / "file", "Not a directory");
    expect_fault(root / "file/evidence", "Not a directory");
    fs::create_symlink("nowhere", root / "dangling");
    expect_fault(root / "dangling", "No such file or directory");
    EXPECT_THAT(listing(root.path()), ElementsAre("dangling", "file"));
}

TEST(EvidenceFaults, NameADirectoryThatIsNotOurs) {
    const auto without_root = on_small_disk("size=10m,mode=0755", [](const std::string& disk) {
        setfsuid(65534);  // of this thread, with the capabilities that go past permissions
        expect_fault(disk, "Permission denied");
        expect_fault(disk + "/evidence", "Permission denied");
    });
    if (without_root) {
        GTEST_SKIP() << without_root.message();
    }
}

TEST(EvidenceFaults, NameADiskThatIsReadOnly) {
    const auto without_root = on_small_disk("size=10m", [](const std::string& disk) {
        ASSERT_EQ(mount("none", disk.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
        expect_fault(disk, "Read-only file system");
        expect_fault(disk + "/evidence", "Read-only file system");
    });
    if (without_root) {
        GTEST_SKIP() << without_root.message();
    }
}

TEST(EvidenceFaults, LeaveATwentiethOfTheDiskFree) {
    const auto without_root = on_small_disk("size=20m", [](const std::string& disk) {
        ASSERT_EQ(store(disk, 100 * mib, 1, 18 * mib).error, std::nullopt);
        ASSERT_EQ(store(disk, 100 * mib, 2, mib).error, std::nullopt) << "one MiB is left: a twentieth";
        const StoredEvidence refused = store(disk, 100 * mib, 3, 1);
        ASSERT_TRUE(refused.error);
        EXPECT_EQ(*refused.error, "cannot write " + disk + "/" + name_of(3) +
                                      ": it needs 1 bytes, the file system has 1.0 MiB left, and 1.0 MiB of "
                                      "these stay free");
        EXPECT_THAT(refused.removed, IsEmpty());
        EXPECT_THAT(listing(disk), ElementsAre(name_of(1), name_of(2)));
        // What the limit removes makes room on the disk as well.
        const StoredEvidence stored = store(disk, 18 * mib, 3, 17 * mib);
        EXPECT_EQ(stored.error, std::nullopt) << *stored.error;
        EXPECT_THAT(listing(disk), ElementsAre(name_of(2), name_of(3)));
    });
    if (without_root) {
        GTEST_SKIP() << without_root.message();
    }
}

TEST(EvidenceFaults, RemoveNothingForWhatIsRefused) {
    const auto without_root = on_small_disk("size=20m", [](const std::string& disk) {
        ASSERT_EQ(store(disk, 10 * mib, 1, mib).error, std::nullopt);
        make_file(disk + "/others", std::string(16 * mib, 'x'));
        const StoredEvidence refused = store(disk, 10 * mib, 2, 10 * mib);
        EXPECT_TRUE(refused.error);
        EXPECT_THAT(refused.removed, IsEmpty());
        EXPECT_THAT(listing(disk), ElementsAre(name_of(1), "others"));
    });
    if (without_root) {
        GTEST_SKIP() << without_root.message();
    }
}

TEST(EvidenceFaults, CountNoRoomThatASecondNameKeeps) {
    const auto without_root = on_small_disk("size=20m", [](const std::string& disk) {
        ASSERT_EQ(store(disk, 100 * mib, 1, 18 * mib).error, std::nullopt);
        fs::create_hard_link(disk + "/" + name_of(1), disk + "/kept-by-the-user");
        EXPECT_TRUE(store(disk, 18 * mib, 2, 10 * mib).error);
        EXPECT_THAT(listing(disk), ElementsAre(name_of(1), "kept-by-the-user"));
    });
    if (without_root) {
        GTEST_SKIP() << without_root.message();
    }
}

TEST(EvidenceFaults, LeaveNothingOfAFileThatDidNotFit) {
    const TemporaryDirectory directory;
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{100'000, before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    const StoredEvidence stored = store(directory.path(), mib, 1, 200'000);
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, handler);
    EXPECT_EQ(stored.error, "cannot write " + (directory / name_of(1)) + ": File too large");
    EXPECT_THAT(listing(directory.path()), IsEmpty());
}

TEST(EvidenceFaults, SayWhichOldFileCannotBeRemoved) {
    const auto without_root = on_small_disk("size=20m,mode=1777", [](const std::string& disk) {
        // In a directory with the sticky bit nobody removes the files of others.
        DaemonRun run;
        ASSERT_EQ(run.store(disk, block, 1, block).error, std::nullopt);
        setfsuid(65534);
        const StoredEvidence stored = run.store(disk, block, 2, block);
        EXPECT_EQ(stored.error,
                  "cannot remove " + disk + "/" + name_of(1) + " to make room: Operation not permitted");
        EXPECT_THAT(listing(disk), ElementsAre(name_of(1)));
        // Which is still counted.
        EXPECT_EQ(stored.use.files, 1U);
        EXPECT_EQ(stored.use.bytes, block);
    });
    if (without_root) {
        GTEST_SKIP() << without_root.message();
    }
}

TEST(EvidenceFaults, LeaveTheFilesOfAnotherAccountAlone) {
    // Who may write in the directory may remove from it, too: only the owner says whose it is.
    const auto without_root = on_small_disk("size=20m,mode=0777", [](const std::string& disk) {
        ASSERT_EQ(store(disk, block, 1, block).error, std::nullopt);
        make_file(disk + "/.whylink-evidence-0123456789abcdef", "half");
        setfsuid(65534);
        const StoredEvidence stored = store(disk, block, 2, block);
        EXPECT_EQ(stored.error, std::nullopt) << *stored.error;
        EXPECT_EQ(stored.use.files, 1U);
        EXPECT_THAT(listing(disk), ElementsAre(".whylink-evidence-0123456789abcdef", name_of(1), name_of(2)));
    });
    if (without_root) {
        GTEST_SKIP() << without_root.message();
    }
}

TEST(EvidenceFaults, OfAFullDiskCostNoReadingOfTheDirectory) {
    const auto without_root = on_small_disk("size=20m", [](const std::string& disk) {
        DaemonRun run;
        ASSERT_EQ(run.store(disk, 100 * mib, 1, mib).error, std::nullopt);
        const std::string others = disk + "/others";
        make_file(others, std::string(18 * mib, 'x'));
        run.wait(EvidenceStore::min_listing_pause);
        EXPECT_TRUE(run.store(disk, 100 * mib, 2, mib).error);
        const lab::DirectoryReads reads(disk);
        for (int round = 3; round < 100; ++round) {
            run.wait(EvidenceStore::min_listing_pause);
            const StoredEvidence refused = run.store(disk, 100 * mib, round, mib);
            EXPECT_EQ(refused.error_number, ENOSPC);
            EXPECT_FALSE(refused.too_large);
            EXPECT_THAT(refused.removed, IsEmpty());
        }
        EXPECT_FALSE(reads.any());
        fs::remove(others);
        EXPECT_EQ(run.store(disk, 100 * mib, 100, mib).error, std::nullopt);
    });
    if (without_root) {
        GTEST_SKIP() << without_root.message();
    }
}

TEST(EvidenceFaults, CleanUpBehindWhoEndedWhileItWrote) {
    const TemporaryDirectory directory;
    const std::string abandoned = ".whylink-evidence-0123456789abcdef";
    const std::string written = ".whylink-evidence-0123456789abcde0";
    make_file(directory / abandoned, "half");
    make_file(directory / written, "half");
    {
        const Descriptor writer(open((directory / written).c_str(), O_WRONLY | O_CLOEXEC));
        ASSERT_EQ(flock(writer.get(), LOCK_EX), 0);
        ASSERT_EQ(store(directory.path(), mib, 1, 10).error, std::nullopt);
        EXPECT_THAT(listing(directory.path()), ElementsAre(written, name_of(1)));
    }
    ASSERT_EQ(store(directory.path(), mib, 2, 10).error, std::nullopt);
    EXPECT_THAT(listing(directory.path()), ElementsAre(name_of(1), name_of(2)));
}

/// Of a child process; ends by a signal, or when it fails.
[[noreturn]] void store_again_and_again(const std::string& directory) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    DaemonRun run;
    for (int round = 0; !run.store(directory, 4 * mib, round, mib).error; ++round) {
    }
    _exit(1);
}

bool is_written(const std::string& directory) {
    return std::ranges::any_of(listing(directory), [](const std::string& name) {
        return is_draft_name(name, ".whylink-evidence-");
    });
}

TEST(EvidenceFaults, LeaveNoHalfFileWhenTheProcessIsKilled) {
    int killed_in_the_middle = 0;
    for (int times = 0; times < 20 || (killed_in_the_middle == 0 && times < 1000); ++times) {
        const TemporaryDirectory directory;
        const pid_t child = fork();
        ASSERT_NE(child, -1);
        if (child == 0) {
            store_again_and_again(directory.path());
        }
        while (!is_written(directory.path())) {
            ASSERT_EQ(waitpid(child, nullptr, WNOHANG), 0) << "it cannot store anything";
        }
        kill(child, SIGKILL);
        ASSERT_EQ(waitpid(child, nullptr, 0), child);
        killed_in_the_middle += is_written(directory.path()) ? 1 : 0;
        for (const std::string& name : listing(directory.path())) {
            if (is_evidence_name(name)) {
                EXPECT_EQ(fs::file_size(directory / name), mib);
            }
        }
        const StoredEvidence stored = store(directory.path(), 4 * mib, 1'000'000, mib);
        EXPECT_EQ(stored.error, std::nullopt) << *stored.error;
        EXPECT_FALSE(is_written(directory.path()));
    }
    EXPECT_GT(killed_in_the_middle, 0);
}

}  // namespace
}  // namespace whylink::daemon
