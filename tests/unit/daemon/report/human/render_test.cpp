#include "daemon/report/human/render.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "checks/explain/explain.hpp"
#include "checks/texts/causes.hpp"
#include "daemon/report/human/text.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using checks::Severity;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const HumanStyle plain{80, false, true};
const HumanStyle verbose{80, false, true, true};

/// A line whose right part ends where all texts end at 80 columns.
std::string ends(const std::string& left, const std::string& right) {
    constexpr std::size_t edge = 78;
    return left + std::string(edge - display_width(left) - display_width(right), ' ') + right + "\n";
}

std::string of(fabricated::EndpointEntry entry, const HumanStyle& style = plain) {
    return render_human(fabricated::report({std::move(entry)}), style);
}

TEST(RenderHuman, AHealthyTargetIsItsStages) {
    EXPECT_EQ(of(fabricated::healthy_endpoint("orders")),
              "✓ orders  abcd.example:9440\n"
              "\n" +
                  ends("  DNS   ✓ 10.0.0.4 (10.0.0.2, TTL 300 s)", "1.2 ms") +
                  ends("  TCP   ✓ connected to 10.0.0.4", "0.4 ms") +
                  ends("  TLS   ✓ TLSv1.3, certificate valid until 2027-01-01", "0.4 ms") +
                  "\n"
                  "✓ 1 of 1 healthy  in 120 ms\n");
}

TEST(RenderHuman, AFailingTargetIsTheAnswerTheProofAndTheFix) {
    const fabricated::EndpointEntry failing = fabricated::failing_endpoint("orders");
    const std::string title = capitalised(std::string(checks::title_of(failing.verdict.decision)));
    const std::string other(checks::text(Cause::proxy_protocol_mismatch).title);
    const checks::Actor who = checks::text(Cause::not_on_allowlist).who;
    const std::string service = who == checks::Actor::service ? " (ClickHouse Cloud)" : "";
    EXPECT_EQ(of(failing),
              "✗ orders  abcd.example:9440\n"
              "\n" +
                  ends("  " + title, "critical · high confidence") +
                  "  The service does not know this endpoint.\n"
                  "\n" +
                  ends("  DNS   ✓ 10.0.0.4 (10.0.0.2, TTL 300 s)", "1.2 ms") +
                  ends("  TCP   ✓ connected to 10.0.0.4", "0.4 ms") +
                  ends("  TLS   ✗ accepted, then RST, 335 bytes sent, 0 received", "0.4 ms") +
                  "\n"
                  "  Fix   " +
                  std::string(whylink::title(who)) + service +
                  "\n"
                  "   1. Add the endpoint to the list.\n"
                  "   2. Wait a minute.\n"
                  "   3. Run again: whylink check orders\n"
                  "\n"
                  "  Also possible: " +
                  other +
                  " (proxy_protocol_mismatch)\n"
                  "  More: whylink explain not_on_allowlist · -v for packets, all tests and steps\n"
                  "\n"
                  "✗ 0 of 1 healthy, 1 critical  in 120 ms\n");
}

TEST(RenderHuman, ATargetOfDiagnoseIsNotRunAgainByName) {
    fabricated::EndpointEntry failing = fabricated::failing_endpoint("abcd.example:9440");
    const std::string text = of(failing);
    EXPECT_THAT(text, StartsWith("✗ abcd.example:9440\n"));
    EXPECT_THAT(text, Not(HasSubstr("Run again")));
}

TEST(RenderHuman, ANameIsAWordOfTheShell) {
    EXPECT_THAT(of(fabricated::failing_endpoint("the $1 'link'")),
                HasSubstr("Run again: whylink check 'the $1 '\\''link'\\'''\n"));
}

