// A TCP connection as a sequence of packets, for tests of what follows one. Sequence numbers are given as
// positions in each stream: 0 is the byte behind the SYN.
#pragma once

#include "probes/packets/flow.hpp"

namespace whylink::probes {

constexpr Nanoseconds milliseconds(std::int64_t count) {
    return std::chrono::milliseconds(count);
}

class Conversation {
  public:
    FlowKey key{6, *IpAddress::parse("10.0.0.7"), 40000, *IpAddress::parse("10.9.9.9"), 9440};
    std::uint32_t our_isn = 1000;
    std::uint32_t peer_isn = 77000;
    Nanoseconds now{std::chrono::seconds(1'700'000'000)};
    std::uint8_t hop_limit = 61;
    FlowRecorder recorder{key};

    Conversation() = default;
    Conversation(std::uint32_t ours, std::uint32_t peers) : our_isn(ours), peer_isn(peers) {}

    /// A segment that may be changed before it is sent on its way by one of the two below.
    struct Shape {
        std::int64_t sequence = 0;
        std::optional<std::int64_t> acknowledges{};
        std::uint32_t size = 0;
        bool syn = false, fin = false, rst = false;
        std::uint16_t window = 60000;
        std::optional<std::pair<std::int64_t, std::int64_t>> sack{};
        bool options = true;
    };

    Conversation& wait(std::int64_t ms) {
        now += milliseconds(ms);
        return *this;
    }
    Conversation& ours(const Shape& shape) { return add(shape, true); }
    Conversation& peers(const Shape& shape) { return add(shape, false); }

    Conversation& syn() { return ours({.sequence = -1, .syn = true}); }
    Conversation& syn_ack() { return peers({.sequence = -1, .acknowledges = 0, .syn = true}); }
    Conversation& handshake() { return syn().wait(20).syn_ack().ours({.sequence = 0, .acknowledges = 0}); }
    Conversation& send(std::int64_t from, std::uint32_t size, std::int64_t acknowledges = 0) {
        return ours({.sequence = from, .acknowledges = acknowledges, .size = size});
    }
    Conversation& receive(std::int64_t from, std::uint32_t size, std::int64_t acknowledges = 0) {
        return peers({.sequence = from, .acknowledges = acknowledges, .size = size});
    }
    Conversation& acknowledged(std::int64_t position, std::int64_t from = 0) {
        return peers({.sequence = from, .acknowledges = position});
    }
    Conversation& icmp(const IpAddress& sender, std::uint8_t code, std::uint32_t mtu, std::int64_t sequence,
                       bool quotes_ours = true);

    PacketFacts facts() const { return recorder.facts(); }
    Packet packet(const Shape& shape, bool is_ours) const;

  private:
    Conversation& add(const Shape& shape, bool is_ours) {
        recorder.add(packet(shape, is_ours));
        return *this;
    }
};

inline Packet Conversation::packet(const Shape& shape, bool is_ours) const {
    const std::uint32_t own = (is_ours ? our_isn : peer_isn) + 1;
    const std::uint32_t other = (is_ours ? peer_isn : our_isn) + 1;
    TcpSegment segment;
    segment.source_port = is_ours ? key.local_port : key.remote_port;
    segment.destination_port = is_ours ? key.remote_port : key.local_port;
    segment.sequence = own + static_cast<std::uint32_t>(shape.sequence);
    segment.ack = shape.acknowledges.has_value();
    segment.acknowledgment = other + static_cast<std::uint32_t>(shape.acknowledges.value_or(0));
    segment.syn = shape.syn;
    segment.fin = shape.fin;
    segment.rst = shape.rst;
    segment.window = shape.window;
    segment.payload_size = shape.size;
    if (shape.syn && shape.options) {
        segment.mss = is_ours ? 1460 : 1400;
        segment.window_scale = std::uint8_t{7};
        segment.sack_permitted = true;
    }
    if (shape.sack) {
        segment.sack = {other + static_cast<std::uint32_t>(shape.sack->first),
                        other + static_cast<std::uint32_t>(shape.sack->second)};
    }
    Packet packet;
    packet.time = now;
    packet.source = is_ours ? key.local : key.remote;
    packet.destination = is_ours ? key.remote : key.local;
    packet.hop_limit = is_ours ? std::uint8_t{64} : hop_limit;
    packet.protocol = 6;
    packet.transport = segment;
    return packet;
}

inline Conversation& Conversation::icmp(const IpAddress& sender, std::uint8_t code, std::uint32_t mtu,
                                        std::int64_t sequence, bool quotes_ours) {
    const Packet about = packet({.sequence = sequence}, quotes_ours);
    const auto& segment = std::get<TcpSegment>(about.transport);
    IcmpMessage message;
    message.type = 3;
    message.code = code;
    message.mtu = mtu;
    message.quoted = QuotedPacket{about.source,        about.destination,        6,
                                  segment.source_port, segment.destination_port, segment.sequence};
    Packet packet;
    packet.time = now;
    packet.source = sender;
    packet.destination = about.source;
    packet.protocol = 1;
    packet.transport = message;
    recorder.add(packet);
    return *this;
}

}  // namespace whylink::probes
