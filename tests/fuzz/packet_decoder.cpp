// Decodes arbitrary bytes as a captured frame. The first byte chooses the link type, the two next how much
// more (or less, as a signed number) was on the wire than follows.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <span>
#include <variant>
#include <vector>

#include "probes/packets/duplicates.hpp"
#include "probes/packets/packet.hpp"

using namespace whylink::probes;

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

constexpr LinkType links[] = {
    LinkType::null,      LinkType::ethernet,  LinkType::raw_ip,         LinkType::loop,
    LinkType::cooked_v1, LinkType::cooked_v2, static_cast<LinkType>(9),
};

void check_payload(std::span<const std::uint8_t> payload, std::uint32_t payload_size, const Packet& packet,
                   const Frame& frame) {
    require(payload.size() <= payload_size && payload_size <= packet.ip_size);
    if (!payload.empty()) {
        const std::less_equal<const std::uint8_t*> not_behind;
        require(not_behind(frame.bytes.data() + packet.transport_offset, payload.data()));
        require(not_behind(payload.data() + payload.size(), frame.bytes.data() + frame.bytes.size()));
    }
}

void check(const Packet& packet, const Frame& frame) {
    require(packet.ip_offset < packet.transport_offset && packet.transport_offset <= frame.bytes.size());
    require(packet.ip_size <= frame.wire_length - packet.ip_offset);
    require(packet.transport_offset - packet.ip_offset <= packet.ip_size);
    require(packet.is_fragment || packet.fragment_offset == 0);
    require(packet.source.is_v4() == packet.destination.is_v4());
    if (const auto* segment = std::get_if<TcpSegment>(&packet.transport)) {
        check_payload(segment->payload, segment->payload_size, packet, frame);
    } else if (const auto* datagram = std::get_if<UdpDatagram>(&packet.transport)) {
        check_payload(datagram->payload, datagram->payload_size, packet, frame);
    } else if (const auto* message = std::get_if<IcmpMessage>(&packet.transport)) {
        // Of a tunnel's packet it is the one inside, which may be of the other family.
        require(!message->quoted || message->quoted->tunnel_size > 0 ||
                message->quoted->source.is_v4() == packet.source.is_v4());
    }
}

/// What is kept of a frame says the same as the whole.
void check_headers(LinkType link, const Frame& frame, const std::optional<Packet>& packet) {
    const std::size_t size = header_size(link, frame);
    require(size <= frame.bytes.size() && (!packet || size >= packet->transport_offset));
    const std::vector<std::uint8_t> bytes(frame.bytes.begin(),
                                          frame.bytes.begin() + static_cast<std::ptrdiff_t>(size));
    const Frame kept{.time = frame.time, .wire_length = frame.wire_length, .bytes = bytes};
    const auto again = decode(link, kept);
    require(header_size(link, kept) == size);
    require(again.has_value() == packet.has_value());
    require(!packet || (again->transport.index() == packet->transport.index() &&
                        again->ip_size == packet->ip_size && again->protocol == packet->protocol));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) {
        return 0;
    }
    // A copy of exactly this size, so that the sanitizer sees a byte read behind it.
    const std::vector<std::uint8_t> bytes(data + 3, data + size);
    const LinkType link = links[data[0] % std::size(links)];
    const int more = static_cast<std::int16_t>(data[1] << 8 | data[2]);
    const int on_wire = static_cast<int>(bytes.size()) + more;
    const Frame frame{.time = std::chrono::hours(1),
                      .wire_length = on_wire > 0 ? static_cast<std::uint32_t>(on_wire) : 0U,
                      .bytes = bytes};
    const auto packet = decode(link, frame);
    check_headers(link, frame, packet);
    if (packet) {
        check(*packet, frame);
        Duplicates duplicates;
        require(!duplicates.seen_before(*packet, frame));
        require(!duplicates.seen_before(*packet, frame));
        Packet copy = *packet;
        ++copy.interface;
        require(duplicates.seen_before(copy, frame) == (packet->interface != 0 && copy.interface != 0));
    }
    return 0;
}
