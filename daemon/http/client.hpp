// One request to a daemon, bounded in time and memory whoever answers.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "config/address.hpp"

namespace whylink::daemon::http {

struct ClientRequest {
    bool tls = false;
    std::string host;  ///< a name or an address, without brackets
    std::uint16_t port = 80;
    std::string authority;    ///< for the Host header
    std::string target;       ///< path and query, encoded
    std::string credentials;  ///< "user:password"; empty: none
    std::string ca_file;      ///< empty: the system's store
    std::chrono::milliseconds connect = std::chrono::seconds(5);
    std::chrono::milliseconds answer =
        std::chrono::seconds(15);                  ///< the whole of it, the TLS handshake included
    std::size_t max_body = std::size_t{64} << 20;  ///< bytes; compression is not asked for and not taken
};

struct ClientAnswer {
    unsigned status = 0;
    std::string exit_status;  ///< of the header of that name; empty when absent
    std::string body;
};

enum class ClientFault { name, connect, ca_file, handshake, certificate, exchange, too_large };

struct ClientResult {
    std::variant<ClientAnswer, ClientFault> outcome = ClientFault::connect;
    std::optional<IpAddress> peer;  ///< whom it was connected to
};

ClientResult ask(const ClientRequest& request);

}  // namespace whylink::daemon::http
