// The config entry that watches what was just diagnosed.
#pragma once

#include <string>

#include "daemon/report/report.hpp"

namespace whylink::daemon {

/// Of an endpoint's entry: TOML for a config or a file of conf.d, under this name. What the command line left open stands there
/// as it was found: the profile, whether the service speaks TLS, whether the name is judged as private. Today's private
/// addresses stand in a comment as `expect`, because an answer that works is not thereby the right one.
std::string saved_entry(const ReportEntry& entry, const std::string& name);

}  // namespace whylink::daemon
