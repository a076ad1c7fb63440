// The follow-up tests that are queries: what is asked, and of whom.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/followups/plan.hpp"
#include "config/host_pattern.hpp"

namespace whylink::checks {

/// What the queries are planned from; refers to it all, which must outlive this.
struct QueryPlanning {
    const config::Endpoint& endpoint;
    const Assessment& round;
    std::string_view random_label;
    const config::Profile* profile;                   ///< may be null
    const std::optional<config::HostMatch>& matched;  ///< what the profile says of the host
};

/// Adds to the plan what the kind calls for here, which may be nothing. False: this kind is no query.
bool plan_queries(probes::FollowUp kind, const QueryPlanning& planning, std::vector<PlannedFollowUp>& plan);

/// "label.zone"
std::string random_name(std::string_view label, std::string_view zone);

}  // namespace whylink::checks
