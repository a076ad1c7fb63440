// What a certificate says, as values that need no TLS library to be read.
#pragma once

#include <openssl/x509.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "probes/observation.hpp"

namespace whylink::probes {

/// A server may send any number of certificates, and a certificate may hold any number of names; more than
/// these say nothing more.
inline constexpr std::size_t max_certificates = 16;
inline constexpr std::size_t max_alternative_names = 256;

/// Names come escaped: what is printed or logged holds printable ASCII only, whatever the peer put there.
/// Dates beyond what WallClock can say (RFC 5280 section 4.1.2.5 has 99991231235959Z for "no end"; the clock
/// ends in 2262) are its last point; a date that cannot be read is its epoch.
Certificate read_certificate(const X509& certificate);

/// The first max_certificates of a chain, in its order. `chain` may be null.
std::vector<Certificate> read_chain(const STACK_OF(X509) * chain);

/// Bytes outside printable ASCII, and the backslash, as \xHH.
std::string escaped(std::string_view bytes);

}  // namespace whylink::probes
