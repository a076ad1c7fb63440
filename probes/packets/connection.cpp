#include "probes/packets/connection.hpp"

namespace whylink::probes {
namespace {

constexpr std::size_t max_icmp = 4;
// RFC 7323 section 2.3; taken when the SYNs were not seen.
constexpr unsigned largest_window_scale = 14;
// A peer may announce an MSS of 1, and ICMP a path that takes nothing.
constexpr std::uint32_t smallest_segment = 8;
constexpr std::uint32_t unknown_size = std::numeric_limits<std::uint32_t>::max();

/// What remains of the MTU for our packet where a tunnel carries it.
std::uint32_t room_in(const IcmpMessage& message) {
    return message.mtu > message.quoted->tunnel_size ? message.mtu - message.quoted->tunnel_size
                                                     : message.mtu;
}

/// RFC 9293 section 3.7.1: what holds for a SYN without the option.
std::uint32_t mss_of(std::uint16_t announced, const IpAddress& address) {
    return announced != 0 ? announced : address.is_v4() ? 536 : 1220;
}

}  // namespace

void Connection::syn_sent(const Packet& packet, const TcpSegment& segment) {
    if (!syn_sequence) {
        // Whatever came before belonged to an earlier connection of these ports.
        *this = Connection(key);
        seen_on(packet);
        first = packet.time;
        first_syn = packet.time;
        syn_sequence = segment.sequence;
        sent.space.begin(segment.sequence + 1);
        facts.mss_sent = segment.mss;
        window_scale = segment.window_scale;
    }
    ++facts.syn;
    facts.syn_ecn += segment.ece && segment.cwr ? 1 : 0;
}

void Connection::packet_sent(const Packet& packet, const TcpSegment& segment) {
    if (segment.syn && !segment.ack) {
        if (syn_sequence && *syn_sequence != segment.sequence) {
            over = true;
            return;
        }
        syn_sent(packet, segment);
    }
    ++facts.packets_sent;
    if (segment.rst) {
        // Its numbers may be copied from what it refuses.
        ++facts.rst_sent;
        return;
    }
    if (!sent.space.known()) {
        sent.space.begin(segment.sequence + (segment.syn ? 1U : 0U));
    }
    if (segment.ack) {
        we_acknowledge(segment);
    }
    const std::int64_t begin = sent.space.position(segment.sequence + (segment.syn ? 1U : 0U));
    const std::int64_t end = begin + segment.payload_size;
    if (segment.payload_size > 0) {
        sent.send({begin, end, max_sent(), packet.time}, peer_window_closed);
    }
    if (segment.fin) {
        ++facts.fin_sent;
        sent.fin_at(end);
    }
}

void Connection::we_acknowledge(const TcpSegment& segment) {
    if (!received.space.known()) {
        received.space.begin(segment.acknowledgment);
    }
    const std::int64_t acknowledges = received.space.position(segment.acknowledgment);
    resets.we_acknowledged(acknowledges);
    open_window(segment, acknowledges);
    if (segment.syn || facts.syn + facts.syn_ack == 0) {
        return;
    }
    // Once the peer has sent more, the same number tells it what is missing.
    const bool nothing_else =
        acknowledges == 0 && segment.payload_size == 0 && !segment.fin && received.space.reached() == 0;
    if (nothing_else || (facts.handshake_ack == 0 && acknowledges >= 0)) {
        ++facts.handshake_ack;
    }
}

void Connection::open_window(const TcpSegment& segment, std::int64_t acknowledges) {
    unsigned scale = 0;
    if (!segment.syn && facts.syn + facts.syn_ack == 0) {
        scale = largest_window_scale;
    } else if (!segment.syn && window_scale && (facts.window_scale || !syn_ack_sequence)) {
        scale = std::min<unsigned>(*window_scale, largest_window_scale);
    }
    window_end = std::max(window_end, acknowledges + (std::int64_t{segment.window} << scale));
    window_known = true;
}

std::uint32_t Connection::max_sent() const {
    std::uint32_t most = announced_by_us();
    if (syn_ack_sequence) {
        most = std::min(most, mss_of(facts.mss_received, key.remote));
    }
    const std::uint32_t headers = key.remote.is_v4() ? 40 : 60;
    if (path_mtu != unknown_size) {
        most = std::min(most, std::max(path_mtu, headers) - headers);
    }
    return without_options(most);
}

std::uint32_t Connection::max_received() const {
    return without_options(announced_by_us());
}

std::uint32_t Connection::announced_by_us() const {
    return facts.syn > 0 ? mss_of(facts.mss_sent, key.local) : unknown_size;
}

std::uint32_t Connection::without_options(std::uint32_t most) const {
    const std::uint32_t options = facts.has_timestamp ? 12 : 0;
    return std::max(most, smallest_segment + options) - options;
}

/// The number must be one that we sent, as RFC 5927 section 4.1 asks: others are forged, or of an earlier
/// connection.
bool Connection::is_about_ours(const QuotedPacket& quoted) const {
    if (!quoted.sequence || !sent.space.known()) {
        return true;
    }
    const std::int64_t position = sent.space.position(*quoted.sequence);
    return position >= -1 && position <= sent.space.reached();
}

void Connection::icmp(const Packet& packet, const IcmpMessage& message) {
    const bool ours = message.quoted->source == key.local && message.quoted->source_port == key.local_port;
    if (ours && !is_about_ours(*message.quoted)) {
        return;
    }
    if (ours && message.mtu > 0) {
        path_mtu = std::min(path_mtu, room_in(message));
    }
    keep_icmp(packet, message, false);
}

void Connection::keep_icmp(const Packet& packet, const IcmpMessage& message, bool translated) {
    if (facts.icmp.size() >= max_icmp) {
        return;
    }
    IcmpSeen seen;
    seen.error = {message.v6, message.type, message.code, packet.source, packet.source == key.local};
    seen.mtu = room_in(message);
    seen.in_tunnel = message.quoted->tunnel_size > 0;
    seen.translated = translated;
    seen.after = since_first(packet);
    seen.established = facts.syn_ack > 0 || (facts.syn == 0 && facts.packets_received > 0);
    facts.icmp.push_back(seen);
}

}  // namespace whylink::probes
