// A TLS server for one connection that tells what its client showed and said.
#pragma once

#include <cstdint>
#include <string>
#include <thread>

#include "support/server_tls.hpp"

namespace whylink::lab {

class TlsWitness {
  public:
    struct Seen {
        bool connected = false;
        bool client_certificate = false;
        std::string said;  ///< inside TLS
    };

    /// On loopback. Throws std::system_error when it cannot listen.
    explicit TlsWitness(const TlsService& service);
    ~TlsWitness();
    TlsWitness(const TlsWitness&) = delete;
    TlsWitness& operator=(const TlsWitness&) = delete;

    std::uint16_t port() const { return port_; }
    /// Once the client has ended the connection.
    Seen seen();

  private:
    void serve();

    ServerContext context_;
    std::uint16_t port_ = 0;
    int listener_;  ///< behind the port, which is set with it
    Seen seen_;
    std::thread thread_;
};

}  // namespace whylink::lab
