// Adds real traffic up to facts, connection by connection, for a watch. Pure: fed packets in the order of
// their capture.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "config/config.hpp"
#include "probes/observation.hpp"
#include "probes/packets/packet.hpp"

namespace whylink::probes {

/// Which connections a watch is about: inbound, those of a peer with our port; outbound, those of ours with
/// the remote port, or with any. Its `peer` blocks are of the other side. A connection of this host with itself
/// counts too. Of one that began before the watch packets, segments and resets count, and no attempt; an
/// outbound watch of any port takes it for one of ours when our port is the higher one.
///
/// An attempt counts in the window in which its outcome is known, so that `attempts` is the sum of the
/// outcomes. "Before the server's first byte" means that the server's side ended the connection, or somebody
/// in its name: a client that goes first, as health probes do, counts nowhere. A RST or ACK that answers
/// another connection than the SYN's decides nothing.
///
/// Retransmits are segments with payload of which nothing lies beyond all that the same side had sent before.
/// Of our own side that is exact, as the kernel sends in order; of the other side's it includes segments that
/// the network brought out of order. A single byte at the very end is taken for a keep-alive. Segments are
/// counted as they are captured: what the network card splits or merges (TSO, GRO) once.
///
/// An ICMP error that this host itself sends about an outbound connection of which no packet was seen is a SYN
/// that never left: its next hop did not answer, or a local rule ate it.
///
/// Bounded memory (a fixed number of connections and peers at once, the oldest forgotten first and counted),
/// whatever arrives. Oldest is whose last packet is; what has ended goes before what has not, and is not
/// counted.
class TrafficRecorder {
  public:
    static constexpr Nanoseconds answer_wait = std::chrono::seconds(3);
    /// Who looks for the last time cannot wait; after a second a TCP itself takes its SYN for lost (RFC 6298
    /// section 2.1).
    static constexpr Nanoseconds last_answer_wait = std::chrono::seconds(1);
    static constexpr std::size_t max_connections = 4096;

    /// `local` are this host's own addresses: which end of a packet is ours. `began` as the packets' times.
    /// `bound`, 1 at least, is of the connections.
    TrafficRecorder(const config::Watch& watch, std::vector<IpAddress> local, Nanoseconds began,
                    std::size_t bound = max_connections);
    ~TrafficRecorder();
    TrafficRecorder(TrafficRecorder&&) noexcept;
    TrafficRecorder& operator=(TrafficRecorder&&) noexcept;

    /// Addresses come and go.
    void set_local(std::vector<IpAddress> local);
    /// Any packet; those that the watch is not about are ignored. True when it was one of the watch's.
    bool add(const Packet& packet);
    /// What came since the last take(), as of `now`; connections that are under way go on. An attempt without
    /// an answer counts as unanswered once it is `answer_wait` old, in the window in which it becomes so;
    /// in the `last` one already after `last_answer_wait`.
    TrafficFacts take(Nanoseconds now, bool last = false);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace whylink::probes
