// What a report says of a failure apart from its layout: for the terminal and for the status page.
#pragma once

#include <string>
#include <vector>

#include "checks/explain/explain.hpp"
#include "daemon/report/human/fold.hpp"
#include "daemon/report/report.hpp"

namespace whylink::daemon {

/// The summary as far as neither the title nor the line of a stage says it.
std::string summary_beside_title(const ReportEntry& entry, const checks::Explanation& explanation);

/// What all targets of a group have in common is said once for all of them; empty where they differ.
std::string common_change_text(const Group& group);

struct Fix {
    std::string actor;               ///< who has to act first: "service side (ClickHouse Cloud)"
    std::vector<std::string> steps;  ///< without the place that `actor` says already
};
/// Of what the explanation has. It is the place of the first step where that names one ("This host: ..."), and otherwise
/// that of the cause.
Fix fix_of(const ReportEntry& entry, std::vector<std::string> steps);

/// The command that shows whether the fix has worked; empty where no command knows the target.
std::string again_text(const Group& group);

/// "backend silent (backend_silent), ..."
std::string alternatives_text(const checks::Decision& decision);

}  // namespace whylink::daemon
