// What the recorded cases under tests/cases/watch-* leave out: limits, and properties of every verdict.
#include <gtest/gtest.h>

#include <cerrno>
#include <random>

#include "checks/judge.hpp"
#include "checks/stages/traffic/attempts.hpp"
#include "checks/surroundings/damping.hpp"
#include "tests/unit/checks/judged.hpp"

namespace whylink::checks {
namespace {

using probes::ListenerFacts;
using probes::ListeningSocket;
using probes::Observation;
using probes::TrafficFacts;

config::Watch watch(config::Direction direction = config::Direction::inbound) {
    config::Watch made;
    made.name = "orders";
    made.direction = direction;
    made.port = 6379;
    return made;
}

Observation listening(const ListenerFacts& facts) {
    Observation observation;
    observation.stage = probes::Stage::listener;
    observation.facts = facts;
    return observation;
}

Observation listening_on(const char* address, unsigned waiting = 0, unsigned backlog = 5) {
    ListeningSocket socket;
    socket.address = *IpAddress::parse(address);
    socket.port = 6379;
    socket.waiting = waiting;
    socket.backlog = backlog;
    return listening({{socket}});
}

Observation traffic(const TrafficFacts& facts) {
    Observation observation;
    observation.stage = probes::Stage::packets;
    observation.facts = facts;
    return observation;
}

TrafficFacts unanswered(unsigned count) {
    TrafficFacts facts;
    facts.packets = count;
    facts.attempts = count;
    facts.unanswered = count;
    facts.window = std::chrono::seconds(10);
    return facts;
}

TEST(FailedWays, AreThoseOfTheMost) {
    FailedWays ways = failed_ways({.refused = 0, .unanswered = 1, .half_open = 27});
    EXPECT_TRUE(ways.half_open);
    EXPECT_FALSE(ways.unanswered);
    EXPECT_FALSE(ways.mixed) << "one in twenty-eight";
    ways = failed_ways({.unanswered = 3, .half_open = 27});
    EXPECT_TRUE(ways.mixed) << "a tenth";
    ways = failed_ways({.unanswered = 4, .icmp_failed = 4});
    EXPECT_TRUE(ways.unanswered);
    EXPECT_TRUE(ways.icmp_failed);
    EXPECT_FALSE(ways.mixed);
    ways = failed_ways({.established = 9});
    EXPECT_FALSE(ways.refused || ways.unanswered || ways.half_open || ways.icmp_failed || ways.mixed);
}

TEST(IsFailing, WhenNothingSucceedsOrATenthFails) {
    EXPECT_FALSE(is_failing(0, 0));
    EXPECT_FALSE(is_failing(0, 5));
    EXPECT_TRUE(is_failing(1, 1));
    EXPECT_FALSE(is_failing(1, 2));
    EXPECT_FALSE(is_failing(2, 3));
    EXPECT_TRUE(is_failing(3, 30));
    EXPECT_FALSE(is_failing(3, 31));
    EXPECT_TRUE(is_failing(4000000000U, 4100000000U));
}

TEST(JudgeWatch, OneAttemptThatFailsAloneIsAFailure) {
    const Verdict verdict = judged(watch(), {listening_on("0.0.0.0"), traffic(unanswered(1))}, {});
    EXPECT_FALSE(verdict.healthy);
    EXPECT_EQ(verdict.decision.cause, Cause::local_firewall);
}

TEST(JudgeWatch, AFullQueueIsOneThatHoldsMoreThanItsLength) {
    const auto cause = [](unsigned waiting) {
        return judged(watch(), {listening_on("0.0.0.0", waiting), traffic(unanswered(4))}, {}).decision.cause;
    };
    EXPECT_EQ(cause(5), Cause::local_firewall);
    EXPECT_EQ(cause(6), Cause::backend_silent);
}

TEST(JudgeWatch, EveryLoopbackAddressIsKnown) {
    for (const char* address : {"127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"}) {
        const Verdict verdict = judged(watch(), {listening_on(address), traffic({})}, {});
        EXPECT_EQ(verdict.probes.at(0).outcome, Outcome::not_listening) << address;
    }
    for (const char* address : {"0.0.0.0", "::", "10.0.0.7", "fd00::7"}) {
        const Verdict verdict = judged(watch(), {listening_on(address), traffic({})}, {});
        EXPECT_EQ(verdict.probes.at(0).outcome, Outcome::ok) << address;
    }
}

TEST(JudgeWatch, WithoutAnObservationNothingIsKnown) {
    for (const auto& observations :
         {std::vector<Observation>{}, std::vector<Observation>{listening_on("0.0.0.0")}}) {
        const Verdict verdict = judged(watch(), observations, {});
        EXPECT_FALSE(verdict.healthy);
        EXPECT_EQ(verdict.decision.cause, Cause::local_limit);
        EXPECT_EQ(result_of(verdict), RoundResult::not_made);
    }
}

TEST(JudgeWatch, ARoundWithoutCaptureIsNotMadeButForAPortThatNothingListensOn) {
    Observation unavailable = traffic({});
    unavailable.local = probes::LocalError{"capture", EPERM, {}};
    EXPECT_EQ(result_of(judged(watch(), {listening_on("0.0.0.0"), unavailable}, {})), RoundResult::not_made);
    EXPECT_EQ(result_of(judged(watch(), {listening({}), unavailable}, {})), RoundResult::failed);
}

TEST(JudgeWatch, SilenceIsAFailureOnlyBeyondWhatIsExpected) {
    config::Watch expecting = watch();
    expecting.expect_traffic = std::chrono::seconds(10);
    TrafficFacts facts;
    facts.silent_for = std::chrono::seconds(10);
    EXPECT_TRUE(judged(expecting, {listening_on("::"), traffic(facts)}, {}).healthy);
    facts.silent_for += probes::Nanoseconds(1);
    EXPECT_EQ(judged(expecting, {listening_on("::"), traffic(facts)}, {}).decision.cause,
              Cause::no_inbound_traffic);
}

TEST(JudgeWatch, ConnectionsThatGoOnAreTrafficTooWithoutANewOne) {
    TrafficFacts facts;
    facts.packets = 40;
    facts.segments_sent = 20;
    facts.segments_received = 20;
    const Verdict verdict = judged(watch(), {listening_on("::"), traffic(facts)}, {});
    EXPECT_EQ(verdict.decision.cause, Cause::healthy);
    EXPECT_EQ(verdict.decision.confidence, Confidence::high);
}

TEST(JudgeWatch, AHealthCheckOfTheProxyItselfIsNoMismatch) {
    TrafficFacts facts;
    facts.established = 2;
    facts.with_proxy_header = 2;
    facts.reset_after_proxy_header = 2;
    facts.proxy_header.emplace().local = true;
    EXPECT_TRUE(judged(watch(), {listening_on("::"), traffic(facts)}, {}).healthy);
    facts.proxy_header->local = false;
    EXPECT_EQ(judged(watch(), {listening_on("::"), traffic(facts)}, {}).decision.cause,
              Cause::proxy_protocol_mismatch);
}

TEST(JudgeWatch, SilenceAtThePROXYHeaderShowsNothing) {
    TrafficFacts facts;
    facts.established = 4;
    facts.with_proxy_header = 4;
    facts.segments_received = 4;
    const Verdict silent = judged(watch(), {listening_on("::"), traffic(facts)}, {});
    EXPECT_TRUE(silent.healthy);
    EXPECT_EQ(silent.decision.confidence, Confidence::low);
    facts.segments_sent = 4;
    const Verdict answered = judged(watch(), {listening_on("::"), traffic(facts)}, {});
    EXPECT_EQ(answered.decision.confidence, Confidence::high);
}

TEST(JudgeWatch, AzuresHealthProbeAloneShowsNothingOfTheLink) {
    TrafficFacts facts;
    facts.established = 4;
    facts.peers = {{.peer = *IpAddress::parse("168.63.129.16"), .attempts = 4, .established = 4}};
    const auto confidence = [&facts] {
        return judged(watch(), {listening_on("::"), traffic(facts)}, {}).decision.confidence;
    };
    EXPECT_EQ(confidence(), Confidence::low);
    TrafficFacts probed = facts;
    facts.further_peers = 1;
    EXPECT_EQ(confidence(), Confidence::high);
    facts = probed;
    facts.peers.push_back({.peer = *IpAddress::parse("10.1.0.9"), .attempts = 1, .established = 1});
    EXPECT_EQ(confidence(), Confidence::high);
    // A consumer that stays connected.
    facts = probed;
    facts.segments_sent = facts.segments_received = 20;
    EXPECT_EQ(confidence(), Confidence::high);
}

TEST(JudgeWatch, ConnectionsClosedByVisitorsBeforeAByteAreNoFailureInbound) {
    TrafficFacts facts;
    facts.established = 5;
    facts.closed_before_data = 5;
    EXPECT_TRUE(judged(watch(), {listening_on("::"), traffic(facts)}, {}).healthy);
    facts.inbound = false;
    EXPECT_FALSE(judged(watch(config::Direction::outbound), {traffic(facts)}, {}).healthy);
}

// ---- whatever is seen ----

TrafficFacts thrown(std::mt19937_64& random, bool inbound) {
    const auto number = [&] { return static_cast<unsigned>(random() % 3 == 0 ? random() % 20 : 0); };
    TrafficFacts facts;
    facts.inbound = inbound;
    facts.complete = random() % 4 != 0;
    for (unsigned* count :
         {&facts.attempts, &facts.established, &facts.refused, &facts.unanswered, &facts.half_open,
          &facts.icmp_failed, &facts.reset_before_data, &facts.closed_before_data, &facts.with_proxy_header,
          &facts.reset_after_proxy_header, &facts.handshakes_measured}) {
        *count = number();
    }
    facts.packets = number();
    facts.segments_sent = number();
    facts.segments_received = number();
    facts.silent_for = std::chrono::seconds(number());
    if (random() % 2 == 0) {
        facts.icmp.emplace();
        facts.icmp->type = static_cast<std::uint8_t>(random() % 13);
        facts.icmp->code = static_cast<std::uint8_t>(random() % 16);
        facts.icmp->local = random() % 2 == 0;
    }
    for (unsigned i = 0; i < random() % 4; ++i) {
        facts.peers.push_back(
            {IpAddress::v4({10, 0, 0, static_cast<std::uint8_t>(i)}), 443, number(), number(), number()});
    }
    return facts;
}

void expect_honest(const config::Target& target, const Verdict& verdict) {
    const Explanation explanation = explain(target, verdict);
    const Decision& decision = verdict.decision;
    EXPECT_EQ(verdict.healthy, decision.cause == Cause::healthy) << explanation.summary;
    EXPECT_TRUE(decision.confidence != Confidence::high || decision.alternatives.empty());
    EXPECT_EQ(explanation.summary.find('{'), std::string::npos) << explanation.summary;
    EXPECT_NE(decision.cause, Cause::local_limit) << explanation.summary;
    EXPECT_EQ(decision.severity == Severity::ok, verdict.healthy);
    EXPECT_FALSE(explanation.evidence.empty());
}

TEST(JudgeWatch, WhateverIsSeenIsJudgedAndHonest) {
    std::mt19937_64 random(20260601);
    config::Watch inbound = watch();
    inbound.expect_traffic = std::chrono::seconds(9);
    const config::Watch outbound = watch(config::Direction::outbound);
    for (int i = 0; i < 5000; ++i) {
        const Observation listener = random() % 4 == 0
                                         ? listening({})
                                         : listening_on(random() % 4 == 0 ? "127.0.0.1" : "0.0.0.0",
                                                        static_cast<unsigned>(random() % 9));
        expect_honest(inbound, judged(inbound, {listener, traffic(thrown(random, true))}, {}));
        expect_honest(outbound, judged(outbound, {traffic(thrown(random, false))}, {}));
    }
}

}  // namespace
}  // namespace whylink::checks
