// Whatever a server, a resolver or a file says, what is shown of it stays small and harmless, in every format.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "config/outside_text.hpp"
#include "daemon/compare/differ.hpp"
#include "daemon/compare/render.hpp"
#include "daemon/compare/side.hpp"
#include "daemon/log/change_records.hpp"
#include "daemon/log/line.hpp"
#include "daemon/report/formats.hpp"
#include "probes/record.hpp"
#include "tests/unit/daemon/fabricated_snapshot.hpp"
#include "tests/unit/daemon/http/parsed_page.hpp"

namespace whylink::daemon {
namespace {

using probes::Certificate;
using probes::Observation;
using probes::Stage;

/// What a text from outside is at its worst: long, with line feeds, controls, no UTF-8 and characters that reorder.
std::string hostile() {
    std::string text =
        "\n<0>PRIORITY=0\nMESSAGE=panic\r\x1b[2J\x1b]0;title\x07|\xff\xc0\xaf\u202e\u2066\u2028";
    text += '\0';
    return text + std::string(90'000, 'x');
}

Observation observe(Stage stage, probes::Facts facts) {
    Observation observation;
    observation.stage = stage;
    observation.started = fabricated::noon();
    if (stage != Stage::dns) {
        observation.address = fabricated::address("10.0.0.4");
        observation.port = 9440;
    }
    observation.facts = std::move(facts);
    return observation;
}

probes::DnsQuery hostile_query() {
    probes::DnsQuery query;
    query.rcode = 0;
    query.cnames.assign(32, hostile());
    query.cnames_left_out = 900;
    query.answers = {{fabricated::address("10.0.0.4"), 300}};
    query.targets.assign(32, {1, 1, 1, hostile(), 1});
    query.authority = probes::NegativeAuthority{hostile(), hostile(), 1, 1};
    query.extended_errors.assign(8, {22, hostile()});
    query.bad_reply = hostile();
    return query;
}

probes::DnsFacts hostile_dns() {
    probes::DnsFacts facts;
    facts.name = "abcd.example";
    facts.resolver = fabricated::address("10.0.0.2");
    facts.from_system = true;
    facts.options = probes::LookupOptions{};
    facts.options->search.assign(32, hostile());
    facts.options->ends_at = hostile();
    facts.queries = {hostile_query()};
    return facts;
}

Certificate hostile_certificate(std::size_t names) {
    Certificate certificate;
    certificate.subject = certificate.issuer = hostile();
    certificate.dns_names.assign(names, hostile());
    certificate.names_left_out = 4900;
    certificate.not_before = fabricated::noon() - std::chrono::hours(24);
    certificate.not_after = fabricated::noon() + std::chrono::hours(24);
    return certificate;
}

probes::TlsFacts hostile_tls() {
    constexpr int hostname_mismatch = 62;
    constexpr int no_issuer = 20;
    probes::TlsFacts facts;
    facts.server_name = "abcd.example";
    facts.progress = probes::TlsProgress::complete;
    facts.version = facts.cipher = facts.group = facts.alpn = facts.library_error = hostile();
    facts.verified = true;
    facts.chain = {hostile_certificate(16), hostile_certificate(8), hostile_certificate(8)};
    facts.chain_left_out = 99;
    const Certificate issuer = facts.chain[1];
    facts.verify_faults = {{hostname_mismatch, 0, hostile(), {}, facts.chain[0]},
                           {no_issuer, 1, hostile(), {}, issuer}};
    facts.path = {{facts.chain[0], {}}, {issuer, {}}};
    return facts;
}

probes::AppFacts hostile_app() {
    probes::AppFacts facts;
    facts.protocol = "http";
    facts.reply = probes::AppReply::unexpected;
    facts.said = facts.server = facts.first_bytes = facts.library_error = hostile();
    facts.status = 302;
    facts.referrals.assign(16, {probes::ReferralKind::redirect, hostile(), 443});
    return facts;
}

probes::TcpFacts connected(bool has_tls) {
    probes::TcpFacts facts;
    facts.connected = true;
    facts.has_tls = has_tls;
    facts.has_app = !has_tls;
    probes::RouteFacts route;
    route.interface = route.link_kind = route.neighbour = route.source_interface = hostile();
    facts.route = route;
    return facts;
}

probes::Round round_of(std::vector<Observation> probes) {
    probes::Round round;
    round.probes = std::move(probes);
    round.follow_ups = {{probes::FollowUp::next_hop, observe(Stage::tcp, connected(false)), hostile()}};
    round.proxies = std::make_shared<const std::vector<probes::ProxySetting>>(
        std::vector<probes::ProxySetting>{{"https_proxy", hostile(), hostile()}});
    return round;
}

/// The rounds as a record has them: what comes of texts where probes make them, their own tests show.
std::vector<probes::Round> hostile_rounds() {
    probes::DnsFacts without_address = hostile_dns();
    without_address.queries[0].answers.clear();
    probes::DnsFacts failing = without_address;
    failing.queries[0].rcode = 2;
    std::vector<probes::Round> rounds;
    for (const probes::Round& round :
         {round_of({observe(Stage::dns, without_address)}), round_of({observe(Stage::dns, failing)}),
          round_of({observe(Stage::dns, hostile_dns()), observe(Stage::tcp, connected(true)),
                    observe(Stage::tls, hostile_tls())}),
          round_of({observe(Stage::dns, hostile_dns()), observe(Stage::tcp, connected(false)),
                    observe(Stage::app, hostile_app())})}) {
        auto read = probes::from_json(probes::to_json(round));
        if (const auto* error = std::get_if<std::string>(&read)) {
            ADD_FAILURE() << *error;
            continue;
        }
        rounds.push_back(std::get<probes::Round>(std::move(read)));
    }
    return rounds;
}

fabricated::EndpointEntry judged(const std::string& name, probes::Round round) {
    fabricated::EndpointEntry made;
    made.endpoint.name = name;
    made.endpoint.host = "abcd.example";
    made.endpoint.port = 9440;
    made.endpoint.app = config::App::http;
    const bool tls =
        std::ranges::any_of(round.probes, [](const Observation& probe) { return probe.stage == Stage::tls; });
    made.endpoint.tls.mode = tls ? config::TlsMode::required : config::TlsMode::off;
    made.endpoint.tls.server_name = "abcd.example";
    const config::TargetPtr target = config::make_target(made.endpoint);
    made.verdict = checks::judge(*target, checks::assess(*target, std::move(round), fabricated::noon()));
    made.explanation = checks::explain(*target, made.verdict);
    return made;
}

std::vector<fabricated::EndpointEntry> hostile_entries() {
    std::vector<fabricated::EndpointEntry> entries;
    for (probes::Round& round : hostile_rounds()) {
        entries.push_back(judged("t" + std::to_string(entries.size()), std::move(round)));
    }
    return entries;
}

/// Lines that do nothing to a terminal or a log, all of them together in the budget.
void expect_harmless(const std::string& text, std::size_t budget) {
    EXPECT_LT(text.size(), budget);
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string line = text.substr(begin, end - begin);
        EXPECT_EQ(line, printable(line));
        EXPECT_FALSE(line.starts_with("<0>")) << line;
        begin = end + 1;
    }
}

/// What a program that reads the document has of it.
void expect_harmless_values(const nlohmann::json& value) {
    if (value.is_string()) {
        EXPECT_EQ(value.get<std::string>(), printable(value.get<std::string>()));
    }
    if (value.is_structured()) {
        for (const auto& item : value) {
            expect_harmless_values(item);
        }
    }
}

constexpr std::size_t kib = 1024;

TEST(HostileTexts, AreSmallAndHarmlessInEveryFormat) {
    const Report report = fabricated::report(hostile_entries());
    ASSERT_EQ(report.entries.size(), 4U);
    for (const ReportFormat* format : report_formats) {
        SCOPED_TRACE(format->slug);
        const bool is_json = format == &json_format;
        const std::string text = format->render(report, {}, std::nullopt);
        expect_harmless(text, is_json ? 1024 * kib : 256 * kib);
        if (is_json) {
            expect_harmless_values(nlohmann::json::parse(text));
        }
    }
}

TEST(HostileTexts, MakeNoMetricsPageLonger) {
    std::vector<TargetStatus> targets;
    for (fabricated::EndpointEntry& made : hostile_entries()) {
        targets.push_back(fabricated::watched(std::move(made)));
    }
    expect_harmless(parsed::page(fabricated::snapshot(std::move(targets))), 256 * kib);
}

TEST(HostileTexts, MakeNoLogLineThatIsSplit) {
    for (fabricated::EndpointEntry& made : hostile_entries()) {
        const checks::Explanation explanation = made.explanation;
        const Record record = change_record(fabricated::watched(std::move(made)), explanation, {});
        for (const LineStyle style : {LineStyle::plain, LineStyle::journal}) {
            const std::string lines = text_lines(record, fabricated::noon(), style);
            expect_harmless(lines, 256 * kib);
            std::size_t longest = 0;
            std::size_t length = 0;
            for (const char c : lines) {
                length = c == '\n' ? 0 : length + 1;
                longest = std::max(longest, length);
            }
            EXPECT_LT(longest, max_line);
        }
        const std::string line = json_line(record, fabricated::noon());
        expect_harmless(line, max_json_line + 1);
        expect_harmless_values(nlohmann::json::parse(line));
    }
}

/// A report of one endpoint, as somebody else may have written it.
std::string document(const std::string& subject) {
    using nlohmann::json;
    json certificate = json::object();
    certificate["subject"] = subject;
    certificate["issuer"] = hostile();
    json probe = json::object();
    probe["stage"] = "tls";
    probe["outcome"] = "ok";
    probe["address"] = "10.0.0.4";
    probe["tls"]["chain"] = json::array({certificate});
    json endpoint = json::object();
    endpoint["name"] = "a";
    endpoint["host"] = "abcd.example";
    endpoint["port"] = 9440;
    endpoint["diagnosis"]["cause"] = hostile();
    endpoint["diagnosis"]["summary"] = hostile();
    endpoint["probes"] = json::array({probe});
    json report = json::object();
    report["schema"] = "whylink/1";
    report["vantage_point"] = hostile();
    report["endpoints"] = json::array({endpoint});
    return report.dump(-1, ' ', false, json::error_handler_t::replace);
}

Side side_of(const std::string& report) {
    auto side = side_of_report(report);
    const auto* error = std::get_if<std::string>(&side);
    EXPECT_EQ(error, nullptr) << (error == nullptr ? "" : *error);
    return error == nullptr ? std::get<Side>(std::move(side)) : Side{};
}

TEST(HostileTexts, OfReportsThatAreComparedAreCutToo) {
    const auto compared =
        compare(side_of(document("CN=a" + hostile())), side_of(document("CN=b" + hostile())));
    ASSERT_TRUE(std::holds_alternative<Comparison>(compared)) << std::get<std::string>(compared);
    const auto& comparison = std::get<Comparison>(compared);
    expect_harmless(render_comparison(comparison, {"good", "bad"}, {}), 128 * kib);
    const std::string json = comparison_json(comparison, {"good", "bad"});
    expect_harmless(json, 128 * kib);
    expect_harmless_values(nlohmann::json::parse(json));
}

}  // namespace
}  // namespace whylink::daemon