TEST(RenderHuman, MoreOfItIsThereWhenAskedFor) {
    fabricated::EndpointEntry failing = fabricated::failing_endpoint("orders");
    failing.verdict.packets = {fabricated::packets("10.0.0.4")};
    for (int i = 0; i < 6; ++i) {
        failing.explanation.steps.push_back("Do number " + std::to_string(i) + ".");
    }
    const std::string text = of(failing, verbose);
    const std::size_t packets = text.find("\n  pkt   - 10.0.0.4:9440: 1 SYN, SYN-ACK in 0.4 ms TTL 63");
    const std::size_t last_step = text.find("   8. Do number 5.\n");
    const std::size_t evidence = text.find("\n  Evidence\n   • 10.0.0.4 accepted and reset\n");
    EXPECT_LT(packets, last_step) << text;
    EXPECT_LT(last_step, evidence) << text;
    EXPECT_NE(evidence, std::string::npos) << text;
    EXPECT_THAT(text, HasSubstr("  More: whylink explain not_on_allowlist\n"));
    const std::string brief = of(failing);
    EXPECT_THAT(brief, Not(HasSubstr("Evidence")));
    EXPECT_THAT(brief, Not(HasSubstr("pkt")));
    EXPECT_THAT(brief, HasSubstr("   4. Do number 1.\n   5. Run again: whylink check orders\n"));
}

TEST(RenderHuman, StepsGiveWayToTheScreen) {
    fabricated::EndpointEntry failing = fabricated::failing_endpoint("orders");
    std::string step = "Do this first.";
    for (int i = 0; i < 60; ++i) {
        step += " This explains it at length.";
    }
    failing.explanation.steps = {step, step, step};
    const std::string text = of(failing);
    EXPECT_LE(std::ranges::count(text, '\n'), 25);
    EXPECT_THAT(text, HasSubstr("   1. Do this first.\n"));
}

TEST(RenderHuman, WhatExplainsAStepIsThereWhereThereIsRoom) {
    fabricated::EndpointEntry failing = fabricated::failing_endpoint("orders");
    failing.explanation.steps = {"Add the endpoint to the list. The list has it by its identifier."};
    EXPECT_THAT(of(failing),
                HasSubstr("   1. Add the endpoint to the list. The list has it by its identifier.\n"));
}

TEST(RenderHuman, WhatTheTitleSaysIsNotSaidAgain) {
    fabricated::EndpointEntry failing = fabricated::failing_endpoint("orders");
    const std::string title(checks::title_of(failing.verdict.decision));
    failing.explanation.summary = title;
    EXPECT_THAT(of(failing), Not(HasSubstr(sentence(title))));
    failing.explanation.summary = title + ": nobody knows it";
    EXPECT_THAT(of(failing), HasSubstr("confidence\n  Nobody knows it.\n"));
}

TEST(RenderHuman, WhatAStageSaysIsNotSaidAgain) {
    fabricated::EndpointEntry failing = fabricated::failing_endpoint("orders");
    failing.explanation.summary = "the link is reset: " + failing.explanation.details.probes[2];
    EXPECT_THAT(of(failing), HasSubstr("\n  The link is reset.\n"));
}

TEST(RenderHuman, WhatIsNotSureSaysWhatWouldSettleIt) {
    fabricated::EndpointEntry failing = fabricated::failing_endpoint("orders");
    failing.explanation.settle = "Ask the provider whether the connection is accepted.";
    EXPECT_THAT(of(failing), Not(HasSubstr("To settle it")));
    failing.verdict.decision.confidence = checks::Confidence::medium;
    EXPECT_THAT(of(failing),
                HasSubstr("  To settle it: Ask the provider whether the connection is accepted.\n  More: "));
}

TEST(RenderHuman, TwoAddressesAreToldApart) {
    fabricated::EndpointEntry entry = fabricated::healthy_endpoint("orders");
    entry.verdict.probes = {fabricated::dns("abcd.example", {"10.0.0.4", "10.0.0.5"}),
                            fabricated::tcp("10.0.0.4"), fabricated::tcp("10.0.0.5"),
                            fabricated::tls("10.0.0.4"), fabricated::tls_reset("10.0.0.5")};
    entry.explanation.details.probes = {"", "", "", "", "RST after ClientHello"};
    const std::string text = of(entry);
    EXPECT_THAT(text,
                HasSubstr(ends("  DNS   ✓ 10.0.0.4, 10.0.0.5 (10.0.0.2, TTL 300 s)", "1.2 ms") +
                          ends("  TCP   ✓ connected to 10.0.0.4, 10.0.0.5", "0.4 ms") +
                          ends("  TLS   ✓ 10.0.0.4: TLSv1.3, certificate valid until 2027-01-01", "0.4 ms") +
                          ends("  TLS   ✗ 10.0.0.5: RST after ClientHello", "0.4 ms")));
}

