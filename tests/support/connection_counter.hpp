// A server that says nothing and counts how many connections it has at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "support/server_loop.hpp"

namespace whylink::lab {

class ConnectionCounter {
  public:
    /// Listens at once. Throws std::system_error. Must not outlive the loop.
    ConnectionCounter(ServerLoop& loop, const Place& place);

    std::uint16_t port() const { return port_; }
    /// Connections accepted so far.
    std::size_t total() const;
    /// The most that were up at the same moment, as the kernel had them when each was accepted: the client's
    /// FIN or RST ends one, whether or not this server has come round to reading it.
    std::size_t max_at_once() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
    std::uint16_t port_;
};

}  // namespace whylink::lab
