#include "probes/packets/tap.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <vector>

#include "packet_bytes.hpp"

namespace whylink::probes {
namespace {

using namespace testing;

/// Frames as a capture would hand them on, and what it says of itself.
struct FakeSource {
    std::vector<Bytes> waiting;
    std::uint64_t dropped = 0;
    std::uint64_t gaps = 0;
    bool up = true;
    std::int64_t clock = 0;
    Tap tap{{.drain = [this] { drain(); },
             .dropped = [this] { return dropped; },
             .up = [this] { return up; },
             .everywhere = true,
             .link = LinkType::raw_ip,
             .gaps = [this] { return gaps; },
             .now = [this] { return Nanoseconds(clock); },
             .is_own = [](const IpAddress& address) { return address == ip("10.0.0.3"); }}};

    void drain() {
        for (const Bytes& bytes : std::exchange(waiting, {})) {
            const Frame frame{
                Nanoseconds(++clock), static_cast<std::uint32_t>(bytes.size()), {bytes.data(), bytes.size()}};
            tap.packet(decode(LinkType::raw_ip, frame).value(), frame);
        }
    }
};

FlowKey key_of(std::uint16_t local_port, std::uint8_t protocol = 6) {
    return {protocol, ip("10.0.0.1"), local_port, ip("10.0.0.2"), 443};
}

Bytes syn(unsigned local_port) {
    return v4({}, tcp({.source_port = local_port, .sequence = 1000, .flags = flag_syn}));
}
/// The sum of the pseudo-header: 0a00 + 0002 + 0a00 + 0001 + protocol 6 + 20 bytes.
constexpr unsigned left_to_the_card = 0x141d;
Bytes syn_ack(unsigned local_port) {
    return v4({.source = "10.0.0.2", .destination = "10.0.0.1"}, tcp({.source_port = 443,
                                                                      .destination_port = local_port,
                                                                      .sequence = 5000,
                                                                      .acknowledgment = 1001,
                                                                      .flags = flag_syn | flag_ack,
                                                                      .checksum = left_to_the_card}));
}

TEST(Tap, GivesAFlowItsPacketsOfBothDirectionsAndNoOther) {
    FakeSource source;
    const FollowedFlow flow = source.tap.follow(key_of(40000));
    source.waiting = {syn(40000), syn(40001), syn_ack(40000), syn_ack(40001)};
    source.tap.drain();
    const PacketFacts facts = flow.facts();
    EXPECT_EQ(facts.syn, 1U);
    EXPECT_EQ(facts.syn_ack, 1U);
    EXPECT_TRUE(facts.complete);
    EXPECT_TRUE(facts.everywhere);
    EXPECT_EQ(flow.key(), key_of(40000));
}

TEST(Tap, GivesAnIcmpErrorToTheFlowThatItQuotes) {
    FakeSource source;
    const FollowedFlow flow = source.tap.follow(key_of(40000));
    source.waiting = {syn(40000), v4({.source = "192.0.2.1", .destination = "10.0.0.1", .protocol = 1},
                                     icmp(3, 13, 0, syn(40000)))};
    source.tap.drain();
    ASSERT_EQ(flow.facts().icmp.size(), 1U);
    EXPECT_EQ(flow.facts().icmp.front().error.sender, ip("192.0.2.1"));
}

TEST(Tap, KeepsTheFramesAsTheyCame) {
    FakeSource source;
    FollowedFlow flow = source.tap.follow(key_of(40000));
    source.waiting = {syn(40000), syn(40001), syn_ack(40000)};
    source.tap.drain();
    const KeptFrames frames = flow.take_frames();
    ASSERT_EQ(frames.entries.size(), 2U);
    EXPECT_EQ(frames.link, LinkType::raw_ip);
    const Frame second = frames.frame(1);
    EXPECT_EQ(second.time, Nanoseconds(3));
    EXPECT_EQ(Bytes(second.bytes.begin(), second.bytes.end()), syn_ack(40000));
    EXPECT_TRUE(flow.take_frames().entries.empty());
}

TEST(Tap, KeepsTheFirstFramesWithinTheBoundAndGoesOnCounting) {
    FakeSource source;
    FollowedFlow flow = source.tap.follow(key_of(40000));
    const Bytes large = v4({}, tcp({.sequence = 1001}, zeros(60'000)));
    source.waiting = {syn(40000), large, large, large, large, large, syn(40000)};
    source.tap.drain();
    EXPECT_EQ(flow.facts().syn, 2U);
    const KeptFrames frames = flow.take_frames();
    EXPECT_EQ(frames.entries.size(), 5U);
    EXPECT_EQ(frames.left_out, 2U) << "the small one at the end as well: no gap in between";
    EXPECT_LE(frames.bytes.size(), Tap::max_kept_bytes);
}

TEST(Tap, KeepsTheFramesOfUdpFlows) {
    FakeSource source;
    FollowedFlow flow = source.tap.follow(key_of(40000, 17));
    source.waiting = {v4({.protocol = 17}, udp(40000, 443, text("question"))), syn(40000)};
    source.tap.drain();
    EXPECT_EQ(flow.take_frames().entries.size(), 1U);
}

TEST(Tap, GivesBothEndsOfAConnectionWithinThisHostTheirPackets) {
    FakeSource source;
    const FollowedFlow ours = source.tap.follow(key_of(40000));
    FlowKey other_end{6, ip("10.0.0.2"), 443, ip("10.0.0.1"), 40000};
    FollowedFlow theirs = source.tap.follow(other_end);
    source.waiting = {syn(40000)};
    source.tap.drain();
    EXPECT_EQ(ours.facts().packets_sent, 1U);
    EXPECT_EQ(theirs.facts().packets_received, 1U);
}

TEST(Tap, CountsAPacketOfASocketThatIsItsOwnPeerOnce) {
    FakeSource source;
    FollowedFlow flow = source.tap.follow({6, ip("10.0.0.1"), 443, ip("10.0.0.1"), 443});
    source.waiting = {v4({.destination = "10.0.0.1"}, tcp({.source_port = 443, .flags = flag_syn}))};
    source.tap.drain();
    EXPECT_EQ(flow.take_frames().entries.size(), 1U);
}

// ---- packets with another far end ----

TEST(Tap, GivesAFlowWhatCarriesItsSynElsewhere) {
    FakeSource source;
    FollowedFlow flow = source.tap.follow(key_of(40000));
    const FollowedFlow other = source.tap.follow(key_of(40001));
    const auto back = v4({.destination = "10.0.0.1"}, tcp({.source_port = 40000,
                                                           .destination_port = 8443,
                                                           .sequence = 1000,
                                                           .flags = flag_syn,
                                                           .checksum = left_to_the_card - 1}));
    source.waiting = {syn(40000), back, syn(40001)};
    source.tap.drain();
    EXPECT_EQ(flow.facts().own_syn_returned, 1U);
    EXPECT_EQ(other.facts().own_syn_returned, 0U);
    EXPECT_EQ(flow.take_frames().entries.size(), 2U);
}

TEST(Tap, TakesASynToElsewhereForAFlowsOwnOnlyAtItsBeginning) {
    FakeSource source;
    const auto elsewhere = v4({.destination = "10.0.0.9"}, tcp({.source_port = 40000,
                                                                .destination_port = 443,
                                                                .flags = flag_syn,
                                                                .checksum = left_to_the_card + 7}));
    const FollowedFlow early = source.tap.follow(key_of(40000));
    source.waiting = {elsewhere};
    source.tap.drain();
    EXPECT_EQ(early.facts().sent_to, ip("10.0.0.9"));

    FakeSource slow;
    const FollowedFlow late = slow.tap.follow(key_of(40000));
    slow.clock = Nanoseconds(Tap::start_span).count();
    slow.waiting = {elsewhere};
    slow.tap.drain();
    EXPECT_FALSE(late.facts().sent_to);
}

TEST(Tap, FindsAnErrorThatANatHasNotTranslatedBackByWhereTheFlowLeads) {
    FakeSource source;
    const FollowedFlow flow = source.tap.follow(key_of(40000));
    const Bytes translated =
        v4({.source = "198.51.100.7"},
           tcp({.source_port = 61000, .destination_port = 443, .sequence = 1000, .flags = flag_syn}));
    source.waiting = {syn(40000), v4({.source = "192.0.2.1", .destination = "10.0.0.1", .protocol = 1},
                                     icmp(3, 13, 0, translated))};
    source.tap.drain();
    ASSERT_EQ(flow.facts().icmp.size(), 1U);
    EXPECT_TRUE(flow.facts().icmp.front().translated);
}

// ---- traffic of this program ----

TEST(Tap, SaysWhosePacketsAreItsOwn) {
    FakeSource source;
    const auto is_own = [&](const Bytes& bytes) {
        const Frame frame{Nanoseconds(++source.clock),
                          static_cast<std::uint32_t>(bytes.size()),
                          {bytes.data(), bytes.size()}};
        const Packet packet = decode(LinkType::raw_ip, frame).value();
        return source.tap.packet(packet, frame) || source.tap.is_of_ended(packet);
    };
    std::optional<FollowedFlow> flow = source.tap.follow(key_of(40000));
    EXPECT_TRUE(is_own(syn(40000)));
    EXPECT_FALSE(is_own(syn(40001)));
    flow.reset();
    EXPECT_FALSE(is_own(syn_ack(40000))) << "nobody wanted to know";

    source.tap.remember_ended(true);
    flow = source.tap.follow(key_of(40000));
    flow.reset();
    EXPECT_TRUE(is_own(syn_ack(40000)));
    source.clock += Nanoseconds(Tap::own_for).count();
    EXPECT_FALSE(is_own(syn_ack(40000)));
}

TEST(Tap, RemembersABoundedNumberOfItsFlows) {
    FakeSource source;
    source.tap.remember_ended(true);
    for (unsigned i = 0; i <= Tap::max_ended; ++i) {
        static_cast<void>(source.tap.follow(key_of(static_cast<std::uint16_t>(1000 + i))));
    }
    const auto is_of_ended = [&](unsigned port) {
        const Bytes bytes = syn(port);
        const Frame frame{
            Nanoseconds(1), static_cast<std::uint32_t>(bytes.size()), {bytes.data(), bytes.size()}};
        return source.tap.is_of_ended(decode(LinkType::raw_ip, frame).value());
    };
    EXPECT_FALSE(is_of_ended(1000));
    EXPECT_TRUE(is_of_ended(1001));
}

// ---- complete ----

TEST(Tap, CallsAFlowIncompleteOnceSomethingMayHaveBeenMissed) {
    FakeSource source;
    const auto facts_after = [&](const std::function<void()>& event) {
        const FollowedFlow flow = source.tap.follow(key_of(40000));
        event();
        return flow.facts();
    };
    EXPECT_TRUE(facts_after([] {}).complete);
    EXPECT_FALSE(facts_after([&] { ++source.dropped; }).complete);
    EXPECT_FALSE(facts_after([&] { ++source.gaps; }).complete);
    EXPECT_FALSE(facts_after([&] { source.up = false; }).complete);
    EXPECT_FALSE(facts_after([&] { source.up = true; }).complete) << "it was down when it was followed";
    EXPECT_TRUE(facts_after([] {}).complete) << "what was before does not count";
}

// ---- handles ----

TEST(Tap, ForgetsAFlowWithItsHandle) {
    FakeSource source;
    std::optional<FollowedFlow> flow = source.tap.follow(key_of(40000));
    flow.reset();
    source.waiting = {syn(40000)};
    source.tap.drain();
    FollowedFlow again = source.tap.follow(key_of(40000));
    EXPECT_EQ(again.facts().syn, 0U);
}

TEST(Tap, IsOutlivedByItsFlows) {
    auto source = std::make_unique<FakeSource>();
    std::optional<FollowedFlow> flow = source->tap.follow(key_of(40000));
    FollowedFlow other = source->tap.follow(key_of(40001));
    source.reset();
    flow.reset();
    flow = std::move(other);
    EXPECT_EQ(flow->key(), key_of(40001));
}

TEST(Tap, FollowsOnWhereverAHandleIsMoved) {
    FakeSource source;
    std::vector<FollowedFlow> flows;
    for (std::uint16_t port = 40000; port < 40020; ++port) {
        flows.push_back(source.tap.follow(key_of(port)));
    }
    flows[3] = std::move(flows[10]);  // 40003 is forgotten, and the handle of 40010 empty
    flows.erase(flows.begin());
    source.waiting = {syn(40003), syn(40010), syn(40019)};
    source.tap.drain();
    EXPECT_EQ(flows[2].key(), key_of(40010));
    EXPECT_EQ(flows[2].facts().syn, 1U);
    EXPECT_EQ(flows.back().facts().syn, 1U);
}

TEST(Tap, GivesThePacketsToTheLaterOfTwoWithTheSameKey) {
    FakeSource source;
    std::optional<FollowedFlow> earlier = source.tap.follow(key_of(40000));
    const FollowedFlow later = source.tap.follow(key_of(40000));
    source.waiting = {syn(40000)};
    source.tap.drain();
    EXPECT_EQ(earlier->facts().syn, 0U);
    EXPECT_EQ(later.facts().syn, 1U);
    earlier.reset();
    source.waiting = {syn(40000)};
    source.tap.drain();
    EXPECT_EQ(later.facts().syn, 2U) << "the end of the earlier one is not the later one's";
}

}  // namespace
}  // namespace whylink::probes
