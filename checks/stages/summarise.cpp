#include "checks/stages/summarise.hpp"

#include <algorithm>
#include <span>

#include "checks/followups/facts.hpp"
#include "checks/followups/next_hop.hpp"
#include "checks/stages/addresses.hpp"
#include "checks/stages/connects.hpp"
#include "checks/stages/dns/dns.hpp"
#include "checks/stages/dns/names.hpp"
#include "checks/stages/hold.hpp"
#include "checks/stages/proxies.hpp"
#include "checks/stages/stage.hpp"
#include "checks/stages/tls/linked_names.hpp"
#include "config/first_bytes.hpp"
#include "config/host_pattern.hpp"
#include "config/profiles.hpp"

namespace whylink::checks {
namespace {

/// A profile that was picked by a name of the CNAME chain is of the service that is meant; what is asked for is another
/// name, which that service may not know.
bool names_its_service(const config::Endpoint& endpoint, const config::Profile& profile) {
    return !endpoint.by_name.profile || config::match_host(profile, endpoint.host) ||
           config::match_host(profile, endpoint.tls.server_name);
}

FactSet of_endpoint(const config::Endpoint& endpoint) {
    FactSet facts;
    const config::Profile* profile = config::profile_of(endpoint);
    if (profile != nullptr && profile->has_allow_list && names_its_service(endpoint, *profile)) {
        // Private endpoints are listed apart from the public addresses that may use the public name.
        const bool is_public = !endpoint.address && config::is_public_host(*profile, endpoint.host);
        facts.insert(is_public ? Fact::public_host_of_listed : Fact::profile_allow_list);
    }
    facts.insert_if(!endpoint.address && endpoint.expect.empty(), Fact::address_unverified);
    facts.insert_if(endpoint.proxy_protocol != config::ProxyProtocol::none, Fact::proxy_header_configured);
    facts.insert_if(config::judges_by_history(endpoint.port), Fact::judged_by_history);
    return facts;
}

/// `any`: something was seen at all.
FactSet passes_or_nothing(bool all_pass, bool any) {
    return all_pass ? FactSet{any ? Fact::all_pass : Fact::nothing_probed} : FactSet();
}

FactSet of_the_whole(const config::Target& target, const Assessment& round) {
    const std::vector<AddressState> states = address_states(target, round);
    bool any = std::ranges::any_of(states, &AddressState::right);
    // What a wrong answer led to is probed for the report only: the answer itself already fails.
    bool all_pass = std::ranges::none_of(states, &AddressState::fails);
    for (const JudgedProbe& probe : round.probes) {
        if (probe.dns() != nullptr) {
            any = any || (probe.counts && target.zone() != nullptr);
            all_pass = all_pass && !probe.fails();
        }
    }
    return passes_or_nothing(all_pass, any);
}

FactSet of_watch(std::span<const JudgedProbe> probes) {
    FactSet facts{Fact::watch};
    bool any = false;
    bool all_pass = true;
    for (const JudgedProbe& probe : probes) {
        all_pass = all_pass && !probe.fails();
        if (probe.outcome == Outcome::local_error) {
            facts.insert_if(probe.counts, Fact::local_error);
            continue;
        }
        // That a socket listens is not to have seen traffic.
        any = any || probe.observation.stage == probes::Stage::packets;
        facts.insert_all(facts_of(probe));
    }
    facts.insert_all(passes_or_nothing(all_pass, any));
    return facts;
}

}  // namespace

FactSet summarise(const config::Target& target, const Assessment& round) {
    if (target.watch() != nullptr) {
        return of_watch(round.probes);
    }
    FactSet facts;
    if (target.endpoint() != nullptr) {
        facts.insert_all(of_endpoint(*target.endpoint()));
        facts.insert_if(proxy_for(*target.endpoint(), round).has_value(), Fact::programs_use_proxy);
        facts.insert_if(proxy_script_for(*target.endpoint(), round).has_value(),
                        Fact::programs_follow_script);
        facts.insert_all(summarise_addresses(target, round));
        facts.insert_all(summarise_connects(round));
        apply_follow_ups(facts, *target.endpoint(), round);
        facts.insert_all(next_hop_facts(*target.endpoint(), round));
        facts.insert_all(summarise_hold(round.holds));
    }
    facts.insert_if(target.zone() != nullptr, Fact::zone);
    facts.insert_all(summarise_names(target, round));

    facts.insert_all(of_the_whole(target, round));
    // It takes part in doubts about failures only, and a round that passes would look for the names in vain.
    if (target.endpoint() != nullptr && !facts.contains(Fact::all_pass)) {
        facts.insert_if(has_linked_name(*target.endpoint(), round.probes), Fact::has_linked_name);
    }
    return facts;
}

}  // namespace whylink::checks
