// Extended DNS errors (RFC 8914): what a resolver says of its own answer.
#pragma once

#include <cstdint>
#include <string>

#include "probes/observation.hpp"

namespace whylink::checks {

/// What an error is about, as far as it matters to a cause.
enum class ErrorClass : std::uint8_t {
    other,
    dnssec,      ///< the resolver validates, and what it got does not validate
    delegation,  ///< the zone's own name servers do not answer it
    filter,      ///< a policy of the resolver decides, and not the zone
    stale,       ///< the answer is older than the zone allows (RFC 8767)
};

/// Codes that the registry does not know are `other`.
ErrorClass class_of(std::uint16_t code);

/// Whether a query of the name came back with an error of that class.
bool has_error(const probes::DnsFacts& facts, ErrorClass wanted);

/// "DNSSEC Bogus (EDE 6: no keys have a DS)"; the code alone where the registry has no name for it, and no text where
/// the resolver sent none.
std::string extended_error_text(const probes::ExtendedError& error);
/// All of one query, empty when there are none.
std::string extended_errors_text(const probes::DnsQuery& query);

}  // namespace whylink::checks
