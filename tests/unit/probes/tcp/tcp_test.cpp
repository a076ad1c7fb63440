#include "probes/tcp/tcp.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/steady_timer.hpp>
#include <cerrno>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "probes/gather.hpp"
#include "probes/tcp/socket_address.hpp"
#include "support/netns.hpp"
#include "support/stream_server.hpp"
#include "tests/unit/probes/loopback.hpp"
#include "tests/unit/probes/run_probe.hpp"

namespace whylink::probes {
namespace {

using namespace std::chrono_literals;

TcpProbe probe_of(std::uint16_t port, const IpAddress& address = loopback_v4) {
    TcpProbe probe;
    probe.address = address;
    probe.port = port;
    probe.timeout = 30s;
    probe.settle = 0ms;
    return probe;
}

struct Seen {
    Observation observation;
    TcpFacts facts;
};

Seen see(TcpResult result) {
    Seen seen{std::move(result.observation), {}};
    seen.facts = get<TcpFacts>(seen.observation.facts);
    return seen;
}

Seen probe(const TcpProbe& parameters) {
    return see(run_probe(probe_tcp(parameters)));
}

/// Against a scripted server, watched for as long as it takes.
TcpFacts settle(const lab::StreamBehaviour& behaviour, std::chrono::milliseconds time = 30s) {
    lab::ServerLoop servers;
    TcpProbe parameters = probe_of(lab::start_stream_server(servers, {nullptr, loopback_v4, 0}, behaviour));
    parameters.settle = time;
    return probe(parameters).facts;
}

TEST(TcpProbe, Connects) {
    const BoundSocket listener(loopback_v4, SOCK_STREAM, 8);
    const auto [observation, facts] = probe(probe_of(listener.port()));
    EXPECT_EQ(observation.stage, Stage::tcp);
    EXPECT_EQ(observation.address, loopback_v4);
    EXPECT_EQ(observation.port, listener.port());
    EXPECT_FALSE(observation.local);
    EXPECT_GT(observation.took.count(), 0);
    EXPECT_TRUE(facts.connected);
    EXPECT_EQ(facts.error, 0);
    EXPECT_FALSE(facts.timed_out);
    EXPECT_FALSE(facts.icmp);
    EXPECT_EQ(facts.local_address, loopback_v4);
    EXPECT_NE(facts.local_port, 0);
    ASSERT_TRUE(facts.info);
    EXPECT_GT(facts.info->rtt.count(), 0);
    EXPECT_GT(facts.info->send_mss, 0U);
    EXPECT_GT(facts.info->receive_mss, 0U);
}

TEST(TcpProbe, ConnectsOverIPv6) {
    const BoundSocket listener(loopback_v6, SOCK_STREAM, 8);
    const auto [observation, facts] = probe(probe_of(listener.port(), loopback_v6));
    EXPECT_TRUE(facts.connected);
    EXPECT_EQ(facts.local_address, loopback_v6);
}

TEST(TcpProbe, ConnectsToAnIPv4MappedAddressAsIPv4) {
    const BoundSocket listener(loopback_v4, SOCK_STREAM, 8);
    const auto [observation, facts] = probe(probe_of(listener.port(), *IpAddress::parse("::ffff:127.0.0.1")));
    EXPECT_TRUE(facts.connected);
    EXPECT_EQ(facts.local_address, loopback_v4);
}

TEST(TcpProbe, ConnectsFromTheSourceAddress) {
    const BoundSocket listener(loopback_v4, SOCK_STREAM, 8);
    TcpProbe parameters = probe_of(listener.port());
    parameters.options.source_address = IpAddress::v4({127, 0, 0, 9});
    EXPECT_EQ(probe(parameters).facts.local_address, parameters.options.source_address);
}

TEST(TcpProbe, ManyAtOnceEachGetTheirOwnResult) {
    const BoundSocket listener(loopback_v4, SOCK_STREAM, 256);
    const BoundSocket closed(loopback_v4, SOCK_STREAM);
    std::vector<TcpFacts> facts(100);
    asio::io_context loop;
    const auto all = [&]() -> asio::awaitable<bool> {
        std::vector<asio::awaitable<void>> tasks;
        for (std::size_t i = 0; i < facts.size(); ++i) {
            const auto one = [](TcpProbe parameters, TcpFacts& into) -> asio::awaitable<void> {
                into = see(co_await probe_tcp(std::move(parameters))).facts;
            };
            tasks.push_back(one(probe_of(i % 2 == 0 ? listener.port() : closed.port()), facts[i]));
        }
        co_await gather(std::move(tasks));
        co_return true;
    };
    run_probe(loop, all());
    for (std::size_t i = 0; i < facts.size(); ++i) {
        EXPECT_EQ(facts[i].connected, i % 2 == 0);
    }
}

class Refused : public testing::TestWithParam<IpAddress> {};
INSTANTIATE_TEST_SUITE_P(BothFamilies, Refused, testing::Values(loopback_v4, loopback_v6));

TEST_P(Refused, ByReset) {
    const BoundSocket not_listening(GetParam(), SOCK_STREAM);
    const auto [observation, facts] = probe(probe_of(not_listening.port(), GetParam()));
    EXPECT_FALSE(observation.local);
    EXPECT_FALSE(facts.connected);
    EXPECT_EQ(facts.error, ECONNREFUSED);
    EXPECT_FALSE(facts.icmp);
    EXPECT_FALSE(facts.timed_out);
    EXPECT_FALSE(facts.no_route);
}

/// A listener whose backlog is full drops further SYNs: silence without a firewall.
class FullListener {
  public:
    FullListener() : listener_(loopback_v4, SOCK_STREAM, 0) {
        const SocketAddress address(loopback_v4, listener_.port());
        for (int i = 0; i < 4; ++i) {
            fillers_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
            static_cast<void>(::connect(fillers_.back().get(), address.data(), address.length()));
        }
    }
    std::uint16_t port() const { return listener_.port(); }

