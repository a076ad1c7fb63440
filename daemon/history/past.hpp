// What the history's file has of a span of time: for `whylink history` and the API.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "daemon/history/records.hpp"

namespace whylink::daemon {

/// A file with the packets of a failed round.
struct OutageEvidence {
    HistoryTime at;
    std::string cause;  ///< of that round: its slug, maybe of another version of whylink
    std::string file;
};

struct Outage {
    HistoryTime since;
    std::optional<HistoryTime> until;   ///< none: it goes on
    std::string cause;                  ///< its slug, maybe of another version of whylink
    std::vector<Change> changes;        ///< between the last round that passed and the first that failed
    std::vector<OutageEvidence> files;  ///< of each cause that it went through, the oldest first
    bool never_healthy = false;         ///< before it
    std::string summary = {};           ///< of its first round; empty: a version of whylink that kept none
    std::vector<std::string> evidence = {};  ///< what that round saw
};

/// Rounds within a part of the span.
struct RoundCount {
    std::int64_t rounds = 0;
    std::int64_t passed = 0;
};

struct TargetPast {
    std::string name;
    RoundCount all;                    ///< that could be made
    std::vector<RoundCount> timeline;  ///< equal parts of the span
    std::vector<Outage> outages;       ///< that reach into the span, the oldest first
    std::vector<Change> changes;       ///< of the target and of this host, the oldest first; the latest ones
    /// The share of rounds that passed; none without rounds.
    std::optional<double> availability() const;
};

struct Past {
    HistoryTime from;
    HistoryTime to;
    std::vector<TargetPast> targets;         ///< by name
    std::vector<std::string> unknown_names;  ///< that were asked for
    std::vector<std::string> known_names;
};

struct PastQuery {
    std::vector<std::string> names;  ///< empty: all
    HistoryTime from;
    HistoryTime to;
    std::size_t parts = 60;  ///< of the timeline
};

/// Only reads, whether or not a daemon writes the file meanwhile. Throws sql::Error.
Past read_past(const std::filesystem::path& file, const PastQuery& query);

/// `{"targets": [{"name", "availability", "outages", "changes"}]}`, indented.
std::string past_json(const Past& past);
/// The same backwards, but for the timelines, which it does not have. Throws std::exception for what is none.
Past past_of_json(const std::string& text);

}  // namespace whylink::daemon
