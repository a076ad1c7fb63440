// Whether this host's programs are sent to a target over a proxy, by the variables that they start with.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "checks/judge.hpp"
#include "config/config.hpp"
#include "probes/round.hpp"

namespace whylink::checks {

/// The setting by which programs are sent over a proxy.
struct ProxyUse {
    std::string proxy;     ///< "http://10.0.0.5:3128", as it is set
    std::string variable;  ///< "HTTPS_PROXY"
    std::string from;      ///< "environment", "/etc/environment"
};

/// Of an endpoint that programs speak HTTP to, with TLS (CONNECT, RFC 9110 section 9.3.6) or without; none where no proxy
/// is set, or NO_PROXY excepts it. What a login gets (environment, /etc/environment, /etc/profile.d) and what a service
/// of systemd gets are looked at apart, because a program gets one of them.
std::optional<ProxyUse> proxy_for(const config::Endpoint& endpoint,
                                  std::span<const probes::ProxySetting> settings);
/// The same, of what the round knows of this host.
std::optional<ProxyUse> proxy_for(const config::Endpoint& endpoint, const Assessment& round);

/// Of such an endpoint too: a script (PAC) that chooses the proxy, which only programs that know scripts run. None where
/// proxy_for() gives one.
std::optional<ProxyUse> proxy_script_for(const config::Endpoint& endpoint, const Assessment& round);

/// "http://10.0.0.5:3128 (HTTPS_PROXY in /etc/environment)"
std::string proxy_text(const ProxyUse& use);

/// Whether an entry of the list excepts the host, as most programs read it: names with what ends in them, addresses and
/// CIDR blocks for hosts given as addresses, ports, and "*". Where programs differ (a leading dot), it excepts. `host` is
/// canonical; lists are separated by commas or spaces.
/// curl(1) --noproxy; golang.org/x/net/http/httpproxy, Config.NoProxy.
bool is_excepted(std::string_view no_proxy, std::string_view host, std::uint16_t port);

}  // namespace whylink::checks
