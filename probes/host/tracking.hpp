// How full the connection-tracking table of this host is (nf_conntrack). While it is full the kernel drops the first
// packet of each new connection, on its way out too, and nothing but its log says so.
#pragma once

#include <optional>
#include <string_view>

#include "probes/observation.hpp"

namespace whylink::probes {

/// Of this network namespace; absent where nothing is tracked, or the kernel does not show it. Needs no privilege.
std::optional<TrackingFacts> read_tracking();

/// The same from the content of nf_conntrack_count and nf_conntrack_max (/proc/sys/net/netfilter) and of
/// /proc/net/stat/nf_conntrack: a line of names, then one of hexadecimal counters for each CPU.
std::optional<TrackingFacts> parse_tracking(std::string_view count, std::string_view max,
                                            std::string_view statistics);

}  // namespace whylink::probes
