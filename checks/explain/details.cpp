#include "checks/explain/details.hpp"

#include <fmt/core.h>

#include <set>

#include "checks/explain/text.hpp"
#include "checks/stages/dns/detail.hpp"
#include "checks/stages/dns/dns.hpp"
#include "checks/stages/hold.hpp"
#include "checks/stages/packets/sharpen.hpp"
#include "checks/stages/stage.hpp"
#include "config/outside_text.hpp"

namespace whylink::checks {
namespace {

constexpr std::size_t max_detail = 1536;

std::set<IpAddress> probed_addresses(const std::vector<JudgedProbe>& probes) {
    std::set<IpAddress> addresses;
    for (const JudgedProbe& probe : probes) {
        if (probe.observation.address) {
            addresses.insert(*probe.observation.address);
        }
    }
    return addresses;
}

/// Of the host's name: which of its addresses no connection was made to.
std::string unprobed_text(const JudgedProbe& probe, const std::set<IpAddress>& probed) {
    const auto* dns = probe.dns();
    const bool of_host = dns != nullptr && dns->role == probes::NameRole::host && probe.counts;
    return of_host && !probed.empty() ? not_probed_text(*dns, probed) : std::string();
}

std::string captured_text(const JudgedProbe& probe, Outcome seen, const Assessment& round) {
    const auto reason = captured_reason(probe, seen, round.packets);
    return reason ? fmt::format("{} captured {} after the first packet", icmp_text(reason->icmp->error),
                                duration_text(reason->icmp->after))
                  : std::string();
}

/// A handshake that would count, were it not that plain text works in its place.
std::string only_tried_text(const JudgedProbe& probe, const Classification& seen) {
    const bool only_tried = seen.counts && !probe.counts && probe.tls() != nullptr;
    return only_tried ? "TLS was only tried: no fault" : std::string();
}

/// What the probe says by itself, and then what it says beside the others of its round.
std::string detail_of(const config::Target& target, const JudgedProbe& probe, const Assessment& round,
                      const Expectation& expectation, const std::set<IpAddress>& probed) {
    const Classification seen = classify(probe.observation, expectation);
    std::string text = seen.detail.text();
    if (target.endpoint() != nullptr) {
        append(text, unprobed_text(probe, probed));
        append(text, only_tried_text(probe, seen));
        append(text, captured_text(probe, seen.outcome, round));
    }
    return outside_text(text, max_detail);
}

}  // namespace

Details details_of(const config::Target& target, const Assessment& round) {
    const std::vector<IpAddress> of_host = addresses_of_host(target, round.probes);
    const Expectation expectation = expectation_of(target, of_host, round.at);
    const std::set<IpAddress> probed = probed_addresses(round.probes);
    Details details;
    for (const JudgedProbe& probe : round.probes) {
        details.probes.push_back(detail_of(target, probe, round, expectation, probed));
    }
    for (const JudgedFollowUp& test : round.follow_ups) {
        const Expectation wanted =
            test.kind == probes::FollowUp::next_hop ? of_another_host(expectation) : expectation;
        details.follow_ups.push_back(classify(test.probe.observation, wanted).detail.text());
    }
    for (const JudgedHold& hold : round.holds) {
        details.holds.push_back(classify(hold.connection).detail.text());
    }
    return details;
}

}  // namespace whylink::checks
