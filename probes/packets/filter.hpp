// The kernel's filter: which packets of this host are copied to us at all.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "config/address.hpp"
#include "probes/packets/packet.hpp"

namespace whylink::probes {

/// What is of interest: TCP between this host and `hosts` at their `ports`, DNS with `resolvers`, and ICMP
/// errors.
struct FilterWish {
    struct Peer {
        IpAddress address;
        std::uint16_t port = 0;
        auto operator<=>(const Peer&) const = default;
    };
    struct Traffic {              ///< of a watch
        std::uint16_t port = 0;   ///< 0: any
        std::vector<Cidr> peers;  ///< empty: any
        bool operator==(const Traffic&) const = default;
    };
    std::vector<Peer> endpoints;   ///< TCP
    std::vector<Peer> resolvers;   ///< UDP and TCP
    std::vector<Traffic> watches;  ///< TCP
    /// Also each SYN that this host sends, to whatever address, each SYN-ACK that it gets, and each SYN that comes in
    /// with its destination as its source: what becomes of a connection where addresses are translated.
    bool openings = false;
    bool operator==(const FilterWish&) const = default;
};

/// More hosts than this are filtered by their ports alone; a network counts for five to twenty. What limits
/// them is not the 4,096 instructions (BPF_MAXINSNS) but the memory of a socket's options
/// (net.core.optmem_max, socket(7)): 20,480 bytes before Linux 6.8, which holds some 900 instructions without
/// many loads. With a larger program libpcap filters by itself, so that every packet of this host would be
/// copied to us.
inline constexpr std::size_t max_filtered_hosts = 200;
/// More ranges of ports than this are not told apart: all TCP (of the hosts, where these are few enough).
inline constexpr std::size_t max_filtered_ports = 50;

/// As pcap-filter(7), for a live capture on Linux. The order of the wish's entries and their repetitions make no difference. ICMP and
/// ICMPv6 errors always pass, fragments and IPv6 extension headers of the hosts too. Without any wish a
/// filter that nothing passes.
std::string filter_text(const FilterWish& wish);

/// A program for the kernel, ready to be set. Immutable.
struct CompiledFilter;  // filter_program.hpp
using CompiledFilterPtr = std::shared_ptr<const CompiledFilter>;

/// Takes up to tens of milliseconds: beside the event loop, then; any thread. The error is libpcap's text.
std::variant<CompiledFilterPtr, std::string> compile_filter(const std::string& text, LinkType link,
                                                            int snapshot_length);

}  // namespace whylink::probes
