// The bytes of one connection, plain or by TLS, so that what is above is compiled once.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <functional>
#include <memory>

struct ssl_ctx_st;

namespace whylink::daemon::http {

class Transport {
  public:
    using Done = std::function<void(const boost::system::error_code&)>;
    using Moved = std::function<void(const boost::system::error_code&, std::size_t)>;
    using Buffers = std::array<boost::asio::const_buffer, 2>;

    virtual ~Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    virtual boost::asio::ip::tcp::socket& socket() = 0;
    virtual void handshake(Done done) = 0;
    /// Some bytes.
    virtual void read(boost::asio::mutable_buffer to, Moved done) = 0;
    /// Some bytes.
    virtual void write(const Buffers& from, Moved done) = 0;
    /// Tells the peer that there is no more to come.
    virtual void end(Done done) = 0;

  protected:
    Transport() = default;
};

std::unique_ptr<Transport> plain_transport(boost::asio::ip::tcp::socket socket);
std::unique_ptr<Transport> tls_transport(boost::asio::ip::tcp::socket socket, ssl_ctx_st& context);

}  // namespace whylink::daemon::http
