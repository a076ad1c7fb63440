// What this host knows of the way to the addresses that fail.
#pragma once

#include "config/config.hpp"
#include "probes/round.hpp"

namespace whylink::daemon {

/// Adds to the connection of each address that failed at some stage its route (TcpFacts::route), and whether a rule of
/// this host may have translated it (TcpFacts::translatable): a few questions to the kernel for each, at most
/// `max_routes` addresses. Nothing is asked for those that pass.
void add_routes(const config::Endpoint& endpoint, probes::Round& round);

inline constexpr unsigned max_routes = 8;

}  // namespace whylink::daemon
