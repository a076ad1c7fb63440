// One frame of each kind that the decoder knows.
#pragma once

#include <string>
#include <vector>

#include "packet_bytes.hpp"

namespace whylink::probes::testing {

struct SampleFrame {
    std::string name;
    LinkType link;
    Bytes bytes;
};

inline std::vector<SampleFrame> sample_frames() {
    const Tcp syn{.flags = flag_syn, .options = syn_options()};
    const Tcp data{.acknowledgment = 9, .flags = flag_psh | flag_ack, .options = nop(2) + timestamps()};
    const Bytes quoted_v4 = v4({.options = nop(4)}, tcp(syn));
    const Bytes quoted_v6 = v6({.next = 0}, extension(43) + extension(6) + tcp(syn));
    return {
        {"syn", LinkType::ethernet, ethernet(type_v4) + v4({}, tcp(syn))},
        {"padded_ack", LinkType::ethernet, ethernet(type_v4) + v4({}, tcp({})) + zeros(6)},
        {"padded_rst_v6", LinkType::ethernet,
         ethernet(type_v6) + v6({}, tcp({.flags = flag_rst})) + zeros(6)},
        {"ip_options", LinkType::raw_ip, v4({.options = nop(12)}, tcp(data, text("hello")))},
        {"sack", LinkType::raw_ip, v6({}, tcp({.options = nop(2) + sack(5, 6)}))},
        {"vlan", LinkType::ethernet, ethernet(0x8100) + tag(100, type_v4) + v4({}, tcp(data, text("hello")))},
        {"two_vlans", LinkType::ethernet,
         ethernet(0x88a8) + tag(200, 0x8100) + tag(100, type_v6) + v6({}, tcp(data, text("hello")))},
        {"cooked_v1", LinkType::cooked_v1, cooked_v1(4, type_v4) + v4({}, tcp(data, text("hello")))},
        {"cooked_v1_vlan", LinkType::cooked_v1,
         cooked_v1(0, 0x8100) + tag(5, type_v6) + v6({}, tcp(data, text("hello")))},
        {"cooked_v2", LinkType::cooked_v2, cooked_v2(0, 3, type_v4) + v4({}, tcp(data, text("hello")))},
        {"cooked_v2_vlan", LinkType::cooked_v2, cooked_v2(4, 3, 0x8100) + tag(6, type_v6) + v6({}, tcp(syn))},
        {"null", LinkType::null, u8(2) + zeros(3) + v4({}, tcp(data, text("hello")))},
        {"null_v6", LinkType::null, u32(30) + v6({}, tcp(data, text("hello")))},
        {"loop", LinkType::loop, u32(24) + v6({}, tcp(data, text("hello")))},
        {"dns", LinkType::raw_ip, v4({.protocol = 17}, udp(53, 33000, text("not a message")))},
        {"dns_v6", LinkType::raw_ip, v6({.next = 17}, udp(33000, 53, text("not a message")))},
        {"extensions", LinkType::raw_ip,
         v6({.next = 0}, extension(60) + extension(43) + extension(51) + authentication_extension(60) +
                             extension(6, 2) + tcp(data, text("hello")))},
        {"first_fragment", LinkType::raw_ip, v4({.fragment = 0x2000}, tcp(data, zeros(32)))},
        {"later_fragment", LinkType::raw_ip, v4({.fragment = 0x2000 | 8}, zeros(64))},
        {"first_fragment_v6", LinkType::raw_ip,
         v6({.next = 44}, fragment_extension(6, 1) + tcp(data, zeros(32)))},
        {"last_fragment_v6", LinkType::raw_ip, v6({.next = 44}, fragment_extension(6, 64) + zeros(64))},
        {"big_v4", LinkType::raw_ip, v4({.total_length = 0}, tcp(data, zeros(30)))},
        {"fragmentation_needed", LinkType::raw_ip, v4({.protocol = 1}, icmp(3, 4, 1400, quoted_v4))},
        {"port_unreachable", LinkType::raw_ip,
         v4({.protocol = 1}, icmp(3, 3, 0, v4({.protocol = 17}, udp(33000, 53, text("query")))))},
        {"echo", LinkType::raw_ip, v4({.protocol = 1}, icmp(8, 0, 0, zeros(16)))},
        {"packet_too_big", LinkType::raw_ip, v6({.next = 58}, icmp(2, 0, 1280, quoted_v6))},
        {"prohibited_v6", LinkType::raw_ip, v6({.next = 58}, icmp(1, 1, 0, v6({}, tcp(syn))))},
        {"neighbour", LinkType::raw_ip, v6({.next = 58}, icmp(135, 0, 0, zeros(16)))},
        {"sctp", LinkType::raw_ip, v4({.protocol = 132}, zeros(20))},
        {"arp", LinkType::ethernet, ethernet(0x0806) + zeros(46)},
    };
}

}  // namespace whylink::probes::testing
