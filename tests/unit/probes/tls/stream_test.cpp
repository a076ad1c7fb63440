#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "probes/tls/tls.hpp"
#include "support/server_tls.hpp"
#include "tests/unit/probes/exchange_fixture.hpp"

namespace whylink::probes {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Opened {
    Observation observation;
    TlsFacts facts;
    StreamPtr stream;
};

Opened open(asio::io_context& loop, const TlsProbe& probe) {
    TlsResult result = run_probe(loop, open_tls(probe, connect_to(loop, probe.port)));
    Opened opened{std::move(result.observation), {}, std::move(result.stream)};
    opened.facts = get<TlsFacts>(opened.observation.facts);
    return opened;
}

class OpenTls : public testing::Test {
  protected:
    Opened open(const lab::StreamBehaviour& behaviour) {
        return probes::open(loop_, tls_probe(serve(behaviour)));
    }
    std::uint16_t serve(const lab::StreamBehaviour& behaviour) {
        return lab::start_stream_server(servers_, {nullptr, loopback_v4, 0}, behaviour);
    }

    asio::io_context loop_;
    lab::ServerLoop servers_;
};

/// A server on blocking calls, its handshake made.
std::function<void(int)> speaks_tls(const lab::TlsService& service, std::function<void(SSL*, int)> act) {
    return [context = lab::make_server_context(service), act = std::move(act)](int fd) {
        const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), &SSL_free);
        SSL_set_fd(ssl.get(), fd);
        EXPECT_EQ(SSL_accept(ssl.get()), 1);
        act(ssl.get(), fd);
    };
}

TEST_F(OpenTls, CarriesTheApplication) {
    const std::string much(1U << 20U, 'x');
    std::string arrived;
    OnePeer peer(speaks_tls(tls_service(), [&](SSL* ssl, int fd) {
        std::string buffer(65536, '\0');
        while (arrived.size() < much.size()) {
            const int size = SSL_read(ssl, buffer.data(), static_cast<int>(buffer.size()));
            ASSERT_GT(size, 0);
            arrived.append(buffer, 0, static_cast<std::size_t>(size));
        }
        SSL_write(ssl, much.data(), static_cast<int>(much.size()));
        SSL_shutdown(ssl);
        ::shutdown(fd, SHUT_WR);
        becomes_readable(fd);
    }));
    const Opened opened = probes::open(loop_, tls_probe(peer.port()));
    EXPECT_EQ(opened.facts.progress, TlsProgress::complete);
    EXPECT_EQ(opened.facts.version, "TLSv1.3");
    EXPECT_FALSE(opened.facts.chain.empty());
    ASSERT_TRUE(opened.stream);
    EXPECT_EQ(run_probe(loop_, say_and_hear(loop_, *opened.stream, much)), much);
    EXPECT_EQ(arrived, much);
    const StreamStatus& status = opened.stream->status();
    EXPECT_TRUE(status.closed);
    EXPECT_EQ(status.error, 0);
    EXPECT_NE(status.end, StreamEnd::rst);
    EXPECT_THAT(status.alerts, ElementsAre(Field(&TlsAlert::description, 0)));
    EXPECT_EQ(status.library_error, "");
}

