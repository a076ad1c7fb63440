// Which follow-up tests a failed round calls for, each with the one thing that it changes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/followups/pace.hpp"
#include "checks/judge.hpp"
#include "config/config.hpp"
#include "probes/round.hpp"

namespace whylink::checks {

/// At most so many of a round.
inline constexpr std::size_t max_follow_ups = 4;

/// One connection or query to be made.
struct PlannedFollowUp {
    probes::FollowUp kind = probes::FollowUp::proxy_v2;
    Pace pace = Pace::failing;
    // A connection:
    std::optional<IpAddress> address;
    std::uint16_t port = 0;
    probes::ProxyHeaderSent proxy_header = probes::ProxyHeaderSent::none;
    unsigned max_segment = 0;             ///< 0: as the path has it
    bool tls = false;                     ///< a handshake follows, before the application
    std::string server_name;              ///< its SNI; empty: none
    config::App app = config::App::none;  ///< spoken to, when not `none`
    probes::HelloSize hello = probes::HelloSize::ordinary;
    bool tls12_only = false;  ///< the handshake offers no TLS 1.3
    bool ask_acceptor =
        false;  ///< ask the kernel who took it, right after connect(): FollowUp::local_acceptor
    std::chrono::milliseconds settle{0};  ///< tls and app off: how long it is listened to
    // A query:
    std::string name;                          ///< asked for; empty: it is a connection
    std::optional<config::Resolver> resolver;  ///< absent: those of the endpoint
    bool one_socket = false;                   ///< both types from one socket
    bool over_tcp = false;
    bool checking_disabled = false;  ///< the CD bit
    bool srv = false;                ///< asks for SRV in place of the addresses
    /// `name` is resolved first, and then the connection is made to the first of its addresses that is not special.
    bool resolve_and_connect = false;
    std::string host;  ///< goes to FollowUpTest::host
};

/// What an endpoint's round calls for, at most `max_follow_ups`: of a round that fails what tells its causes apart, of one
/// that passes what others may suffer from; empty for `experiments = false`, and for zones and watches. When it is due is
/// the daemon's to say. `random_label` is fresh, and no name that exists.
std::vector<PlannedFollowUp> plan_follow_ups(const config::Endpoint& endpoint, const Assessment& round,
                                             std::string_view random_label);

}  // namespace whylink::checks
