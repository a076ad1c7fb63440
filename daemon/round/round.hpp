// One round: every probe of one endpoint or zone, once. `check`, `diagnose`, `zone` and the daemon all run
// this.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "config/config.hpp"
#include "daemon/followups/followups.hpp"
#include "daemon/packets/measured.hpp"
#include "daemon/packets/packet_service.hpp"
#include "daemon/round/dns_stage.hpp"
#include "daemon/round/own_addresses.hpp"
#include "daemon/round/waiting.hpp"
#include "probes/tls/tls.hpp"

namespace whylink::daemon {

/// What rounds share.
struct RoundContext {
    probes::TlsContexts& tls;
    SystemFiles files;
    PacketService* packets = nullptr;  ///< null: nothing is captured
    /// Null: none are made. Shared, for a loop that ends destroys rounds in any order.
    std::shared_ptr<FollowUpBudget> follow_ups = nullptr;
    /// Of this host; put into every round of an endpoint. Null: none is set.
    std::shared_ptr<const std::vector<probes::ProxySetting>> proxies = nullptr;
    std::optional<config::Cloud> cloud = {};  ///< of this host; put into every round
    NameFrom names_from = NameFrom::user;
    std::shared_ptr<OwnAddresses> own_addresses = std::make_shared<OwnAddresses>();
    std::shared_ptr<WaitList> waiting = nullptr;  ///< null: nobody watches
    /// Asked for each address before any of them is connected to; empty: all may be.
    std::function<bool(const IpAddress&)> may_connect = {};
    /// Of DNS, where that is less than the target's own time-out: a dead nameserver is waited for that long.
    std::chrono::milliseconds max_dns_time = std::chrono::milliseconds::max();
    /// By then every stage of a connection ends, whatever its own time-out.
    std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
};

/// What the endpoint's handshakes need, or why there is none; an empty one without TLS. The first time reads the
/// files (trust store, certificates); one that cannot be used is a finding of the round.
TlsContextOrFault tls_context_of(const config::Endpoint& endpoint, RoundContext& context);

/// DNS of every resolver in parallel, then TCP and TLS on every address that any of them gave, up to `max_addresses` of
/// them, `config::max_connections` at once. In the daemon none is begun of which the first stage could outlast the interval.
/// The arguments must outlive the coroutine. Never throws for what the network or this host does.
/// `memory` is that of the daemon's target, whose rounds end within their interval; without it
/// follow-up tests are made whenever they fit, and take as long as one more stage at most.
asio::awaitable<Measured> run_endpoint(const config::Endpoint& endpoint, RoundContext& context,
                                       FollowUpMemory* memory = nullptr);

/// The known labels, fresh random names and the control name, against every resolver, in parallel.
asio::awaitable<Measured> run_zone(const config::Zone& zone, RoundContext& context);

/// What real traffic did since the last look. The first look of a watch waits until it has looked for its
/// window.
asio::awaitable<Measured> run_watch(const config::Watch& watch, RoundContext& context);

/// Whichever of these it is; `memory` is for an endpoint.
asio::awaitable<Measured> run_round(const config::Target& target, RoundContext& context,
                                    FollowUpMemory* memory = nullptr);

}  // namespace whylink::daemon
