#include "checks/stages/traffic/traffic.hpp"

#include <fmt/core.h>

#include "checks/explain/text.hpp"
#include "checks/stages/errors.hpp"
#include "checks/stages/traffic/attempts.hpp"

namespace whylink::checks {
namespace {

using probes::PeerTraffic;
using probes::ProxyHeader;
using probes::TrafficFacts;

/// Of the most; of as many, in the order in which they say most of the path.
Outcome outcome_of(const TrafficFacts& facts) {
    const FailedWays ways = failed_ways(attempts_of(facts));
    if (ways.icmp_failed) {
        return facts.icmp ? icmp_outcome(*facts.icmp).value_or(Outcome::unreachable) : Outcome::unreachable;
    }
    return ways.refused ? Outcome::refused : Outcome::timeout;
}

std::string silence_text(const TrafficFacts& facts) {
    return fmt::format("no packet for {}{}", duration_text(facts.silent_for),
                       facts.ever ? "" : ", none since the watch started");
}

bool is_silent_too_long(const TrafficFacts& facts, const Expectation& expectation) {
    return expectation.expect_traffic && facts.complete && facts.silent_for > *expectation.expect_traffic;
}

std::string ends_text(const TrafficFacts& facts) {
    return fmt::format("{}; {} reset and {} closed before the server's first byte", attempts_text(facts),
                       facts.reset_before_data, facts.closed_before_data);
}

std::string ends_at_header_text(const TrafficFacts& facts) {
    return fmt::format("this host ended {} of {} that began with a PROXY header, without sending a byte",
                       facts.reset_after_proxy_header, count_text(facts.with_proxy_header, "connection"));
}

// ---- facts ----

FactSet failures_inbound(const TrafficFacts& traffic) {
    const FailedWays ways = failed_ways(attempts_of(traffic));
    // A rule of this host answers in its own name; a router that cannot bring our answer back, in its own.
    const bool here = !traffic.icmp || traffic.icmp->local;
    FactSet facts;
    facts.insert_if(ways.unanswered, Fact::syns_unanswered);
    facts.insert_if(ways.refused, Fact::syns_refused);
    facts.insert_if(ways.icmp_failed && here, Fact::syns_rejected_here);
    facts.insert_if(ways.half_open || (ways.icmp_failed && !here), Fact::answers_unacknowledged);
    return facts;
}

/// The same as of an endpoint's addresses, so that the same rows judge them.
FactSet failures_outbound(const JudgedProbe& probe, const TrafficFacts& traffic, const Failing& failing) {
    const FailedWays ways = failed_ways(attempts_of(traffic));
    const bool icmp = ways.icmp_failed;
    const bool forbidden = icmp && probe.outcome == Outcome::prohibited;
    const bool here = traffic.icmp && traffic.icmp->local;
    FactSet facts{Fact::address_fails};
    facts.insert_if(!failing.partly && !failing.peers.empty() && !failing.working.empty(),
                    Fact::address_works);
    facts.insert_if(ways.unanswered, Fact::tcp_timeout);
    facts.insert_if(ways.refused, Fact::tcp_refused);
    facts.insert_if(ways.half_open, Fact::syn_ack_dropped);
    facts.insert_if(forbidden && here, Fact::tcp_forbidden_here);
    facts.insert_if(forbidden && !here, Fact::tcp_prohibited);
    facts.insert_if(icmp && !forbidden, Fact::tcp_unreachable);
    return facts;
}

FactSet ends_outbound(const TrafficFacts& traffic) {
    return traffic.reset_before_data > 0
               ? FactSet{Fact::address_fails, Fact::accepted_then_reset, Fact::reset_unexamined}
               : FactSet{Fact::address_fails, Fact::accepted_then_closed};
}

// ---- by peer and as a whole ----

std::string peer_text(const PeerTraffic& peer) {
    return fmt::format("{}{}: {}, {} established, {} failed",
                       peer.port == 0 ? peer.peer.to_string() : endpoint_text(peer.peer, peer.port),
                       is_azure_probe(peer.peer) ? " (Azure's health probe)" : "",
                       count_text(peer.attempts, "attempt"), peer.established, peer.failed);
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
    text += header.azure_link_id ? fmt::format(", Azure LINKID {}", *header.azure_link_id) : "";
    text += header.gcp_connection_id ? fmt::format(", PSC connection {}", *header.gcp_connection_id) : "";
    return text;
}

std::string proxy_header_text(const TrafficFacts& facts) {
    const ProxyHeader& header = *facts.proxy_header;
    return fmt::format("{} of {} began with a PROXY header, last: version {}{}{}{}{}",
                       count_text(facts.with_proxy_header, "connection"),
                       facts.with_proxy_header + facts.without_proxy_header, header.version,
                       header.local ? ", health check of the proxy (LOCAL)" : "",
                       header.source ? ", from " + endpoint_text(*header.source, header.source_port) : "",
                       vendor_text(header), header.truncated ? "; truncated in the capture" : "");
}

std::string percent_text(std::uint64_t part, std::uint64_t whole) {
    const std::uint64_t tenths = (part * 1000 + whole / 2) / whole;
    return fmt::format("{}.{} %", tenths / 10, tenths % 10);
}

std::string quality_text(const TrafficFacts& facts) {
    std::vector<std::string> parts;
    if (facts.handshakes_measured > 0) {
        parts.push_back(fmt::format("handshake RTT {} on average, {} at most",
                                    duration_text(facts.handshake_rtt_sum / facts.handshakes_measured),
                                    duration_text(facts.handshake_rtt_max)));
    }
    if (facts.segments_sent > 0) {
        parts.push_back(fmt::format("{} of {} sent were retransmitted",
                                    percent_text(facts.retransmits_sent, facts.segments_sent),
                                    count_text(facts.segments_sent, "segment")));
    }
    if (facts.syn_retransmits > 0) {
        parts.push_back(count_text(facts.syn_retransmits, "SYN retransmission"));
    }
    if (facts.resets_received + facts.resets_sent > 0) {
        parts.push_back(
            fmt::format("{} received, {} sent", count_text(facts.resets_received, "RST"), facts.resets_sent));
    }
    return join(parts, ", ");
}

}  // namespace

Classification classify(const TrafficFacts& facts, probes::Nanoseconds /*took*/,
                        const Expectation& expectation) {
    if (failing_of(facts).any) {
        return said(outcome_of(facts), [&facts] {
            std::string text = attempts_text(facts);
            append(text, facts.icmp ? icmp_text(*facts.icmp) : "");
            return text;
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
        return facts.packets == 0
                   ? silence_text(facts)
                   : fmt::format("{}, {}", count_text(facts.packets, "packet"), attempts_text(facts));
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
        facts.insert_if(failed_ways(attempts_of(traffic)).mixed, Fact::failures_mixed);
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
            "this host sent no byte on these connections: the service does not know the PROXY header, or these are "
            "health checks");
    }
    if (only_azure_probes(facts)) {
        lines.emplace_back(
            "only Azure's health probe connected; to ignore it, set the clients' addresses as `peer` of the watch");
    }
    if (facts.forgotten > 0) {
        lines.push_back(count_text(facts.forgotten, "connection") + " not followed: too many at once");
    }
    if (!facts.complete) {
        lines.emplace_back("the kernel dropped captured packets: unanswered attempts do not count");
    }
    if (!facts.everywhere) {
        lines.emplace_back("not every interface of this host was captured");
    }
    return lines;
}

const probes::TrafficFacts* traffic_facts(std::span<const JudgedProbe> probes) {
    for (const JudgedProbe& probe : probes) {
        const auto* facts = get_if<probes::TrafficFacts>(&probe.observation.facts);
        if (facts != nullptr && !probe.observation.local) {
            return facts;
        }
    }
    return nullptr;
}

}  // namespace whylink::checks
