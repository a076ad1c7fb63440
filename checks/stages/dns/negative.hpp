// What stands beside a negative answer: which zone says so, and for how long a cache repeats it (RFC 2308).
#pragma once

#include <string>
#include <string_view>

#include "checks/judge.hpp"
#include "probes/observation.hpp"

namespace whylink::checks {

/// The SOA record of the first query that has one; null when none does. It lives as long as the facts.
const probes::NegativeAuthority* negative_authority(const probes::DnsFacts& facts);

/// The name has no address, and a private zone says so.
bool is_denied_by_private_zone(const JudgedProbe& probe);

/// NXDOMAIN of one type and NODATA of the other: the first says that the name does not exist, the second that it does
/// (RFC 8020 section 2).
bool contradicts_itself(const JudgedProbe& probe);

/// "zone corp.test" and how long it may be cached; empty without an SOA record.
std::string negative_text(const probes::DnsQuery& query);

}  // namespace whylink::checks
