// One thread that runs every test server.
#pragma once

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <cstdint>
#include <thread>

#include "config/address.hpp"

namespace whylink::lab {

class Netns;

/// Runs the servers that were started on it until it is destroyed; then every socket of theirs is closed.
/// Thread-safe for start_dns_server and start_stream_server.
class ServerLoop {
  public:
    ServerLoop();
    ~ServerLoop();
    ServerLoop(const ServerLoop&) = delete;
    ServerLoop& operator=(const ServerLoop&) = delete;

    asio::io_context& context() { return context_; }

  private:
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::thread thread_;
};

/// Where a server stands: in the caller's network namespace, or in one of the lab's.
struct Place {
    const Netns* netns = nullptr;
    IpAddress address;
    std::uint16_t port = 0;  ///< 0: any
};

/// A bound, non-blocking socket there (SOCK_STREAM: listening). Throws std::system_error.
int open_socket(const Place& place, int type);
/// The port that a socket is bound to.
std::uint16_t bound_port(int fd);

}  // namespace whylink::lab
