// The TCP probe: one connection to one address.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

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
    /// `keep`: it is watched for so long before it is handed over, or until the server's first byte or its end. What came
    /// is still to be read then, so that a server that speaks first is not talked over; what has ended is not handed over.
    std::chrono::milliseconds listen_first{0};
    /// A connection that is watched for `settle` and whose first bytes are so is handed over, with them still to be read.
    bool (*keep_when)(std::string_view first_bytes) = nullptr;
    /// Sent as soon as the connection is up, before it is watched or handed over.
    ProxyHeaderSent proxy_header = ProxyHeaderSent::none;
    /// Bytes that both sides' segments are held to (tcp(7) TCP_MAXSEG, at least 88); 0: as the path has it.
    unsigned max_segment = 0;
    /// The kernel is asked who took the connection, as soon as it is up (probes/host/acceptor.hpp).
    bool ask_acceptor = false;
    SocketOptions options;
    std::function<void()> on_connected = {};  ///< called before the connection is watched; may be empty
    Tap* tap = nullptr;                       ///< follows the connection's packets; must outlive the result
};

struct TcpResult {
    Observation observation;
    /// The connection, non-blocking, when it is up and `keep` or `keep_when` asked for it.
    std::optional<asio::ip::tcp::socket> socket;
    /// The connection's packets; when there is a tap and the connection got a local port.
    std::optional<FollowedFlow> flow;
};

/// Never throws for what the network or this host does. A connection that is not kept is closed with RST
/// (SO_LINGER 0), so that no TIME_WAIT is left behind.
asio::awaitable<TcpResult> probe_tcp(TcpProbe probe);

}  // namespace whylink::probes
