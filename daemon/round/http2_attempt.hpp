// A server that answers HTTP/1.1 with HTTP/2 speaks nothing else there: it is asked again in HTTP/2.
#pragma once

#include <asio/awaitable.hpp>
#include <optional>

#include "daemon/round/connection_stage.hpp"

namespace whylink::daemon {

/// HTTP/1.1 was spoken, and a frame of HTTP/2 came back (RFC 9113 section 3.4).
bool answers_in_http2(const ConnectionResult& tried);

/// The same request in HTTP/2 with prior knowledge (RFC 9113 section 3.3), on a second connection; its stage `app`
/// alone. Nothing where that connection did not come so far, or nothing decisive came. `tls` and `capturing` must outlive
/// the coroutine.
asio::awaitable<std::optional<probes::Observation>> attempt_http2(ConnectionPlan plan,
                                                                  const TlsContextOrFault& tls,
                                                                  const Capturing& capturing);

}  // namespace whylink::daemon
