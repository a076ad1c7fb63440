#include "config/profiles.hpp"

#include <algorithm>

namespace whylink::config {
namespace {

Profile row(std::string name, std::string title, Provider provider, std::vector<std::uint16_t> ports,
            bool tls, App app, bool has_allow_list) {
    Profile profile;
    profile.name = std::move(name);
    profile.title = std::move(title);
    profile.provider = provider;
    profile.ports = std::move(ports);
    profile.tls = tls;
    profile.app = app;
    profile.has_allow_list = has_allow_list;
    return profile;
}

const std::vector<Profile>& rows() {
    static const std::vector<Profile> all{
        row("aws", "an AWS PrivateLink interface endpoint", Provider::aws, {}, true, App::none, false),
        row("azure", "an Azure private endpoint", Provider::azure, {}, true, App::none, false),
        row("gcp", "a Google Cloud Private Service Connect endpoint", Provider::gcp, {}, true, App::none,
            false),
        row("clickhouse-aws", "ClickHouse Cloud over AWS PrivateLink", Provider::aws, {9440, 8443, 443, 3306},
            true, App::clickhouse, true),
        row("clickhouse-azure", "ClickHouse Cloud over Azure Private Link", Provider::azure,
            {9440, 8443, 443, 3306}, true, App::clickhouse, true),
        row("clickhouse-gcp", "ClickHouse Cloud over Google Cloud Private Service Connect", Provider::gcp,
            {9440, 8443, 443, 3306}, true, App::clickhouse, true),
        row("emqx-aws", "a service that EMQX reaches over AWS PrivateLink", Provider::aws, {}, false,
            App::none, false),
        row("emqx-azure", "a service that EMQX reaches over Azure Private Link", Provider::azure, {}, false,
            App::none, false),
        row("adobe-commerce-aws", "Adobe Commerce over AWS PrivateLink", Provider::aws, {80, 2222}, false,
            App::http, false),
        row("adobe-commerce-azure", "Adobe Commerce over Azure Private Link", Provider::azure, {80, 2222},
            false, App::http, false),
    };
    return all;
}

}  // namespace

bool OwnProfile::operator==(const OwnProfile& other) const {
    return profile == other.profile || (profile && other.profile && *profile == *other.profile);
}

std::span<const Profile> profiles() {
    return rows();
}

const Profile* find_profile(std::string_view name) {
    const auto found = std::ranges::find(rows(), name, &Profile::name);
    return found == rows().end() ? nullptr : &*found;
}

const Profile* profile_of(const Endpoint& endpoint) {
    return endpoint.own_profile.profile ? endpoint.own_profile.profile.get() : find_profile(endpoint.profile);
}

const Profile* profile_of(const Watch& watch) {
    return watch.own_profile.profile ? watch.own_profile.profile.get() : find_profile(watch.profile);
}

const Profile* profile_of(const Zone&) {
    return nullptr;
}

const Profile* base_of(const Profile& profile) {
    return find_profile(profile.extends);
}

std::optional<HostMatch> match_host(const Profile&, std::string_view) {
    return std::nullopt;
}

const Profile* profile_for_host(std::string_view) {
    return nullptr;
}

}  // namespace whylink::config
