#include "checks/stages/dns/extended_error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

#include "checks/explain/text.hpp"
#include "config/outside_text.hpp"

namespace whylink::checks {
namespace {

struct KnownError {
    std::string_view name;
    ErrorClass what = ErrorClass::other;
};

using enum ErrorClass;

// IANA's registry "Extended DNS Error Codes", by code.
constexpr KnownError known_errors[]{
    {"Other Error"},
    {"Unsupported DNSKEY Algorithm", dnssec},
    {"Unsupported DS Digest Type", dnssec},
    {"Stale Answer", stale},
    {"Forged Answer", filter},
    {"DNSSEC Indeterminate", dnssec},
    {"DNSSEC Bogus", dnssec},
    {"Signature Expired", dnssec},
    {"Signature Not Yet Valid", dnssec},
    {"DNSKEY Missing", dnssec},
    {"RRSIGs Missing", dnssec},
    {"No Zone Key Bit Set", dnssec},
    {"NSEC Missing", dnssec},
    {"Cached Error"},
    {"Not Ready"},
    {"Blocked", filter},
    {"Censored", filter},
    {"Filtered", filter},
    {"Prohibited"},
    {"Stale NXDOMAIN Answer", stale},
    {"Not Authoritative"},
    {"Not Supported"},
    {"No Reachable Authority", delegation},
    {"Network Error", delegation},
    {"Invalid Data"},
    {"Signature Expired before Valid", dnssec},
    {"Too Early"},
    {"Unsupported NSEC3 Iterations Value", dnssec},
    {"Unable to conform to policy", filter},
    {"Synthesized"},
};

constexpr std::size_t max_text = 120;

const KnownError* find_error(std::uint16_t code) {
    return code < std::size(known_errors) ? &known_errors[code] : nullptr;
}

}  // namespace

ErrorClass class_of(std::uint16_t code) {
    const KnownError* known = find_error(code);
    return known == nullptr ? other : known->what;
}

bool has_error(const probes::DnsFacts& facts, ErrorClass wanted) {
    return std::ranges::any_of(facts.queries, [wanted](const probes::DnsQuery& query) {
        return std::ranges::any_of(query.extended_errors, [wanted](const probes::ExtendedError& error) {
            return class_of(error.code) == wanted;
        });
    });
}

std::string extended_error_text(const probes::ExtendedError& error) {
    const KnownError* known = find_error(error.code);
    const std::string code = fmt::format("EDE {}{}{}", error.code, error.text.empty() ? "" : ": ",
                                         shortened(error.text, max_text));
    return known == nullptr ? code : fmt::format("{} ({})", known->name, code);
}

std::string extended_errors_text(const probes::DnsQuery& query) {
    std::vector<std::string> parts;
    for (const probes::ExtendedError& error : query.extended_errors) {
        add_once(parts, extended_error_text(error));
    }
    return join(parts);
}

}  // namespace whylink::checks
