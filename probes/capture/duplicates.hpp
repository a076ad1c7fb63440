// Recognises a packet that was captured once already, on another layer of stacked interfaces (bridge, bond,
// VLAN, veth): the device "any" shows it once for each.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "probes/capture/packet.hpp"

namespace whylink::probes {

/// Remembers the latest packets. A retransmission is no duplicate: it comes on the same interfaces as the
/// first, so that a second sight on the *same* interface and way is always a packet of its own, and it comes
/// later than `span`.
class Duplicates {
  public:
    /// The kernel sends nothing again sooner (tcp(7), TCP_RTO_MIN is 200 ms; a tail loss probe takes two
    /// round trips and 10 ms at least).
    static constexpr Nanoseconds span = std::chrono::milliseconds(5);

    /// True when the packet was seen on another interface within `span`. Compares the bytes from the IP
    /// header on, without what a router changes (TTL, header checksum). Always false where the link type
    /// names no interface.
    bool seen_before(const Packet& packet, const Frame& frame);

  private:
    struct Seen {
        std::uint64_t digest = 0;
        Nanoseconds time{};
        std::uint32_t interface = 0;
    };
    static constexpr std::size_t remembered = 256;
    std::array<Seen, remembered> seen_{};  ///< a ring
    std::size_t next_ = 0;
};

}  // namespace whylink::probes
