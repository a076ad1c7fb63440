#include "checks/stages/clouds.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

#include "checks/stages/addresses.hpp"
#include "config/cloud_names.hpp"

namespace whylink::checks {
namespace {

using config::Provider;

std::string_view link_title(Provider provider) {
    switch (provider) {
        case Provider::aws:
            return "AWS PrivateLink";
        case Provider::azure:
            return "Azure Private Link";
        case Provider::gcp:
            return "GCP Private Service Connect";
        case Provider::generic:
            break;
    }
    return {};
}

bool is_private(const AddressState& state) {
    return address_space(state.address) == AddressSpace::private_space;
}

/// DNS gave no answer, or not the right one.
bool dns_fails(const JudgedProbe& probe) {
    const bool of_target = probe.dns() != nullptr && probe.dns()->role != probes::NameRole::public_host;
    return of_target && probe.fails() && probe.outcome != Outcome::local_error;
}

/// Configured as public it takes no private DNS; `diagnose` does not know before DNS has answered.
bool may_be_private(const config::Target& target) {
    const config::Endpoint* endpoint = target.endpoint();
    return endpoint == nullptr || endpoint->private_space || endpoint->by_name.private_space;
}

/// What the host lacks for the link of the other cloud; empty where the round does not show that it matters.
std::string_view needed(const config::Target& target, const Assessment& round) {
    if (std::ranges::any_of(address_states(target, round), is_private)) {
        return "a private path between these clouds needs a VPN or a peering";
    }
    if (may_be_private(target) && std::ranges::any_of(round.probes, dns_fails)) {
        return "private DNS between these clouds needs a forwarder";
    }
    return {};
}

std::string_view subject(const config::Target& target) {
    if (target.zone() != nullptr) {
        return "the zone";
    }
    return target.endpoint() != nullptr && !target.endpoint()->address ? "the name" : "the profile";
}

}  // namespace

Provider provider_of(std::optional<config::Cloud> cloud) {
    const auto provider = cloud ? from_slug<Provider>(slug(*cloud)) : std::nullopt;
    return provider.value_or(Provider::generic);
}

Provider provider_by_name(const config::Target& target) {
    if (target.zone() != nullptr) {
        // Any name of the zone shows whose it is.
        return config::provider_of_name("any-label." + target.zone()->zone);
    }
    const config::Endpoint* endpoint = target.endpoint();
    return endpoint == nullptr || endpoint->address ? Provider::generic
                                                    : config::provider_of_name(endpoint->host);
}

std::optional<OtherCloud> other_cloud(const config::Target& target, const Assessment& round) {
    const config::Profile* profile = config::profile_of(target);
    OtherCloud clouds{profile == nullptr ? Provider::generic : profile->provider, provider_of(round.cloud)};
    if (clouds.link == Provider::generic) {
        clouds = {provider_by_name(target), clouds.host, false};
    }
    const bool known = clouds.link != Provider::generic && clouds.host != Provider::generic;
    return known && clouds.link != clouds.host ? std::optional(clouds) : std::nullopt;
}

std::string other_cloud_text(const config::Target& target, const Assessment& round) {
    const auto clouds = other_cloud(target, round);
    const std::string_view need = clouds ? needed(target, round) : std::string_view();
    if (need.empty()) {
        return {};
    }
    return fmt::format("{} belongs to {}; this host runs in {}: {}", subject(target),
                       clouds->by_profile ? link_title(clouds->link) : title(clouds->link),
                       title(clouds->host), need);
}

}  // namespace whylink::checks
