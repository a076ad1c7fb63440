#include "probes/app/app.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <cerrno>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "support/server_tls.hpp"
#include "tests/unit/probes/exchange_fixture.hpp"

namespace whylink::probes {
namespace {

using namespace std::chrono_literals;

/// Asks, and is served by a line. With `upgrade` that line is the consent to TLS, and the question comes
/// after it.
class LineCodec : public Codec {
  public:
    std::string question = "PING\n";
    std::string farewell;
    bool upgrade = false;
    bool minds = false;

    Next start(std::string& out) override {
        out = upgrade ? "STARTTLS\n" : question;
        return Next::read;
    }
    Next received(std::string_view bytes, std::string& out) override {
        said_ += bytes;
        if (!said_.ends_with('\n')) {
            return Next::read;
        }
        if (upgrade && !upgraded_) {
            return Next::start_tls;
        }
        served_ = true;
        out = farewell;
        return Next::done;
    }
    Next tls_started(std::string& out) override {
        upgraded_ = true;
        said_.clear();
        out = question;
        return Next::read;
    }
    void ended() override { ended_ = true; }
    bool minds_reset() const override { return minds; }
    void report(AppFacts& facts) const override {
        facts.protocol = "line";
        facts.reply = served_ ? AppReply::served : ended_ ? AppReply::cannot_serve : AppReply::none;
        facts.said = said_.substr(0, 200);
    }

