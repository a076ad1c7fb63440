// Any packets are added up without a crash and in bounded memory, and the sums agree with each other. The
// first byte chooses the watch, the second how many connections are followed; then each packet is eight
// bytes, so that an input easily makes the same connection, the same sequence number and the same time again.
#include "probes/packets/traffic.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

using namespace whylink;
using namespace whylink::probes;

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

/// The first half is this host's.
const std::array<IpAddress, 4> addresses{
    IpAddress::v4({10, 1, 0, 4}), IpAddress::v6({0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4}),
    IpAddress::v4({10, 2, 0, 9}), IpAddress::v6({0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9})};
constexpr std::array<std::uint16_t, 4> ports{6379, 0, 50'000, 22};
constexpr std::array<std::uint32_t, 8> sequences{0,           1,           6,           0x4000'0001,
                                                 0x7fff'ffff, 0x8000'0000, 0xffff'ffff, 43};
constexpr std::string_view line = "PROXY TCP4 192.0.2.7 10.1.0.4 56324 6379\r\n";

config::Watch watch_of(std::uint8_t choice) {
    config::Watch watch;
    watch.direction = (choice & 1U) != 0 ? config::Direction::inbound : config::Direction::outbound;
    watch.port = (choice & 2U) != 0 || (choice & 1U) != 0 ? ports[0] : std::uint16_t{0};
    if ((choice & 4U) != 0) {
        watch.peer = {Cidr(addresses[2], 32)};
    }
    return watch;
}

TcpSegment segment(std::span<const std::uint8_t> bytes) {
    TcpSegment tcp;
    tcp.source_port = ports[bytes[1] & 3U];
    tcp.destination_port = ports[bytes[1] >> 2U & 3U];
    tcp.syn = (bytes[2] & 1U) != 0;
    tcp.ack = (bytes[2] & 2U) != 0;
    tcp.fin = (bytes[2] & 4U) != 0;
    tcp.rst = (bytes[2] & 8U) != 0;
    tcp.sequence = sequences[bytes[3] & 7U];
    tcp.acknowledgment = sequences[bytes[3] >> 3U & 7U];
    tcp.payload_size = static_cast<std::uint32_t>(bytes[4]) * bytes[5];
    const auto captured = std::min<std::size_t>({tcp.payload_size, line.size(), bytes[4]});
    tcp.payload = {reinterpret_cast<const std::uint8_t*>(line.data()), captured};
    return tcp;
}

IcmpMessage icmp(const Packet& packet, const TcpSegment& tcp, std::span<const std::uint8_t> bytes) {
    IcmpMessage message;
    message.v6 = packet.source.is_v6();
    message.type = bytes[4];
    message.code = bytes[5];
    message.quoted =
        QuotedPacket{packet.source, packet.destination, 6, tcp.source_port, tcp.destination_port, {}};
    if (tcp.ack) {
        message.quoted->sequence = tcp.sequence;
    }
    return message;
}

Packet packet_of(std::span<const std::uint8_t> bytes) {
    Packet packet;
    packet.source = addresses[bytes[0] & 3U];
    packet.destination = addresses[bytes[0] >> 2U & 3U];
    const TcpSegment tcp = segment(bytes);
    if ((bytes[0] & 0x10U) != 0) {
        packet.transport = icmp(packet, tcp, bytes);
        packet.source = addresses[bytes[0] >> 5U & 3U];
    } else {
        packet.transport = tcp;
    }
    return packet;
}

/// Over all windows so far.
struct Totals {
    std::uint64_t established = 0, ended = 0, with_header = 0, refused_header = 0, measured = 0;
};

void check(const TrafficFacts& facts, std::uint64_t packets, Totals& totals) {
    require(facts.packets == packets);
    require(facts.attempts ==
            facts.established + facts.refused + facts.unanswered + facts.half_open + facts.icmp_failed);
    require(facts.retransmits_sent <= facts.segments_sent);
    require(facts.retransmits_received <= facts.segments_received);
    require(facts.handshakes_measured <= facts.established);
    require(facts.handshake_rtt_max <= facts.handshake_rtt_sum && facts.handshake_rtt_max.count() >= 0);
    require(facts.icmp.has_value() == (facts.icmp_failed > 0));
    require(facts.proxy_header.has_value() == (facts.with_proxy_header > 0));
    require(facts.window.count() >= 0 && facts.silent_for.count() >= 0);
    require(facts.ever || facts.attempts == 0);
    require(facts.peers.size() <= 16 && (facts.further_peers == 0 || facts.peers.size() == 16));
    unsigned attempts = 0;
    for (const PeerTraffic& peer : facts.peers) {
        require(peer.attempts >= peer.established + peer.failed && peer.attempts > 0);
        attempts += peer.attempts;
    }
    require(facts.further_peers > 0 ? attempts <= facts.attempts : attempts == facts.attempts);
    totals.established += facts.established;
    totals.ended += facts.reset_before_data + facts.closed_before_data;
    totals.with_header += facts.with_proxy_header;
    totals.refused_header += facts.reset_after_proxy_header;
    require(totals.ended <= totals.established);
    require(totals.refused_header <= totals.with_header && totals.refused_header <= totals.ended);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t record = 8;
    if (size < 2) {
        return 0;
    }
    Nanoseconds now = std::chrono::seconds(1'700'000'000);
    TrafficRecorder recorder(watch_of(data[0]), {addresses[0], addresses[1]}, now, 1U + data[1] % 8U);
    Totals totals;
    std::uint64_t packets = 0;
    for (std::span<const std::uint8_t> rest(data + 2, size - 2); rest.size() >= record;
         rest = rest.subspan(record)) {
        now += std::chrono::milliseconds(static_cast<std::int8_t>(rest[6]) * 50);
        Packet packet = packet_of(rest);
        packet.time = now;
        packets += recorder.add(packet) ? 1U : 0U;
        if ((rest[7] & 3U) == 1) {
            check(recorder.take(now), std::exchange(packets, 0), totals);
        }
    }
    const TrafficFacts last = recorder.take(now + TrafficRecorder::answer_wait * 100);
    check(last, packets, totals);
    return 0;
}
