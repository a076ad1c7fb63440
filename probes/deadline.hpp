// The one timer of a probe, and the one place where a time-out and a cancellation are told apart.
#pragma once

#include <algorithm>
#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/error.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <asio/system_error.hpp>
#include <asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <utility>

#include "probes/wake_ups.hpp"

namespace whylink::probes {

/// Waits for a socket until a point in time. Asio ends a wait with operation_aborted both when it was
/// cancelled from outside and when our own timer ended it; here the first throws and the second is a result.
///
/// For one coroutine: one wait at a time. The timer is made at the first wait, so that a probe which never
/// waits pays nothing for it.
class Deadline {
  public:
    using Clock = std::chrono::steady_clock;
    enum class Wait { ready, expired };

    Deadline(asio::any_io_executor executor, Clock::time_point at)
        : executor_(std::move(executor)), at_(at) {}
    ~Deadline() {
        if (state_) {
            state_->socket = nullptr;
            state_->timer.cancel();
        }
    }
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;

    Clock::time_point at() const { return at_; }
    bool passed() const { return Clock::now() >= at_; }

    /// Moves the deadline; not while a wait is under way.
    void move_to(Clock::time_point at) {
        at_ = at;
        if (state_) {
            arm();
        }
    }

    /// Ready also means an error on the socket. Throws asio::system_error (operation_aborted) when the
    /// coroutine is cancelled. A socket that became ready in time counts as ready, however late the loop
    /// comes to see it.
    asio::awaitable<Wait> wait(asio::ip::tcp::socket& socket, asio::ip::tcp::socket::wait_type what) {
        if (!state_) {
            state_ = std::make_shared<State>(executor_);
            arm();
        }
        wake_ups_.count();
        if (wake_ups_.are_to_be_put_off()) {
            co_await rest(socket.native_handle());
        }
        if (state_->expired) {
            co_return Wait::expired;
        }
        state_->socket = &socket;
        const auto [error] =
            co_await socket.async_wait(what, asio::experimental::as_tuple(asio::use_awaitable));
        state_->socket = nullptr;
        if (!error) {
            co_return Wait::ready;
        }
        if (state_->expired) {
            co_return Wait::expired;
        }
        throw asio::system_error(error);
    }

  private:
    asio::awaitable<void> rest(int fd) {
        WakeUps::suspend(fd);
        asio::steady_timer timer(executor_, std::min(at_, Clock::now() + WakeUps::put_off));
        const auto [error] = co_await timer.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
        WakeUps::resume(fd);
        if (error) {
            throw asio::system_error(error);
        }
    }

    struct State {
        explicit State(const asio::any_io_executor& executor) : timer(executor) {}
        asio::steady_timer timer;
        asio::ip::tcp::socket* socket = nullptr;
        bool expired = false;
    };

    void arm() {
        state_->expired = false;
        state_->timer.expires_at(at_);
        // The state is shared, because a handler that is already queued runs even after the timer is gone;
        // and it asks for the time, because it may be queued from before the deadline was moved.
        state_->timer.async_wait([state = state_, at = at_](const asio::error_code& error) {
            if (error || state->timer.expiry() != at) {
                return;
            }
            state->expired = true;
            if (state->socket != nullptr) {
                asio::error_code ignored;
                state->socket->cancel(ignored);
            }
        });
    }

    asio::any_io_executor executor_;
    Clock::time_point at_;
    std::shared_ptr<State> state_;
    WakeUps wake_ups_;
};

}  // namespace whylink::probes
