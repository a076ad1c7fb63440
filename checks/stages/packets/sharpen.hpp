// What the captured packets of a connection add to what its sockets said. Packets decide nothing by
// themselves: they take the place of a fact, or settle a doubt. That something was not there is only told
// when the capture lost nothing and every interface was captured.
#pragma once

#include <optional>
#include <span>

#include "checks/judge.hpp"
#include "checks/table/facts.hpp"

namespace whylink::checks {

/// Of the address's ordinary connection; null when it was not captured.
const probes::PacketFacts* packets_of(const IpAddress& address,
                                      std::span<const probes::CapturedConnection> packets);

/// An ICMP error that was captured and never reached the socket.
struct CapturedReason {
    const probes::IcmpSeen* icmp = nullptr;  ///< never null
    Outcome outcome = Outcome::unreachable;
};
/// What a captured ICMP error makes of a failure that it explains: `prohibited` at any time, and `unreachable`
/// for a SYN. RFC 1122 section 4.2.3.9 lets a connection that is up ignore both. `seen` is the outcome by the
/// socket alone.
std::optional<CapturedReason> captured_reason(const JudgedProbe& probe, Outcome seen,
                                              std::span<const probes::CapturedConnection> packets);

/// The peer's kernel sent its SYN-ACK again, though this host acknowledged it: not even that arrived.
bool lost_handshake_ack(const probes::PacketFacts& packets);

/// What `probe`, the last of an address, shows with its packets. `packets` may be null: then nothing is settled but what
/// the kernel knows of the socket.
FactSet sharpen(FactSet facts, const JudgedProbe& probe, const probes::PacketFacts* packets);

}  // namespace whylink::checks
