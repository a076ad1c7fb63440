#include "daemon/http/address.hpp"

#include <gtest/gtest.h>

namespace whylink::daemon::http {
namespace {

std::string peer(const char* address) {
    return peer_of(boost::asio::ip::make_address(address));
}

/// Whoever has one address of a /64 has all of them.
TEST(Peer, IsAnIpv4AddressOrAnIpv6Network) {
    EXPECT_EQ(peer("10.0.0.4"), "10.0.0.4");
    EXPECT_NE(peer("10.0.0.4"), peer("10.0.0.5"));
    EXPECT_EQ(peer("fd00:1:2:3::1"), peer("fd00:1:2:3:ffff:ffff:ffff:ffff"));
    EXPECT_NE(peer("fd00:1:2:3::1"), peer("fd00:1:2:4::1"));
    EXPECT_EQ(peer("::ffff:10.0.0.4"), "10.0.0.4") << "of a listener on [::]";
}

TEST(Endpoint, IsAnAddressWithAPort) {
    EXPECT_EQ(parse_endpoint("127.0.0.1:9797")->port(), 9797);
    EXPECT_TRUE(parse_endpoint("[::1]:1")->address().is_v6());
    for (const char* bad : {"", "127.0.0.1", "localhost:1", "127.0.0.1:70000", ":1"}) {
        EXPECT_FALSE(parse_endpoint(bad).has_value()) << bad;
    }
}

}  // namespace
}  // namespace whylink::daemon::http
