#include "daemon/report/human/render.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using checks::Severity;
using testing::HasSubstr;
using testing::Not;

const HumanStyle plain{100, false, true};

TEST(RenderHuman, AHealthyTargetIsItsProbes) {
    EXPECT_EQ(render_human(fabricated::report({fabricated::healthy_endpoint("orders")}), plain),
              "✓ orders  abcd.example:9440\n"
              "    dns  10.0.0.2:53    ok  1.20 ms  10.0.0.4 (ttl 300)\n"
              "    tcp  10.0.0.4:9440  ok  0.40 ms  rtt 0.3 ms\n"
              "    tls  10.0.0.4:9440  ok  0.40 ms  TLSv1.3, x25519, certificate until 2027-01-01\n"
              "\n"
              "1 of 1 healthy  in 120 ms\n");
}

TEST(RenderHuman, AFailingTargetHasItsDiagnosis) {
    const std::string text =
        render_human(fabricated::report({fabricated::failing_endpoint("orders")}), plain);
    EXPECT_THAT(text, HasSubstr("✗ orders  abcd.example:9440  ClickHouse Cloud over Azure Private Link\n"));
    EXPECT_THAT(
        text,
        HasSubstr("    tls  10.0.0.4:9440  pending_allowlist  0.40 ms  accepted, then RST, 335 bytes "));
    EXPECT_THAT(text, HasSubstr("(not_on_allowlist)  critical, high confidence\n"));
    EXPECT_THAT(text, HasSubstr("    the service does not know this endpoint\n"));
    EXPECT_THAT(text,
                HasSubstr("    Why\n      • 10.0.0.4 accepted and reset\n      • nothing was received\n"));
    EXPECT_THAT(text,
                HasSubstr("    What to do\n     1. Add the endpoint to the list.\n     2. Wait a minute.\n"));
    EXPECT_THAT(text, HasSubstr("    What else it could be\n      • "));
    EXPECT_THAT(text, HasSubstr("(proxy_protocol_mismatch)\n"));
    EXPECT_THAT(text, HasSubstr("0 of 1 healthy, 1 critical"));
}

TEST(RenderHuman, TheApplicationIsALineAndExperimentsComeLast) {
    fabricated::EndpointEntry report = fabricated::failing_endpoint("orders");
    checks::JudgedProbe test = fabricated::tls_reset("10.0.0.4");
    test.counts = false;
    report.verdict.follow_ups = {{probes::FollowUp::proxy_v2, test}};
    report.verdict.holds = {fabricated::held("10.0.0.4")};
    report.verdict.probes.push_back(fabricated::app("10.0.0.4"));
    checks::Details& details = report.explanation.details;
    details.probes.emplace_back("reached, it asks for credentials: NOAUTH Authentication required.");
    details.holds = {"idle for 360 s, then used, and answered after 2 ms"};
    const std::string text = render_human(fabricated::report({report}), plain);
    const std::size_t app = text.find("\n    app   10.0.0.4:9440 ");
    const std::size_t exp = text.find("\n    exp   proxy_v2 10.0.0.4:9440 ");
    const std::size_t idle = text.find("\n    idle  10.0.0.4:9440 ");
    ASSERT_NE(app, std::string::npos) << text;
    ASSERT_NE(exp, std::string::npos) << text;
    ASSERT_NE(idle, std::string::npos) << text;
    EXPECT_LT(app, exp);
    EXPECT_LT(exp, idle);
    EXPECT_NE(text.find("Redis\n          reached, it asks for credentials: NOAUTH"), std::string::npos)
        << text;
    EXPECT_NE(text.find("idle for 360 s, then used, and answered after 2 ms"), std::string::npos) << text;
}

