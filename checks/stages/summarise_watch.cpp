#include <algorithm>

#include "checks/stages/classify.hpp"
#include "checks/stages/summarise.hpp"
#include "checks/stages/traffic.hpp"

namespace whylink::checks {
namespace {

using probes::ListenerFacts;
using probes::TrafficFacts;

FactSet of_listener(const JudgedProbe& probe, const ListenerFacts& listener) {
    const auto is_full = [](const probes::ListeningSocket& socket) {
        return socket.waiting > socket.backlog;  // sk_acceptq_is_full() of the kernel
    };
    const bool missing = probe.outcome == Outcome::not_listening;
    FactSet facts;
    facts.insert_if(!missing, Fact::listening);
    facts.insert_if(missing && probe.counts, Fact::not_listening);
    facts.insert_if(missing && probe.counts && !listener.sockets.empty(), Fact::loopback_only);
    facts.insert_if(std::ranges::any_of(listener.sockets, is_full), Fact::backlog_full);
    return facts;
}

FactSet failures_inbound(const TrafficFacts& traffic) {
    const Attempts attempts = attempts_of(traffic);
    // A rule of this VM answers in its own name; a router that cannot bring our answer back, in its own.
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

FactSet of_traffic(const JudgedProbe& probe, const TrafficFacts& traffic) {
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

}  // namespace

FactSet summarise_watch(std::span<const JudgedProbe> probes) {
    FactSet facts{Fact::watch};
    bool any = false;
    bool all_pass = true;
    for (const JudgedProbe& probe : probes) {
        all_pass = all_pass && (!probe.counts || passes(probe.outcome));
        if (probe.outcome == Outcome::local_error) {
            facts.insert_if(probe.counts, Fact::local_error);
        } else if (const auto* listener = std::get_if<ListenerFacts>(&probe.observation.facts)) {
            facts.insert_all(of_listener(probe, *listener));
        } else if (const auto* traffic = std::get_if<TrafficFacts>(&probe.observation.facts)) {
            any = true;
            facts.insert_all(of_traffic(probe, *traffic));
        }
    }
    facts.insert_if(all_pass && any, Fact::healthy);
    facts.insert_if(all_pass && !any, Fact::nothing_probed);
    return facts;
}

}  // namespace whylink::checks
