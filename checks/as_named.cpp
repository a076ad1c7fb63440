#include "checks/as_named.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "config/dns_name.hpp"
#include "config/pick_profile.hpp"
#include "config/privatelink_name.hpp"

namespace whylink::checks {
namespace {

using config::Endpoint;
using config::PickedProfile;

/// The host's own first, each once.
std::vector<std::string> names_of(const Endpoint& endpoint, std::span<const probes::Observation> probes) {
    std::vector<std::string> names{canonical_name(endpoint.host)};
    for (const probes::Observation& probe : probes) {
        const auto* dns = get_if<probes::DnsFacts>(&probe.facts);
        if (dns == nullptr || dns->role != probes::NameRole::host) {
            continue;
        }
        for (const probes::DnsQuery& query : dns->queries) {
            for (const std::string& cname : query.cnames) {
                if (std::string name = canonical_name(cname); std::ranges::find(names, name) == names.end()) {
                    names.push_back(std::move(name));
                }
            }
        }
    }
    return names;
}

PickedProfile pick(const Endpoint& endpoint, const std::vector<std::string>& names) {
    std::span<const config::OwnProfile> own;
    if (endpoint.by_name.own_profiles != nullptr) {
        own = *endpoint.by_name.own_profiles;
    }
    for (const std::string& name : names) {
        if (PickedProfile picked = config::pick_profile(name, own); picked.profile != nullptr) {
            return picked;
        }
    }
    return {};
}

void adopt(Endpoint& endpoint, const PickedProfile& picked) {
    const config::Profile& profile = *picked.profile;
    endpoint.profile = profile.name;
    endpoint.own_profile = picked.own;
    if (endpoint.by_name.tls && endpoint.tls.mode == config::TlsMode::attempt && profile.tls &&
        config::is_of_a_service(profile)) {
        endpoint.tls.mode = config::TlsMode::required;
    }
    if (endpoint.by_name.app && endpoint.app == config::App::none) {
        endpoint.app = config::app_at(profile, endpoint.port);
    }
}

}  // namespace

config::TargetPtr named_target(const Endpoint& given, std::span<const probes::Observation> probes) {
    const bool wants_profile = given.by_name.profile && given.profile.empty();
    const bool wants_private = given.by_name.private_space && !given.private_space;
    if (given.address || (!wants_profile && !wants_private)) {
        return nullptr;
    }
    const std::vector<std::string> names = names_of(given, probes);
    const PickedProfile picked = wants_profile ? pick(given, names) : PickedProfile();
    const bool is_private = wants_private && (picked.profile != nullptr ||
                                              std::ranges::any_of(names, config::is_privatelink_name));
    if (picked.profile == nullptr && !is_private) {
        return nullptr;
    }
    Endpoint endpoint = given;
    if (picked.profile != nullptr) {
        adopt(endpoint, picked);
    }
    endpoint.private_space = endpoint.private_space || is_private;
    return config::make_target(std::move(endpoint));
}

config::TargetPtr as_named(const config::TargetPtr& target, std::span<const probes::Observation> probes) {
    const Endpoint* endpoint = target->endpoint();
    config::TargetPtr named = endpoint == nullptr ? nullptr : named_target(*endpoint, probes);
    return named == nullptr ? target : named;
}

}  // namespace whylink::checks
