// The listener probe: which sockets of this host listen on a port, asked of the kernel (netlink, sock_diag(7)).
#pragma once

#include <cstddef>
#include <cstdint>

#include "probes/observation.hpp"

namespace whylink::probes {

/// More than these are left out: processes that share a port (SO_REUSEPORT) have a socket each.
inline constexpr std::size_t max_listening_sockets = 1024;

/// Needs no privilege; sees the sockets of this network namespace, whoever owns them. Takes well under a
/// millisecond and never blocks for long: the kernel answers at once. An error of the kernel (ENOENT: it has
/// no inet_diag, and may load none) is `local`, and the facts say nothing then. The sockets are sorted by
/// address, IPv4 first.
Observation probe_listener(std::uint16_t port);

}  // namespace whylink::probes
