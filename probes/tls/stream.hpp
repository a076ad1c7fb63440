// A TLS connection as a stream of the application's bytes.
#pragma once

#include <memory>

#include "probes/tcp/stream.hpp"
#include "probes/tls/connection.hpp"

namespace whylink::probes {

/// `connection` has completed its handshake. What it read of the application since comes first. The alerts
/// and errors of the stream's status are those from here on.
StreamPtr tls_stream(std::unique_ptr<TlsConnection> connection);

}  // namespace whylink::probes
