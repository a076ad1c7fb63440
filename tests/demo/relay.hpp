// Carries TCP connections from outside of the sandbox to a server inside it.
#pragma once

#include <optional>
#include <string_view>

#include "support/server_loop.hpp"

namespace whylink::demo {

/// "127.0.0.1:9797", "[::1]:9797"; port 0 is allowed, as it lets the kernel choose. None for anything else.
std::optional<lab::Place> parse_place(std::string_view text);

struct Listener {
    int fd = -1;
    lab::Place place;  ///< with the port that the kernel chose
};

/// Throws std::system_error: EADDRINUSE when the place is taken.
Listener listen_at(const lab::Place& place);

/// Accepts on `listener`, which it takes over, and connects each client to `to`, in its namespace; what one
/// side says the other hears, until both have ended. The listener may be of another network namespace: a
/// socket stays in the one it was made in. The relay lives as long as the loop, and the namespace of `to`
/// must outlive it.
void start_relay(lab::ServerLoop& loop, const Listener& listener, const lab::Place& to);

}  // namespace whylink::demo
