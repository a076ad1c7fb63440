// A target that stands in no config: what `diagnose` and `zone` were given on the command line, read by the
// same table of keys.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "config/config.hpp"

namespace whylink::config {

/// What is wrong, one line each: what, and what is allowed.
using TargetErrors = std::vector<std::string>;

struct EndpointOptions {
    std::string target{};  ///< "HOST:PORT", "HOST" where the profile has a port, "[ADDRESS]:PORT"
    /// Empty: the one whose patterns fit the host, if any; "none": none at all.
    std::string profile{};
    std::vector<std::string> expect{};     ///< addresses or CIDR blocks
    std::vector<std::string> resolvers{};  ///< empty: "system"
    std::string server_name{};
    std::string ca_file{};      ///< relative to the working directory
    std::optional<bool> tls{};  ///< empty: as the profile asks, else tried
    std::string app{};          ///< empty: the profile's, else none
    std::string proxy_protocol{};
    std::string timeout{};  ///< a duration
    std::string hold{};     ///< the same; empty: no connection is kept idle
    /// The user's, whose names `profile` may hold too.
    std::vector<OwnProfile> own_profiles{};
    /// The names that the host's CNAME chain leads to, where they were asked for before: a profile is picked by them, too.
    std::vector<std::string> chain{};
};

/// `private` is judged only with a profile or `expect`, or where the CNAME chain says so (ByName). Without `tls` and a
/// profile that asks for it, the mode is TlsMode::attempt. The endpoint's name is the target. A profile that was picked by
/// its patterns and knows no service, only its cloud, does not ask for TLS.
std::variant<Endpoint, TargetErrors> endpoint_for(const EndpointOptions& options);

struct ZoneOptions {
    std::string zone{};
    std::vector<std::string> expect{};
    std::vector<std::string> resolvers{};
    std::vector<std::string> known_labels{};
    std::optional<unsigned> random_labels{};
    std::string timeout{};
};

/// `private` is judged as in a config: a zone of this kind exists only to be private.
std::variant<Zone, TargetErrors> zone_for(const ZoneOptions& options);

}  // namespace whylink::config
