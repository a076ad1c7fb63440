// AWS: network ACLs of both subnets, which are stateless.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "checks/control/ports.hpp"
#include "checks/control/rules.hpp"

namespace whylink::control {
namespace {

/// One way through one ACL.
struct Way {
    std::string subnet;
    Toward toward = Toward::inbound;
    IpAddress peer;  ///< source of what comes in, destination of what goes out
    PortRange ports;
};

const NetworkAcl* acl_of(const Facts& facts, const std::string& subnet) {
    const auto found = std::ranges::find_if(facts.network_acls, [&](const NetworkAcl& acl) {
        return std::ranges::find(acl.subnets, subnet) != acl.subnets.end();
    });
    return found == facts.network_acls.end() ? nullptr : &*found;
}

/// Those that are about the way, in the order in which they decide.
std::vector<NetworkAclEntry> entries_about(const NetworkAcl& acl, const Way& way) {
    std::vector<NetworkAclEntry> entries;
    std::ranges::copy_if(acl.entries.items, std::back_inserter(entries), [&](const NetworkAclEntry& entry) {
        return entry.toward == way.toward && is_tcp(entry.protocol) && entry.network.contains(way.peer);
    });
    std::ranges::stable_sort(entries, {}, &NetworkAclEntry::number);
    return entries;
}

/// Null: none matches, and what no entry lets through is denied.
const NetworkAclEntry* decisive(std::span<const NetworkAclEntry> entries, std::uint16_t port) {
    const auto found = std::ranges::find_if(
        entries, [port](const NetworkAclEntry& entry) { return has_port(entry.ports, port); });
    return found == entries.end() ? nullptr : &*found;
}

/// Between two of these every port is treated alike.
std::vector<std::uint16_t> ports_that_differ(std::span<const NetworkAclEntry> entries, PortRange range) {
    std::vector<std::uint16_t> ports{range.from};
    const auto add = [&](unsigned port) {
        if (port > range.from && port <= range.to) {
            ports.push_back(static_cast<std::uint16_t>(port));
        }
    };
    for (const NetworkAclEntry& entry : entries) {
        const PortRange own = entry.ports.value_or(PortRange{});
        add(own.from);
        add(own.to + 1U);
    }
    return ports;
}

std::string traffic_text(const Way& way) {
    const std::string ports = way.ports.from == way.ports.to
                                  ? fmt::format("{}", way.ports.from)
                                  : fmt::format("{}-{}", way.ports.from, way.ports.to);
    return fmt::format("tcp/{} {} {}", ports, way.toward == Toward::inbound ? "from" : "to",
                       way.peer.to_string());
}

Ruling denied(const NetworkAcl& acl, const Way& way, const NetworkAclEntry* entry) {
    constexpr std::uint32_t closing = 32767;
    const std::string traffic = traffic_text(way);
    const bool by_none = entry == nullptr || entry->number == closing;
    const std::string reason =
        by_none ? fmt::format("no {} entry allows {}", slug(way.toward), traffic)
                : fmt::format("{} entry {} denies {}", slug(way.toward), entry->number, traffic);
    const std::string before =
        by_none ? std::string() : fmt::format(", with a number below {}", entry->number);
    return {Passage::denied, acl.id, reason,
            fmt::format("Allow {} {} in {} (network ACL of {}){}.", slug(way.toward), traffic, acl.id,
                        way.subnet, before)};
}

/// In the order in which the flow and its replies take them. Of a subnet that is not known there are none.
std::vector<Way> ways_of(const std::string& source_subnet, const std::string& destination_subnet,
                         const Flow& flow) {
    const PortRange port{flow.port, flow.port};
    std::vector<Way> ways{
        {source_subnet, Toward::outbound, flow.destination, port},
        {destination_subnet, Toward::inbound, flow.source, port},
        {destination_subnet, Toward::outbound, flow.source, ephemeral_ports},
        {source_subnet, Toward::inbound, flow.destination, ephemeral_ports},
    };
    std::erase_if(ways, [](const Way& way) { return way.subnet.empty(); });
    return ways;
}

Ruling judge(const Facts& facts, const Way& way) {
    const NetworkAcl* acl = acl_of(facts, way.subnet);
    if (acl == nullptr || !acl->entries.complete) {
        return {Passage::unknown, acl == nullptr ? std::string() : acl->id,
                fmt::format("the network ACL of {} was not read", way.subnet)};
    }
    const std::vector<NetworkAclEntry> entries = entries_about(*acl, way);
    std::size_t allowed = 0;
    const NetworkAclEntry* denying = nullptr;
    const std::vector<std::uint16_t> ports = ports_that_differ(entries, way.ports);
    for (const std::uint16_t port : ports) {
        const NetworkAclEntry* entry = decisive(entries, port);
        if (entry != nullptr && entry->allow) {
            ++allowed;
        } else if (denying == nullptr) {
            denying = entry;
        }
    }
    if (allowed == ports.size()) {
        return {Passage::allowed, acl->id, {}};
    }
    if (allowed > 0) {
        return {Passage::unknown, acl->id, fmt::format("{} allows a part of {}", acl->id, traffic_text(way))};
    }
    return denied(*acl, way, denying);
}

}  // namespace

Ruling network_acls(const Facts& facts, const std::string& source_subnet,
                    const std::string& destination_subnet, const Flow& flow) {
    Ruling unknown{Passage::unknown, {}, "the subnets of this host and of the endpoint are not both known"};
    if (source_subnet.empty()) {
        return unknown;
    }
    if (source_subnet == destination_subnet) {
        return {Passage::allowed, {}, {}};
    }
    bool all_allowed = !destination_subnet.empty();
    for (const Way& way : ways_of(source_subnet, destination_subnet, flow)) {
        Ruling ruling = judge(facts, way);
        if (ruling.passage == Passage::denied) {
            return ruling;
        }
        if (ruling.passage == Passage::unknown && all_allowed) {
            all_allowed = false;
            unknown = std::move(ruling);
        }
    }
    return all_allowed ? Ruling{Passage::allowed, {}, {}} : unknown;
}

}  // namespace whylink::control
