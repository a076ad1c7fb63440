#include "daemon/http/client.hpp"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <string_view>
#include <utility>

#include "daemon/report/report.hpp"

namespace whylink::daemon::http {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast::http;
using boost::system::error_code;
using net::ip::tcp;
using Clock = std::chrono::steady_clock;
using Outcome = std::variant<ClientAnswer, ClientFault>;

constexpr std::size_t max_header = std::size_t{16} << 10;

std::string base64(std::string_view text) {
    std::string result((text.size() + 2) / 3 * 4 + 1, '\0');
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(result.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    result.resize(static_cast<std::size_t>(size));
    return result;
}

std::string text_of(const ClientRequest& request) {
    std::string text = "GET " + request.target + " HTTP/1.1\r\nHost: " + request.authority +
                       "\r\nAccept-Encoding: identity\r\nConnection: close\r\n";
    if (!request.credentials.empty()) {
        text += "Authorization: Basic " + base64(request.credentials) + "\r\n";
    }
    return text + "\r\n";
}

/// One step after the other, none of them for longer than there is time.
class Exchange {
  public:
    explicit Exchange(const ClientRequest& request) : request_(request) {}

    ClientResult run() {
        ClientResult result;
        tcp::socket socket(io_);
        if (const auto fault = connect(socket)) {
            result.outcome = *fault;
            return result;
        }
        error_code ignored;
        result.peer = IpAddress::parse(socket.remote_endpoint(ignored).address().to_string());
        deadline_ = Clock::now() + request_.answer;
        result.outcome = request_.tls ? by_tls(std::move(socket)) : talk(socket);
        return result;
    }

  private:
    /// `start` gets what is to be called with the error at the step's end.
    template <class Start>
    error_code wait(Start start) {
        // The step may end when nobody waits for it any more.
        const auto result = std::make_shared<std::optional<error_code>>();
        start([result](const error_code& error, auto&&...) { *result = error; });
        io_.restart();
        io_.run_until(deadline_);
        return result->value_or(net::error::timed_out);
    }

    std::optional<ClientFault> connect(tcp::socket& socket) {
        deadline_ = Clock::now() + request_.connect;
        tcp::resolver resolver(io_);
        const auto found = std::make_shared<tcp::resolver::results_type>();
        const error_code unknown = wait([&](auto done) {
            resolver.async_resolve(
                request_.host, std::to_string(request_.port),
                [found, done](const error_code& error, const tcp::resolver::results_type& results) {
                    *found = results;
                    done(error);
                });
        });
        if (unknown) {
            return ClientFault::name;
        }
        const error_code error = wait([&](auto done) { net::async_connect(socket, *found, done); });
        return error ? std::optional(ClientFault::connect) : std::nullopt;
    }

    Outcome by_tls(tcp::socket socket) {
        net::ssl::context context(net::ssl::context::tls_client);
        error_code error;
        if (request_.ca_file.empty()) {
            context.set_default_verify_paths(error);
        } else {
            context.load_verify_file(request_.ca_file, error);
        }
        if (error) {
            return ClientFault::ca_file;
        }
        SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
        net::ssl::stream<tcp::socket> stream(std::move(socket), context);
        expect_host(stream.native_handle());
        if (wait([&](auto done) { stream.async_handshake(net::ssl::stream_base::client, done); })) {
            return SSL_get_verify_result(stream.native_handle()) == X509_V_OK ? ClientFault::handshake
                                                                              : ClientFault::certificate;
        }
        return talk(stream);
    }

    void expect_host(SSL* ssl) const {
        SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
        if (IpAddress::parse(request_.host)) {
            X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), request_.host.c_str());
            return;
        }
        SSL_set1_host(ssl, request_.host.c_str());
        SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(request_.host.c_str()));
    }

    template <class Stream>
    Outcome talk(Stream& stream) {
        const std::string text = text_of(request_);
        if (wait([&](auto done) { net::async_write(stream, net::buffer(text), done); })) {
            return ClientFault::exchange;
        }
        boost::beast::flat_buffer buffer;
        beast::response_parser<beast::string_body> parser;
        parser.header_limit(max_header);
        parser.body_limit(request_.max_body);
        const error_code error = wait([&](auto done) { beast::async_read(stream, buffer, parser, done); });
        if (error == beast::error::body_limit) {
            return ClientFault::too_large;
        }
        if (error) {
            return ClientFault::exchange;
        }
        const auto& message = parser.get();
        // What was not asked for is not unpacked: a few kilobytes may come to gigabytes.
        if (message.count(beast::field::content_encoding) > 0) {
            return ClientFault::exchange;
        }
        const auto header = message[exit_status_header];
        return ClientAnswer{message.result_int(), std::string(header.data(), header.size()), message.body()};
    }

    const ClientRequest& request_;
    net::io_context io_{1};
    Clock::time_point deadline_;
};

}  // namespace

ClientResult ask(const ClientRequest& request) {
    return Exchange(request).run();
}

}  // namespace whylink::daemon::http
