#include "daemon/evidence/keeper.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>

#include "tests/support/temporary_directory.hpp"
#include "tests/unit/daemon/fabricated.hpp"
#include "tests/unit/daemon/fabricated_snapshot.hpp"

namespace whylink::daemon {
namespace {

using lab::TemporaryDirectory;

/// A keeper, and the thread that writes for it.
struct Keeping {
    asio::io_context loop;
    std::vector<std::string> said;
    std::vector<std::string> gone;
    EvidenceKeeper keeper{
        loop,
        {.say = [this](bool good,
                       const std::string& text) { said.push_back((good ? "good: " : "bad: ") + text); },
         .gone =
             [this](const std::vector<std::string>& files) {
                 gone.insert(gone.end(), files.begin(), files.end());
             }}};
    Worker worker;

    std::string keep(const std::string& target) {
        const TargetStatus status = fabricated::watched(fabricated::failing_endpoint(target));
        std::string file = keeper.keep(status, {}, {}, "vm", worker);
        std::promise<void> done;
        worker.post([&done] { done.set_value(); });
        done.get_future().wait();
        loop.restart();
        loop.poll();
        return file;
    }
};

TEST(EvidenceKeeper, SaysOnceWhyNothingCanBeKeptWhicheverFileItWas) {
    const TemporaryDirectory directory;
    const std::string in_the_way = directory / "file";
    std::ofstream(in_the_way) << "no directory";
    Keeping keeping;
    keeping.keeper.configure(in_the_way, 1U << 20);
    const std::string first = keeping.keep("first");
    const std::string second = keeping.keep("second");
    EXPECT_THAT(keeping.gone, testing::ElementsAre(first, second));
    keeping.keeper.configure(directory.path(), 10);
    keeping.keep("third");
    keeping.keep("a fourth, whose file is larger");
    EXPECT_THAT(keeping.said, testing::ElementsAre(testing::HasSubstr("Not a directory"),
                                                   testing::HasSubstr("evidence_limit is 10 bytes")));
    keeping.keeper.configure(directory.path(), 1U << 20);
    keeping.keep("fifth");
    ASSERT_EQ(keeping.said.size(), 3U);
    EXPECT_EQ(keeping.said.back(), "good: packets are kept again in " + directory.path());
}

}  // namespace
}  // namespace whylink::daemon
