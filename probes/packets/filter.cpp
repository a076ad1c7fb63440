#include "probes/packets/filter.hpp"

#include <linux/bpf_common.h>
#include <pcap/pcap.h>

#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "probes/packets/filter_program.hpp"

namespace whylink::probes {
namespace {

/// As a Cidr, with an order.
struct Block {
    IpAddress base;
    unsigned length = 0;
    auto operator<=>(const Block&) const = default;
};
using Hosts = std::set<Block>;          // none: any
using Ports = std::set<std::uint16_t>;  // 0 among them: any
using PortRanges = std::vector<std::pair<std::uint16_t, std::uint16_t>>;

/// TCP alone, or UDP beside it, as DNS needs it.
enum class Transport { tcp, tcp_and_udp };

/// Each of them repeats the tests of its ports.
constexpr std::size_t max_groups = 4;

using PortsByHosts = std::map<std::pair<Transport, Hosts>, Ports>;

/// Hosts that have the same ports, so that these are tested once for all of them.
struct Group {
    Transport transport = Transport::tcp;
    Hosts hosts;
    PortRanges ports;  ///< none: any
};

Block single(const IpAddress& address) {
    // ::ffff:0:0/96 is a way to write an IPv4 address, and on the wire IPv4; 64:ff9b::/96 is not.
    const auto inside = address.embedded_v4();
    const IpAddress on_wire =
        inside && address.bytes()[0] == 0 && address.bytes()[1] == 0 ? *inside : address;
    return {on_wire, on_wire.is_v4() ? 32U : 128U};
}

bool is_host(const Block& block) {
    return block.length == (block.base.is_v4() ? 32U : 128U);
}

PortsByHosts collect(const FilterWish& wish) {
    PortsByHosts all;
    for (const auto& endpoint : wish.endpoints) {
        all[{Transport::tcp, {single(endpoint.address)}}].insert(endpoint.port);
    }
    for (const auto& resolver : wish.resolvers) {
        all[{Transport::tcp_and_udp, {single(resolver.address)}}].insert(resolver.port);
    }
    for (const auto& watch : wish.watches) {
        Hosts peers;
        for (const Cidr& peer : watch.peers) {
            peers.insert({peer.base(), peer.length()});
        }
        all[{Transport::tcp, std::move(peers)}].insert(watch.port);
    }
    return all;
}

/// How much of the kernel's memory its test takes, as multiples of a host's: as measured. The prefix of a
/// network is loaded again for each, in words of four bytes.
std::size_t weight_of(const Block& block) {
    return is_host(block) ? 1 : 5 * ((std::size_t{block.length} + 31) / 32);
}

std::size_t weigh_hosts(const PortsByHosts& all) {
    std::size_t weight = 0;
    for (const auto& [key, ports] : all) {
        for (const Block& block : key.second) {
            weight += weight_of(block);
        }
    }
    return weight;
}

PortsByHosts of_any_host(const PortsByHosts& all) {
    PortsByHosts wider;
    for (const auto& [key, ports] : all) {
        wider[{key.first, {}}].insert(ports.begin(), ports.end());
    }
    return wider;
}

/// Each host with the ports of all.
PortsByHosts multiplied(const PortsByHosts& all) {
    std::map<std::pair<Transport, bool>, std::pair<Hosts, Ports>> products;
    for (const auto& [key, ports] : all) {
        auto& product = products[{key.first, key.second.empty()}];
        product.first.insert(key.second.begin(), key.second.end());
        product.second.insert(ports.begin(), ports.end());
    }
    PortsByHosts wider;
    for (auto& [key, product] : products) {
        wider.emplace(std::pair(key.first, std::move(product.first)), std::move(product.second));
    }
    return wider;
}

PortsByHosts at_any_port(PortsByHosts all) {
    for (auto& [key, ports] : all) {
        ports = {0};
    }
    return all;
}

PortRanges ranges_of(const Ports& ports) {
    PortRanges ranges;
    if (ports.contains(0)) {
        return ranges;
    }
    for (const std::uint16_t port : ports) {
        if (ranges.empty() || ranges.back().second + 1 != port) {
            ranges.emplace_back(port, port);
        } else {
            ranges.back().second = port;
        }
    }
    return ranges;
}

std::vector<Group> group(const PortsByHosts& all) {
    // Any host and chosen ones stay apart: their union would be the chosen ones.
    std::map<std::tuple<Transport, bool, PortRanges>, Hosts> by_ports;
    for (const auto& [key, ports] : all) {
        const auto& [transport, hosts] = key;
        by_ports[{transport, hosts.empty(), ranges_of(ports)}].insert(hosts.begin(), hosts.end());
    }
    std::vector<Group> groups;
    groups.reserve(by_ports.size());
    for (const auto& [key, hosts] : by_ports) {
        groups.push_back({std::get<0>(key), hosts, std::get<2>(key)});
    }
    return groups;
}

std::size_t count_ranges(const std::vector<Group>& groups) {
    std::size_t ranges = 0;
    for (const Group& each : groups) {
        ranges += each.ports.size();
    }
    return ranges;
}

/// Wider than the wish where it is large, but never narrower.
std::vector<Group> bounded_groups(const FilterWish& wish) {
    PortsByHosts all = collect(wish);
    if (weigh_hosts(all) > max_filtered_hosts) {
        all = of_any_host(all);
    }
    std::vector<Group> groups = group(all);
    if (groups.size() > max_groups) {
        all = multiplied(all);
        groups = group(all);
    }
    return count_ranges(groups) > max_filtered_ports ? group(multiplied(at_any_port(all))) : groups;
}

void append_alternative(std::string& alternatives, std::string_view alternative) {
    if (!alternatives.empty()) {
        alternatives += " or ";
    }
    alternatives += alternative;
}

void append_ports(std::string& text, const std::string& transport, const PortRanges& ranges) {
    for (const auto& [first, last] : ranges) {
        const std::string begin = std::to_string(first);
        append_alternative(text, first == last
                                     ? transport + " port " + begin
                                     : transport + " portrange " + begin + "-" + std::to_string(last));
    }
    if (ranges.empty()) {
        append_alternative(text, transport);
    }
}

/// Packets in which libpcap's "port" finds none: fragments but the first, and IPv6 with extension headers
/// (RFC 8200: hop-by-hop, routing, fragment, authentication, destination options).
std::string_view without_ports(bool v4, Transport transport) {
    if (!v4) {
        return "ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 44 or ip6[6] = 51 or ip6[6] = 60";
    }
    return transport == Transport::tcp ? "(ip[9] = 6 and ip[6:2] & 0x1fff != 0)"
                                       : "((ip[9] = 6 or ip[9] = 17) and ip[6:2] & 0x1fff != 0)";
}

/// The last four bytes of an IPv6 address say enough: all four words would be loaded again for each host.
std::string last_word(const IpAddress& address) {
    std::string text = "0x";
    for (const std::uint8_t byte : address.bytes().last(4)) {
        constexpr std::string_view digits = "0123456789abcdef";
        text += {digits[byte >> 4U], digits[byte & 0xfU]};
    }
    return text;
}

std::string block_text(const Block& block) {
    std::string family = block.base.is_v4() ? "ip" : "ip6";
    if (block.length == 0) {
        return family;
    }
    if (!is_host(block)) {
        return family + " net " + Cidr(block.base, block.length).to_string();
    }
    if (block.base.is_v4()) {
        return family + " host " + block.base.to_string();
    }
    const std::string word = last_word(block.base);
    return "ip6[20:4] = " + word + " or ip6[36:4] = " + word;  // source, destination
}

std::string hosts_text(const Hosts& hosts, bool v4) {
    std::string text;
    for (const Block& block : hosts) {
        if (block.base.is_v4() == v4) {
            append_alternative(text, block_text(block));
        }
    }
    return text;
}

/// The ports stand in front: foreign traffic fails them at once, whatever the number of hosts.
void append_group(std::string& text, const Group& group, bool v4) {
    const std::string hosts = hosts_text(group.hosts, v4);
    if (hosts.empty() && !group.hosts.empty()) {
        return;
    }
    std::string ports;
    append_ports(ports, "tcp", group.ports);
    if (group.transport == Transport::tcp_and_udp) {
        append_ports(ports, "udp", group.ports);
    }
    append_alternative(ports, without_ports(v4, group.transport));
    const std::string of_hosts = hosts.empty() ? "" : " and (" + hosts + ")";
    append_alternative(text, std::string(v4 ? "(ip" : "(ip6") + " and (" + ports + ")" + of_hosts + ")");
}

/// Of the loopback interface, whose index is 1 in each network namespace, libpcap hands on the incoming copy alone. Of
/// IPv6 addresses the last four bytes say enough.
constexpr std::string_view openings =
    "(ip and ((tcp[13] & 18 = 2 and (outbound or ifindex 1 or ip[12:4] = ip[16:4])) or "
    "(tcp[13] & 18 = 18 and inbound))) or "
    "(ip6 and ip6[6] = 6 and ((ip6[53] & 18 = 2 and (outbound or ifindex 1 or ip6[20:4] = ip6[36:4])) or "
    "(ip6[53] & 18 = 18 and inbound)))";

}  // namespace

std::string filter_text(const FilterWish& wish) {
    std::string text;
    for (const Group& each : bounded_groups(wish)) {
        append_group(text, each, true);
        append_group(text, each, false);
    }
    if (text.empty()) {
        // Shorter than a byte. libpcap refuses what it sees to be always false.
        return "less 0";
    }
    if (wish.openings) {
        append_alternative(text, openings);
    }
    append_alternative(text, "(icmp[0] >= 3 and icmp[0] <= 5) or icmp[0] = 11 or icmp[0] = 12");
    append_alternative(text, "icmp6[0] < 128");
    return text;
}

std::variant<CompiledFilterPtr, std::string> compile_filter(const std::string& text, LinkType link,
                                                            int snapshot_length) {
    const std::unique_ptr<pcap_t, void (*)(pcap_t*)> pcap(
        pcap_open_dead(static_cast<int>(link), snapshot_length), pcap_close);
    if (!pcap) {
        return std::string("out of memory");
    }
    bpf_program program{};
    if (pcap_compile(pcap.get(), &program, text.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
        return std::string(pcap_geterr(pcap.get()));
    }
    auto filter = std::make_shared<const CompiledFilter>(program);
    if (filter->program.bf_len > BPF_MAXINSNS) {
        return "the filter has " + std::to_string(filter->program.bf_len) +
               " instructions, and the kernel takes " + std::to_string(BPF_MAXINSNS);
    }
    return filter;
}

}  // namespace whylink::probes
