#include "checks/stages/connects.hpp"

#include "checks/stages/packets/sharpen.hpp"

namespace whylink::checks {
namespace {

/// The kernel gives up asking for ECN when a SYN that did has got no answer (ip-sysctl, tcp_ecn_fallback). Without
/// packets its setting says that the first SYN asked.
bool asked_for_ecn(const probes::TcpFacts& tcp, const probes::PacketFacts* packets) {
    constexpr int asks = 1;
    if (packets != nullptr && packets->complete && packets->syn > 0) {
        return packets->syn_ecn > 0 && packets->syn_ecn < packets->syn;
    }
    return tcp.tcp_ecn == asks;
}

}  // namespace

bool waited_for_syn(const JudgedProbe& probe) {
    constexpr std::chrono::milliseconds almost_a_second{900};  // the kernel's timers are no more exact
    const auto* tcp = probe.tcp();
    return tcp != nullptr && tcp->connected && tcp->info && tcp->info->retransmits > 0 &&
           probe.observation.took >= almost_a_second;
}

FactSet summarise_connects(const Assessment& round) {
    FactSet facts;
    for (const JudgedProbe& probe : round.probes) {
        if (!probe.counts || !probe.observation.address || !waited_for_syn(probe)) {
            continue;
        }
        const probes::PacketFacts* packets = packets_of(*probe.observation.address, round.packets);
        facts.insert(Fact::syn_repeated);
        facts.insert_if(asked_for_ecn(*probe.tcp(), packets), Fact::syn_repeated_with_ecn);
    }
    return facts;
}

}  // namespace whylink::checks
