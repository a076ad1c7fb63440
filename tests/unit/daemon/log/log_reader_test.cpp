// The log before readers that are slow, stall, hang up, or were never there.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

#include "daemon/log/log.hpp"
#include "pipe.hpp"
#include "record_of.hpp"

namespace whylink::daemon {
namespace {

using config::LogFormat;
using config::LogLevel;
using test::record_of;

/// Whether the destructor comes back; generous, for it is to be half a second. When it does not, `release` is
/// called so that the test can end.
template <class Release>
testing::AssertionResult ends(std::unique_ptr<Log> log, Release release) {
    std::promise<void> ended;
    std::future<void> end = ended.get_future();
    std::thread thread([&] {
        log.reset();
        ended.set_value();
    });
    const bool in_time = end.wait_for(std::chrono::seconds(60)) == std::future_status::ready;
    if (!in_time) {
        release();
    }
    thread.join();
    return in_time ? testing::AssertionSuccess() : testing::AssertionFailure() << "the destructor hangs";
}

TEST(LogReader, ThatIsSlowLosesTheOldestAndTheyAreCounted) {
    constexpr int total = 30'000;
    test::Pipe pipe;
    Log log(LogFormat::text, LogLevel::info, pipe.write_end());
    // Nobody reads: a caller that waited for the reader would never get through this.
    for (int n = 1; n <= total; ++n) {
        log.write(record_of(LogLevel::info, fmt::format("number {}", n)));
    }
    int delivered = 0;
    for (std::optional<std::string> line = pipe.read_line(); line; line = pipe.read_line()) {
        ++delivered;
        if (line->ends_with(fmt::format("number {}", total))) {
            break;
        }
    }
    EXPECT_GT(log.dropped(), 0U);
    EXPECT_EQ(static_cast<std::uint64_t>(delivered) + log.dropped(), total);
}

class LogStalledReader : public testing::TestWithParam<bool> {};

TEST_P(LogStalledReader, DoesNotKeepTheLogFromEnding) {
    test::Pipe pipe;
    if (GetParam()) {
        pipe.make_non_blocking();
    }
    auto log = std::make_unique<Log>(LogFormat::text, LogLevel::info, pipe.write_end());
    for (int n = 0; n < 10'000; ++n) {
        log->write(record_of(LogLevel::info, "nobody reads this"));
    }
    EXPECT_TRUE(ends(std::move(log), [&] { pipe.close_read_end(); }));
}

INSTANTIATE_TEST_SUITE_P(Pipes, LogStalledReader, testing::Bool(),
                         [](const auto& row) { return row.param ? "non_blocking" : "blocking"; });

/// A TCP connection with the smallest buffers, from which nobody reads: poll() says that there is room, and a
/// write(2) of 4096 bytes hangs halfway.
class TinyConnection {
  public:
    TinyConnection() {
        const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        shrink(listener, SO_RCVBUF);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        const bool listens = ::bind(listener, generic, size) == 0 && ::listen(listener, 1) == 0 &&
                             ::getsockname(listener, generic, &size) == 0;
        written_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        shrink(written_, SO_SNDBUF);
        if (listens && ::connect(written_, generic, size) == 0) {
            read_ = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        }
        ::close(listener);
        // What the reader's buffer takes, so that all further has to wait in that of the writer.
        const std::string filling(2048, 'x');
        if (read_ < 0 || ::send(written_, filling.data(), filling.size(), 0) < 0) {
            throw std::runtime_error("no connection over loopback");
        }
    }
    /// The writer's end stays open: the thread that hung in it may still be about to write, and would then
    /// write to whatever got its number next.
    ~TinyConnection() { close_reader(); }
    TinyConnection(const TinyConnection&) = delete;
    TinyConnection& operator=(const TinyConnection&) = delete;

    int descriptor() const { return written_; }
    /// With an RST for what was not read, which ends the write(2) of whoever hangs in it.
    void close_reader() {
        if (read_ >= 0) {
            ::close(read_);
        }
        read_ = -1;
    }

  private:
    static void shrink(int socket, int option) {
        const int least = 1;
        ::setsockopt(socket, SOL_SOCKET, option, &least, sizeof least);
    }
    int read_ = -1;
    int written_ = -1;
};

TEST(LogStuckThread, DoesNotKeepTheLogFromEndingAndHarmsNothingLater) {
    TinyConnection connection;
    auto log = std::make_unique<Log>(LogFormat::text, LogLevel::info, connection.descriptor());
    for (int n = 0; n < 3; ++n) {
        log->write(record_of(LogLevel::info, std::string(5000, 'z')));
    }
    EXPECT_TRUE(ends(std::move(log), [&] { connection.close_reader(); }));
    // Now the thread goes on, with all that it needs.
    connection.close_reader();
}

TEST(LogClosedPipe, IsNotTheEndOfTheProcess) {
    std::signal(SIGPIPE, SIG_DFL);
    test::Pipe pipe;
    Log log(LogFormat::text, LogLevel::info, pipe.write_end());
    log.write(record_of(LogLevel::info, "read"));
    EXPECT_TRUE(pipe.read_line());
    pipe.close_read_end();
    for (int n = 0; n < 100; ++n) {
        log.write(record_of(LogLevel::info, "nowhere"));
    }
    EXPECT_EQ(log.dropped(), 0U);
}

TEST(LogClosedDescriptor, HarmsNothing) {
    Log log(LogFormat::json, LogLevel::info, -1);
    log.write(record_of(LogLevel::error, "nowhere"));
}

}  // namespace
}  // namespace whylink::daemon
