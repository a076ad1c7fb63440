// What an evidence file is called, and what stands in it. Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/packets/measured.hpp"
#include "daemon/report/report.hpp"

namespace whylink::daemon {

/// "20261121T031407.123Z", as the names of evidence files begin; sorts by time.
std::string evidence_stamp(std::chrono::system_clock::time_point time);

/// "20261121T031407.123Z_clickhouse-prod_not_on_allowlist.pcapng": sorts by time. Of the name only letters,
/// digits, dots, dashes and underscores stay, every other character becomes "-"; at most 200 bytes in all, so
/// that every file system takes it.
std::string evidence_name(std::chrono::system_clock::time_point round_started, std::string_view target,
                          Cause cause);

/// The same with a number before its ending, for when the name is taken: "…_not_on_allowlist-2.pcapng".
std::string numbered(std::string_view evidence_name, unsigned number);

/// Whether evidence_name() can have made it, with a number or without, in this version or another: the cause
/// may be any word.
bool is_evidence_name(std::string_view name);

/// The target as its file is called, whatever the cause and the number; the beginning of a long one. Of a name
/// that is_evidence_name() knows.
std::string evidence_target(std::string_view evidence_name);

/// What the comments of the file say.
struct EvidenceSubject {
    ReportEntry entry;
    std::string what;  ///< "db.example:5432"
    std::string vantage_point;
    std::chrono::system_clock::time_point round_started;
};

/// A pcapng file; its section's comments are one line for what was checked, then verdict, cause, confidence
/// and summary, then the evidence, for each of the subjects (one in the daemon, several for `check --pcap`);
/// then what is missing from the packets, where something is.
std::string evidence_bytes(const std::vector<EvidenceSubject>& subjects, const CaptureOrigin& origin,
                           const probes::KeptFrames& frames);

}  // namespace whylink::daemon
