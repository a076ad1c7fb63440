// Both queries of a name from one socket, as the C library sends them: a device on the path, or this host's connection
// tracking, may lose one of two packets of the same flow.
#pragma once

#include <asio/awaitable.hpp>

#include "probes/dns/dns.hpp"

namespace whylink::probes {

/// A and AAAA one right after the other, without EDNS, over UDP, as getaddrinfo(3) of glibc sends them; again with new
/// queries, from another socket, as long as one of the two lacks a reply, `max_pairs` times in all, each for `retransmit`.
/// The result is that of the last pair. Nothing is sent again within a pair: the C library waits for its whole time-out.
/// Of the plan `types`, `way` and the tap do not matter. Never throws for what the network or this host does.
asio::awaitable<Observation> probe_pair(DnsProbe probe);

inline constexpr unsigned max_pairs = 2;

}  // namespace whylink::probes
