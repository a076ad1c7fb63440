#include "daemon/report/json/packets.hpp"

#include <utility>
#include <variant>

#include "daemon/report/json/parts.hpp"

namespace whylink::daemon {
namespace {

using json::add_if;
using json::Json;
using json::seconds;
using probes::PacketFacts;
using probes::TrafficFacts;

// ---- one connection ----

void add_handshake(Json& object, const PacketFacts& facts) {
    object["syn"] = facts.syn;
    object["syn_ack"] = facts.syn_ack;
    add_if(object, "syn_ack_foreign", facts.syn_ack_foreign);
    object["handshake_ack"] = facts.handshake_ack;
    add_if(object, "syn_ack_after_seconds", facts.syn_ack_after);
    add_if(object, "handshake_rtt_seconds", facts.handshake_rtt);
    add_if(object, "syn_ack_ttl", facts.syn_ack_hop_limit);
    add_if(object, "mss_sent", facts.mss_sent);
    add_if(object, "mss_received", facts.mss_received);
    add_if(object, "window_scale", facts.window_scale);
    add_if(object, "sack_permitted", facts.sack_permitted);
    add_if(object, "timestamps", facts.has_timestamp);
}

void add_streams(Json& object, const PacketFacts& facts) {
    object["bytes_sent"] = facts.bytes_sent;
    object["bytes_received"] = facts.bytes_received;
    object["bytes_acknowledged"] = facts.bytes_acknowledged;
    add_if(object, "first_byte_after_seconds", facts.first_byte_after);
    object["segments_sent"] = facts.segments_sent;
    object["segments_received"] = facts.segments_received;
    object["retransmits_sent"] = facts.retransmits_sent;
    object["retransmits_received"] = facts.retransmits_received;
    add_if(object, "out_of_order", facts.out_of_order);
    add_if(object, "largest_acknowledged", facts.largest_acknowledged);
    add_if(object, "largest_received", facts.largest_received);
    if (facts.lost) {
        object["lost_segment_size"] = facts.lost->size;
        object["lost_segment_times_sent"] = facts.lost->times_sent;
        object["lost_segment_position"] = facts.lost->position;
    }
    add_if(object, "missing_received", facts.missing_received);
    add_if(object, "largest_after_missing", facts.largest_after_missing);
}

Json reset_json(const probes::ResetSeen& reset) {
    Json object = {{"ttl", reset.hop_limit},
                   {"position", reset.position},
                   {"in_sequence", reset.in_sequence},
                   {"after_seconds", seconds(reset.after)}};
    add_if(object, "acknowledged", reset.acknowledged);
    add_if(object, "after_acknowledged_seconds", reset.after_acknowledged);
    return object;
}

Json icmp_seen_json(const probes::IcmpSeen& seen) {
    Json object = json::icmp_json(seen.error);
    add_if(object, "mtu", seen.mtu);
    object["after_seconds"] = seconds(seen.after);
    object["established"] = seen.established;
    return object;
}

void add_ends(Json& object, const PacketFacts& facts) {
    object["fin_sent"] = facts.fin_sent;
    object["fin_received"] = facts.fin_received;
    object["rst_sent"] = facts.rst_sent;
    object["rst_received"] = facts.rst_received;
    add_if(object, "fin_received_after_seconds", facts.fin_received_after);
    if (!facts.resets.empty()) {
        object["rst_ttl"] = facts.resets.front().hop_limit;
    }
    for (const probes::ResetSeen& reset : facts.resets) {
        object["resets"].push_back(reset_json(reset));
    }
    add_if(object, "received_after_reset", facts.received_after_reset);
    // A vector of bytes would be written as numbers too, but not on purpose.
    for (const unsigned hop_limit : facts.hop_limits) {
        object["ttls"].push_back(hop_limit);
    }
    for (const probes::IcmpSeen& seen : facts.icmp) {
        object["icmp"].push_back(icmp_seen_json(seen));
    }
}

Json connection_json(const PacketFacts& facts) {
    Json object = {{"local_address", facts.local.to_string()},
                   {"local_port", facts.local_port},
                   {"complete", facts.complete},
                   {"everywhere", facts.everywhere}};
    add_if(object, "next_hop", facts.next_hop);
    object["packets_sent"] = facts.packets_sent;
    object["packets_received"] = facts.packets_received;
    add_handshake(object, facts);
    add_streams(object, facts);
    add_ends(object, facts);
    return object;
}

// ---- real traffic ----

void add_attempts(Json& object, const TrafficFacts& facts) {
    object["attempts"] = facts.attempts;
    object["established"] = facts.established;
    object["refused"] = facts.refused;
    object["unanswered"] = facts.unanswered;
    object["half_open"] = facts.half_open;
    object["icmp_failed"] = facts.icmp_failed;
    object["syn_retransmits"] = facts.syn_retransmits;
    add_if(object, "reset_before_data", facts.reset_before_data);
    add_if(object, "closed_before_data", facts.closed_before_data);
    object["resets_received"] = facts.resets_received;
    object["resets_sent"] = facts.resets_sent;
    if (facts.icmp) {
        object["icmp"] = json::icmp_json(*facts.icmp);
    }
}

void add_segments(Json& object, const TrafficFacts& facts) {
    object["segments_sent"] = facts.segments_sent;
    object["segments_received"] = facts.segments_received;
    object["retransmits_sent"] = facts.retransmits_sent;
    object["retransmits_received"] = facts.retransmits_received;
    add_if(object, "handshakes_measured", facts.handshakes_measured);
    if (facts.handshakes_measured > 0) {
        object["handshake_rtt_seconds"] = seconds(facts.handshake_rtt_sum) / facts.handshakes_measured;
        object["handshake_rtt_max_seconds"] = seconds(facts.handshake_rtt_max);
    }
}

Json peer_json(const probes::PeerTraffic& peer) {
    Json object = {{"address", peer.peer.to_string()}};
    add_if(object, "port", peer.port);
    object["attempts"] = peer.attempts;
    object["established"] = peer.established;
    object["failed"] = peer.failed;
    return object;
}

void add_peers(Json& object, const TrafficFacts& facts) {
    Json peers = Json::array();
    for (const probes::PeerTraffic& peer : facts.peers) {
        peers.push_back(peer_json(peer));
    }
    object["peers"] = std::move(peers);
    add_if(object, "further_peers", facts.further_peers);
    add_if(object, "forgotten", facts.forgotten);
}

Json proxy_json(const probes::ProxyHeader& header) {
    Json object = {{"version", header.version}};
    add_if(object, "local", header.local);
    if (header.source) {
        object["source"] = header.source->to_string();
        object["source_port"] = header.source_port;
    }
    if (header.destination) {
        object["destination"] = header.destination->to_string();
        object["destination_port"] = header.destination_port;
    }
    add_if(object, "aws_endpoint_id", header.aws_endpoint_id);
    add_if(object, "azure_link_id", header.azure_link_id);
    add_if(object, "gcp_connection_id", header.gcp_connection_id);
    add_if(object, "truncated", header.truncated);
    return object;
}

void add_proxy(Json& object, const TrafficFacts& facts) {
    if (!facts.inbound) {
        return;
    }
    object["with_proxy_header"] = facts.with_proxy_header;
    object["without_proxy_header"] = facts.without_proxy_header;
    if (facts.proxy_header) {
        object["proxy_header"] = proxy_json(*facts.proxy_header);
    }
    add_if(object, "reset_after_proxy_header", facts.reset_after_proxy_header);
}

}  // namespace

Json json::icmp_json(const probes::IcmpError& icmp) {
    Json object = {{"protocol", icmp.v6 ? "icmpv6" : "icmp"}, {"type", icmp.type}, {"code", icmp.code}};
    if (icmp.sender) {
        object["sender"] = icmp.sender->to_string();
    }
    add_if(object, "local", icmp.local);
    return object;
}

Json packets_json(const std::vector<probes::CapturedConnection>& packets) {
    Json by_address = Json::object();
    for (const probes::CapturedConnection& connection : packets) {
        by_address.emplace(connection.address.to_string(), connection_json(connection.facts));
    }
    return by_address;
}

void add_listener(Json& object, const probes::ListenerFacts& facts) {
    Json sockets = Json::array();
    for (const probes::ListeningSocket& socket : facts.sockets) {
        Json entry = {{"address", socket.address.to_string()}, {"port", socket.port}};
        add_if(entry, "v6_only", socket.v6_only);
        entry["waiting"] = socket.waiting;
        entry["backlog"] = socket.backlog;
        sockets.push_back(std::move(entry));
    }
    object["sockets"] = std::move(sockets);
}

void add_traffic(Json& object, const TrafficFacts& facts) {
    object["window_seconds"] = seconds(facts.window);
    object["complete"] = facts.complete;
    object["packets"] = facts.packets;
    object["ever"] = facts.ever;
    object["silent_seconds"] = seconds(facts.silent_for);
    add_attempts(object, facts);
    add_segments(object, facts);
    add_peers(object, facts);
    add_proxy(object, facts);
}

}  // namespace whylink::daemon
