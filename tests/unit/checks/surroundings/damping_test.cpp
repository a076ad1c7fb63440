// Rounds one after the other, by their results alone.
#include "checks/surroundings/damping.hpp"

#include <gtest/gtest.h>

#include <array>

#include <cerrno>
#include <random>
#include <string>
#include <string_view>

#include "tests/unit/checks/judged.hpp"

namespace whylink::checks {
namespace {

/// P passed, F failed (refused), S failed (silent), - not made.
RoundResult result_of(char round) {
    return round == 'P' ? RoundResult::passed : round == '-' ? RoundResult::not_made : RoundResult::failed;
}

Cause cause_of(char round) {
    return round == 'P'   ? Cause::healthy
           : round == '-' ? Cause::local_limit
           : round == 'S' ? Cause::syn_unanswered
                          : Cause::connection_refused;
}

void add(Health& health, std::string_view rounds, Thresholds thresholds = {}) {
    for (const char round : rounds) {
        health.add(result_of(round), cause_of(round), thresholds);
    }
}

Health after(std::string_view rounds, Thresholds thresholds = {}) {
    Health health;
    add(health, rounds, thresholds);
    return health;
}

/// After each round: H healthy, U unhealthy, ? not known.
std::string course(std::string_view rounds, Thresholds thresholds) {
    Health health;
    std::string states;
    for (const char round : rounds) {
        add(health, {&round, 1}, thresholds);
        states += !health.healthy() ? '?' : *health.healthy() ? 'H' : 'U';
    }
    return states;
}

static_assert(sizeof(Health) <= 32, "there are thousands of them");

// ---- damping ----

TEST(Health, KnowsNothingBeforeARoundCouldBeMade) {
    EXPECT_EQ(Health().healthy(), std::nullopt);
    EXPECT_EQ(Health().rounds(), 0U);
    EXPECT_FALSE(Health().is_intermittent());
    EXPECT_TRUE(Health().causes().empty());
    EXPECT_EQ(course("--F", {}), "??U");
}

TEST(Health, IsDecidedByTheFirstRoundAlone) {
    EXPECT_EQ(course("F", {.failure = 5, .success = 5}), "U");
    EXPECT_EQ(course("P", {.failure = 5, .success = 5}), "H");
}

TEST(Health, TurnsAfterAsManyRoundsInARowAsTheThresholdsSay) {
    EXPECT_EQ(course("PFFP", {.failure = 2, .success = 1}), "HHUH");
    EXPECT_EQ(course("PFFFPPP", {.failure = 3, .success = 3}), "HHHUUUH");
    EXPECT_EQ(course("PFPF", {.failure = 1, .success = 1}), "HUHU");
    EXPECT_EQ(course("PFPF", {.failure = 0, .success = 0}), "HUHU");
}

TEST(Health, CountsRoundsInARowOnly) {
    EXPECT_EQ(course("PFPFPFPFF", {.failure = 2, .success = 1}), "HHHHHHHHU");
    EXPECT_EQ(course("FPFPFPP", {.failure = 1, .success = 2}), "UUUUUUH");
}

TEST(Health, BeginsANewCountWhenItHasTurned) {
    EXPECT_EQ(course("PFFPPFF", {.failure = 2, .success = 2}), "HHUUHHU");
}

TEST(Health, IsLeftAsItWasByARoundThatCouldNotBeMade) {
    EXPECT_EQ(course("PF-F", {.failure = 2, .success = 1}), "HHHU");
    EXPECT_EQ(course("PF---P", {.failure = 2, .success = 1}), "HHHHHH");
    EXPECT_EQ(course("P----", {.failure = 2, .success = 1}), "HHHHH");
    const Health health = after("P-F-");
    EXPECT_EQ(health.rounds(), 2U);
    EXPECT_EQ(health.failed(), 1U);
}

TEST(Health, FollowsThresholdsThatChange) {
    Health health = after("PFF", {.failure = 5, .success = 1});
    EXPECT_EQ(health.healthy(), true);
    add(health, "F", {.failure = 2, .success = 1});
    EXPECT_EQ(health.healthy(), false);
}

TEST(Health, TurnsOnlyOnARoundThatSaysSo) {
    std::mt19937_64 random(20260601);
    for (int i = 0; i < 2000; ++i) {
        const Thresholds thresholds{.failure = static_cast<unsigned>(1 + random() % 4),
                                    .success = static_cast<unsigned>(1 + random() % 4)};
        Health health;
        std::string rounds;
        for (int n = 0; n < 30; ++n) {
            const std::optional<bool> before = health.healthy();
            rounds += "PF-"[random() % 3];
            add(health, {&rounds.back(), 1}, thresholds);
            if (before != health.healthy()) {
                EXPECT_EQ(health.healthy(), rounds.back() == 'P') << rounds;
            }
        }
    }
}

// ---- coming and going ----

TEST(Intermittent, NeedsTwoOfEitherAndTwoOutages) {
    EXPECT_TRUE(after("PFPF").is_intermittent());
    EXPECT_TRUE(after("FPFP").is_intermittent());
    EXPECT_TRUE(after("PFFPPF").is_intermittent());
    EXPECT_FALSE(after("PPFFPP").is_intermittent()) << "one outage, which is over";
    EXPECT_FALSE(after("PPPFPPP").is_intermittent()) << "failed once";
    EXPECT_FALSE(after("FFFPFFF").is_intermittent()) << "passed once";
    EXPECT_FALSE(after("PFP").is_intermittent());
}

TEST(Intermittent, IsNotWhatBrokeOnceOrWasMendedOnce) {
    EXPECT_FALSE(after("PPPFFFFPPP").is_intermittent());
    EXPECT_FALSE(after("PPPPPFFFFF").is_intermittent());
    EXPECT_FALSE(after("FFFFFPPPPP").is_intermittent());
    EXPECT_FALSE(after("PPFF").is_intermittent());
    EXPECT_FALSE(after("PPPPPPPPPP").is_intermittent());
    EXPECT_FALSE(after("FFFFFFFFFF").is_intermittent());
}

TEST(Intermittent, ReachesFromTwoToEightOfTen) {
    EXPECT_FALSE(after("PPPPFPPPPP").is_intermittent());
    EXPECT_TRUE(after("PPPPFPFPPP").is_intermittent());
    EXPECT_TRUE(after("FFPFFFFPFF").is_intermittent());
    EXPECT_FALSE(after("FFPFFFFFFF").is_intermittent());
}

TEST(Intermittent, ForgetsWhatIsOlderThanTheWindow) {
    Health health = after("PFPF");
    EXPECT_TRUE(health.is_intermittent());
    add(health, "PPPPPPP");
    EXPECT_TRUE(health.is_intermittent()) << "10 rounds ago it failed, and 8 ago";
    add(health, "P");
    EXPECT_FALSE(health.is_intermittent());
    EXPECT_EQ(health.rounds(), Health::window);
    EXPECT_EQ(health.failed(), 1U);
    add(health, "PPPPPPPPPPPPPPPPPPPPPPPPP");
    EXPECT_EQ(health.failed(), 0U);
}

TEST(Intermittent, SeesTheSameRoundsWhereverTheRingBegins) {
    std::mt19937_64 random(7);
    for (int i = 0; i < 500; ++i) {
        std::string rounds;
        for (std::size_t n = 0; n < Health::window; ++n) {
            rounds += "PFS"[random() % 3];
        }
        const Health fresh = after(rounds);
        const Health later = after(std::string(random() % 40, 'S') + rounds);
        EXPECT_EQ(fresh.is_intermittent(), later.is_intermittent()) << rounds;
        EXPECT_EQ(fresh.failed(), later.failed()) << rounds;
        EXPECT_EQ(fresh.causes().size(), later.causes().size()) << rounds;
    }
}

TEST(Intermittent, CountsTheCausesTheMostFrequentFirst) {
    const auto counts = after("FPSPSPF-S").causes();
    ASSERT_EQ(counts.size(), 2U);
    EXPECT_EQ(counts[0].cause, Cause::syn_unanswered);
    EXPECT_EQ(counts[0].count, 3U);
    EXPECT_EQ(counts[1].cause, Cause::connection_refused);
    EXPECT_EQ(counts[1].count, 2U);
    EXPECT_EQ(after("FPS").causes().front().cause, Cause::syn_unanswered) << "equals in the order of Cause";
    EXPECT_EQ(after("SPF").causes().front().cause, Cause::syn_unanswered);
}

// ---- the verdict ----

config::Endpoint by_address() {
    config::Endpoint endpoint;
    endpoint.name = "a";
    endpoint.host = "10.0.0.4";
    endpoint.address = IpAddress::parse("10.0.0.4");
    endpoint.port = 9440;
    endpoint.tls.mode = config::TlsMode::off;
    return endpoint;
}

enum class Probe { connected, refused, not_made };

probes::Observation observed(const config::Endpoint& endpoint, Probe probe) {
    probes::Observation observation;
    observation.stage = probes::Stage::tcp;
    observation.address = endpoint.address;
    observation.port = endpoint.port;
    probes::TcpFacts facts;
    facts.connected = probe == Probe::connected;
    facts.error = probe == Probe::refused ? ECONNREFUSED : 0;
    observation.facts = facts;
    if (probe == Probe::not_made) {
        observation.local = probes::LocalError{"socket", EMFILE, ""};
    }
    return observation;
}

Verdict verdict_of(const config::Endpoint& endpoint, Probe probe) {
    return judged(endpoint, {observed(endpoint, probe)}, {});
}

TEST(ResultOf, IsTheRoundsOwn) {
    const config::Endpoint endpoint = by_address();
    EXPECT_EQ(checks::result_of(verdict_of(endpoint, Probe::connected)), RoundResult::passed);
    EXPECT_EQ(checks::result_of(verdict_of(endpoint, Probe::refused)), RoundResult::failed);
    EXPECT_EQ(checks::result_of(verdict_of(endpoint, Probe::not_made)), RoundResult::not_made);
}

Verdict verdict_of(const config::Endpoint& endpoint, Probe probe, std::string_view before) {
    const Health health = after(before);
    const RoundsBefore source(health);
    const std::array<const Source*, 1> surroundings{&source};
    return judged(endpoint, {observed(endpoint, probe)}, {}, surroundings);
}

TEST(RoundsBefore, LeaveAloneWhatDoesNotComeAndGo) {
    const config::Endpoint endpoint = by_address();
    const auto expect_same = [&](Probe probe, std::string_view rounds) {
        const Verdict alone = verdict_of(endpoint, probe);
        const Verdict verdict = verdict_of(endpoint, probe, rounds);
        EXPECT_EQ(explain(endpoint, verdict).summary, explain(endpoint, alone).summary) << rounds;
        EXPECT_EQ(explain(endpoint, verdict).evidence, explain(endpoint, alone).evidence) << rounds;
        EXPECT_EQ(verdict.facts, alone.facts) << rounds;
    };
    for (const std::string_view rounds : {"", "PPPPFFF", "PPPPFFFFF"}) {
        expect_same(Probe::refused, rounds);
    }
    for (const std::string_view rounds : {"", "FFFFPPP", "PPPPFPPP"}) {
        expect_same(Probe::connected, rounds);
    }
}

TEST(RoundsBefore, SayTheSameOfARoundThatFailsAndOfOneThatPasses) {
    const config::Endpoint endpoint = by_address();
    const Verdict fails = verdict_of(endpoint, Probe::refused, "PSPFP");
    const Verdict passes = verdict_of(endpoint, Probe::connected, "SPFPF");
    for (const Verdict* verdict : {&fails, &passes}) {
        const Decision& decision = verdict->decision;
        EXPECT_EQ(decision.cause, Cause::intermittent);
        EXPECT_EQ(decision.confidence, Confidence::medium);
        const Explanation explanation = explain(endpoint, *verdict);
        ASSERT_GE(explanation.evidence.size(), 2U);
        EXPECT_EQ(explanation.evidence.front(),
                  "3 of the last 6 rounds failed: connection_refused 2, syn_unanswered 1");
        EXPECT_TRUE(explanation.summary.ends_with(". 3 of the last 6 rounds failed.")) << explanation.summary;
        EXPECT_FALSE(explanation.steps.empty());
    }
    EXPECT_FALSE(fails.healthy);
    EXPECT_EQ(fails.decision.by_itself, Cause::connection_refused);
    EXPECT_EQ(fails.decision.severity, Severity::critical);
    EXPECT_EQ(fails.decision.alternatives, std::vector{Cause::connection_refused});
    EXPECT_EQ(checks::result_of(fails), RoundResult::failed);
    EXPECT_TRUE(passes.healthy);
    EXPECT_EQ(passes.decision.severity, Severity::warning);
    EXPECT_EQ(passes.decision.alternatives, std::vector<Cause>{});
    EXPECT_EQ(checks::result_of(passes), RoundResult::passed);
}

TEST(RoundsBefore, LeaveARoundThatCouldNotBeMadeALocalLimit) {
    const config::Endpoint endpoint = by_address();
    for (const std::string_view rounds : {"PFPFPF", "PFPFP"}) {
        const Verdict verdict = verdict_of(endpoint, Probe::not_made, rounds);
        EXPECT_EQ(verdict.decision.cause, Cause::local_limit);
        EXPECT_EQ(verdict.decision.alternatives, std::vector<Cause>{});
        EXPECT_EQ(checks::result_of(verdict), RoundResult::not_made);
    }
}

}  // namespace
}  // namespace whylink::checks
