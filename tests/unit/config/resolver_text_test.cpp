#include "config/resolver_text.hpp"

#include <gtest/gtest.h>

namespace whylink::config {
namespace {

TEST(ResolverText, ReadsEveryForm) {
    EXPECT_EQ(Resolver::parse("system"), Resolver{});
    const auto v4 = *IpAddress::parse("10.0.0.2");
    const auto v6 = *IpAddress::parse("fd00::2");
    EXPECT_EQ(Resolver::parse("10.0.0.2"), (Resolver{false, v4, 53}));
    EXPECT_EQ(Resolver::parse("10.0.0.2:5353"), (Resolver{false, v4, 5353}));
    EXPECT_EQ(Resolver::parse("fd00::2"), (Resolver{false, v6, 53}));
    EXPECT_EQ(Resolver::parse("[fd00::2]"), (Resolver{false, v6, 53}));
    EXPECT_EQ(Resolver::parse("[fd00::2]:53"), (Resolver{false, v6, 53}));
}

TEST(ResolverText, RefusesNamesAndBadPorts) {
    for (const char* text :
         {"", "System", "dns.example.com", "10.0.0.2:", "10.0.0.2:0", "10.0.0.2:65536", "10.0.0.2:053",
          "10.0.0.2:-1", "[10.0.0.2]:53", "[fd00::2", "fd00::2]:53", "[fd00::2]53", "[]:53", ":53"}) {
        EXPECT_FALSE(Resolver::parse(text)) << text;
    }
}

TEST(ResolverText, ComesBackTheSame) {
    for (const char* text : {"system", "10.0.0.2", "10.0.0.2:5353", "fd00::2", "[fd00::2]:5353"}) {
        EXPECT_EQ(Resolver::parse(text)->to_string(), text);
    }
}

TEST(HostPort, TellsPortsFromColonsOfAnAddress) {
    EXPECT_EQ(parse_host_port("db.example.com:9440")->host, "db.example.com");
    EXPECT_EQ(parse_host_port("db.example.com:9440")->port, 9440);
    EXPECT_EQ(parse_host_port("db.example.com")->port, std::nullopt);
    EXPECT_EQ(parse_host_port("[fd00::4]:443")->host, "fd00::4");
    EXPECT_EQ(parse_host_port("[fd00::4]:443")->port, 443);
    EXPECT_EQ(parse_host_port("fd00::4")->host, "fd00::4");
    EXPECT_EQ(parse_host_port("fd00::4")->port, std::nullopt);
    for (const char* text :
         {"", ":443", "db:", "db:0", "db:http", "[db]:443", "[fd00::4]443", "[fd00::4]:"}) {
        EXPECT_FALSE(parse_host_port(text)) << text;
    }
}

}  // namespace
}  // namespace whylink::config
