// Keeps what the probes of a report saw, so that a failure in the field becomes a recorded case.
#pragma once

#include <optional>
#include <string>

#include "daemon/report/report.hpp"

namespace whylink::daemon {

/// The observations as probes/record.hpp writes them, those of captured packets after those of the
/// probes: of the one target, or of several by their names.
std::string recorded(const Report& report);

/// What accounts said of the targets, by their names, as accounts.json of a recorded case has it; empty: no account did.
std::string recorded_accounts(const Report& report);

/// Writes the observations to a file, as write_private_file() does, and what accounts said to accounts_file(); what went
/// wrong, if anything.
std::optional<std::string> record(const Report& report, const std::string& file);

/// "db.accounts.json" of "db.json".
std::string accounts_file(const std::string& file);

}  // namespace whylink::daemon
