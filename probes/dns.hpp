// The DNS probe: one name, one resolver, a query for each type, in parallel.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "config/address.hpp"
#include "probes/observation.hpp"

namespace whylink::probes {

struct DnsProbe {
    std::string name;  ///< absolute, with or without the trailing dot; no search list is applied
    NameRole role = NameRole::host;
    IpAddress resolver;
    std::uint16_t resolver_port = 53;
    bool from_system = false;
    std::vector<RecordType> types{RecordType::a, RecordType::aaaa};
    std::chrono::milliseconds timeout{5000};
    std::chrono::milliseconds retransmit{1000};  ///< a query is sent again after each of these
};

/// Asks on the calling coroutine's executor. Never throws for what the network or this VM does: a fault of this VM
/// is `Observation::local`. `DnsFacts::hosts_file` is left to the caller.
asio::awaitable<Observation> probe_dns(DnsProbe probe);

}  // namespace whylink::probes
