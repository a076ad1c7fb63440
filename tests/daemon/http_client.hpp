// As much of an HTTP client as the tests need, over sockets of one of the lab's namespaces.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "support/netns.hpp"

namespace whylink::daemon_test {

struct HttpReply {
    int status = 0;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
};

/// One request on a connection to this port of loopback. None when there is no connection, or no whole reply
/// within a few seconds.
std::optional<HttpReply> http_request(const lab::Netns& netns, std::uint16_t port, const std::string& method,
                                      const std::string& path);

/// A connection that is closed with this.
class Connection {
  public:
    /// To this port of loopback; check connected().
    Connection(const lab::Netns& netns, std::uint16_t port);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    bool connected() const { return connected_; }
    bool send(const std::string& bytes) const;
    /// Until the peer closes; none when it does not within a few seconds.
    std::optional<std::string> read_all() const;

  private:
    int fd_ = -1;
    bool connected_ = false;
};

}  // namespace whylink::daemon_test
