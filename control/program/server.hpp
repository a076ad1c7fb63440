// The socket side of the program: takes connections and lines, hands requests to a few threads and writes answers.
// poll(2) and threads, no event library.
#pragma once

#include <chrono>
#include <cstddef>

#include "control/program/reader.hpp"

namespace whylink::control {

struct ServerLimits {
    std::chrono::seconds idle{600};  ///< without a request it ends
    std::size_t threads = 8;
    std::size_t connections = 16;
};

/// A listening socket: serves until it is idle or SIGTERM comes. The socket stays with systemd.
int serve_listening(int descriptor, Reader& reader, const ServerLimits& limits);
/// One connection, a socketpair of the parent's: serves until the parent closes it.
int serve_connection(int descriptor, Reader& reader, const ServerLimits& limits);

}  // namespace whylink::control
