// One captured packet, taken apart: link layer, IP, and the transport's header. Pure: bytes in, facts out.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <variant>

#include "config/address.hpp"
#include "probes/observation.hpp"

namespace whylink::probes {

/// How a frame begins, as libpcap's DLT_* values (pcap-linktype(7)).
enum class LinkType : int {
    null = 0,         ///< BSD loopback: the address family in the writer's byte order
    ethernet = 1,     ///< also lo on Linux
    raw_ip = 12,      ///< DLT_RAW on Linux
    loop = 108,       ///< OpenBSD loopback: the address family in network byte order
    cooked_v1 = 113,  ///< DLT_LINUX_SLL
    cooked_v2 = 276,  ///< DLT_LINUX_SLL2: with the interface's index
};

/// A frame as it was captured; the bytes are valid as long as their owner says.
struct Frame {
    Nanoseconds time{};             ///< since the epoch, UTC
    std::uint32_t wire_length = 0;  ///< what was on the wire; `bytes` may be less (the snapshot's length)
    std::span<const std::uint8_t> bytes;
};

/// What the cooked headers say of the way a packet took, at the interface where it was captured. Of packets
/// on lo libpcap gives the incoming copy alone.
enum class Way : std::uint8_t { unknown, incoming, outgoing };

struct TcpSegment {
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint32_t sequence = 0;
    std::uint32_t acknowledgment = 0;  ///< meaningful with `ack`
    bool syn = false, ack = false, fin = false, rst = false, psh = false;
    /// ECE and CWR: in a SYN they ask for ECN (RFC 3168 section 6.1.1).
    bool ece = false, cwr = false;
    std::uint16_t window = 0;                 ///< not scaled
    std::uint32_t payload_size = 0;           ///< bytes, by the lengths of the IP and TCP headers
    std::span<const std::uint8_t> payload{};  ///< as far as it was captured
    /// A SYN, captured whole, whose checksum is neither right nor left to the network card: no TCP takes it.
    bool damaged = false;
    // Options, RFC 9293 section 3.2 and RFC 7323. Zero or empty: not there.
    std::uint16_t mss = 0;
    std::optional<std::uint8_t> window_scale{};
    bool sack_permitted = false;
    bool has_timestamp = false;
    /// First block of a SACK option (RFC 2018), edges as sequence numbers.
    std::optional<std::pair<std::uint32_t, std::uint32_t>> sack{};
};

struct UdpDatagram {
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint32_t payload_size = 0;
    std::span<const std::uint8_t> payload{};
};

/// What an ICMP error quotes of the packet that it is about.
struct QuotedPacket {
    IpAddress source;
    IpAddress destination;
    /// Where IPv6 extension headers are cut off, the number of the one that is missing.
    std::uint8_t protocol = 0;
    // Zero for other protocols than TCP and UDP, or when the quotation is too short.
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::optional<std::uint32_t> sequence{};  ///< of TCP
    /// Bytes in front of it that a tunnel has put there (IP in IP, GRE, VXLAN, Geneve); 0: it was in no tunnel.
    std::uint32_t tunnel_size = 0;
};

/// Only errors quote: ICMP 3, 4, 5, 11, 12 (RFC 792), ICMPv6 below 128 (RFC 4443). Of a tunnel's packet it is the packet
/// inside that counts, as far as the quotation has it.
struct IcmpMessage {
    bool v6 = false;
    std::uint8_t type = 0;
    std::uint8_t code = 0;
    std::uint32_t mtu = 0;  ///< of "fragmentation needed" and "packet too big"; else 0
    std::optional<QuotedPacket> quoted{};
};

/// An IEEE 802 address.
using LinkAddress = std::array<std::uint8_t, 6>;

struct Packet {
    Nanoseconds time{};
    Way way = Way::unknown;
    bool on_loopback = false;                  ///< of a loopback interface, as far as the link type says it
    std::optional<LinkAddress> link_source{};  ///< who sent it on this link
    std::uint32_t interface = 0;               ///< index; 0: the link type does not say
    std::optional<std::uint16_t> vlan{};       ///< outermost tag's identifier
    IpAddress source;
    IpAddress destination;
    std::uint8_t hop_limit = 0;         ///< TTL
    std::uint16_t identification = 0;   ///< IPv4
    std::uint8_t protocol = 0;          ///< of the transport, behind all extension headers
    std::uint32_t ip_size = 0;          ///< bytes of the whole IP packet, headers included
    bool is_fragment = false;           ///< the transport is there in the first, if all of its header is
    std::uint32_t fragment_offset = 0;  ///< bytes
    std::size_t ip_offset = 0;          ///< where the IP header begins in the frame
    std::size_t transport_offset = 0;   ///< where what follows the IP headers begins in the frame
    std::variant<std::monostate, TcpSegment, UdpDatagram, IcmpMessage> transport;
};

/// Nothing for what is no IP, or cut off or malformed before the transport's fixed header. Segments that the
/// network card merged or will split (GRO, TSO) are taken as they are; a total length of 0 (IPv4, or IPv6
/// jumbo) then means: to the end of the frame on the wire. The spans point into `frame`.
std::optional<Packet> decode(LinkType link, const Frame& frame);

/// Bytes of the frame up to the end of the transport's header: what is kept where no payload may be. Of an
/// ICMP error the quoted headers belong to it, of what cannot be decoded the link header at most.
std::size_t header_size(LinkType link, const Frame& frame);

}  // namespace whylink::probes
