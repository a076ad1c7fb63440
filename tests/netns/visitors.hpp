// Real traffic while a watch looks: connections that come again and again.
#pragma once

#include <stop_token>
#include <thread>
#include <vector>

#include "row.hpp"
#include "support/topology.hpp"

namespace whylink::netns_test {

/// From the constructor to the destructor every visitor opens a connection each tenth of a second. One that
/// is not answered is given up after three seconds, one that is up after half a second.
class Visitors {
  public:
    Visitors(const lab::Topology& topology, const std::vector<Visitor>& visitors);

  private:
    std::vector<std::jthread> threads_;
};

/// Sockets that listen and never accept, with their queues full from the start.
class FullListeners {
  public:
    FullListeners() = default;
    ~FullListeners();
    FullListeners(const FullListeners&) = delete;
    FullListeners& operator=(const FullListeners&) = delete;

    /// On the client, at every address; filled from the server's side. Throws std::runtime_error.
    void add(const lab::Topology& topology, std::uint16_t port);

  private:
    std::vector<int> sockets_;
};

}  // namespace whylink::netns_test
