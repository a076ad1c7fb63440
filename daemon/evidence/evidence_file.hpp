// What an evidence file is called, and what stands in it. Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "checks/judge.hpp"
#include "probes/capture/kept_frames.hpp"

namespace whylink::daemon {

/// "20261121T031407.123Z_clickhouse-prod_not_on_allowlist.pcapng": sorts by time. Of the name only letters,
/// digits, dots, dashes and underscores stay, the rest becomes "-"; at most 200 bytes in all, so that every
/// file system takes it.
std::string evidence_name(std::chrono::system_clock::time_point round_started, std::string_view target,
                          checks::Cause cause);

/// What the comments of the file say.
struct EvidenceSubject {
    std::string_view kind;  ///< "endpoint", "watch"
    std::string_view name;
    std::string what;  ///< "db.example:5432"
    std::string vantage_point;
    std::chrono::system_clock::time_point round_started;
    const checks::Verdict* verdict = nullptr;
};

/// How the packets were captured.
struct EvidenceOrigin {
    std::string interface;
    std::string filter;
    int snapshot_length = 0;
    std::uint64_t dropped = 0;
};

/// A pcapng file; its section's comments are one line for what was checked, then verdict, cause, confidence
/// and summary, then the evidence, for each of the subjects (one in the daemon, several for `check --pcap`).
std::string evidence_bytes(const std::vector<EvidenceSubject>& subjects, const EvidenceOrigin& origin,
                           const probes::KeptFrames& frames);

}  // namespace whylink::daemon
