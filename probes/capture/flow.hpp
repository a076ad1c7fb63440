// Follows the packets of one TCP connection and adds them up to facts. Pure: fed packets in the order of
// their capture, whatever they are.
#pragma once

#include <cstdint>
#include <memory>

#include "probes/capture/packet.hpp"
#include "probes/observation.hpp"

namespace whylink::probes {

/// A connection or an exchange of datagrams as this VM sees it.
struct FlowKey {
    std::uint8_t protocol = 6;  ///< IPPROTO_TCP or IPPROTO_UDP
    IpAddress local;
    std::uint16_t local_port = 0;
    IpAddress remote;
    std::uint16_t remote_port = 0;
    bool operator==(const FlowKey&) const = default;
};

struct FlowKeyHash {
    std::size_t operator()(const FlowKey& key) const noexcept;
};

/// Which flow a packet belongs to, when this VM is the one end or the other: for each of its two ways. An
/// ICMP error belongs to the flow of the packet that it quotes.
struct FlowOfPacket {
    FlowKey if_sent;      ///< this VM sent it, or the packet that the ICMP error quotes
    FlowKey if_received;  ///< this VM received it, or the packet that is quoted
};
/// Nothing for a packet without ports.
std::optional<FlowOfPacket> flow_of(const Packet& packet);

/// Bounded memory, whatever arrives.
class FlowRecorder {
  public:
    explicit FlowRecorder(FlowKey key);
    ~FlowRecorder();
    FlowRecorder(FlowRecorder&&) noexcept;
    FlowRecorder& operator=(FlowRecorder&&) noexcept;

    /// A TCP packet of the connection, or an ICMP error about one. Anything else is ignored.
    void add(const Packet& packet);
    /// What the packets so far add up to. `complete`, `everywhere` and `next_hop` are the caller's to fill.
    PacketFacts facts() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace whylink::probes
