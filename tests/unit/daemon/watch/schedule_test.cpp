#include "daemon/watch/schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "schedule_simulation.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::ResultOf;
using ::testing::SizeIs;

using Time = Schedule::Clock::time_point;
using Duration = Schedule::Clock::duration;

Duration within_interval(Time time, Duration interval) {
    return time.time_since_epoch() % interval;
}

/// Starts lie at multiples of it: up to so much after slot and jitter.
constexpr Duration grain = 5ms;

/// Where in its interval a target starts, jitter included: of every round but the first.
std::vector<Duration> places(const Simulation& simulation, Schedule::Id id, Duration interval) {
    std::vector<Duration> result;
    for (const Time start : simulation.starts_of(id)) {
        result.push_back(within_interval(start, interval));
    }
    if (!result.empty()) {
        result.erase(result.begin());
    }
    return result;
}

// ---- the place in the interval

TEST(Schedule, SpreadsTheRoundsEvenly) {
    Simulation simulation;
    simulation.add_many(10'000, 30s);
    const Time begin = simulation.now;
    simulation.run_for(150s);
    const auto counts = simulation.starts_by_slice(begin + 60s, 1s, 90);
    EXPECT_THAT(counts, Each(Ge(333U - 90U)));  // five standard deviations of a fair draw
    EXPECT_THAT(counts, Each(Le(333U + 90U)));
    EXPECT_EQ(simulation.schedule.overruns(), 0U);
    EXPECT_EQ(simulation.schedule.missed(), 0U);
}

TEST(Schedule, ThePlaceDependsOnTheKeyAlone) {
    Simulation alone(1000, 1, 100h);
    alone.schedule.add(0, {"endpoint/orders", 30s}, alone.now, 1);
    alone.run_for(10min);
    Simulation among(1000, 2, 100h + 12'345ms);  // started again at another moment, with others
    among.add_many(50, 30s);
    among.schedule.add(77, {"endpoint/orders", 30s}, among.now, 51);
    among.run_for(5min);
    for (Schedule::Id id = 0; id < 50; id += 2) {
        among.schedule.remove(id);
    }
    among.run_for(5min);
    // What FNV-1a and the finalizer give: another hash would move every target at an upgrade.
    constexpr Duration place = 17'131'126'923ns;
    for (const auto& found : {places(alone, 0, 30s), places(among, 77, 30s)}) {
        EXPECT_THAT(found, SizeIs(Ge(19U)));
        EXPECT_THAT(found, Each(Ge(place)));
        EXPECT_THAT(found, Each(Le(place + 500ms + grain)));
    }
}

TEST(Schedule, JitterIsATwentiethOfTheIntervalAndAtMostHalfASecond) {
    for (const auto& [interval, bound] :
         {std::pair<std::chrono::milliseconds, Duration>{2s, 100ms}, {30s, 500ms}}) {
        Simulation simulation;
        simulation.schedule.add(0, {"endpoint/orders", interval}, simulation.now, 1);
        simulation.run_for(interval * 300);
        std::vector<Duration> found = places(simulation, 0, interval);
        EXPECT_THAT(found, SizeIs(Ge(298U)));  // none left out for it
        const auto [least, most] = std::ranges::minmax_element(found);
        EXPECT_LT(*most - *least, bound + grain);
        EXPECT_GT(*most - *least, bound / 2) << "no jitter";
        const std::vector<Time> starts = simulation.starts_of(0);
        for (std::size_t i = 1; i < starts.size(); ++i) {
            EXPECT_GT(starts[i] - starts[i - 1], interval / 2 - bound);
        }
    }
}

TEST(Schedule, TheSameSeedGivesTheSameJitterAndAnotherAnother) {
    std::vector<std::vector<Time>> starts;
    for (const std::uint64_t seed : {1U, 1U, 2U}) {
        Simulation simulation(1000, seed);
        simulation.add_many(1, 30s);
        simulation.run_for(10min);
        starts.push_back(simulation.starts_of(0));
    }
    EXPECT_EQ(starts[0], starts[1]);
    EXPECT_NE(starts[0], starts[2]);
}

TEST(Schedule, ThePlaceHoldsFromTheStartOfTheClockOn) {
    for (const auto& [interval, place] :
         {std::pair<std::chrono::milliseconds, Duration>{1h, 3'107'131'126'923ns},
          {24h, 21'107'131'126'923ns}}) {
        Simulation simulation(1000, 1, 0s);  // a host that has just started
        simulation.schedule.add(0, {"endpoint/orders", interval}, simulation.now, 1);
        simulation.run_for(interval * 3);
        EXPECT_THAT(places(simulation, 0, interval), SizeIs(Ge(2U)));
        EXPECT_THAT(places(simulation, 0, interval), Each(Ge(place)));
        EXPECT_THAT(places(simulation, 0, interval), Each(Le(place + 500ms + grain)));
    }
}

TEST(Schedule, RoundsThatLieCloseTogetherCostOneWakeUp) {
    Simulation simulation;
    simulation.add_many(10'000, 10s);
    simulation.run_for(20s);  // first rounds come when they come
    const std::size_t before = simulation.rounds.size();
    simulation.run_for(10s);
    std::set<Time> wakes;
    for (std::size_t i = before; i < simulation.rounds.size(); ++i) {
        wakes.insert(simulation.rounds[i].start);
    }
    EXPECT_GT(simulation.rounds.size() - before, 9'000U);
    EXPECT_LE(wakes.size(), 10s / grain + 1);
    EXPECT_THAT(wakes,
                Each(ResultOf([](Time time) { return time.time_since_epoch() % grain; }, Duration::zero())));
}

TEST(Schedule, AShortIntervalIsKeptToTheLetter) {
    Simulation simulation;
    simulation.add_many(20, 50ms);
    simulation.run_for(10s);
    std::set<Duration> places;
    for (const Simulation::Round& round : simulation.rounds) {
        places.insert(round.start.time_since_epoch() % grain);
    }
    EXPECT_GT(places.size(), 100U) << "moved to the grain";
}

// ---- the first round

TEST(Schedule, FirstRoundsComeSoonAndSpread) {
    Simulation simulation;
    simulation.add_many(10'000, 1h);
    const Time begin = simulation.now;
    simulation.run_for(10s);
    EXPECT_THAT(simulation.rounds, SizeIs(10'000));
    const auto counts = simulation.starts_by_slice(begin, 1s, 10);
    EXPECT_THAT(counts, Each(Ge(850U)));
    EXPECT_THAT(counts, Each(Le(1150U)));
}

TEST(Schedule, FirstRoundsTakeASecondAtLeastAndTheirIntervalAtMost) {
    Simulation few;
    few.add_many(100, 30s);
    few.run_for(900ms);
    EXPECT_THAT(few.rounds, SizeIs(::testing::AllOf(Ge(70U), Le(99U))));
    few.run_for(100ms);
    EXPECT_THAT(few.rounds, SizeIs(100));
    Simulation many;
    many.add_many(10'000, 2s);
    many.takes = [](Schedule::Id) { return 1ms; };
    const Time begin = many.now;
    many.run_for(2s);
    for (Schedule::Id id = 0; id < 10'000; id += 100) {
        EXPECT_LE(many.starts_of(id).at(0), begin + 2s);
    }
}

TEST(Schedule, TheSecondRoundIsAtLeastHalfAnIntervalAfterTheFirst) {
    Simulation simulation;
    simulation.add_many(500, 10s);
    simulation.run_for(20s);
    for (Schedule::Id id = 0; id < 500; ++id) {
        const std::vector<Time> starts = simulation.starts_of(id);
        ASSERT_GE(starts.size(), 2U);
        EXPECT_GE(starts[1] - starts[0], 5s);
        EXPECT_LE(starts[1] - starts[0], 15s + 500ms);
    }
}

// ---- never two at once, never too many

TEST(Schedule, HoldsItsPromisesWhateverHappens) {
    for (const std::uint32_t seed : {1U, 2U, 3U, 4U}) {
        std::mt19937 random(seed);
        const auto below = [&random](std::uint32_t bound) {
            return static_cast<std::uint32_t>(random() % bound);
        };
        Simulation simulation(4, seed);  // which checks, round for round
        simulation.takes = [&](Schedule::Id) { return std::chrono::milliseconds(below(8) == 0 ? 9000 : 50); };
        std::map<Schedule::Id, std::string> present;
        for (int step = 0; step < 4000; ++step) {
            const Schedule::Id id = below(12);
            const std::string key = "zone/" + std::to_string(below(40));
            const Schedule::Entry entry{key, std::chrono::milliseconds(1000 + 500 * below(8))};
            switch (below(5)) {
                case 0:
                    simulation.schedule.add(id, entry, simulation.now, 1 + below(3000));
                    present[id] = key;
                    break;
                case 1:
                    simulation.schedule.remove(id);
                    present.erase(id);
                    break;
                case 2:
                    simulation.schedule.change(id, entry, simulation.now);
                    break;
                case 3:
                    simulation.schedule.set_max_concurrent(4);
                    break;
                default:
                    simulation.pause(below(200) == 0 ? 1min : 0s);
            }
            const std::size_t before = simulation.rounds.size();
            simulation.run_for(std::chrono::milliseconds(below(400)));
            for (std::size_t i = before; i < simulation.rounds.size(); ++i) {
                EXPECT_TRUE(present.contains(simulation.rounds[i].id)) << "a round of a removed target";
            }
        }
        EXPECT_GT(simulation.rounds.size(), 1000U);
        EXPECT_GT(simulation.schedule.overruns(), 0U);
        // In the end everybody who is there has rounds, and nobody else.
        const Time settled = simulation.now;
        simulation.run_for(10min);
        std::set<Schedule::Id> seen;
        for (const Simulation::Round& round : simulation.rounds) {
            if (round.start > settled) {
                seen.insert(round.id);
            }
        }
        EXPECT_EQ(seen.size(), present.size());
    }
}

TEST(Schedule, WhatWaitsStartsInTheOrderInWhichItBecameDue) {
    Simulation simulation(3);
    simulation.takes = [](Schedule::Id) { return 400ms; };
    simulation.add_many(60, 10s);  // 24 seconds of work for 3 at once, every 10 seconds: 30
    simulation.run_for(5min);
    Duration longest{};
    for (std::size_t i = 1; i < simulation.rounds.size(); ++i) {
        const auto& [id, start, lag] = simulation.rounds[i];
        longest = std::max(longest, lag);
        EXPECT_GE(start - lag, simulation.rounds[i - 1].start - simulation.rounds[i - 1].lag);
    }
    EXPECT_GT(longest, 1s) << "nothing had to wait";
    EXPECT_EQ(simulation.schedule.missed(), 0U);
}

TEST(Schedule, AnOverloadStarvesNobodyAndIsNoPause) {
    Simulation simulation(1);
    simulation.takes = [](Schedule::Id) { return 1s; };
    simulation.add_many(60, 10s);  // six times too much
    simulation.run_for(1h);
    EXPECT_THAT(simulation.rounds, SizeIs(Ge(3590U)));
    for (Schedule::Id id = 0; id < 60; ++id) {
        EXPECT_THAT(simulation.starts_of(id), SizeIs(::testing::AllOf(Ge(57U), Le(62U))));
    }
    EXPECT_EQ(simulation.schedule.missed(), 0U);
    EXPECT_NEAR(static_cast<double>(simulation.schedule.overruns()), 5.0 * 3600, 3600 * 0.1);
}

TEST(Schedule, ALimitThatGrowsLetsMoreStartAtOnce) {
    Simulation simulation(1);
    simulation.takes = [](Schedule::Id) { return 1min; };
    simulation.add_many(5, 1h);
    simulation.run_for(10s);
    EXPECT_EQ(simulation.schedule.under_way(), 1U);
    EXPECT_EQ(simulation.schedule.next_wake(), std::nullopt) << "nobody can start, nobody begins to wait";
    simulation.schedule.set_max_concurrent(3);
    ASSERT_NE(simulation.schedule.next_wake(), std::nullopt);
    EXPECT_LE(*simulation.schedule.next_wake(), simulation.now);
    EXPECT_THAT(simulation.schedule.take_due(simulation.now), SizeIs(2));
}

TEST(Schedule, OneRoundMayAlwaysBeUnderWay) {
    Simulation simulation(1);
    simulation.schedule.set_max_concurrent(0);
    simulation.add_many(5, 30s);
    simulation.run_for(1min);
    EXPECT_THAT(simulation.rounds, SizeIs(Ge(10U)));
}

// ---- overruns

TEST(Schedule, ARoundThatOutlastsItsIntervalCostsTheSlotsInItAndNoMore) {
    Simulation simulation;
    simulation.schedule.add(0, {"endpoint/orders", 10s}, simulation.now, 1);
    int round = 0;
    simulation.takes = [&round](Schedule::Id) -> Duration { return ++round == 2 ? 25s : 10ms; };
    simulation.run_for(2min);
    const std::vector<Time> starts = simulation.starts_of(0);
    ASSERT_GE(starts.size(), 4U);
    EXPECT_EQ(simulation.schedule.overruns(), 2U);
    EXPECT_GT(starts[2] - starts[1], 29'500ms);  // the next regular slot, not at once
    EXPECT_LT(starts[2] - starts[1], 30'500ms);
    EXPECT_LT(starts[3] - starts[2], 10'500ms);
}

TEST(Schedule, ASlotThatComesWhileTheRoundWaitsIsAnOverrunToo) {
    Schedule schedule(1, 1);
    Time now{100h};
    schedule.add(0, {"endpoint/a", 10s}, now, 2);
    schedule.add(1, {"endpoint/b", 10s}, now, 2);
    const auto take_next = [&] {
        now = *schedule.next_wake();
        return schedule.take_due(now);
    };
    for (int first = 0; first < 2; ++first) {
        schedule.finished(take_next().at(0).id, now);
    }
    const Schedule::Id running = take_next().at(0).id;
    EXPECT_THAT(take_next(), IsEmpty());  // the other begins to wait, at its slot and jitter
    EXPECT_EQ(schedule.next_wake(), std::nullopt);
    now += 34s;  // over three of its slots
    schedule.finished(running, now);
    const std::uint64_t of_the_first = schedule.overruns();
    EXPECT_GE(of_the_first, 3U);
    const std::vector<Schedule::Start> starts = schedule.take_due(now);
    ASSERT_THAT(starts, SizeIs(1));
    EXPECT_EQ(starts[0].id, 1 - running);
    EXPECT_EQ(starts[0].lag, 34s);
    EXPECT_EQ(schedule.overruns(), of_the_first + 3);
    schedule.finished(starts[0].id, now);
    EXPECT_EQ(schedule.overruns(), of_the_first + 3) << "none of them twice";
    EXPECT_GT(*schedule.next_wake(), now);
    EXPECT_EQ(schedule.missed(), 0U);
}

// ---- pauses

TEST(Schedule, AfterAnHoursPauseThereIsNoBurst) {
    Simulation simulation;
    simulation.add_many(10'000, 10s);
    simulation.run_for(60s);
    const std::size_t before = simulation.rounds.size();
    const std::uint64_t overruns = simulation.schedule.overruns();
    simulation.pause(1h);
    const Time woken = simulation.now;
    simulation.run_for(30s);
    EXPECT_THAT(simulation.starts_by_slice(woken, 1s, 30), Each(Le(1500U)));
    EXPECT_THAT(simulation.starts_by_slice(woken, 1s, 30), Each(Ge(700U)));
    // A slot every 10 s for each, of which the rounds under way when it began count as overruns.
    const auto left_out = simulation.schedule.missed() + simulation.schedule.overruns() - overruns;
    EXPECT_NEAR(static_cast<double>(left_out), 10'000 * 360.0, 10'000);
    EXPECT_LE(simulation.schedule.overruns() - overruns, 361U * 50U);
    std::set<Schedule::Id> seen;
    for (std::size_t i = before; i < simulation.rounds.size(); ++i) {
        if (simulation.rounds[i].start < woken + 11s) {
            seen.insert(simulation.rounds[i].id);
        }
    }
    EXPECT_THAT(seen, SizeIs(10'000));
}

TEST(Schedule, CountsExactlyTheSlotsThatWereSleptOver) {
    Simulation simulation;
    simulation.schedule.add(0, {"endpoint/orders", 30s}, simulation.now, 1);
    simulation.run_for(70s);
    const Time last = simulation.starts_of(0).back();
    simulation.run_for(last + 5s - simulation.now + 30s);  // 5 s after a round, jitter aside
    simulation.pause(65s);                                 // over two slots, to 10 s after the second
    simulation.run_for(0s);
    EXPECT_EQ(simulation.schedule.missed(), 2U);
    const std::size_t rounds = simulation.rounds.size();
    simulation.run_for(18s);
    EXPECT_EQ(simulation.rounds.size(), rounds);
    simulation.run_for(3s);
    EXPECT_EQ(simulation.rounds.size(), rounds + 1);
    EXPECT_EQ(simulation.rounds.back().lag, 0s);
    EXPECT_EQ(simulation.schedule.overruns(), 0U);
}

TEST(Schedule, APauseAfterAPauseIsLeftOutAsWellIfThereWasARoundBetween) {
    Simulation simulation;
    simulation.add_many(1, 30s);
    for (std::uint64_t pauses = 1; pauses <= 3; ++pauses) {
        simulation.run_for(2min);
        const std::size_t rounds = simulation.rounds.size();
        simulation.pause(1h);
        simulation.run_for(0s);
        EXPECT_EQ(simulation.rounds.size(), rounds);
        EXPECT_EQ(simulation.schedule.missed(), 120 * pauses);
    }
}

TEST(Schedule, ADelayOfAWholeIntervalCostsASlot) {
    Schedule schedule(1, 1);
    Time now{100h};
    schedule.add(0, {"endpoint/orders", 1s}, now, 1);
    now = *schedule.next_wake();
    ASSERT_THAT(schedule.take_due(now), SizeIs(1));
    schedule.finished(0, now);
    now = *schedule.next_wake() + 1s;  // no pause, for an interval so short
    EXPECT_THAT(schedule.take_due(now), SizeIs(1));
    EXPECT_EQ(schedule.missed(), 1U);
    EXPECT_EQ(schedule.overruns(), 0U);
}

TEST(Schedule, AShortDelayIsNoPause) {
    Simulation simulation;
    simulation.add_many(300, 30s);
    simulation.run_for(60s);
    const std::size_t before = simulation.rounds.size();
    simulation.pause(8s);
    simulation.run_for(0s);
    EXPECT_THAT(simulation.rounds, SizeIs(::testing::AllOf(Ge(before + 50), Le(before + 110))));
    for (std::size_t i = before; i < simulation.rounds.size(); ++i) {
        EXPECT_LE(simulation.rounds[i].lag, 8s);
    }
    EXPECT_EQ(simulation.schedule.missed(), 0U);
}

TEST(Schedule, NobodyIsStarvedByRepeatedPauses) {
    Simulation simulation;
    simulation.add_many(200, 1min);
    simulation.run_for(2min);
    simulation.rounds.clear();
    constexpr std::size_t pauses = 20;
    for (std::size_t i = 0; i < pauses; ++i) {
        simulation.pause(1h);
        simulation.run_for(5s);
    }
    for (Schedule::Id id = 0; id < 200; ++id) {
        EXPECT_THAT(simulation.starts_of(id), SizeIs(Ge(pauses / 2))) << id;
    }
    EXPECT_GT(simulation.schedule.missed(), 0U);
}

TEST(Schedule, APauseBeforeTheFirstRoundsMovesThem) {
    Simulation simulation;
    simulation.run_for(1h);
    simulation.add_many(5'000, 1h);
    simulation.pause(2min);
    const Time woken = simulation.now;
    simulation.run_for(5s);
    EXPECT_THAT(simulation.rounds, SizeIs(5'000));
    EXPECT_THAT(simulation.starts_by_slice(woken, 1s, 5), Each(Ge(850U)));
    EXPECT_EQ(simulation.schedule.missed(), 0U);
}

// ---- changes, removals

TEST(Schedule, AnotherIntervalHoldsAtOnce) {
    Simulation simulation;
    simulation.schedule.add(0, {"endpoint/orders", 1h}, simulation.now, 1);
    simulation.run_for(2h);
    simulation.rounds.clear();
    const Time changed = simulation.now;
    simulation.schedule.change(0, {"endpoint/orders", 10s}, simulation.now);
    simulation.run_for(1min);
    std::vector<Time> starts = simulation.starts_of(0);
    ASSERT_GE(starts.size(), 5U);
    EXPECT_LE(starts[0], changed + 10'500ms);
    EXPECT_THAT(starts[4] - starts[3], ::testing::AllOf(Ge(9'500ms), Le(10'500ms)));
    simulation.schedule.change(0, {"endpoint/orders", 1h}, simulation.now);
    simulation.rounds.clear();
    simulation.run_for(5h);
    EXPECT_THAT(simulation.rounds, SizeIs(::testing::AllOf(Ge(4U), Le(6U))));
    EXPECT_EQ(simulation.schedule.overruns() + simulation.schedule.missed(), 0U);
}

TEST(Schedule, AnIntervalMayChangeInEveryState) {
    Simulation simulation(1);
    simulation.schedule.add(0, {"endpoint/a", 1h}, simulation.now, 100'000);
    const Time first = *simulation.schedule.next_wake();
    simulation.schedule.change(0, {"endpoint/a", 2s}, simulation.now);  // before its first round
    EXPECT_LT(*simulation.schedule.next_wake(), std::min(first, simulation.now + 2s));
    simulation.takes = [](Schedule::Id) { return 1min; };
    simulation.run_for(3s);
    simulation.schedule.add(1, {"endpoint/b", 1h}, simulation.now, 1);
    simulation.run_for(3s);
    EXPECT_THAT(simulation.rounds, SizeIs(1));
    simulation.schedule.change(0, {"endpoint/a", 50s}, simulation.now);  // under way
    simulation.schedule.change(1, {"endpoint/b", 30s}, simulation.now);  // waits
    simulation.takes = [](Schedule::Id) { return 10ms; };
    simulation.run_for(1min);
    EXPECT_THAT(simulation.starts_of(1), SizeIs(1)) << "of the interval of an hour";
    simulation.run_for(50s);
    EXPECT_THAT(simulation.starts_of(0), SizeIs(Ge(2U)));
    EXPECT_THAT(simulation.starts_of(1), SizeIs(Ge(2U)));
}

TEST(Schedule, AChangeToTheSameChangesNothing) {
    Simulation simulation;
    simulation.add_many(1, 30s);
    simulation.run_for(45s);
    const std::optional<Time> before = simulation.schedule.next_wake();
    simulation.schedule.change(0, {"endpoint/target-0", 30s}, simulation.now);
    EXPECT_EQ(simulation.schedule.next_wake(), before);
}

TEST(Schedule, ARemovedTargetCountsUntilItsRoundEnds) {
    Simulation simulation;
    simulation.takes = [](Schedule::Id) { return 1min; };
    simulation.add_many(1, 10s);
    simulation.run_for(1s);
    simulation.schedule.remove(0);
    EXPECT_EQ(simulation.schedule.under_way(), 1U);
    EXPECT_EQ(simulation.schedule.next_wake(), std::nullopt);
    simulation.run_for(2min);
    EXPECT_EQ(simulation.schedule.under_way(), 0U);
    EXPECT_EQ(simulation.schedule.next_wake(), std::nullopt);
    EXPECT_THAT(simulation.rounds, SizeIs(1));
}

TEST(Schedule, WhatIsAddedAgainWaitsForItsOldRound) {
    Simulation simulation;
    simulation.takes = [](Schedule::Id) { return 1min; };
    simulation.add_many(1, 10s);
    simulation.run_for(1s);
    const Time first = simulation.rounds.at(0).start;
    simulation.schedule.remove(0);
    simulation.schedule.add(0, {"endpoint/another", 1h}, simulation.now, 1);
    simulation.run_for(50s);
    EXPECT_THAT(simulation.rounds, SizeIs(1));
    simulation.run_for(10s);
    EXPECT_THAT(simulation.starts_of(0), ElementsAre(first, first + 1min));
    EXPECT_EQ(simulation.schedule.overruns(), 0U) << "its first round was no slot";
    simulation.schedule.remove(0);
    simulation.schedule.add(0, {"endpoint/another", 1h}, simulation.now, 1);
    simulation.schedule.remove(0);
    simulation.run_for(2h);
    EXPECT_THAT(simulation.rounds, SizeIs(2)) << "removed for good";
}

TEST(Schedule, RemovalLeavesNothingToWaitFor) {
    Simulation simulation(1);
    EXPECT_EQ(simulation.schedule.next_wake(), std::nullopt);
    simulation.takes = [](Schedule::Id) { return 5s; };
    simulation.add_many(3, 30s);
    simulation.run_for(2s);  // one is under way, two wait
    for (Schedule::Id id = 0; id < 3; ++id) {
        simulation.schedule.remove(id);
    }
    simulation.run_for(1h);
    EXPECT_THAT(simulation.rounds, SizeIs(1));
    EXPECT_EQ(simulation.schedule.next_wake(), std::nullopt);
}

TEST(Schedule, UnknownIdsAreIgnored) {
    Schedule schedule(10, 1);
    const Time now{1h};
    schedule.remove(3);
    schedule.change(3, {"endpoint/a", 1s}, now);
    schedule.finished(3, now);
    EXPECT_EQ(schedule.next_wake(), std::nullopt);
    schedule.add(3, {"endpoint/a", 1s}, now, 1);
    schedule.finished(3, now);  // has no round under way
    schedule.finished(2, now);
    EXPECT_EQ(schedule.under_way(), 0U);
    EXPECT_THAT(schedule.take_due(now + 1s), SizeIs(1));
}

TEST(Schedule, NoIntervalIsTooOdd) {
    using Limits = std::numeric_limits<std::chrono::milliseconds::rep>;
    for (const auto milliseconds : {Limits::min(), std::int64_t{-5}, std::int64_t{0}, Limits::max()}) {
        Simulation simulation(1000, 1, -5s);  // nor a clock that begins before its epoch
        simulation.takes = [](Schedule::Id) { return 100us; };
        const std::chrono::milliseconds interval(milliseconds);
        simulation.schedule.add(0, {"", interval}, simulation.now, std::numeric_limits<std::size_t>::max());
        simulation.schedule.add(1, {"endpoint/a", 1s}, simulation.now, 0);
        simulation.schedule.change(1, {"endpoint/a", interval}, simulation.now);
        simulation.run_for(10s);
        EXPECT_THAT(simulation.starts_of(0), SizeIs(milliseconds > 0 ? Ge(0U) : Ge(5000U)));
    }
}

TEST(Schedule, ARoundIsHastenedAndTheSlotsStay) {
    Simulation plain;
    plain.schedule.add(0, {"endpoint/orders", 30s}, plain.now, 1);
    plain.run_for(10min);
    Simulation hastened;
    hastened.schedule.add(0, {"endpoint/orders", 30s}, hastened.now, 1);
    hastened.run_for(5min);
    const Time asked = hastened.now;
    hastened.schedule.hasten(0, asked);
    hastened.run_for(5min);
    EXPECT_THAT(hastened.starts_of(0), ::testing::Contains(asked));
    const auto later = [&](const Simulation& simulation) {
        std::vector<Duration> found = places(simulation, 0, 30s);
        return found.back();
    };
    EXPECT_LE(std::chrono::abs(later(hastened) - later(plain)), 500ms);
    EXPECT_EQ(hastened.schedule.missed(), 0U);
    EXPECT_EQ(hastened.schedule.overruns(), 0U);
}

TEST(Schedule, HoweverOftenItIsHastenedASecondPasses) {
    Simulation simulation;
    simulation.schedule.add(0, {"endpoint/orders", 30s}, simulation.now, 1);
    simulation.run_for(5min);
    const std::size_t before = simulation.rounds.size();
    for (int i = 0; i < 100; ++i) {
        simulation.schedule.hasten(0, simulation.now);
        simulation.run_for(100ms);
    }
    EXPECT_THAT(simulation.rounds.size() - before, ::testing::AllOf(Ge(9U), Le(12U)));
}

TEST(Schedule, OnlyWhatIsScheduledIsHastened) {
    Schedule schedule(1000, 1);
    const Time now{1000h};
    schedule.hasten(7, now);  // not known
    schedule.add(0, {"endpoint/a", 30s}, now, 1);
    ASSERT_THAT(schedule.take_due(now + 1s), SizeIs(1));
    schedule.hasten(0, now + 2s);  // its round is under way
    EXPECT_THAT(schedule.take_due(now + 2s), IsEmpty());
    schedule.finished(0, now + 3s);
    schedule.hasten(0, now + 3s);
    EXPECT_THAT(schedule.take_due(now + 3s), SizeIs(1));
}

TEST(Schedule, SaysHowManyWaitAndForHowLong) {
    Schedule schedule(1, 1);
    const Schedule::Clock::time_point start{1000h};
    EXPECT_EQ(schedule.pressure(start).waiting, 0U);
    EXPECT_EQ(schedule.pressure(start).max_wait, 0s);
    for (Schedule::Id id = 0; id < 3; ++id) {
        schedule.add(id, {"target " + std::to_string(id), 10s}, start, 3);
    }
    const auto now = start + 1s;
    ASSERT_EQ(schedule.take_due(now).size(), 1U);
    const Schedule::Pressure first = schedule.pressure(now);
    EXPECT_EQ(first.waiting, 2U);
    EXPECT_GE(first.max_wait, 0s);
    EXPECT_LE(first.max_wait, 1s);
    EXPECT_EQ(schedule.pressure(now + 5s).max_wait, first.max_wait + 5s);
}

}  // namespace
}  // namespace whylink::daemon
