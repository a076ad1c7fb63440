#include "daemon/evidence/keeper.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>

#include "kept_evidence.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/daemon/fabricated.hpp"
#include "tests/unit/daemon/fabricated_snapshot.hpp"

namespace whylink::daemon {
namespace {

using lab::TemporaryDirectory;

constexpr std::uint64_t mib = 1U << 20U;

/// A keeper, and the thread that writes for it.
struct Keeping {
    asio::io_context loop;
    std::vector<std::string> said;
    std::vector<std::string> gone;
    std::size_t max_gone_at_once = 0;
    EvidenceKeeper keeper{
        loop,
        {.say = [this](bool good,
                       const std::string& text) { said.push_back((good ? "good: " : "bad: ") + text); },
         .gone =
             [this](const std::vector<std::string>& files) {
                 gone.insert(gone.end(), files.begin(), files.end());
                 max_gone_at_once = std::max(max_gone_at_once, files.size());
             }}};
    std::promise<void> released;
    Worker worker;

    /// Holds the worker up, as a disk that hangs, until release().
    void hang() {
        worker.post([disk = released.get_future().share()] { disk.wait(); });
    }
    void release() {
        released.set_value();
        finish();
    }
    /// Everything that is waiting.
    void finish() {
        std::promise<void> done;
        worker.post([&done] { done.set_value(); });
        done.get_future().wait();
        loop.restart();
        loop.poll();
    }
    /// Has it written some time.
    std::string ask(const std::string& target, std::size_t bytes = 0) {
        const TargetStatus status = fabricated::watched(fabricated::failing_endpoint(target));
        probes::KeptFrames frames;
        frames.bytes.resize(bytes);
        return keeper.keep(status, std::move(frames), {}, "vm", worker);
    }
    std::string keep(const std::string& target) {
        std::string file = ask(target);
        finish();
        return file;
    }
    std::uint64_t counted(EvidenceResult result) const {
        return keeper.status().results.at(static_cast<std::size_t>(result));
    }
};

TEST(EvidenceKeeper, SaysOnceWhyNothingCanBeKeptWhicheverFileItWas) {
    const TemporaryDirectory directory;
    const std::string evidence = directory / "evidence";
    std::ofstream(evidence) << "no directory";
    Keeping keeping;
    keeping.keeper.configure(evidence, mib);
    keeping.keeper.try_directory(keeping.worker);
    keeping.finish();
    EXPECT_FALSE(keeping.keeper.status().up);
    const std::string first = keeping.keep("first");
    const std::string second = keeping.keep("second");
    EXPECT_THAT(keeping.gone, testing::ElementsAre(first, second));
    EXPECT_THAT(keeping.said, testing::ElementsAre(testing::HasSubstr("Not a directory")));
    EXPECT_EQ(keeping.counted(EvidenceResult::failed), 2U);
    std::filesystem::remove(evidence);
    keeping.keep("third");
    ASSERT_EQ(keeping.said.size(), 2U);
    EXPECT_EQ(keeping.said.back(), "good: evidence files are written again to " + evidence);
    EXPECT_TRUE(keeping.keeper.status().up);
    EXPECT_EQ(keeping.counted(EvidenceResult::kept), 1U);
    EXPECT_EQ(keeping.keeper.status().files, 1U);
    EXPECT_GT(keeping.keeper.status().bytes, 0U);
}

TEST(EvidenceKeeper, SaysOnceThatAFileIsTooLargeAndBlamesNoDiskForIt) {
    const TemporaryDirectory directory;
    Keeping keeping;
    keeping.keeper.configure(directory.path(), 10);
    keeping.keep("first");
    keeping.keep("a second, whose file is larger");
    EXPECT_THAT(keeping.said, testing::ElementsAre(testing::HasSubstr("evidence_limit is 10 bytes")));
    EXPECT_EQ(keeping.gone.size(), 2U);
    EXPECT_EQ(keeping.counted(EvidenceResult::too_large), 2U);
    EXPECT_TRUE(keeping.keeper.status().up);
    keeping.keeper.configure(directory.path(), mib);
    keeping.keep("third");
    EXPECT_EQ(keeping.said.size(), 1U) << "there was nothing to get well again";
    keeping.keeper.configure(directory.path(), 11);
    keeping.keep("fourth");
    EXPECT_EQ(keeping.said.size(), 2U) << "another limit";
}

TEST(EvidenceKeeper, BoundsHowManyFilesWaitForADiskThatHangs) {
    const TemporaryDirectory directory;
    Keeping keeping;
    keeping.keeper.configure(directory.path(), 64 * mib);
    keeping.hang();
    std::vector<std::string> named;
    for (std::size_t i = 0; i < EvidenceKeeper::max_waiting_files + 8; ++i) {
        const std::string file = keeping.ask("db-" + std::to_string(i));
        EXPECT_EQ(file.empty(), i >= EvidenceKeeper::max_waiting_files) << i;
        if (!file.empty()) {
            named.push_back(file);
        }
    }
    EXPECT_EQ(keeping.counted(EvidenceResult::queue_full), 8U);
    EXPECT_THAT(keeping.said,
                testing::ElementsAre(testing::HasSubstr("the packets of 32 rounds still wait for the disk")));
    keeping.release();
    for (const std::string& file : named) {
        EXPECT_TRUE(std::filesystem::exists(file)) << file;
    }
    ASSERT_EQ(keeping.said.size(), 2U);
    EXPECT_THAT(keeping.said.back(), testing::EndsWith("the packets of 8 rounds were not kept"));
    EXPECT_NE(keeping.keep("db-later"), "");
}

TEST(EvidenceKeeper, BoundsTheBytesThatWait) {
    const TemporaryDirectory directory;
    Keeping keeping;
    keeping.keeper.configure(directory.path(), 64 * mib);
    keeping.hang();
    EXPECT_NE(keeping.ask("half", EvidenceKeeper::max_waiting_bytes / 2), "");
    EXPECT_NE(keeping.ask("the other half", EvidenceKeeper::max_waiting_bytes / 2), "");
    EXPECT_EQ(keeping.ask("one byte more", 1), "");
    keeping.release();
    EXPECT_NE(keeping.ask("larger than all that may wait", EvidenceKeeper::max_waiting_bytes + 1), "");
    EXPECT_EQ(keeping.ask("one byte more", 1), "");
}

TEST(EvidenceKeeper, LetsOneTargetWaitOnceAndNotFillTheQueue) {
    const TemporaryDirectory directory;
    Keeping keeping;
    keeping.keeper.configure(directory.path(), 64 * mib);
    keeping.hang();
    EXPECT_NE(keeping.ask("flaps"), "");
    for (int round = 0; round < 100; ++round) {
        EXPECT_EQ(keeping.ask("flaps"), "");
    }
    EXPECT_NE(keeping.ask("another"), "");
    keeping.release();
    EXPECT_EQ(keeping.counted(EvidenceResult::kept), 2U);
    EXPECT_EQ(keeping.counted(EvidenceResult::queue_full), 100U);
}

TEST(EvidenceKeeper, TellsOfManyRemovedFilesAFewAtATime) {
    const TemporaryDirectory directory;
    for (int round = 0; round < 2000; ++round) {
        std::ofstream(directory / evidence_at(round)) << "x";
    }
    Keeping keeping;
    keeping.keeper.configure(directory.path(), 64U << 10U);
    const std::string file = keeping.keep("db");
    EXPECT_TRUE(std::filesystem::exists(file));
    EXPECT_EQ(keeping.gone.size() + keeping.keeper.status().files, 2001U);
    EXPECT_LE(keeping.max_gone_at_once, 500U);
}

}  // namespace
}  // namespace whylink::daemon
