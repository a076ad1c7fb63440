// Which follow-up tests a failed round calls for, each with the one thing that it changes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/judge.hpp"
#include "config/config.hpp"
#include "probes/round.hpp"

namespace whylink::checks {

/// At most so many of a round.
inline constexpr std::size_t max_follow_ups = 4;

/// One connection or query to be made.
struct PlannedFollowUp {
    probes::FollowUp kind = probes::FollowUp::proxy_v2;
    // A connection:
    std::optional<IpAddress> address;
    std::uint16_t port = 0;
    probes::ProxyHeaderSent proxy_header = probes::ProxyHeaderSent::none;
    unsigned max_segment = 0;             ///< 0: as the path has it
    bool tls = false;                     ///< a handshake follows, before the application
    std::string server_name;              ///< its SNI; empty: none
    config::App app = config::App::none;  ///< spoken to, when not `none`
    std::chrono::milliseconds settle{0};  ///< tls and app off: how long it is listened to
    // A query:
    std::string name;                          ///< asked for; empty: it is a connection
    std::optional<config::Resolver> resolver;  ///< absent: those of the endpoint
};

/// What an endpoint's failed round calls for, at most `max_follow_ups`; empty for what is healthy, for
/// `experiments = false`, and for zones and watches. `random_label` is fresh, and no name that exists.
std::vector<PlannedFollowUp> plan_follow_ups(const config::Endpoint& endpoint, const Assessment& round,
                                             std::string_view random_label);

}  // namespace whylink::checks
