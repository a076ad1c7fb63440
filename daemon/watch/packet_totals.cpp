
#include "daemon/watch/target_status.hpp"

namespace whylink::daemon {
namespace {

using probes::Nanoseconds;
using probes::PacketFacts;
using probes::TrafficFacts;

/// Of one round or window.
struct Latest {
    std::uint64_t segments = 0;
    std::uint64_t retransmits = 0;
    unsigned handshakes = 0;
    Nanoseconds rtt_sum{};
};

void add(const PacketFacts& facts, PacketTotals& totals, Latest& latest) {
    totals.connections += facts.complete ? 1U : 0U;
    totals.syn_retransmits += facts.syn > 1 ? facts.syn - 1 : 0;
    totals.resets_received += facts.rst_received;
    latest.segments += facts.segments_sent + facts.segments_received;
    latest.retransmits += facts.retransmits_sent + facts.retransmits_received;
    if (facts.handshake_rtt) {
        ++latest.handshakes;
        latest.rtt_sum += *facts.handshake_rtt;
    }
}

void add(const TrafficFacts& facts, PacketTotals& totals, Latest& latest) {
    totals.connections += facts.complete ? facts.attempts : 0;
    totals.syn_retransmits += facts.syn_retransmits;
    totals.resets_received += facts.resets_received;
    latest.segments += facts.segments_sent + facts.segments_received;
    latest.retransmits += facts.retransmits_sent + facts.retransmits_received;
    latest.handshakes += facts.handshakes_measured;
    latest.rtt_sum += facts.handshake_rtt_sum;
}

const TrafficFacts* traffic_of(const probes::Observation& observation) {
    return observation.local ? nullptr : get_if<TrafficFacts>(&observation.facts);
}

}  // namespace

void PacketTotals::add(const checks::Verdict& verdict) {
    Latest latest;
    for (const probes::CapturedConnection& connection : verdict.packets) {
        daemon::add(connection.facts, *this, latest);
    }
    for (const checks::JudgedProbe& probe : verdict.probes) {
        if (const TrafficFacts* traffic = traffic_of(probe.observation)) {
            daemon::add(*traffic, *this, latest);
        }
    }
    segments += latest.segments;
    retransmits += latest.retransmits;
    handshake_rtt_seconds.reset();
    retransmit_ratio.reset();
    if (latest.handshakes > 0) {
        handshake_rtt_seconds = std::chrono::duration<double>(latest.rtt_sum).count() / latest.handshakes;
    }
    if (latest.segments > 0) {
        retransmit_ratio = static_cast<double>(latest.retransmits) / static_cast<double>(latest.segments);
    }
}

}  // namespace whylink::daemon
