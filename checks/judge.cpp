#include "checks/judge.hpp"

#include <utility>

#include "checks/stages/hold.hpp"
#include "checks/stages/listener.hpp"
#include "checks/stages/packets/sharpen.hpp"
#include "checks/stages/stage.hpp"
#include "checks/stages/summarise.hpp"
#include "checks/stages/tls/tried.hpp"
#include "checks/table/decide.hpp"

namespace whylink::checks {
namespace {

using probes::Observation;

void judge(JudgedProbe& probe, const Expectation& expectation) {
    Classification seen = classify(probe.observation, expectation);
    static_cast<Judgement&>(probe) = static_cast<Judgement&&>(seen);
}

void judge_probes(const config::Target& target, Assessment& round) {
    const std::vector<IpAddress> of_host = addresses_of_host(target, round.probes);
    const Expectation expectation = expectation_of(target, of_host, round.at);
    for (JudgedProbe& probe : round.probes) {
        judge(probe, expectation);
    }
    for (JudgedFollowUp& test : round.follow_ups) {
        judge(test.probe,
              test.kind == probes::FollowUp::next_hop ? of_another_host(expectation) : expectation);
        test.probe.counts = false;
    }
    for (JudgedHold& hold : round.holds) {
        hold.outcome = classify(hold.connection).outcome;
    }
}

/// What was seen, not judged yet.
Assessment round_of(probes::Round measured, TimePoint at) {
    Assessment round;
    round.at = at;
    round.packets = std::move(measured.packets);
    round.proxies = std::move(measured.proxies);
    round.cloud = measured.cloud;
    round.probes.reserve(measured.probes.size());
    for (Observation& probe : measured.probes) {
        round.probes.emplace_back().observation = std::move(probe);
    }
    round.follow_ups.reserve(measured.follow_ups.size());
    for (probes::FollowUpTest& test : measured.follow_ups) {
        JudgedFollowUp& judged = round.follow_ups.emplace_back();
        judged.kind = test.kind;
        judged.host = std::move(test.host);
        judged.probe.observation = std::move(test.observation);
    }
    for (probes::HeldConnection& held : measured.holds) {
        round.holds.emplace_back().connection = std::move(held);
    }
    return round;
}

void explain_by_packets(Assessment& round) {
    for (JudgedProbe& probe : round.probes) {
        if (const auto reason = captured_reason(probe, probe.outcome, round.packets)) {
            probe.outcome = reason->outcome;
        }
    }
}

}  // namespace

Assessment assess(const config::Target& target, probes::Round measured, TimePoint now) {
    Assessment round = round_of(std::move(measured), now);
    judge_probes(target, round);
    if (target.endpoint() != nullptr) {
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
    FactSet facts = verdict.facts;
    for (const Source* source : surroundings) {
        facts.insert_all(source->facts(verdict));
    }
    verdict.facts = facts;
    verdict.healthy = verdict.passed();
    verdict.decision = decide(target, verdict);
    for (const Source* source : surroundings) {
        source->tell(verdict);
    }
    return verdict;
}

}  // namespace whylink::checks
