#include "probes/host/limits.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cerrno>

#include "probes/host/tracking.hpp"

namespace whylink::probes {
namespace {

TEST(LimitText, NamesTheDescriptorsOfTheProcess) {
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    EXPECT_EQ(limit_text(EMFILE), "all " + std::to_string(limit.rlim_cur) +
                                      " file descriptors of this process are in use (RLIMIT_NOFILE)");
    EXPECT_NE(limit_text(ENFILE).find("fs.file-max"), std::string::npos);
    EXPECT_EQ(limit_text(ENOMEM), "");
    EXPECT_EQ(limit_text(0), "");
}

TEST(LocalPortsText, CountsThePortsThatMayBeUsed) {
    EXPECT_EQ(local_ports_text("32768\t60999\n", "\n", ""),
              "all 28232 local ports are in use (net.ipv4.ip_local_port_range 32768-60999)");
    EXPECT_EQ(local_ports_text("40000\t40009\n", "39990-40001,40005,50000-50010\n", ""),
              "all 7 local ports are in use (net.ipv4.ip_local_port_range 40000-40009)");
    EXPECT_EQ(local_ports_text("40000\t40001\n", "1-65535\n", ""),
              "all 0 local ports are in use (net.ipv4.ip_local_port_range 40000-40001)");
}

TEST(LocalPortsText, CountsTheSocketsOfThisHost) {
    EXPECT_EQ(
        local_ports_text(
            "40000 40009", "",
            "sockets: used 15\nTCP: inuse 11 orphan 0 tw 7 alloc 1 mem 12\nUDP: inuse 3 mem 0\n"),
        "all 10 local ports are in use (net.ipv4.ip_local_port_range 40000-40009); this host has 11 IPv4 TCP "
        "sockets and 7 in TIME-WAIT");
}

TEST(LocalPortsText, IsEmptyForWhatIsNoRange) {
    for (const char* range : {"", "\n", "a b", "70000 80000", "1 70000"}) {
        EXPECT_EQ(local_ports_text(range, "", ""), "") << range;
    }
}

constexpr std::string_view statistics =
    "entries  searched found drop early_drop\n"
    "00000002  00000000 00000000 0000001f 00000000\n"
    "00000002  00000000 00000000 00000001 00000000\n";

TEST(ParseTracking, AddsTheDropsOfAllCpus) {
    const auto facts = parse_tracking("262144\n", "262144\n", statistics);
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->count, 262144U);
    EXPECT_EQ(facts->max, 262144U);
    EXPECT_EQ(facts->dropped, 32U);
}

TEST(ParseTracking, LivesWithWhatIsMissing) {
    EXPECT_EQ(parse_tracking("1", "2", "")->dropped, 0U);
    EXPECT_EQ(parse_tracking("1", "2", "entries found\n1 2\n")->dropped, 0U);
    EXPECT_EQ(parse_tracking("1", "2", "entries drop\n1\nzz zz\n")->dropped, 0U);
    EXPECT_FALSE(parse_tracking("", "2", statistics));
    EXPECT_FALSE(parse_tracking("1", "", statistics));
    EXPECT_FALSE(parse_tracking("1", "0", statistics));
    EXPECT_FALSE(parse_tracking("-1", "2", statistics));
    EXPECT_FALSE(parse_tracking("1 2", "2", statistics));
}

}  // namespace
}  // namespace whylink::probes
