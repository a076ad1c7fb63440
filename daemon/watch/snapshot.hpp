// The daemon's state at one moment: what is rendered, on another thread, while the event loop goes on.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checks/table/outcome.hpp"
#include "config/vocabulary.hpp"
#include "daemon/control/status.hpp"
#include "daemon/watch/histogram.hpp"
#include "daemon/watch/target_status.hpp"
#include "probes/host/identity.hpp"
#include "probes/round.hpp"

namespace whylink::daemon {

inline constexpr std::size_t outcome_count = count_of<checks::Outcome>;

/// What is counted over all targets.
struct Totals {
    /// By config::TargetKind and probes::Stage. 0.5 ms to 10 s.
    std::array<std::array<Histogram, count_of<probes::Stage>>, count_of<config::TargetKind>> probe_duration;
    /// From the moment at which a round was due to its start. 0.1 ms to 10 s.
    Histogram scheduler_lag;
    std::uint64_t rounds = 0;    ///< that have ended
    std::uint64_t overruns = 0;  ///< rounds left out, because the one before was still under way
    std::uint64_t missed = 0;    ///< rounds left out, or not judged, because this host or process was paused
    /// By probes::FollowUp and checks::Outcome.
    std::array<std::array<std::uint64_t, outcome_count>, count_of<probes::FollowUp>> follow_ups{};
    std::array<std::uint64_t, outcome_count> holds{};  ///< connections held idle, by checks::Outcome
    std::uint64_t follow_ups_left_out = 0;  ///< rounds whose follow-up tests were due and were not made
};

/// How the configuration came to be what it is.
struct ConfigStatus {
    bool last_reload_successful = true;
    std::chrono::system_clock::time_point last_success;  ///< the start counts as a reload
};

struct CaptureStatus {
    std::string interface;  ///< empty: capture is switched off
    bool up = false;
    std::uint64_t packets = 0;
    std::uint64_t dropped = 0;
    std::optional<probes::LocalError> fault = {};  ///< why it is not up
};

/// What became of the packets of a failing round.
enum class EvidenceResult : std::uint8_t { kept, failed, too_large, queue_full };
consteval auto vocabulary(EvidenceResult) {
    using enum EvidenceResult;
    return terms<EvidenceResult>(
        {{kept, "kept"}, {failed, "failed"}, {too_large, "too_large"}, {queue_full, "queue_full"}});
}

struct EvidenceStatus {
    bool up = true;  ///< false: the directory or its disk is of no use
    std::array<std::uint64_t, count_of<EvidenceResult>> results{};
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;  ///< as evidence_limit counts them
};

struct HistoryStatus {
    bool up = true;             ///< false: it cannot be written to the state directory
    std::uint64_t dropped = 0;  ///< records that found no room in memory while it could not
};

/// What clients take of the daemon.
struct HttpStatus {
    std::uint64_t connections = 0;    ///< that are open
    std::uint64_t accepted = 0;       ///< connections so far
    std::uint64_t evicted = 0;        ///< connections closed for new ones
    std::uint64_t refused = 0;        ///< connections closed at once, because all others were busy
    std::uint64_t requests = 0;       ///< whatever the answer
    std::uint64_t without_room = 0;   ///< answers replaced by 503, for those that wait to be read
    std::uint64_t pending_bytes = 0;  ///< of answers that wait to be read
};

struct Snapshot {
    std::string vantage_point;
    probes::HostIdentity host;
    /// In the order of the config, endpoints first; those without a round yet among them.
    std::vector<TargetStatusPtr> targets;
    Totals totals;
    Histogram loop_stalls;  ///< 50 ms to 30 s
    ConfigStatus config;
    std::size_t rounds_under_way = 0;
    std::uint64_t log_records_dropped = 0;
    CaptureStatus capture;
    std::optional<EvidenceStatus> evidence;  ///< none while no packets are captured
    std::string evidence_directory;          ///< where evidence files are, those of before among them
    std::optional<HistoryStatus> history;    ///< none while it is switched off
    HttpStatus http;
    ControlStatus control;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

/// The report of the latest rounds; of those without one there is only the target. `started_at` is the start of the oldest of these rounds, `duration` lasts until the end of the
/// newest. While there is no round: the last successful reload, and no duration.
Report report_of(const Snapshot& snapshot);

}  // namespace whylink::daemon
