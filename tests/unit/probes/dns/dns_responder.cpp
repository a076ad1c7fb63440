#include "dns_responder.hpp"

#include <algorithm>
#include <asio/buffer.hpp>
#include <asio/ip/address.hpp>
#include <asio/write.hpp>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace whylink::probes::testing {
namespace {

using asio::ip::tcp;
using asio::ip::udp;

/// UDP and TCP need the same port: tried until one is free in both.
void bind_both(udp::socket& datagrams, tcp::acceptor& acceptor, const asio::ip::address& address) {
    for (int attempt = 0; attempt < 100; ++attempt) {
        const udp::endpoint any(address, 0);
        datagrams = udp::socket(datagrams.get_executor(), any);
        const tcp::endpoint same(address, datagrams.local_endpoint().port());
        acceptor = tcp::acceptor(acceptor.get_executor(), same.protocol());
        std::error_code error;
        acceptor.bind(same, error);
        if (!error) {
            return;
        }
    }
    throw std::runtime_error("no port is free for UDP and TCP");
}

}  // namespace

Responder::Responder(asio::io_context& loop, Script script, const std::string& address)
    : loop_(loop), script_(std::move(script)), address_(ip(address)), datagrams_(loop), acceptor_(loop) {
    bind_both(datagrams_, acceptor_, asio::ip::make_address(address));
    port_ = datagrams_.local_endpoint().port();
    if (script_.answer_from_elsewhere) {
        elsewhere_.emplace(loop, udp::endpoint(asio::ip::make_address("127.0.0.2"), 0));
    }
    if (script_.stream) {
        acceptor_.listen();
        accept();
    }
    receive();
}

Query Responder::read_query(const std::uint8_t* data, std::size_t size, bool over_tcp) {
    Query query;
    query.id = static_cast<std::uint16_t>(data[0] << 8 | data[1]);
    query.edns = data[11] == 1;
    std::size_t at = NS_HFIXEDSZ;
    while (at < size && data[at] != 0) {
        query.name += query.name.empty() ? "" : ".";
        query.name.append(data + at + 1, data + at + 1 + data[at]);
        at += 1 + data[at];
    }
    query.type = data[at + 2] == ns_t_aaaa ? RecordType::aaaa : RecordType::a;
    seen_.emplace_back(query.type, over_tcp);
    query.number = static_cast<unsigned>(std::ranges::count(seen_, seen_.back()));
    queries_.push_back(query);
    return query;
}

void Responder::receive() {
    datagrams_.async_receive_from(asio::buffer(buffer_), from_,
                                  [this](std::error_code error, std::size_t size) {
                                      if (error) {
                                          return;
                                      }
                                      const Query query = read_query(buffer_.data(), size, false);
                                      queries_.back().from_port = from_.port();
                                      for (const Bytes& reply : script_.datagrams(query)) {
                                          (elsewhere_ ? *elsewhere_ : datagrams_)
                                              .send_to(asio::buffer(reply.data(), reply.size()), from_);
                                      }
                                      receive();
                                  });
}

void Responder::accept() {
    acceptor_.async_accept([this](std::error_code error, tcp::socket stream) {
        if (error) {
            return;
        }
        streams_.push_back(std::move(stream));
        serve(streams_.back());
        accept();
    });
}

void Responder::serve(tcp::socket& stream) {
    // Queries of the tests come in one segment.
    stream.async_receive(
        asio::buffer(stream_buffer_), [this, &stream](std::error_code error, std::size_t size) {
            if (error || size < 2) {
                return;
            }
            const StreamAnswer answer = script_.stream(read_query(stream_buffer_.data() + 2, size - 2, true));
            std::error_code ignored;
            asio::write(stream, asio::buffer(answer.bytes.data(), answer.bytes.size()), ignored);
            if (answer.reset) {
                stream.set_option(tcp::socket::linger(true, 0));
            }
            if (answer.close || answer.reset) {
                stream.close();
            } else {
                serve(stream);
            }
        });
}

std::uint16_t closed_port(const std::string& address) {
    asio::io_context loop;
    udp::socket datagrams(loop);
    tcp::acceptor acceptor(loop);
    bind_both(datagrams, acceptor, asio::ip::make_address(address));
    return datagrams.local_endpoint().port();
}

}  // namespace whylink::probes::testing
