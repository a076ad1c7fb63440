// The targets of an SRV name, which `diagnose` checks after the name itself: they are where its programs connect.
#pragma once

#include "daemon/commands/check.hpp"

namespace whylink::daemon {

/// Where a target of the report turned out to be an SRV name, checks its targets, each once and the first few, as
/// `diagnose` would, and adds an entry for each. Where all of them work, so does the name: it is judged again. Takes as
/// long as one more check; does nothing for other reports.
void follow_srv_targets(CheckResult& result, const CheckOptions& options);

}  // namespace whylink::daemon
