// Names by which the server behind a host may go as well: a certificate for one of them is no other host's.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checks/judge.hpp"
#include "checks/table/facts.hpp"

namespace whylink::checks {

/// Canonical names that belong to an endpoint, each once, the likeliest first; without the one that is asked for in TLS.
struct LinkedNames {
    /// Its public name by the config, by the profile, and by its own name without the label that makes it
    /// private (`privatelink` in Azure's zones, whose public names are CNAMEs to it; `vpce`, `psc` and `private` with
    /// vendors), and its host; where the host is an address, by the name that is asked for.
    std::vector<std::string> own;
    /// Of the CNAME chain, which is what DNS says and may be wrong.
    std::vector<std::string> aliases;

    /// Both, in that order.
    std::vector<std::string> all() const;
};
LinkedNames linked_names(const config::Endpoint& endpoint, std::span<const JudgedProbe> probes);

/// Whether there is one that the server may be asked for in TLS: not the technical name of an endpoint.
bool has_linked_name(const config::Endpoint& endpoint, std::span<const JudgedProbe> probes);

/// Whether the certificate is for the name: RFC 9525 section 6, a wildcard stands for the whole first label. The
/// subject's CN counts where there is no DNS name, as OpenSSL has it.
bool is_for(const probes::Certificate& certificate, std::string_view name);

/// The one of `names` that the certificate is for; empty: none.
std::string name_covered(const probes::Certificate& certificate, std::span<const std::string> names);

/// The technical name of an AWS endpoint to a partner's service, vpce-….vpce-svc-….REGION.vpce.amazonaws.com. AWS gives it;
/// no partner has a certificate for it.
bool is_endpoint_name(std::string_view name);

/// Of a certificate for another name than the endpoint asked for: how it is linked to it. Nothing where it is not.
FactSet links_of(const config::Endpoint& endpoint, std::span<const JudgedProbe> probes,
                 const probes::TlsFacts& tls);

}  // namespace whylink::checks