TEST(RenderHuman, AddressesThatFailAlikeAreALine) {
    fabricated::EndpointEntry entry = fabricated::failing_endpoint("orders");
    entry.verdict.probes = {fabricated::tls_reset("10.0.0.4"), fabricated::tls_reset("10.0.0.5")};
    entry.explanation.details.probes = {"RST 0.31 ms after ClientHello", "RST 0.29 ms after ClientHello"};
    EXPECT_THAT(of(entry), HasSubstr("  TLS   ✗ 10.0.0.4, 10.0.0.5: RST 0.31 ms after ClientHello "));
}

TEST(RenderHuman, ManyAddressesAreCounted) {
    fabricated::EndpointEntry entry = fabricated::failing_endpoint("orders");
    entry.verdict.probes.clear();
    entry.explanation.details.probes.clear();
    for (int i = 1; i <= 20; ++i) {
        entry.verdict.probes.push_back(fabricated::tls_reset("10.0.0." + std::to_string(i)));
        entry.explanation.details.probes.push_back("reset of kind " + std::to_string(i));
    }
    EXPECT_THAT(of(entry), HasSubstr("  TLS   - and 16 more\n"));
    EXPECT_THAT(of(entry, verbose), HasSubstr("10.0.0.20: reset of kind 20 "));
}

TEST(RenderHuman, OnlyTestsThatDecidedAreShown) {
    fabricated::EndpointEntry failing = fabricated::failing_endpoint("orders");
    checks::JudgedProbe answered = fabricated::tls("10.0.0.4");
    answered.counts = false;
    checks::JudgedProbe local = fabricated::tls("10.0.0.4");
    local.counts = false;
    local.observation.local = probes::LocalError{"socket", 24, "Too many open files"};
    local.outcome = checks::Outcome::local_error;
    failing.verdict.follow_ups = {{probes::FollowUp::other_name, answered},
                                  {probes::FollowUp::repeat, local}};
    failing.explanation.details.follow_ups = {"", "socket: Too many open files"};
    const std::string brief = of(failing);
    EXPECT_THAT(brief, HasSubstr("\n  test  ✓ other name: "));
    EXPECT_THAT(brief, Not(HasSubstr("repeat")));
    EXPECT_THAT(of(failing, verbose), HasSubstr("\n  test  ? repeat (10.0.0.4:9440): "));
}

TEST(RenderHuman, AHeldConnectionIsALine) {
    fabricated::EndpointEntry entry = fabricated::healthy_endpoint("orders");
    entry.verdict.holds = {fabricated::held("10.0.0.4")};
    entry.explanation.details.holds = {"idle for 360 s, then answered after 2 ms"};
    EXPECT_THAT(of(entry), HasSubstr(ends("  Idle  ✓ idle for 360 s, then answered after 2 ms", "0.4 ms")));
}

TEST(RenderHuman, TheApplicationIsALine) {
    fabricated::EndpointEntry entry = fabricated::healthy_endpoint("orders");
    entry.verdict.probes.push_back(fabricated::app("10.0.0.4"));
    entry.explanation.details.probes = {"", "", "", "asks for credentials"};
    EXPECT_THAT(of(entry), HasSubstr(ends("  App   ✓ Redis; asks for credentials", "0.4 ms")));
}

