// Nothing is read beyond what was captured, and what is kept of a frame is decoded as the whole of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "decoded.hpp"
#include "sample_frames.hpp"

namespace whylink::probes {
namespace {

using namespace testing;

template <typename Transport>
bool ends_within(const Decoded& seen) {
    const auto* transport = std::get_if<Transport>(&seen.packet->transport);
    if (transport == nullptr || transport->payload.empty()) {
        return true;
    }
    return transport->payload.data() >= seen.bytes.data() &&
           transport->payload.data() + transport->payload.size() <= seen.bytes.data() + seen.bytes.size() &&
           transport->payload.size() <= transport->payload_size;
}

TEST(DecodeBounds, HoldForEachFrameCutOffAnywhere) {
    for (const SampleFrame& sample : sample_frames()) {
        for (std::size_t size = 0; size <= sample.bytes.size(); ++size) {
            SCOPED_TRACE(sample.name + " cut to " + std::to_string(size));
            for (const std::size_t on_wire : {size, sample.bytes.size(), size / 2, std::size_t{0xffffffff}}) {
                const auto seen = decoded(sample.link, sample.bytes.substr(0, size), on_wire);
                EXPECT_LE(seen.header_size, size);
                EXPECT_TRUE(!seen.packet ||
                            (ends_within<TcpSegment>(seen) && ends_within<UdpDatagram>(seen)));
                EXPECT_TRUE(!seen.packet || seen.packet->ip_size <= on_wire);
            }
        }
    }
}

TEST(DecodeBounds, NeedTheFixedHeaderAndNoMore) {
    const Bytes frame = ethernet(type_v4) + v4({}, tcp({.options = syn_options()}, text("payload")));
    constexpr std::size_t fixed_headers = 14 + 20 + 20;
    for (std::size_t size = 0; size <= frame.size(); ++size) {
        const auto seen = decoded(LinkType::ethernet, frame.substr(0, size), frame.size());
        EXPECT_EQ(seen.packet.has_value(), size >= fixed_headers) << size;
        EXPECT_EQ(seen.header_size,
                  size >= fixed_headers ? std::min<std::size_t>(size, 74) : std::min<std::size_t>(size, 14))
            << size;
    }
}

TEST(DecodeBounds, LeaveEverySampleItsMeaning) {
    for (const SampleFrame& sample : sample_frames()) {
        EXPECT_EQ(decoded(sample.link, sample.bytes).packet.has_value(), sample.name != "arp") << sample.name;
    }
}

/// All that is not payload.
void expect_same_headers(const Packet& one, const Packet& other) {
    EXPECT_EQ(one.source, other.source);
    EXPECT_EQ(one.protocol, other.protocol);
    EXPECT_EQ(one.ip_size, other.ip_size);
    ASSERT_EQ(one.transport.index(), other.transport.index());
    if (const auto* segment = std::get_if<TcpSegment>(&one.transport)) {
        const auto& cut = std::get<TcpSegment>(other.transport);
        EXPECT_EQ(segment->payload_size, cut.payload_size);
        EXPECT_EQ(segment->has_timestamp, cut.has_timestamp);
        EXPECT_EQ(segment->sack, cut.sack);
        EXPECT_EQ(segment->window_scale, cut.window_scale);
        EXPECT_TRUE(cut.payload.empty());
    } else if (const auto* message = std::get_if<IcmpMessage>(&one.transport)) {
        const auto& cut = std::get<IcmpMessage>(other.transport);
        ASSERT_EQ(message->quoted.has_value(), cut.quoted.has_value());
        EXPECT_TRUE(!message->quoted || message->quoted->sequence == cut.quoted->sequence);
    }
}

TEST(DecodeBounds, KeepHeadersThatDecodeAsTheWholeFrameDoes) {
    for (const SampleFrame& sample : sample_frames()) {
        SCOPED_TRACE(sample.name);
        const auto whole = decoded(sample.link, sample.bytes);
        const auto kept =
            decoded(sample.link, sample.bytes.substr(0, whole.header_size), sample.bytes.size());
        EXPECT_EQ(kept.header_size, whole.header_size);
        ASSERT_EQ(kept.packet.has_value(), whole.packet.has_value());
        if (whole.packet) {
            expect_same_headers(*whole.packet, *kept.packet);
        }
    }
}

}  // namespace
}  // namespace whylink::probes