TEST(RenderHuman, PacketsAreShownWhereSomethingIsWrong) {
    fabricated::EndpointEntry report = fabricated::failing_endpoint("orders");
    report.verdict.packets = {fabricated::packets("10.0.0.4")};
    report.evidence_file = "/evidence/a b.pcapng";
    const std::string text = render_human(fabricated::report({report}), {120, false, true});
    EXPECT_THAT(text, HasSubstr("\n    pkt  10.0.0.4:9440  1 SYN, SYN-ACK in 0.4 ms TTL 63, 335 B sent, 0 B "
                                "received, RST TTL 64\n\n"));
    EXPECT_THAT(text, HasSubstr("\n\n    Packets: /evidence/a b.pcapng\n\n"));
    fabricated::EndpointEntry healthy = fabricated::healthy_endpoint("orders");
    healthy.verdict.packets = report.verdict.packets;
    healthy.evidence_file = report.evidence_file;
    EXPECT_EQ(render_human(fabricated::report({healthy}), plain),
              render_human(fabricated::report({fabricated::healthy_endpoint("orders")}), plain));
}

TEST(RenderHuman, AWatchSaysWhatArrives) {
    fabricated::WatchEntry report = fabricated::watch("saas", true, Cause::healthy, Severity::ok);
    auto& facts = std::get<probes::TrafficFacts>(report.verdict.probes[1].observation.facts);
    facts.with_proxy_header = 0;
    EXPECT_EQ(
        render_human(fabricated::report({}, {}, {report}), {110, false, true}),
        "✓ saas  inbound to port 6379\n"
        "    listener  port 6379  ok   0.40 ms  0.0.0.0:6379 (2 of 128 waiting)\n"
        "    packets   port 6379  ok  10.00 s   12 attempts in 10 s: 11 established and 1 refused\n"
        "              rtt 0.4 ms; 3 of 1200 segments retransmitted; from 10.1.0.5 (4, 1 failed), 10.1.0.4 "
        "(8)\n"
        "\n"
        "1 of 1 healthy  in 120 ms\n");
}

TEST(RenderHuman, AWatchThatFailsSaysSoOnce) {
    fabricated::WatchEntry report =
        fabricated::watch("saas", false, Cause::connection_refused, Severity::critical);
    report.verdict.probes[0].outcome = checks::Outcome::not_listening;
    report.explanation.details.probes[0] = "listening on 127.0.0.1:6379 only, which is loopback";
    report.verdict.probes[1].outcome = checks::Outcome::local_error;
    report.explanation.details.probes[1] = "socket: Operation not permitted";
    report.verdict.probes[1].observation.local = probes::LocalError{"socket", 1, "Operation not permitted"};
    const std::string text = render_human(fabricated::report({}, {}, {report}), {120, false, true});
    EXPECT_THAT(text, HasSubstr("    listener  port 6379  not_listening   0.40 ms  listening on "
                                "127.0.0.1:6379 only, which is loopback\n"));
    EXPECT_THAT(text, HasSubstr("  local_error    10.00 s   socket: Operation not permitted\n"));
    EXPECT_THAT(text, Not(HasSubstr("retransmitted")));
}

TEST(RenderHuman, AWatchMayBeOfSomePeersAndOfAnyPort) {
    fabricated::WatchEntry report =
        fabricated::watch("saas", false, Cause::no_inbound_traffic, Severity::critical);
    report.watch.peer = {Cidr::parse("10.1.0.0/24").value(), Cidr::parse("10.2.0.0/24").value()};
    report.evidence_file = "/e/x.pcapng";
    const std::string text = render_human(fabricated::report({}, {}, {report}), plain);
    EXPECT_THAT(text, HasSubstr("✗ saas  inbound to port 6379  from 10.1.0.0/24 and 1 more\n"));
    EXPECT_THAT(text, HasSubstr("    Packets: /e/x.pcapng\n"));
    EXPECT_THAT(text, HasSubstr("0 of 1 healthy, 1 critical"));
    report.watch.direction = config::Direction::outbound;
    report.watch.port = 0;
    report.watch.peer.pop_back();
    EXPECT_THAT(render_human(fabricated::report({}, {}, {report}), plain),
                HasSubstr("✗ saas  outbound to any port  at 10.1.0.0/24\n"));
}