TEST(RenderHuman, WhereThePacketsAreCanBeCopied) {
    fabricated::EndpointEntry failing = fabricated::failing_endpoint("orders");
    failing.evidence_file = "/evidence/a b.pcapng";
    EXPECT_THAT(of(failing), HasSubstr("  Packets: /evidence/a b.pcapng\n  More: "));
    fabricated::EndpointEntry healthy = fabricated::healthy_endpoint("orders");
    healthy.evidence_file = failing.evidence_file;
    EXPECT_THAT(of(healthy), Not(HasSubstr("Packets")));
}

TEST(RenderHuman, WhyPacketsWereNotCapturedIsSaidWhereTheyMatter) {
    Report report = fabricated::report({fabricated::failing_endpoint("orders")});
    report.host.not_captured = probes::LocalError{"socket", 1, "Operation not permitted"};
    EXPECT_THAT(render_human(report, plain),
                StartsWith("Packets not captured: CAP_NET_RAW is missing. Run whylink as root.\n\n✗ orders"));
    report.host.not_captured = probes::LocalError{"capture", 0, "capture.enabled is false"};
    EXPECT_THAT(render_human(report, plain), StartsWith("Packets not captured: capture.enabled is false.\n"));
    report.host.not_captured = probes::LocalError{"socket", 12, "Cannot allocate memory"};
    EXPECT_THAT(render_human(report, plain),
                StartsWith("Packets not captured: socket: Cannot allocate memory.\n"));
    report.entries = fabricated::report({fabricated::healthy_endpoint("orders")}).entries;
    EXPECT_THAT(render_human(report, plain), Not(HasSubstr("captured")));
}

TEST(RenderHuman, AWatchSaysWhatArrives) {
    fabricated::WatchEntry entry = fabricated::watch("saas", true, Cause::healthy, Severity::ok);
    auto& facts = get<probes::TrafficFacts>(entry.verdict.probes[1].observation.facts);
    facts.with_proxy_header = 0;
    const std::string text = render_human(fabricated::report({}, {}, {entry}), plain);
    EXPECT_THAT(text,
                StartsWith("✓ saas  inbound to port 6379\n\n" +
                           ends("  Listen   ✓ 0.0.0.0:6379 (2 of 128 waiting)", "0.4 ms") +
                           ends("  Traffic  ✓ 12 attempts in 10 s: 11 established and 1 refused", "10 s")));
    EXPECT_THAT(text, HasSubstr("           - rtt 0.4 ms; 3 of 1200 segments retransmitted; from 10.1.0.5"));
}

TEST(RenderHuman, AWatchMayBeOfSomePeersAndOfAnyPort) {
    fabricated::WatchEntry entry =
        fabricated::watch("saas", false, Cause::no_inbound_traffic, Severity::critical);
    entry.watch.peer = {Cidr::parse("10.1.0.0/24").value(), Cidr::parse("10.2.0.0/24").value()};
    EXPECT_THAT(render_human(fabricated::report({}, {}, {entry}), plain),
                StartsWith("✗ saas  inbound to port 6379  from 10.1.0.0/24 and 1 more\n"));
    entry.watch.direction = config::Direction::outbound;
    entry.watch.port = 0;
    entry.watch.peer.pop_back();
    EXPECT_THAT(render_human(fabricated::report({}, {}, {entry}), plain),
                StartsWith("✗ saas  outbound to any port  at 10.1.0.0/24\n"));
}

TEST(RenderHuman, AZoneShowsLabels) {
    fabricated::ZoneEntry zone = fabricated::zone("z", true, Cause::healthy, Severity::ok);
    zone.verdict.probes = {fabricated::dns("abcd.example", {"10.0.0.4"}), fabricated::dns("x.invalid", {}),
                           fabricated::dns("r.example", {"10.0.0.4"})};
    const auto role_of = [&zone](std::size_t i) -> probes::NameRole& {
        return get<probes::DnsFacts>(zone.verdict.probes[i].observation.facts).role;
    };
    role_of(0) = probes::NameRole::known_label;
    role_of(1) = probes::NameRole::control;
    zone.verdict.probes[1].counts = false;
    role_of(2) = probes::NameRole::random_label;
    const std::string text = render_human(fabricated::report({}, {zone}), plain);
    EXPECT_THAT(text, StartsWith("✓ z  *.example\n"));
    EXPECT_THAT(
        text,
        HasSubstr(ends("  DNS   ✓ abcd, random name: 10.0.0.4 (10.0.0.2, TTL 300 s)", "1.2 ms") + "\n"));
}

