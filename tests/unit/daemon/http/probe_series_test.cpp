#include "daemon/http/probe_series.hpp"

#include <gtest/gtest.h>

#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon::http {
namespace {

using namespace std::chrono_literals;
using checks::JudgedProbe;
using checks::Outcome;

checks::Verdict verdict_of(std::vector<JudgedProbe> probes) {
    checks::Verdict verdict;
    verdict.probes = std::move(probes);
    return verdict;
}

JudgedProbe with(JudgedProbe probe, Outcome outcome, std::chrono::nanoseconds took) {
    probe.outcome = outcome;
    probe.observation.took = took;
    return probe;
}

JudgedProbe at_resolver(std::string_view resolver, Outcome outcome, std::chrono::nanoseconds took = 1ms) {
    JudgedProbe probe = with(fabricated::dns("abcd.example", {"10.0.0.4"}), outcome, took);
    get<probes::DnsFacts>(probe.observation.facts).resolver = fabricated::address(resolver);
    return probe;
}

JudgedProbe not_counting(JudgedProbe probe) {
    probe.counts = false;
    return probe;
}

TEST(ProbeSeries, AResolversProbesAreOneSeriesTheWorstAndTheSlowest) {
    const auto series = probe_series(
        verdict_of({at_resolver("10.0.0.2", Outcome::ok, 3ms), at_resolver("10.0.0.3", Outcome::timeout, 5s),
                    at_resolver("10.0.0.2", Outcome::nxdomain, 1ms)}));
    ASSERT_EQ(series.size(), 2U);
    EXPECT_EQ(series[0].place, ",resolver=\"10.0.0.2:53\"");
    EXPECT_EQ(series[0].outcome, Outcome::nxdomain);
    EXPECT_EQ(series[0].slowest, 3ms);
    EXPECT_EQ(series[1].place, ",resolver=\"10.0.0.3:53\"");
    EXPECT_EQ(series[1].outcome, Outcome::timeout);
}

TEST(ProbeSeries, PortsAndTheHostsFileAreResolversOfTheirOwn) {
    JudgedProbe other_port = at_resolver("10.0.0.2", Outcome::ok);
    get<probes::DnsFacts>(other_port.observation.facts).resolver_port = 5353;
    JudgedProbe hosts = at_resolver("0.0.0.0", Outcome::unexpected_address);
    get<probes::DnsFacts>(hosts.observation.facts).source = probes::NameSource::hosts_file;
    const auto series = probe_series(verdict_of(
        {hosts, at_resolver("10.0.0.2", Outcome::ok), other_port, at_resolver("fd00::2", Outcome::ok)}));
    ASSERT_EQ(series.size(), 4U);
    EXPECT_EQ(series[0].place, ",resolver=\"/etc/hosts\"");
    EXPECT_EQ(series[0].outcome, Outcome::unexpected_address);
    EXPECT_EQ(series[2].place, ",resolver=\"10.0.0.2:5353\"");
    EXPECT_EQ(series[3].place, ",resolver=\"[fd00::2]:53\"");
}

TEST(ProbeSeries, WhatDoesNotCountDecidesOnlyAlone) {
    const JudgedProbe control = not_counting(at_resolver("10.0.0.2", Outcome::timeout, 5s));
    const JudgedProbe host = at_resolver("10.0.0.2", Outcome::ok, 1ms);
    for (const auto& probes : {std::vector{control, host}, std::vector{host, control}}) {
        const auto series = probe_series(verdict_of(probes));
        ASSERT_EQ(series.size(), 1U);
        EXPECT_EQ(series[0].outcome, Outcome::ok);
        EXPECT_EQ(series[0].slowest, 1ms);
        EXPECT_EQ(series[0].place, ",resolver=\"10.0.0.2:53\"");
    }
    const auto alone = probe_series(verdict_of({control}));
    ASSERT_EQ(alone.size(), 1U);
    EXPECT_EQ(alone[0].outcome, Outcome::timeout);
}

TEST(ProbeSeries, TheSameAddressTwiceIsOneSeriesForEachStage) {
    const auto series = probe_series(verdict_of({fabricated::tcp("10.0.0.4"), fabricated::tls("10.0.0.4"),
                                                 with(fabricated::tcp("10.0.0.4"), Outcome::refused, 9ms),
                                                 fabricated::tls_reset("10.0.0.4")}));
    ASSERT_EQ(series.size(), 2U);
    EXPECT_EQ(series[0].stage, probes::Stage::tcp);
    EXPECT_EQ(series[0].outcome, Outcome::refused);
    EXPECT_EQ(series[0].slowest, 9ms);
    EXPECT_EQ(series[1].stage, probes::Stage::tls);
    EXPECT_EQ(series[1].outcome, Outcome::pending_allowlist);
    // Of the one that sent a certificate.
    EXPECT_TRUE(series[1].not_after.has_value());
}

TEST(ProbeSeries, FollowUpTestsAreLeftOut) {
    checks::Verdict verdict = verdict_of({fabricated::tcp("10.0.0.4")});
    verdict.follow_ups = {
        {probes::FollowUp::other_port, with(fabricated::tcp("10.0.0.4"), Outcome::timeout, 5s)}};
    verdict.holds = {fabricated::held("10.0.0.4")};
    const auto series = probe_series(verdict);
    ASSERT_EQ(series.size(), 1U);
    EXPECT_EQ(series[0].outcome, Outcome::ok);
    verdict.probes.clear();
    EXPECT_TRUE(probe_series(verdict).empty());
}

TEST(ProbeSeries, AProbeThatCouldNotBeMadeHasNoDuration) {
    JudgedProbe local = with(fabricated::tcp("10.0.0.4"), Outcome::local_error, 1us);
    local.observation.local = probes::LocalError{"socket", 24, "Too many open files"};
    const auto alone = probe_series(verdict_of({local}));
    ASSERT_EQ(alone.size(), 1U);
    EXPECT_EQ(alone[0].outcome, Outcome::local_error);
    EXPECT_FALSE(alone[0].slowest.has_value());
    const auto beside =
        probe_series(verdict_of({local, with(fabricated::tcp("10.0.0.4"), Outcome::ok, 2ms)}));
    ASSERT_EQ(beside.size(), 1U);
    EXPECT_EQ(beside[0].outcome, Outcome::local_error);
    EXPECT_EQ(beside[0].slowest, 2ms);
}

TEST(ProbeSeries, TheEarliestCertificateOfTheChainAlsoWhenItIsNotTrusted) {
    JudgedProbe probe = with(fabricated::tls("10.0.0.4"), Outcome::certificate_untrusted, 3ms);
    auto& chain = get<probes::TlsFacts>(probe.observation.facts).chain;
    chain.push_back(chain.front());
    chain.back().not_after = fabricated::noon() + 1h;
    chain.push_back(chain.front());
    const auto series = probe_series(verdict_of({probe}));
    ASSERT_EQ(series.size(), 1U);
    EXPECT_EQ(series[0].not_after, fabricated::noon() + 1h);
}

TEST(ProbeSeries, AWatchHasNoPlace) {
    const auto series = probe_series(verdict_of({fabricated::listener(), fabricated::traffic()}));
    ASSERT_EQ(series.size(), 2U);
    EXPECT_EQ(series[0].stage, probes::Stage::listener);
    EXPECT_EQ(series[0].place, "");
    EXPECT_EQ(series[1].stage, probes::Stage::packets);
    EXPECT_EQ(series[1].slowest, 10s);
}

TEST(ProbeSeries, WhoSaidNothingIsWorseThanWhoRefusedAndEarlierIsWorseThanLater) {
    EXPECT_TRUE(is_worse(Outcome::certificate_expiring, Outcome::ok));
    EXPECT_TRUE(is_worse(Outcome::local_error, Outcome::certificate_expiring));
    EXPECT_TRUE(is_worse(Outcome::forbidden, Outcome::local_error));
    EXPECT_TRUE(is_worse(Outcome::pending_allowlist, Outcome::reset_by_peer));
    EXPECT_TRUE(is_worse(Outcome::refused, Outcome::pending_allowlist));
    EXPECT_TRUE(is_worse(Outcome::nxdomain, Outcome::public_address));
    EXPECT_TRUE(is_worse(Outcome::servfail, Outcome::nxdomain));
    EXPECT_TRUE(is_worse(Outcome::timeout, Outcome::servfail));
    EXPECT_FALSE(is_worse(Outcome::timeout, Outcome::timeout));
}

}  // namespace
}  // namespace whylink::daemon::http
