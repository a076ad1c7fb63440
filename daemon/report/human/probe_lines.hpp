// A probe as a line for people. The texts are as measured: not made harmless yet.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/explain/details.hpp"

namespace whylink::daemon {

struct ProbeLine {
    std::string stage;
    std::string subject;                     ///< what was asked or tried
    std::optional<checks::Outcome> outcome;  ///< none of what decides nothing by itself
    std::string duration;
    std::string facts;   ///< what came of it, in a few words
    std::string detail;  ///< what is to be said of it
    bool counts = true;
};

/// The probes, then what was done beside them. `zone` is taken off the names of a zone's probes; empty for an
/// endpoint.
std::vector<ProbeLine> probe_lines(const checks::Assessment& round, const checks::Details& details,
                                   std::string_view zone);

/// What was captured of the connections of an endpoint, a line for each address.
std::vector<ProbeLine> packet_lines(const std::vector<probes::CapturedConnection>& packets);

}  // namespace whylink::daemon
