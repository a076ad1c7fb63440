// What `GET /probe` may connect to. Whoever reaches the port chooses the target, so without this the daemon would be a
// way into its network.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "config/config.hpp"

namespace whylink::daemon {

class ProbeAccess {
  public:
    ProbeAccess() = default;
    ProbeAccess(std::vector<Cidr> allow, std::vector<config::TargetPtr> targets);

    /// Of the config, whose rounds connect there in any case; null for others. `host` is a name or an address.
    const config::Endpoint* configured(std::string_view host, std::uint16_t port) const;

    /// Whether [probe] allow has the address. A special one (loopback, link-local, a metadata service) needs an entry
    /// that holds such addresses only: nobody means those by "fd00::/8" or "0.0.0.0/0". An IPv4 address inside an IPv6
    /// one is not let through by an entry that has all of IPv6 around it.
    bool allows(const IpAddress& address) const;
    /// False: no address is, so that no name need be asked for.
    bool allows_any() const { return !allow_.empty(); }

  private:
    std::vector<Cidr> allow_;
    std::vector<config::TargetPtr> targets_;
};

}  // namespace whylink::daemon
