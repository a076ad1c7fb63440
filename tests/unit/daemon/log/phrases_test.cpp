// The parts of a line about one target: what decides, what to do first, since when.
#include "daemon/log/phrases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

TargetStatus status_of(fabricated::EndpointEntry entry) {
    TargetStatus status;
    status.target = config::make_target(std::move(entry.endpoint));
    status.verdict = std::make_shared<const checks::Verdict>(std::move(entry.verdict));
    return status;
}

std::string evidence_of(const fabricated::EndpointEntry& entry) {
    return deciding_evidence(status_of(entry), entry.explanation);
}

std::string step_of(std::string step) {
    checks::Explanation explanation;
    explanation.steps = {std::move(step), "Wait."};
    return first_step(explanation);
}

TEST(DecidingEvidence, IsOfTheAddressThatShowsTheCause) {
    const std::string evidence = evidence_of(fabricated::failing_endpoint("orders"));
    EXPECT_THAT(evidence, HasSubstr("10.0.0.4"));
    EXPECT_THAT(evidence, HasSubstr("accepted, then RST, 335 bytes sent, 0 received"));
}

TEST(DecidingEvidence, OfAnAddressIsNotThatOfADeadResolverBesideIt) {
    fabricated::EndpointEntry entry = fabricated::failing_endpoint("orders");
    entry.verdict.probes.insert(entry.verdict.probes.begin(), fabricated::dns("abcd.example", {}));
    entry.explanation.details.probes.insert(entry.explanation.details.probes.begin(), "NXDOMAIN");
    EXPECT_THAT(evidence_of(entry), HasSubstr("accepted, then RST"));
}

TEST(DecidingEvidence, OfANameIsNotThatOfAnAddress) {
    fabricated::EndpointEntry entry = fabricated::failing_endpoint("orders");
    entry.verdict.decision =
        fabricated::verdict(false, Cause::private_dns_missing, checks::Severity::critical).decision;
    entry.verdict.probes.front() = fabricated::dns("abcd.example", {});
    entry.explanation.details.probes.front() = "no such name";
    const std::string evidence = evidence_of(entry);
    EXPECT_THAT(evidence, HasSubstr("no such name"));
    EXPECT_THAT(evidence, Not(HasSubstr("RST")));
}

TEST(DecidingEvidence, OfWhatComesAndGoesCountsTheRounds) {
    fabricated::EndpointEntry entry = fabricated::failing_endpoint("orders");
    entry.verdict.recent = checks::RecentRounds{10, 4, {{Cause::connection_refused, 4}}};
    entry.explanation.evidence = {"4 of the last 10 rounds failed", "another"};
    EXPECT_EQ(evidence_of(entry), "4 of the last 10 rounds failed");
}

TEST(DecidingEvidence, IsTheSummaryWhereNoProbeFails) {
    fabricated::EndpointEntry entry = fabricated::failing_endpoint("orders");
    entry.verdict.probes.pop_back();
    EXPECT_EQ(evidence_of(entry), "the service does not know this endpoint");
}

TEST(FirstStep, IsOneClauseOfTheFirstStep) {
    EXPECT_EQ(step_of("Wait."), "wait");
    EXPECT_EQ(step_of("Add 10.0.0.4:9440 to the list. It takes a minute."), "add 10.0.0.4:9440 to the list");
    EXPECT_EQ(step_of("Check the rule; it may be of another port."), "check the rule");
    EXPECT_EQ(step_of("Add the endpoint to the list: `curl -X PATCH https://api.example/; true`"),
              "add the endpoint to the list");
    EXPECT_EQ(step_of("Add the endpoint to the list:\n  curl https://api.example/"),
              "add the endpoint to the list");
    EXPECT_EQ(step_of("Exempt the zone (unbound: `domain-insecure`; BIND: `validate-except`). Check again."),
              "exempt the zone (unbound: `domain-insecure`; BIND: `validate-except`)");
    EXPECT_EQ(step_of("Run `dig +short a. b.` again."), "run `dig +short a. b.` again");
    EXPECT_EQ(step_of("TLS 1.3 is needed"), "TLS 1.3 is needed");
}

TEST(FirstStep, IsBounded) {
    EXPECT_LE(step_of(std::string(5000, 'x')).size(), 170U);
}

TEST(FirstStep, IsNothingWithoutSteps) {
    EXPECT_EQ(first_step({}), "");
}

TEST(LowerFirst, LeavesAbbreviationsAsTheyAre) {
    EXPECT_EQ(lower_first("Wrong service"), "wrong service");
    EXPECT_EQ(lower_first("TCP connect timeout"), "TCP connect timeout");
    EXPECT_EQ(lower_first("no answer"), "no answer");
    EXPECT_EQ(lower_first(""), "");
}

TEST(SinceClause, HasTheDateWhereTheHourIsNotEnough) {
    EXPECT_EQ(since_clause(fabricated::noon(), fabricated::noon() + 5h), "since 12:00 UTC");
    EXPECT_EQ(since_clause(fabricated::noon(), fabricated::noon() + 24h), "since 2026-01-01 12:00 UTC");
}

}  // namespace
}  // namespace whylink::daemon
