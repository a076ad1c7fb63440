#include "probes/packets/flow.hpp"

#include "probes/packets/connection.hpp"

namespace whylink::probes {
namespace {

FlowOfPacket both_ways(std::uint8_t protocol, const IpAddress& source, std::uint16_t source_port,
                       const IpAddress& destination, std::uint16_t destination_port) {
    return {{protocol, source, source_port, destination, destination_port},
            {protocol, destination, destination_port, source, source_port}};
}

/// FNV-1a.
class Hash {
  public:
    void add(std::uint8_t byte) { value_ = (value_ ^ byte) * 0x100000001b3U; }
    void add(const IpAddress& address, std::uint16_t port) {
        for (const std::uint8_t byte : address.bytes()) {
            add(byte);
        }
        add(static_cast<std::uint8_t>(port >> 8));
        add(static_cast<std::uint8_t>(port & 0xff));
    }
    std::size_t value() const { return value_; }

  private:
    std::uint64_t value_ = 0xcbf29ce484222325U;
};

}  // namespace

std::size_t FlowKeyHash::operator()(const FlowKey& key) const noexcept {
    Hash hash;
    hash.add(key.protocol);
    hash.add(key.local, key.local_port);
    hash.add(key.remote, key.remote_port);
    return hash.value();
}

std::optional<FlowOfPacket> flow_of(const Packet& packet) {
    if (const auto* segment = std::get_if<TcpSegment>(&packet.transport)) {
        return both_ways(6, packet.source, segment->source_port, packet.destination,
                         segment->destination_port);
    }
    if (const auto* datagram = std::get_if<UdpDatagram>(&packet.transport)) {
        return both_ways(17, packet.source, datagram->source_port, packet.destination,
                         datagram->destination_port);
    }
    const auto* message = std::get_if<IcmpMessage>(&packet.transport);
    if (message == nullptr || !message->quoted) {
        return std::nullopt;
    }
    const QuotedPacket& quoted = *message->quoted;
    const bool ports = quoted.source_port != 0 || quoted.destination_port != 0;
    if (!ports || (quoted.protocol != 6 && quoted.protocol != 17)) {
        return std::nullopt;
    }
    return both_ways(quoted.protocol, quoted.source, quoted.source_port, quoted.destination,
                     quoted.destination_port);
}

struct FlowRecorder::Impl {
    explicit Impl(const FlowKey& key) : connection(key) {}
    bool is_copy(const Packet& packet, const TcpSegment& segment, bool is_sent);
    bool brings_nothing_new(const TcpSegment& segment, bool is_sent) const;

    Connection connection;
    // The interface that showed the first packet of each way; 0: not known.
    std::uint32_t home_sent = 0;
    std::uint32_t home_received = 0;
};

/// Stacked interfaces show a packet more than once, and not always as the same bytes: one layer may split
/// what another merges, or lower the MSS. What is really sent again shows on the first interface too.
bool FlowRecorder::Impl::is_copy(const Packet& packet, const TcpSegment& segment, bool is_sent) {
    std::uint32_t& home = is_sent ? home_sent : home_received;
    if (home == 0) {
        home = packet.interface;
    }
    return packet.interface != home && brings_nothing_new(segment, is_sent);
}

bool FlowRecorder::Impl::brings_nothing_new(const TcpSegment& segment, bool is_sent) const {
    const PacketFacts& facts = connection.facts;
    if (segment.syn) {
        return is_sent ? facts.syn > 0 : facts.syn_ack + facts.syn_ack_foreign > 0;
    }
    const SequenceSpace& space = is_sent ? connection.sent.space : connection.received.space;
    if (segment.payload_size == 0 || !space.known()) {
        return false;
    }
    const std::int64_t begin = space.position(segment.sequence);
    const std::int64_t end = begin + segment.payload_size;
    return is_sent ? connection.sent.has(begin, end) : connection.received.has(begin, end);
}

FlowRecorder::FlowRecorder(FlowKey key) : impl_(std::make_unique<Impl>(key)) {}
FlowRecorder::~FlowRecorder() = default;
FlowRecorder::FlowRecorder(FlowRecorder&&) noexcept = default;
FlowRecorder& FlowRecorder::operator=(FlowRecorder&&) noexcept = default;

void FlowRecorder::add(const Packet& packet) {
    Connection& connection = impl_->connection;
    const auto flow = flow_of(packet);
    const bool is_sent = flow && flow->if_sent == connection.key;
    const bool is_received = flow && flow->if_received == connection.key;
    if (connection.over || connection.key.protocol != 6 || (!is_sent && !is_received)) {
        return;
    }
    if (!connection.first) {
        connection.first = packet.time;
    }
    const auto* segment = std::get_if<TcpSegment>(&packet.transport);
    if (segment != nullptr && is_sent && !is_received && connection.syn_came_back(packet, *segment)) {
        return;
    }
    if (const auto* message = std::get_if<IcmpMessage>(&packet.transport)) {
        connection.icmp(packet, *message);
    } else if (segment != nullptr) {
        connection.seen_on(packet);
        if (impl_->is_copy(packet, *segment, is_sent)) {
            return;
        }
        // A connection to itself has one end, which does both.
        if (is_sent) {
            connection.packet_sent(packet, *segment);
        }
        if (is_received && !connection.over) {
            connection.packet_received(packet, *segment);
        }
    }
}

bool FlowRecorder::add_stray(const Packet& packet, bool just_followed) {
    Connection& connection = impl_->connection;
    if (connection.over || connection.key.protocol != 6) {
        return false;
    }
    if (const auto* message = std::get_if<IcmpMessage>(&packet.transport)) {
        return connection.take_stray_icmp(packet, *message);
    }
    const auto* segment = std::get_if<TcpSegment>(&packet.transport);
    return segment != nullptr && connection.take_stray(packet, *segment, just_followed);
}

PacketFacts FlowRecorder::facts() const {
    const Connection& connection = impl_->connection;
    PacketFacts facts = connection.facts;
    facts.local = connection.key.local;
    facts.local_port = connection.key.local_port;
    connection.sent.fill(facts);
    connection.received.fill(facts);
    connection.resets.fill(facts);
    connection.fill_strays(facts);
    return facts;
}

}  // namespace whylink::probes