  private:
    std::string said_;
    bool upgraded_ = false;
    bool served_ = false;
    bool ended_ = false;
};

struct Client {
    LineCodec codec;
    std::chrono::milliseconds timeout = generous;
    bool tls = false;
    bool keep = false;
};

struct Outcome {
    std::optional<Observation> tls;
    std::optional<Observation> observation;
    AppFacts facts;
    StreamPtr stream;
};

AppProbe probe_of(std::uint16_t port, const Client& client) {
    AppProbe probe;
    probe.address = loopback_v4;
    probe.port = port;
    probe.timeout = client.timeout;
    probe.over_tls = client.tls;
    probe.tls = tls_probe(port);
    return probe;
}

Outcome speak(asio::io_context& loop, std::uint16_t port, const Client& client = {}) {
    asio::ip::tcp::socket socket = connect_to(loop, port);
    StreamPtr stream = client.tls ? run_probe(loop, open_tls(tls_probe(port), std::move(socket))).stream
                                  : plain_stream(std::move(socket));
    if (!stream) {
        ADD_FAILURE() << "no stream";
        return {};
    }
    AppResult result =
        run_probe(loop, probe_app(probe_of(port, client), std::make_unique<LineCodec>(client.codec),
                                  std::move(stream), client.keep));
    Outcome outcome{std::move(result.tls), std::move(result.app), {}, std::move(result.stream)};
    if (outcome.observation) {
        EXPECT_EQ(outcome.observation->stage, Stage::app);
        EXPECT_EQ(outcome.observation->port, port);
        EXPECT_FALSE(outcome.observation->local);
        outcome.facts = get<AppFacts>(outcome.observation->facts);
    }
    return outcome;
}

AppFacts against(const lab::StreamBehaviour& behaviour, const Client& client = {}) {
    lab::ServerLoop servers;
    asio::io_context loop;
    const auto port = lab::start_stream_server(servers, {nullptr, loopback_v4, 0}, behaviour);
    return speak(loop, port, client).facts;
}

lab::StreamBehaviour answers(std::string reply, lab::Ending ending = lab::Ending::hold) {
    lab::StreamBehaviour behaviour;
    behaviour.read_first = true;
    behaviour.send = std::move(reply);
    behaviour.ending = ending;
    return behaviour;
}

TEST(AppProbe, AsksAndHears) {
    const auto facts = against(answers("PONG\n"));
    EXPECT_EQ(facts.reply, AppReply::served);
    EXPECT_EQ(facts.protocol, "line");
    EXPECT_EQ(facts.said, "PONG\n");
    EXPECT_EQ(facts.first_bytes, "PONG\n");
    EXPECT_EQ(facts.bytes_sent, 5U);
    EXPECT_EQ(facts.bytes_received, 5U);
    ASSERT_TRUE(facts.first_byte_after);
    EXPECT_GT(facts.first_byte_after->count(), 0);
    EXPECT_FALSE(facts.timed_out);
    EXPECT_FALSE(facts.over_tls);
    EXPECT_EQ(facts.end, StreamEnd::none);
    EXPECT_EQ(facts.error, 0);
}

TEST(AppProbe, HearsAReplyByteByByte) {
    auto behaviour = answers(std::string(300, 'x') + "\n");
    behaviour.drip = 1ms;
    const auto facts = against(behaviour);
    EXPECT_EQ(facts.reply, AppReply::served);
    EXPECT_EQ(facts.bytes_received, 301U);
    EXPECT_EQ(facts.first_bytes, std::string(256, 'x'));
}

TEST(AppProbe, HearsOutNoReplyWithoutEnd) {
    for (const bool tls : {false, true}) {
        auto behaviour = answers(std::string(1U << 20U, 'x') + "\n");
        Client client;
        client.tls = tls;
        if (tls) {
            behaviour.tls = tls_service();
        }
        const auto facts = against(behaviour, client);
        EXPECT_EQ(facts.reply, AppReply::unexpected);
        EXPECT_GT(facts.bytes_received, Codec::max_bytes);
        EXPECT_LT(facts.bytes_received, 2 * Codec::max_bytes);
        EXPECT_EQ(facts.over_tls, tls);
    }
}

TEST(AppProbe, SilenceIsATimeOut) {
    Client client;
    client.timeout = 20ms;
    const auto facts = against(lab::silent(), client);
    EXPECT_TRUE(facts.timed_out);
    EXPECT_EQ(facts.reply, AppReply::none);
    EXPECT_EQ(facts.bytes_sent, 5U);
    EXPECT_EQ(facts.bytes_received, 0U);
    EXPECT_FALSE(facts.first_byte_after);
}

TEST(AppProbe, AResetInTheMiddleOfTheReply) {
    const auto facts = against(answers("PO", lab::Ending::reset));
    EXPECT_EQ(facts.reply, AppReply::none);
    EXPECT_EQ(facts.said, "PO");
    EXPECT_EQ(facts.end, StreamEnd::rst);
    EXPECT_EQ(facts.error, ECONNRESET);
    EXPECT_FALSE(facts.timed_out);
}

TEST(AppProbe, TheCodecLearnsOfAnOrderlyEnd) {
    const auto facts = against(answers("PO", lab::Ending::close));
    EXPECT_EQ(facts.reply, AppReply::cannot_serve);
    EXPECT_EQ(facts.end, StreamEnd::fin);
    EXPECT_EQ(facts.error, 0);
}

TEST(AppProbe, OverTls) {
    auto behaviour = answers("PONG\n");
    behaviour.tls = tls_service();
    Client client;
    client.tls = true;
    const auto facts = against(behaviour, client);
    EXPECT_EQ(facts.reply, AppReply::served);
    EXPECT_TRUE(facts.over_tls);
    EXPECT_EQ(facts.bytes_received, 5U);
}

TEST(AppProbe, OverTlsWithAServerThatSpeaksFirst) {
    lab::StreamBehaviour behaviour = lab::speaks(tls_service());
    behaviour.tls->tickets = 0;
    behaviour.echo = false;
    behaviour.send = "220 welcome\n";
    Client client;
    client.tls = true;
    client.codec.question = "";
    const auto facts = against(behaviour, client);
    EXPECT_EQ(facts.reply, AppReply::served);
    EXPECT_EQ(facts.said, "220 welcome\n");
    EXPECT_EQ(facts.bytes_sent, 0U);
}

// ---- TLS in the middle ----

/// Reads the question for TLS, consents, and goes on inside.
std::function<void(int)> upgrades(const lab::TlsService& service, std::function<void(SSL*, int)> act) {
    return [context = lab::make_server_context(service), act = std::move(act)](int fd) {
        EXPECT_EQ(receive_until(fd, "\n"), "STARTTLS\n");
        transmit(fd, "GO\n");
        const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), &SSL_free);
        SSL_set_fd(ssl.get(), fd);
        if (SSL_accept(ssl.get()) == 1) {
            act(ssl.get(), fd);
        }
    };
}

