// `diagnose` without --tls and --no-tls: a well-known port is spoken to in its own protocol at once. Elsewhere TLS is
// tried; where that fails without a word of TLS, a service may speak plain text, and many of those say nothing until
// they are spoken to in their own protocol.
#pragma once

#include <asio/awaitable.hpp>
#include <optional>

#include "daemon/round/connection_stage.hpp"

namespace whylink::daemon {

/// The connection in the own protocol of a well-known port, to be made before any other: in plain text, or with TLS
/// inside the protocol as `sslmode=prefer` has it, where nobody verifies the certificate unless there is a `ca_file` or
/// a client certificate. Nothing where TLS is not only tried, another application is configured, or no port says what
/// to speak.
std::optional<ConnectionPlan> own_protocol(const config::Endpoint& endpoint, const IpAddress& address);
/// It spoke its protocol, or nothing could be connected to: no other attempt would show more.
bool is_settled(const ConnectionResult& tried);

/// The protocol's own upgrade to TLS was asked for, and is not offered.
bool offers_no_tls(const ConnectionResult& tried);
/// The server said something, whatever it was.
bool has_spoken(const probes::Observation& app);

/// The application to speak to in plain text after a TLS handshake that failed so: the configured one, else the one
/// that is known by its port; none for any other result. Never MySQL by its port alone: own_protocol() has spoken to it.
config::App plain_app(const config::Endpoint& endpoint, const ConnectionResult& tried);

struct PlainAttempt {
    /// Its stage `app` alone. Absent when the server says nothing to it: a guess that was wrong shows nothing.
    std::optional<probes::Observation> app;
    std::optional<probes::FollowedFlow> flow;
};

/// One exchange on a second connection. `capturing` must outlive the coroutine.
asio::awaitable<PlainAttempt> attempt_plain(ConnectionPlan plan, config::App app, const Capturing& capturing);

}  // namespace whylink::daemon
