// Arithmetic by numbers that are easy to follow.
#include "config/capacity.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace whylink::config {
namespace {

using namespace std::chrono_literals;

Endpoint bare(Duration interval, Duration timeout) {
    Endpoint endpoint;
    endpoint.address = IpAddress::v4({10, 0, 0, 4});
    endpoint.tls.mode = TlsMode::off;
    endpoint.interval = interval;
    endpoint.timeout = timeout;
    return endpoint;
}

std::vector<TargetPtr> times(std::size_t count, const Endpoint& endpoint) {
    return std::vector<TargetPtr>(count, make_target(endpoint));
}

TEST(Capacity, ARoundTakesTheTimeOutOfEachOfItsStages) {
    Endpoint endpoint = bare(30s, 5s);
    EXPECT_EQ(max_round(endpoint), 5s) << "TCP";
    endpoint.address.reset();
    EXPECT_EQ(max_round(endpoint), 10s) << "and DNS";
    endpoint.tls.mode = TlsMode::required;
    EXPECT_EQ(max_round(endpoint), 15s) << "and TLS";
    endpoint.app = App::redis;
    EXPECT_EQ(max_round(endpoint), 20s) << "and the application";
    EXPECT_EQ(max_round(Zone()), 5s);
    EXPECT_EQ(max_round(Watch()), 0s);
}

TEST(Capacity, TenThousandTimeOutsOfFiveSecondsInTenSecondsAreFiveThousandAtOnce) {
    const Load load = worst_load(times(10'000, bare(10s, 5s)));
    EXPECT_EQ(load.needed(), 5000U);
    EXPECT_TRUE(load.exceeds(4999));
    EXPECT_FALSE(load.exceeds(5000));
    EXPECT_EQ(load_text(load), "10000 targets × 5 s ÷ 10 s = 5000 concurrent checks on average");
}

TEST(Capacity, NeverMoreThanOneRoundOfATargetIsUnderWay) {
    EXPECT_EQ(worst_load(times(100, bare(1s, 5s))).needed(), 100U);
}

TEST(Capacity, OneCheckIsNotSeveral) {
    EXPECT_EQ(load_text(worst_load(times(1, bare(10s, 5s)))),
              "1 target × 5 s ÷ 10 s = 1 concurrent check on average");
}

TEST(Capacity, DifferentTargetsAddUp) {
    std::vector<TargetPtr> targets = times(10, bare(10s, 5s));       // 5
    const std::vector<TargetPtr> slow = times(10, bare(100s, 10s));  // 1
    targets.insert(targets.end(), slow.begin(), slow.end());
    const Load load = worst_load(targets);
    EXPECT_EQ(load.needed(), 6U);
    // 1.1 rounds a second of 5.45 s each; all 20 of them in 18.2 s.
    EXPECT_EQ(load_text(load), "20 targets × 5.45 s ÷ 18.2 s = 6 concurrent checks on average");
}

TEST(Capacity, WatchesAndWhatIsSwitchedOffTakeNothing) {
    Endpoint off = bare(10s, 5s);
    off.enabled = false;
    const Load load = worst_load(std::vector<TargetPtr>{make_target(off), make_target(Watch())});
    EXPECT_EQ(load.targets, 0U);
    EXPECT_FALSE(load.exceeds(1));
    EXPECT_EQ(load_text(load), "no targets");
}

TEST(Capacity, ARoundIsCountedAsWhatItTakes) {
    Endpoint by_name = bare(10s, 5s);
    EXPECT_EQ(files_of_round(by_name), 8U);
    by_name.address.reset();
    EXPECT_EQ(files_of_round(by_name), max_connections) << "whatever its zone answers";
    by_name.resolvers = std::vector<Resolver>(4);
    EXPECT_EQ(files_of_round(by_name), 24U) << "three nameservers behind each `system`, two types";
    Zone zone;
    zone.known_labels = {"a", "b"};
    EXPECT_EQ(files_of_round(zone), (2 + 3 + 1) * 3 * 2U);
    EXPECT_EQ(files_of_round(Watch()), 0U);
}

TEST(Capacity, DescriptorsAreEnoughForWhicheverRoundsAreUnderWay) {
    Endpoint by_name = bare(10s, 5s);
    by_name.address.reset();
    std::vector<TargetPtr> targets = times(100, bare(10s, 5s));
    targets.push_back(make_target(by_name));
    EXPECT_EQ(rounds_for(targets, 16 + 8 * 99), 100U) << "the one that takes most may be among them";
    EXPECT_EQ(rounds_for(targets, 16 + 8 * 100), std::nullopt) << "all of them";
    EXPECT_EQ(rounds_for(targets, 0), 1U);
    EXPECT_EQ(files_for(targets, 100), 16 + 8 * 99U);
    EXPECT_EQ(files_for(targets, 1000), 16 + 8 * 100U);
}

}  // namespace
}  // namespace whylink::config
