#include "daemon/system/worker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

constexpr auto deadline = 60s;

/// Runs `job` on the worker; what it returned.
template <typename Job>
auto result_on(Worker& worker, Job job) {
    std::packaged_task<decltype(job())()> task(std::move(job));
    auto result = task.get_future();
    EXPECT_TRUE(worker.post([&task] { task(); }));
    return result.get();
}

int nice_value() {
    return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid()));
}

bool is_blocked(int signal) {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    return sigismember(&mask, signal) == 1;
}

/// Keeps the worker busy from its construction until release() or its end.
class Obstacle {
  public:
    explicit Obstacle(Worker& worker) {
        // The thread may still be on its way into the wait when this is destroyed.
        worker.post([this, released = released_.get_future().share()] {
            begun_.set_value();
            released.wait();
        });
        begun_.get_future().wait();
    }
    void release() { released_.set_value(); }

  private:
    std::promise<void> begun_;
    std::promise<void> released_;
};

TEST(Worker, RunsTheJobsInTheirOrderOnOneOtherThread) {
    std::vector<int> order;
    std::vector<std::thread::id> threads;
    Worker worker;
    for (int job = 1; job <= 3; ++job) {
        EXPECT_TRUE(worker.post([&, job] {
            order.push_back(job);
            threads.push_back(std::this_thread::get_id());
        }));
    }
    const std::thread::id id = result_on(worker, [] { return std::this_thread::get_id(); });
    EXPECT_THAT(order, ElementsAre(1, 2, 3));
    EXPECT_THAT(threads, ElementsAre(id, id, id));
    EXPECT_NE(id, std::this_thread::get_id());
}

TEST(Worker, TakesJobsFromManyThreads) {
    constexpr int each = 200;
    int ran = 0;
    Worker worker(4 * each + 1);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int job = 0; job < each; ++job) {
                EXPECT_TRUE(worker.post([&ran] { ++ran; }));
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(result_on(worker, [&ran] { return ran; }), 4 * each);
}

TEST(Worker, RefusesWhatIsTooMuch) {
    Worker worker(2);
    Obstacle obstacle(worker);
    int ran = 0;
    EXPECT_TRUE(worker.post([&ran] { ++ran; }));
    std::promise<void> second;
    EXPECT_TRUE(worker.post([&] {
        ++ran;
        second.set_value();
    }));
    EXPECT_FALSE(worker.post([&ran] { ran += 100; }));
    obstacle.release();
    second.get_future().wait();
    EXPECT_EQ(result_on(worker, [&ran] { return ran; }), 2);
}

TEST(Worker, AnEmptyJobHarmsNothing) {
    Worker worker;
    EXPECT_TRUE(worker.post({}));
    EXPECT_EQ(result_on(worker, [] { return 7; }), 7);
}

TEST(Worker, LetsTheOthersGoFirst) {
    const int before = nice_value();
    Worker worker;
    EXPECT_EQ(result_on(worker, nice_value), std::max(before, 10));
    EXPECT_EQ(nice_value(), before) << "of this thread";
}

TEST(Worker, HasAName) {
    Worker worker;
    const auto name = [] {
        std::array<char, 16> text{};
        pthread_getname_np(pthread_self(), text.data(), text.size());
        return std::string(text.data());
    };
    EXPECT_EQ(result_on(worker, name), "whylink-work");
    Worker other(1, "whylink-disk");
    EXPECT_EQ(result_on(other, name), "whylink-disk");
}

TEST(Worker, LeavesTheSignalsToTheEventLoop) {
    const bool before = is_blocked(SIGTERM);
    Worker worker;
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGCHLD}) {
        EXPECT_TRUE(result_on(worker, [signal] { return is_blocked(signal); })) << signal;
    }
    EXPECT_FALSE(result_on(worker, [] { return is_blocked(SIGSEGV); })) << "a fault of its own";
    EXPECT_EQ(is_blocked(SIGTERM), before) << "in this thread";
}

TEST(Worker, ForgetsWhatHasNotBegunAndWaitsForWhatHas) {
    std::promise<void> begun;
    bool ended = false;
    bool forgotten = false;
    bool second_ran = false;
    auto held_by_second = std::make_shared<int>();
    const std::weak_ptr<int> watched = held_by_second;
    {
        Worker worker;
        worker.post([&] {
            begun.set_value();
            const auto until = std::chrono::steady_clock::now() + deadline;
            while (!watched.expired() && std::chrono::steady_clock::now() < until) {
                std::this_thread::sleep_for(1ms);
            }
            forgotten = watched.expired();
            EXPECT_FALSE(worker.post([] {})) << "while it is being destroyed";
            ended = true;
        });
        begun.get_future().wait();
        worker.post([&second_ran, held = std::move(held_by_second)] { second_ran = held != nullptr; });
    }
    EXPECT_TRUE(ended);
    EXPECT_TRUE(forgotten);
    EXPECT_FALSE(second_ran);
}

}  // namespace
}  // namespace whylink::daemon
