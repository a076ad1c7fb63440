#include "probes/wake_ups.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "tests/unit/probes/loopback.hpp"

namespace whylink::probes {
namespace {

TEST(WakeUps, ArePutOffFromTheFirstOneTooMany) {
    WakeUps wake_ups;
    for (unsigned i = 0; i < WakeUps::max_undelayed; ++i) {
        wake_ups.count();
    }
    EXPECT_FALSE(wake_ups.are_to_be_put_off());
    wake_ups.count();
    EXPECT_TRUE(wake_ups.are_to_be_put_off());
}

/// A connection whose own end is `fd`.
class Connection {
  public:
    Connection() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(listener_.port());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(connect(fd(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    }
    int fd() const { return own_.get(); }
    Fd peer() const { return listener_.accept(); }

  private:
    BoundSocket listener_{loopback_v4, SOCK_STREAM, 1};
    Fd own_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
};

bool is_readable(int fd) {
    pollfd interest{fd, POLLIN, 0};
    return poll(&interest, 1, 0) == 1;
}

TEST(WakeUps, WhoIsSuspendedSleepsOnWhileAPeerDrips) {
    const Connection connection;
    const Fd peer = connection.peer();
    ASSERT_EQ(send(peer.get(), "a", 1, 0), 1);
    ASSERT_TRUE(becomes_readable(connection.fd()));
    WakeUps::suspend(connection.fd());
    EXPECT_FALSE(is_readable(connection.fd()));
    WakeUps::resume(connection.fd());
    EXPECT_TRUE(is_readable(connection.fd()));
}

TEST(WakeUps, AnEndWakesAllTheSame) {
    const Connection connection;
    const Fd peer = connection.peer();
    WakeUps::suspend(connection.fd());
    shutdown(peer.get(), SHUT_WR);
    EXPECT_TRUE(becomes_readable(connection.fd()));
}

}  // namespace
}  // namespace whylink::probes
