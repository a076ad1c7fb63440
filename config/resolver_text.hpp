// The texts for resolvers (Resolver::parse()) and for addresses with a port, as the config and the command line
// take them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/config.hpp"

namespace whylink::config {

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
