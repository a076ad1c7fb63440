#include "checks/summarise.hpp"

#include <algorithm>

#include "config/profiles.hpp"

namespace whylink::checks {
namespace {

FactSet of_endpoint(const config::Endpoint& endpoint) {
    FactSet facts;
    const config::Profile* profile = config::find_profile(endpoint.profile);
    facts.insert_if(profile != nullptr && profile->has_allow_list, Fact::profile_allow_list);
    facts.insert_if(!endpoint.address && endpoint.expect.empty(), Fact::address_unverified);
    facts.insert_if(endpoint.proxy_protocol != config::ProxyProtocol::none, Fact::sends_proxy_header);
    return facts;
}

}  // namespace

bool is_network_level(Outcome outcome) {
    return outcome == Outcome::timeout || outcome == Outcome::refused || outcome == Outcome::unreachable ||
           outcome == Outcome::prohibited;
}

FactSet summarise(const Subject& subject, std::span<const JudgedProbe> probes) {
    FactSet facts;
    if (subject.endpoint != nullptr) {
        facts.insert_all(of_endpoint(*subject.endpoint));
        facts.insert_all(summarise_addresses(subject, probes));
    }
    facts.insert_if(subject.zone != nullptr, Fact::zone);
    facts.insert_all(summarise_names(subject, probes));

    bool all_pass = true;
    bool any = false;
    for (const JudgedProbe& probe : probes) {
        if (probe.counts) {
            any = any || dns_facts(probe) == nullptr || subject.zone != nullptr;
            all_pass = all_pass && passes(probe.outcome);
            facts.insert_if(probe.outcome == Outcome::local_error, Fact::local_error);
        }
    }
    facts.insert_if(all_pass && any, Fact::healthy);
    facts.insert_if(all_pass && !any, Fact::nothing_probed);
    return facts;
}

}  // namespace whylink::checks
