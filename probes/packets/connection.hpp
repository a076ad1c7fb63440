// What is known of one TCP connection while its packets come: the state behind FlowRecorder.
#pragma once

#include <algorithm>
#include <limits>
#include <optional>

#include "probes/packets/flow.hpp"
#include "probes/packets/resets.hpp"
#include "probes/packets/stream.hpp"

namespace whylink::probes {

struct Connection {
    explicit Connection(const FlowKey& of) : key(of) {}

    FlowKey key;
    PacketFacts facts;
    SentStream sent;
    ReceivedStream received;
    Resets resets;
    std::optional<Nanoseconds> first;  ///< packet
    std::optional<Nanoseconds> first_syn;
    std::optional<Nanoseconds> first_syn_ack;
    std::optional<std::uint32_t> syn_sequence;      ///< of our SYN
    std::optional<std::uint32_t> syn_ack_sequence;  ///< of the peer's
    std::optional<std::uint8_t> window_scale;       ///< in our SYN
    std::uint32_t path_mtu = std::numeric_limits<std::uint32_t>::max();
    std::int64_t window_end = 0;  ///< of ours, in the peer's stream
    bool window_known = false;
    bool peer_window_closed = false;
    bool over = false;  ///< the pair of ports was used again
    // Where its packets were seen.
    bool on_loopback = false;
    bool off_loopback = false;
    /// Sequence number of a SYN that left for another address and may be ours. None: there was none, or several.
    std::optional<std::uint32_t> sent_elsewhere;
    bool sent_elsewhere_unsure = false;  ///< several of them, of which one at most is ours

    void packet_sent(const Packet& packet, const TcpSegment& segment);
    void syn_sent(const Packet& packet, const TcpSegment& segment);
    void we_acknowledge(const TcpSegment& segment);
    void open_window(const TcpSegment& segment, std::int64_t acknowledges);
    void packet_received(const Packet& packet, const TcpSegment& segment);
    void syn_ack_received(const Packet& packet, const TcpSegment& segment);
    void peer_begins(const TcpSegment& segment);
    void stream_received(const Packet& packet, const TcpSegment& segment);
    void peer_acknowledges(const TcpSegment& segment);
    void icmp(const Packet& packet, const IcmpMessage& message);
    void keep_icmp(const Packet& packet, const IcmpMessage& message, bool translated);
    bool is_about_ours(const QuotedPacket& quoted) const;
    void keep_hop_limit(std::uint8_t hop_limit);
    void keep_link_source(const Packet& packet);
    void seen_on(const Packet& packet);

    // Packets of ours that have another far end: strays.cpp.
    bool take_stray(const Packet& packet, const TcpSegment& segment, bool just_followed);
    bool take_stray_icmp(const Packet& packet, const IcmpMessage& message);
    bool has_come_back(const Packet& packet) const;
    bool syn_came_back(const Packet& packet, const TcpSegment& segment);
    bool answered_from_elsewhere(const Packet& packet, const TcpSegment& segment);
    bool left_for_elsewhere(const Packet& packet, const TcpSegment& segment, bool just_followed);
    bool is_our_syn(std::uint32_t sequence) const;
    void fill_strays(PacketFacts& into) const;
    std::uint32_t max_sent() const;
    std::uint32_t max_received() const;
    std::uint32_t announced_by_us() const;
    std::uint32_t without_options(std::uint32_t most) const;
    Nanoseconds since_first(const Packet& packet) const {
        return std::max(Nanoseconds{}, packet.time - *first);
    }
};

}  // namespace whylink::probes
