#include "probes/host/acceptor.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "probes/tcp/socket_address.hpp"
#include "support/netns.hpp"
#include "support/start_program.hpp"
#include "support/topology.hpp"

namespace whylink::probes {
namespace {

IpAddress address(std::string_view text) {
    return IpAddress::parse(text).value();
}

/// A descriptor that listens on a port of all addresses.
int listener(int family, std::uint16_t port) {
    const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const SocketAddress any(family == AF_INET ? IpAddress() : IpAddress::v6({}), port);
    EXPECT_EQ(::bind(fd, any.data(), any.length()), 0);
    EXPECT_EQ(::listen(fd, 8), 0);
    return fd;
}

/// Of a connection from the client to port 443 of an address, while it lives.
AcceptorFacts asked(std::string_view text) {
    const SocketAddress where(address(text), 443);
    const lab::Fd socket(::socket(where.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(socket.get(), where.data(), where.length()), 0);
    return ask_acceptor(socket.get(), address(text), 443);
}

void redirect(const lab::Topology& topology) {
    topology.client.nft(
        "table inet lab {\nchain out { type nat hook output priority -100;\n"
        "ip daddr 10.0.0.4 tcp dport 443 redirect to :15001\n"
        "ip6 daddr fd00::4 tcp dport 443 redirect to :15001\n"
        "ip daddr 10.0.0.5 dnat ip to 10.0.0.6\n}\n}\n");
}

TEST(AskAcceptor, NamesTheSocketBehindARedirect) {
    const lab::Topology topology;
    redirect(topology);
    topology.client.enter([&] {
        const lab::Fd proxy(listener(AF_INET, 15001));
        const AcceptorFacts facts = asked("10.0.0.4");
        EXPECT_EQ(facts.asked, 1U);
        EXPECT_EQ(facts.error, 0);
        EXPECT_EQ(facts.address, address("127.0.0.1"));
        EXPECT_EQ(facts.port, 15001);
        EXPECT_EQ(facts.uid, ::geteuid());
        EXPECT_TRUE(facts.translatable);
    });
}

TEST(AskAcceptor, NamesASocketOfTheOtherFamilyToo) {
    const lab::Topology topology;
    redirect(topology);
    topology.client.enter([&] {
        const lab::Fd proxy(listener(AF_INET6, 15001));
        EXPECT_EQ(asked("10.0.0.4").port, 15001);
        EXPECT_EQ(asked("fd00::4").port, 15001);
    });
}

TEST(AskAcceptor, FindsNoneWhereTheServerIsElsewhere) {
    const lab::Topology topology;
    lab::Fd server;
    topology.server.enter([&] { server.reset(listener(AF_INET, 443)); });
    topology.client.enter([&] {
        const AcceptorFacts facts = asked("10.0.0.4");
        EXPECT_EQ(facts.asked, 1U);
        EXPECT_EQ(facts.error, 0);
        EXPECT_EQ(facts.address, std::nullopt);
        EXPECT_EQ(facts.connected_to, std::nullopt);
        EXPECT_FALSE(facts.translatable);
    });
}

TEST(AskAcceptor, SaysThatATranslationIsPossible) {
    const lab::Topology topology;
    redirect(topology);
    lab::Fd server;
    topology.server.enter([&] { server.reset(listener(AF_INET, 443)); });
    topology.client.enter([&] {
        const AcceptorFacts facts = asked("10.0.0.5");
        EXPECT_EQ(facts.address, std::nullopt);
        EXPECT_TRUE(facts.translatable);
    });
}

TEST(AskAcceptor, IsNotAskedOfThisHostsOwnAddresses) {
    const lab::Topology topology;
    topology.client.enter([&] {
        const lab::Fd server(listener(AF_INET, 443));
        EXPECT_EQ(asked("127.0.0.1").asked, 0U);
        EXPECT_EQ(asked("10.77.0.2").asked, 0U);
    });
}

TEST(MayTranslate, IsFalseOnlyForModulesWithoutNat) {
    EXPECT_TRUE(may_translate(""));
    EXPECT_TRUE(may_translate("ext4 1 0 - Live 0x0\n"));
    EXPECT_FALSE(may_translate("nf_conntrack 1 0 - Live 0x0\n"));
    EXPECT_FALSE(may_translate("ext4 1 0\nnf_conntrack 1 0\nnf_nat_ftp 1 0\n"));
    EXPECT_TRUE(may_translate("nf_nat 1 0\nnf_conntrack 1 1 nf_nat,\n"));
    EXPECT_TRUE(may_translate("nf_conntrack 1 1 nf_nat,\nnf_nat 1 0\n"));
}

}  // namespace
}  // namespace whylink::probes
