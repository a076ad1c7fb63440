// What this host's own name resolution is made of: /etc/resolv.conf, /etc/nsswitch.conf and /etc/hosts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/address.hpp"
#include "probes/observation.hpp"

namespace whylink::probes {

struct SystemResolver {
    IpAddress address;
    std::uint16_t port = 53;
    std::uint32_t scope = 0;  ///< interface index of a link-local address ("fe80::1%eth0"), else 0
    bool assumed = false;     ///< not in the file, which names none
};

/// The first three nameservers of resolv.conf(5), which is all that the C library uses; 127.0.0.1, assumed as
/// by it, when the file names none or cannot be read. Lines that it cannot read are passed over, as the C
/// library does; a scope whose interface does not exist is left out.
std::vector<SystemResolver> system_resolvers(const std::string& path = "/etc/resolv.conf");

/// The `options` and `search` lines of resolv.conf(5) that decide how the C library asks; its defaults where the file cannot be read.
/// Numbers are bounded as the library bounds them (resolv.h: RES_MAXRETRANS, RES_MAXRETRY, RES_MAXNDOTS). `ends_at` is left empty.
LookupOptions lookup_options(const std::string& path = "/etc/resolv.conf");

/// The services of the `hosts` line of nsswitch.conf(5); empty where the file or the line is missing.
std::string lookup_services(const std::string& path = "/etc/nsswitch.conf");

/// Where such a line ends a lookup of the name before DNS is asked, as `LookupOptions::ends_at` has it. Empty for an
/// empty line, and where a service is named that may well ask DNS itself.
std::string lookup_ends_at(std::string_view name, std::string_view services);

/// The addresses that hosts(5) gives for a name, in the file's order, each once; names are compared without
/// regard to case and trailing dot. Nothing when the file cannot be read.
std::vector<IpAddress> hosts_file_addresses(std::string_view name, const std::string& path = "/etc/hosts");

}  // namespace whylink::probes
