// The packets that a bundle takes along.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/bundle/archive.hpp"

namespace whylink::daemon {

/// Of all files together, and of them.
inline constexpr std::size_t max_evidence_bytes = std::size_t{32} << 20;
inline constexpr std::size_t max_evidence_files = 100;

struct ReadEvidence {
    std::string bytes;
    std::string fault;  ///< why there are none; empty: there are
};
using EvidenceReader = std::function<ReadEvidence(const std::string& name)>;

/// Reads `directory`: regular files alone, which no link leads to.
EvidenceReader evidence_in(const std::string& directory);

/// The files that the report names, then those of the outages of the history, the newest first, each once. `is_wanted` is
/// asked for the target of each. Both are JSON, or empty.
std::vector<std::string> evidence_names(const std::string& report, const std::string& history,
                                        const std::function<bool(const std::string& target)>& is_wanted);

struct CollectedEvidence {
    std::vector<BundleFile> files;     ///< "evidence/NAME"
    std::vector<std::string> missing;  ///< a sentence for each that is named and not there
};

/// As many as there is room for, the first ones first.
CollectedEvidence collect_evidence(const std::vector<std::string>& names, const EvidenceReader& read);

}  // namespace whylink::daemon
