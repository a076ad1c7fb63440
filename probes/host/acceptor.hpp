// Who took a connection: asked of this host's own kernel, because after a redirect the socket of the client looks
// like any other.
#pragma once

#include <cstdint>
#include <string_view>

#include "probes/observation.hpp"

namespace whylink::probes {

/// Asks about a connected TCP socket that is still open. `destination` and `port` are what connect() was given.
///
/// Dumps the sockets of this network namespace whose peer is the socket's own address and port (sock_diag(7), the
/// kernel filters by port), so that it costs a walk over the kernel's table of connections. A listener that resets at
/// once may be gone by then, so it is asked right after connect(); where the connection has ended and nothing was found,
/// `error` is ENOTCONN. Needs no privilege. Where the destination is an
/// address of this host itself an acceptor here is no finding, and none is looked for.
AcceptorFacts ask_acceptor(int fd, const IpAddress& destination, std::uint16_t port);

/// Whether the kernel can translate addresses at all: false only when its connection tracking is a module, and NAT
/// (nf_nat) is not loaded beside it. `modules` is the content of /proc/modules, empty when there is none.
bool may_translate(std::string_view modules);

}  // namespace whylink::probes
