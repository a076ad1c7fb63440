#include "daemon/system/standard_streams.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <thread>

#include "daemon/run/process.hpp"

namespace whylink::daemon {
namespace {

struct Pipe {
    Pipe() { EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0); }
    ~Pipe() {
        close(ends[0]);
        close(ends[1]);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    std::array<int, 2> ends{-1, -1};
};

TEST(WriteAll, WritesMoreThanAPipeHoldsAlsoWithoutBlocking) {
    const Pipe pipe;
    ASSERT_EQ(fcntl(pipe.ends[1], F_SETFL, O_NONBLOCK), 0);
    const std::string sent(1'000'000, 'x');
    std::string received;
    std::thread reader([&] {
        std::array<char, 4096> buffer{};
        while (received.size() < sent.size()) {
            const ssize_t size = read(pipe.ends[0], buffer.data(), buffer.size());
            if (size <= 0) {
                break;
            }
            received.append(buffer.data(), static_cast<std::size_t>(size));
        }
    });
    EXPECT_EQ(write_all(pipe.ends[1], sent), 0);
    reader.join();
    EXPECT_EQ(received, sent);
}

TEST(WriteAll, NoticesAFullDeviceAndAReaderThatLeft) {
    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    ASSERT_NE(full, -1);
    EXPECT_EQ(write_all(full, "x"), ENOSPC);
    close(full);
    std::signal(SIGPIPE, SIG_IGN);
    Pipe pipe;
    close(pipe.ends[0]);
    pipe.ends[0] = -1;
    EXPECT_EQ(write_all(pipe.ends[1], "x"), EPIPE);
    std::signal(SIGPIPE, SIG_DFL);
}

TEST(RoundsFor, IsBoundedByTheDescriptorsThatRoundsNeed) {
    config::Endpoint endpoint;
    endpoint.host = "db.example";
    const std::vector<config::TargetPtr> targets(200, config::make_target(endpoint));
    EXPECT_EQ(rounds_for(targets, 1000, 0), 1U);
    EXPECT_EQ(rounds_for(targets, 1000, 48), 1U) << "32 are the process's own";
    EXPECT_EQ(rounds_for(targets, 1000, 1024), 62U) << "16 each: as many connections as a round has at once";
    EXPECT_EQ(rounds_for(targets, 50, 1024), 50U);
    EXPECT_EQ(rounds_for(targets, 1000, static_cast<std::size_t>(-1)), 1000U);
}

}  // namespace
}  // namespace whylink::daemon
