#include "probes/tcp/stream.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <cerrno>
#include <exception>
#include <string>
#include <utility>

#include "tests/unit/probes/exchange_fixture.hpp"

namespace whylink::probes {
namespace {

using namespace std::chrono_literals;

std::string read_once(asio::io_context& loop, Stream& stream, Deadline::Clock::duration time = generous) {
    Deadline deadline(loop.get_executor(), Deadline::Clock::now() + time);
    return run_probe(loop, stream.read(deadline));
}

void write_all(asio::io_context& loop, Stream& stream, const std::string& bytes,
               Deadline::Clock::duration time = generous) {
    Deadline deadline(loop.get_executor(), Deadline::Clock::now() + time);
    const auto write = [&]() -> asio::awaitable<bool> {
        co_await stream.write(bytes, deadline);
        co_return true;
    };
    run_probe(loop, write());
}

/// Once the client has said that it is there: a reset may overtake its connect().
void says_bye_and_resets(int fd) {
    receive(fd, 1);
    transmit(fd, "bye");
    make_reset(fd);
}

TEST(PlainStream, CarriesMoreThanItsBuffersHold) {
    const std::string much(8U << 20U, 'x');
    std::string arrived;
    OnePeer peer([&](int fd) {
        arrived = receive(fd, much.size());
        transmit(fd, much);
    });
    asio::io_context loop;
    const StreamPtr stream = plain_stream(connect_to(loop, peer.port()));
    EXPECT_EQ(run_probe(loop, say_and_hear(loop, *stream, much)).size(), much.size());
    EXPECT_EQ(arrived.size(), much.size());
    EXPECT_TRUE(stream->status().closed);
    EXPECT_EQ(stream->status().end, StreamEnd::fin);
    EXPECT_EQ(stream->status().error, 0);
}

TEST(PlainStream, WhatCameBeforeAResetIsReadFirst) {
    OnePeer peer(says_bye_and_resets);
    asio::io_context loop;
    const StreamPtr stream = plain_stream(connect_to(loop, peer.port()));
    write_all(loop, *stream, "!");
    wait_for_hang_up(stream->socket().native_handle());
    EXPECT_EQ(read_once(loop, *stream), "bye");
    EXPECT_FALSE(stream->status().closed);
    EXPECT_EQ(read_once(loop, *stream), "");
    EXPECT_TRUE(stream->status().closed);
    EXPECT_EQ(stream->status().end, StreamEnd::rst);
    EXPECT_EQ(stream->status().error, ECONNRESET);
}

TEST(PlainStream, AFailedWriteHidesNeitherWhatCameNorTheReset) {
    OnePeer peer(says_bye_and_resets);
    asio::io_context loop;
    const StreamPtr stream = plain_stream(connect_to(loop, peer.port()));
    write_all(loop, *stream, "!");
    wait_for_hang_up(stream->socket().native_handle());
    write_all(loop, *stream, "hello");
    EXPECT_EQ(stream->status().error, ECONNRESET);
    EXPECT_FALSE(stream->status().closed);
    EXPECT_EQ(read_once(loop, *stream), "bye");
    EXPECT_EQ(read_once(loop, *stream), "");
    EXPECT_EQ(stream->status().end, StreamEnd::rst);
    EXPECT_EQ(stream->status().error, ECONNRESET);
}

TEST(PlainStream, SilenceIsATimeOutAndNoEnd) {
    lab::ServerLoop servers;
    const auto port = lab::start_stream_server(servers, {nullptr, loopback_v4, 0}, lab::echoes());
    asio::io_context loop;
    const StreamPtr stream = plain_stream(connect_to(loop, port));
    EXPECT_EQ(read_once(loop, *stream, 10ms), "");
    EXPECT_TRUE(stream->status().timed_out);
    EXPECT_FALSE(stream->status().closed);
    write_all(loop, *stream, "hello");
    EXPECT_FALSE(stream->status().timed_out);
    EXPECT_EQ(read_once(loop, *stream), "hello");
}

TEST(PlainStream, APassedDeadlineReadsWhatIsThere) {
    lab::ServerLoop servers;
    const auto port = lab::start_stream_server(servers, {nullptr, loopback_v4, 0}, lab::greets("hello"));
    asio::io_context loop;
    const StreamPtr stream = plain_stream(connect_to(loop, port));
    ASSERT_TRUE(becomes_readable(stream->socket().native_handle()));
    EXPECT_EQ(read_once(loop, *stream, -1s), "hello");
    EXPECT_EQ(read_once(loop, *stream, -1s), "");
    EXPECT_TRUE(stream->status().timed_out);
}

TEST(PlainStream, APeerThatReadsNothingIsATimeOut) {
    lab::ServerLoop servers;
    const auto gate = lab::Gate(servers);  // accepts, and reads nothing
    const auto port = lab::start_stream_server(servers, {nullptr, loopback_v4, 0}, gate);
    asio::io_context loop;
    const StreamPtr stream = plain_stream(connect_to(loop, port));
    write_all(loop, *stream, std::string(64U << 20U, 'x'), 50ms);
    EXPECT_TRUE(stream->status().timed_out);
    EXPECT_EQ(stream->status().error, 0);
}

TEST(PlainStream, CancellationIsNoTimeOut) {
    lab::ServerLoop servers;
    const auto port = lab::start_stream_server(servers, {nullptr, loopback_v4, 0}, lab::silent());
    asio::io_context loop;
    const StreamPtr stream = plain_stream(connect_to(loop, port));
    const auto read = [&]() -> asio::awaitable<std::string> {
        Deadline deadline(loop.get_executor(), Deadline::Clock::now() + generous);
        std::string bytes = co_await stream->read(deadline);
        co_return bytes;
    };
    asio::cancellation_signal cancel;
    std::exception_ptr thrown;
    loop.restart();
    asio::co_spawn(
        loop, read(),
        asio::bind_cancellation_slot(
            cancel.slot(), [&](const std::exception_ptr& failure, const std::string&) { thrown = failure; }));
    loop.poll();
    cancel.emit(asio::cancellation_type::terminal);
    loop.run();
    ASSERT_TRUE(thrown);
    EXPECT_THROW(std::rethrow_exception(thrown), asio::system_error);
    EXPECT_FALSE(stream->status().timed_out);
}

TEST(PlainStream, ClosesWithResetUnlessAFarewellIsOwed) {
    for (const std::string farewell : {"", "QUIT\r\n"}) {
        std::string heard;
        ssize_t then = 0;
        int error = 0;
        OnePeer peer([&](int fd) {
            heard = receive(fd, farewell.size());
            EXPECT_TRUE(becomes_readable(fd));
            char byte = 0;
            then = ::recv(fd, &byte, 1, 0);
            error = errno;
        });
        asio::io_context loop;
        {
            const StreamPtr stream = plain_stream(connect_to(loop, peer.port()));
            stream->owe_farewell(farewell);
        }
        peer.join();
        EXPECT_EQ(heard, farewell);
        if (farewell.empty()) {
            EXPECT_EQ(then, -1);
            EXPECT_EQ(error, ECONNRESET);
        } else {
            EXPECT_EQ(then, 0);
        }
    }
}

}  // namespace
}  // namespace whylink::probes
