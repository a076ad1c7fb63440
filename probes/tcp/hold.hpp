// Holds a connection idle and then uses it: how long the path keeps an idle connection.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>

#include "probes/round.hpp"
#include "probes/tcp/stream.hpp"

namespace whylink::probes {

struct HoldProbe {
    IpAddress address;
    std::uint16_t port = 0;
    std::chrono::milliseconds idle{};
    std::chrono::milliseconds timeout{5000};  ///< for the answer to its use
};

/// Nothing is sent while it is held; its end is noted when it comes. It is used by a keep-alive segment
/// (tcp(7), TCP_KEEPIDLE), which every TCP answers and which disturbs no application; a middlebox that has
/// forgotten the connection answers with RST or not at all.
asio::awaitable<HeldConnection> probe_hold(HoldProbe probe, StreamPtr stream);

}  // namespace whylink::probes
