// Follows the packets of one TCP connection and adds them up to facts. Pure: fed packets in the order of
// their capture, whatever they are.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>

#include "probes/observation.hpp"
#include "probes/packets/packet.hpp"

namespace whylink::probes {

/// A connection or an exchange of datagrams as this host sees it.
struct FlowKey {
    std::uint8_t protocol = 6;  ///< IPPROTO_TCP or IPPROTO_UDP
    IpAddress local;
    std::uint16_t local_port = 0;
    IpAddress remote;
    std::uint16_t remote_port = 0;
    auto operator<=>(const FlowKey&) const = default;
};

struct FlowKeyHash {
    std::size_t operator()(const FlowKey& key) const noexcept;
};

/// Which flow a packet belongs to, when this host is the one end or the other: for each of its two ways. An
/// ICMP error belongs to the flow of the packet that it quotes.
struct FlowOfPacket {
    FlowKey if_sent;      ///< this host sent it, or the packet that the ICMP error quotes
    FlowKey if_received;  ///< this host received it, or the packet that is quoted
};
/// Nothing for a packet without ports.
std::optional<FlowOfPacket> flow_of(const Packet& packet);

/// Fills PacketFacts for a connection that this host opens. Where several readings are honest, it takes these:
/// - Before our SYN everything belongs to an earlier connection and is forgotten; a later SYN with another
///   number ends the following. Without a SYN the connection is followed from where it is.
/// - Super-segments (TSO, GRO) are one packet, and of the MSS less the timestamps where sizes are compared.
/// - `lost` is of the smallest size in which it was tried. What a SACK (RFC 2018) names has arrived.
/// Keep-alives
///   and what is sent while the peer's window is closed are not lost; a RST acknowledges nothing here.
/// - `missing_received` lies in front of later bytes, of the FIN, or of what another packet of the peer
///   counts as sent. What lies beyond our window is not of the stream.
/// - `in_sequence` is also a RST without ACK whose number is one that we acknowledged (RFC 9293 section
///   3.5.2); one that is not may lie behind what was lost on the way.
/// - `after_acknowledged` is since the last byte that the RST acknowledges was first sent: no answer to it
///   can have taken less than a round trip.
/// - A SYN of ours that comes in from the network is no second one: it came back (`own_syn_returned`).
/// - `only_on_loopback` knows nothing of this host's other addresses: whoever has them takes it back.
/// - `received_after_reset` counts what cannot have been under way: payload beyond the RST's position, which
///   acknowledges all of ours when the RST's number is copied from us; an ACK of what we sent later; a
///   SYN-ACK to our only SYN after its refusal.
/// Bounded memory, whatever arrives.
class FlowRecorder {
  public:
    explicit FlowRecorder(FlowKey key);
    ~FlowRecorder();
    FlowRecorder(FlowRecorder&&) noexcept;
    FlowRecorder& operator=(FlowRecorder&&) noexcept;

    /// A TCP packet of the connection, or an ICMP error about one. Anything else is ignored.
    void add(const Packet& packet);
    /// A packet with our address and port at the one end, and not the connection's at the other: a translation, or a
    /// path back that is not the path there. True when it is of this connection. That is so where it carries our SYN's
    /// sequence number, or acknowledges it; where no SYN of ours was seen at all, the one SYN that left from our port
    /// while the connection was made (`just_followed`) is taken for it, and given up when there is another one.
    bool add_stray(const Packet& packet, bool just_followed);
    /// What the packets so far add up to. `complete`, `everywhere` and `next_hop` are the caller's to fill.
    PacketFacts facts() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace whylink::probes
