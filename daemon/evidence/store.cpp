#include "daemon/evidence/store.hpp"

namespace whylink::daemon {

StoredEvidence store_evidence(const std::string& /*directory*/, std::uint64_t /*limit*/,
                              const std::string& /*name*/, std::string_view /*bytes*/) {
    return {};
}

std::optional<std::string> evidence_directory_fault(const std::string& /*directory*/) {
    return std::nullopt;
}

std::optional<std::string> write_capture_file(const std::string& /*file*/, std::string_view /*bytes*/) {
    return std::nullopt;
}

}  // namespace whylink::daemon
