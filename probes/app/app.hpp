// The application probe: one exchange on a connection that is already up.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "probes/app/codecs/codec.hpp"
#include "probes/tcp/stream.hpp"
#include "probes/tls/tls.hpp"

namespace whylink::probes {

struct AppProbe {
    IpAddress address;
    std::uint16_t port = 0;
    AppRequest request;
    std::chrono::milliseconds timeout{5000};
    bool over_tls = false;  ///< the stream is TLS already
    /// For protocols that negotiate TLS inside (negotiates_tls()); its context may be null otherwise.
    TlsProbe tls;
};

struct AppResult {
    /// The handshake inside the protocol, when it was come to.
    std::optional<Observation> tls;
    /// Absent when that handshake failed: it is the last stage then.
    std::optional<Observation> app;
    /// Still up after the exchange, where that was asked for and the peer keeps it open.
    StreamPtr stream;
};

/// After its farewell (COM_QUIT, Terminate, DISCONNECT) a server is waited for so long to close, so that it
/// reads the farewell and not the RST of a probe that is gone.
inline constexpr std::chrono::milliseconds farewell_wait{50};

/// `timeout` bounds the exchange, and the handshake inside it on its own. Never throws for what the peer or
/// this host does. With `keep` the connection is handed back instead of closed, and owes its farewell.
/// `took` and `first_byte_after` leave the handshake inside out.
asio::awaitable<AppResult> probe_app(AppProbe probe, StreamPtr stream, bool keep = false);
/// Speaks another protocol than `probe.request` says; the rest of the request is not looked at.
asio::awaitable<AppResult> probe_app(AppProbe probe, std::unique_ptr<Codec> codec, StreamPtr stream,
                                     bool keep = false);

}  // namespace whylink::probes
