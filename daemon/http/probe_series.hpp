// The probes of a round as the metrics show them: one series for each stage and resolver or address, however
// many probes there were.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "checks/judge.hpp"

namespace whylink::daemon::http {

struct ProbeSeries {
    probes::Stage stage = probes::Stage::dns;
    /// Comma, label and value: `,address="10.0.0.4"`, `,resolver="10.0.0.2:53"`; empty for what is looked at
    /// as a whole (listener and packets of a watch).
    std::string place;
    checks::Outcome outcome = checks::Outcome::ok;    ///< the worst
    std::optional<std::chrono::nanoseconds> slowest;  ///< none when no probe could be made
    std::optional<std::chrono::system_clock::time_point>
        not_after;  ///< tls: the earliest of the chain that verifies
};

/// The less a probe attained the worse it is: a peer that said nothing is worse than one that refused, and a
/// refused connection is worse than one that broke later. A probe that could not be made is worse than one
/// that passed, and better than any that found something out.
bool is_worse(checks::Outcome outcome, checks::Outcome than);

/// No two of the same stage and place. Follow-up tests are left out, and so are probes that do not count beside
/// one that does, and those of the addresses of `without_series`, which are sorted.
std::vector<ProbeSeries> probe_series(const checks::Verdict& verdict,
                                      std::span<const IpAddress> without_series = {});

}  // namespace whylink::daemon::http
