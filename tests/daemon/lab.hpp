// The lab of one test: its namespaces, and servers in them that can be stopped and changed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "support/certificates.hpp"
#include "support/dns_server.hpp"
#include "support/stream_server.hpp"
#include "support/topology.hpp"

namespace whylink::daemon_test {

inline constexpr const char* host = "db.corp.test";

/// Of `host`; made at the first call.
const lab::Certificates& certificates();

/// Behaves as lab::speaks() with a good certificate of `host`.
lab::StreamBehaviour good_tls();

/// A TCP server on the server side that comes and goes. What has the address while it is stopped answers with
/// RST.
class Server {
  public:
    Server(const lab::Topology& net, const std::string& address, std::uint16_t port,
           const lab::StreamBehaviour& behaviour);

    void stop();
    /// Also in place of what runs.
    void start(const lab::StreamBehaviour& behaviour);

  private:
    lab::Place place_;
    std::unique_ptr<lab::ServerLoop> loop_;
};

/// A name server on the server side, at port 53.
class NameServer {
  public:
    /// `zone` as lab::DnsZone::parse() takes it.
    NameServer(const lab::Topology& net, const std::string& address, const std::string& zone);

    void stop();
    void start(const std::string& zone);

  private:
    lab::Place place_;
    std::unique_ptr<lab::ServerLoop> loop_;
};

/// A file of the sandbox's own, replaced as a whole.
void write_file(const std::filesystem::path& path, const std::string& content);
std::string read_file(const std::filesystem::path& path);

}  // namespace whylink::daemon_test
