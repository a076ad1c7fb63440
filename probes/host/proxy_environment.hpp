// Where this host's programs are sent: the proxy variables of their environment, and proxy scripts (PAC).
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "probes/round.hpp"

namespace whylink::probes {

struct ProxySources {
    /// "NAME=VALUE", as environ(7) has them; empty: not looked at.
    std::vector<std::string> environment;
    std::filesystem::path root = "/";  ///< of the files
};

/// This process's own environment, and the real files.
ProxySources proxy_sources_of_this_host();

/// The settings of /etc/environment (pam_env(8)), of /etc/profile.d/*proxy*, of the environment, and of DefaultEnvironment=
/// in systemd's system.conf and system.conf.d (systemd-system.conf(5)), in this order: of a login's and of a service's
/// the later one wins. Last the proxy
/// scripts of NetworkManager's connections (nm-settings-keyfile(5)), which are named and not evaluated. User and password of a proxy are taken out before anything is kept. Bounded: regular files of 256 KiB, 64 files
/// and 64 settings; what cannot be read is left out. Never throws for what a file holds.
std::vector<ProxySetting> read_proxy_settings(const ProxySources& sources);

/// The settings of this host as they are now; null: there are none.
std::shared_ptr<const std::vector<ProxySetting>> proxies_of_this_host();

/// "http://proxy:3128" of "http://user:password@proxy:3128": everything between the scheme and the last '@' goes.
std::string without_credentials(std::string_view proxy);

}  // namespace whylink::probes
