// The socket's error queue: which ICMP error ended a connection attempt or a query, and who sent it.
#pragma once

#include <optional>

#include "probes/observation.hpp"

namespace whylink::probes {

/// Switches IP_RECVERR or IPV6_RECVERR; false with errno set when the kernel refuses.
bool set_receive_errors(int fd, bool v6, bool on);

/// Takes the newest queued ICMP error; nothing when the queue holds none. Never blocks.
std::optional<IcmpError> take_icmp_error(int fd);

}  // namespace whylink::probes
