// What a round or a one-shot command reports; the render_*.hpp print it.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checks/explain/explain.hpp"
#include "checks/judge.hpp"
#include "config/config.hpp"
#include "daemon/control/readings.hpp"
#include "daemon/history/change.hpp"
#include "probes/host/identity.hpp"
#include "probes/observation.hpp"

namespace whylink::daemon {

/// Of the daemon: when the verdict was drawn, and since when the health has been what it is.
struct Standing {
    std::chrono::system_clock::time_point round_started;
    std::chrono::nanoseconds round_took{};
    std::chrono::system_clock::time_point health_since;
    /// Of what is unhealthy: the last check that left it healthy; none when it never was since the start.
    std::optional<std::chrono::system_clock::time_point> last_healthy = {};
    /// Null: nothing is remembered of it.
    TargetHistoryPtr history = {};
};

struct ReportEntry {
    config::TargetPtr target;
    std::shared_ptr<const checks::Verdict> verdict;
    std::optional<Standing> standing = {};  ///< none in a one-shot report
    std::string evidence_file = {};         ///< where its packets were written; empty: nowhere
    /// In sentences, where that was made already.
    std::shared_ptr<const checks::Explanation> explanation = {};
    /// What accounts say of it; null: none was asked, or has answered.
    TargetReadingsPtr readings = {};

    std::shared_ptr<const checks::Explanation> explained() const;
};

/// What this host is, beside its name.
struct ReportHost : probes::HostIdentity {
    bool capture = false;  ///< packets were captured; of the daemon: are captured now
    /// Why they were not; needs_permission() and not_captured_text() of packets/packet_service.hpp say more of it.
    std::optional<probes::LocalError> not_captured = {};
    /// By the metadata service of its cloud; none: not asked, or no answer.
    std::optional<control::Instance> instance = {};
};

/// Neither its entries nor what they refer to change any more.
struct Report {
    std::string vantage_point;  ///< this host's host name
    std::chrono::system_clock::time_point started_at;
    std::chrono::nanoseconds duration{};
    std::vector<ReportEntry> entries;  ///< endpoints first, then zones, then watches
    /// Of the daemon: what is configured and had no round yet.
    std::vector<config::TargetPtr> waiting = {};
    ReportHost host = {};
};

/// How the targets of a report stand, as its last line and the exit status need it.
struct Tally {
    std::size_t targets = 0;
    std::size_t healthy = 0;  ///< warnings included
    /// Of severity `warning`, healthy or not; of the daemon also what failed but is still counted healthy.
    std::size_t warnings = 0;
    std::size_t critical = 0;       ///< unhealthy, of severity `critical`, without those in `not_found_out`
    std::size_t not_found_out = 0;  ///< unhealthy for a fault of this host (`local_limit`)
    std::size_t waiting = 0;        ///< for their first round: nobody knows whether they are healthy
    std::size_t unhealthy() const { return targets - healthy; }
    /// Something is not healthy, and of all that is not, nothing is known to be the target's fault.
    bool unknown() const { return unhealthy() > 0 && not_found_out + waiting == unhealthy(); }
};

Tally tally(const Report& report);

// ---- the exit statuses of the commands ----

inline constexpr int exit_healthy = 0;
inline constexpr int exit_unhealthy = 1;
inline constexpr int exit_usage = 2;    ///< the command line or the config is wrong
inline constexpr int exit_unknown = 3;  ///< it could not be found out, or not be said

/// In which the daemon's answer says what `whylink status` ends with.
inline constexpr auto exit_status_header = "Whylink-Exit-Status";

/// Of a report, in the formats that have no statuses of their own. Unknown only when every unhealthy target
/// is: what is known to be wrong comes first.
int exit_status(const Report& report);

}  // namespace whylink::daemon
