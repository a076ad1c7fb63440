#include "checks/explain/evidence.hpp"

#include <algorithm>
#include <iterator>

#include "checks/explain/text.hpp"
#include "checks/followups/experiments.hpp"
#include "checks/stages/classify.hpp"
#include "checks/stages/hold.hpp"
#include "checks/stages/packets.hpp"

namespace whylink::checks {
namespace {

using probes::DnsFacts;
using probes::TcpFacts;
using probes::TlsFacts;

constexpr std::size_t most_lines = 16;

std::string answers_text(const DnsFacts& facts) {
    constexpr std::size_t most = 6;
    std::vector<std::string> parts;
    std::size_t count = 0;
    for (const probes::DnsQuery& query : facts.queries) {
        for (const probes::DnsAnswer& answer : query.answers) {
            if (++count <= most) {
                parts.push_back(answer.address.to_string() +
                                (facts.source == probes::NameSource::resolver
                                     ? " (TTL " + std::to_string(answer.ttl) + " s)"
                                     : ""));
            }
        }
    }
    if (count > most) {
        parts.push_back(std::to_string(count - most) + " more");
    }
    return join(parts);
}

std::string role_text(probes::NameRole role) {
    switch (role) {
        case probes::NameRole::random_label:
        case probes::NameRole::random_two_labels:
            return " (random)";
        case probes::NameRole::control:
            return " (control, outside the zone)";
        case probes::NameRole::public_host:
            return " (public name)";
        default:
            return {};
    }
}

std::string dns_line(const JudgedProbe& probe, const DnsFacts& facts, const std::string& detail) {
    const std::string answers = answers_text(facts);
    std::string line = resolver_text(facts) + ": " + facts.name + role_text(facts.role);
    if (!answers.empty()) {
        line += " has " + answers;
    } else if (detail.empty()) {
        line += ": ";
        line += slug(probe.outcome);
    }
    return detail.empty() ? line : line + (answers.empty() ? ": " : "; ") + detail;
}

std::string tcp_line(const JudgedProbe& probe, const TcpFacts& facts) {
    std::string line = "connected in " + duration_text(facts.info ? facts.info->rtt : probe.observation.took);
    if (facts.info && facts.info->retransmits > 0) {
        line += ", " + count_text(facts.info->retransmits, "segment") + " sent again";
    }
    return line;
}

std::string tls_line(const TlsFacts& facts) {
    std::string line = facts.version.empty() ? "TLS" : facts.version;
    line += facts.cipher.empty() ? "" : ", " + facts.cipher;
    line += ", handshake in " + duration_text(facts.handshake_took);
    if (!facts.chain.empty()) {
        line += ", certificate " + facts.chain.front().subject + " until " +
                time_text(facts.chain.front().not_after);
    }
    if (leaves_client_certificate_open(facts)) {
        line +=
            "; the server asked for a client certificate, got none and did not insist, but said nothing more in the " +
            duration_text(facts.watched) + " that followed";
    }
    return line;
}

/// "Redis 7.0.15 answers in 0.4 ms: PONG"
std::string app_line(const JudgedProbe& probe, const probes::AppFacts& facts, const std::string& detail) {
    std::string line = protocol_title(facts.protocol);
    line += facts.server.empty() ? "" : " (" + printable(facts.server, 60) + ")";
    line += " answers in " + duration_text(facts.first_byte_after.value_or(probe.observation.took));
    const std::string words = reply_text(facts);
    return words.empty() || !detail.empty() ? line : line + ": " + words;
}

std::string address_line(const JudgedProbe& probe, const std::string& detail) {
    const auto* tcp = std::get_if<TcpFacts>(&probe.observation.facts);
    const auto* tls = std::get_if<TlsFacts>(&probe.observation.facts);
    const auto* app = std::get_if<probes::AppFacts>(&probe.observation.facts);
    std::string line = probe.observation.address
                           ? endpoint_text(*probe.observation.address, probe.observation.port)
                           : std::string("address");
    std::string said;
    if (tcp != nullptr && tcp->connected) {
        said = tcp_line(probe, *tcp);
    } else if (tls != nullptr && passes(probe.outcome)) {
        said = tls_line(*tls);
    } else if (app != nullptr && passes(probe.outcome)) {
        said = app_line(probe, *app, detail);
    }
    if (!detail.empty()) {
        said += (said.empty() ? "" : "; ") + detail;
    }
    return line + ": " + (said.empty() ? std::string(slug(probe.outcome)) : said);
}

struct Line {
    std::string text;
    bool failure = false;
};

std::vector<Line> probe_lines(const Assessment& round, const Details& details) {
    std::vector<Line> lines;
    for (const JudgedProbe& probe : round.probes) {
        const DnsFacts* dns = dns_facts(probe);
        // What does not count is of interest where it explains: a shadowed resolver, plain text under a TLS
        // attempt.
        if (!probe.counts && dns != nullptr && dns->role == probes::NameRole::control) {
            continue;
        }
        const std::string& detail = details.of(round, probe);
        std::string line = dns != nullptr ? dns_line(probe, *dns, detail) : address_line(probe, detail);
        const bool repeated =
            std::ranges::any_of(lines, [&](const Line& other) { return other.text == line; });
        if (!repeated) {
            lines.push_back({std::move(line), probe.counts && !passes(probe.outcome)});
        }
    }
    return lines;
}

/// Lines of failures first when there is not room for all; their order stays.
std::vector<std::string> shorten(const std::vector<Line>& lines) {
    std::vector<std::string> kept;
    const auto failures =
        static_cast<std::size_t>(std::ranges::count_if(lines, [](const Line& line) { return line.failure; }));
    std::size_t room_for_passes = lines.size() <= most_lines ? lines.size()
                                  : failures < most_lines    ? most_lines - failures
                                                             : 0;
    for (const Line& line : lines) {
        if (kept.size() == most_lines) {
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
    return std::ranges::any_of(probes, [](const JudgedProbe& probe) {
        const DnsFacts* dns = dns_facts(probe);
        return dns != nullptr && dns->no_nameserver && probe.counts;
    });
}

/// Of the addresses that fail; of the others the sockets say enough.
std::vector<std::string> packet_lines(const config::Target& target, const Assessment& round) {
    std::vector<std::string> lines;
    for (const AddressState& state : address_states(target, round)) {
        const bool fails = !passes(state.last->outcome) && state.last->outcome != Outcome::local_error;
        if (!fails || state.packets == nullptr) {
            continue;
        }
        if (lines.size() == most_lines) {
            lines.emplace_back("and the packets of more addresses");
            break;
        }
        lines.push_back(endpoint_text(state.address, state.last->observation.port) +
                        " packets: " + packets_text(*state.packets));
    }
    return lines;
}

std::vector<std::string> notes(const config::Target& target, const Assessment& round) {
    const FactSet facts = round.facts;
    std::vector<std::string> lines;
    if (lacks_a_nameserver(round.probes)) {
        lines.emplace_back(
            "/etc/resolv.conf names no nameserver or cannot be read: 127.0.0.1 is where applications ask "
            "then, and so does this check");
    }
    if (facts.contains(Fact::tcp_refused_at_once)) {
        lines.emplace_back("the refusal was there at once, so it may come from this VM itself");
    }
    if (facts.contains(Fact::sibling_served)) {
        lines.emplace_back(
            "another name is served on the same address and port, so the path and the endpoint work");
    }
    if (facts.contains(Fact::sibling_reached)) {
        lines.emplace_back("another target is reached over the network, so this VM's network is not down");
    }
    if (facts.contains(Fact::siblings_down)) {
        lines.emplace_back(
            "every other target fails at the network too, and no resolver has replied to any of them");
    }
    if (facts.contains(Fact::only_names_tried)) {
        lines.emplace_back("without an answer of DNS no address of any target could be tried");
    }
    if (target.endpoint() != nullptr && facts.contains(Fact::address_unverified) &&
        facts.contains(Fact::address_fails)) {
        lines.emplace_back(
            "no `expect` is configured, so nothing says whether DNS gives the endpoint's present address");
    }
    const bool tried =
        target.endpoint() != nullptr && target.endpoint()->tls.mode == config::TlsMode::attempt;
    if (tried && facts.contains(Fact::tls_stage) &&
        facts.intersects({Fact::accepted_then_reset, Fact::accepted_then_closed, Fact::tls_silent})) {
        lines.emplace_back(
            "TLS was only tried, as neither `--tls` nor a profile asks for it: a plain-text service may also "
            "end the connection at a ClientHello, or wait in silence; `--no-tls` leaves it out");
    }
    if (facts.contains(Fact::proxy_header_configured) && facts.contains(Fact::address_fails)) {
        lines.emplace_back("`proxy_protocol` is configured: a PROXY header was sent in front of all else");
    }
    return lines;
}

}  // namespace

std::string resolver_text(const DnsFacts& facts) {
    return facts.source == probes::NameSource::hosts_file
               ? "the hosts file"
               : endpoint_text(facts.resolver, facts.resolver_port);
}

std::vector<std::string> evidence(const config::Target& target, const Assessment& round,
                                  const Details& details) {
    if (target.watch() != nullptr) {
        return watch_evidence(round, details);
    }
    std::vector<std::string> lines = shorten(probe_lines(round, details));
    for (std::vector<std::string> part :
         {packet_lines(target, round), experiment_evidence(round, details.follow_ups),
          hold_evidence(round.holds, details.holds), notes(target, round)}) {
        std::ranges::move(part, std::back_inserter(lines));
    }
    return lines;
}

}  // namespace whylink::checks
