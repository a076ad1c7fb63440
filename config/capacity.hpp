// What rounds take of this host in the worst case, and what that adds up to: arithmetic alone, the same for
// `config check` and for the daemon's log.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "config/config.hpp"

namespace whylink::config {

/// Connections that a round has at once to the addresses of one name, whatever its zone answers.
inline constexpr std::size_t max_connections = 16;

/// How long a round takes of which every stage takes its whole time-out: DNS (of a name), TCP, TLS, the application. Of
/// one address. A watch waits for nothing.
Duration max_round(const Target& target);

/// File descriptors that a round may hold at once: its queries, then its connections, then its follow-up tests.
std::size_t files_of_round(const Target& target);

/// How many of these rounds may run concurrently with so many descriptors, whichever they are; at least 1. Nothing:
/// all of them.
std::optional<std::size_t> rounds_for(std::span<const TargetPtr> targets, std::size_t files);
/// Descriptors for so many rounds at once, whichever they are.
std::size_t files_for(std::span<const TargetPtr> targets, std::size_t rounds);

/// Rounds under way on average: what is due in a second, times how long each takes (Little's law).
struct Load {
    std::size_t targets = 0;  ///< that have rounds of connections or queries: no watches
    double per_second = 0;    ///< rounds that are due
    double at_once = 0;       ///< rounds under way on average
    double took_seconds = 0;  ///< how long rounds take, the mean over all of them

    /// 10 s: the interval of which all of them together make so many rounds.
    double interval_seconds() const { return static_cast<double>(targets) / per_second; }
    bool exceeds(std::size_t max_concurrent) const { return needed() > max_concurrent; }
    /// What `max_concurrent` has to be for it, at least.
    std::size_t needed() const;
};

/// `took` says how long the rounds of a target take. Never more than one of a target is under way: what takes longer
/// than its interval counts as its interval.
Load load_of(std::span<const TargetPtr> targets,
             const std::function<Duration(const TargetPtr& target, std::size_t index)>& took);
/// Where every stage of every target times out. Targets that are switched off are left out.
Load worst_load(std::span<const TargetPtr> targets);

/// "10000 targets × 5 s ÷ 10 s = 5000 concurrent checks on average"
std::string load_text(const Load& load);

}  // namespace whylink::config
