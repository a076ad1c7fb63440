// What was seen of real traffic, line by line.
#include <algorithm>

#include "checks/explain/evidence.hpp"
#include "checks/explain/text.hpp"
#include "checks/stages/traffic.hpp"

namespace whylink::checks {
namespace {

using probes::ListenerFacts;
using probes::PeerTraffic;
using probes::ProxyHeader;
using probes::TrafficFacts;

std::string peer_text(const PeerTraffic& peer) {
    std::string text = peer.port == 0 ? peer.peer.to_string() : endpoint_text(peer.peer, peer.port);
    text += is_azure_probe(peer.peer) ? " (Azure's health probe)" : "";
    return text + ": " + count_text(peer.attempts, "attempt") + ", " + std::to_string(peer.established) +
           " established, " + std::to_string(peer.failed) + " failed";
}

void add_peers(std::vector<std::string>& lines, const TrafficFacts& facts) {
    for (const PeerTraffic& peer : facts.peers) {
        lines.push_back(peer_text(peer));
    }
    if (facts.further_peers > 0) {
        lines.push_back("and " + count_text(facts.further_peers, "more peer"));
    }
}

std::string vendor_text(const ProxyHeader& header) {
    std::string text;
    text += header.aws_endpoint_id.empty() ? "" : ", AWS endpoint " + header.aws_endpoint_id;
    text += header.azure_link_id ? ", Azure LINKID " + std::to_string(*header.azure_link_id) : "";
    text += header.gcp_connection_id ? ", PSC connection " + std::to_string(*header.gcp_connection_id) : "";
    return text;
}

std::string proxy_header_text(const TrafficFacts& facts) {
    const ProxyHeader& header = *facts.proxy_header;
    std::string text = count_text(facts.with_proxy_header, "connection") + " of " +
                       std::to_string(facts.with_proxy_header + facts.without_proxy_header) +
                       " began with a PROXY header, the last one version " + std::to_string(header.version);
    text += header.local ? ", a health check of the proxy itself (LOCAL)" : "";
    text += header.source ? ", from " + endpoint_text(*header.source, header.source_port) : "";
    text += vendor_text(header);
    return header.truncated ? text + "; the captured part ends within it" : text;
}

std::string percent_text(std::uint64_t part, std::uint64_t whole) {
    const std::uint64_t tenths = (part * 1000 + whole / 2) / whole;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

std::string quality_text(const TrafficFacts& facts) {
    std::vector<std::string> parts;
    if (facts.handshakes_measured > 0) {
        parts.push_back("handshake rtt " +
                        duration_text(facts.handshake_rtt_sum / facts.handshakes_measured) +
                        " on average, at most " + duration_text(facts.handshake_rtt_max));
    }
    if (facts.segments_sent > 0) {
        parts.push_back(percent_text(facts.retransmits_sent, facts.segments_sent) + " of " +
                        count_text(facts.segments_sent, "segment") + " sent were sent again");
    }
    if (facts.syn_retransmits > 0) {
        parts.push_back(count_text(facts.syn_retransmits, "SYN") + " sent again");
    }
    if (facts.resets_received + facts.resets_sent > 0) {
        parts.push_back(count_text(facts.resets_received, "RST") + " received, " +
                        std::to_string(facts.resets_sent) + " sent");
    }
    return join(parts, ", ");
}

void add_traffic(std::vector<std::string>& lines, const TrafficFacts& facts) {
    add_peers(lines, facts);
    if (std::string quality = quality_text(facts); !quality.empty()) {
        lines.push_back(std::move(quality));
    }
    if (facts.proxy_header) {
        lines.push_back(proxy_header_text(facts));
    }
    if (silent_at_proxy_header(facts)) {
        lines.emplace_back(
            "this VM sent no byte on any of them: a service that does not know the PROXY header may wait for "
            "ever, and a health check may want no answer");
    }
    if (only_azure_probes(facts)) {
        lines.emplace_back(
            "nobody but Azure's health probe came; with the others' addresses as `peer` of the watch, "
            "`expect_traffic` does without it");
    }
    if (facts.forgotten > 0) {
        lines.push_back(count_text(facts.forgotten, "connection") + " more than can be followed at once");
    }
    if (!facts.complete) {
        lines.emplace_back(
            "the kernel dropped captured packets, so attempts without an answer count for nothing");
    }
    if (!facts.everywhere) {
        lines.emplace_back(
            "not every interface of this VM was captured, so what is missing here may have gone another way");
    }
}

}  // namespace

std::vector<std::string> watch_evidence(const Assessment& round, const Details& details) {
    std::vector<std::string> lines;
    for (const JudgedProbe& probe : round.probes) {
        const bool is_listener = probe.observation.stage == probes::Stage::listener;
        const std::string& detail = details.of(round, probe);
        std::string line(is_listener ? "listener: " : "packets: ");
        lines.push_back(line + (detail.empty() ? std::string(slug(probe.outcome)) : detail));
    }
    if (const TrafficFacts* facts = traffic_facts(round.probes)) {
        add_traffic(lines, *facts);
    }
    return lines;
}

}  // namespace whylink::checks
