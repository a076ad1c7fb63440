// The distinct faults behind a verdict, each of which has its own first steps (checks/texts/faults.toml).
#pragma once

#include <string>
#include <vector>

#include "checks/judge.hpp"

namespace whylink::checks {

/// Keys of faults.toml, whether or not there is such a table: of the row that decides and of the rows that warn, then of
/// the addresses that fail, as the row's cause has it. Each once.
std::vector<std::string> fault_keys(const config::Target& target, const Verdict& verdict);

}  // namespace whylink::checks
