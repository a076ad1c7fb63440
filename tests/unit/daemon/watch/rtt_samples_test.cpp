// What the sparkline of a target shows.
#include "daemon/watch/rtt_samples.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using config::TargetKind;

checks::Verdict verdict_of(std::vector<checks::JudgedProbe> probes) {
    checks::Verdict verdict;
    verdict.probes = std::move(probes);
    return verdict;
}

TEST(RttSamples, TakesTheKernelsEstimateOfTheSlowestHandshake) {
    checks::JudgedProbe slow = fabricated::tcp("10.0.0.5");
    get<probes::TcpFacts>(slow.observation.facts).info->rtt = 900us;
    RttSamples samples;
    samples.add(TargetKind::endpoint, verdict_of({fabricated::tcp("10.0.0.4"), slow}));
    ASSERT_EQ(samples.values().size(), 1U);
    EXPECT_FLOAT_EQ(samples.values().front(), 0.0009F);
}

TEST(RttSamples, WithoutAnEstimateTheConnectCounts) {
    checks::JudgedProbe probe = fabricated::tcp("10.0.0.4");
    get<probes::TcpFacts>(probe.observation.facts).info.reset();
    RttSamples samples;
    samples.add(TargetKind::endpoint, verdict_of({probe}));
    EXPECT_FLOAT_EQ(samples.values().front(), 0.0004F);
}

TEST(RttSamples, AFailureIsAGap) {
    checks::JudgedProbe probe = fabricated::tcp("10.0.0.4");
    get<probes::TcpFacts>(probe.observation.facts).connected = false;
    RttSamples samples;
    samples.add(TargetKind::endpoint, verdict_of({fabricated::dns("a.example", {"10.0.0.4"}), probe}));
    EXPECT_TRUE(std::isnan(samples.values().front()));
}

TEST(RttSamples, AZoneHasRepliesAndAWatchHandshakes) {
    RttSamples zone;
    zone.add(TargetKind::zone, verdict_of({fabricated::dns("a.example", {"10.0.0.4"})}));
    EXPECT_FLOAT_EQ(zone.values().front(), 0.0012F);
    RttSamples watch;
    watch.add(TargetKind::watch, verdict_of({fabricated::listener(), fabricated::traffic()}));
    EXPECT_FLOAT_EQ(watch.values().front(), 0.0004F);
}

TEST(RttSamples, KeepsTheLatest) {
    RttSamples samples;
    for (int i = 1; i <= 50; ++i) {
        checks::JudgedProbe probe = fabricated::tcp("10.0.0.4");
        get<probes::TcpFacts>(probe.observation.facts).info->rtt = std::chrono::milliseconds(i);
        samples.add(TargetKind::endpoint, verdict_of({probe}));
    }
    const std::vector<float> values = samples.values();
    ASSERT_EQ(values.size(), RttSamples::max_samples);
    EXPECT_FLOAT_EQ(values.front(), 0.011F);
    EXPECT_FLOAT_EQ(values.back(), 0.050F);
}

}  // namespace
}  // namespace whylink::daemon
