// Tasks side by side, by their numbers: nothing here waits for a clock.
#include "probes/gather.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/probes/run_probe.hpp"

namespace whylink::probes {
namespace {

/// Who came and how many were there at once.
struct Visits {
    std::size_t now = 0;
    std::size_t most = 0;
    std::vector<int> begun;
    std::vector<int> ended;
};

/// Stays for a few turns of the loop, so that others may come meanwhile.
asio::awaitable<void> visit(Visits& visits, int number) {
    visits.begun.push_back(number);
    visits.most = std::max(visits.most, ++visits.now);
    const auto executor = co_await asio::this_coro::executor;
    for (int turn = 0; turn < 3 + number % 3; ++turn) {
        co_await asio::post(executor, asio::use_awaitable);
    }
    --visits.now;
    visits.ended.push_back(number);
}

asio::awaitable<void> fail(Visits& visits, int number) {
    co_await visit(visits, number);
    throw std::runtime_error("task " + std::to_string(number));
}

std::vector<asio::awaitable<void>> visitors(Visits& visits, int count) {
    std::vector<asio::awaitable<void>> tasks;
    for (int i = 0; i < count; ++i) {
        tasks.push_back(visit(visits, i));
    }
    return tasks;
}

TEST(GatherFew, RunsAllTasksAndNeverMoreThanItMay) {
    Visits visits;
    EXPECT_EQ(run_probe(gather_few(visitors(visits, 50), 16)), 50U);
    EXPECT_EQ(visits.most, 16U);
    EXPECT_EQ(visits.ended.size(), 50U);
    EXPECT_TRUE(std::ranges::is_sorted(visits.begun)) << "in their order";
}

TEST(GatherFew, TakesNoMoreWorkersThanThereIsWork) {
    Visits visits;
    EXPECT_EQ(run_probe(gather_few(visitors(visits, 3), 16)), 3U);
    EXPECT_EQ(visits.most, 3U);
    EXPECT_EQ(run_probe(gather_few({}, 16)), 0U);
}

TEST(GatherFew, OneIsTheLeast) {
    Visits visits;
    EXPECT_EQ(run_probe(gather_few(visitors(visits, 3), 0)), 3U);
    EXPECT_EQ(visits.most, 1U);
}

TEST(GatherFew, LeavesTheRestWhenItsTimeIsOver) {
    Visits visits;
    std::size_t asked = 0;
    const auto three_more = [&asked] { return ++asked <= 3; };
    EXPECT_EQ(run_probe(gather_few(visitors(visits, 20), 4, three_more)), 7U)
        << "the first four are not asked for";
    EXPECT_EQ(visits.ended.size(), 7U) << "what was begun ends";
    EXPECT_EQ(visits.now, 0U);
}

TEST(GatherFew, TheFirstAreStartedHoweverLateItIs) {
    Visits visits;
    EXPECT_EQ(run_probe(gather_few(visitors(visits, 20), 4, [] { return false; })), 4U);
}

TEST(GatherFew, AnExceptionIsThrownWhenAllHaveEnded) {
    Visits visits;
    std::vector<asio::awaitable<void>> tasks;
    tasks.push_back(fail(visits, 0));
    for (int i = 1; i < 9; ++i) {
        tasks.push_back(visit(visits, i));
    }
    EXPECT_THROW(run_probe(gather_few(std::move(tasks), 2)), std::runtime_error);
    EXPECT_EQ(visits.ended.size(), 9U);
}

}  // namespace
}  // namespace whylink::probes
