#include "probes/tcp/icmp_error.hpp"

#include <gtest/gtest.h>
#include <linux/net_tstamp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <exception>
#include <memory>
#include <optional>

#include "probes/tcp/socket_address.hpp"
#include "support/netns.hpp"
#include "tests/unit/probes/loopback.hpp"

namespace whylink::probes {
namespace {

/// A connected UDP socket that receives ICMP errors.
Fd connected_datagram_socket(const IpAddress& address, std::uint16_t port) {
    const SocketAddress destination(address, port);
    Fd fd(::socket(destination.family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    EXPECT_TRUE(set_receive_errors(fd.get(), destination.v6(), true));
    EXPECT_EQ(::connect(fd.get(), destination.data(), destination.length()), 0);
    return fd;
}

bool error_arrives(int fd) {
    pollfd waiting{fd, 0, 0};
    return ::poll(&waiting, 1, 30'000) == 1 && (waiting.revents & POLLERR) != 0;
}

/// A port of loopback where nothing listens: it was ours until a moment ago.
std::uint16_t closed_udp_port(const IpAddress& address) {
    return BoundSocket(address, SOCK_DGRAM).port();
}

TEST(IcmpError, EmptyQueueGivesNothing) {
    const BoundSocket peer(loopback_v4, SOCK_DGRAM);
    const Fd fd = connected_datagram_socket(loopback_v4, peer.port());
    EXPECT_FALSE(take_icmp_error(fd.get()));
}

TEST(IcmpError, PortUnreachableIsTheAnswerOfTheHostAskedEvenOnThisMachine) {
    const Fd fd = connected_datagram_socket(loopback_v4, closed_udp_port(loopback_v4));
    ASSERT_EQ(::send(fd.get(), "?", 1, 0), 1);
    ASSERT_TRUE(error_arrives(fd.get()));
    const auto error = take_icmp_error(fd.get());
    ASSERT_TRUE(error);
    EXPECT_FALSE(error->v6);
    EXPECT_EQ(error->type, 3);
    EXPECT_EQ(error->code, 3);
    EXPECT_EQ(error->sender, loopback_v4);
    EXPECT_FALSE(error->local);
}

TEST(IcmpError, V6PortUnreachable) {
    const Fd fd = connected_datagram_socket(loopback_v6, closed_udp_port(loopback_v6));
    ASSERT_EQ(::send(fd.get(), "?", 1, 0), 1);
    ASSERT_TRUE(error_arrives(fd.get()));
    const auto error = take_icmp_error(fd.get());
    ASSERT_TRUE(error);
    EXPECT_TRUE(error->v6);
    EXPECT_EQ(error->type, 1);
    EXPECT_EQ(error->code, 4);
    EXPECT_EQ(error->sender, loopback_v6);
    EXPECT_FALSE(error->local);
}

TEST(IcmpError, TakingEmptiesTheQueue) {
    const Fd fd = connected_datagram_socket(loopback_v4, closed_udp_port(loopback_v4));
    for (int sent = 0; sent < 3; ++sent) {
        ::send(fd.get(), "?", 1, 0);  // fails where the error of the one before is reported
        ASSERT_TRUE(error_arrives(fd.get()));
    }
    EXPECT_TRUE(take_icmp_error(fd.get()));
    EXPECT_FALSE(take_icmp_error(fd.get()));
}

TEST(IcmpError, SwitchedOffTheQueueStaysEmpty) {
    const Fd fd = connected_datagram_socket(loopback_v4, closed_udp_port(loopback_v4));
    ASSERT_TRUE(set_receive_errors(fd.get(), false, false));
    ASSERT_EQ(::send(fd.get(), "?", 1, 0), 1);
    ASSERT_TRUE(error_arrives(fd.get()));
    EXPECT_FALSE(take_icmp_error(fd.get()));
}

TEST(IcmpError, TimestampInTheQueueIsNoError) {
    const BoundSocket peer(loopback_v4, SOCK_DGRAM);
    const Fd fd = connected_datagram_socket(loopback_v4, peer.port());
    const int flags = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
    ASSERT_EQ(::setsockopt(fd.get(), SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags), 0);
    ASSERT_EQ(::send(fd.get(), "?", 1, 0), 1);
    ASSERT_TRUE(error_arrives(fd.get()));
    EXPECT_FALSE(take_icmp_error(fd.get()));
}

TEST(IcmpError, RefusedBySystemForAnUnusableDescriptor) {
    EXPECT_FALSE(set_receive_errors(-1, false, true));
    EXPECT_FALSE(take_icmp_error(-1));
}

/// A client and a router behind it, each in a namespace of its own.
class IcmpErrorOnARoute : public testing::Test {
  protected:
    void SetUp() override {
        try {
            client_ = std::make_unique<lab::Netns>();
            router_ = std::make_unique<lab::Netns>();
            lab::connect(*client_, "out", *router_, "in");
        } catch (const std::exception& refused) {
            GTEST_SKIP() << refused.what();
        }
        client_->ip("address add 10.9.0.1/24 dev out\nroute add default via 10.9.0.2\n");
        router_->ip("address add 10.9.0.2/24 dev in\n");
    }

    /// The error that a TCP connection attempt from the client gets.
    std::optional<IcmpError> error_of_connecting_to(const char* address) {
        std::optional<IcmpError> error;
        client_->enter([&] {
            const SocketAddress destination(*IpAddress::parse(address), 443);
            const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
            ASSERT_TRUE(set_receive_errors(fd.get(), false, true));
            static_cast<void>(::connect(fd.get(), destination.data(), destination.length()));
            ASSERT_TRUE(error_arrives(fd.get()));
            error = take_icmp_error(fd.get());
        });
        return error;
    }

    std::unique_ptr<lab::Netns> client_;
    std::unique_ptr<lab::Netns> router_;
};

TEST_F(IcmpErrorOnARoute, OfARouterNamesTheRouter) {
    router_->sysctl("ipv4/ip_forward", "1");
    router_->nft(
        "table ip t { chain c { type filter hook forward priority 0; reject with icmp admin-prohibited; }; }");
    router_->ip("address add 10.10.0.1/24 dev lo\nroute add 10.11.0.0/24 dev lo\n");
    const auto error = error_of_connecting_to("10.11.0.7");
    ASSERT_TRUE(error);
    EXPECT_EQ(error->type, 3);
    EXPECT_EQ(error->code, 13);
    EXPECT_EQ(error->sender, IpAddress::parse("10.9.0.2"));
    EXPECT_FALSE(error->local);
}

TEST_F(IcmpErrorOnARoute, OfARuleOfThisMachineIsLocal) {
    client_->nft(
        "table ip t { chain c { type filter hook output priority 0; tcp dport 443 reject with icmp "
        "admin-prohibited; }; }");
    const auto error = error_of_connecting_to("10.9.0.2");
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, 13);
    EXPECT_TRUE(error->local);
}

TEST_F(IcmpErrorOnARoute, OfANeighbourThatDoesNotAnswerIsLocal) {
    const auto error = error_of_connecting_to("10.9.0.99");
    ASSERT_TRUE(error);
    EXPECT_EQ(error->type, 3);
    EXPECT_EQ(error->code, 1);
    EXPECT_EQ(error->sender, IpAddress::parse("10.9.0.1"));
    EXPECT_TRUE(error->local);
}

TEST_F(IcmpErrorOnARoute, PortUnreachableToASynIsALocalRuleWhereItComesFromThisMachine) {
    client_->nft("table ip t { chain c { type filter hook input priority 0; tcp dport 443 reject; }; }");
    const auto error = error_of_connecting_to("127.0.0.1");
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, 3);
    EXPECT_TRUE(error->local);
}

}  // namespace
}  // namespace whylink::probes
