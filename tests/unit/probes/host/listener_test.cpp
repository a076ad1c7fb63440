#include "probes/host/listener.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <string_view>
#include <vector>

#include "probes/tcp/socket_address.hpp"
#include "support/netns.hpp"
#include "support/start_program.hpp"

namespace whylink::probes {
namespace {

constexpr std::uint16_t port = 6379;

IpAddress address(std::string_view text) {
    return IpAddress::parse(text).value();
}

/// Throws what errno says.
void require(bool holds, const char* what) {
    if (!holds) {
        lab::fail(what);
    }
}

/// A network namespace with sockets that listen in it.
class ListenerProbe : public testing::Test {
  protected:
    int listen(std::string_view text, std::uint16_t at = port, int backlog = 8, bool v6_only = false) {
        int fd = -1;
        netns_.enter([&] {
            const SocketAddress where(address(text), at);
            fd = ::socket(where.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
            require(fd >= 0, "socket");
            const int on = 1;
            require(::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0, "SO_REUSEPORT");
            if (where.v6()) {
                const int only = v6_only ? 1 : 0;
                require(::setsockopt(fd, SOL_IPV6, IPV6_V6ONLY, &only, sizeof only) == 0, "IPV6_V6ONLY");
            }
            require(::bind(fd, where.data(), where.length()) == 0, "bind");
            require(backlog < 0 || ::listen(fd, backlog) == 0, "listen");
        });
        sockets_.push_back(std::make_unique<lab::Fd>(fd));
        return fd;
    }

    void connect(std::string_view text) {
        netns_.enter([&] {
            const SocketAddress where(address(text), port);
            sockets_.push_back(
                std::make_unique<lab::Fd>(::socket(where.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)));
            require(::connect(sockets_.back()->get(), where.data(), where.length()) == 0, "connect");
        });
    }

    Observation probe() {
        Observation observation;
        netns_.enter([&] { observation = probe_listener(port); });
        EXPECT_EQ(observation.stage, Stage::listener);
        EXPECT_EQ(observation.port, port);
        EXPECT_FALSE(observation.local) << observation.local->text;
        return observation;
    }

    std::vector<ListeningSocket> found() { return get<ListenerFacts>(probe().facts).sockets; }

    lab::Netns netns_;
    std::vector<std::unique_ptr<lab::Fd>> sockets_;
};

TEST_F(ListenerProbe, FindsASocketOnAllAddresses) {
    listen("0.0.0.0", port, 17);
    const auto sockets = found();
    ASSERT_EQ(sockets.size(), 1U);
    EXPECT_EQ(sockets[0].address, address("0.0.0.0"));
    EXPECT_EQ(sockets[0].port, port);
    EXPECT_FALSE(sockets[0].v6_only);
    EXPECT_EQ(sockets[0].waiting, 0U);
    EXPECT_EQ(sockets[0].backlog, 17U);
}

TEST_F(ListenerProbe, FindsASocketOnLoopbackOnly) {
    listen("127.0.0.1");
    const auto sockets = found();
    ASSERT_EQ(sockets.size(), 1U);
    EXPECT_EQ(sockets[0].address, address("127.0.0.1"));
}

TEST_F(ListenerProbe, TellsASocketOfIPv6AloneFromOneOfBothFamilies) {
    const int both = listen("::");
    auto sockets = found();
    ASSERT_EQ(sockets.size(), 1U);
    EXPECT_EQ(sockets[0].address, address("::"));
    EXPECT_FALSE(sockets[0].v6_only);
    ::shutdown(both, SHUT_RDWR);  // ends the listening
    listen("::", port, 8, true);
    sockets = found();
    ASSERT_EQ(sockets.size(), 1U);
    EXPECT_TRUE(sockets[0].v6_only);
}

TEST_F(ListenerProbe, FindsAllOfThePortAndNoOther) {
    listen("::1");
    listen("127.0.0.2");
    listen("127.0.0.1");
    listen("127.0.0.1");            // of another process, as SO_REUSEPORT allows
    listen("127.0.0.1", port + 1);  // another port
    listen("127.0.0.3", port, -1);  // bound, and does not listen
    std::vector<IpAddress> addresses;
    for (const auto& socket : found()) {
        addresses.push_back(socket.address);
    }
    EXPECT_THAT(addresses, testing::ElementsAre(address("127.0.0.1"), address("127.0.0.1"),
                                                address("127.0.0.2"), address("::1")));
}

TEST_F(ListenerProbe, SeesTheQueueOfConnectionsThatWait) {
    const int fd = listen("127.0.0.1", port, 1);
    connect("127.0.0.1");
    connect("127.0.0.1");
    // The kernel takes one more than listen(2) was told; from here on it drops SYNs.
    auto sockets = found();
    ASSERT_EQ(sockets.size(), 1U);
    EXPECT_EQ(sockets[0].waiting, 2U);
    EXPECT_EQ(sockets[0].backlog, 1U);
    const lab::Fd accepted(::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC));
    ASSERT_GE(accepted.get(), 0);
    // Neither connections that are up nor clients of the port are listeners.
    sockets = found();
    ASSERT_EQ(sockets.size(), 1U);
    EXPECT_EQ(sockets[0].waiting, 1U);
}

TEST_F(ListenerProbe, FindsNothing) {
    EXPECT_TRUE(found().empty());
    const Observation observation = probe();
    EXPECT_GT(observation.took.count(), 0);
}

TEST_F(ListenerProbe, FindsOneAmongThousands) {
    for (std::uint16_t other = 10'000; other < 12'000; ++other) {
        listen("127.0.0.1", other);
        if (other % 500 == 0) {
            listen("127.0.0.1");
        }
    }
    EXPECT_EQ(found().size(), 4U);
}

TEST_F(ListenerProbe, LeavesOutWhatIsTooMuch) {
    for (std::size_t i = 0; i < max_listening_sockets + 100; ++i) {
        listen("127.0.0.1");
    }
    EXPECT_EQ(found().size(), max_listening_sockets);
}

}  // namespace
}  // namespace whylink::probes
