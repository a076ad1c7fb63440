#include "probes/tcp/hold.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <string>
#include <utility>

#include "probes/tcp/segment_counts.hpp"
#include "probes/tcp/socket_options.hpp"

namespace whylink::probes {
namespace {

using Clock = std::chrono::steady_clock;

/// How often the kernel is asked for an answer, which wakes nobody: it has no payload.
constexpr std::chrono::milliseconds between_looks{10};

/// More than a greeting, or the keep-alive of an application, ever adds up to. Who says more is never silent,
/// and is not listened to for as long as an idle connection is held.
constexpr std::size_t max_heard = 1U << 20U;

/// tcp(7). TCP_KEEPIDLE comes last, on a socket with SO_KEEPALIVE: the kernel takes the time that the
/// connection has been idle off it, and sends the first segment at once.
int switch_keep_alive_on(int fd) {
    const auto set = [fd](int level, int option, int value) {
        return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
    };
    constexpr int max_probes = 127;  // the kernel's own bound: our deadline decides
    const bool done = set(IPPROTO_TCP, TCP_KEEPCNT, max_probes) && set(IPPROTO_TCP, TCP_KEEPINTVL, 1) &&
                      set(SOL_SOCKET, SO_KEEPALIVE, 1) && set(IPPROTO_TCP, TCP_KEEPIDLE, 1);
    return done ? 0 : errno;
}

/// close_notify is the peer's decision as much as FIN is, which may follow later or wait for ours.
StreamEnd end_of(const StreamStatus& status) {
    const bool goodbye = status.closed && status.error == 0 && status.library_error.empty();
    return goodbye && status.end == StreamEnd::none ? StreamEnd::fin : status.end;
}

class Hold {
  public:
    Hold(const HoldProbe& probe, StreamPtr stream, const asio::any_io_executor& executor)
        : probe_(probe),
          stream_(std::move(stream)),
          executor_(executor),
          started_(Clock::now()),
          last_byte_(started_),
          deadline_(executor, started_ + probe.idle) {
        held_.started = WallClock::now();
        held_.address = probe.address;
        held_.port = probe.port;
        facts_.wanted = probe.idle;
    }

    asio::awaitable<HeldConnection> run() {
        co_await wait();
        facts_.idle = Clock::now() - last_byte_;
        if (!stream_->status().closed) {
            co_await use();
        }
        facts_.ended_while_idle = stream_->status().closed && !facts_.used;
        facts_.end = end_of(stream_->status());
        facts_.error = stream_->status().error;
        held_.took = Clock::now() - started_;
        held_.facts = facts_;
        co_return std::move(held_);
    }

  private:
    int fd() { return stream_->socket().native_handle(); }

    /// Until the deadline, the connection's end, or more than can be listened to. What the server says
    /// meanwhile (session tickets, a greeting, its own keep-alive) is no end; but the path has seen a packet
    /// then, and the idle time starts at zero.
    asio::awaitable<void> wait() {
        while (!deadline_.passed()) {
            const std::string bytes = co_await stream_->read(deadline_);
            if (bytes.empty()) {
                co_return;
            }
            last_byte_ = Clock::now();
            heard_ += bytes.size();
            // A server that never stops must not keep the loop to itself.
            co_await asio::post(executor_, asio::use_awaitable);
            if (heard_ > max_heard) {
                co_return;
            }
        }
    }

    asio::awaitable<void> use() {
        const auto before = segment_counts(fd());
        const auto began = Clock::now();
        const int error = before ? switch_keep_alive_on(fd()) : errno;
        if (error != 0) {
            held_.local = system_error("SO_KEEPALIVE", error);
            co_return;
        }
        while (!facts_.answered && !stream_->status().closed && Clock::now() < began + probe_.timeout) {
            deadline_.move_to(std::min(Clock::now() + between_looks, began + probe_.timeout));
            co_await wait();
            look(*before);
        }
        facts_.answered_after = facts_.answered ? Clock::now() - began : Nanoseconds{};
    }

    /// A segment of ours left, one of theirs came, and the kernel took one for an acknowledgement: that alone
    /// sets the count of unanswered probes back (tcp_ack in the kernel's net/ipv4/tcp_input.c). A packet of
    /// the peer's that was under way anyway would not have counted.
    void look(const SegmentCounts& before) {
        const auto now = segment_counts(fd());
        if (!now) {
            return;
        }
        facts_.used = facts_.used || now->sent != before.sent;
        facts_.answered = !stream_->status().closed && facts_.used && now->received != before.received &&
                          now->unanswered_probes == 0;
    }

    const HoldProbe& probe_;
    StreamPtr stream_;
    asio::any_io_executor executor_;
    Clock::time_point started_;
    Clock::time_point last_byte_;
    std::size_t heard_ = 0;
    Deadline deadline_;
    HeldConnection held_;
    HoldFacts facts_;
};

}  // namespace

asio::awaitable<HeldConnection> probe_hold(HoldProbe probe, StreamPtr stream) {
    Hold hold(probe, std::move(stream), co_await asio::this_coro::executor);
    co_return co_await hold.run();
}

}  // namespace whylink::probes
