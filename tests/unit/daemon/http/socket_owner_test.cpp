#include "daemon/http/socket_owner.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace whylink::daemon::http {
namespace {

// As x86-64 prints them (proc(5)): 127.0.0.1:9797 of user 1001, 0.0.0.0:9797 of root, 127.0.0.1:80 and a connection.
constexpr std::string_view tcp =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    "   0: 0100007F:2645 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1001        0 1 1 0 100 0 0 10 0\n"
    "   1: 00000000:2645 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0\n"
    "   2: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 3 1 0 100 0 0 10 0\n"
    "   3: 0100007F:1000 0100007F:2645 01 00000000:00000000 00:00000000 00000000  1002        0 4 1 0 100 0 0 10 0\n"
    "   4: rubbish\n";
// [::]:81 of user 7, [::1]:82 of user 8.
constexpr std::string_view tcp6 =
    "  sl  local_address                         remote_address                        st ...\n"
    "   0: 00000000000000000000000000000000:0051 00000000000000000000000000000000:0000 0A 00000000:00000000 "
    "00:00000000 00000000     7        0 5 1 0 100 0 0 10 0\n"
    "   1: 00000000000000000000000001000000:0052 00000000000000000000000000000000:0000 0A 00000000:00000000 "
    "00:00000000 00000000     8        0 6 1 0 100 0 0 10 0\n";

std::optional<uid_t> owner(const char* address, std::uint16_t port) {
    return listener_owner_in(tcp, tcp6, *IpAddress::parse(address), port, {0});
}

TEST(SocketOwner, IsThatOfTheMostSpecificListener) {
    EXPECT_EQ(owner("127.0.0.1", 9797), 1001U);
    EXPECT_EQ(owner("127.0.0.2", 9797), 0U);
    EXPECT_EQ(owner("127.0.0.1", 80), 33U);
    EXPECT_EQ(owner("127.0.0.1", 81), 7U) << "[::] takes IPv4 too";
    EXPECT_EQ(owner("::1", 81), 7U);
    EXPECT_EQ(owner("::1", 82), 8U);
}

TEST(SocketOwner, IsNotKnownElsewhere) {
    EXPECT_EQ(owner("127.0.0.1", 4096), std::nullopt) << "a connection is no listener";
    EXPECT_EQ(owner("::1", 9797), std::nullopt);
    EXPECT_EQ(owner("10.0.0.4", 9797), std::nullopt) << "that may be another host";
    EXPECT_EQ(listener_owner_in("", "", *IpAddress::parse("127.0.0.1"), 80, {}), std::nullopt);
}

TEST(SocketOwner, OfSeveralTheStrangerCounts) {
    const std::string both =
        std::string(tcp) +
        "   5: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0"
        "        0 7 1 0 100 0 0 10 0\n";
    EXPECT_EQ(listener_owner_in(both, "", *IpAddress::parse("127.0.0.1"), 80, {0}), 33U);
    EXPECT_EQ(listener_owner_in(both, "", *IpAddress::parse("127.0.0.1"), 80, {33}), 0U);
    EXPECT_EQ(listener_owner_in(both, "", *IpAddress::parse("127.0.0.1"), 80, {0, 33}), 33U);
}

TEST(SocketOwner, OfThisProcessIsItself) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), length), 0);
    ASSERT_EQ(listen(fd, 1), 0);
    ASSERT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), 0);
    EXPECT_EQ(listener_owner(*IpAddress::parse("127.0.0.1"), ntohs(address.sin_port), {}), geteuid());
    close(fd);
}

}  // namespace
}  // namespace whylink::daemon::http
