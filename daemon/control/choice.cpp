#include "daemon/control/choice.hpp"

#include <array>

#include "config/profiles.hpp"

namespace whylink::daemon {
namespace {

using config::AccountProvider;

std::optional<AccountProvider> of_profile(config::Provider provider) {
    switch (provider) {
        case config::Provider::aws:
            return AccountProvider::aws;
        case config::Provider::azure:
            return AccountProvider::azure;
        case config::Provider::gcp:
            return AccountProvider::gcp;
        case config::Provider::generic:
            break;
    }
    return std::nullopt;
}

std::optional<AccountProvider> of_cloud(config::Cloud cloud) {
    switch (cloud) {
        case config::Cloud::aws:
            return AccountProvider::aws;
        case config::Cloud::azure:
            return AccountProvider::azure;
        case config::Cloud::gcp:
            return AccountProvider::gcp;
        case config::Cloud::other:
            break;
    }
    return std::nullopt;
}

constexpr std::array<std::string_view, 3> vendors{"clickhouse", "emqx", "adobe-commerce"};

bool is_private_link(const config::Target& target) {
    const config::Watch* watch = target.watch();
    return watch == nullptr || !watch->profile.empty() || !watch->service.empty();
}

}  // namespace

std::string_view vendor_of(const config::Target& target) {
    for (const config::Profile* profile = config::profile_of(target); profile != nullptr;
         profile = config::base_of(*profile)) {
        for (const std::string_view vendor : vendors) {
            if (profile->name.starts_with(vendor)) {
                return vendor;
            }
        }
    }
    return {};
}

std::optional<AccountProvider> provider_of(const config::Target& target,
                                           std::optional<config::Cloud> host_cloud) {
    const config::Profile* profile = config::profile_of(target);
    if (const auto known = profile == nullptr ? std::nullopt : of_profile(profile->provider)) {
        return known;
    }
    return host_cloud ? of_cloud(*host_cloud) : std::nullopt;
}

bool fits(const config::Account& account, const config::Target& target,
          std::optional<config::Cloud> host_cloud) {
    if (!is_private_link(target)) {
        return false;
    }
    if (account.provider == AccountProvider::clickhouse) {
        // It has the services that others connect to, and nothing of those that we offer.
        return target.watch() == nullptr && vendor_of(target) == "clickhouse";
    }
    const auto provider = provider_of(target, host_cloud);
    return !provider || *provider == account.provider;
}

}  // namespace whylink::daemon
