#include "probes/tcp/socket_options.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <memory>
#include <string>

#include "probes/tcp/socket_address.hpp"
#include "support/netns.hpp"
#include "tests/unit/probes/loopback.hpp"

namespace whylink::probes {
namespace {

Fd stream_socket(int family = AF_INET) {
    return Fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

TEST(SocketOptions, NoneChangeNothing) {
    const Fd fd = stream_socket();
    EXPECT_FALSE(apply({}, fd.get()));
    EXPECT_EQ(local_address(fd.get()).port(), 0);
}

TEST(SocketOptions, SourceAddressIsBoundWithoutTakingAPort) {
    const Fd fd = stream_socket();
    SocketOptions options;
    options.source_address = IpAddress::v4({127, 0, 0, 9});
    EXPECT_FALSE(apply(options, fd.get()));
    EXPECT_EQ(local_address(fd.get()).address(), options.source_address);
    EXPECT_EQ(local_address(fd.get()).port(), 0);
}

TEST(SocketOptions, ForeignSourceAddressIsNamed) {
    const Fd fd = stream_socket();
    SocketOptions options;
    options.source_address = IpAddress::v4({192, 0, 2, 1});
    const auto error = apply(options, fd.get());
    ASSERT_TRUE(error);
    EXPECT_EQ(error->operation, "bind 192.0.2.1");
    EXPECT_EQ(error->error, EADDRNOTAVAIL);
    EXPECT_FALSE(error->text.empty());
}

TEST(SocketOptions, SourceAddressOfTheOtherFamilyIsNamed) {
    const Fd fd = stream_socket();
    SocketOptions options;
    options.source_address = loopback_v6;
    const auto error = apply(options, fd.get());
    ASSERT_TRUE(error);
    EXPECT_EQ(error->operation, "bind ::1");
}

TEST(SocketOptions, DeviceIsSet) {
    const Fd fd = stream_socket();
    SocketOptions options;
    options.interface = "lo";
    ASSERT_FALSE(apply(options, fd.get()));
    std::array<char, 16> device{};
    socklen_t length = device.size();
    ASSERT_EQ(::getsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, device.data(), &length), 0);
    EXPECT_STREQ(device.data(), "lo");
}

TEST(SocketOptions, UnknownDeviceIsNamed) {
    const Fd fd = stream_socket();
    SocketOptions options;
    options.interface = "nosuch0";
    const auto error = apply(options, fd.get());
    ASSERT_TRUE(error);
    EXPECT_EQ(error->operation, "SO_BINDTODEVICE nosuch0");
    EXPECT_EQ(error->error, ENODEV);
}

TEST(SocketOptions, MarkIsSetOrThePermissionIsMissing) {
    const Fd fd = stream_socket();
    SocketOptions options;
    options.mark = 7;
    if (const auto error = apply(options, fd.get())) {
        EXPECT_EQ(error->operation, "SO_MARK 7");
        EXPECT_EQ(error->error, EPERM);
        return;
    }
    std::uint32_t mark = 0;
    socklen_t length = sizeof mark;
    ASSERT_EQ(::getsockopt(fd.get(), SOL_SOCKET, SO_MARK, &mark, &length), 0);
    EXPECT_EQ(mark, 7U);
}

TEST(HasRoute, LoopbackHasOne) {
    EXPECT_TRUE(has_route(loopback_v4));
    EXPECT_TRUE(has_route(loopback_v6));
}

TEST(HasRoute, SourceAddressOfTheOtherFamilyHasNone) {
    SocketOptions options;
    options.source_address = loopback_v4;
    EXPECT_FALSE(has_route(loopback_v6, options));
    EXPECT_TRUE(has_route(loopback_v4, options));
}

TEST(HasRoute, UnusableOptionsSayNothingAboutRoutes) {
    SocketOptions options;
    options.interface = "nosuch0";
    EXPECT_TRUE(has_route(loopback_v4, options));
}

class HasRouteInANamespace : public testing::Test {
  protected:
    void SetUp() override {
        try {
            netns_ = std::make_unique<lab::Netns>();
        } catch (const std::exception& refused) {
            GTEST_SKIP() << refused.what();
        }
    }

    bool route_to(const char* address) {
        bool route = false;
        netns_->enter([&] { route = has_route(*IpAddress::parse(address)); });
        return route;
    }

    std::unique_ptr<lab::Netns> netns_;
};

TEST_F(HasRouteInANamespace, EmptyTable) {
    EXPECT_FALSE(route_to("10.1.2.3"));
    EXPECT_FALSE(route_to("fd00::1"));
}

TEST_F(HasRouteInANamespace, UnreachableRoute) {
    netns_->ip("route add unreachable 10.1.2.0/24\n");
    EXPECT_FALSE(route_to("10.1.2.3"));
}

TEST_F(HasRouteInANamespace, OneFamilyOnly) {
    netns_->ip("route add 10.0.0.0/8 dev lo\n");
    EXPECT_TRUE(route_to("10.1.2.3"));
    EXPECT_FALSE(route_to("fd00::1"));
}

}  // namespace
}  // namespace whylink::probes
