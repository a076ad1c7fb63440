// Recognises a packet that was captured once already, on another layer of stacked interfaces (bridge, bond,
// VLAN, veth): the device "any" shows it once for each.
#pragma once

#include <array>
#include <cstdint>

#include "probes/packets/packet.hpp"

namespace whylink::probes {

/// Remembers the latest packets. The second sight on an interface and way is a copy of the second on another
/// one, and so on: however the layers' copies mix, there are as many packets as the layer saw that saw most.
/// So a retransmission, which comes on the same interfaces as the first, is no duplicate, even within `span`.
/// Not recognised: a segment that is whole on one layer and split on the next, which cannot offload that
/// (TSO). Who must not take the pieces for retransmissions has to keep to one interface.
class Duplicates {
  public:
    /// The longest pause between two sights of the same bytes that are still put together. The kernel sends
    /// nothing again sooner (tcp(7), TCP_RTO_MIN is 200 ms; a tail loss probe takes two round trips and 10 ms
    /// at least), but for a fast retransmission in a short network.
    static constexpr Nanoseconds span = std::chrono::milliseconds(5);

    /// True when the packet was seen on another interface, or there on its other way, within `span`; but what comes in
    /// where it went out before has come back from the network, and is none. Compares
    /// the beginning of the bytes from the IP header on, without what changes on the way through this host: TTL
    /// and header checksum, the traffic class, and the transport's checksum, which is not filled in before
    /// the first device that cannot do so itself. Always false where the link type names no interface.
    bool seen_before(const Packet& packet, const Frame& frame);

  private:
    struct Sights {
        std::uint32_t interface = 0;
        Way way = Way::unknown;
        std::uint32_t count = 0;  ///< 0: this and the following places are free
        Nanoseconds first{};
    };
    static constexpr std::size_t max_layers = 6;
    struct Seen {
        std::uint64_t digest = 0;
        Nanoseconds latest{};
        std::array<Sights, max_layers> layers{};
    };
    static constexpr std::size_t ways = 4;
    using Set = std::array<Seen, ways>;

    static bool count(Seen& seen, const Packet& packet);
    static bool came_back(const Seen& seen, const Packet& packet);
    Seen& find(std::uint64_t digest, Nanoseconds time);

    /// A packet has its place in the set that its digest names, beside three others.
    static constexpr std::size_t sets = 128;
    std::array<Set, sets> seen_{};
};

}  // namespace whylink::probes
