// The provider profiles: what is known of each service that is reached over a private link. Those that come
// with the program are config/profiles/NAME.toml; users add theirs in the same form (profile_file.hpp,
// own_profiles.hpp). docs/reference/profiles.md says what a profile is for.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/vocabulary.hpp"

namespace whylink::config {

enum class Provider { generic, aws, azure, gcp };

/// The titles stand before what is meant for one provider only.
consteval auto vocabulary(Provider) {
    using enum Provider;
    return terms<Provider>(
        {{generic, "generic"}, {aws, "aws", "AWS"}, {azure, "azure", "Azure"}, {gcp, "gcp", "GCP"}});
}

/// On which side of the link a step is taken.
enum class Side {
    either,
    consumer,  ///< where the private endpoint is
    provider,  ///< where the service and its load balancer are
};

consteval auto vocabulary(Side) {
    using enum Side;
    return terms<Side>({{either, "either"}, {consumer, "consumer"}, {provider, "provider"}});
}

/// What to do about a cause, in the provider's words; may hold the placeholders of checks/explain/wording.hpp.
struct Remedy {
    std::string cause;  ///< slug
    Side side = Side::either;
    /// The steps of `extends` and the general ones for the cause would only say the same again, or mean the
    /// other side of the link: they are left out.
    bool complete = false;
    std::vector<std::string> steps;
    bool operator==(const Remedy&) const = default;
};

/// What `looks` may describe, in the order in which it is shown.
inline constexpr std::array<std::string_view, 4> look_words{"healthy", "pending", "not_allowed",
                                                            "zone_not_linked"};

struct Profile {
    std::string name;   ///< the config's slug
    std::string title;  ///< for people
    Provider provider = Provider::generic;
    std::string extends;  ///< the profile whose remedies and limits come after its own; may be empty
    OwnProfile base;      ///< that profile when it is the user's; use base_of()
    std::vector<std::uint16_t> ports;  ///< the first is the default port; empty: `port` must be given
    bool tls = true;
    App app = App::none;
    /// What is spoken at those of `ports` where it is not `app`.
    std::map<std::uint16_t, App> port_apps;
    /// The service keeps an allow-list of endpoints, and resets what is not on it (its documentation says
    /// so).
    bool has_allow_list = false;
    /// Host names that belong to it: a name in braces stands for one label or for a part of one,
    /// "{instance}.{region}.…", "vpce-{id}.…"; `{name*}` for one or more whole labels.
    std::vector<std::string> hosts;
    std::string public_host;  ///< made of the labels of `hosts`; empty: none is known
    std::string zone;         ///< the same of the wildcard zone; empty: it has none
    std::string endpoint_id;  ///< what the identifier is and where it is found; empty: nothing to say
    std::string service;      ///< the same of the service's identifier
    /// By `look_words`: what is seen then, for people.
    std::map<std::string, std::string> looks;
    std::vector<std::string> limits;   ///< known limits, a sentence each
    std::vector<std::string> sources;  ///< the pages that this comes from
    std::vector<Remedy> remedies;      ///< in order
    bool operator==(const Profile&) const = default;
};

/// Those that come with the program, in the order in which they are listed.
std::span<const Profile> profiles();
std::vector<std::string_view> profile_names();
/// Of these; null for an unknown name.
const Profile* find_profile(std::string_view name);

/// What an endpoint or a watch names, whether it comes with the program or is the user's; null when it names
/// none.
const Profile* profile_of(const TargetHead& target);
/// By the zone's name; null when none of the program's fits.
const Profile* profile_of(const Zone& zone);
const Profile* profile_of(const Target& target);
/// The profile that it extends, or null.
const Profile* base_of(const Profile& profile);
/// What is spoken at a port: by `port_apps`, else `app`.
App app_at(const Profile& profile, std::uint16_t port);

/// It knows what is spoken, and not only whose cloud it is: behind the name of a cloud's endpoint is any service.
bool is_of_a_service(const Profile& profile);

/// The program's most specific profile whose patterns fit; null when none does. Of profiles that fit alike
/// the first, so that a provider's own comes before those that extend it.
const Profile* profile_for_host(std::string_view host);

}  // namespace whylink::config