  private:
    BoundSocket listener_;
    std::vector<Fd> fillers_;
};

TEST(TcpProbe, SilenceIsATimeout) {
    const FullListener listener;
    TcpProbe parameters = probe_of(listener.port());
    parameters.timeout = 50ms;
    const auto [observation, facts] = probe(parameters);
    EXPECT_TRUE(facts.timed_out);
    EXPECT_FALSE(facts.connected);
    EXPECT_EQ(facts.error, 0);
    EXPECT_FALSE(facts.icmp);
    EXPECT_FALSE(observation.local);
    EXPECT_TRUE(facts.info);
    EXPECT_GE(observation.took, parameters.timeout);
}

TEST(TcpProbe, CancellationIsNoTimeout) {
    const FullListener listener;
    asio::io_context loop;
    asio::cancellation_signal cancel;
    std::exception_ptr thrown;
    bool ended = false;
    asio::co_spawn(
        loop, probe_tcp(probe_of(listener.port())),
        asio::bind_cancellation_slot(cancel.slot(), [&](const std::exception_ptr& failure, const TcpResult&) {
            thrown = failure;
            ended = true;
        }));
    loop.poll();  // up to the wait for the SYN-ACK
    ASSERT_FALSE(ended);
    cancel.emit(asio::cancellation_type::terminal);
    loop.run();
    ASSERT_TRUE(thrown);
    try {
        std::rethrow_exception(thrown);
    } catch (const asio::system_error& error) {
        EXPECT_EQ(error.code(), asio::error::operation_aborted);
    }
}

TEST(TcpSettle, FinBeforeTheFirstByte) {
    const auto facts = settle(lab::close_at_accept());
    EXPECT_TRUE(facts.connected);
    EXPECT_EQ(facts.end, StreamEnd::fin);
    EXPECT_EQ(facts.end_error, 0);
    EXPECT_EQ(facts.bytes_received, 0U);
}

TEST(TcpSettle, ResetBeforeTheFirstByte) {
    // The RST may come while the connection is still being watched, or win the race against our first look at
    // it.
    const auto facts = settle(lab::reset_at_accept());
    if (facts.connected) {
        EXPECT_EQ(facts.end, StreamEnd::rst);
        EXPECT_EQ(facts.end_error, ECONNRESET);
    } else {
        EXPECT_EQ(facts.error, ECONNRESET);
    }
    EXPECT_EQ(facts.bytes_received, 0U);
}

TEST(TcpSettle, FirstByteEndsTheWatch) {
    const auto facts = settle(lab::greets("SSH-2.0-OpenSSH_9.2\r\n"));
    EXPECT_EQ(facts.first_bytes, "SSH-2.0-OpenSSH_9.2\r\n");
    EXPECT_EQ(facts.bytes_received, facts.first_bytes.size());
    EXPECT_EQ(facts.end, StreamEnd::none);
    EXPECT_LT(facts.watched, 30s);
}

TEST(TcpSettle, KeepsOnlyTheFirstBytesOfALongBanner) {
    const auto facts = settle(lab::greets(std::string(1000, 'x')));
    EXPECT_EQ(facts.first_bytes, std::string(64, 'x'));
    EXPECT_GE(facts.bytes_received, 64U);
}

TEST(TcpSettle, SilentButOpenIsWatchedToTheEnd) {
    const auto facts = settle(lab::silent(), 20ms);
    EXPECT_TRUE(facts.connected);
    EXPECT_EQ(facts.end, StreamEnd::none);
    EXPECT_EQ(facts.bytes_received, 0U);
    EXPECT_GE(facts.watched, 20ms);
    EXPECT_FALSE(facts.timed_out);
}

TEST(TcpSettle, ZeroDoesNotWatch) {
    const auto facts = settle(lab::greets("hello"), 0ms);
    EXPECT_TRUE(facts.connected);
    EXPECT_EQ(facts.watched.count(), 0);
    EXPECT_EQ(facts.bytes_received, 0U);
}

TEST(TcpProbe, ClosesWithReset) {
    const BoundSocket listener(loopback_v4, SOCK_STREAM, 8);
    ASSERT_TRUE(probe(probe_of(listener.port())).facts.connected);
    const Fd peer = listener.accept();
    ASSERT_TRUE(becomes_readable(peer.get()));
    char byte = 0;
    EXPECT_EQ(::recv(peer.get(), &byte, 1, 0), -1);
    EXPECT_EQ(errno, ECONNRESET);
}

TEST(TcpKeep, HandsOverTheConnection) {
    const BoundSocket listener(loopback_v4, SOCK_STREAM, 8);
    TcpProbe parameters = probe_of(listener.port());
    parameters.keep = true;
    parameters.settle = 30s;  // not watched
    asio::io_context loop;
    TcpResult result = run_probe(loop, probe_tcp(parameters));
    ASSERT_TRUE(result.socket);
    const int fd = result.socket->native_handle();
    EXPECT_NE(::fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
    // Left on, a passing ICMP error would end the connection.
    int receives_errors = 1;
    socklen_t length = sizeof receives_errors;
    ASSERT_EQ(::getsockopt(fd, SOL_IP, IP_RECVERR, &receives_errors, &length), 0);
    EXPECT_EQ(receives_errors, 0);
    const Fd peer = listener.accept();
    EXPECT_EQ(::send(fd, "x", 1, MSG_NOSIGNAL), 1);
    char byte = 0;
    EXPECT_EQ(::recv(peer.get(), &byte, 1, 0), 1);
}

TEST(TcpKeep, HandsOverNothingWhenRefused) {
    const BoundSocket not_listening(loopback_v4, SOCK_STREAM);
    TcpProbe parameters = probe_of(not_listening.port());
    parameters.keep = true;
    asio::io_context loop;
    EXPECT_FALSE(run_probe(loop, probe_tcp(parameters)).socket);
}

class SmallSegments : public testing::TestWithParam<IpAddress> {};
INSTANTIATE_TEST_SUITE_P(BothFamilies, SmallSegments, testing::Values(loopback_v4, loopback_v6));

TEST_P(SmallSegments, AreTheLargestInBothDirections) {
    const BoundSocket listener(GetParam(), SOCK_STREAM, 8);
    TcpProbe parameters = probe_of(listener.port(), GetParam());
    parameters.max_segment = 536;
    const auto facts = probe(parameters).facts;
    EXPECT_TRUE(facts.connected);
    EXPECT_EQ(facts.max_segment, 536U);
    ASSERT_TRUE(facts.info);
    EXPECT_LE(facts.info->send_mss, 536U);
    const Fd peer = listener.accept();
    tcp_info info{};
    socklen_t length = sizeof info;
    ASSERT_EQ(::getsockopt(peer.get(), IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    EXPECT_LE(info.tcpi_snd_mss, 536U);
}

TEST(TcpLocalFault, SegmentsSmallerThanTheKernelTakes) {
    TcpProbe parameters = probe_of(1);
    parameters.max_segment = 87;
    const auto [observation, facts] = probe(parameters);
    ASSERT_TRUE(observation.local);
    EXPECT_EQ(observation.local->operation, "TCP_MAXSEG");
}

TEST(TcpLocalFault, ForeignSourceAddress) {
    TcpProbe parameters = probe_of(1);
    parameters.options.source_address = IpAddress::v4({192, 0, 2, 1});
    const auto [observation, facts] = probe(parameters);
    ASSERT_TRUE(observation.local);
    EXPECT_EQ(observation.local->operation, "bind 192.0.2.1");
    EXPECT_FALSE(facts.connected);
}

TEST(TcpLocalFault, UnknownDevice) {
    TcpProbe parameters = probe_of(1);
    parameters.options.interface = "nosuch0";
    const auto [observation, facts] = probe(parameters);
    ASSERT_TRUE(observation.local);
    EXPECT_EQ(observation.local->error, ENODEV);
}

/// No further descriptor can be had while this exists.
class NoDescriptors {
  public:
    NoDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit none{0, before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;

  private:
    rlimit before_{};
};

TEST(TcpLocalFault, NoDescriptors) {
    asio::io_context loop;
    const NoDescriptors none;
    const auto [observation, facts] = see(run_probe(loop, probe_tcp(probe_of(1))));
    ASSERT_TRUE(observation.local);
    EXPECT_EQ(observation.local->operation, "socket");
    EXPECT_EQ(observation.local->error, EMFILE);
}

class TcpInANamespace : public testing::Test {
  protected:
    void SetUp() override {
        try {
            netns_ = std::make_unique<lab::Netns>();
        } catch (const std::exception& refused) {
            GTEST_SKIP() << refused.what();
        }
    }

    Seen probe_inside(const TcpProbe& parameters) {
        Seen seen;
        netns_->enter([&] { seen = probe(parameters); });
        return seen;
    }

    std::unique_ptr<lab::Netns> netns_;
};

TEST_F(TcpInANamespace, NoRouteIsSaidAtOnce) {
    for (const char* address : {"10.1.2.3", "fd00::1"}) {
        const auto [observation, facts] = probe_inside(probe_of(443, *IpAddress::parse(address)));
        EXPECT_FALSE(observation.local) << address;
        EXPECT_TRUE(facts.no_route) << address;
        EXPECT_NE(facts.error, 0) << address;
        EXPECT_FALSE(facts.timed_out) << address;
    }
}

TEST_F(TcpInANamespace, BlackholeAndUnreachableRoutesAreNoRoute) {
    netns_->ip("route add blackhole 10.1.0.0/16\nroute add unreachable 10.2.0.0/16\n");
    EXPECT_TRUE(probe_inside(probe_of(443, *IpAddress::parse("10.1.0.1"))).facts.no_route);
    EXPECT_TRUE(probe_inside(probe_of(443, *IpAddress::parse("10.2.0.1"))).facts.no_route);
}

TEST_F(TcpInANamespace, ProhibitedRouteIsARuleAndNotAMissingRoute) {
    netns_->ip("route add prohibit 10.1.0.0/16\n");
    const auto [observation, facts] = probe_inside(probe_of(443, *IpAddress::parse("10.1.0.1")));
    EXPECT_FALSE(observation.local);
    EXPECT_FALSE(facts.no_route);
    EXPECT_EQ(facts.error, EACCES);
}

TEST_F(TcpInANamespace, NoFreePortIsALocalFault) {
    std::optional<BoundSocket> listener;
    netns_->enter([&] { listener.emplace(loopback_v4, SOCK_STREAM, 8); });
    const std::string only_port = std::to_string(listener->port() + 1);
    netns_->sysctl("ipv4/ip_local_port_range", only_port + " " + only_port);
    netns_->enter([&] {
        asio::io_context loop;
        TcpProbe parameters = probe_of(listener->port());
        parameters.keep = true;
        const TcpResult first = run_probe(loop, probe_tcp(parameters));
        ASSERT_TRUE(first.socket);
        const auto [observation, facts] = see(run_probe(loop, probe_tcp(parameters)));
        ASSERT_TRUE(observation.local);
        EXPECT_EQ(observation.local->operation, "connect");
        EXPECT_EQ(observation.local->error, EADDRNOTAVAIL);
    });
}

TEST_F(TcpInANamespace, RejectedByARuleOfThisMachine) {
    netns_->nft(
        "table inet t { chain c { type filter hook output priority 0; tcp dport 443 reject with icmpx "
        "admin-prohibited; }; }");
    for (const auto& address : {loopback_v4, loopback_v6}) {
        const auto [observation, facts] = probe_inside(probe_of(443, address));
        EXPECT_FALSE(facts.connected);
        EXPECT_NE(facts.error, 0);
        ASSERT_TRUE(facts.icmp) << address.to_string();
        EXPECT_TRUE(facts.icmp->local);
        EXPECT_EQ(facts.icmp->v6, address.is_v6());
    }
}

TEST_F(TcpInANamespace, DroppedByARuleIsATimeout) {
    netns_->nft("table inet t { chain c { type filter hook input priority 0; tcp dport 443 drop; }; }");
    TcpProbe parameters = probe_of(443);
    parameters.timeout = 50ms;
    EXPECT_TRUE(probe_inside(parameters).facts.timed_out);
}

}  // namespace
}  // namespace whylink::probes
