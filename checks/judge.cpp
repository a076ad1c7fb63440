#include "checks/judge.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "checks/explain/text.hpp"
#include "checks/stages/classify.hpp"
#include "checks/stages/packets.hpp"
#include "checks/stages/subject.hpp"
#include "checks/stages/summarise.hpp"
#include "checks/table/decide.hpp"

namespace whylink::checks {
namespace {

using probes::DnsFacts;
using probes::NameRole;
using probes::Observation;

/// Whatever the private host was said to be, the public one must not be.
std::vector<IpAddress> host_addresses(const std::vector<Observation>& probes) {
    std::vector<IpAddress> addresses;
    for (const Observation& observation : probes) {
        const auto* dns = std::get_if<DnsFacts>(&observation.facts);
        if (dns == nullptr || dns->role != NameRole::host) {
            continue;
        }
        for (const probes::DnsQuery& query : dns->queries) {
            for (const probes::DnsAnswer& answer : query.answers) {
                addresses.push_back(answer.address);
            }
        }
    }
    return addresses;
}

JudgedProbe judge_probe(Observation observation, const Expectation& expectation) {
    Classification seen = classify(observation, expectation);
    JudgedProbe probe;
    probe.counts = seen.counts;
    probe.observation = std::move(observation);
    probe.outcome = seen.outcome;
    probe.detail = std::move(seen.detail);
    probe.faults = std::move(seen.faults);
    probe.query_outcomes = std::move(seen.query_outcomes);
    return probe;
}

JudgedFollowUp judge_follow_up(probes::FollowUpTest test, const Expectation& expectation) {
    JudgedFollowUp judged{test.kind, judge_probe(std::move(test.observation), expectation)};
    judged.probe.counts = false;
    return judged;
}

JudgedHold judge_hold(probes::HeldConnection held) {
    Classification seen = classify(held);
    return {std::move(held), seen.outcome, std::move(seen.detail)};
}

std::set<IpAddress> probed_addresses(const std::vector<JudgedProbe>& probes) {
    std::set<IpAddress> addresses;
    for (const JudgedProbe& probe : probes) {
        if (probe.observation.address) {
            addresses.insert(*probe.observation.address);
        }
    }
    return addresses;
}

/// An answer of a family of which nothing was probed while the other was: this VM has no route for it.
std::string skipped_family_text(const DnsFacts& dns, const std::set<IpAddress>& probed) {
    std::vector<IpAddress> skipped;
    for (const probes::DnsQuery& query : dns.queries) {
        for (const probes::DnsAnswer& answer : query.answers) {
            const bool family_probed = std::ranges::any_of(
                probed, [&](const IpAddress& address) { return address.is_v4() == answer.address.is_v4(); });
            if (!family_probed) {
                skipped.push_back(answer.address);
            }
        }
    }
    return skipped.empty()
               ? std::string()
               : "this VM has no route for " + std::string(skipped.front().is_v4() ? "IPv4" : "IPv6") +
                     ", so " + addresses_text(skipped) + (skipped.size() == 1 ? " was" : " were") +
                     " not probed";
}

/// A name may have more addresses than a round tries.
std::string left_out_text(const DnsFacts& dns, const std::set<IpAddress>& probed) {
    std::size_t answered = 0;
    std::size_t left_out = 0;
    for (const probes::DnsQuery& query : dns.queries) {
        for (const probes::DnsAnswer& answer : query.answers) {
            ++answered;
            left_out += probed.contains(answer.address) ? 0U : 1U;
        }
    }
    return left_out == 0 ? std::string()
                         : std::to_string(left_out) + " of the " + std::to_string(answered) +
                               " addresses were not probed";
}

void note_unprobed(std::vector<JudgedProbe>& probes) {
    const std::set<IpAddress> probed = probed_addresses(probes);
    if (probed.empty()) {
        return;
    }
    for (JudgedProbe& probe : probes) {
        const DnsFacts* dns = dns_facts(probe);
        if (dns == nullptr || dns->role != NameRole::host || !probe.counts) {
            continue;
        }
        std::string unprobed = skipped_family_text(*dns, probed);
        if (unprobed.empty()) {
            unprobed = left_out_text(*dns, probed);
        }
        if (!unprobed.empty()) {
            probe.detail += (probe.detail.empty() ? "" : "; ") + unprobed;
        }
    }
}

void explain_by_packets(Assessment& round) {
    for (JudgedProbe& probe : round.probes) {
        const bool failed = probe.counts && !passes(probe.outcome) && dns_facts(probe) == nullptr;
        const probes::PacketFacts* packets = failed && probe.observation.address
                                                 ? packets_of(*probe.observation.address, round.packets)
                                                 : nullptr;
        if (packets != nullptr) {
            explain_by_icmp(probe, *packets);
        }
    }
}

/// Where connections succeed, it does not matter that no socket of this VM listens (the port may be
/// translated, as container hosts do), nor that its sockets could not be listed.
void weigh_listener(std::vector<JudgedProbe>& probes) {
    const probes::TrafficFacts* traffic = traffic_facts(probes);
    const bool reached = traffic != nullptr && traffic->established > 0;
    for (JudgedProbe& probe : probes) {
        if (probe.observation.stage == probes::Stage::listener) {
            const bool translated = probe.outcome == Outcome::not_listening && reached;
            const bool unknown = probe.outcome == Outcome::local_error && traffic != nullptr;
            probe.counts = probe.counts && !translated && !unknown;
        }
    }
}

/// Of a public host the addresses of the private one are no right answer.
std::vector<IpAddress> addresses_of_host(const config::Endpoint& endpoint,
                                         const std::vector<Observation>& probes) {
    if (endpoint.address) {
        return {*endpoint.address};
    }
    return endpoint.public_host.empty() ? std::vector<IpAddress>() : host_addresses(probes);
}

}  // namespace

Assessment assess(const config::Target& target, probes::Round measured, TimePoint now) {
    Expectation expectation = expectation_of(target);
    expectation.now = now;
    std::vector<IpAddress> of_host;
    if (target.endpoint() != nullptr) {
        of_host = addresses_of_host(*target.endpoint(), measured.probes);
        expectation.host_addresses = of_host;
    }
    Assessment round;
    round.packets = std::move(measured.packets);
    round.probes.reserve(measured.probes.size());
    for (Observation& probe : measured.probes) {
        round.probes.push_back(judge_probe(std::move(probe), expectation));
    }
    for (probes::FollowUpTest& test : measured.follow_ups) {
        round.follow_ups.push_back(judge_follow_up(std::move(test), expectation));
    }
    std::ranges::transform(measured.holds, std::back_inserter(round.holds), judge_hold);
    if (target.endpoint() != nullptr) {
        note_unprobed(round.probes);
        weigh_tried_tls(target, round.probes);
        explain_by_packets(round);
    } else if (target.watch() != nullptr) {
        weigh_listener(round.probes);
    }
    round.facts = summarise(target, round);
    return round;
}

Verdict judge(const config::Target& target, Assessment round, Surroundings surroundings) {
    Verdict verdict;
    static_cast<Assessment&>(verdict) = std::move(round);
    verdict.healthy = verdict.passed();
    FactSet facts = verdict.facts;
    for (const Source* source : surroundings) {
        facts.insert_all(source->facts(verdict));
    }
    verdict.facts = facts;
    verdict.diagnosis = diagnose(target, verdict);
    for (const Source* source : surroundings) {
        source->tell(verdict, verdict.diagnosis);
    }
    return verdict;
}

}  // namespace whylink::checks
