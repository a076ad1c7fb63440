#include "daemon/report/human/probe_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "checks/explain/text.hpp"
#include "config/dns_name.hpp"
#include "daemon/report/human/packets.hpp"
#include "daemon/report/human/text.hpp"
#include "daemon/report/probe_view.hpp"

namespace whylink::daemon {
namespace {

using probes::AppFacts;
using probes::DnsFacts;
using probes::TcpFacts;
using probes::TlsFacts;

/// More than these are counted.
constexpr std::size_t max_answers = 4;

/// Characters of what a server says.
constexpr std::size_t max_said = 60;

/// With two decimals always, so that a column of them can be compared at a glance.
std::string aligned_duration(std::chrono::nanoseconds duration) {
    const double milliseconds = std::chrono::duration<double, std::milli>(duration).count();
    return milliseconds < 1000 ? fmt::format("{:.2f} ms", milliseconds)
                               : fmt::format("{:.2f} s ", milliseconds / 1000);
}

/// The name as far as it differs from what the header says.
std::string name_part(const DnsFacts& facts, std::string_view zone) {
    using probes::NameRole;
    if (facts.role == NameRole::host) {
        return {};
    }
    // Nobody will see these names again; the JSON has them.
    if (facts.role == NameRole::control) {
        return "(control)";
    }
    if (facts.role == NameRole::random_label) {
        return "(random)";
    }
    if (facts.role == NameRole::random_two_labels) {
        return "(random, two labels)";
    }
    const std::string suffix = "." + canonical_name(zone);
    if (!zone.empty() && facts.name.ends_with(suffix)) {
        return facts.name.substr(0, facts.name.size() - suffix.size());
    }
    return facts.name;
}

std::string peer_of(const probes::Observation& observation, std::string_view zone) {
    if (const auto* dns = std::get_if<DnsFacts>(&observation.facts)) {
        const std::string name = name_part(*dns, zone);
        return name.empty() ? resolver_text(*dns) : name + " @ " + resolver_text(*dns);
    }
    if (observation.address) {
        return endpoint_text(*observation.address, observation.port);
    }
    return observation.port == 0 ? "" : fmt::format("port {}", observation.port);
}

std::string answers_text(const DnsFacts& facts) {
    std::vector<std::string> texts;
    for (const probes::DnsAnswer& answer : answers_of(facts)) {
        texts.push_back(answer.address.to_string());
        if (facts.source == probes::NameSource::resolver) {
            texts.back() += fmt::format(" (ttl {})", answer.ttl);
        }
    }
    return abridged(std::move(texts), max_answers);
}

/// What a probe that went well has to tell.
std::string tcp_text(const TcpFacts& facts) {
    if (!facts.connected || !facts.info) {
        return {};
    }
    std::string text = fmt::format("rtt {}", checks::duration_text(facts.info->rtt));
    if (facts.info->retransmits > 0) {
        text += fmt::format(", {} retransmitted", facts.info->retransmits);
    }
    if (!facts.first_bytes.empty()) {
        text += ", says " + checks::bytes_text(facts.first_bytes);
    }
    return text;
}

std::string tls_text(const TlsFacts& facts) {
    if (facts.progress != probes::TlsProgress::complete) {
        return {};
    }
    std::string text = facts.version;
    if (!facts.group.empty()) {
        text += ", " + facts.group;
    }
    if (!facts.alpn.empty()) {
        text += ", " + facts.alpn;
    }
    if (!facts.chain.empty()) {
        text += ", certificate until " + rfc3339(facts.chain.front().not_after).substr(0, 10);
    }
    return text;
}

/// "Redis 7.0.15: PONG"; what else there is to say is in the detail.
std::string app_text(const checks::JudgedProbe& probe, const AppFacts& facts, const std::string& detail) {
    if (!checks::passes(probe.outcome)) {
        return {};
    }
    std::string text = checks::protocol_title(facts.protocol);
    if (!facts.server.empty()) {
        text += fmt::format(" ({})", shortened(facts.server, max_said));
    }
    const std::string said = shortened(checks::reply_text(facts), max_said);
    // Who asks for credentials says so in the detail.
    return said.empty() || !detail.empty() ? text : text + ": " + said;
}

std::string facts_text(const checks::JudgedProbe& probe, const std::string& detail) {
    const probes::Facts& facts = probe.observation.facts;
    if (probe.observation.local) {
        return {};
    }
    if (const auto* dns = std::get_if<DnsFacts>(&facts)) {
        return answers_text(*dns);
    }
    if (const auto* tcp = std::get_if<TcpFacts>(&facts)) {
        return checks::passes(probe.outcome) ? tcp_text(*tcp) : "";
    }
    // The detail counts the attempts already.
    if (std::holds_alternative<probes::TrafficFacts>(facts)) {
        return detail;
    }
    if (const auto* tls = std::get_if<TlsFacts>(&facts)) {
        return tls_text(*tls);
    }
    if (const auto* app = std::get_if<AppFacts>(&facts)) {
        return app_text(probe, *app, detail);
    }
    const auto* listener = std::get_if<probes::ListenerFacts>(&facts);
    return listener != nullptr && checks::passes(probe.outcome) ? listener_text(*listener) : "";
}

/// An address of one family, and none of the other: nearly every name is so, and saying it each time hides
/// the rest.
bool is_of_one_family(const checks::JudgedProbe& probe) {
    using checks::Outcome;
    const auto* facts = std::get_if<DnsFacts>(&probe.observation.facts);
    return facts != nullptr && facts->hosts_file.empty() && probe.outcome == Outcome::ok &&
           !answers_of(*facts).empty() && std::ranges::all_of(probe.query_outcomes, [](Outcome outcome) {
               return outcome == Outcome::ok || outcome == Outcome::nodata;
           });
}

/// What is to be said beside facts_text().
std::string detail_text(const checks::JudgedProbe& probe, const std::string& detail) {
    const probes::Facts& facts = probe.observation.facts;
    if (probe.observation.local) {
        return detail;
    }
    if (const auto* traffic = std::get_if<probes::TrafficFacts>(&facts)) {
        return traffic_text(*traffic);
    }
    const bool listens =
        std::holds_alternative<probes::ListenerFacts>(facts) && checks::passes(probe.outcome);
    return listens || is_of_one_family(probe) ? "" : detail;
}

ProbeLine line_of(const checks::JudgedProbe& probe, const std::string& detail, std::string_view zone) {
    ProbeLine line;
    line.stage = slug(probe.observation.stage);
    line.subject = peer_of(probe.observation, zone);
    line.outcome = probe.outcome;
    line.duration = aligned_duration(probe.observation.took);
    line.facts = facts_text(probe, detail);
    line.detail = detail_text(probe, detail);
    line.counts = probe.counts;
    return line;
}

/// "exp proxy_v2 10.0.0.4:9440"
ProbeLine line_of(const checks::JudgedFollowUp& test, const std::string& detail, std::string_view zone) {
    ProbeLine line = line_of(test.probe, detail, zone);
    line.stage = "exp";
    line.subject = fmt::format("{} {}", slug(test.kind), line.subject);
    return line;
}

ProbeLine line_of(const checks::JudgedHold& hold, const std::string& detail, std::string_view /*zone*/) {
    ProbeLine line;
    line.stage = "idle";
    line.subject = endpoint_text(hold.connection.address, hold.connection.port);
    line.outcome = hold.outcome;
    line.duration = aligned_duration(hold.connection.took);
    line.detail = detail;
    line.counts = false;
    return line;
}

}  // namespace

std::vector<ProbeLine> probe_lines(const checks::Assessment& round, const checks::Details& details,
                                   std::string_view zone) {
    std::vector<ProbeLine> lines;
    const auto add = [&](const auto& made, const std::vector<std::string>& texts) {
        for (std::size_t i = 0; i < made.size(); ++i) {
            lines.push_back(line_of(made[i], i < texts.size() ? texts[i] : std::string(), zone));
        }
    };
    add(round.probes, details.probes);
    add(round.follow_ups, details.follow_ups);
    add(round.holds, details.holds);
    return lines;
}

std::vector<ProbeLine> packet_lines(const std::vector<probes::CapturedConnection>& packets) {
    std::vector<ProbeLine> lines;
    for (const probes::CapturedConnection& connection : packets) {
        ProbeLine line;
        line.stage = "pkt";
        line.subject = endpoint_text(connection.address, connection.port);
        line.facts = packets_text(connection.facts);
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace whylink::daemon
