// What is to be done first about one distinct fault: faults.toml, whose head says what the keys are.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/cause.hpp"
#include "config/embedded.hpp"

namespace whylink::checks {

struct FaultText {
    std::string key;                 ///< "x509_66", "alert_43", "large_hello"
    CauseSet causes;                 ///< that the steps are meant for
    bool complete = false;           ///< the general steps of the cause are left out
    std::vector<std::string> steps;  ///< in order, with the placeholders of wording.hpp
    bool alone = false;              ///< the profile's steps are left out too
};

/// In the order of the file. Read when first asked for.
std::span<const FaultText> fault_texts();
/// Null for a fault that has none.
const FaultText* fault_text(std::string_view key);
/// Null for a fault that has none for this cause.
const FaultText* fault_text(std::string_view key, Cause cause);

/// Of another file than the one that is built in; throws std::logic_error for what is wrong with it.
std::vector<FaultText> read_fault_texts(const config::EmbeddedToml& file);

}  // namespace whylink::checks
