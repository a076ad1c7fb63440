#include "probes/packets/kept_frames.hpp"

#include <gtest/gtest.h>

#include <string>

namespace whylink::probes {
namespace {

using namespace std::chrono_literals;

KeptFrames kept(std::initializer_list<std::pair<Nanoseconds, std::string>> frames) {
    KeptFrames result;
    for (const auto& [time, content] : frames) {
        const std::vector<std::uint8_t> bytes(content.begin(), content.end());
        result.add({time, 1500, bytes}, bytes.size());
    }
    return result;
}

std::string contents(const KeptFrames& frames) {
    std::string text;
    for (std::size_t i = 0; i < frames.entries.size(); ++i) {
        const Frame frame = frames.frame(i);
        text += std::to_string(frame.time.count()) + ":" +
                std::string(frame.bytes.begin(), frame.bytes.end()) + " ";
    }
    return text;
}

TEST(KeptFrames, GiveBackWhatWasAdded) {
    const KeptFrames frames = kept({{1ns, "one"}, {2ns, ""}, {3ns, "three"}});
    EXPECT_EQ(contents(frames), "1:one 2: 3:three ");
    EXPECT_EQ(frames.frame(2).wire_length, 1500U);
}

TEST(KeptFrames, KeepTheBeginningAlone) {
    KeptFrames frames;
    const std::vector<std::uint8_t> bytes{'h', 'e', 'a', 'd', 'r', 'e', 's', 't'};
    frames.add({1ns, 8, bytes}, 4);
    frames.add({2ns, 8, bytes}, 100);
    EXPECT_EQ(contents(frames), "1:head 2:headrest ");
}

TEST(KeptFrames, AreMergedInTheOrderOfTimeAndOtherwiseAsTheyCame) {
    KeptFrames frames = kept({{1ns, "a"}, {5ns, "b"}, {5ns, "c"}});
    KeptFrames other = kept({{0ns, "x"}, {5ns, "y"}, {6ns, "z"}});
    frames.left_out = 2;
    other.left_out = 3;
    frames.merge(std::move(other));
    EXPECT_EQ(contents(frames), "0:x 1:a 5:b 5:c 5:y 6:z ");
    EXPECT_EQ(frames.left_out, 5U);
}

TEST(KeptFrames, ThoseOfManyConnectionsAreBounded) {
    const std::string half(KeptFrames::max_merged_bytes / 2, 'x');
    KeptFrames frames = kept({{1ns, half}});
    frames.merge(kept({{2ns, half}, {3ns, "beyond"}}));
    frames.merge(kept({{0ns, "beyond"}}));
    EXPECT_EQ(frames.entries.size(), 2U);
    EXPECT_EQ(frames.left_out, 2U);
    EXPECT_EQ(frames.frame(1).bytes.size(), half.size());
}

TEST(KeptFrames, SayOfTheFirstWhatTheyAre) {
    KeptFrames frames = kept({{1ns, "a"}, {5ns, "b"}});
    frames.describe("one");
    KeptFrames other = kept({{0ns, "x"}, {6ns, "z"}});
    other.describe("another");
    frames.merge(std::move(other));
    std::vector<std::string> comments;
    for (const KeptFrames::Entry& entry : frames.entries) {
        comments.push_back(entry.comment);
    }
    EXPECT_EQ(comments, (std::vector<std::string>{"another", "one", "", ""}));
    KeptFrames none;
    none.describe("nothing");
    EXPECT_TRUE(none.entries.empty());
}

TEST(KeptFrames, TakeTheLinkTypeOfTheFirstFrames) {
    KeptFrames none;
    KeptFrames other = kept({{0ns, "x"}});
    other.link = LinkType::cooked_v2;
    none.merge(other);
    EXPECT_EQ(none.link, LinkType::cooked_v2);
    none.merge(KeptFrames{});
    EXPECT_EQ(none.link, LinkType::cooked_v2);
    EXPECT_EQ(contents(none), "0:x ");
}

}  // namespace
}  // namespace whylink::probes
