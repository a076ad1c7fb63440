// Which accounts know something about a target. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "config/account.hpp"
#include "config/cloud.hpp"
#include "config/config.hpp"

namespace whylink::daemon {

/// Whose service stands behind the link, by the target's profile or the one that it extends: "clickhouse", "emqx",
/// "adobe-commerce"; empty: not known.
std::string_view vendor_of(const config::Target& target);

/// The provider of the target's link: by its profile, else the cloud of this host; none where neither says.
std::optional<config::AccountProvider> provider_of(const config::Target& target,
                                                   std::optional<config::Cloud> host_cloud);

/// Whether it may have the target's link or the service behind it. Where the provider is not known, each cloud's may. A
/// watch is read of only where its `profile` or `service` says that a private link brings its traffic.
bool fits(const config::Account& account, const config::Target& target,
          std::optional<config::Cloud> host_cloud);

}  // namespace whylink::daemon
