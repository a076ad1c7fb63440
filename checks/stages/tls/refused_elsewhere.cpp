#include "checks/stages/tls/refused_elsewhere.hpp"

#include "checks/explain/text.hpp"
#include "checks/stages/tls/path.hpp"

namespace whylink::checks {
namespace {

using probes::TlsFacts;

/// Go (since 1.15) and browsers (Chrome since 58) look at subjectAltName only; RFC 9525 section 2 has dropped the CN.
/// OpenSSL takes the CN where there is no DNS name: X509_check_host(3).
bool has_name_in_subject_only(const TlsFacts& tls) {
    return tls.verified && !tls.server_name.empty() && !tls.chain.empty() &&
           tls.chain.front().dns_names.empty() && tls.chain.front().names_left_out == 0 &&
           tls.verify_faults.empty();
}

/// RFC 8996 forbids them.
bool is_old(const std::string& version) {
    return version == "TLSv1" || version == "TLSv1.1" || version == "SSLv3";
}

struct Refused {
    Fact fact;
    bool (*holds)(const TlsFacts&);
    std::string_view text;
};

constexpr Refused table[]{
    {Fact::name_in_subject_only, has_name_in_subject_only,
     "the certificate has its name in the CN only, not in subjectAltName"},
    {Fact::intermediate_not_sent,
     [](const TlsFacts& tls) { return tls.intermediate_not_sent && chain_verifies(tls); },
     "the server does not send its intermediate certificate; this host has it"},
    {Fact::tls_version_old, [](const TlsFacts& tls) { return is_old(tls.version); },
     "TLS 1.1 and older are deprecated (RFC 8996)"},
    {Fact::finite_field_only, [](const TlsFacts& tls) { return tls.finite_field; },
     "the server takes finite-field Diffie-Hellman (DHE) only; many programs do not offer it"},
    {Fact::alpn_not_chosen, [](const TlsFacts& tls) { return !tls.alpn_offered.empty() && tls.alpn.empty(); },
     "the server chose none of the offered ALPN protocols"},
};

}  // namespace

FactSet refused_elsewhere(const TlsFacts& tls) {
    FactSet facts;
    for (const Refused& row : table) {
        facts.insert_if(row.holds(tls), row.fact);
    }
    return facts;
}

std::string refused_elsewhere_text(const TlsFacts& tls) {
    std::string text;
    for (const Refused& row : table) {
        if (row.holds(tls)) {
            text += "; " + std::string(row.text);
        }
    }
    return text;
}

}  // namespace whylink::checks
