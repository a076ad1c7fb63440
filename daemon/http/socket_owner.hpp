// Whose process listens at an address of this host.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "config/address.hpp"

namespace whylink::daemon::http {

/// The user whose process opened the socket that listens there; of several that could answer one that is not in
/// `trusted`, if there is one. Nothing for an address that is not loopback, and where the kernel does not say.
std::optional<uid_t> listener_owner(const IpAddress& address, std::uint16_t port,
                                    std::initializer_list<uid_t> trusted);

/// The same of the text of /proc/net/tcp and /proc/net/tcp6 (proc(5)).
std::optional<uid_t> listener_owner_in(std::string_view tcp, std::string_view tcp6, const IpAddress& address,
                                       std::uint16_t port, std::initializer_list<uid_t> trusted);

}  // namespace whylink::daemon::http
