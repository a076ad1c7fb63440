// Runs the rounds of many targets at once and judges them: what `check`, `diagnose` and `zone` have in
// common.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "config/config.hpp"
#include "daemon/control/one_shot.hpp"
#include "daemon/packets/measured.hpp"
#include "daemon/report/report.hpp"
#include "daemon/round/dns_stage.hpp"
#include "daemon/round/waiting.hpp"

namespace whylink::daemon {

struct Progress {
    std::size_t done = 0;
    std::size_t total = 0;
    std::chrono::nanoseconds elapsed{};
    std::optional<WaitingFor> waiting = {};  ///< that which has been waited for longest
};

struct CheckOptions {
    unsigned max_concurrent = 1000;  ///< checks; at least 1
    SystemFiles files;
    /// Where this host's programs are sent; null: no proxy is set.
    std::shared_ptr<const std::vector<probes::ProxySetting>> proxies = nullptr;
    probes::HostIdentity host = {};        ///< this one
    NameFrom names_from = NameFrom::user;  ///< of the targets
    bool hold = false;  ///< endpoints with `hold` have a connection held idle, which takes as long
    AccountOptions accounts = {};
    config::Capture capture;  ///< `evidence_dir` is not written to: one-shot commands have `--pcap`
    /// Called now and then while rounds are under way; may be empty.
    std::function<void(const Progress&)> on_progress;
    /// Called once at SIGINT or SIGTERM with the signal's number, and must not return: what is half measured
    /// is not reported. Empty: signals are left alone.
    std::function<void(int)> on_signal;
};

struct CheckResult {
    Report report;
    std::optional<probes::LocalError> not_captured;  ///< why packets were not, where they were wanted
    probes::KeptFrames frames;                       ///< of all targets, in the order of time
    CaptureOrigin origin;
};

/// One round of every target, on one event loop in this thread, and the judgement of them all. The report has
/// the targets in their given order: endpoints first, then zones, then watches. A watch takes as long as its window. Never throws for what the network
/// or this host does.
CheckResult run_check(const std::vector<config::TargetPtr>& targets, const CheckOptions& options);

}  // namespace whylink::daemon
