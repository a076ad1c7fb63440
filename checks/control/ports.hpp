// Protocols and ports as rules of every provider write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "checks/control/firewall.hpp"

namespace whylink::control {

/// The ports that a system may send from (RFC 6056; AWS and Azure write the same range into their guides).
inline constexpr PortRange ephemeral_ports{1024, 65535};

/// "tcp", "6", "-1" (all), "*" or "All" (all), without case.
bool is_tcp(std::string_view protocol);

constexpr bool has_port(PortRange range, std::uint16_t port) {
    return range.from <= port && port <= range.to;
}
constexpr bool has_port(const std::optional<PortRange>& range, std::uint16_t port) {
    return !range || has_port(*range, port);
}

}  // namespace whylink::control
