// What the daemon knows of one target after its latest round; made on the event loop, read by everybody.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/judge.hpp"
#include "config/config.hpp"
#include "daemon/control/readings.hpp"
#include "daemon/report/report.hpp"
#include "daemon/watch/rtt_samples.hpp"

namespace whylink::daemon {

/// How often a stage of a target ended so, since the daemon began to watch it.
struct ProbeCount {
    probes::Stage stage = probes::Stage::dns;
    checks::Outcome outcome = checks::Outcome::ok;
    std::uint64_t count = 0;
};

/// What packets showed of a target since the daemon began to watch it.
struct PacketTotals {
    std::uint64_t connections = 0;  ///< that were captured completely
    std::uint64_t syn_retransmits = 0;
    std::uint64_t resets_received = 0;
    std::uint64_t segments = 0;     ///< with payload, both ways
    std::uint64_t retransmits = 0;  ///< among these
    /// Of the latest round or window, the mean over its handshakes; none when there was none.
    std::optional<double> handshake_rtt_seconds;
    /// Of the latest round or window; none without segments.
    std::optional<double> retransmit_ratio;

    void add(const checks::Verdict& verdict);
};

/// Immutable once it is shared, so that any thread may read it without a lock.
struct TargetStatus {
    config::TargetPtr target;
    /// Of the latest round, with `healthy` damped by the thresholds; null before the first round has ended.
    std::shared_ptr<const checks::Verdict> verdict;
    /// None until a round could be made: a fault of this host says nothing about the target.
    std::optional<bool> healthy;
    std::vector<ProbeCount> probes_total;
    /// Addresses of the latest round without series of their own, sorted: ShownAddresses.
    std::vector<IpAddress> without_series;
    Standing standing;  ///< meaningful with `verdict`
    PacketTotals packets;
    RttSamples rtt;
    /// The packets of the round that made it unhealthy or changed its cause; empty: there are none.
    std::string evidence_file;
    /// The start of the round that first failed as the latest does; none while it passes. Not damped.
    std::optional<control::Time> failing_since;
    /// What accounts had said of it when the latest round was judged; null: nothing.
    TargetReadingsPtr readings;

    config::TargetKind kind() const { return target->kind(); }
    const std::string& name() const { return target->name(); }
    const std::map<std::string, std::string>& labels() const { return target->head().labels; }
};

using TargetStatusPtr = std::shared_ptr<const TargetStatus>;

}  // namespace whylink::daemon
