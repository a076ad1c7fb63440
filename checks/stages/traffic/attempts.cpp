#include "checks/stages/traffic/attempts.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "checks/explain/text.hpp"

namespace whylink::checks {

using probes::PeerTraffic;
using probes::TrafficFacts;

namespace {

bool has_data_both_ways(const TrafficFacts& facts) {
    return facts.segments_sent > 0 && facts.segments_received > 0;
}

}  // namespace

bool is_failing(unsigned failed, unsigned decided) {
    constexpr unsigned least = 3;
    constexpr unsigned share = 10;  // one in so many
    const bool many = failed >= least && std::uint64_t{failed} * share >= decided;
    return failed > 0 && (failed >= decided || many);
}

Attempts attempts_of(const TrafficFacts& facts) {
    return {.established = facts.established,
            .refused = facts.refused,
            .unanswered = facts.complete ? facts.unanswered : 0,
            .half_open = facts.complete ? facts.half_open : 0,
            .icmp_failed = facts.icmp_failed};
}

FailedWays failed_ways(const Attempts& attempts) {
    constexpr std::uint64_t share = 10;  // one in so many
    const unsigned most =
        std::max({attempts.refused, attempts.unanswered, attempts.half_open, attempts.icmp_failed, 1U});
    FailedWays ways{.refused = attempts.refused == most,
                    .unanswered = attempts.unanswered == most,
                    .half_open = attempts.half_open == most,
                    .icmp_failed = attempts.icmp_failed == most};
    unsigned others = attempts.failed();
    for (const bool is_of_most : {ways.refused, ways.unanswered, ways.half_open, ways.icmp_failed}) {
        others -= is_of_most ? most : 0;
    }
    ways.mixed = std::uint64_t{others} * share >= attempts.failed() && others > 0;
    return ways;
}

Failing failing_of(const TrafficFacts& facts) {
    const Attempts attempts = attempts_of(facts);
    Failing result;
    if (attempts.failed() == 0) {
        return result;
    }
    bool none_succeeds_at_one = attempts.established == 0;
    for (const PeerTraffic& peer : facts.peers) {
        if (is_failing(peer.failed, peer.established + peer.failed)) {
            result.peers.push_back(peer);
            none_succeeds_at_one = none_succeeds_at_one || peer.established == 0;
        } else if (peer.established > 0) {
            result.working.push_back(peer);
        }
    }
    result.any = !result.peers.empty() || is_failing(attempts.failed(), attempts.decided());
    result.partly = result.any && !none_succeeds_at_one;
    return result;
}

bool ends_before_data(const TrafficFacts& facts) {
    return !facts.inbound && facts.established > 0 &&
           facts.reset_before_data + facts.closed_before_data >= facts.established;
}

bool ends_at_proxy_header(const TrafficFacts& facts) {
    const bool health_check = facts.proxy_header && facts.proxy_header->local;
    return facts.inbound && !health_check &&
           is_failing(facts.reset_after_proxy_header,
                      std::max(facts.with_proxy_header, facts.reset_after_proxy_header));
}

bool is_azure_probe(const IpAddress& address) {
    return address == IpAddress::parse("168.63.129.16");
}

bool only_azure_probes(const TrafficFacts& facts) {
    return facts.inbound && !has_data_both_ways(facts) && !facts.peers.empty() && facts.further_peers == 0 &&
           std::ranges::all_of(facts.peers,
                               [](const PeerTraffic& peer) { return is_azure_probe(peer.peer); });
}

bool silent_at_proxy_header(const TrafficFacts& facts) {
    return facts.inbound && facts.with_proxy_header > 0 && facts.without_proxy_header == 0 &&
           facts.segments_sent == 0;
}

bool shows_that_it_works(const TrafficFacts& facts) {
    return facts.complete && (facts.established > 0 || has_data_both_ways(facts)) &&
           !only_azure_probes(facts) && !silent_at_proxy_header(facts);
}

std::string attempts_text(const TrafficFacts& facts) {
    const std::pair<unsigned, std::string_view> counts[]{
        {facts.established, "established"},   {facts.refused, "refused"},
        {facts.unanswered, "unanswered"},     {facts.half_open, "half-open"},
        {facts.icmp_failed, "ended by ICMP"},
    };
    std::vector<std::string> parts;
    for (const auto& [count, what] : counts) {
        if (count > 0) {
            parts.push_back(fmt::format("{} {}", count, what));
        }
    }
    std::string text =
        fmt::format("{} in {}", count_text(facts.attempts, "attempt"), duration_text(facts.window));
    append(text, join(parts), ": ");
    return text;
}

}  // namespace whylink::checks
