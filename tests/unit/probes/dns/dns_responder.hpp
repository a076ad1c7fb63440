// A name server for one test: says what a script tells it to, over UDP and TCP on one port, on the test's own
// loop.
#pragma once

#include <array>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "dns_bytes.hpp"

namespace whylink::probes::testing {

/// A query as the server got it.
struct Query {
    std::uint16_t id = 0;
    RecordType type = RecordType::a;
    std::string name;
    bool edns = false;
    unsigned number = 1;          ///< of this type and transport, from 1
    std::uint16_t from_port = 0;  ///< over UDP
    /// An answer to it without records yet.
    Reply reply() const { return {id, name, type}; }
};

/// What to do over TCP once the query is there.
struct StreamAnswer {
    Bytes bytes;  ///< as they go on the wire, lengths included
    bool close = false;
    bool reset = false;
};

struct Script {
    std::function<std::vector<Bytes>(const Query&)> datagrams = [](const Query&) {
        return std::vector<Bytes>();
    };
    /// Absent: nothing listens on TCP.
    std::function<StreamAnswer(const Query&)> stream;
    /// Replies leave from another address than the one that was asked.
    bool answer_from_elsewhere = false;
};

/// A message with its length before it (RFC 1035 section 4.2.2).
inline Bytes with_length(const Bytes& message) {
    return bytes_16(static_cast<unsigned>(message.size())) + message;
}

class Responder {
  public:
    Responder(asio::io_context& loop, Script script, const std::string& address = "127.0.0.1");

    IpAddress address() const { return address_; }
    std::uint16_t port() const { return port_; }
    /// Every query in the order of arrival, UDP and TCP.
    const std::vector<Query>& queries() const { return queries_; }

  private:
    void receive();
    void accept();
    void serve(asio::ip::tcp::socket& stream);
    Query read_query(const std::uint8_t* data, std::size_t size, bool over_tcp);

    asio::io_context& loop_;
    Script script_;
    IpAddress address_;
    std::uint16_t port_ = 0;
    asio::ip::udp::socket datagrams_;
    std::optional<asio::ip::udp::socket> elsewhere_;
    asio::ip::tcp::acceptor acceptor_;
    std::list<asio::ip::tcp::socket> streams_;
    asio::ip::udp::endpoint from_;
    std::array<std::uint8_t, 1500> buffer_{};
    std::array<std::uint8_t, 1500> stream_buffer_{};
    std::vector<Query> queries_;
    std::vector<std::pair<RecordType, bool>> seen_;
};

/// A port of the address on which nothing listens, neither UDP nor TCP.
std::uint16_t closed_port(const std::string& address);

}  // namespace whylink::probes::testing
