#include "probes/host/let_out.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <string_view>

#include "probes/tcp/socket_address.hpp"
#include "support/netns.hpp"
#include "support/start_program.hpp"
#include "support/topology.hpp"

namespace whylink::probes {
namespace {

/// Of a connection from the client to an address that the router drops everything for.
bool is_let_out(const lab::Topology& topology, std::string_view text) {
    bool result = false;
    topology.client.enter([&] {
        const SocketAddress where(IpAddress::parse(text).value(), 443);
        const lab::Fd socket(::socket(where.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        EXPECT_EQ(::connect(socket.get(), where.data(), where.length()), -1);
        EXPECT_EQ(errno, EINPROGRESS);
        result = let_out(socket.get(), where.v6());
    });
    return result;
}

void drop_at_the_router(const lab::Topology& topology) {
    topology.router.nft(
        "table inet lab {\nchain input { type filter hook input priority 0;\ntcp dport 443 drop\n}\n}\n");
}

/// `rules` of the client's output, in front of which nat rules translate 10.77.9.1 and fd77:9::1.
void set_rules(const lab::Topology& topology, const std::string& rules) {
    drop_at_the_router(topology);
    topology.client.nft(
        "table inet lab {\n"
        "chain translate { type nat hook output priority -100;\n"
        "ip daddr 10.77.9.1 dnat ip to 10.77.0.1\n"
        "ip6 daddr fd77:9::1 dnat ip6 to fd77::1\n"
        "}\n"
        "chain output { type filter hook output priority 0;\n" +
        rules + "\n}\n}\n");
}

TEST(LetOut, IsWhatRulesTranslate) {
    const lab::Topology topology;
    set_rules(topology, "");
    topology.client.ip("route add 10.77.9.0/24 via 10.77.0.1\nroute add fd77:9::/64 via fd77::1");
    EXPECT_TRUE(is_let_out(topology, "10.77.9.1"));
    EXPECT_TRUE(is_let_out(topology, "fd77:9::1"));
}

TEST(LetOut, IsNotWhatARuleDrops) {
    const lab::Topology topology;
    set_rules(topology, "tcp dport 443 drop");
    EXPECT_FALSE(is_let_out(topology, "10.77.0.1"));
    EXPECT_FALSE(is_let_out(topology, "fd77::1"));
}

TEST(LetOut, IsNotToldWhereNothingIsTracked) {
    const lab::Topology topology;
    drop_at_the_router(topology);
    EXPECT_FALSE(is_let_out(topology, "10.77.0.1"));
}

}  // namespace
}  // namespace whylink::probes
