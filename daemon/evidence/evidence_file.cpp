#include "daemon/evidence/evidence_file.hpp"

namespace whylink::daemon {

std::string evidence_name(std::chrono::system_clock::time_point /*round_started*/,
                          std::string_view /*target*/, checks::Cause /*cause*/) {
    return {};
}

std::string evidence_bytes(const std::vector<EvidenceSubject>& /*subjects*/, const EvidenceOrigin& /*origin*/,
                           const probes::KeptFrames& /*frames*/) {
    return {};
}

}  // namespace whylink::daemon
