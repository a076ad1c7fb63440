#include "checks/stages/packets/text.hpp"

#include <fmt/core.h>

#include "checks/explain/text.hpp"
#include "checks/stages/packets/sharpen.hpp"

namespace whylink::checks {
namespace {

using probes::PacketFacts;
using probes::ResetSeen;

/// The field's name in IPv4 and in IPv6.
std::string hop_limit_text(const PacketFacts& packets, unsigned value) {
    return fmt::format("{} {}", packets.local.is_v4() ? "TTL" : "hop limit", value);
}

std::string syn_text(const PacketFacts& packets) {
    if (packets.sent_to) {
        return "SYN sent to " + endpoint_text(*packets.sent_to, packets.sent_to_port) + " (NAT on this host)";
    }
    if (packets.syn == 0 && packets.packets_sent > 0) {
        return "the capture starts after the SYN";
    }
    std::string text = packets.syn == 0 ? "no SYN sent" : count_text(packets.syn, "SYN") + " sent";
    if (packets.syn_ecn > 0) {
        text += fmt::format(", {} with ECN", packets.syn_ecn);
    }
    if (packets.syn == 0 && packets.next_hop != probes::NextHop::unknown) {
        text += packets.next_hop == probes::NextHop::known
                    ? ", next hop resolved"
                    : ", next hop unresolved (no reply to ARP or neighbour discovery)";
    }
    return text;
}

/// What came back, or came from elsewhere.
std::string elsewhere_text(const PacketFacts& packets) {
    std::string text;
    if (packets.own_syn_returned > 0) {
        text = "own SYN came back " + count_text(packets.own_syn_returned, "time");
        if (packets.returned_to) {
            text += ", to " + endpoint_text(*packets.returned_to, packets.returned_to_port);
        }
    }
    if (packets.answered_by) {
        append(text, "SYN-ACK came from " + endpoint_text(*packets.answered_by, packets.answered_by_port));
    }
    return text;
}

std::string nothing_text(const PacketFacts& packets) {
    const bool nothing = packets.packets_sent > 0 && packets.own_syn_returned == 0 && !packets.answered_by;
    return nothing ? "nothing received" : "";
}

std::string answer_text(const PacketFacts& packets) {
    if (packets.packets_received == 0) {
        return nothing_text(packets);
    }
    if (packets.syn_ack == 0 && packets.syn_ack_damaged > 0) {
        return count_text(packets.syn_ack_damaged, "SYN-ACK") + " received with a wrong checksum";
    }
    if (packets.syn_ack == 0) {
        return packets.syn_ack_foreign > 0
                   ? count_text(packets.syn_ack_foreign, "SYN-ACK") + " received, invalid for this connection"
                   : "no SYN-ACK received";
    }
    return fmt::format(
        "{} received{}{}{}", packets.syn_ack == 1 ? "SYN-ACK" : count_text(packets.syn_ack, "SYN-ACK"),
        packets.syn_ack_after ? " after " + duration_text(*packets.syn_ack_after) : "",
        packets.syn_ack_hop_limit ? " with " + hop_limit_text(packets, *packets.syn_ack_hop_limit) : "",
        packets.only_on_loopback ? ", on the loopback interface only" : "");
}

std::string repeated_text(const PacketFacts& packets) {
    return lost_handshake_ack(packets)
               ? "SYN-ACK retransmitted: the ACK of this host did not reach the server"
               : "";
}

std::string streams_text(const PacketFacts& packets) {
    if (packets.bytes_sent == 0 && packets.bytes_received == 0) {
        return packets.handshake_ack > 0 ? "no data sent or received" : "";
    }
    std::string text = fmt::format("{} B sent, {} acknowledged, {} received", packets.bytes_sent,
                                   packets.bytes_acknowledged, packets.bytes_received);
    if (packets.retransmits_sent > 0) {
        text += ", " + count_text(packets.retransmits_sent, "retransmission");
    }
    return text;
}

std::string lost_text(const PacketFacts& packets) {
    if (!packets.lost) {
        return {};
    }
    std::string text = fmt::format("segment of {} B sent {}, never acknowledged", packets.lost->size,
                                   count_text(packets.lost->times_sent, "time"));
    if (packets.largest_acknowledged > 0) {
        text += fmt::format(" (largest acknowledged: {} B)", packets.largest_acknowledged);
    }
    return text;
}

std::string missing_text(const PacketFacts& packets) {
    return packets.missing_received == 0
               ? ""
               : fmt::format("{} B of the server missing before later segments of at most {} B",
                             packets.missing_received, packets.largest_after_missing);
}

std::string fin_text(const PacketFacts& packets) {
    return packets.fin_received_after ? "FIN received after " + duration_text(*packets.fin_received_after)
                                      : "";
}

std::string reset_text(const PacketFacts& packets) {
    if (packets.resets.empty()) {
        return {};
    }
    const ResetSeen& reset = packets.resets.front();
    std::string text = fmt::format("RST received after {} with {}", duration_text(reset.after),
                                   hop_limit_text(packets, reset.hop_limit));
    if (packets.syn_ack_hop_limit) {
        text += reset.hop_limit == *packets.syn_ack_hop_limit
                    ? " (same as SYN-ACK)"
                    : fmt::format(" (SYN-ACK: {})", *packets.syn_ack_hop_limit);
    }
    text += reset.in_sequence ? "" : ", out of sequence";
    text += reset.acknowledged ? "" : ", without ACK";
    if (reset.after_acknowledged && packets.handshake_rtt) {
        text += fmt::format(", {} after the data that it answers (handshake RTT {})",
                            duration_text(*reset.after_acknowledged), duration_text(*packets.handshake_rtt));
    }
    return text;
}

std::string after_reset_text(const PacketFacts& packets) {
    return packets.received_after_reset == 0
               ? ""
               : count_text(packets.received_after_reset, "packet") + " from the server after the RST";
}

std::string icmp_seen_text(const PacketFacts& packets) {
    std::vector<std::string> parts;
    for (const probes::IcmpSeen& seen : packets.icmp) {
        parts.push_back(
            fmt::format("{} after {}{}{}{}", icmp_text(seen.error), duration_text(seen.after),
                        seen.in_tunnel ? " about the tunnel of the connection" : "",
                        seen.translated ? " about a translated packet (NAT) of the connection" : "",
                        seen.mtu > 0 ? fmt::format(", MTU {}", seen.mtu) : ""));
    }
    return join(parts, ", ");
}

std::string limits_text(const PacketFacts& packets) {
    if (!packets.complete) {
        return "the kernel dropped captured packets: this list is incomplete";
    }
    return packets.everywhere ? "" : "not every interface of this host was captured";
}

}  // namespace

std::string packets_text(const PacketFacts& packets, bool connected) {
    std::string text = syn_text(packets);
    append(text, elsewhere_text(packets));
    append(text, answer_text(packets));
    if (packets.syn_ack > 0 && packets.handshake_ack == 0 && !connected) {
        append(text, "this host dropped it");
    }
    for (const auto part : {repeated_text, streams_text, lost_text, missing_text, fin_text, reset_text,
                            after_reset_text, icmp_seen_text, limits_text}) {
        append(text, part(packets));
    }
    return text;
}

}  // namespace whylink::checks
