// The TCP probe: one connection to one address.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <optional>

#include "probes/observation.hpp"
#include "probes/packets/tap.hpp"
#include "probes/tcp/socket_options.hpp"

namespace whylink::probes {

struct TcpProbe {
    IpAddress address;
    std::uint16_t port = 0;
    std::chrono::milliseconds timeout{5000};
    /// How long an accepted connection is watched for its end; 0: not at all.
    std::chrono::milliseconds settle{250};
    /// A later stage uses the connection: it is handed over as soon as it is up, and `settle` is not watched.
    bool keep = false;
    /// Sent as soon as the connection is up, before it is watched or handed over.
    ProxyHeaderSent proxy_header = ProxyHeaderSent::none;
    /// Bytes that both sides' segments are held to (tcp(7) TCP_MAXSEG, at least 88); 0: as the path has it.
    unsigned max_segment = 0;
    SocketOptions options;
    Tap* tap = nullptr;  ///< follows the connection's packets; must outlive the result
};

struct TcpResult {
    Observation observation;
    /// The connection, non-blocking, when it is up and `keep` was asked for.
    std::optional<asio::ip::tcp::socket> socket;
    /// The connection's packets; when there is a tap and the connection got a local port.
    std::optional<FollowedFlow> flow;
};

/// Never throws for what the network or this host does. A connection that is not kept is closed with RST
/// (SO_LINGER 0), so that no TIME_WAIT is left behind.
asio::awaitable<TcpResult> probe_tcp(TcpProbe probe);

}  // namespace whylink::probes
