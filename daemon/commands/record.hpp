// Keeps what the probes of a report saw, so that a failure in the field becomes a recorded case.
#pragma once

#include <optional>
#include <string>

#include "daemon/report/report.hpp"

namespace whylink::daemon {

/// The observations as probes/record.hpp writes them, those of captured packets after those of the
/// probes: of the one target, or of several by their names.
std::string recorded(const Report& report);

/// Writes them to a file, as write_private_file() does; what went wrong, if anything.
std::optional<std::string> record(const Report& report, const std::string& file);

}  // namespace whylink::daemon
