// What this host is: its addresses, default routes, DNS settings, firewall rules, kernel and boot. Read from the kernel
// and from files; nothing is sent. Takes about a millisecond, so never on the event loop.
#pragma once

#include <chrono>
#include <filesystem>
#include <string_view>

#include "daemon/history/firewall_hash.hpp"
#include "daemon/history/traits.hpp"

namespace whylink::daemon {

/// What cannot be read is not there: it was not observed.
Traits traits_of_host(FirewallHash& firewall, const std::filesystem::path& root = "/");

/// The parts of /etc/resolv.conf: the name servers, and everything else that decides how names are looked up.
void add_resolv_conf(std::string_view text, Traits& traits);
/// The default routes of /proc/self/net/route: "10.0.0.1 eth0".
void add_default_routes(std::string_view proc_net_route, Traits& traits);

/// Between two looks at the clocks: by how much the time of day was stepped; zero while it was only slewed.
class ClockWatch {
  public:
    /// Both of the same moment; `boot` is CLOCK_BOOTTIME, which nobody sets.
    std::chrono::seconds step(std::chrono::nanoseconds wall, std::chrono::nanoseconds boot);
    /// By the clocks of this host.
    std::chrono::seconds step();

  private:
    std::optional<std::chrono::nanoseconds> offset_;
};

}  // namespace whylink::daemon