TEST(AppStartTls, GoesOnInside) {
    std::string asked(64, '\0');
    OnePeer peer(upgrades(tls_service(), [&](SSL* ssl, int fd) {
        const int size = SSL_read(ssl, asked.data(), static_cast<int>(asked.size()));
        asked.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        SSL_write(ssl, "PONG\n", 5);
        becomes_readable(fd);
    }));
    asio::io_context loop;
    Client client;
    client.codec.upgrade = true;
    const Outcome outcome = speak(loop, peer.port(), client);
    peer.join();
    EXPECT_EQ(asked, "PING\n");
    ASSERT_TRUE(outcome.tls);
    EXPECT_EQ(get<TlsFacts>(outcome.tls->facts).progress, TlsProgress::complete);
    ASSERT_TRUE(outcome.observation);
    EXPECT_TRUE(outcome.facts.over_tls);
    EXPECT_EQ(outcome.facts.reply, AppReply::served);
    EXPECT_EQ(outcome.facts.said, "PONG\n");
    EXPECT_EQ(outcome.facts.first_bytes, "GO\nPONG\n");
    EXPECT_EQ(outcome.facts.bytes_sent, 14U);
}

TEST(AppStartTls, AHandshakeThatFailsIsTheLastStage) {
    lab::TlsService wrong = tls_service();
    wrong.certificate = certificate_of_another_name().certificate;
    wrong.key = certificate_of_another_name().key;
    OnePeer peer(upgrades(wrong, [](SSL*, int fd) { becomes_readable(fd); }));
    asio::io_context loop;
    Client client;
    client.codec.upgrade = true;
    const Outcome outcome = speak(loop, peer.port(), client);
    ASSERT_TRUE(outcome.tls);
    EXPECT_FALSE(get<TlsFacts>(outcome.tls->facts).verify_faults.empty());
    EXPECT_FALSE(outcome.observation);
    EXPECT_FALSE(outcome.stream);
}

TEST(AppStartTls, AServerThatIsGoneInsteadIsTheApplicationsEnd) {
    OnePeer peer([](int fd) {
        EXPECT_EQ(receive_until(fd, "\n"), "STARTTLS\n");
        make_reset(fd);
    });
    asio::io_context loop;
    Client client;
    client.codec.upgrade = true;
    const Outcome outcome = speak(loop, peer.port(), client);
    EXPECT_FALSE(outcome.tls);
    ASSERT_TRUE(outcome.observation);
    EXPECT_EQ(outcome.facts.end, StreamEnd::rst);
}

// ---- how it ends ----

TEST(AppEnd, TheFarewellIsReadBeforeTheConnectionGoes) {
    std::string heard;
    OnePeer peer([&](int fd) {
        receive_until(fd, "\n");
        transmit(fd, "PONG\n");
        heard = receive_until(fd, "\n");
    });
    asio::io_context loop;
    Client client;
    client.codec.farewell = "QUIT\n";
    const Outcome outcome = speak(loop, peer.port(), client);
    peer.join();
    EXPECT_EQ(heard, "QUIT\n");
    EXPECT_EQ(outcome.facts.bytes_sent, 10U);
    EXPECT_EQ(outcome.facts.end, StreamEnd::none);
    EXPECT_FALSE(outcome.stream);
}

TEST(AppEnd, AServerThatMindsAResetGetsNone) {
    for (const bool keep : {false, true}) {
        ssize_t then = -1;
        OnePeer peer([&](int fd) {
            receive_until(fd, "\n");
            transmit(fd, "PONG\n");
            char byte = 0;
            then = ::recv(fd, &byte, 1, 0);
        });
        asio::io_context loop;
        Client client;
        client.keep = keep;
        client.codec.minds = true;
        EXPECT_EQ(speak(loop, peer.port(), client).facts.reply, AppReply::served);
        peer.join();
        EXPECT_EQ(then, 0);
    }
}

