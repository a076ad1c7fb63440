#include "daemon/report/human/packets.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <vector>

#include "checks/explain/text.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

using checks::duration_text;
using probes::PacketFacts;
using probes::TrafficFacts;
using Parts = std::vector<std::string>;

/// More sockets and peers than these are counted.
constexpr std::size_t max_named = 3;

/// "2 RSTs"; of one only its name.
std::string times(unsigned count, std::string_view what) {
    return count == 1 ? std::string(what) : fmt::format("{} {}s", count, what);
}

// ---- one connection ----

std::string syn_ack_text(const PacketFacts& facts) {
    if (facts.syn_ack == 0) {
        return "no SYN-ACK";
    }
    std::string text = times(facts.syn_ack, "SYN-ACK");
    if (facts.syn_ack_after) {
        text += " in " + duration_text(*facts.syn_ack_after);
    }
    if (facts.syn_ack_hop_limit) {
        text += fmt::format(" TTL {}", *facts.syn_ack_hop_limit);
    }
    return text;
}

void add_handshake(Parts& parts, const PacketFacts& facts) {
    parts.push_back(facts.syn == 0 ? "no SYN" : checks::count_text(facts.syn, "SYN"));
    // Without a SYN there is nothing that a SYN-ACK could answer.
    if (facts.syn > 0 || facts.syn_ack > 0) {
        parts.push_back(syn_ack_text(facts));
    }
    if (facts.syn_ack_damaged > 0) {
        parts.push_back(times(facts.syn_ack_damaged, "SYN-ACK") + " with a wrong checksum");
    } else if (facts.syn_ack_foreign > 0) {
        parts.push_back(times(facts.syn_ack_foreign, "SYN-ACK") + " of something else or damaged");
    }
    if (facts.next_hop == probes::NextHop::unresolved) {
        parts.emplace_back("next hop does not answer");
    }
}

void add_streams(Parts& parts, const PacketFacts& facts) {
    if (facts.syn_ack == 0 && facts.bytes_sent == 0 && facts.bytes_received == 0) {
        return;
    }
    parts.push_back(fmt::format("{} B sent", facts.bytes_sent));
    parts.push_back(fmt::format("{} B received", facts.bytes_received));
    if (const unsigned again = facts.retransmits_sent + facts.retransmits_received; again > 0) {
        parts.push_back(fmt::format("{} retransmitted", again));
    }
    if (facts.lost) {
        parts.push_back(fmt::format("a segment of {} B sent {} times and never acknowledged",
                                    facts.lost->size, facts.lost->times_sent));
    }
    if (facts.missing_received > 0) {
        parts.push_back(fmt::format("{} B never arrived", facts.missing_received));
    }
}

void add_ends(Parts& parts, const PacketFacts& facts) {
    for (const probes::IcmpSeen& seen : facts.icmp) {
        parts.push_back(checks::icmp_text(seen.error));
        if (seen.mtu > 0) {
            parts.back() += fmt::format(" MTU {}", seen.mtu);
        }
    }
    if (facts.fin_received > 0) {
        parts.push_back(times(facts.fin_received, "FIN"));
    }
    if (facts.rst_received > 0) {
        parts.push_back(times(facts.rst_received, "RST"));
    }
    if (!facts.resets.empty()) {
        parts.back() += fmt::format(" TTL {}", facts.resets.front().hop_limit);
    }
}

// ---- real traffic ----

std::string retransmits_text(const TrafficFacts& facts) {
    const std::uint64_t again = facts.retransmits_sent + facts.retransmits_received;
    const std::uint64_t segments = facts.segments_sent + facts.segments_received;
    return again == 0 ? "" : fmt::format("{} of {} segments retransmitted", again, segments);
}

std::string peer_text(const probes::PeerTraffic& peer) {
    const std::string where = peer.port == 0 ? peer.peer.to_string() : endpoint_text(peer.peer, peer.port);
    return peer.failed == 0 ? fmt::format("{} ({})", where, peer.attempts)
                            : fmt::format("{} ({}, {} failed)", where, peer.attempts, peer.failed);
}

std::string peers_text(const TrafficFacts& facts) {
    if (facts.peers.empty()) {
        return {};
    }
    Parts parts;
    std::ranges::transform(facts.peers, std::back_inserter(parts), peer_text);
    return (facts.inbound ? "from " : "to ") + abridged(std::move(parts), max_named, facts.further_peers);
}

std::string proxy_count_text(const TrafficFacts& facts) {
    if (facts.with_proxy_header == 0) {
        return {};
    }
    std::string text = fmt::format("PROXY header in {} of {}", facts.with_proxy_header,
                                   facts.with_proxy_header + facts.without_proxy_header);
    const std::string last = facts.proxy_header ? proxy_text(*facts.proxy_header) : "";
    return last.empty() ? text : text + ", the last of " + last;
}

}  // namespace

std::string packets_text(const PacketFacts& facts) {
    Parts parts;
    add_handshake(parts, facts);
    add_streams(parts, facts);
    add_ends(parts, facts);
    if (!facts.complete) {
        parts.emplace_back("some packets were missed");
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

std::string listener_text(const probes::ListenerFacts& facts) {
    Parts parts;
    for (const probes::ListeningSocket& socket : facts.sockets) {
        parts.push_back(fmt::format("{} ({} of {} waiting)", endpoint_text(socket.address, socket.port),
                                    socket.waiting, socket.backlog));
    }
    return abridged(std::move(parts), max_named);
}

std::string traffic_text(const TrafficFacts& facts) {
    Parts parts;
    if (facts.handshakes_measured > 0) {
        parts.push_back("rtt " + duration_text(facts.handshake_rtt_sum / facts.handshakes_measured));
    }
    parts.push_back(retransmits_text(facts));
    parts.push_back(peers_text(facts));
    parts.push_back(proxy_count_text(facts));
    if (!facts.complete) {
        parts.emplace_back("some packets were missed");
    }
    std::erase(parts, "");
    return fmt::format("{}", fmt::join(parts, "; "));
}

std::string proxy_text(const probes::ProxyHeader& header) {
    Parts parts;
    if (!header.aws_endpoint_id.empty()) {
        parts.push_back(header.aws_endpoint_id);
    }
    if (header.azure_link_id) {
        parts.push_back(fmt::format("LINKID {}", *header.azure_link_id));
    }
    if (header.gcp_connection_id) {
        parts.push_back(fmt::format("PSC connection {}", *header.gcp_connection_id));
    }
    if (header.source) {
        parts.push_back(endpoint_text(*header.source, header.source_port));
    }
    return fmt::format("{}", fmt::join(parts, " from "));
}

}  // namespace whylink::daemon