TEST(RenderHuman, AWarningIsExplainedToo) {
    const std::string text = render_human(fabricated::report({fabricated::endpoint(
                                              "soon", true, Cause::certificate_problem, Severity::warning)}),
                                          plain);
    EXPECT_THAT(text, HasSubstr("! soon"));
    EXPECT_THAT(text, HasSubstr("(certificate_problem)  warning"));
    EXPECT_THAT(text, HasSubstr("1 of 1 healthy, 1 warning"));
}

TEST(RenderHuman, WhatCouldNotBeCheckedIsCountedApart) {
    const std::string text = render_human(
        fabricated::report({fabricated::endpoint("a", false, Cause::local_limit, Severity::critical)}),
        plain);
    EXPECT_THAT(text, HasSubstr("0 of 1 healthy, 1 could not be checked"));
    EXPECT_THAT(text, Not(HasSubstr("1 critical")));
}

TEST(RenderHuman, AZoneShowsLabels) {
    fabricated::ZoneEntry zone = fabricated::zone("z", true, Cause::healthy, Severity::ok);
    zone.verdict.probes = {fabricated::dns("abcd.example", {"10.0.0.4"}), fabricated::dns("x.invalid", {}),
                           fabricated::dns("r.example", {"10.0.0.4"})};
    std::get<probes::DnsFacts>(zone.verdict.probes[2].observation.facts).role =
        probes::NameRole::random_label;
    std::get<probes::DnsFacts>(zone.verdict.probes[0].observation.facts).role = probes::NameRole::known_label;
    std::get<probes::DnsFacts>(zone.verdict.probes[1].observation.facts).role = probes::NameRole::control;
    const std::string text = render_human(fabricated::report({}, {zone}), plain);
    EXPECT_THAT(text, HasSubstr("✓ z  *.example\n"));
    EXPECT_THAT(text, HasSubstr("    dns  abcd @ 10.0.0.2:53 "));
    EXPECT_THAT(text, HasSubstr("    dns  (control) @ 10.0.0.2:53  nxdomain"));
    EXPECT_THAT(text, HasSubstr("    dns  (random) @ 10.0.0.2:53   ok "));
}

TEST(RenderHuman, ANameOfOneFamilyIsNotRemarkable) {
    fabricated::EndpointEntry report = fabricated::healthy_endpoint("a");
    checks::JudgedProbe& dns = report.verdict.probes[0];
    probes::DnsQuery aaaa;
    aaaa.type = probes::RecordType::aaaa;
    aaaa.rcode = 0;
    std::get<probes::DnsFacts>(dns.observation.facts).queries.push_back(aaaa);
    report.explanation.details.probes = {"AAAA: no address"};
    dns.query_outcomes = {checks::Outcome::ok, checks::Outcome::nodata};
    EXPECT_THAT(render_human(fabricated::report({report}), plain), Not(HasSubstr("AAAA")));
    dns.query_outcomes = {checks::Outcome::ok, checks::Outcome::servfail};
    EXPECT_THAT(render_human(fabricated::report({report}), plain), HasSubstr("10.0.0.4 (ttl 300); AAAA"));
}

TEST(RenderHuman, NothingFromTheNetworkReachesTheTerminal) {
    fabricated::EndpointEntry report = fabricated::failing_endpoint("a");
    report.explanation.details.probes[2] = "says \x1b[2J\x07 and \xff";
    report.explanation.summary = "\x1b]0;owned\x07";
    report.explanation.evidence = {"line\nbreak\x9b"};
    const std::string text = render_human(fabricated::report({report}), plain);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\x07'), std::string::npos);
    EXPECT_EQ(text.find('\xff'), std::string::npos);
    EXPECT_THAT(text, HasSubstr("line\\x0abreak\\x9b"));
}

TEST(RenderHuman, LongDetailsGoBeneathTheColumns) {
    fabricated::EndpointEntry report = fabricated::failing_endpoint("a");
    report.explanation.details.probes[2] = std::string(60, 'x') + " " + std::string(60, 'y');
    const std::string text = render_human(fabricated::report({report}), plain);
    EXPECT_THAT(text, HasSubstr("0.40 ms\n         " + std::string(60, 'x') + "\n         " +
                                std::string(60, 'y') + "\n"));
}

