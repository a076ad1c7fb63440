// Reports of more than one target: the table, and what is folded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/report/human/render.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using checks::Severity;
using testing::HasSubstr;
using testing::Not;

const HumanStyle plain{80, false, true};

std::size_t count(const std::string& text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++found;
    }
    return found;
}

std::vector<fabricated::EndpointEntry> endpoints(std::size_t healthy, std::size_t failing) {
    std::vector<fabricated::EndpointEntry> made;
    for (std::size_t i = 1; i <= healthy; ++i) {
        made.push_back(fabricated::healthy_endpoint("good-" + std::to_string(i)));
    }
    for (std::size_t i = 1; i <= failing; ++i) {
        made.push_back(fabricated::failing_endpoint("bad-" + std::to_string(i)));
    }
    return made;
}

/// Nobody answers the SYN to its address.
fabricated::EndpointEntry unanswered_at(std::string_view where) {
    fabricated::EndpointEntry made =
        fabricated::endpoint("link-" + std::string(where), false, Cause::syn_unanswered, Severity::critical);
    checks::JudgedProbe tcp = fabricated::tcp(where);
    tcp.observation.facts = probes::TcpFacts{};
    tcp.outcome = checks::Outcome::timeout;
    made.verdict.probes = {fabricated::dns("abcd.example", {where}), tcp};
    made.explanation.details.probes = {"", ""};
    return made;
}

std::string text_of_unanswered(const std::vector<std::string_view>& addresses) {
    std::vector<fabricated::EndpointEntry> made;
    for (const std::string_view where : addresses) {
        made.push_back(unanswered_at(where));
    }
    return render_human(fabricated::report(std::move(made)), plain);
}

TEST(ManyTargets, TheTableIsFirstAndTheWorstOnTop) {
    std::vector<fabricated::EndpointEntry> made = endpoints(1, 1);
    made.push_back(fabricated::endpoint("soon", true, Cause::certificate_problem, Severity::warning));
    made.push_back(fabricated::endpoint("unknown", false, Cause::local_limit, Severity::critical));
    const std::string text = render_human(fabricated::report(std::move(made)), plain);
    EXPECT_THAT(text, testing::StartsWith("  NAME     CAUSE"));
    const std::size_t bad = text.find("\n✗ bad-1 ");
    const std::size_t unknown = text.find("\n? unknown ");
    const std::size_t soon = text.find("\n! soon ");
    const std::size_t good = text.find("\n✓ good-1   healthy");
    EXPECT_LT(bad, unknown) << text;
    EXPECT_LT(unknown, soon) << text;
    EXPECT_LT(soon, good) << text;
    EXPECT_NE(good, std::string::npos) << text;
    EXPECT_THAT(text, HasSubstr("DNS 1.2 ms\n"));
    EXPECT_THAT(text, Not(HasSubstr("SINCE")));
}

TEST(ManyTargets, FailuresThatAreAlikeAreOneBlock) {
    const std::string text = render_human(fabricated::report(endpoints(2, 3)), plain);
    EXPECT_EQ(count(text, "\n  Fix   "), 1U) << text;
    EXPECT_THAT(text, HasSubstr("\n✗ 3 targets: bad-1, bad-2, bad-3\n  Example: bad-1  abcd.example:9440\n"));
    EXPECT_THAT(text, HasSubstr("Run again: whylink check\n"));
    EXPECT_THAT(text, HasSubstr("✗ 2 of 5 healthy, 3 critical"));
}

TEST(ManyTargets, FailuresInOneSubnetNameIt) {
    EXPECT_THAT(text_of_unanswered({"10.0.3.4", "10.0.3.5", "10.0.3.6"}),
                HasSubstr("\n  No SYN-ACK from 10.0.3.0/24 (3 addresses)\n  Example: link-10.0.3.4  "));
    EXPECT_THAT(text_of_unanswered({"10.0.3.4", "10.0.2.5"}),
                HasSubstr("\n  No SYN-ACK from 10.0.2.0/23 (2 addresses)\n"));
    EXPECT_THAT(text_of_unanswered({"fd00::4", "fd00::5"}),
                HasSubstr("\n  No SYN-ACK from fd00::/64 (2 addresses)\n"));
}

TEST(ManyTargets, FailuresOfLaterStagesInOneSubnetNameIt) {
    std::vector<fabricated::EndpointEntry> made = endpoints(0, 2);
    made[1].verdict.probes = {fabricated::dns("abcd.example", {"10.0.0.5"}), fabricated::tcp("10.0.0.5"),
                              fabricated::tls_reset("10.0.0.5")};
    EXPECT_THAT(render_human(fabricated::report(std::move(made)), plain),
                HasSubstr("\n  All failures in 10.0.0.0/24 (2 addresses)\n"));
}

