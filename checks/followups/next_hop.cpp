#include "checks/followups/next_hop.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "checks/explain/text.hpp"
#include "checks/stages/dns/answer.hpp"
#include "checks/stages/stage.hpp"
#include "config/dns_name.hpp"
#include "config/outside_text.hpp"

namespace whylink::checks {
namespace {

using probes::FollowUp;
using probes::Referral;

constexpr std::size_t max_host = 255;

bool is_special_address(const IpAddress& address) {
    return address_space(address) == AddressSpace::special;
}

bool leads_to_the_endpoint(const Referral& referral, const config::Endpoint& endpoint,
                           const Assessment& round) {
    if (referral.port != endpoint.port) {
        return false;
    }
    const std::optional<IpAddress> address = IpAddress::parse(referral.host);
    if (!address) {
        return canonical_name(referral.host) == canonical_name(endpoint.host);
    }
    return std::ranges::any_of(round.probes, [&](const JudgedProbe& probe) {
        return probe.observation.address == address && probe.dns() == nullptr;
    });
}

bool is_local(const config::Endpoint& endpoint) {
    return endpoint.address && is_special_address(*endpoint.address);
}

/// Of a name: what it has, and all of it is special.
bool has_special_only(const JudgedProbe& probe) {
    const auto* dns = probe.dns();
    const std::vector<IpAddress> addresses = dns == nullptr ? std::vector<IpAddress>() : addresses_of(*dns);
    return !addresses.empty() && std::ranges::all_of(addresses, is_special_address);
}

/// The resolver says so; one that says nothing leaves it open.
bool has_none(const JudgedProbe& probe) {
    return probe.dns() != nullptr && (probe.outcome == Outcome::nxdomain || probe.outcome == Outcome::nodata);
}

std::string target_text(const Referral& referral) {
    return fmt::format("{} port {}", shortened(referral.host, max_host), referral.port);
}

std::string test_text(const JudgedFollowUp& test, const std::string& host, std::uint16_t port) {
    const std::string where =
        fmt::format("{}{}", shortened(host, max_host), port == 0 ? "" : fmt::format(" port {}", port));
    if (has_special_only(test.probe)) {
        return fmt::format("{} resolves to {}, which other hosts cannot reach", where,
                           addresses_text(addresses_of(*test.probe.dns())));
    }
    if (test.probe.dns() != nullptr) {
        return fmt::format("{} does not resolve ({})", where, slug(test.probe.outcome));
    }
    return fmt::format("{} ({}): {}", where, test.probe.observation.address->to_string(),
                       slug(test.probe.outcome));
}

}  // namespace

std::vector<Referral> referrals(const config::Endpoint& endpoint, const Assessment& round) {
    std::vector<Referral> all;
    for (const JudgedProbe& probe : round.probes) {
        const auto* app = probe.app();
        if (app == nullptr || !probe.counts || !passes(probe.outcome)) {
            continue;
        }
        for (const Referral& referral : app->referrals) {
            if (!leads_to_the_endpoint(referral, endpoint, round)) {
                add_once(all, referral);
            }
        }
    }
    return all;
}

bool is_special(const Referral& referral) {
    const std::optional<IpAddress> address = IpAddress::parse(referral.host);
    const std::string name = canonical_name(referral.host);
    return address ? is_special_address(*address) : name == "localhost" || name.ends_with(".localhost");
}

Finding next_hop_finding(const JudgedProbe& probe) {
    if (probe.dns() != nullptr) {
        // That there is an address says nothing yet: the connection to it does.
        return has_none(probe) || has_special_only(probe) ? Finding::worse : Finding::nothing;
    }
    const auto* tcp = probe.tcp();
    return tcp != nullptr && tcp->connected ? Finding::answered : Finding::worse;
}

FactSet next_hop_facts(const config::Endpoint& endpoint, const Assessment& round) {
    FactSet facts;
    if (is_local(endpoint)) {
        return facts;
    }
    const std::vector<Referral> named = referrals(endpoint, round);
    const bool special = std::ranges::any_of(named, is_special);
    facts.insert_if(!named.empty(), Fact::sends_clients_on);
    facts.insert_if(special, Fact::next_hop_special);
    facts.insert_if(special, Fact::next_hop_fails);
    bool all_timed_out = !special;
    for (const FollowUpResult& result : follow_up_results(round)) {
        if (result.kind != FollowUp::next_hop || result.finding != Finding::worse) {
            continue;
        }
        facts.insert_if(has_none(*result.probe), Fact::next_hop_unresolved);
        facts.insert_if(has_special_only(*result.probe), Fact::next_hop_special);
        all_timed_out =
            all_timed_out && result.probe->outcome == Outcome::timeout && result.probe->dns() == nullptr;
        facts.insert(Fact::next_hop_fails);
    }
    facts.insert_if(facts.contains(Fact::next_hop_fails) && all_timed_out, Fact::next_hop_timed_out);
    return facts;
}

std::string next_hop_detail(const config::Endpoint& endpoint, const Assessment& round) {
    constexpr std::size_t most = 3;
    std::vector<std::string> parts;
    for (const Referral& referral : referrals(endpoint, round)) {
        if (is_special(referral)) {
            add_once(parts, target_text(referral) + " is an address that other hosts cannot reach");
        }
    }
    for (const JudgedFollowUp& test : round.follow_ups) {
        if (test.kind == FollowUp::next_hop && next_hop_finding(test.probe) == Finding::worse) {
            add_once(parts, test_text(test, test.host, test.probe.observation.port));
        }
    }
    return join_first(most, parts);
}

}  // namespace whylink::checks
