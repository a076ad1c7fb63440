#include "probes/tcp/hold.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "support/netns.hpp"
#include "support/stream_server.hpp"
#include "tests/unit/probes/exchange_fixture.hpp"

namespace whylink::probes {
namespace {

using namespace std::chrono_literals;

/// A connection inside a namespace whose rules change once it is up.
class Hold : public testing::TestWithParam<IpAddress> {
  protected:
    void SetUp() override {
        try {
            netns_ = std::make_unique<lab::Netns>();
        } catch (const std::exception& refused) {
            GTEST_SKIP() << refused.what();
        }
    }

    HoldFacts hold(const lab::StreamBehaviour& behaviour, const std::string& rule,
                   std::chrono::milliseconds idle = 50ms, std::chrono::milliseconds timeout = generous) {
        HoldFacts facts;
        netns_->enter([&] {
            lab::ServerLoop servers;
            const auto port = lab::start_stream_server(servers, {netns_.get(), GetParam(), 0}, behaviour);
            asio::io_context loop;
            StreamPtr stream = plain_stream(connect_to(loop, port, GetParam()));
            if (!rule.empty()) {
                netns_->nft("table inet t { chain c { type filter hook input priority 0; tcp dport " +
                            std::to_string(port) + ' ' + rule + "; }; }");
            }
            const HoldProbe probe{GetParam(), port, idle, timeout};
            const HeldConnection seen = run_probe(loop, probe_hold(probe, std::move(stream)));
            EXPECT_EQ(seen.address, GetParam());
            EXPECT_EQ(seen.port, port);
            EXPECT_FALSE(seen.local);
            facts = seen.facts;
            EXPECT_EQ(facts.wanted, idle);
        });
        return facts;
    }

    std::unique_ptr<lab::Netns> netns_;
};
INSTANTIATE_TEST_SUITE_P(BothFamilies, Hold, testing::Values(loopback_v4, loopback_v6));

TEST_P(Hold, APeerThatIsStillThereAnswers) {
    const auto facts = hold(lab::silent(), "");
    EXPECT_GE(facts.idle, 50ms);
    EXPECT_TRUE(facts.used);
    EXPECT_TRUE(facts.answered);
    EXPECT_GT(facts.answered_after.count(), 0);
    EXPECT_EQ(facts.end, StreamEnd::none);
    EXPECT_FALSE(facts.ended_while_idle);
}

TEST_P(Hold, WhatThePeerSaysMeanwhileIsNoEnd) {
    const auto facts = hold(lab::greets("hello"), "");
    EXPECT_TRUE(facts.answered);
    EXPECT_EQ(facts.end, StreamEnd::none);
}

TEST_P(Hold, WhoeverIsNeverSilentIsNotListenedToForAllThatTime) {
    lab::StreamBehaviour behaviour = lab::silent();
    behaviour.send = std::string(65536, 'x');
    behaviour.send_total = lab::endless;
    const auto facts = hold(behaviour, "", std::chrono::hours(1));
    EXPECT_LT(facts.idle, facts.wanted);
    EXPECT_TRUE(facts.answered);
    EXPECT_FALSE(facts.ended_while_idle);
}

TEST_P(Hold, AnEndWhileIdleIsNotedAtOnce) {
    for (const bool reset : {false, true}) {
        netns_->enter([&] {
            lab::ServerLoop servers;
            lab::Gate gate(servers);
            const auto port = lab::start_stream_server(servers, {netns_.get(), GetParam(), 0}, gate);
            asio::io_context loop;
            StreamPtr stream = plain_stream(connect_to(loop, port, GetParam()));
            gate.let(reset ? lab::reset_at_accept() : lab::close_at_accept());
            const HoldProbe probe{GetParam(), port, generous, generous};
            const HeldConnection seen = run_probe(loop, probe_hold(probe, std::move(stream)));
            const auto& facts = seen.facts;
            EXPECT_TRUE(facts.ended_while_idle);
            EXPECT_LT(facts.idle, generous);
            EXPECT_EQ(facts.end, reset ? StreamEnd::rst : StreamEnd::fin);
            EXPECT_FALSE(facts.used);
            EXPECT_FALSE(facts.answered);
        });
    }
}

/// As TLS ends when close_notify has come, and no FIN yet.
class SaidGoodbye : public Stream {
  public:
    explicit SaidGoodbye(asio::io_context& loop) : socket_(loop) {}
    asio::awaitable<std::string> read(Deadline&) override {
        status_.closed = true;
        co_return std::string();
    }
    asio::awaitable<void> write(std::string_view, Deadline&) override { co_return; }
    void finish() override {}
    asio::ip::tcp::socket& socket() override { return socket_; }
    asio::ip::tcp::socket release() override { return std::move(socket_); }

  private:
    asio::ip::tcp::socket socket_;
};

TEST(HoldOfTls, CloseNotifyIsThePeersEndAlsoBeforeItsFin) {
    asio::io_context loop;
    const HoldProbe probe{loopback_v4, 443, generous, generous};
    const HeldConnection seen = run_probe(loop, probe_hold(probe, std::make_unique<SaidGoodbye>(loop)));
    const auto& facts = seen.facts;
    EXPECT_TRUE(facts.ended_while_idle);
    EXPECT_EQ(facts.end, StreamEnd::fin);
}

TEST_P(Hold, APathThatHasForgottenItIsSilent) {
    const auto facts = hold(lab::silent(), "drop", 50ms, 2500ms);
    EXPECT_TRUE(facts.used);
    EXPECT_FALSE(facts.answered);
    EXPECT_EQ(facts.end, StreamEnd::none);
    EXPECT_EQ(facts.error, 0);
    EXPECT_FALSE(facts.ended_while_idle);
}

TEST_P(Hold, APathThatHasForgottenItResets) {
    const auto facts = hold(lab::silent(), "reject with tcp reset");
    EXPECT_TRUE(facts.used);
    EXPECT_FALSE(facts.answered);
    EXPECT_EQ(facts.end, StreamEnd::rst);
    EXPECT_EQ(facts.error, ECONNRESET);
    EXPECT_FALSE(facts.ended_while_idle);
}

TEST_P(Hold, AnIdleTlsConnectionStaysInGoodOrder) {
    lab::StreamBehaviour behaviour = lab::speaks(tls_service());
    netns_->enter([&] {
        lab::ServerLoop servers;
        const auto port = lab::start_stream_server(servers, {netns_.get(), GetParam(), 0}, behaviour);
        asio::io_context loop;
        TlsResult opened = run_probe(loop, open_tls(tls_probe(port), connect_to(loop, port, GetParam())));
        ASSERT_TRUE(opened.stream);
        const HoldProbe probe{GetParam(), port, 50ms, generous};
        const HeldConnection seen = run_probe(loop, probe_hold(probe, std::move(opened.stream)));
        EXPECT_TRUE(seen.facts.answered);
    });
}

}  // namespace
}  // namespace whylink::probes
