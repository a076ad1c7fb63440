#include "probes/packets/connection.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace whylink::probes {
namespace {

constexpr std::size_t max_hop_limits = 8;
constexpr std::size_t max_macs = 4;

std::string text_of(const LinkAddress& address) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : address) {
        text += text.empty() ? "" : ":";
        text += {digits[byte >> 4U], digits[byte & 0xfU]};
    }
    return text;
}

}  // namespace

void Connection::packet_received(const Packet& packet, const TcpSegment& segment) {
    ++facts.packets_received;
    keep_link_source(packet);
    if (segment.rst) {
        // In the middle of a connection it is as good a beginning as any; one that refuses a SYN is none.
        if (!received.space.known() && !syn_sequence) {
            received.space.begin(segment.sequence);
        }
        const std::int64_t end = window_known ? window_end : received.space.reached();
        resets.add(packet, segment, sent, received, end, *first);
        return;
    }
    keep_hop_limit(packet.hop_limit);
    if (segment.syn && segment.ack) {
        syn_ack_received(packet, segment);
        return;
    }
    peer_begins(segment);
    if (!received.space.known()) {
        return;
    }
    stream_received(packet, segment);
    if (segment.ack) {
        peer_acknowledges(segment);
    }
}

void Connection::keep_hop_limit(std::uint8_t hop_limit) {
    auto& kept = facts.hop_limits;
    if (kept.size() < max_hop_limits && std::ranges::find(kept, hop_limit) == kept.end()) {
        kept.push_back(hop_limit);
    }
}

/// A packet on its way out shows this host's own.
void Connection::keep_link_source(const Packet& packet) {
    if (!packet.link_source || packet.way == Way::outgoing) {
        return;
    }
    auto& kept = facts.peer_macs;
    std::string address = text_of(*packet.link_source);
    if (kept.size() < max_macs && std::ranges::find(kept, address) == kept.end()) {
        kept.push_back(std::move(address));
    }
}

void Connection::seen_on(const Packet& packet) {
    (packet.on_loopback ? on_loopback : off_loopback) = true;
}

void Connection::syn_ack_received(const Packet& packet, const TcpSegment& segment) {
    if (segment.damaged) {
        ++facts.syn_ack_foreign;
        ++facts.syn_ack_damaged;
        return;
    }
    if (!sent.space.known()) {
        sent.space.begin(segment.acknowledgment);
    }
    const std::int64_t acknowledges = sent.space.position(segment.acknowledgment);
    if (acknowledges < 0 || acknowledges > sent.space.reached()) {
        ++facts.syn_ack_foreign;
        return;
    }
    ++facts.syn_ack;
    if (facts.syn == 1) {
        resets.peer_accepted();
    }
    if (!first_syn_ack) {
        first_syn_ack = packet.time;
        if (first_syn) {
            facts.syn_ack_after = std::max(Nanoseconds{}, packet.time - *first_syn);
        }
        if (facts.syn == 1) {
            facts.handshake_rtt = facts.syn_ack_after;
        }
    }
    // As long as ours has acknowledged none, another number means that it took none of those before.
    if (!syn_ack_sequence || (*syn_ack_sequence != segment.sequence && facts.handshake_ack == 0)) {
        syn_ack_sequence = segment.sequence;
        facts.syn_ack_hop_limit = packet.hop_limit;
        facts.mss_received = segment.mss;
        facts.window_scale = segment.window_scale;
        facts.sack_permitted = segment.sack_permitted;
        facts.has_timestamp = segment.has_timestamp;
        peer_begins(segment);
    }
    if (segment.payload_size > 0 && segment.sequence == *syn_ack_sequence) {
        stream_received(packet, segment);
    }
    peer_acknowledges(segment);
}

void Connection::peer_begins(const TcpSegment& segment) {
    if (segment.syn) {
        const bool again = received.space.known() && received.space.position(segment.sequence + 1) == 0;
        if (!again && facts.handshake_ack == 0) {
            received = ReceivedStream();
            received.space.begin(segment.sequence + 1);
        }
        return;
    }
    // An ACK that does not answer our SYN is of another connection (RFC 9293 section 3.5.1, figure 9).
    const std::int64_t acknowledges = sent.space.position(segment.acknowledgment);
    const bool answers = segment.ack && acknowledges >= 0 && acknowledges <= sent.space.reached();
    if (!received.space.known() && (!syn_sequence || answers)) {
        received.space.begin(segment.sequence);
    }
}

void Connection::stream_received(const Packet& packet, const TcpSegment& segment) {
    const std::int64_t begin = received.space.position(segment.sequence + (segment.syn ? 1U : 0U));
    const std::int64_t end = begin + segment.payload_size;
    if (window_known && begin > window_end) {
        return;
    }
    if (segment.payload_size > 0) {
        if (received.segments() == 0 && first_syn_ack) {
            facts.first_byte_after = std::max(Nanoseconds{}, packet.time - *first_syn_ack);
        }
        received.receive({begin, end, max_received(), packet.time});
    } else {
        received.sent_up_to(begin);
    }
    if (segment.fin) {
        if (facts.fin_received++ == 0) {
            facts.fin_received_after = since_first(packet);
        }
        received.fin_at(end);
    }
    const bool more = segment.payload_size > 0 || segment.fin;
    if (!segment.syn) {
        resets.peer_sent(segment, sent, more ? end + (segment.fin ? 1 : 0) : 0);
    }
}

void Connection::peer_acknowledges(const TcpSegment& segment) {
    if (!sent.space.known()) {
        sent.space.begin(segment.acknowledgment);
    }
    if (!segment.syn) {
        peer_window_closed = segment.window == 0;
    }
    sent.acknowledge(sent.space.position(segment.acknowledgment));
    if (segment.sack) {
        sent.arrived(sent.space.position(segment.sack->first), sent.space.position(segment.sack->second));
    }
}

}  // namespace whylink::probes
