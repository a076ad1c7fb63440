// The listener probe: which sockets of this VM listen on a port, asked of the kernel (netlink, sock_diag(7)).
#pragma once

#include <cstdint>

#include "probes/observation.hpp"

namespace whylink::probes {

/// Needs no privilege; sees the sockets of this network namespace, whoever owns them. Takes well under a
/// millisecond and never blocks for long: the kernel answers at once. An error of the kernel is `local`.
Observation probe_listener(std::uint16_t port);

}  // namespace whylink::probes
