// The report as JSON; report.schema.json describes it.
#pragma once

#include <string>

#include "daemon/report/report.hpp"

namespace whylink::daemon {

/// One document, indented, with a newline at its end. Always valid UTF-8: bytes of the network that are none
/// are written as `\xNN` in their strings.
std::string render_json(const Report& report);

}  // namespace whylink::daemon
