#include "probes/off_loop.hpp"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace whylink::probes {
namespace {

TEST(OffLoop, WorkIsDoneOnAnotherThreadAndTheLoopGoesOn) {
    asio::io_context loop;
    const std::thread::id here = std::this_thread::get_id();
    std::thread::id worked;
    std::thread::id resumed;
    std::promise<void> release;
    bool ran_meanwhile = false;
    asio::co_spawn(
        loop,
        [&]() -> asio::awaitable<void> {
            co_await off_loop([&] {
                release.get_future().wait();  // as long as the loop has not run something else
                worked = std::this_thread::get_id();
            });
            resumed = std::this_thread::get_id();
        },
        asio::detached);
    asio::co_spawn(
        loop,
        [&]() -> asio::awaitable<void> {
            ran_meanwhile = true;
            release.set_value();
            co_return;
        },
        asio::detached);
    loop.run();
    EXPECT_TRUE(ran_meanwhile);
    EXPECT_NE(worked, here);
    EXPECT_NE(worked, std::thread::id());
    EXPECT_EQ(resumed, here);
}

TEST(OffLoop, ManyTakeTurns) {
    asio::io_context loop;
    std::atomic<int> done = 0;
    int resumed = 0;
    for (int i = 0; i < 100; ++i) {
        asio::co_spawn(
            loop,
            [&]() -> asio::awaitable<void> {
                co_await off_loop([&done] { ++done; });
                ++resumed;
            },
            asio::detached);
    }
    loop.run();
    EXPECT_EQ(done, 100);
    EXPECT_EQ(resumed, 100);
}

TEST(OffLoop, WhoeverDestroysTheLoopWaitsForWhatHasBegun) {
    auto loop = std::make_unique<asio::io_context>();
    std::promise<void> begun;
    std::promise<void> release;
    std::atomic<bool> ended = false;
    auto touched = std::make_shared<int>(0);
    asio::co_spawn(
        *loop,
        [&, touched]() -> asio::awaitable<void> {
            co_await off_loop([&] {
                begun.set_value();
                release.get_future().wait();
                ++*touched;
                ended = true;
            });
        },
        asio::detached);
    loop->poll();
    begun.get_future().wait();
    std::thread destroyer([&loop] { loop.reset(); });
    release.set_value();
    destroyer.join();
    EXPECT_TRUE(ended);
    EXPECT_EQ(*touched, 1);
    EXPECT_EQ(touched.use_count(), 1) << "the coroutine is gone";
}

}  // namespace
}  // namespace whylink::probes
