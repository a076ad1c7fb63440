#include "fabricated.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "checks/table/rules.hpp"

namespace whylink::fabricated {

using namespace std::chrono_literals;

IpAddress address(std::string_view text) {
    return IpAddress::parse(text).value();
}

probes::WallClock::time_point noon() {
    return probes::WallClock::time_point(std::chrono::seconds(1'767'268'800));  // 2026-01-01T12:00:00Z
}

checks::JudgedProbe dns(std::string name, const std::vector<std::string_view>& answers) {
    probes::DnsFacts facts;
    facts.name = std::move(name);
    facts.resolver = address("10.0.0.2");
    probes::DnsQuery query;
    query.rcode = answers.empty() ? 3 : 0;
    query.sent = 1;
    query.took = 1200us;
    for (const std::string_view answer : answers) {
        query.answers.push_back({address(answer), 300});
    }
    facts.queries.push_back(query);
    checks::JudgedProbe probe;
    probe.observation.stage = probes::Stage::dns;
    probe.observation.started = noon();
    probe.observation.took = 1200us;
    probe.observation.facts = facts;
    probe.outcome = answers.empty() ? checks::Outcome::nxdomain : checks::Outcome::ok;
    probe.query_outcomes = {probe.outcome};
    return probe;
}

namespace {

checks::JudgedProbe at(std::string_view where, probes::Stage stage, probes::Facts facts) {
    checks::JudgedProbe probe;
    probe.observation.stage = stage;
    probe.observation.started = noon();
    probe.observation.took = 400us;
    probe.observation.address = address(where);
    probe.observation.port = 9440;
    probe.observation.facts = std::move(facts);
    return probe;
}

}  // namespace

checks::JudgedProbe tcp(std::string_view where) {
    probes::TcpFacts facts;
    facts.connected = true;
    facts.has_tls = true;
    facts.info = probes::TcpInfo{0, 350us, 1448, 536};
    facts.local_address = address("10.0.0.7");
    facts.local_port = 40000;
    return at(where, probes::Stage::tcp, facts);
}

checks::JudgedProbe tls_reset(std::string_view where) {
    probes::TlsFacts facts;
    facts.server_name = "abcd.example";
    facts.progress = probes::TlsProgress::client_hello_sent;
    facts.end = probes::StreamEnd::rst;
    facts.error = ECONNRESET;
    facts.bytes_sent = 335;
    facts.verified = true;
    checks::JudgedProbe probe = at(where, probes::Stage::tls, facts);
    probe.outcome = checks::Outcome::pending_allowlist;
    return probe;
}

checks::JudgedProbe tls(std::string_view where) {
    probes::TlsFacts facts;
    facts.server_name = "abcd.example";
    facts.progress = probes::TlsProgress::complete;
    facts.version = "TLSv1.3";
    facts.cipher = "TLS_AES_256_GCM_SHA384";
    facts.group = "x25519";
    facts.bytes_sent = 391;
    facts.bytes_received = 2100;
    facts.verified = true;
    facts.handshake_took = 3ms;
    probes::Certificate certificate;
    certificate.subject = "CN=abcd.example";
    certificate.issuer = "CN=CA";
    certificate.dns_names = {"abcd.example"};
    certificate.not_before = noon() - 24h;
    certificate.not_after = noon() + 24h * 365;
    facts.chain.push_back(certificate);
    return at(where, probes::Stage::tls, facts);
}

checks::JudgedProbe app(std::string_view where) {
    probes::AppFacts facts;
    facts.protocol = "redis";
    facts.over_tls = true;
    facts.reply = probes::AppReply::wants_credentials;
    facts.said = "NOAUTH Authentication required.";
    facts.bytes_sent = 14;
    facts.bytes_received = 34;
    facts.first_bytes = "-NOAUTH Authentication required.\r\n";
    facts.first_byte_after = 1ms;
    checks::JudgedProbe probe = at(where, probes::Stage::app, facts);
    return probe;
}

checks::JudgedHold held(std::string_view where) {
    probes::HoldFacts facts;
    facts.wanted = 6min;
    facts.idle = 6min;
    facts.used = true;
    facts.answered = true;
    facts.answered_after = 2ms;
    checks::JudgedHold hold;
    hold.connection = {address(where), 9440, noon(), 400us, std::nullopt, facts};
    return hold;
}

daemon::TargetReadingsPtr readings(std::string account, control::ConnectionState state) {
    auto made = std::make_shared<daemon::TargetReadings>();
    const auto at = std::chrono::floor<std::chrono::milliseconds>(noon());
    made->all = std::make_shared<const control::Readings>();
    made->reads.push_back({account,
                           "private_endpoint",
                           control::Result::ok,
                           at,
                           {{"id", "/subscriptions/s/privateEndpoints/pe"}, {"state", "Pending"}},
                           "",
                           {}});
    made->reads.push_back({account,
                           "security_group",
                           control::Result::forbidden,
                           at,
                           {},
                           "Microsoft.Network/networkSecurityGroups/read",
                           {}});
    made->connection = daemon::ConnectionStanding{std::move(account), state};
    return made;
}

checks::Verdict verdict(bool healthy, Cause cause, checks::Severity severity) {
    checks::Verdict result;
    result.healthy = healthy;
    result.decision.cause = cause;
    result.decision.severity = severity;
    const auto row = std::ranges::find(checks::rules(), cause, &checks::Row::cause);
    result.decision.row = row == checks::rules().end() ? &checks::rules().front() : &*row;
    return result;
}

checks::Explanation explanation() {
    checks::Explanation made;
    made.summary = "what there is to say";
    return made;
}

EndpointEntry endpoint(std::string name, bool healthy, Cause cause, checks::Severity severity) {
    EndpointEntry report;
    report.endpoint.name = std::move(name);
    report.endpoint.host = "abcd.example";
    report.endpoint.port = 9440;
    report.verdict = verdict(healthy, cause, severity);
    report.explanation = explanation();
    return report;
}

ZoneEntry zone(std::string name, bool healthy, Cause cause, checks::Severity severity) {
    ZoneEntry report;
    report.zone.name = std::move(name);
    report.zone.zone = "example";
    report.verdict = verdict(healthy, cause, severity);
    report.explanation = explanation();
    return report;
}

EndpointEntry healthy_endpoint(std::string name) {
    EndpointEntry report = endpoint(std::move(name), true, Cause::healthy, checks::Severity::ok);
    report.verdict.probes = {dns("abcd.example", {"10.0.0.4"}), tcp("10.0.0.4"), tls("10.0.0.4")};
    return report;
}

EndpointEntry failing_endpoint(std::string name) {
    EndpointEntry report =
        endpoint(std::move(name), false, Cause::not_on_allowlist, checks::Severity::critical);
    report.endpoint.profile = "clickhouse-azure";
    report.verdict.probes = {dns("abcd.example", {"10.0.0.4"}), tcp("10.0.0.4"), tls_reset("10.0.0.4")};
    report.verdict.decision.alternatives = {Cause::proxy_protocol_mismatch};
    report.explanation.summary = "the service does not know this endpoint";
    report.explanation.evidence = {"10.0.0.4 accepted and reset", "nothing was received"};
    report.explanation.steps = {"Add the endpoint to the list.", "Wait a minute."};
    report.explanation.details.probes = {"", "", "accepted, then RST, 335 bytes sent, 0 received"};
    return report;
}

probes::PacketFacts reset_packets() {
    probes::PacketFacts facts;
    facts.local = address("10.0.0.7");
    facts.local_port = 40000;
    facts.everywhere = true;
    facts.packets_sent = 3;
    facts.packets_received = 2;
    facts.syn = facts.syn_ack = facts.handshake_ack = facts.rst_received = facts.segments_sent = 1;
    facts.syn_ack_after = facts.handshake_rtt = 400us;
    facts.syn_ack_hop_limit = std::uint8_t{63};
    facts.hop_limits = {63};
    facts.mss_sent = facts.mss_received = 1460;
    facts.bytes_sent = facts.bytes_acknowledged = 335;
    facts.largest_acknowledged = 335;
    probes::ResetSeen reset;
    reset.hop_limit = 64;
    reset.acknowledged = 335;
    reset.after = 900us;
    reset.after_acknowledged = 300us;
    facts.resets.push_back(reset);
    return facts;
}

probes::CapturedConnection packets(std::string_view where, probes::PacketFacts facts) {
    return {address(where), 9440, noon(), 400us, std::move(facts)};
}

checks::JudgedProbe listener() {
    probes::ListenerFacts facts;
    facts.sockets.push_back({address("0.0.0.0"), 6379, false, 2, 128});
    checks::JudgedProbe probe = at("0.0.0.0", probes::Stage::listener, facts);
    probe.observation.address.reset();
    probe.observation.port = 6379;
    return probe;
}

checks::JudgedProbe traffic() {
    probes::TrafficFacts facts;
    facts.port = 6379;
    facts.window = 10s;
    facts.packets = 2000;
    facts.ever = true;
    facts.attempts = 12;
    facts.established = 11;
    facts.refused = 1;
    facts.resets_sent = 1;
    facts.segments_sent = 700;
    facts.segments_received = 500;
    facts.retransmits_sent = 3;
    facts.handshakes_measured = 2;
    facts.handshake_rtt_sum = 800us;
    facts.handshake_rtt_max = 500us;
    facts.peers = {{address("10.1.0.5"), 0, 4, 3, 1}, {address("10.1.0.4"), 0, 8, 8, 0}};
    facts.with_proxy_header = 10;
    facts.without_proxy_header = 1;
    probes::ProxyHeader header;
    header.version = 2;
    header.source = address("10.9.0.1");
    header.source_port = 51000;
    header.destination = address("10.0.0.7");
    header.destination_port = 6379;
    header.aws_endpoint_id = "vpce-0a1b";
    facts.proxy_header = header;
    checks::JudgedProbe probe = at("0.0.0.0", probes::Stage::packets, facts);
    probe.observation.address.reset();
    probe.observation.port = 6379;
    probe.observation.took = 10s;
    return probe;
}

WatchEntry watch(std::string name, bool healthy, Cause cause, checks::Severity severity) {
    WatchEntry report;
    report.watch.name = std::move(name);
    report.watch.port = 6379;
    report.verdict = verdict(healthy, cause, severity);
    report.explanation = explanation();
    report.verdict.probes = {listener(), traffic()};
    report.explanation.details.probes = {"listening on 0.0.0.0:6379",
                                         "12 attempts in 10 s: 11 established and 1 refused"};
    return report;
}

namespace {

template <class What>
daemon::ReportEntry entry_of(What what, checks::Verdict verdict, checks::Explanation explanation) {
    daemon::ReportEntry entry;
    entry.target = config::make_target(std::move(what));
    entry.verdict = std::make_shared<const checks::Verdict>(std::move(verdict));
    entry.explanation = std::make_shared<const checks::Explanation>(std::move(explanation));
    return entry;
}

}  // namespace

daemon::ReportEntry entry(EndpointEntry made) {
    daemon::ReportEntry entry =
        entry_of(std::move(made.endpoint), std::move(made.verdict), std::move(made.explanation));
    entry.evidence_file = std::move(made.evidence_file);
    return entry;
}

daemon::ReportEntry entry(ZoneEntry made) {
    return entry_of(std::move(made.zone), std::move(made.verdict), std::move(made.explanation));
}

daemon::ReportEntry entry(WatchEntry made) {
    daemon::ReportEntry entry =
        entry_of(std::move(made.watch), std::move(made.verdict), std::move(made.explanation));
    entry.evidence_file = std::move(made.evidence_file);
    return entry;
}

daemon::Report report(std::vector<EndpointEntry> endpoints, std::vector<ZoneEntry> zones,
                      std::vector<WatchEntry> watches) {
    daemon::Report result;
    result.vantage_point = "vm-7";
    result.started_at = noon();
    result.duration = 120ms;
    for (EndpointEntry& made : endpoints) {
        result.entries.push_back(entry(std::move(made)));
    }
    for (ZoneEntry& made : zones) {
        result.entries.push_back(entry(std::move(made)));
    }
    for (WatchEntry& made : watches) {
        result.entries.push_back(entry(std::move(made)));
    }
    return result;
}

}  // namespace whylink::fabricated
