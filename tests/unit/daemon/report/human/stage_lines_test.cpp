#include "daemon/report/human/stage_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace whylink::daemon {
namespace {

using testing::ElementsAre;

std::vector<std::string> kept(std::vector<StageLine> lines, std::size_t most) {
    std::vector<std::string> texts;
    for (const StageLine& line : limited(std::move(lines), most)) {
        texts.push_back(line.text());
    }
    return texts;
}

TEST(LimitedLines, WhatFailsStays) {
    EXPECT_THAT(kept({{"TCP", Mark::good, "a"},
                      {"TCP", Mark::good, "b"},
                      {"TCP", Mark::bad, "c"},
                      {"TCP", Mark::good, "d"}},
                     2),
                ElementsAre("c", "a", "and 2 more"));
}

TEST(LimitedLines, OfTestsWhatWorksStaysForItDecides) {
    EXPECT_THAT(kept({{"test", Mark::bad, "a"}, {"test", Mark::bad, "b"}, {"test", Mark::good, "c"}}, 1),
                ElementsAre("c", "and 2 more"));
}

TEST(LimitedLines, NoLineSaysThatThereIsOneMore) {
    EXPECT_THAT(kept({{"test", Mark::bad, "a"}, {"test", Mark::bad, "b"}, {"test", Mark::good, "c"}}, 2),
                ElementsAre("a", "b", "c"));
}

TEST(LimitedLines, WhatHasRoomKeepsItsOrder) {
    EXPECT_THAT(kept({{"test", Mark::bad, "a"}, {"test", Mark::good, "b"}, {"TLS", Mark::bad, "c"}}, 2),
                ElementsAre("a", "b", "c"));
}

}  // namespace
}  // namespace whylink::daemon
