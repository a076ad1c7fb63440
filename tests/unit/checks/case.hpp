// A recorded case: what was seen of one or more targets, and the diagnosis that it must give.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "checks/control/facts.hpp"
#include "checks/control/subject.hpp"
#include "checks/judge.hpp"
#include "checks/surroundings/known_past.hpp"

namespace whylink::checks::test {

struct Expected {
    bool healthy = false;
    std::string cause;
    std::string severity;
    std::string confidence;
    std::vector<std::string> alternatives;  ///< in order
    /// "dns NAME RESOLVER OUTCOME", "tcp ADDRESS OUTCOME", "listener OUTCOME".
    std::optional<std::vector<std::string>> outcomes;
    std::vector<std::string> faults;               ///< of all probes
    std::optional<std::vector<std::string>> ends;  ///< of each probe: "", "fin" or "rst"
    std::vector<std::string> says;                 ///< each is found in a text of the diagnosis
    std::vector<std::string> unexplained;          ///< facts, by slug, in the order of the table
};

/// accounts.json: what was read of accounts about a target.
struct RecordedAccounts {
    control::Readings readings;
    control::Subject subject;
    std::optional<control::Time> failing_since;
};

struct RecordedTarget {
    config::TargetPtr target;
    probes::Round measured;
    struct RoundBefore {
        Cause cause;                ///< `healthy` passed
        bool syn_repeated = false;  ///< its SYN was sent again
    };
    std::vector<RoundBefore> history;  ///< the oldest first
    std::optional<KnownPast> past;     ///< none: nothing is remembered
    std::optional<RecordedAccounts> accounts;
    Expected expected;
};

struct Case {
    std::vector<std::string> problems;  ///< why it could not be read
    std::map<std::string, RecordedTarget> targets;
    TimePoint now;
};

/// The directories under tests/cases.
std::vector<std::filesystem::path> case_directories();
/// Reads case.toml, observations.json, expected.json and, where they are there, history.json, past.json and accounts.json.
Case read_case(const std::filesystem::path& directory);
/// Judges every target, then all of them as siblings, then each that has a history in its light.
std::map<std::string, Verdict> judge_case(const Case& recorded);

}  // namespace whylink::checks::test
