// Packets of a connection that have another far end than it has: what Connection does with them.
#include <utility>

#include "probes/packets/connection.hpp"

namespace whylink::probes {

bool Connection::is_our_syn(std::uint32_t sequence) const {
    return syn_sequence ? *syn_sequence == sequence : sent_elsewhere == sequence;
}

bool Connection::take_stray(const Packet& packet, const TcpSegment& segment, bool just_followed) {
    if (!segment.syn || segment.rst || segment.damaged) {
        return false;
    }
    if (segment.ack) {
        return answered_from_elsewhere(packet, segment);
    }
    return syn_came_back(packet, segment) || left_for_elsewhere(packet, segment, just_followed);
}

/// What is sent to this host itself is on a loopback interface. Where one interface alone is captured nothing says which
/// way a packet went; then a packet from us to us has come back, for none of ours would leave by it.
bool Connection::has_come_back(const Packet& packet) const {
    if (packet.way == Way::unknown) {
        return packet.destination == key.local && key.remote != key.local;
    }
    return packet.way == Way::incoming && !packet.on_loopback;
}

bool Connection::syn_came_back(const Packet& packet, const TcpSegment& segment) {
    const bool ours = segment.syn && !segment.ack && packet.source == key.local &&
                      segment.source_port == key.local_port && syn_sequence == segment.sequence;
    if (!ours || !has_come_back(packet)) {
        return false;
    }
    if (facts.own_syn_returned++ == 0) {
        facts.returned_to = packet.destination;
        facts.returned_to_port = segment.destination_port;
    }
    return true;
}

bool Connection::answered_from_elsewhere(const Packet& packet, const TcpSegment& segment) {
    const bool to_us = packet.destination == key.local && segment.destination_port == key.local_port;
    if (!to_us || !is_our_syn(segment.acknowledgment - 1)) {
        return false;
    }
    // The answer to a SYN that this host has sent elsewhere is not from elsewhere.
    const bool expected = facts.sent_to == packet.source && facts.sent_to_port == segment.source_port;
    if (!expected && !facts.answered_by) {
        facts.answered_by = packet.source;
        facts.answered_by_port = segment.source_port;
    }
    return true;
}

bool Connection::left_for_elsewhere(const Packet& packet, const TcpSegment& segment, bool just_followed) {
    const bool from_us = packet.source == key.local && segment.source_port == key.local_port;
    if (!from_us || has_come_back(packet)) {
        return false;
    }
    const bool known = is_our_syn(segment.sequence);
    // Ports of this host are used towards several addresses at once (ip(7), ip_local_port_range), so that a SYN from
    // the same port may be another program's.
    if (!known && (syn_sequence || !just_followed)) {
        return false;
    }
    if (!known && sent_elsewhere) {
        sent_elsewhere_unsure = true;
        return false;
    }
    sent_elsewhere = segment.sequence;
    seen_on(packet);
    facts.sent_to = packet.destination;
    facts.sent_to_port = segment.destination_port;
    return true;
}

/// A SYN-ACK of the connection itself says which SYN it was.
void Connection::fill_strays(PacketFacts& into) const {
    const bool other_syn = sent_elsewhere && !syn_sequence && sent.space.known() && syn_ack_sequence &&
                           sent.space.position(*sent_elsewhere + 1) != 0;
    if (!syn_sequence && (sent_elsewhere_unsure || other_syn)) {
        into.sent_to.reset();
        into.sent_to_port = 0;
    }
    into.only_on_loopback = on_loopback && !off_loopback && key.remote != key.local;
}

/// The sequence number that is quoted is ours; that alone makes it a matter of this connection.
bool Connection::take_stray_icmp(const Packet& packet, const IcmpMessage& message) {
    const bool syn_known = syn_sequence.has_value() && first.has_value();
    if (!syn_known || !message.quoted || !message.quoted->sequence ||
        message.quoted->protocol != key.protocol) {
        return false;
    }
    const QuotedPacket& quoted = *message.quoted;
    const bool same_start = quoted.source_port == key.local_port;
    const bool same_end = quoted.destination == key.remote && quoted.destination_port == key.remote_port;
    if ((!same_start && !same_end) || !is_about_ours(quoted)) {
        return false;
    }
    keep_icmp(packet, message, true);
    return true;
}

}  // namespace whylink::probes