TEST(AppEnd, AKeptConnectionIsHandedBackAndOwesTheFarewell) {
    std::string heard;
    OnePeer peer([&](int fd) {
        receive_until(fd, "\n");
        transmit(fd, "PONG\n");
        EXPECT_EQ(receive_until(fd, "\n"), "MORE\n");
        heard = receive_until(fd, "\n");
    });
    asio::io_context loop;
    Client client;
    client.keep = true;
    client.codec.farewell = "QUIT\n";
    Outcome outcome = speak(loop, peer.port(), client);
    ASSERT_TRUE(outcome.stream);
    EXPECT_EQ(outcome.facts.bytes_sent, 5U);
    Deadline deadline(loop.get_executor(), Deadline::Clock::now() + generous);
    const auto go_on = [&]() -> asio::awaitable<bool> {
        co_await outcome.stream->write("MORE\n", deadline);
        co_return true;
    };
    run_probe(loop, go_on());
    outcome.stream.reset();
    peer.join();
    EXPECT_EQ(heard, "QUIT\n");
}

TEST(AppEnd, AConnectionThatHasEndedIsNotKept) {
    lab::ServerLoop servers;
    asio::io_context loop;
    Client client;
    client.keep = true;
    const auto port =
        lab::start_stream_server(servers, {nullptr, loopback_v4, 0}, answers("PO", lab::Ending::close));
    EXPECT_FALSE(speak(loop, port, client).stream);
}

TEST(AppEnd, CancellationIsNoTimeOutAndLeavesNothingOpen) {
    lab::ServerLoop servers;
    const auto port = lab::start_stream_server(servers, {nullptr, loopback_v4, 0}, lab::silent());
    asio::io_context loop;
    StreamPtr stream = plain_stream(connect_to(loop, port));
    const int fd = stream->socket().native_handle();
    asio::cancellation_signal cancel;
    std::exception_ptr thrown;
    loop.restart();
    asio::co_spawn(loop, probe_app(probe_of(port, {}), std::make_unique<LineCodec>(), std::move(stream)),
                   asio::bind_cancellation_slot(cancel.slot(), [&](const std::exception_ptr& failure,
                                                                   const AppResult&) { thrown = failure; }));
    loop.poll();
    ASSERT_FALSE(thrown);
    cancel.emit(asio::cancellation_type::terminal);
    loop.run();
    EXPECT_THROW(std::rethrow_exception(thrown), asio::system_error);
    EXPECT_EQ(::fcntl(fd, F_GETFD), -1);
}

TEST(AppEnd, NoDescriptorIsLeftOpen) {
    lab::ServerLoop servers;
    asio::io_context loop;
    auto behaviour = answers("PONG\n");
    behaviour.tls = tls_service();
    const auto port = lab::start_stream_server(servers, {nullptr, loopback_v4, 0}, behaviour);
    Client client;
    client.tls = true;
    const auto ours = [&] {
        // The server's side of it goes when the loop there comes to it.
        std::size_t open = 0;
        for (int fd = 0; fd < 1024; ++fd) {
            sockaddr_in peer{};
            socklen_t length = sizeof peer;
            const bool connected = ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &length) == 0;
            open += connected && peer.sin_family == AF_INET && ntohs(peer.sin_port) == port ? 1U : 0U;
        }
        return open;
    };
    EXPECT_EQ(speak(loop, port, client).facts.reply, AppReply::served);
    EXPECT_EQ(ours(), 0U);
    client.keep = true;
    Outcome kept = speak(loop, port, client);
    EXPECT_EQ(ours(), 1U);
    kept.stream.reset();
    EXPECT_EQ(ours(), 0U);
}

}  // namespace
}  // namespace whylink::probes
