// A timer that calls back.
#pragma once

#include <asio/steady_timer.hpp>
#include <utility>

namespace whylink::daemon {

/// Calls `what` at that moment, unless the timer is cancelled, set again or destroyed before.
template <class What>
void call_at(asio::steady_timer& timer, asio::steady_timer::time_point when, What what) {
    timer.expires_at(when);
    timer.async_wait([what = std::move(what)](const asio::error_code& error) {
        if (!error) {
            what();
        }
    });
}

template <class What>
void call_after(asio::steady_timer& timer, asio::steady_timer::duration delay, What what) {
    call_at(timer, asio::steady_timer::clock_type::now() + delay, std::move(what));
}

}  // namespace whylink::daemon