TEST(RenderHuman, ANameOfOneFamilyIsNotRemarkable) {
    fabricated::EndpointEntry entry = fabricated::healthy_endpoint("a");
    entry.explanation.details.probes = {"AAAA: no address"};
    entry.verdict.probes[0].query_outcomes = {checks::Outcome::ok, checks::Outcome::nodata};
    EXPECT_THAT(of(entry), Not(HasSubstr("AAAA")));
    entry.verdict.probes[0].query_outcomes = {checks::Outcome::ok, checks::Outcome::servfail};
    EXPECT_THAT(of(entry), HasSubstr("TTL 300 s); AAAA: no address"));
}

TEST(RenderHuman, AResolverThatFailsIsNamed) {
    fabricated::EndpointEntry entry = fabricated::failing_endpoint("a");
    entry.verdict.probes = {fabricated::dns("abcd.example", {})};
    entry.explanation.details.probes = {"NXDOMAIN"};
    EXPECT_THAT(of(entry), HasSubstr(ends("  DNS   ✗ 10.0.0.2: NXDOMAIN", "1.2 ms")));
}

TEST(RenderHuman, NothingFromTheNetworkReachesTheTerminal) {
    fabricated::EndpointEntry entry = fabricated::failing_endpoint("a");
    entry.explanation.details.probes[2] = "says \x1b[2J\x07 and \xff";
    entry.explanation.summary = "\x1b]0;owned\x07";
    entry.explanation.steps = {"Run `x \x1b[2J`."};
    entry.explanation.settle = "\x1b[2J";
    entry.verdict.decision.confidence = checks::Confidence::low;
    entry.explanation.evidence = {"line\nbreak\x9b"};
    for (const HumanStyle& style : {plain, verbose}) {
        const std::string text = of(entry, style);
        EXPECT_EQ(text.find('\x1b'), std::string::npos);
        EXPECT_EQ(text.find('\x07'), std::string::npos);
        EXPECT_EQ(text.find('\xff'), std::string::npos);
    }
    EXPECT_THAT(of(entry, verbose), HasSubstr("line\\x0abreak\\x9b"));
}

TEST(RenderHuman, LongDetailsAreCutUnlessAllIsWanted) {
    fabricated::EndpointEntry entry = fabricated::failing_endpoint("a");
    entry.explanation.details.probes[2] = std::string(50, 'w') + " " + std::string(50, 'x') + " " +
                                          std::string(50, 'y') + " " + std::string(50, 'z');
    EXPECT_THAT(of(entry), HasSubstr("\n          " + std::string(50, 'y') + " zz"));
    EXPECT_THAT(of(entry), Not(HasSubstr(std::string(50, 'z'))));
    EXPECT_THAT(of(entry, verbose), HasSubstr("\n          " + std::string(50, 'z') + "\n"));
}

TEST(RenderHuman, WideNamesDoNotBreakTheLine) {
    fabricated::EndpointEntry entry = fabricated::failing_endpoint(std::string(100, 'n'));
    entry.endpoint.host = std::string(60, 'h') + "." + std::string(60, 'h');
    const std::string text = of(entry);
    EXPECT_THAT(text, StartsWith("✗ " + std::string(75, 'n') + "…\n  " + std::string(60, 'h') + "."));
}

TEST(RenderHuman, WithoutUtf8ItIsAscii) {
    fabricated::EndpointEntry soon =
        fabricated::endpoint("c", true, Cause::certificate_problem, Severity::warning);
    const std::string text = render_human(
        fabricated::report({fabricated::healthy_endpoint("a"), fabricated::failing_endpoint("b"), soon}),
        {80, false, false});
    EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
        << text;
    EXPECT_THAT(text, HasSubstr("\n[ok] a "));
    EXPECT_THAT(text, HasSubstr("\n[XX] b "));
    EXPECT_THAT(text, HasSubstr("\n[!!] c "));
    EXPECT_THAT(text, HasSubstr("critical - high confidence"));
}

