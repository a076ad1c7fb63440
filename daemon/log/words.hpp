// What several of the narrator's records say of a target in the same way. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "daemon/log/record.hpp"
#include "daemon/watch/target_status.hpp"

namespace whylink::daemon {

/// "endpoint orders", "watch saas (inbound to port 6379)"
std::string subject_text(const TargetStatus& status);
/// Evidence, alternatives, remediation, the file of packets and labels, a line each. The status has a
/// verdict.
std::vector<std::string> detail_lines(const TargetStatus& status);
/// Where an experiment went and what came of it: "tls at 10.0.0.4:9440 ended as pending_allowlist".
std::string experiment_text(const checks::JudgedProbe& probe);
/// Kind, name, labels, health, diagnosis and the file of packets. The status has a verdict.
void add_fields(const TargetStatus& status, std::vector<std::pair<std::string_view, Record::Value>>& fields);

}  // namespace whylink::daemon
