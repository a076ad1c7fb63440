// What was captured, in a line for people.
#pragma once

#include <string>

#include "probes/observation.hpp"

namespace whylink::daemon {

/// "1 SYN, SYN-ACK in 0.4 ms TTL 63, 335 B sent, 0 B received, RST TTL 64"
std::string packets_text(const probes::PacketFacts& facts);
/// "0.0.0.0:6379 (0 of 128 waiting)"; empty without a socket.
std::string listener_text(const probes::ListenerFacts& facts);
/// What goes beside the attempts, which the outcome's detail counts:
/// "rtt 0.4 ms; 3 of 1200 segments retransmitted; from 10.1.0.5 (4, 1 failed), 10.1.0.4 (8)"
std::string traffic_text(const probes::TrafficFacts& facts);
/// "vpce-0a1b from 10.1.0.4:51000"
std::string proxy_text(const probes::ProxyHeader& header);

}  // namespace whylink::daemon