TEST(RenderHuman, TheLastLineIsTheExitStatus) {
    const auto last_mark = [](const Report& report) {
        const std::string text = render_human(report, {80, false, false});
        return text.substr(text.rfind("\n[") + 1, 4);
    };
    const auto of_one = [](bool healthy, Cause cause, Severity severity) {
        return fabricated::report({fabricated::endpoint("a", healthy, cause, severity)});
    };
    const Report soon = of_one(true, Cause::certificate_problem, Severity::warning);
    EXPECT_EQ(last_mark(soon), "[!!]");
    EXPECT_EQ(exit_status(soon), exit_healthy);
    const Report broken = of_one(false, Cause::certificate_problem, Severity::warning);
    EXPECT_EQ(last_mark(broken), "[XX]");
    EXPECT_EQ(exit_status(broken), exit_unhealthy);
    const Report unknown = of_one(false, Cause::local_limit, Severity::critical);
    EXPECT_EQ(last_mark(unknown), "[??]");
    EXPECT_EQ(exit_status(unknown), exit_unknown);
}

TEST(RenderHuman, WhatCouldNotBeCheckedIsCountedApart) {
    const std::string text = of(fabricated::endpoint("a", false, Cause::local_limit, Severity::critical));
    EXPECT_THAT(text, StartsWith("? a"));
    EXPECT_THAT(text, HasSubstr("0 of 1 healthy, 1 could not be checked"));
    EXPECT_THAT(text, Not(HasSubstr("1 critical")));
}

TEST(RenderHuman, ColoursDoNotMoveColumns) {
    const Report report = fabricated::report({fabricated::failing_endpoint("a")});
    std::string text = render_human(report, {80, true, true});
    EXPECT_THAT(text, HasSubstr("\x1b[31m"));
    for (std::size_t at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b')) {
        text.erase(at, text.find('m', at) - at + 1);
    }
    EXPECT_EQ(text, render_human(report, plain));
}

// ---- of the daemon ----

