// `diagnose` without --tls and --no-tls tries TLS; where that fails without a word of TLS, a service may
// speak plain text, and many of those say nothing until they are spoken to in their own protocol.
#pragma once

#include <asio/awaitable.hpp>
#include <optional>

#include "daemon/round/connection_stage.hpp"

namespace whylink::daemon {

/// The application to speak to in plain text after such a failure: the configured one, else the one that is
/// known by its port; none for any other result. Never MySQL by its port alone: an attempt that is not meant
/// for it counts against this host there.
config::App plain_app(const config::Endpoint& endpoint, const ConnectionResult& tried);

/// One exchange on a second connection; its stage `app` alone. Nothing when the server says nothing to it: a
/// guess that was wrong shows nothing.
asio::awaitable<std::optional<probes::Observation>> attempt_plain(ConnectionPlan plan, config::App app);

}  // namespace whylink::daemon
