// SUMMARY.md of a bundle: the one page that a provider's support reads first.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace whylink::daemon {

struct SummaryInput {
    std::string report;   ///< the daemon's JSON report; empty: there is none
    std::string history;  ///< the JSON of `whylink history`; empty: there is none
    /// The targets as configured, for their identifiers; empty where the configuration is not known.
    std::vector<config::TargetPtr> targets;
    std::vector<std::string> files;    ///< what the bundle has beside the summary and the manifest
    std::vector<std::string> missing;  ///< what it has not, and why: a sentence each
    std::string vantage_point;         ///< this host; the report names its own
    std::string version;
    std::chrono::system_clock::time_point now;
};

/// Markdown of at most 70 lines: what fails and since when, what changed before, identifiers and addresses,
/// what was tried, what the provider is asked to do. Throws std::exception for what is no JSON of whylink.
std::string bundle_summary(const SummaryInput& input);

}  // namespace whylink::daemon
