// What the daemon knows of one target after its latest round; made on the event loop, read by everybody.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/judge.hpp"
#include "config/config.hpp"
#include "daemon/report/report.hpp"

namespace whylink::daemon {

enum class TargetKind : std::uint8_t { endpoint, zone };

/// "endpoint", "zone": the label `kind` of the metrics, the field `kind` of the log.
std::string_view word(TargetKind kind);

/// How often a stage of a target ended so, since the daemon began to watch it.
struct ProbeCount {
    probes::Stage stage = probes::Stage::dns;
    checks::Outcome outcome = checks::Outcome::ok;
    std::uint64_t count = 0;
};

/// Immutable once it is shared, so that any thread may read it without a lock.
struct TargetStatus {
    std::shared_ptr<const config::Endpoint> endpoint;  ///< exactly one of the two is set
    std::shared_ptr<const config::Zone> zone;
    /// Of the latest round, with `healthy` damped by the thresholds; null before the first round has ended.
    std::shared_ptr<const checks::Verdict> verdict;
    /// None until a round could be made: a fault of this VM says nothing about the target.
    std::optional<bool> healthy;
    std::vector<ProbeCount> probes_total;
    Standing standing;  ///< meaningful with `verdict`

    TargetKind kind() const { return endpoint ? TargetKind::endpoint : TargetKind::zone; }
    const std::string& name() const { return endpoint ? endpoint->name : zone->name; }
};

using TargetStatusPtr = std::shared_ptr<const TargetStatus>;

}  // namespace whylink::daemon