TEST(RenderHuman, WithoutUtf8ItIsAscii) {
    const std::string text = render_human(
        fabricated::report({fabricated::healthy_endpoint("a"), fabricated::failing_endpoint("b")}),
        {100, false, false});
    EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
        << text;
    EXPECT_THAT(text, HasSubstr("[ok] a"));
    EXPECT_THAT(text, HasSubstr("[XX] b"));
}

TEST(RenderHuman, ColoursDoNotMoveColumns) {
    const Report report = fabricated::report({fabricated::failing_endpoint("a")});
    std::string text = render_human(report, {100, true, true});
    EXPECT_THAT(text, HasSubstr("\x1b[31m"));
    for (std::size_t at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b')) {
        text.erase(at, text.find('m', at) - at + 1);
    }
    // An escape sequence at the end of a line keeps the blanks before it.
    EXPECT_EQ(text, render_human(report, plain));
}

/// The lines of one endpoint whose verdict is the daemon's, 12 s after its round had ended.
std::string standing_of(fabricated::EndpointEntry entry, bool passed) {
    using namespace std::chrono_literals;
    if (passed) {
        entry.verdict.facts.insert(checks::Fact::all_pass);
    }
    const Standing standing{fabricated::noon(), 500ms, fabricated::noon() - 1h};
    Report report = fabricated::report({std::move(entry)});
    report.entries[0].standing = standing;
    return render_human(report, plain, fabricated::noon() + 12'900ms);
}

TEST(RenderHuman, AStandingIsALineUnderTheHeader) {
    EXPECT_THAT(standing_of(fabricated::healthy_endpoint("a"), true),
                HasSubstr("\n    checked 12 s ago, healthy since 2026-01-01T11:00:00.000Z\n    dns "));
    EXPECT_THAT(standing_of(fabricated::failing_endpoint("a"), false),
                HasSubstr("\n    checked 12 s ago, unhealthy since 2026-01-01T11:00:00.000Z\n"));
}

TEST(RenderHuman, AStandingThatTheRoundDoesNotBearOutSaysSo) {
    fabricated::EndpointEntry failing = fabricated::failing_endpoint("a");
    failing.verdict.healthy = true;
    EXPECT_THAT(standing_of(failing, false),
                HasSubstr("    checked 12 s ago: this round failed; still counted as healthy since 2026-"));
    fabricated::EndpointEntry passing = fabricated::healthy_endpoint("a");
    passing.verdict.healthy = false;
    EXPECT_THAT(standing_of(passing, true),
                HasSubstr("    checked 12 s ago: this round passed; still counted as unhealthy since 2026-"));
    fabricated::EndpointEntry not_made =
        fabricated::endpoint("a", true, Cause::local_limit, Severity::critical);
    EXPECT_THAT(standing_of(not_made, false),
                HasSubstr("this round could not be made; still counted as healthy since"));
    not_made.verdict.healthy = false;
    EXPECT_THAT(standing_of(not_made, false),
                HasSubstr("this round could not be made; still counted as not healthy since"));
}

TEST(RenderHuman, TheAgeOfARoundNeedsTheTime) {
    using namespace std::chrono_literals;
    const Standing standing{fabricated::noon(), 500ms, fabricated::noon()};
    Report report = fabricated::report({}, {fabricated::zone("z", true, Cause::healthy, Severity::ok)});
    report.entries[0].standing = standing;
    EXPECT_THAT(render_human(report, plain), HasSubstr("    checked at 2026-01-01T12:00:00.000Z"));
    EXPECT_THAT(render_human(report, plain, fabricated::noon() + 3h), HasSubstr("    checked 2 hours ago"));
    EXPECT_THAT(render_human(report, plain, fabricated::noon() - 1h), HasSubstr("    checked 0 s ago"));
}

}  // namespace
}  // namespace whylink::daemon
