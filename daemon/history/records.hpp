// What is written to the history's file, and what is read from it at the start.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/cause.hpp"
#include "config/config.hpp"
#include "daemon/history/traits.hpp"

namespace whylink::daemon {

using HistoryTime = std::chrono::system_clock::time_point;

/// Shared by all records of a target; null: this host.
using TargetName = std::shared_ptr<const std::string>;

struct RoundRecord {
    TargetName target;
    HistoryTime at;              ///< when it began
    std::optional<bool> passed;  ///< none: it could not be made
    Cause cause = Cause::healthy;
    std::chrono::nanoseconds took{};
};

struct ChangeRecord {
    TargetName target;
    Change change;
};

struct TraitRecord {
    TargetName target;
    TraitKey key;
    std::string value;
};

/// Of the rounds in a row that had the same result, whatever the thresholds make of them.
struct Run {
    bool passed = true;
    HistoryTime since;
    HistoryTime until;  ///< the start of its latest round, or a moment before it
    std::optional<HistoryTime> last_passed;
    /// Of rounds that fail: when those in a row before them that passed began.
    std::optional<HistoryTime> passed_since = {};
};

/// The damped health, as the report has it.
struct StoredHealth {
    bool healthy = true;
    HistoryTime since;
    std::optional<HistoryTime> last_healthy;
};

struct StandingRecord {
    TargetName target;
    config::TargetKind kind = config::TargetKind::endpoint;
    std::optional<StoredHealth> health;
    Run run;
};

struct OutageRecord {
    TargetName target;
    HistoryTime since;
    std::optional<HistoryTime> until;  ///< none: it goes on
    Cause cause = Cause::healthy;
    std::optional<HistoryTime> last_healthy = {};  ///< the last round that passed before it
    std::string summary = {};                      ///< of its first round, in sentences
    std::vector<std::string> evidence = {};        ///< what that round saw
};

/// A file with the packets of a failed round. An outage has one of each cause that it goes through.
struct EvidenceRecord {
    TargetName target;
    HistoryTime outage;  ///< since when
    HistoryTime at;      ///< the start of the round
    Cause cause = Cause::healthy;
    std::string file;
};

/// What goes to the disk in one transaction.
struct HistoryBatch {
    std::vector<RoundRecord> rounds;
    std::vector<ChangeRecord> changes;
    std::vector<TraitRecord> traits;
    std::vector<StandingRecord> standings;
    std::vector<OutageRecord> outages;
    std::vector<EvidenceRecord> evidence;
    std::vector<std::string> gone_evidence;  ///< files that an outage may name, and that are not there

    bool empty() const { return rounds.empty() && only_rounds(); }
    bool only_rounds() const {
        return changes.empty() && traits.empty() && standings.empty() && outages.empty() &&
               evidence.empty() && gone_evidence.empty();
    }
    /// Takes all of `later` over, which is newer.
    void append(HistoryBatch later);
};

struct StoredTarget {
    Traits traits;
    std::optional<StoredHealth> health;
    std::optional<Run> run;
    std::optional<HistoryTime> outage_since;  ///< of one that goes on
    std::vector<Change> changes;  ///< of a failing target: what changed before its first failed round
};

struct StoredHistory {
    Traits host;
    std::unordered_map<std::string, StoredTarget> targets;
};

}  // namespace whylink::daemon
