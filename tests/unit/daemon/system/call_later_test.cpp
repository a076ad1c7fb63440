#include "daemon/system/call_later.hpp"

#include <gtest/gtest.h>

#include <asio/io_context.hpp>
#include <chrono>
#include <vector>

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;

TEST(CallLater, CallsOnce) {
    asio::io_context loop;
    asio::steady_timer timer(loop);
    int calls = 0;
    call_after(timer, 1ms, [&calls] { ++calls; });
    EXPECT_EQ(calls, 0);
    loop.run();
    EXPECT_EQ(calls, 1);
}

TEST(CallLater, ForgetsWhatATimerWasSetForBefore) {
    asio::io_context loop;
    asio::steady_timer timer(loop);
    std::vector<int> called;
    call_at(timer, asio::steady_timer::clock_type::now() + 1h, [&called] { called.push_back(1); });
    call_after(timer, 0ms, [&called] { called.push_back(2); });
    loop.run();
    EXPECT_EQ(called, std::vector<int>{2});
}

TEST(CallLater, CallsNobodyWhenItIsCancelled) {
    asio::io_context loop;
    asio::steady_timer timer(loop);
    bool called = false;
    call_after(timer, 1h, [&called] { called = true; });
    timer.cancel();
    loop.run();
    EXPECT_FALSE(called);
}

}  // namespace
}  // namespace whylink::daemon
