// The certificates that a handshake's verdict depends on: each with its place in the chain, and whose it is.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "probes/observation.hpp"

namespace whylink::checks {

/// Refers to the facts that it is of.
struct PlacedCertificate {
    const probes::Certificate* certificate = nullptr;  ///< never null
    probes::CertificateSource source = probes::CertificateSource::server;
    std::size_t depth = 0;  ///< 0: the server's own

    bool is_own() const { return source != probes::CertificateSource::server; }
};

/// Verification found nothing but, perhaps, another name.
bool chain_verifies(const probes::TlsFacts& facts);

/// The path that was verified; of records without one what the server sent.
std::vector<PlacedCertificate> path_of(const probes::TlsFacts& facts);

/// Of the chain that verifies the one that ends first, at `now` or later; of a chain that does not verify the server's
/// own, whenever it ends. Nothing without certificates.
std::optional<PlacedCertificate> first_to_end(const probes::TlsFacts& facts,
                                              probes::WallClock::time_point now);

/// The certificate that a fault is about; nothing where the facts do not have it.
std::optional<PlacedCertificate> subject_of(const probes::VerifyFault& fault, const probes::TlsFacts& facts);

/// "the server's certificate CN=db", "the intermediate certificate CN=Issuing CA", "the root certificate CN=Root"
std::string place_text(const PlacedCertificate& placed);
/// "sent by the server", "from this host's trust store", "from `ca_file`"; empty for the server's own certificate.
std::string source_text(const PlacedCertificate& placed);

}  // namespace whylink::checks
