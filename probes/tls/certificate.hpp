// What a certificate says, as values that need no TLS library to be read.
#pragma once

#include <openssl/x509.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "probes/observation.hpp"

namespace whylink::probes {

/// A server may send any number of certificates, and a certificate may hold any number of names, of any length; more
/// than these say nothing more. Which names an issuer's certificate has decides nothing.
inline constexpr std::size_t max_certificates = 10;
inline constexpr std::size_t max_alternative_names = 256;
inline constexpr std::size_t max_names_of_issuer = 8;
/// Of one name (a DNS name has 253 characters), and of all that are kept of a certificate.
inline constexpr std::size_t max_alternative_name = 256;
inline constexpr std::size_t max_alternative_names_size = 16384;

/// Which of a certificate's names are kept where there are too many: first those of the zone that `server_name` is in,
/// which the judgement compares with.
struct NamesToKeep {
    std::size_t most = max_alternative_names;
    std::string_view server_name = {};
};

/// Names are as outside_ascii() makes them: printable ASCII, cut and marked where they are too long.
/// Dates beyond what WallClock can say (RFC 5280 section 4.1.2.5 has 99991231235959Z for "no end"; the clock
/// ends in 2262) are its last point; a date that cannot be read is its epoch.
Certificate read_certificate(const X509& certificate, const NamesToKeep& names = {});

/// The first max_certificates of a chain, in its order; the first is the server's own. `chain` may be null.
std::vector<Certificate> read_chain(const STACK_OF(X509) * chain, std::string_view server_name = {});

}  // namespace whylink::probes
