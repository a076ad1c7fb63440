// Arbitrary bytes as the packets of one connection: eight bytes each say which end sent it, its flags and
// numbers, its size and its time. Whatever they are, the facts stay within what can be.
#include "probes/packets/flow.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

using namespace whylink;
using namespace whylink::probes;

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

struct Totals {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    unsigned packets = 0;
};

/// Small numbers meet each other often; every fourth is large.
std::uint32_t number(std::uint8_t high, std::uint8_t low) {
    const std::uint32_t value = static_cast<std::uint32_t>(high & 0x3f) * 100 + low % 4;
    return (high & 0xc0) == 0xc0 ? 0U - value * 500000 : value;
}

TcpSegment segment_of(std::span<const std::uint8_t> bytes) {
    TcpSegment segment;
    segment.syn = (bytes[0] & 2) != 0;
    segment.ack = (bytes[0] & 4) != 0;
    segment.fin = (bytes[0] & 8) != 0;
    segment.rst = (bytes[0] & 16) != 0;
    segment.sequence = number(bytes[1], bytes[2]);
    segment.acknowledgment = number(bytes[3], bytes[4]);
    segment.payload_size = (bytes[5] & 0x80) != 0 ? bytes[5] * 500U : bytes[5] % 4 * 100U + bytes[5] % 3;
    segment.window = static_cast<std::uint16_t>((bytes[0] & 32) != 0 ? 0 : 60000);
    segment.mss = bytes[6];
    segment.has_timestamp = (bytes[6] & 1) != 0;
    segment.window_scale = static_cast<std::uint8_t>(bytes[6]);
    if ((bytes[0] & 64) != 0) {
        segment.sack = {number(bytes[4], bytes[3]), number(bytes[6], bytes[5])};
    }
    return segment;
}

IcmpMessage error_about(const FlowKey& key, const TcpSegment& segment) {
    IcmpMessage message;
    message.mtu = segment.acknowledgment % 2000;
    message.quoted =
        QuotedPacket{key.local, key.remote, 6, key.local_port, key.remote_port, segment.sequence};
    return message;
}

Totals add(FlowRecorder& recorder, const FlowKey& key, std::span<const std::uint8_t> bytes) {
    TcpSegment segment = segment_of(bytes);
    const bool ours = (bytes[0] & 1) != 0;
    segment.source_port = ours ? key.local_port : key.remote_port;
    segment.destination_port = ours ? key.remote_port : key.local_port;
    Packet packet;
    packet.time = std::chrono::milliseconds(bytes[7]);
    packet.source = ours ? key.local : key.remote;
    packet.destination = ours ? key.remote : key.local;
    packet.hop_limit = bytes[7];
    packet.transport = segment;
    if ((bytes[0] & 0x80) != 0 && bytes[7] % 4 == 0) {
        packet.transport = error_about(key, segment);
    }
    recorder.add(packet);
    const std::uint64_t size = segment.payload_size;
    return {ours ? size : 0, ours ? 0 : size, 1};
}

void check(const PacketFacts& facts, const Totals& totals) {
    require(facts.bytes_received <= totals.received);
    require(facts.bytes_sent <= totals.sent);
    require(facts.packets_sent <= totals.packets && facts.packets_received <= totals.packets);
    require(facts.segments_sent <= facts.packets_sent && facts.segments_received <= facts.packets_received);
    require(facts.retransmits_sent <= facts.segments_sent);
    require(facts.retransmits_received + facts.out_of_order <= 2 * facts.segments_received);
    require(facts.resets.size() <= 4 && facts.resets.size() <= facts.rst_received);
    require(facts.icmp.size() <= 4 && facts.hop_limits.size() <= 8);
    require(facts.received_after_reset <= facts.packets_received);
    require(facts.received_after_reset == 0 || facts.rst_received > 0);
    require(!facts.lost || (facts.lost->times_sent >= 2 && facts.lost->size > 0));
    require(!facts.handshake_rtt || *facts.handshake_rtt >= Nanoseconds{});
    for (const ResetSeen& reset : facts.resets) {
        require(reset.after >= Nanoseconds{});
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t packet_size = 8;
    const FlowKey key{6, *IpAddress::parse("10.0.0.7"), 40000, *IpAddress::parse("10.9.9.9"), 9440};
    FlowRecorder recorder(key);
    Totals totals;
    const std::span<const std::uint8_t> input(data, size);
    for (std::size_t at = 0; at + packet_size <= size && totals.packets < 500; at += packet_size) {
        const Totals one = add(recorder, key, input.subspan(at, packet_size));
        totals.sent += one.sent;
        totals.received += one.received;
        totals.packets += one.packets;
        check(recorder.facts(), totals);
    }
    return 0;
}
