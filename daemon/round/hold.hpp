// A connection that is held idle beside the rounds, to see how long the path keeps it.
#pragma once

#include <asio/awaitable.hpp>
#include <optional>

#include "config/config.hpp"
#include "daemon/round/round.hpp"
#include "probes/round.hpp"

namespace whylink::daemon {

/// The first address of the endpoint that passes its last stage; nothing where none does.
std::optional<IpAddress> working_address(const config::Endpoint& endpoint, const checks::Assessment& round);
/// The same of what a round has measured just now.
std::optional<IpAddress> working_address(const config::Endpoint& endpoint, const probes::Round& measured);

/// Makes the connection as a round does, keeps it idle for `endpoint.hold`, which is set, and uses it. Nothing when the connection does not come up: the rounds say why.
/// Nothing of it is captured. The arguments must outlive the coroutine.
asio::awaitable<std::optional<probes::HeldConnection>> hold_connection(const config::Endpoint& endpoint,
                                                                       IpAddress address,
                                                                       RoundContext& context);

}  // namespace whylink::daemon
