// The texts for resolvers and for addresses with a port, as the config and the command line take them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/config.hpp"

namespace whylink::config {

/// "system", "10.0.0.2", "10.0.0.2:5353", "fd00::2", "[fd00::2]", "[fd00::2]:53".
std::optional<Resolver> parse_resolver(std::string_view text);
/// "system", the address alone for port 53, else address and port.
std::string resolver_text(const Resolver& resolver);

/// Decimal, 0 to 65535, without sign or leading zero.
std::optional<std::uint16_t> parse_port(std::string_view text);

struct HostPort {
    std::string host;  ///< a name or an address, not checked; without brackets
    std::optional<std::uint16_t> port;
};
/// "name", "name:9440", "10.0.0.4:9440", "[fd00::4]:9440", "fd00::4". Nothing for an empty host, a port that
/// is none or 0, or brackets around what is no IPv6 address.
std::optional<HostPort> parse_host_port(std::string_view text);

}  // namespace whylink::config
