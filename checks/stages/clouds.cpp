#include "checks/stages/clouds.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

#include "checks/stages/addresses.hpp"

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

}  // namespace

Provider provider_of(std::optional<config::Cloud> cloud) {
    const auto provider = cloud ? from_slug<Provider>(slug(*cloud)) : std::nullopt;
    return provider.value_or(Provider::generic);
}

std::optional<OtherCloud> other_cloud(const config::Target& target, const Assessment& round) {
    const config::Profile* profile = config::profile_of(target);
    const OtherCloud clouds{profile == nullptr ? Provider::generic : profile->provider,
                            provider_of(round.cloud)};
    const bool known = clouds.link != Provider::generic && clouds.host != Provider::generic;
    return known && clouds.link != clouds.host ? std::optional(clouds) : std::nullopt;
}

std::string other_cloud_text(const config::Target& target, const Assessment& round) {
    const auto clouds = other_cloud(target, round);
    if (!clouds || std::ranges::none_of(address_states(target, round), is_private)) {
        return {};
    }
    const bool by_name = !target.endpoint()->address;
    return fmt::format(
        "{} belongs to {}; this host runs in {}: a private path between these clouds needs a VPN or a peering",
        by_name ? "the name" : "the profile", link_title(clouds->link), title(clouds->host));
}

}  // namespace whylink::checks
