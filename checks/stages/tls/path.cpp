#include "checks/stages/tls/path.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "checks/stages/tls/verify_codes.hpp"

namespace whylink::checks {
namespace {

using probes::CertificateSource;
using probes::TlsFacts;

}  // namespace

bool chain_verifies(const TlsFacts& facts) {
    return std::ranges::all_of(
        facts.verify_faults, [](const probes::VerifyFault& fault) { return is_about_the_name(fault.code); });
}

std::vector<PlacedCertificate> path_of(const TlsFacts& facts) {
    std::vector<PlacedCertificate> path;
    for (const probes::PathCertificate& entry : facts.path) {
        path.push_back({&entry.certificate, entry.source, path.size()});
    }
    if (path.empty()) {
        for (const probes::Certificate& certificate : facts.chain) {
            path.push_back({&certificate, CertificateSource::server, path.size()});
        }
    }
    return path;
}

std::optional<PlacedCertificate> first_to_end(const TlsFacts& facts, probes::WallClock::time_point now) {
    std::vector<PlacedCertificate> path = path_of(facts);
    if (path.empty() || !chain_verifies(facts)) {
        return path.empty() ? std::nullopt : std::optional(path.front());
    }
    std::erase_if(path,
                  [now](const PlacedCertificate& placed) { return placed.certificate->not_after < now; });
    const auto first = std::ranges::min_element(
        path, {}, [](const PlacedCertificate& placed) { return placed.certificate->not_after; });
    return first == path.end() ? std::nullopt : std::optional(*first);
}

std::optional<PlacedCertificate> subject_of(const probes::VerifyFault& fault, const TlsFacts& facts) {
    const auto depth = static_cast<std::size_t>(std::max(fault.depth, 0));
    if (fault.certificate) {
        return PlacedCertificate{&*fault.certificate, fault.source, depth};
    }
    // Records without it: what was sent, in its order.
    if (depth < facts.chain.size()) {
        return PlacedCertificate{&facts.chain[depth], CertificateSource::server, depth};
    }
    return std::nullopt;
}

std::string place_text(const PlacedCertificate& placed) {
    const char* place = placed.depth == 0                 ? "server's"
                        : placed.certificate->self_issued ? "root"
                                                          : "intermediate";
    return fmt::format("the {} certificate {}", place, placed.certificate->subject);
}

std::string source_text(const PlacedCertificate& placed) {
    if (placed.depth == 0) {
        return {};
    }
    switch (placed.source) {
        case CertificateSource::store:
            return "from this host's trust store";
        case CertificateSource::ca_file:
            return "from `ca_file`";
        case CertificateSource::server:
            break;
    }
    return "sent by the server";
}

}  // namespace whylink::checks
