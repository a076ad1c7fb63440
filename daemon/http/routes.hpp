// What the daemon answers over HTTP.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <string>
#include <vector>

#include "daemon/http/message.hpp"
#include "daemon/probe/order.hpp"
#include "daemon/system/worker.hpp"
#include "daemon/watch/snapshot.hpp"

namespace whylink::daemon::http {

/// What came of a reload.
struct ReloadResult {
    bool successful = true;
    /// Why not, one line each ("FILE:LINE:COLUMN: ..."); or what changed, one line.
    std::vector<std::string> lines;
};

/// What the routes ask the daemon for; every function is called on the event loop.
struct Daemon {
    std::function<SnapshotPtr()> snapshot;
    std::function<bool()> ready;  ///< every target had its first round, and the daemon is not stopping
    std::function<bool()> stopping;
    /// Begins a reload; the function is called on the event loop when it has ended.
    std::function<void(std::function<void(ReloadResult)>)> reload;
    /// Probes what the query names; answers once, on the event loop.
    std::function<void(const ProbeRequest&, std::function<void(ProbeAnswer)>)> probe;
};

/// /metrics, /probe, /api/v1/report, /, /-/healthy, /-/ready, /-/reload. Everything that is long is rendered and
/// compressed by `worker`; `loop`, `worker` and what `daemon` refers to must outlive the handler.
Handler routes(Daemon daemon, asio::io_context& loop, Worker& worker);

}  // namespace whylink::daemon::http
