#include "daemon/round/host_evidence.hpp"

#include <algorithm>
#include <variant>

#include "checks/stages/stage.hpp"
#include "checks/table/outcome.hpp"
#include "daemon/round/connection_stage.hpp"
#include "probes/host/acceptor.hpp"
#include "probes/host/proc_file.hpp"
#include "probes/host/route_facts.hpp"

namespace whylink::daemon {
namespace {

bool fails(const IpAddress& address, const probes::Round& round, const checks::Expectation& expectation) {
    return std::ranges::any_of(round.probes, [&](const probes::Observation& observation) {
        return observation.address == address && !observation.local &&
               !checks::passes(checks::classify(observation, expectation).outcome);
    });
}

}  // namespace

void add_routes(const config::Endpoint& endpoint, probes::Round& round) {
    checks::Expectation expectation = checks::expectation_of(endpoint);
    expectation.now = probes::WallClock::now();
    const bool has_nat = probes::may_translate(probes::read_proc_file("/proc/modules"));
    unsigned asked = 0;
    for (probes::Observation& observation : round.probes) {
        auto* tcp = get_if<probes::TcpFacts>(&observation.facts);
        if (tcp != nullptr && !observation.local && observation.address && asked < max_routes &&
            fails(*observation.address, round, expectation)) {
            tcp->route =
                probes::route_facts(*observation.address, socket_options(endpoint), tcp->local_address);
            tcp->translatable = has_nat && !tcp->timed_out && tcp->let_out;
            ++asked;
        }
    }
}

}  // namespace whylink::daemon