class EarlyData : public OpenTls, public testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(Tls, EarlyData, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

TEST_P(EarlyData, OfAServerThatSpeaksFirstIsTheStreamsFirst) {
    lab::StreamBehaviour behaviour = lab::speaks(tls_service());
    behaviour.tls->max_version = GetParam();
    behaviour.tls->tickets = 0;
    // More than a record, so that not all of it is read at once.
    behaviour.send = "220 " + std::string(40000, 'x');
    behaviour.echo = false;
    behaviour.ending = lab::Ending::close;
    const Opened opened = open(behaviour);
    EXPECT_TRUE(opened.facts.message_after_handshake);
    EXPECT_EQ(opened.facts.end, StreamEnd::none);
    ASSERT_TRUE(opened.stream);
    EXPECT_EQ(run_probe(loop_, hear(loop_, *opened.stream)), behaviour.send);
    EXPECT_EQ(opened.stream->status().end, StreamEnd::fin);
}

TEST_F(OpenTls, AResetInTheMiddleIsNotedAfterWhatCame) {
    lab::StreamBehaviour behaviour = lab::speaks(tls_service());
    behaviour.echo = false;
    behaviour.read_first = true;
    behaviour.send = "half a rep";
    behaviour.ending = lab::Ending::reset;
    const Opened opened = open(behaviour);
    ASSERT_TRUE(opened.stream);
    EXPECT_EQ(run_probe(loop_, say_and_hear(loop_, *opened.stream, "hello")), "half a rep");
    EXPECT_TRUE(opened.stream->status().closed);
    EXPECT_EQ(opened.stream->status().end, StreamEnd::rst);
    EXPECT_EQ(opened.stream->status().error, ECONNRESET);
}

TEST_F(OpenTls, AnEndWithoutCloseNotifyIsAFin) {
    lab::StreamBehaviour behaviour = lab::speaks(tls_service());
    behaviour.echo = false;
    behaviour.read_first = true;
    behaviour.ending = lab::Ending::close;
    const Opened opened = open(behaviour);
    ASSERT_TRUE(opened.stream);
    EXPECT_EQ(run_probe(loop_, say_and_hear(loop_, *opened.stream, "hello")), "");
    EXPECT_EQ(opened.stream->status().end, StreamEnd::fin);
    EXPECT_EQ(opened.stream->status().error, 0);
    EXPECT_THAT(opened.stream->status().alerts, IsEmpty());
}

TEST_F(OpenTls, GivesAStreamThatIsClosedWhereThatIsAskedFor) {
    TlsProbe probe = tls_probe(serve(lab::stops_after_handshake(tls_service(), lab::Ending::close)));
    probe.hand_on_closed = true;
    const Opened opened = probes::open(loop_, probe);
    ASSERT_TRUE(opened.stream);
    EXPECT_EQ(run_probe(loop_, say_and_hear(loop_, *opened.stream, "hello")), "");
    EXPECT_TRUE(opened.stream->status().closed);
    EXPECT_EQ(opened.stream->status().end, StreamEnd::fin);
}

TEST_F(OpenTls, GivesNoClosedStreamOfAServerThatRefuses) {
    TlsProbe probe = tls_probe(serve(lab::speaks(tls_service_for_clients())));
    probe.hand_on_closed = true;
    EXPECT_FALSE(probes::open(loop_, probe).stream);
    probe = tls_probe(serve(lab::stops_after_handshake(tls_service(), lab::Ending::reset)));
    probe.hand_on_closed = true;
    EXPECT_FALSE(probes::open(loop_, probe).stream);
}

TEST_F(OpenTls, GivesNoStreamWhereTheConnectionIsNotGood) {
    lab::TlsService wrong = tls_service();
    wrong.certificate = certificate_of_another_name().certificate;
    wrong.key = certificate_of_another_name().key;
    EXPECT_FALSE(open(lab::speaks(wrong)).stream);
    EXPECT_FALSE(open(lab::stops_after_handshake(tls_service(), lab::Ending::close)).stream);
    EXPECT_FALSE(open(lab::stops_in_handshake(tls_service(), 1, lab::Ending::close)).stream);
    EXPECT_FALSE(open(lab::greets("SSH-2.0-OpenSSH_9.2\r\n")).stream);
    const Opened refused = open(lab::speaks(tls_service_for_clients()));
    EXPECT_FALSE(refused.stream);
    EXPECT_THAT(refused.facts.alerts, Not(IsEmpty()));
}

TEST_F(OpenTls, WithoutVerificationAnyCertificateWillDo) {
    lab::TlsService wrong = tls_service();
    wrong.certificate = certificate_of_another_name().certificate;
    wrong.key = certificate_of_another_name().key;
    TlsProbe probe = tls_probe(serve(lab::speaks(wrong)));
    probe.verify = false;
    const Opened opened = probes::open(loop_, probe);
    EXPECT_TRUE(opened.stream);
    EXPECT_THAT(opened.facts.verify_faults, Not(IsEmpty()));
}

/// In TLS 1.3 a server's verdict may come as late as it likes.
TEST_F(OpenTls, AClientCertificateRefusedLateShowsInTheStream) {
    std::promise<void> speaking;
    OnePeer peer([&, context = lab::make_server_context(tls_service_for_clients())](int fd) {
        lab::ServerTls tls(context);
        std::string bytes(65536, '\0');
        const auto feed = [&] {
            const ssize_t size = ::recv(fd, bytes.data(), bytes.size(), 0);
            tls.feed(std::string_view(bytes).substr(0, size > 0 ? static_cast<std::size_t>(size) : 0));
        };
        feed();
        EXPECT_EQ(tls.handshake(), lab::ServerTls::Progress::wants_input);
        transmit(fd, tls.take_output());
        speaking.get_future().wait();
        while (tls.handshake() == lab::ServerTls::Progress::wants_input) {
            feed();
        }
        transmit(fd, tls.take_output());
        ::shutdown(fd, SHUT_WR);
        while (::recv(fd, bytes.data(), bytes.size(), 0) > 0) {
        }
    });
    const Opened opened = probes::open(loop_, tls_probe(peer.port()));
    speaking.set_value();
    EXPECT_THAT(opened.facts.alerts, IsEmpty());
    EXPECT_FALSE(opened.facts.message_after_handshake);
    ASSERT_TRUE(opened.stream);
    EXPECT_EQ(run_probe(loop_, say_and_hear(loop_, *opened.stream, "hello")), "");
    EXPECT_TRUE(opened.stream->status().closed);
    EXPECT_THAT(opened.stream->status().alerts, Contains(Field(&TlsAlert::description, 116)));
    EXPECT_NE(opened.stream->status().library_error, "");
}

TEST_F(OpenTls, SilenceIsATimeOutAndNoEnd) {
    const Opened opened = open(lab::speaks(tls_service()));
    ASSERT_TRUE(opened.stream);
    Deadline deadline(loop_.get_executor(), Deadline::Clock::now() + 10ms);
    EXPECT_EQ(run_probe(loop_, opened.stream->read(deadline)), "");
    EXPECT_TRUE(opened.stream->status().timed_out);
    EXPECT_FALSE(opened.stream->status().closed);
}

TEST_F(OpenTls, TicketsWithoutEndAreGivenUp) {
    OnePeer peer(speaks_tls(tls_service(), [](SSL* ssl, int fd) {
        char byte = 0;
        SSL_read(ssl, &byte, 1);
        // OpenSSL takes no notice of a client that is gone while it sends tickets.
        const auto is_up = [fd] {
            char any = 0;
            return ::recv(fd, &any, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
        };
        while (is_up() && SSL_new_session_ticket(ssl) == 1 && SSL_do_handshake(ssl) == 1) {
        }
    }));
    const Opened opened = probes::open(loop_, tls_probe(peer.port()));
    ASSERT_TRUE(opened.stream);
    EXPECT_EQ(run_probe(loop_, say_and_hear(loop_, *opened.stream, "hello")), "");
    EXPECT_TRUE(opened.stream->status().closed);
    EXPECT_THAT(opened.stream->status().library_error, HasSubstr("without application data"));
}

TEST_F(OpenTls, KeyUpdatesWithoutEndAreGivenUp) {
    OnePeer peer(speaks_tls(tls_service(), [](SSL* ssl, int fd) {
        char byte = 0;
        SSL_read(ssl, &byte, 1);
        const auto is_up = [fd] {
            char any = 0;
            return ::recv(fd, &any, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
        };
        while (is_up() && SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1 &&
               SSL_do_handshake(ssl) == 1) {
        }
    }));
    const Opened opened = probes::open(loop_, tls_probe(peer.port()));
    ASSERT_TRUE(opened.stream);
    EXPECT_EQ(run_probe(loop_, say_and_hear(loop_, *opened.stream, "hello")), "");
    EXPECT_THAT(opened.stream->status().library_error, HasSubstr("64 handshake messages"));
}

/// RFC 5246 section 7.4.1.1. False: the client declines.
bool renegotiate(SSL* ssl) {
    SSL_clear_mode(ssl, SSL_MODE_AUTO_RETRY);
    if (SSL_renegotiate(ssl) != 1 || SSL_do_handshake(ssl) != 1) {
        return false;
    }
    while (SSL_renegotiate_pending(ssl) == 1) {
        char any = 0;
        const int got = SSL_peek(ssl, &any, 1);
        if (got <= 0 && SSL_get_error(ssl, got) != SSL_ERROR_WANT_READ) {
            return false;
        }
    }
    return true;
}

/// As servers do that ask for a client certificate only where a path needs it.
std::string heard_after_renegotiations(asio::io_context& loop, int count) {
    auto tls = tls_service();
    tls.max_version = TLS1_2_VERSION;
    OnePeer peer(speaks_tls(tls, [count](SSL* ssl, int) {
        char byte = 0;
        SSL_read(ssl, &byte, 1);
        int made = 0;
        while (made < count && renegotiate(ssl)) {
            ++made;
        }
        if (made == count) {
            SSL_write(ssl, "world", 5);
        }
    }));
    const Opened opened = probes::open(loop, tls_probe(peer.port()));
    if (!opened.stream) {
        return "no stream";
    }
    return run_probe(loop, say_and_hear(loop, *opened.stream, "h"));
}

TEST_F(OpenTls, AServerMayRenegotiate) {
    EXPECT_EQ(heard_after_renegotiations(loop_, 2), "world");
}

TEST_F(OpenTls, AServerMayNotRenegotiateWithoutEnd) {
    EXPECT_EQ(heard_after_renegotiations(loop_, 5), "");
}

TEST_F(OpenTls, SaysGoodbyeAndTheFarewellThatItOwes) {
    for (const std::string farewell : {"", "QUIT\r\n"}) {
        std::string heard(64, '\0');
        int shut_down = 0;
        OnePeer peer(speaks_tls(tls_service(), [&](SSL* ssl, int) {
            const int size = SSL_read(ssl, heard.data(), static_cast<int>(heard.size()));
            heard.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
            char byte = 0;
            EXPECT_LE(SSL_read(ssl, &byte, 1), 0);
            shut_down = SSL_get_shutdown(ssl);
        }));
        {
            const Opened opened = probes::open(loop_, tls_probe(peer.port()));
            ASSERT_TRUE(opened.stream);
            opened.stream->owe_farewell(farewell);
        }
        peer.join();
        EXPECT_EQ(heard, farewell);
        EXPECT_EQ(shut_down & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
    }
}

}  // namespace
}  // namespace whylink::probes
