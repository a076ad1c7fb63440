#include "daemon/http/transport.hpp"

#include <openssl/ssl.h>

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <utility>

namespace whylink::daemon::http {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

class Plain final : public Transport {
  public:
    explicit Plain(tcp::socket socket) : socket_(std::move(socket)) {}

    tcp::socket& socket() override { return socket_; }
    void handshake(Done done) override {
        boost::asio::post(socket_.get_executor(), [done = std::move(done)] { done({}); });
    }
    void read(boost::asio::mutable_buffer to, Moved done) override {
        socket_.async_read_some(to, std::move(done));
    }
    void write(const Buffers& from, Moved done) override { socket_.async_write_some(from, std::move(done)); }
    void end(Done done) override {
        error_code error;
        socket_.shutdown(tcp::socket::shutdown_send, error);
        boost::asio::post(socket_.get_executor(), [done = std::move(done), error] { done(error); });
    }

  private:
    tcp::socket socket_;
};

/// Boost's context frees what it is given.
SSL_CTX* shared(SSL_CTX& context) {
    SSL_CTX_up_ref(&context);
    return &context;
}

class Tls final : public Transport {
  public:
    Tls(tcp::socket socket, SSL_CTX& context)
        : context_(shared(context)), stream_(std::move(socket), context_) {}

    tcp::socket& socket() override { return stream_.next_layer(); }
    void handshake(Done done) override {
        stream_.async_handshake(boost::asio::ssl::stream_base::server, std::move(done));
    }
    void read(boost::asio::mutable_buffer to, Moved done) override {
        stream_.async_read_some(to, std::move(done));
    }
    void write(const Buffers& from, Moved done) override { stream_.async_write_some(from, std::move(done)); }
    void end(Done done) override {
        // It waits for the peer's own end, which TLS 1.3 does not ask for.
        stream_.async_shutdown(std::move(done));
    }

  private:
    boost::asio::ssl::context context_;
    boost::asio::ssl::stream<tcp::socket> stream_;
};

}  // namespace

std::unique_ptr<Transport> plain_transport(tcp::socket socket) {
    return std::make_unique<Plain>(std::move(socket));
}

std::unique_ptr<Transport> tls_transport(tcp::socket socket, ssl_ctx_st& context) {
    return std::make_unique<Tls>(std::move(socket), context);
}

}  // namespace whylink::daemon::http
