#include "checks/stages/stage.hpp"

#include <variant>

#include "checks/stages/app.hpp"
#include "checks/stages/dns/dns.hpp"
#include "checks/stages/errors.hpp"
#include "checks/stages/listener.hpp"
#include "checks/stages/tcp.hpp"
#include "checks/stages/tls/tls.hpp"
#include "checks/stages/traffic/traffic.hpp"

namespace whylink::checks {
namespace {

using probes::Observation;

Classification not_made(const Observation& observation) {
    Classification result = local_fault(*observation.local);
    if (forbidden_here(observation)) {
        result.outcome = Outcome::prohibited;
    }
    if (const auto* dns = get_if<probes::DnsFacts>(&observation.facts)) {
        result.query_outcomes.assign(dns->queries.size(), result.outcome);
    }
    return result;
}

}  // namespace

Classification classify(const Observation& observation, const Expectation& expectation) {
    if (observation.local) {
        return not_made(observation);
    }
    return visit([&](const auto& facts) { return classify(facts, observation.took, expectation); },
                 observation.facts);
}

probes::StreamEnd stream_end(const Observation& observation) {
    return visit([](const auto& facts) { return stream_end(facts); }, observation.facts);
}

bool forbidden_here(const Observation& observation) {
    if (observation.local) {
        return forbidden_here(*observation.local);
    }
    return visit([](const auto& facts) { return forbidden_here(facts); }, observation.facts);
}

FactSet facts_of(const JudgedProbe& probe, const probes::TlsFacts* handshake) {
    return visit([&](const auto& facts) { return facts_of(facts, probe, handshake); },
                 probe.observation.facts);
}

std::string evidence_line(const JudgedProbe& probe, const std::string& detail) {
    return visit([&](const auto& facts) { return evidence_line(facts, probe, detail); },
                 probe.observation.facts);
}

}  // namespace whylink::checks
