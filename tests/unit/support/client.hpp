// A plain blocking client for trying the lab's servers, with a time-out of ten seconds on each read.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace whylink::lab {

class Client {
  public:
    /// Connected to 127.0.0.1; `type` is SOCK_STREAM or SOCK_DGRAM.
    Client(int type, std::uint16_t port);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    int fd() const { return fd_; }
    void send(const std::string& bytes) const;
    /// What the next read gives, and its errno; empty with errno 0 at the peer's FIN.
    std::pair<std::string, int> receive() const;
    /// Reads until FIN or an error: all bytes, and the errno.
    std::pair<std::string, int> receive_all() const;

  private:
    int fd_;
};

}  // namespace whylink::lab