TEST(ManyTargets, FailuresThatShareNoSmallSubnetNameNone) {
    for (const std::string& text :
         {text_of_unanswered({"10.0.3.4", "10.9.3.4"}), text_of_unanswered({"10.0.3.4", "fd00::4"}),
          text_of_unanswered({"10.0.3.4", "10.0.3.4"})}) {
        EXPECT_THAT(text, HasSubstr("✗ 2 targets: "));
        EXPECT_THAT(text, Not(HasSubstr("No SYN-ACK from 10.0"))) << text;
    }
}

TEST(ManyTargets, WhatDiffersIsNotFolded) {
    std::vector<fabricated::EndpointEntry> made = endpoints(0, 3);
    made[1].verdict.probes[2].outcome = checks::Outcome::timeout;
    made[2].verdict.decision.confidence = checks::Confidence::medium;
    const std::string text = render_human(fabricated::report(std::move(made)), plain);
    EXPECT_EQ(count(text, "\n  Fix   "), 3U) << text;
}

TEST(ManyTargets, TwoHundredThatFailAlikeAreAScreen) {
    const std::string text = render_human(fabricated::report(endpoints(50, 150)), plain);
    EXPECT_LE(std::ranges::count(text, '\n'), 30) << text;
    EXPECT_THAT(text, HasSubstr("\n✗ 150 targets "));
    EXPECT_THAT(text, HasSubstr("\n✗ 150 targets: bad-1, bad-2, "));
    EXPECT_THAT(text, HasSubstr("\n✓ 50 healthy: good-1, good-2, "));
    EXPECT_THAT(text, HasSubstr("✗ 50 of 200 healthy, 150 critical"));
}

TEST(ManyTargets, HealthyOnesAreALine) {
    EXPECT_EQ(render_human(fabricated::report(endpoints(5, 0)), plain),
              "✓ 5 healthy: good-1, good-2, good-3, good-4, good-5\n"
              "\n"
              "✓ 5 of 5 healthy  in 120 ms\n");
}

TEST(ManyTargets, WarningsStayVisible) {
    std::vector<fabricated::EndpointEntry> made = endpoints(30, 0);
    made.push_back(fabricated::endpoint("soon", true, Cause::certificate_problem, Severity::warning));
    const std::string text = render_human(fabricated::report(std::move(made)), plain);
    EXPECT_THAT(text, HasSubstr("\n! soon  "));
    EXPECT_THAT(text, HasSubstr("\n✓ 30 healthy: "));
    EXPECT_THAT(text, HasSubstr("\n! 31 of 31 healthy, 1 warning"));
}

TEST(ManyTargets, NothingIsFoldedWhereAllIsWanted) {
    const std::string text = render_human(fabricated::report(endpoints(4, 12)), {80, false, true, true});
    EXPECT_EQ(count(text, "\n  Fix   "), 12U) << text;
    EXPECT_THAT(text, HasSubstr("\n✓ good-4  abcd.example:9440\n"));
}

TEST(ManyTargets, SinceWhenIsKnownOfTheDaemon) {
    using namespace std::chrono_literals;
    Report report = fabricated::report(endpoints(1, 1));
    report.entries[1].standing = Standing{fabricated::noon(), 500ms, fabricated::noon() - 14min};
    const std::string text = render_human(report, plain, fabricated::noon() + 12s);
    EXPECT_THAT(text, HasSubstr("  SINCE"));
    EXPECT_THAT(text, HasSubstr("  11:46 UTC  "));
}

TEST(ManyTargets, WhatWaitsForItsFirstCheckIsNamed) {
    Report report = fabricated::report(endpoints(1, 0));
    report.waiting = {config::make_target(fabricated::healthy_endpoint("new").endpoint)};
    EXPECT_THAT(render_human(report, plain), HasSubstr("\n- 1 waiting for the first check: new\n"));
}

TEST(ManyTargets, WideNamesDoNotBreakTheColumns) {
    std::vector<fabricated::EndpointEntry> made = endpoints(1, 1);
    made[0].endpoint.name = std::string(60, 'n');
    const std::string text = render_human(fabricated::report(std::move(made)), plain);
    EXPECT_THAT(text, HasSubstr("\n✓ " + std::string(30, 'n') + "…  healthy"));
    const std::string heading = text.substr(0, text.find('\n'));
    EXPECT_EQ(heading.find("CAUSE"), 2U + 31U + 2U) << text;
}

}  // namespace
}  // namespace whylink::daemon
