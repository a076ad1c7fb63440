#include "probes/host/route_facts.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

#include "probes/host/neighbour.hpp"
#include "probes/host/network_link.hpp"
#include "probes/host/proc_file.hpp"
#include "probes/host/route.hpp"
#include "probes/host/text_parts.hpp"
#include "probes/tcp/socket_address.hpp"

namespace whylink::probes {
namespace {

void add_link(RouteFacts& facts, int device) {
    const auto link = network_link(device);
    if (!link) {
        return;
    }
    facts.interface = link->name;
    facts.link_kind = link->kind;
    facts.link_up = link->up;
    facts.internal_bridge = link->kind == "bridge" && is_internal_bridge(device);
    facts.next_hop = link->without_neighbours ? NextHop::known : NextHop::unknown;
}

void add_neighbour(RouteFacts& facts, const IpAddress& address, int device) {
    if (facts.local || facts.next_hop == NextHop::known) {
        return;
    }
    const Neighbour entry = neighbour(address, device);
    facts.next_hop = entry.state;
    facts.neighbour = entry.link_address;
}

/// The larger value of "all" and of the interface counts (Documentation/networking/ip-sysctl.rst).
bool filters_strictly(const std::string& interface) {
    const auto value = [](const std::string& name) {
        const std::string path = "/proc/sys/net/ipv4/conf/" + name + "/rp_filter";
        const std::string text = read_proc_file(path.c_str());
        const auto words = split(text, " \t\n");
        return words.empty() ? std::uint64_t{0} : number_of(words.front()).value_or(0);
    };
    return std::max(value("all"), value(interface)) == 1;
}

/// Answers come in where their address is, and the kernel then looks for the way back without the connection's mark and
/// interface (fib_validate_source()). IPv6 has no such filter of its own.
void add_way_back(RouteFacts& facts, const IpAddress& address, const IpAddress& local) {
    if (facts.local || !address.is_v4()) {
        return;
    }
    SocketOptions plain;
    plain.source_address = local;
    const auto back = route_to(address, plain);
    const auto link = back ? network_link(back->device) : std::nullopt;
    const bool elsewhere = !facts.source_interface.empty() && facts.source_interface != "lo";
    const std::string& arrives = elsewhere ? facts.source_interface : facts.interface;
    if (!link || link->name == arrives) {
        return;
    }
    facts.back_interface = link->name;
    if (filters_strictly(arrives)) {
        facts.strict_interface = arrives;
    }
}

}  // namespace

std::optional<RouteFacts> route_facts(const IpAddress& destination, const SocketOptions& options,
                                      const std::optional<IpAddress>& local) {
    const IpAddress on_wire = on_the_wire(destination);
    const auto route = route_to(on_wire, options);
    if (!route) {
        return std::nullopt;
    }
    RouteFacts facts;
    facts.local = route->to_ourselves;
    facts.gateway = route->gateway;
    facts.source = route->source;
    if (const auto matched = matched_route(on_wire, options)) {
        facts.matched = matched->prefix;
        facts.table = matched->table;
    }
    add_link(facts, route->device);
    add_neighbour(facts, route->gateway.value_or(on_wire), route->device);
    if (local) {
        facts.source_interface = interface_with(on_the_wire(*local), facts.interface);
        add_way_back(facts, on_wire, on_the_wire(*local));
    }
    return facts;
}

}  // namespace whylink::probes
