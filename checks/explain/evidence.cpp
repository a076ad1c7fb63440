#include "checks/explain/evidence.hpp"

#include <algorithm>
#include <iterator>

#include "checks/explain/text.hpp"
#include "checks/followups/evidence.hpp"
#include "checks/stages/addresses.hpp"
#include "checks/stages/clouds.hpp"
#include "checks/stages/dns/dns.hpp"
#include "checks/stages/hold.hpp"
#include "checks/stages/host.hpp"
#include "checks/stages/packets/text.hpp"
#include "checks/stages/stage.hpp"
#include "checks/stages/traffic/traffic.hpp"
#include "checks/stages/withheld.hpp"

namespace whylink::checks {
namespace {

constexpr std::size_t max_lines = 16;

struct Line {
    std::string text;
    bool failure = false;
};

std::vector<Line> probe_lines(const Assessment& round, const Details& details) {
    std::vector<Line> lines;
    for (const JudgedProbe& probe : round.probes) {
        const auto* dns = probe.dns();
        // What does not count is of interest where it explains: a shadowed resolver, plain text under a TLS
        // attempt.
        if (!probe.counts && dns != nullptr && dns->role == probes::NameRole::control) {
            continue;
        }
        std::string line = evidence_line(probe, details.of(round, probe));
        if (std::ranges::find(lines, line, &Line::text) == lines.end()) {
            lines.push_back({std::move(line), probe.fails()});
        }
    }
    return lines;
}

/// Lines of failures first when there is not room for all; their order stays.
std::vector<std::string> shorten(const std::vector<Line>& lines) {
    std::vector<std::string> kept;
    const auto failures = static_cast<std::size_t>(std::ranges::count(lines, true, &Line::failure));
    std::size_t room_for_passes = lines.size() <= max_lines ? lines.size()
                                  : failures < max_lines    ? max_lines - failures
                                                            : 0;
    for (const Line& line : lines) {
        if (kept.size() == max_lines) {
            break;
        }
        if (line.failure || room_for_passes > 0) {
            room_for_passes -= line.failure ? 0 : 1;
            kept.push_back(line.text);
        }
    }
    if (kept.size() < lines.size()) {
        kept.push_back("and " + count_text(lines.size() - kept.size(), "more probe"));
    }
    return kept;
}

bool lacks_a_nameserver(std::span<const JudgedProbe> probes) {
    return std::ranges::any_of(counted_names(probes),
                               [](const CountedName& name) { return name.facts.no_nameserver; });
}

/// Of the addresses that fail; of the others the sockets say enough.
std::vector<std::string> packet_lines(const config::Target& target, const Assessment& round) {
    std::vector<std::string> lines;
    for (const AddressState& state : address_states(target, round)) {
        const bool fails = !passes(state.last->outcome) && state.last->outcome != Outcome::local_error;
        if (!fails || state.packets == nullptr) {
            continue;
        }
        if (lines.size() == max_lines) {
            lines.emplace_back("packets of more addresses are not shown");
            break;
        }
        const auto* tcp = state.last->tcp();
        lines.push_back(endpoint_text(state.address, state.last->observation.port) +
                        " packets: " + packets_text(*state.packets, tcp == nullptr || tcp->connected));
    }
    return lines;
}

std::vector<std::string> host_lines(const config::Target& target, const Assessment& round) {
    std::vector<AddressState> states = address_states(target, round);
    std::erase_if(states, [](const AddressState& state) { return !state.fails(); });
    return host_evidence(states);
}

/// What a fact by itself explains.
constexpr std::pair<Fact, std::string_view> meanings[]{
    {Fact::tcp_refused_at_once, "the RST came at once: this host itself may have sent it"},
    {Fact::sibling_served,
     "another name is served at the same address and port: the path and the endpoint work"},
    {Fact::sibling_reached, "another target is reached over the network: the network of this host works"},
    {Fact::siblings_down, "every other target fails at the network level too, and no DNS server replies"},
    {Fact::only_names_tried, "DNS gives no address: no connection was tried"},
};

std::vector<std::string> notes(const config::Target& target, const Assessment& round) {
    const FactSet facts = round.facts;
    const config::Endpoint* endpoint = target.endpoint();
    std::vector<std::string> lines;
    if (lacks_a_nameserver(round.probes)) {
        lines.emplace_back(
            "/etc/resolv.conf names no nameserver or cannot be read: programs and this check query 127.0.0.1");
    }
    for (const auto& [fact, meaning] : meanings) {
        if (facts.contains(fact)) {
            lines.emplace_back(meaning);
        }
    }
    if (endpoint != nullptr && facts.contains_all({Fact::address_unverified, Fact::address_fails}) &&
        !facts.intersects({Fact::record_is_right, Fact::record_is_wrong})) {
        lines.emplace_back("`expect` not set: DNS answer not verified");
    }
    if (std::string clouds = other_cloud_text(target, round); !clouds.empty() && !round.passed()) {
        lines.push_back(std::move(clouds));
    }
    const bool tried = endpoint != nullptr && endpoint->tls.mode == config::TlsMode::attempt;
    if (tried && facts.contains(Fact::tls_stage) &&
        facts.intersects({Fact::accepted_then_reset, Fact::accepted_then_closed, Fact::tls_silent})) {
        lines.emplace_back(
            "TLS was only tried: a plain-text service may answer a ClientHello like this; `--no-tls` skips TLS");
    }
    if (endpoint != nullptr) {
        std::ranges::move(withheld_request_lines(*endpoint, round), std::back_inserter(lines));
    }
    if (facts.contains_all({Fact::proxy_header_configured, Fact::address_fails})) {
        lines.emplace_back("`proxy_protocol` is set: a PROXY header was sent first");
    }
    return lines;
}

std::vector<std::string> watch_evidence(const Assessment& round, const Details& details) {
    std::vector<std::string> lines;
    for (const JudgedProbe& probe : round.probes) {
        lines.push_back(evidence_line(probe, details.of(round, probe)));
    }
    if (const probes::TrafficFacts* facts = traffic_facts(round.probes)) {
        std::ranges::move(traffic_lines(*facts), std::back_inserter(lines));
    }
    return lines;
}

}  // namespace

std::vector<std::string> evidence(const config::Target& target, const Assessment& round,
                                  const Details& details) {
    if (target.watch() != nullptr) {
        return watch_evidence(round, details);
    }
    std::vector<std::string> lines = shorten(probe_lines(round, details));
    for (std::vector<std::string> part : {packet_lines(target, round), host_lines(target, round),
                                          follow_up_evidence(round, details.follow_ups),
                                          hold_evidence(round.holds, details.holds), notes(target, round)}) {
        std::ranges::move(part, std::back_inserter(lines));
    }
    return lines;
}

}  // namespace whylink::checks
