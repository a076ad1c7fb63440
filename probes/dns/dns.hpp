// The DNS probe: one name, one resolver, a query for each type, in parallel.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "config/address.hpp"
#include "probes/dns/way.hpp"
#include "probes/observation.hpp"
#include "probes/packets/tap.hpp"

namespace whylink::probes {

struct DnsProbe {
    std::string name;  ///< absolute, with or without the trailing dot; no search list is applied
    NameRole role = NameRole::host;
    IpAddress resolver;
    std::uint16_t resolver_port = 53;
    std::uint32_t resolver_scope =
        0;  ///< interface index of a link-local resolver (ipv6(7) sin6_scope_id), else 0
    bool from_system = false;
    std::vector<RecordType> types{RecordType::a, RecordType::aaaa};
    std::chrono::milliseconds timeout{5000};
    /// A query is sent again after each of these, and without EDNS as well, because a device on the path may drop
    /// queries with EDNS: most programs ask without it.
    std::chrono::milliseconds retransmit{1000};
    DnsWay way = {};
    /// Both or none: the packets of each query are followed, and handed over here when the probe ends. Both
    /// must outlive it.
    Tap* tap = nullptr;
    std::vector<FollowedFlow>* flows = nullptr;
};

/// Of who is asked for what; no query has been made.
DnsFacts facts_before(const DnsProbe& probe);

/// Asks on the calling coroutine's executor, within `timeout`, TCP included. Never throws for what the
/// network or this host does: a fault of this host is `Observation::local` when no query got a reply, and that
/// query's `error` beside one that did. A packet filter of this host that drops the query is the query's
/// `error` EPERM. The first good reply to any transmission counts; before it, malformed ones and replies to
/// other questions are only recorded. When cancelled it gives what was seen until then.
/// Of a query that is answered without EDNS only, `took` counts from when it was sent so.
/// `DnsFacts::hosts_file`, `no_nameserver` and `options` are left to the caller.
asio::awaitable<Observation> probe_dns(DnsProbe probe);

}  // namespace whylink::probes
