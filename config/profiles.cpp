#include "config/profiles.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "config/dns_name.hpp"
#include "config/embedded.hpp"
#include "config/host_pattern.hpp"
#include "config/profile_file.hpp"

namespace whylink::config {
namespace {

const Profile* find_in(const std::vector<Profile>& all, std::string_view name) {
    const auto found = std::ranges::find(all, name, &Profile::name);
    return found == all.end() ? nullptr : &*found;
}

/// A profile stands behind the one that it extends in the list.
std::vector<Profile> read_all() {
    std::vector<Profile> all;
    for (const EmbeddedToml& file : builtin_profiles()) {
        std::vector<Problem> problems;
        ProfileDraft draft = read_profile(file.toml, problems);
        const Profile* base = find_in(all, draft.profile.extends);
        if (!problems.empty() || (base == nullptr) != draft.profile.extends.empty()) {
            throw std::logic_error("profile " + std::string(file.name) + ": " +
                                   (problems.empty() ? "extends what is not there" : problems[0].message));
        }
        if (base != nullptr) {
            inherit(draft, *base);
        }
        all.push_back(std::move(draft.profile));
    }
    return all;
}

const std::vector<Profile>& rows() {
    static const std::vector<Profile> all = read_all();
    return all;
}

}  // namespace

bool OwnProfile::operator==(const OwnProfile& other) const {
    return profile == other.profile || (profile && other.profile && *profile == *other.profile);
}

std::span<const Profile> profiles() {
    return rows();
}

std::vector<std::string_view> profile_names() {
    std::vector<std::string_view> names;
    std::ranges::transform(rows(), std::back_inserter(names), &Profile::name);
    return names;
}

const Profile* find_profile(std::string_view name) {
    return find_in(rows(), name);
}

const Profile* profile_of(const TargetHead& target) {
    return target.own_profile.profile ? target.own_profile.profile.get() : find_profile(target.profile);
}

const Profile* profile_of(const Zone& zone) {
    // Any name of the zone shows whose it is.
    const std::string host = "x." + canonical_name(zone.zone);
    const Profile* profile = profile_for_host(host);
    if (profile == nullptr || profile->zone.empty()) {
        return profile;
    }
    return match_host(*profile, host)->zone == canonical_name(zone.zone) ? profile : nullptr;
}

const Profile* profile_of(const Target& target) {
    return target.zone() != nullptr ? profile_of(*target.zone()) : profile_of(target.head());
}

const Profile* base_of(const Profile& profile) {
    return profile.base.profile ? profile.base.profile.get() : find_profile(profile.extends);
}

App app_at(const Profile& profile, std::uint16_t port) {
    const auto found = profile.port_apps.find(port);
    return found == profile.port_apps.end() ? profile.app : found->second;
}

bool is_of_a_service(const Profile& profile) {
    return !profile.ports.empty() || profile.app != App::none;
}

const Profile* profile_for_host(std::string_view host) {
    const Profile* closest = nullptr;
    std::size_t most = 0;
    for (const Profile& profile : rows()) {
        if (const std::size_t literal = closeness(profile, host); literal > most) {
            closest = &profile;
            most = literal;
        }
    }
    return closest;
}

}  // namespace whylink::config
