#include "probes/background_thread.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <thread>

namespace whylink::probes {
namespace {

int nice_value() {
    return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid()));
}

TEST(BackgroundThread, HasItsNameAndANiceValueOfItsOwn) {
    const int before = nice_value();
    int nice = 0;
    std::array<char, 16> name{};
    std::thread([&] {
        become_background_thread("whylink-test");
        nice = nice_value();
        pthread_getname_np(pthread_self(), name.data(), name.size());
    }).join();
    EXPECT_EQ(nice, std::max(before, 10));
    EXPECT_EQ(std::string(name.data()), "whylink-test");
    EXPECT_EQ(nice_value(), before) << "that of the event loop stays";
}

TEST(BackgroundThread, KeepsAHigherNiceValue) {
    int nice = 0;
    std::thread([&nice] {
        setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 15);
        become_background_thread("whylink-test");
        nice = nice_value();
    }).join();
    EXPECT_GE(nice, 15);
}

}  // namespace
}  // namespace whylink::probes
