#include "probes/packets/duplicates.hpp"

#include <algorithm>
#include <functional>
#include <string_view>

#include "probes/packets/read_bytes.hpp"

namespace whylink::probes {
namespace {

/// All headers of ordinary segments, and of a datagram the beginning of what it says. Far less than a
/// snapshot, so that the copies' link headers of different sizes make no difference.
constexpr std::size_t compared = 96;

/// The beginning of the IP packet, with its size behind it.
struct Sample {
    std::array<std::uint8_t, compared + sizeof(std::uint32_t)> bytes{};

    void blank(std::size_t at, std::size_t size) {
        for (; size > 0 && at < compared; ++at, --size) {
            bytes[at] = 0;
        }
    }
};

void blank_what_changes(Sample& sample, const Packet& packet) {
    if (packet.source.is_v4()) {
        sample.blank(1, 1);   // type of service
        sample.blank(8, 1);   // TTL
        sample.blank(10, 2);  // header checksum
    } else {
        sample.blank(0, 4);  // traffic class and flow label
        sample.blank(7, 1);  // hop limit
    }
    const std::size_t transport = packet.transport_offset - packet.ip_offset;
    if (std::holds_alternative<TcpSegment>(packet.transport)) {
        sample.blank(transport + 16, 2);
    } else if (std::holds_alternative<UdpDatagram>(packet.transport)) {
        sample.blank(transport + 6, 2);
    }
}

std::uint64_t digest_of(const Packet& packet, const Frame& frame) {
    Sample sample;
    // What pads a short frame is on one interface and not on the other.
    const std::size_t size = std::min<std::size_t>(compared, packet.ip_size);
    std::ranges::copy(at_most(frame.bytes.subspan(packet.ip_offset), size), sample.bytes.begin());
    blank_what_changes(sample, packet);
    for (std::size_t i = 0; i < sizeof(std::uint32_t); ++i) {
        sample.bytes[compared + i] = static_cast<std::uint8_t>(packet.ip_size >> (8 * i));
    }
    const std::string_view text(reinterpret_cast<const char*>(sample.bytes.data()), sample.bytes.size());
    return std::hash<std::string_view>{}(text);
}

/// Packets of several processors may come in another order than that of their times.
bool within_span(Nanoseconds one, Nanoseconds other) {
    return std::max(one, other) - std::min(one, other) <= Duplicates::span;
}

}  // namespace

/// The packet's own place, or a free one: the oldest of its set.
Duplicates::Seen& Duplicates::find(std::uint64_t digest, Nanoseconds time) {
    Set& set = seen_[digest % sets];
    auto found = std::ranges::find(set, digest, &Seen::digest);
    if (found == set.end()) {
        found = std::ranges::min_element(set, {}, &Seen::latest);
    }
    if (found->digest != digest || !within_span(found->latest, time)) {
        *found = Seen{.digest = digest, .latest = time, .layers = {}};
    }
    found->latest = std::max(found->latest, time);
    return *found;
}

/// A router on one interface takes a packet in before it sends it out there.
bool Duplicates::came_back(const Seen& seen, const Packet& packet) {
    return packet.way == Way::incoming && !packet.on_loopback &&
           std::ranges::any_of(seen.layers, [&packet](const Sights& sights) {
               return sights.count > 0 && sights.interface == packet.interface &&
                      sights.way == Way::outgoing && sights.first < packet.time;
           });
}

/// Counts the sight on its layer; true when another layer has had as many.
bool Duplicates::count(Seen& seen, const Packet& packet) {
    const auto is_its = [&packet](const Sights& sights) {
        return sights.count == 0 || (sights.interface == packet.interface && sights.way == packet.way);
    };
    const auto mine = std::ranges::find_if(seen.layers, is_its);
    if (mine == seen.layers.end()) {
        // A layer more than are counted: certainly none that sees a packet alone.
        return true;
    }
    std::uint32_t most = 0;
    for (const Sights& sights : seen.layers) {
        most = std::max(most, sights.count);
    }
    const Nanoseconds first = mine->count == 0 ? packet.time : mine->first;
    *mine = {packet.interface, packet.way, mine->count + 1, first};
    return mine->count <= most;
}

bool Duplicates::seen_before(const Packet& packet, const Frame& frame) {
    if (packet.interface == 0) {
        return false;
    }
    Seen& seen = find(digest_of(packet, frame), packet.time);
    const bool returned = came_back(seen, packet);
    return count(seen, packet) && !returned;
}

}  // namespace whylink::probes
