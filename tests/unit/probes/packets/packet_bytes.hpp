// Frames as bytes, layer by layer, good and broken ones, for the tests of the decoder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "probes/packets/packet.hpp"
#include "tests/unit/probes/ip.hpp"

namespace whylink::probes::testing {

using Bytes = std::basic_string<std::uint8_t>;

inline Bytes u8(unsigned value) {
    return {static_cast<std::uint8_t>(value)};
}
inline Bytes u16(unsigned value) {
    return u8(value >> 8) + u8(value);
}
inline Bytes u32(std::uint32_t value) {
    return u16(value >> 16) + u16(value & 0xffffU);
}
inline Bytes text(std::string_view characters) {
    return {characters.begin(), characters.end()};
}
inline Bytes zeros(std::size_t count) {
    return Bytes(count, 0);
}
inline Bytes address_bytes(std::string_view address) {
    const IpAddress parsed = ip(address);
    return {parsed.bytes().begin(), parsed.bytes().end()};
}

// ---- link layers ----

inline constexpr unsigned type_v4 = 0x0800;
inline constexpr unsigned type_v6 = 0x86dd;

/// Without a frame check sequence, as captures are. Behind tags `type` is theirs.
inline Bytes ethernet(unsigned type) {
    return text("\x02to-us") + text("\x02other") + u16(type);
}
/// The end of a VLAN tag: priority 3, then the type of what follows.
inline Bytes tag(unsigned vlan, unsigned type) {
    return u16(3U << 13 | vlan) + u16(type);
}
inline Bytes cooked_v1(unsigned packet_type, unsigned type) {
    return u16(packet_type) + u16(1) + u16(6) + text("other!") + u16(0) + u16(type);
}
inline Bytes cooked_v2(unsigned packet_type, std::uint32_t interface, unsigned type) {
    return u16(type) + u16(0) + u32(interface) + u16(1) + u8(packet_type) + u8(6) + text("other!") + u16(0);
}

// ---- IP ----

struct V4 {
    std::string_view source = "10.0.0.1";
    std::string_view destination = "10.0.0.2";
    unsigned protocol = 6;
    unsigned ttl = 64;
    unsigned id = 0x1234;
    unsigned fragment = 0x4000;  ///< flags and offset in units of 8 bytes; "don't fragment"
    unsigned service = 0;
    Bytes options{};
    std::optional<unsigned> total_length{};  ///< what the header says instead of the truth
};
inline Bytes v4(const V4& header, const Bytes& payload) {
    const auto size = static_cast<unsigned>(20 + header.options.size());
    const auto total = static_cast<unsigned>(size + payload.size());
    return u8(0x40 | size / 4) + u8(header.service) + u16(header.total_length.value_or(total)) +
           u16(header.id) + u16(header.fragment) + u8(header.ttl) + u8(header.protocol) + u16(0xc0de) +
           address_bytes(header.source) + address_bytes(header.destination) + header.options + payload;
}

struct V6 {
    std::string_view source = "fd00::1";
    std::string_view destination = "fd00::2";
    unsigned next = 6;
    unsigned hop_limit = 64;
    unsigned traffic_class = 0;
    std::optional<unsigned> payload_length{};
};
inline Bytes v6(const V6& header, const Bytes& payload) {
    return u32(6U << 28 | header.traffic_class << 20 | 0xf10e) +
           u16(header.payload_length.value_or(static_cast<unsigned>(payload.size()))) + u8(header.next) +
           u8(header.hop_limit) + address_bytes(header.source) + address_bytes(header.destination) + payload;
}
/// An extension header of 8 + 8 * `more` bytes: hop-by-hop, routing, destination options, mobility.
inline Bytes extension(unsigned next, unsigned more = 0) {
    return u8(next) + u8(more) + u8(1) + u8(4) + zeros(4 + std::size_t{8} * more);  // PadN
}
/// `field`: the offset in bytes, which is a multiple of 8, and 1 for "more fragments".
inline Bytes fragment_extension(unsigned next, unsigned field) {
    return u8(next) + u8(0) + u16(field) + u32(0xf1a6);
}
/// Of 24 bytes: with an integrity check value of 12.
inline Bytes authentication_extension(unsigned next) {
    return u8(next) + u8(4) + u16(0) + u32(7) + u32(1) + zeros(12);
}

// ---- transport ----

inline constexpr unsigned flag_fin = 1, flag_syn = 2, flag_rst = 4, flag_psh = 8, flag_ack = 16;

struct Tcp {
    unsigned source_port = 40000;
    unsigned destination_port = 443;
    std::uint32_t sequence = 0x01020304;
    std::uint32_t acknowledgment = 0;
    unsigned flags = flag_ack;
    unsigned window = 0x2000;
    unsigned checksum = 0xc5c5;
    Bytes options{};                        ///< of a multiple of 4 bytes
    std::optional<unsigned> data_offset{};  ///< in units of 4 bytes, instead of the truth
};
inline Bytes tcp(const Tcp& header, const Bytes& payload = {}) {
    const auto offset = static_cast<unsigned>(5 + header.options.size() / 4);
    return u16(header.source_port) + u16(header.destination_port) + u32(header.sequence) +
           u32(header.acknowledgment) + u8(header.data_offset.value_or(offset) << 4) + u8(header.flags) +
           u16(header.window) + u16(header.checksum) + u16(0) + header.options + payload;
}

inline Bytes mss(unsigned value) {
    return u8(2) + u8(4) + u16(value);
}
inline Bytes window_scale(unsigned value) {
    return u8(3) + u8(3) + u8(value);
}
inline Bytes sack_permitted() {
    return u8(4) + u8(2);
}
inline Bytes timestamps() {
    return u8(8) + u8(10) + u32(1) + u32(2);
}
inline Bytes sack(std::uint32_t left, std::uint32_t right) {
    return u8(5) + u8(10) + u32(left) + u32(right);
}
inline Bytes nop(std::size_t count = 1) {
    return Bytes(count, 1);
}
/// As Linux sends them in a SYN: 20 bytes.
inline Bytes syn_options() {
    return mss(1460) + sack_permitted() + timestamps() + nop() + window_scale(7);
}

inline Bytes udp(unsigned source_port, unsigned destination_port, const Bytes& payload,
                 std::optional<unsigned> length = {}) {
    return u16(source_port) + u16(destination_port) +
           u16(length.value_or(static_cast<unsigned>(8 + payload.size()))) + u16(0xc5c5) + payload;
}

/// ICMP and ICMPv6: `rest` is the second half of the header.
inline Bytes icmp(unsigned type, unsigned code, std::uint32_t rest, const Bytes& quoted = {}) {
    return u8(type) + u8(code) + u16(0xc5c5) + u32(rest) + quoted;
}

}  // namespace whylink::probes::testing
