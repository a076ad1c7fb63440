// A server with which this program has no cipher in common may be one of the older ones that know finite-field
// Diffie-Hellman only. What that costs is the server's choice, so that no round offers it at first.
#pragma once

#include <asio/awaitable.hpp>

#include "daemon/round/connection_stage.hpp"

namespace whylink::daemon {

/// The server's first word is that it will not agree on anything (RFC 8446 section 6.2: handshake_failure,
/// insufficient_security).
bool lacks_common_cipher(const ConnectionResult& tried);

/// Another connection that offers it alone, of at most 4,096 bits. Where its handshake is complete, and the ordinary one
/// fails again as it did, its stages from TLS on take the place of those in `result`; where it is this host that
/// could not complete it, its TLS stage does. `tls`, `capturing` and `result` must outlive the coroutine.
asio::awaitable<void> attempt_finite_field(ConnectionPlan plan, const TlsContextOrFault& tls,
                                           const Capturing& capturing, ConnectionResult& result);

}  // namespace whylink::daemon