/// The report of one endpoint whose verdict is the daemon's, 12 s after its round had ended.
std::string standing_of(fabricated::EndpointEntry entry, bool passed, bool was_healthy = true) {
    using namespace std::chrono_literals;
    if (passed) {
        entry.verdict.facts.insert(checks::Fact::all_pass);
    }
    Standing standing{fabricated::noon(), 500ms, fabricated::noon() - 14min};
    if (was_healthy) {
        standing.last_healthy = fabricated::noon() - 15min;
    }
    Report report = fabricated::report({std::move(entry)});
    report.entries[0].standing = standing;
    return render_human(report, plain, fabricated::noon() + 12'900ms);
}

TEST(RenderHuman, AStandingSaysSinceWhen) {
    EXPECT_THAT(standing_of(fabricated::healthy_endpoint("a"), true),
                HasSubstr("\n  Healthy for 14 min (since 11:46 UTC). Checked 12 s ago.\n"));
    EXPECT_THAT(standing_of(fabricated::failing_endpoint("a"), false),
                HasSubstr("\n  Broken for 14 min (last healthy 11:45 UTC). Checked 12 s ago.\n"));
    EXPECT_THAT(standing_of(fabricated::failing_endpoint("a"), false, false),
                HasSubstr("\n  Broken for 14 min (since the first check, 11:46 UTC). Checked 12 s ago.\n"));
}

/// What the daemon remembers of a failing target.
TargetHistoryPtr history_of(std::vector<Change> changes, bool was_healthy = true) {
    using namespace std::chrono_literals;
    const auto since = fabricated::noon() - 14min;
    return std::make_shared<const TargetHistory>(
        TargetHistory{since, was_healthy ? std::optional(since - 30s) : std::nullopt, std::move(changes)});
}

std::string failing_with(std::vector<TargetHistoryPtr> histories) {
    using namespace std::chrono_literals;
    std::vector<fabricated::EndpointEntry> entries;
    for (std::size_t i = 0; i < histories.size(); ++i) {
        entries.push_back(fabricated::failing_endpoint("a" + std::to_string(i)));
    }
    Report report = fabricated::report(std::move(entries));
    for (std::size_t i = 0; i < histories.size(); ++i) {
        Standing standing{fabricated::noon(), 500ms, fabricated::noon() - 14min, fabricated::noon() - 15min};
        standing.history = histories[i];
        report.entries[i].standing = standing;
    }
    return render_human(report, plain, fabricated::noon() + 12s);
}

TEST(RenderHuman, AFailureIsToldWithWhatChangedBeforeIt) {
    const Change change{fabricated::noon(), What::address, "10.0.0.9", "10.0.0.4"};
    EXPECT_THAT(failing_with({history_of({change})}), HasSubstr("Changed: address 10.0.0.9 →\n  10.0.0.4."));
    EXPECT_THAT(failing_with({history_of({})}), HasSubstr("Nothing changed before it."));
    EXPECT_THAT(failing_with({history_of({}, false)}), HasSubstr("Never healthy so far."));
}

TEST(RenderHuman, AChangeBeforeTheFailureOfSeveralTargetsIsToldOnce) {
    const Change route{fabricated::noon(), What::route, "10.0.0.1 eth0", "10.9.0.1 tun0"};
    const std::string text = failing_with({history_of({route}), history_of({route}), history_of({route})});
    const std::string said = "Changed: default route 10.0.0.1 eth0 → 10.9.0.1 tun0.";
    EXPECT_THAT(text, HasSubstr(said));
    EXPECT_EQ(text.find(said), text.rfind(said));
    const Change other{fabricated::noon(), What::address, "10.0.0.9", "10.0.0.4"};
    EXPECT_THAT(failing_with({history_of({route}), history_of({other})}),
                testing::Not(HasSubstr("Changed: ")));
}

TEST(RenderHuman, AStandingThatTheRoundDoesNotBearOutSaysSo) {
    fabricated::EndpointEntry failing = fabricated::failing_endpoint("a");
    failing.verdict.healthy = true;
    EXPECT_THAT(standing_of(failing, false),
                HasSubstr("  This check failed; still counted healthy since 11:46 UTC. Checked 12 s ago.\n"));
    EXPECT_THAT(standing_of(failing, false), StartsWith("! a"));
    fabricated::EndpointEntry passing = fabricated::healthy_endpoint("a");
    passing.verdict.healthy = false;
    EXPECT_THAT(standing_of(passing, true), HasSubstr("  This check passed; still counted unhealthy since "));
    fabricated::EndpointEntry not_made =
        fabricated::endpoint("a", true, Cause::local_limit, Severity::critical);
    EXPECT_THAT(standing_of(not_made, false),
                HasSubstr("  This check could not be made; still counted healthy since "));
    not_made.verdict.healthy = false;
    EXPECT_THAT(standing_of(not_made, false),
                HasSubstr("  This check could not be made; still counted not healthy since "));
}

TEST(RenderHuman, TheAgeOfARoundNeedsTheTime) {
    using namespace std::chrono_literals;
    const Standing standing{fabricated::noon(), 500ms, fabricated::noon()};
    Report report = fabricated::report({fabricated::failing_endpoint("a")});
    report.entries[0].standing = standing;
    EXPECT_THAT(render_human(report, plain), HasSubstr(" Checked at 12:00 UTC."));
    EXPECT_THAT(render_human(report, plain, fabricated::noon() + 3h), HasSubstr(" Checked 2 hours ago."));
    EXPECT_THAT(render_human(report, plain, fabricated::noon() - 1h), HasSubstr(" Checked 0 s ago."));
    EXPECT_THAT(render_human(report, plain, fabricated::noon() + 49h),
                HasSubstr("Broken for 2 days (since the first check, 2026-01-01 12:00 UTC)."));
}

}  // namespace
}  // namespace whylink::daemon
