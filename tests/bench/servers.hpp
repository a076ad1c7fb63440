// The peers that the benchmarks talk to: processes of their own, so that their CPU time is not counted as
// ours.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace whylink::bench {

/// Where a server listens.
enum class Reach : std::uint8_t {
    one_address,    ///< 127.0.0.1
    every_address,  ///< of this network namespace: all of 127.0.0.0/8, for targets by the thousand
};

/// A server on loopback in a child process; killed when this object ends, or with its parent.
class ServerProcess {
  public:
    /// Accepts, and closes when the client does.
    static ServerProcess tcp(Reach reach = Reach::one_address);
    /// One TLS 1.3 handshake with two session tickets for each connection.
    static ServerProcess tls(const std::string& cert_file, const std::string& key_file,
                             Reach reach = Reach::one_address);
    /// Answers every A query with 10.0.0.4, and AAAA with no data.
    static ServerProcess dns();

    ServerProcess(ServerProcess&& other) noexcept;
    ServerProcess& operator=(ServerProcess&&) = delete;
    ~ServerProcess();

    std::uint16_t port() const { return port_; }

  private:
    ServerProcess(pid_t pid, std::uint16_t port) : pid_(pid), port_(port) {}
    template <typename Serve>
    static ServerProcess spawn(int socket_type, Reach reach, Serve serve);

    pid_t pid_;
    std::uint16_t port_;
};

}  // namespace whylink::bench
