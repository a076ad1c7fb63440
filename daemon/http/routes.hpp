// What the daemon answers over HTTP.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
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

/// What the routes ask the daemon for; every function is called on any thread but the event loop's.
struct Daemon {
    std::function<SnapshotPtr()> snapshot;
    std::function<bool()> ready;  ///< every target had its first round, and the daemon is not stopping
    std::function<bool()> stopping;
    /// For how long the event loop has published nothing.
    std::function<std::chrono::seconds()> behind = [] { return std::chrono::seconds(0); };
    /// Begins a reload; the function is called when it has ended, on any thread.
    std::function<void(std::function<void(ReloadResult)>)> reload;
    /// Probes what the query names; answers once, on any thread, or not at all when the client has gone before.
    std::function<void(const ProbeRequest&, const std::shared_ptr<Departure>&,
                       std::function<void(ProbeAnswer)>)>
        probe;
};

/// /metrics, /probe, /api/v1/report, /, /-/healthy, /-/ready, /-/reload. Everything that is long is rendered and
/// compressed by `worker`, once for each snapshot; `worker` and what `daemon` refers to must outlive the handler, which
/// may be called on several threads.
Handler routes(Daemon daemon, Worker& worker);

}  // namespace whylink::daemon::http
