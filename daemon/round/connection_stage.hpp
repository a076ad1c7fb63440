// One connection of a round: TCP, the PROXY header, TLS and the application, as far as it gets.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "config/config.hpp"
#include "daemon/packets/packet_service.hpp"
#include "daemon/round/waiting.hpp"
#include "probes/app/app.hpp"
#include "probes/tcp/socket_options.hpp"
#include "probes/tcp/tcp.hpp"
#include "probes/tls/tls.hpp"

namespace whylink::daemon {

/// What a round shares with its parts. Holds the tap as long as there are flows of it.
struct Capturing {
    explicit Capturing(PacketService* service, std::shared_ptr<WaitList> waits = nullptr)
        : packets(service), tap(service == nullptr ? nullptr : service->tap()), waiting(std::move(waits)) {}
    PacketService* packets;
    std::shared_ptr<probes::Tap> tap;
    std::shared_ptr<probes::ComputeBudget> budget = std::make_shared<probes::ComputeBudget>();
    std::shared_ptr<WaitList> waiting;  ///< null: nobody watches
    /// By then every stage ends, whatever its own time-out.
    std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();

    /// For connections that are made beside the first one, whose packets would stand in the report as its own.
    Capturing without_packets() const {
        Capturing further(nullptr, waiting);
        further.budget = budget;
        further.until = until;
        return further;
    }
};

using TlsContextOrFault = std::variant<probes::TlsContextPtr, probes::LocalError>;

struct ConnectionPlan {
    IpAddress address;
    std::uint16_t port = 0;
    std::chrono::milliseconds timeout{5000};  ///< for each stage on its own
    probes::SocketOptions options;
    probes::ProxyHeaderSent proxy_header = probes::ProxyHeaderSent::none;
    unsigned max_segment = 0;
    bool tls = false;         ///< in front of the application, or inside its protocol
    std::string server_name;  ///< SNI and the name that the certificate must have
    bool verify = true;
    probes::HelloSize hello = probes::HelloSize::ordinary;
    bool finite_field = false;  ///< as TlsProbe::finite_field
    bool tls12_only = false;    ///< as TlsProbe::tls12_only
    probes::AppRequest app;     ///< `app.app` none: no application
    /// Set: why neither the client certificate nor a script nor the query of `http_path` goes to this peer. A server
    /// that `verify` does not accept gets none of them in any case.
    probes::Withheld withhold = probes::Withheld::no;
    std::chrono::milliseconds settle{0};  ///< without TLS and application
    /// On the ports of servers that speak first: how long they are waited for before a ClientHello.
    std::chrono::milliseconds listen_first{1000};
    bool ask_acceptor = false;  ///< the kernel is asked who took it: TcpFacts::acceptor
    bool keep = false;          ///< hand the connection back when every stage is good
};

struct ConnectionResult {
    std::optional<probes::Observation> tcp;
    std::optional<probes::Observation> tls;
    std::optional<probes::Observation> app;
    std::optional<probes::FollowedFlow> flow;
    probes::StreamPtr stream;  ///< with `keep`
};

/// As the endpoint is configured. At an address that DNS should not have given it is without what is secret.
probes::SocketOptions socket_options(const config::Endpoint& endpoint);
ConnectionPlan plan_of(const config::Endpoint& endpoint, const IpAddress& address);

/// A server that counts connections which end without a login (config::counts_early_ends()) gets one, whatever is
/// configured: that of a user who need not exist.
/// Every stage until the first that fails. Without a TLS context the connection is still tried, and only the
/// handshake is ours to answer for. Never throws for what the network or this host does. `tls` must outlive the
/// coroutine.
asio::awaitable<ConnectionResult> probe_connection(ConnectionPlan plan, const TlsContextOrFault& tls,
                                                   const Capturing& capturing);

}  // namespace whylink::daemon
