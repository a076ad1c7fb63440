#include "checks/stages/packets/text.hpp"

#include <algorithm>

#include "checks/explain/text.hpp"

namespace whylink::checks {
namespace {

using probes::PacketFacts;
using probes::ResetSeen;

/// The field's name in IPv4 and in IPv6.
std::string hop_limit_text(const PacketFacts& packets, unsigned value) {
    return (packets.local.is_v4() ? "TTL " : "hop limit ") + std::to_string(value);
}

std::string syn_text(const PacketFacts& packets) {
    if (packets.syn == 0 && packets.packets_sent > 0) {
        return "the capture begins after the SYN";
    }
    std::string text = packets.syn == 0 ? "no SYN sent" : count_text(packets.syn, "SYN") + " sent";
    if (packets.syn == 0 && packets.next_hop != probes::NextHop::unknown) {
        text += packets.next_hop == probes::NextHop::known
                    ? ", although the next hop's link-layer address is known"
                    : ", for the next hop does not answer (ARP or neighbour discovery)";
    }
    return text;
}

std::string answer_text(const PacketFacts& packets) {
    if (packets.packets_received == 0) {
        return packets.packets_sent == 0 ? std::string() : "nothing received";
    }
    if (packets.syn_ack == 0) {
        return packets.syn_ack_foreign > 0 ? count_text(packets.syn_ack_foreign, "SYN-ACK") +
                                                 " received that no TCP takes: to something else, or damaged"
                                           : "no SYN-ACK received";
    }
    std::string text = packets.syn_ack == 1 ? "SYN-ACK" : count_text(packets.syn_ack, "SYN-ACK");
    text += " received";
    if (packets.syn_ack_after) {
        text += " after " + duration_text(*packets.syn_ack_after);
    }
    if (packets.syn_ack_hop_limit) {
        text += " with " + hop_limit_text(packets, *packets.syn_ack_hop_limit);
    }
    return packets.handshake_ack == 0 ? text + ", and this VM did not take it" : text;
}

std::string streams_text(const PacketFacts& packets) {
    if (packets.bytes_sent == 0 && packets.bytes_received == 0) {
        return {};
    }
    std::string text = count_text(packets.bytes_sent, "byte") + " sent, " +
                       std::to_string(packets.bytes_acknowledged) + " of them acknowledged, " +
                       count_text(packets.bytes_received, "byte") + " received";
    return packets.retransmits_sent > 0
               ? text + ", " + count_text(packets.retransmits_sent, "segment") + " sent again"
               : text;
}

std::string lost_text(const PacketFacts& packets) {
    if (!packets.lost) {
        return {};
    }
    std::string text = "a segment of " + count_text(packets.lost->size, "byte") + " sent " +
                       count_text(packets.lost->times_sent, "time") + " and never acknowledged";
    return packets.largest_acknowledged > 0 ? text + ", the largest that was acknowledged has " +
                                                  std::to_string(packets.largest_acknowledged)
                                            : text;
}

std::string missing_text(const PacketFacts& packets) {
    return packets.missing_received == 0
               ? std::string()
               : count_text(packets.missing_received, "byte") +
                     " of the server missing in front of later segments of at most " +
                     std::to_string(packets.largest_after_missing);
}

std::string fin_text(const PacketFacts& packets) {
    return packets.fin_received_after ? "FIN received after " + duration_text(*packets.fin_received_after)
                                      : std::string();
}

std::string reset_text(const PacketFacts& packets) {
    if (packets.resets.empty()) {
        return {};
    }
    const ResetSeen& reset = packets.resets.front();
    std::string text = "RST received after " + duration_text(reset.after) + " with " +
                       hop_limit_text(packets, reset.hop_limit);
    if (packets.syn_ack_hop_limit) {
        text += reset.hop_limit == *packets.syn_ack_hop_limit
                    ? ", as the SYN-ACK had"
                    : ", the SYN-ACK had " + std::to_string(*packets.syn_ack_hop_limit);
    }
    text += reset.in_sequence ? "" : ", out of sequence";
    text += reset.acknowledged ? "" : ", without an acknowledgement";
    if (reset.after_acknowledged && packets.handshake_rtt) {
        text += ", " + duration_text(*reset.after_acknowledged) + " after the data that it answers (" +
                duration_text(*packets.handshake_rtt) + " from SYN to SYN-ACK)";
    }
    return text;
}

std::string after_reset_text(const PacketFacts& packets) {
    return packets.received_after_reset == 0
               ? std::string()
               : count_text(packets.received_after_reset, "packet") + " of the server after the RST";
}

std::string icmp_seen_text(const PacketFacts& packets) {
    std::vector<std::string> parts;
    for (const probes::IcmpSeen& seen : packets.icmp) {
        std::string text = icmp_text(seen.error) + " after " + duration_text(seen.after);
        if (seen.mtu > 0) {
            text += ", which lets at most " + count_text(seen.mtu, "byte") + " pass";
        }
        parts.push_back(std::move(text));
    }
    return join(parts, ", ");
}

std::string limits_text(const PacketFacts& packets) {
    if (!packets.complete) {
        return "the kernel dropped captured packets, so what is missing here may have been there";
    }
    return packets.everywhere ? std::string()
                              : "not every interface of this VM was captured, so what is missing here may "
                                "have gone another way";
}

}  // namespace

std::string packets_text(const PacketFacts& packets) {
    std::string text;
    for (const std::string& part :
         {syn_text(packets), answer_text(packets), streams_text(packets), lost_text(packets),
          missing_text(packets), fin_text(packets), reset_text(packets), after_reset_text(packets),
          icmp_seen_text(packets), limits_text(packets)}) {
        text += part.empty() ? "" : (text.empty() ? "" : "; ") + part;
    }
    return text;
}

}  // namespace whylink::checks
