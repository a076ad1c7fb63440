#include "checks/stages/traffic/traffic.hpp"

#include "checks/explain/text.hpp"
#include "checks/stages/errors.hpp"
#include "checks/stages/traffic/attempts.hpp"

namespace whylink::checks {
namespace {

using probes::PeerTraffic;
using probes::ProxyHeader;
using probes::TrafficFacts;

/// In the order in which they say most of the path.
Outcome outcome_of(const TrafficFacts& facts) {
    const Attempts attempts = attempts_of(facts);
    if (attempts.icmp_failed > 0) {
        return facts.icmp ? icmp_outcome(*facts.icmp).value_or(Outcome::unreachable) : Outcome::unreachable;
    }
    return attempts.refused > 0 ? Outcome::refused : Outcome::timeout;
}

std::string silence_text(const TrafficFacts& facts) {
    return std::string("no packet for ") + duration_text(facts.silent_for) +
           (facts.ever ? "" : ", and none since the watch began");
}

bool is_silent_too_long(const TrafficFacts& facts, const Expectation& expectation) {
    return expectation.expect_traffic && facts.complete && facts.silent_for > *expectation.expect_traffic;
}

std::string ends_text(const TrafficFacts& facts) {
    return attempts_text(facts) + "; " + std::to_string(facts.reset_before_data) + " reset and " +
           std::to_string(facts.closed_before_data) + " closed before the server's first byte";
}

std::string ends_at_header_text(const TrafficFacts& facts) {
    return std::to_string(facts.reset_after_proxy_header) + " of " +
           count_text(facts.with_proxy_header, "connection") +
           " that began with a PROXY header were ended by this VM without a byte";
}

// ---- facts ----

FactSet failures_inbound(const TrafficFacts& traffic) {
    const Attempts attempts = attempts_of(traffic);
    // A rule of this host answers in its own name; a router that cannot bring our answer back, in its own.
    const bool here = !traffic.icmp || traffic.icmp->local;
    FactSet facts;
    facts.insert_if(attempts.unanswered > 0, Fact::syns_unanswered);
    facts.insert_if(attempts.refused > 0, Fact::syns_refused);
    facts.insert_if(attempts.icmp_failed > 0 && here, Fact::syns_rejected_here);
    facts.insert_if(attempts.half_open > 0 || (attempts.icmp_failed > 0 && !here),
                    Fact::answers_unacknowledged);
    return facts;
}

/// The same as of an endpoint's addresses, so that the same rows judge them.
FactSet failures_outbound(const JudgedProbe& probe, const TrafficFacts& traffic, const Failing& failing) {
    const Attempts attempts = attempts_of(traffic);
    const bool icmp = attempts.icmp_failed > 0;
    const bool forbidden = icmp && probe.outcome == Outcome::prohibited;
    const bool here = traffic.icmp && traffic.icmp->local;
    FactSet facts{Fact::address_fails};
    facts.insert_if(!failing.partly && !failing.peers.empty() && !failing.working.empty(),
                    Fact::address_works);
    facts.insert_if(attempts.unanswered > 0, Fact::tcp_timeout);
    facts.insert_if(attempts.refused > 0, Fact::tcp_refused);
    facts.insert_if(attempts.half_open > 0, Fact::syn_ack_dropped);
    facts.insert_if(forbidden && here, Fact::tcp_forbidden_here);
    facts.insert_if(forbidden && !here, Fact::tcp_prohibited);
    facts.insert_if(icmp && !forbidden, Fact::tcp_unreachable);
    return facts;
}

FactSet ends_outbound(const TrafficFacts& traffic) {
    FactSet facts{Fact::address_fails};
    facts.insert_if(traffic.reset_before_data > 0, Fact::accepted_then_reset);
    facts.insert_if(traffic.reset_before_data > 0, Fact::reset_unexamined);
    facts.insert_if(traffic.reset_before_data == 0, Fact::accepted_then_closed);
    return facts;
}

// ---- by peer and as a whole ----

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

}  // namespace

Classification classify(const TrafficFacts& facts, probes::Nanoseconds /*took*/,
                        const Expectation& expectation) {
    if (failing_of(facts).any) {
        return said(outcome_of(facts), [&facts] {
            return attempts_text(facts) + (facts.icmp ? "; " + icmp_text(*facts.icmp) : "");
        });
    }
    if (ends_before_data(facts)) {
        return said(Outcome::pending_allowlist, [&facts] { return ends_text(facts); });
    }
    if (ends_at_proxy_header(facts)) {
        return said(Outcome::unexpected_reply, [&facts] { return ends_at_header_text(facts); });
    }
    if (is_silent_too_long(facts, expectation)) {
        return said(Outcome::timeout, [&facts] { return silence_text(facts); });
    }
    return said(Outcome::ok, [&facts] {
        return facts.packets == 0 ? silence_text(facts)
                                  : count_text(facts.packets, "packet") + ", " + attempts_text(facts);
    });
}

FactSet facts_of(const TrafficFacts& traffic, const JudgedProbe& probe,
                 const probes::TlsFacts* /*handshake*/) {
    const Failing failing = failing_of(traffic);
    FactSet facts;
    if (failing.any) {
        facts.insert_all(traffic.inbound ? failures_inbound(traffic)
                                         : failures_outbound(probe, traffic, failing));
        facts.insert_if(failing.partly, Fact::partly_failing);
    } else if (ends_before_data(traffic)) {
        facts.insert_all(ends_outbound(traffic));
    }
    facts.insert_if(ends_at_proxy_header(traffic), Fact::proxy_header_unwanted);
    facts.insert_if(probe.outcome == Outcome::timeout && !failing.any, Fact::traffic_missing);
    facts.insert_if(!shows_that_it_works(traffic), Fact::traffic_unsure);
    facts.insert_if(!traffic.everywhere, Fact::traffic_elsewhere);
    return facts;
}

std::string evidence_line(const TrafficFacts& /*facts*/, const JudgedProbe& probe,
                          const std::string& detail) {
    return "packets: " + (detail.empty() ? std::string(slug(probe.outcome)) : detail);
}

std::vector<std::string> traffic_lines(const TrafficFacts& facts) {
    std::vector<std::string> lines;
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
    return lines;
}

const probes::TrafficFacts* traffic_facts(std::span<const JudgedProbe> probes) {
    for (const JudgedProbe& probe : probes) {
        const auto* facts = std::get_if<probes::TrafficFacts>(&probe.observation.facts);
        if (facts != nullptr && !probe.observation.local) {
            return facts;
        }
    }
    return nullptr;
}

}  // namespace whylink::checks
