#include "support/stream_server.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <string>

#include "client.hpp"
#include "support/certificates.hpp"

namespace whylink::lab {
namespace {

const Place loopback{nullptr, IpAddress::v4({127, 0, 0, 1}), 0};

const Certificates& certificates() {
    static const Certificates made("db.test");
    return made;
}

// A handshake that verifies nothing, and what came of it.
class TlsClient {
  public:
    TlsClient(std::uint16_t port, const std::string& server_name)
        : client_(SOCK_STREAM, port),
          context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free),
          ssl_(SSL_new(context_.get()), &SSL_free) {
        ERR_clear_error();
        SSL_set_min_proto_version(ssl_.get(), TLS1_2_VERSION);
        SSL_set_fd(ssl_.get(), client_.fd());
        // What SSL_set_tlsext_host_name does, whose macro casts in the old style.
        std::string name = server_name;
        SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
        good_ = SSL_connect(ssl_.get()) == 1;
        error_ = errno;
        reason_ = ERR_GET_REASON(ERR_peek_last_error());
    }

    bool good() const { return good_; }
    int error() const { return error_; }
    int reason() const { return reason_; }
    std::string version() const { return SSL_get_version(ssl_.get()); }
    std::string echo(const std::string& text) {
        SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size()));
        return receive();
    }
    std::string receive() {
        std::string back(100, '\0');
        const int n = SSL_read(ssl_.get(), back.data(), static_cast<int>(back.size()));
        error_ = errno;
        reason_ = ERR_GET_REASON(ERR_peek_last_error());
        return back.substr(0, n > 0 ? static_cast<std::size_t>(n) : 0);
    }

  private:
    Client client_;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
    bool good_ = false;
    int error_ = 0;
    int reason_ = 0;
};

class StreamServer : public testing::Test {
  protected:
    std::uint16_t serve(const StreamBehaviour& behaviour) {
        return start_stream_server(loop_, loopback, behaviour);
    }

  private:
    ServerLoop loop_;
};

TEST_F(StreamServer, ResetsAtAccept) {
    const Client client(SOCK_STREAM, serve(reset_at_accept()));
    EXPECT_EQ(client.receive().second, ECONNRESET);
}

TEST_F(StreamServer, ClosesAtAccept) {
    const Client client(SOCK_STREAM, serve(close_at_accept()));
    EXPECT_EQ(client.receive(), std::pair(std::string(), 0));
}

TEST_F(StreamServer, ResetsOnceItHasReadSomething) {
    const Client client(SOCK_STREAM, serve(reset_after_read()));
    char byte = 0;
    EXPECT_EQ(recv(client.fd(), &byte, 1, MSG_DONTWAIT), -1);
    EXPECT_EQ(errno, EAGAIN) << "the connection stays up until then";
    client.send("x");
    EXPECT_EQ(client.receive().second, ECONNRESET);
}

TEST_F(StreamServer, ClosesOnceItHasReadSomething) {
    const Client client(SOCK_STREAM, serve(close_after_read()));
    client.send("x");
    EXPECT_EQ(client.receive(), std::pair(std::string(), 0));
}

TEST_F(StreamServer, RepliesAndCloses) {
    const Client client(SOCK_STREAM, serve(replies("HTTP/1.1 400\r\n")));
    client.send("x");
    EXPECT_EQ(client.receive_all(), std::pair(std::string("HTTP/1.1 400\r\n"), 0));
}

TEST_F(StreamServer, GreetsUnasked) {
    const Client client(SOCK_STREAM, serve(greets("SSH-2.0-x\r\n")));
    EXPECT_EQ(client.receive().first, "SSH-2.0-x\r\n");
}

TEST_F(StreamServer, Echoes) {
    const Client client(SOCK_STREAM, serve(echoes()));
    client.send("twice");
    EXPECT_EQ(client.receive().first, "twice");
}

TEST_F(StreamServer, SendsAsMuchAsAsked) {
    StreamBehaviour behaviour = greets(std::string(1024, '#'));
    behaviour.send_total = 1U << 20;
    behaviour.ending = Ending::close;
    const Client client(SOCK_STREAM, serve(behaviour));
    EXPECT_EQ(client.receive_all().first.size(), 1U << 20);
}

TEST_F(StreamServer, SendsAnAlert) {
    constexpr std::uint8_t unrecognized_name = 112;
    const TlsClient client(serve(alerts(unrecognized_name)), "db.test");
    EXPECT_EQ(client.reason(), SSL_R_TLSV1_UNRECOGNIZED_NAME);
}

TEST_F(StreamServer, SpeaksTls) {
    TlsClient client(serve(speaks(certificates().service("good"))), "db.test");
    ASSERT_TRUE(client.good());
    EXPECT_EQ(client.version(), "TLSv1.3");
    EXPECT_EQ(client.echo("inside"), "inside");
}

TEST_F(StreamServer, SpeaksNoMoreThanItIsToldTo) {
    TlsService old = certificates().service("good");
    old.max_version = 0x0303;
    EXPECT_EQ(TlsClient(serve(speaks(old)), "db.test").version(), "TLSv1.2");
    old.max_version = 0x0302;
    EXPECT_EQ(TlsClient(serve(speaks(old)), "db.test").reason(), SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
}

TEST_F(StreamServer, WantsAClientCertificate) {
    TlsClient client(serve(speaks(certificates().service_for_clients())), "db.test");
    EXPECT_TRUE(client.good()) << "TLS 1.3 refuses after the handshake";
    EXPECT_EQ(client.echo("x"), "");
    EXPECT_EQ(client.reason(), SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED);
}

TEST_F(StreamServer, StopsInTheHandshake) {
    const TlsClient reset(serve(stops_in_handshake(certificates().service("good"), 1, Ending::reset)),
                          "db.test");
    EXPECT_FALSE(reset.good());
    EXPECT_EQ(reset.error(), ECONNRESET);
    const TlsClient closed(serve(stops_in_handshake(certificates().service("good"), 1, Ending::close)),
                           "db.test");
    EXPECT_FALSE(closed.good());
    EXPECT_EQ(closed.reason(), SSL_R_UNEXPECTED_EOF_WHILE_READING);
}

TEST_F(StreamServer, StopsAfterTheHandshake) {
    TlsClient client(serve(stops_after_handshake(certificates().service("good"), Ending::reset)), "db.test");
    ASSERT_TRUE(client.good());
    EXPECT_EQ(client.receive(), "");
    EXPECT_EQ(client.error(), ECONNRESET);
}

TEST_F(StreamServer, ChoosesByServerName) {
    StreamBehaviour behaviour = speaks(certificates().service("good"));
    behaviour.by_name = {{"blocked.test", reset_after_read()}};
    const auto port = serve(behaviour);
    EXPECT_TRUE(TlsClient(port, "db.test").good());
    const TlsClient blocked(port, "blocked.test");
    EXPECT_FALSE(blocked.good());
    EXPECT_EQ(blocked.error(), ECONNRESET);
}

}  // namespace
}  // namespace whylink::lab
