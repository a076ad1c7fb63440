#include "checks/stages/tls/linked_names.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "checks/explain/text.hpp"
#include "checks/stages/dns/dns.hpp"
#include "config/dns_name.hpp"
#include "config/host_pattern.hpp"
#include "config/outside_text.hpp"
#include "config/profiles.hpp"

namespace whylink::checks {
namespace {

using probes::Certificate;

constexpr std::string_view wildcard = "*.";

/// What makes a name private, as a label of its own: Azure and vendors after it, Elastic and ClickHouse on AWS, on GCP,
/// and serverless (PROVIDERS: x.vpce.us-east-1.aws.elastic-cloud.com, x.private.us-east-1.aws.elastic.cloud).
constexpr std::array<std::string_view, 4> private_labels{"privatelink", "vpce", "psc", "private"};

/// AWS names each endpoint itself in these zones; without the label such a name is nobody's.
bool is_in_endpoint_zone(std::string_view name) {
    return name.ends_with(".vpce.amazonaws.com") || name.ends_with(".vpce.amazonaws.com.cn");
}

/// The name without the first such label behind its first one; empty where there is none.
std::string without_private_label(std::string_view name) {
    if (is_in_endpoint_zone(name)) {
        return {};
    }
    std::string shorter;
    bool found = false;
    bool first = true;
    for (const std::string_view label : labels_of(name)) {
        if (!found && !first && std::ranges::find(private_labels, label) != private_labels.end()) {
            found = true;
            continue;
        }
        shorter += first ? "" : ".";
        shorter += label;
        first = false;
    }
    return found ? shorter : std::string();
}

std::vector<std::string> cnames_of_host(std::span<const JudgedProbe> probes) {
    std::vector<std::string> names;
    for (const CountedName& name : counted_names(probes)) {
        if (name.facts.role != probes::NameRole::host) {
            continue;
        }
        for (const probes::DnsQuery& query : name.facts.queries) {
            for (const std::string& cname : query.cnames) {
                add_once(names, canonical_name(cname));
            }
        }
    }
    return names;
}

/// The subject's common name, of RFC 2253 text.
std::string common_name(const Certificate& certificate) {
    constexpr std::string_view key = "CN=";
    const std::string& subject = certificate.subject;
    const std::size_t at = subject.find(key);
    const bool is_attribute = at == 0 || (at != std::string::npos && subject[at - 1] == ',');
    return is_attribute ? subject.substr(at + key.size(), subject.find(',', at) - at - key.size())
                        : std::string();
}

/// Without those that were cut, which are nobody's.
std::vector<std::string> names_of(const Certificate& certificate) {
    // What was left out was an alternative name, too.
    const bool has_alternative = !certificate.dns_names.empty() || certificate.names_left_out > 0;
    std::vector<std::string> names =
        has_alternative ? certificate.dns_names : std::vector{common_name(certificate)};
    std::erase_if(names, [](const std::string& name) { return is_cut(name); });
    return names;
}

bool is_one_label(std::string_view text) {
    return !text.empty() && text.find('.') == std::string_view::npos;
}

/// What of `name` stands before the zone of a wildcard pattern; nothing where it is not of that zone.
std::optional<std::string_view> labels_before_zone(std::string_view pattern, std::string_view name) {
    const std::string_view zone = pattern.substr(wildcard.size());
    if (name == zone) {
        return std::string_view();
    }
    const bool is_below =
        name.size() > zone.size() + 1 && name.ends_with(zone) && name[name.size() - zone.size() - 1] == '.';
    return is_below ? std::optional(name.substr(0, name.size() - zone.size() - 1)) : std::nullopt;
}

/// "*.com" is for nobody.
bool is_wildcard(std::string_view pattern) {
    return pattern.starts_with(wildcard) && pattern.find('.', wildcard.size()) != std::string_view::npos;
}

/// The name of no known service: an A record of one's own for the endpoint has no other sign.
bool may_be_alias(const std::string& asked) {
    return config::profile_for_host(asked) == nullptr;
}

/// A wildcard of the certificate is for a zone that `name` lies in, and does not cover it: it stands for one label, and
/// `name` has more of them, or none.
bool has_wildcard_above(const Certificate& certificate, std::string_view name) {
    return std::ranges::any_of(names_of(certificate), [name](const std::string& written) {
        const std::string pattern = canonical_name(written);
        const auto before = is_wildcard(pattern) ? labels_before_zone(pattern, name) : std::nullopt;
        return before && !is_one_label(*before);
    });
}

/// A certificate that a front end shows for names that it does not know, or that comes with a fresh installation.
bool is_default_certificate(const Certificate& certificate) {
    // ingress-nginx (internal/ingress/controller: GetFakeSSLCert), Traefik (pkg/tls/generate: DefaultDomain), Plesk, and
    // what httpd's packages make for a host that was never given a name.
    constexpr std::array<std::string_view, 6> names{
        "kubernetes ingress controller fake certificate",
        "ingress.local",
        "traefik default cert",
        "plesk",
        "localhost",
        "localhost.localdomain",
    };
    return std::ranges::find(names, canonical_name(common_name(certificate))) != names.end() ||
           std::ranges::any_of(certificate.dns_names, [&](const std::string& name) {
               return std::ranges::find(names, canonical_name(name)) != names.end();
           });
}

}  // namespace

std::vector<std::string> LinkedNames::all() const {
    std::vector<std::string> names = own;
    names.insert(names.end(), aliases.begin(), aliases.end());
    return names;
}

LinkedNames linked_names(const config::Endpoint& endpoint, std::span<const JudgedProbe> probes) {
    LinkedNames names;
    const std::string asked = canonical_name(endpoint.tls.server_name);
    const auto add = [&](std::vector<std::string>& to, const std::string& name) {
        if (!name.empty() && !is_cut(name) && name != asked &&
            std::ranges::find(names.own, name) == names.own.end()) {
            add_once(to, name);
        }
    };
    add(names.own, canonical_name(endpoint.public_host));
    const std::string host = endpoint.address ? asked : canonical_name(endpoint.host);
    const config::Profile* profile = config::profile_of(endpoint);
    if (const auto match = profile == nullptr ? std::nullopt : config::match_host(*profile, host)) {
        add(names.own, match->public_host);
    }
    add(names.own, without_private_label(host));
    add(names.own, host);
    add(names.own, without_private_label(asked));
    for (const std::string& cname : cnames_of_host(probes)) {
        add(names.aliases, without_private_label(cname));
        add(names.aliases, cname);
    }
    return names;
}

bool has_linked_name(const config::Endpoint& endpoint, std::span<const JudgedProbe> probes) {
    const std::vector<std::string> names = linked_names(endpoint, probes).all();
    return !endpoint.tls.server_name.empty() && !std::ranges::all_of(names, is_endpoint_name);
}

bool is_for(const Certificate& certificate, std::string_view name) {
    return std::ranges::any_of(names_of(certificate), [name](const std::string& written) {
        const std::string pattern = canonical_name(written);
        if (!is_wildcard(pattern)) {
            return pattern == name;
        }
        const auto before = labels_before_zone(pattern, name);
        return before && is_one_label(*before);
    });
}

std::string name_covered(const Certificate& certificate, std::span<const std::string> names) {
    const auto covered = std::ranges::find_if(
        names, [&certificate](const std::string& name) { return is_for(certificate, name); });
    return covered == names.end() ? std::string() : *covered;
}

bool is_endpoint_name(std::string_view name) {
    return name.starts_with("vpce-") && name.find(".vpce-svc-") != std::string_view::npos &&
           is_in_endpoint_zone(name);
}

FactSet links_of(const config::Endpoint& endpoint, std::span<const JudgedProbe> probes,
                 const probes::TlsFacts& tls) {
    FactSet links;
    if (tls.chain.empty() || tls.server_name.empty()) {
        return links;
    }
    const Certificate& certificate = tls.chain.front();
    const std::string asked = canonical_name(tls.server_name);
    const LinkedNames names = linked_names(endpoint, probes);
    const bool of_own = !name_covered(certificate, names.own).empty();
    const bool of_alias = !name_covered(certificate, names.aliases).empty();
    links.insert_if(of_own || of_alias, Fact::certificate_of_linked_name);
    links.insert_if(of_alias && !of_own, Fact::certificate_of_cname);
    links.insert_if(has_wildcard_above(certificate, asked), Fact::wildcard_too_deep);
    links.insert_if(is_endpoint_name(asked) || std::ranges::any_of(names.all(), is_endpoint_name),
                    Fact::endpoint_name_asked);
    links.insert_if(is_default_certificate(certificate), Fact::default_certificate);
    // Among names that were left out, or cut, there may be one that links it.
    const bool is_incomplete =
        certificate.names_left_out > 0 || std::ranges::any_of(certificate.dns_names, is_cut);
    links.insert_if(links.empty() && (is_incomplete || may_be_alias(asked)), Fact::host_may_be_alias);
    return links;
}

}  // namespace whylink::checks
