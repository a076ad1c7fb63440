// The distinct faults behind a verdict, each of which has its own first steps (checks/texts/faults.toml).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checks/judge.hpp"

namespace whylink::checks {

/// A fact that has first steps of its own, and their key; a fact may have several, for causes of their own.
struct FactFault {
    Fact fact;
    std::string_view key;
    std::optional<Fact> refuted_by = {};  ///< an account says that what the steps look for is there
};
/// The most telling one first.
std::span<const FactFault> fact_faults();

/// Keys of faults.toml, whether or not there is such a table: of the facts that have one, of the row that decides and of the rows that warn, then of
/// the addresses that fail, as the row's cause has it. Each once.
std::vector<std::string> fault_keys(const config::Target& target, const Verdict& verdict);

}  // namespace whylink::checks
