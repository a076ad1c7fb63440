// Carries out what `GET /probe` was asked for: one round, and one more for each redirect.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <variant>

#include "daemon/probe/access.hpp"
#include "daemon/probe/order.hpp"
#include "daemon/probe/result.hpp"
#include "daemon/round/round.hpp"

namespace whylink::daemon {

/// blackbox_exporter's.
inline constexpr unsigned max_redirects = 10;

/// As rounds of the daemon, but without follow-up tests, captured packets and secrets of other endpoints. No address is
/// connected to, and no server asked, that `access` does not have; each is asked for after resolution. A refusal (400,
/// 403) is an answer. `wanted` says whether anybody still waits; nothing new is begun when nobody does. The arguments
/// must outlive the coroutine; `context` is changed.
asio::awaitable<std::variant<ProbeResult, ProbeAnswer>> run_order(const ProbeOrder& order,
                                                                  const ProbeAccess& access,
                                                                  RoundContext& context,
                                                                  const std::function<bool()>& wanted);

}  // namespace whylink::daemon
