#include "probes/packets/capture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <cerrno>
#include <thread>

#include "probes/packets/filter_program.hpp"
#include "probes/packets/pcap_handle.hpp"
#include "probes/tcp/socket_address.hpp"
#include "support/netns.hpp"
#include "support/server_loop.hpp"
#include "support/start_program.hpp"

namespace whylink::probes {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

const IpAddress loopback = IpAddress::v4({127, 0, 0, 1});

IpAddress ip(const char* text) {
    return IpAddress::parse(text).value();
}

FilterWish wish_of(const IpAddress& address, std::uint16_t port) {
    FilterWish wish;
    wish.endpoints = {{address, port}};
    return wish;
}

struct Seen {
    unsigned packets = 0, syn = 0, syn_ack = 0, fin = 0;
    std::size_t payload = 0;
};

/// A capture in the calling thread's namespace, and what it handed on.
class Captured {
  public:
    explicit Captured(const CaptureSettings& settings = {}) {
        Capture::Handlers handlers;
        handlers.packet = [this](const Packet& packet, const Frame&) { take(packet); };
        handlers.lost = [this](const std::string& why) { lost.push_back(why); };
        handlers.regained = [this] { ++regained; };
        auto opened = Capture::open(loop.get_executor(), settings, handlers);
        if (auto* error = std::get_if<LocalError>(&opened)) {
            throw std::runtime_error(error->operation + ": " + error->text);
        }
        capture = std::get<std::unique_ptr<Capture>>(std::move(opened));
    }

    std::optional<std::string> filter(const FilterWish& wish) {
        auto compiled =
            compile_filter(filter_text(wish), capture->link(), capture->settings().snapshot_length);
        return capture->set_filter(std::get<CompiledFilterPtr>(compiled));
    }
    /// Runs the loop until this holds; false when it does not for a minute.
    bool until(const std::function<bool()>& condition) {
        const auto deadline = std::chrono::steady_clock::now() + 60s;
        while (!condition() && std::chrono::steady_clock::now() < deadline) {
            loop.restart();
            loop.run_one_for(100ms);
        }
        return condition();
    }

    asio::io_context loop;
    Seen seen;
    std::vector<std::string> lost;
    int regained = 0;
    std::unique_ptr<Capture> capture;

  private:
    void take(const Packet& packet) {
        ++seen.packets;
        if (const auto* segment = std::get_if<TcpSegment>(&packet.transport)) {
            seen.syn += segment->syn && !segment->ack;
            seen.syn_ack += segment->syn && segment->ack;
            seen.fin += segment->fin;
            seen.payload += segment->payload_size;
        }
    }
};

int connected(const IpAddress& address, std::uint16_t port) {
    const int fd = socket(address.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const SocketAddress to(address, port);
    if (connect(fd, to.data(), to.length()) != 0) {
        throw std::system_error(errno, std::generic_category(), "connect");
    }
    return fd;
}

/// A listening socket that nobody accepts from: the kernel answers for it.
struct Server {
    explicit Server(const IpAddress& at = loopback, const lab::Netns* netns = nullptr,
                    std::uint16_t wanted = 0)
        : socket(lab::open_socket({netns, at, wanted}, SOCK_STREAM)),
          address(at),
          port(lab::bound_port(socket.get())) {}
    /// Connects, says hello, and is up until this is gone.
    void say_hello() {
        client.reset(connected(address, port));
        ASSERT_EQ(send(client.get(), "hello", 5, 0), 5);
    }
    lab::Fd socket;
    IpAddress address;
    std::uint16_t port;
    lab::Fd client;
};

/// Runs the test inside a namespace: sockets, and the capture when it opens again, are of the thread's.
void inside(const lab::Netns& netns, const std::function<void()>& test) {
    netns.enter(test);
}

class CaptureOnLoopback : public ::testing::TestWithParam<const char*> {};

TEST_P(CaptureOnLoopback, SeesEachPacketOnceAndAtOnce) {
    const lab::Netns netns;
    inside(netns, [&] {
        for (const IpAddress& address : {loopback, ip("::1")}) {
            Server server(address);
            Captured captured({.interface = GetParam()});
            ASSERT_FALSE(captured.filter(wish_of(address, server.port)));
            server.say_hello();
            captured.capture->drain();
            EXPECT_EQ(captured.seen.syn, 1U);
            EXPECT_EQ(captured.seen.syn_ack, 1U);
            ASSERT_TRUE(captured.until([&] { return captured.seen.payload > 0; }));
            EXPECT_EQ(captured.seen.payload, 5U);
            EXPECT_EQ(captured.capture->counts().dropped, 0U);
        }
    });
}

INSTANTIATE_TEST_SUITE_P(Both, CaptureOnLoopback, ::testing::Values("any", "lo"),
                         [](const auto& device) { return std::string(device.param); });

/// A client and a server side by side.
struct Neighbours {
    lab::Netns client;
    lab::Netns server;
    Neighbours() {
        join();
        server.ip("addr add 10.5.0.2/24 dev s0");
    }
    void join() {
        lab::connect(client, "c0", server, "s0");
        client.ip("addr add 10.5.0.1/24 dev c0");
    }
};

TEST(Capture, SeesAConnectionToAnotherHost) {
    const Neighbours lab;
    inside(lab.client, [&] {
        Server server(ip("10.5.0.2"), &lab.server);
        Captured captured;
        EXPECT_EQ(captured.capture->link(), LinkType::cooked_v2);
        EXPECT_TRUE(captured.capture->everywhere());
        ASSERT_FALSE(captured.filter(wish_of(server.address, server.port)));
        server.say_hello();
        captured.capture->drain();
        EXPECT_EQ(captured.seen.syn, 1U);
        EXPECT_EQ(captured.seen.syn_ack, 1U);
        EXPECT_EQ(captured.seen.payload, 5U);
    });
}

TEST(Capture, HandsPacketsOnFromTheLoopToo) {
    const lab::Netns netns;
    inside(netns, [&] {
        Server server;
        Captured captured;
        ASSERT_FALSE(captured.filter(wish_of(loopback, server.port)));
        for (std::uint64_t connection = 1; connection <= 3; ++connection) {
            server.say_hello();
            EXPECT_TRUE(captured.until([&] { return captured.seen.payload == 5 * connection; }));
        }
        EXPECT_EQ(captured.seen.syn, 3U);
    });
}

TEST(Capture, SeesNothingBeforeTheFirstFilter) {
    const lab::Netns netns;
    inside(netns, [&] {
        Server server;
        Captured captured;
        server.say_hello();
        ASSERT_FALSE(captured.filter(wish_of(loopback, server.port)));
        captured.capture->drain();
        EXPECT_EQ(captured.seen.syn, 0U);
        server.say_hello();
        captured.capture->drain();
        EXPECT_EQ(captured.seen.syn, 1U);
    });
}

TEST(Capture, GoesOnWithAnotherFilter) {
    const lab::Netns netns;
    inside(netns, [&] {
        Server first;
        Server second;
        Captured captured;
        ASSERT_FALSE(captured.filter(wish_of(loopback, first.port)));
        const auto gaps = captured.capture->gaps();
        first.say_hello();
        ASSERT_FALSE(captured.filter(wish_of(loopback, second.port)));
        EXPECT_EQ(captured.seen.syn, 1U) << "what passed the old filter is handed on";
        EXPECT_EQ(captured.capture->gaps(), gaps + 1);
        first.say_hello();
        second.say_hello();
        captured.capture->drain();
        EXPECT_EQ(captured.seen.syn, 2U);
    });
}

TEST(Capture, OfTwoThousandHostsGoesByPorts) {
    const lab::Netns netns;
    inside(netns, [&] {
        Server server;
        FilterWish wish = wish_of(loopback, server.port);
        for (unsigned host = 0; host < 2000; ++host) {
            wish.endpoints.push_back({IpAddress::v4({10, 0, static_cast<std::uint8_t>(host >> 8U),
                                                     static_cast<std::uint8_t>(host)}),
                                      server.port});
        }
        Captured captured;
        ASSERT_FALSE(captured.filter(wish));
        server.say_hello();
        captured.capture->drain();
        EXPECT_EQ(captured.seen.syn, 1U);
    });
}

// The packets pass the bridge and its port: twice on "any".
TEST(Capture, SeesEachPacketOfABridgeOnce) {
    const lab::Netns client;
    const lab::Netns other;
    lab::connect(client, "c0", other, "s0");
    client.ip(
        "link add br0 type bridge\nlink set c0 master br0\nlink set br0 up\naddr add 10.5.0.1/24 dev br0");
    other.ip("addr add 10.5.0.2/24 dev s0");
    inside(client, [&] {
        Server server(ip("10.5.0.2"), &other);
        Captured captured;
        ASSERT_FALSE(captured.filter(wish_of(server.address, server.port)));
        server.say_hello();
        captured.capture->drain();
        EXPECT_EQ(captured.seen.syn, 1U);
        EXPECT_EQ(captured.seen.syn_ack, 1U);
        EXPECT_EQ(captured.seen.payload, 5U);
        const CaptureCounts counts = captured.capture->counts();
        EXPECT_GE(counts.duplicates, 3U);
        EXPECT_EQ(counts.packets, captured.seen.packets + counts.duplicates);
    });
}

TEST(Capture, TakesUpAnInterfaceThatVanishedAndCameBack) {
    Neighbours lab;
    inside(lab.client, [&] {
        Captured captured({.interface = "c0"});
        EXPECT_FALSE(captured.capture->everywhere());
        const IpAddress address = ip("10.5.0.2");
        ASSERT_FALSE(captured.filter(wish_of(address, 4430)));
        const auto gaps = captured.capture->gaps();
        lab.client.ip("link del c0");
        ASSERT_TRUE(captured.until([&] { return !captured.lost.empty(); }));
        EXPECT_FALSE(captured.capture->up());
        EXPECT_GT(captured.capture->gaps(), gaps);
        lab.join();
        lab.server.ip("addr add 10.5.0.2/24 dev s0");
        ASSERT_TRUE(captured.until([&] { return captured.regained > 0; }));
        EXPECT_TRUE(captured.capture->up());
        EXPECT_EQ(captured.lost.size(), 1U);
        Server server(address, &lab.server, 4430);
        server.say_hello();
        captured.capture->drain();
        EXPECT_EQ(captured.seen.syn, 1U);
        EXPECT_EQ(captured.seen.syn_ack, 1U);
    });
}

// The kernel keeps the socket bound: nothing is lost but what the interface itself did not carry.
TEST(Capture, GoesOnAfterTheInterfaceWasDown) {
    const Neighbours lab;
    inside(lab.client, [&] {
        Captured captured({.interface = "c0"});
        Server server(ip("10.5.0.2"), &lab.server);
        ASSERT_FALSE(captured.filter(wish_of(server.address, server.port)));
        lab.client.ip("link set c0 down");
        captured.capture->drain();
        lab.client.ip("link set c0 up");
        server.say_hello();
        captured.capture->drain();
        EXPECT_TRUE(captured.capture->up());
        EXPECT_EQ(captured.seen.syn, 1U);
        EXPECT_TRUE(captured.lost.empty());
    });
}

TEST(Capture, CountsWhatTheRingHadNoRoomFor) {
    const lab::Netns netns;
    inside(netns, [&] {
        const lab::Fd receiver(lab::open_socket({nullptr, loopback, 0}, SOCK_DGRAM));
        const std::uint16_t port = lab::bound_port(receiver.get());
        FilterWish wish;
        wish.resolvers = {{loopback, port}};
        Captured captured({.interface = "lo", .buffer = 64U << 10});
        ASSERT_FALSE(captured.filter(wish));
        const lab::Fd sender(socket(AF_INET, SOCK_DGRAM, 0));
        const SocketAddress to(loopback, port);
        constexpr unsigned sent = 1000;
        for (unsigned packet = 0; packet < sent; ++packet) {
            ASSERT_EQ(sendto(sender.get(), "x", 1, 0, to.data(), to.length()), 1);
        }
        captured.capture->drain();
        const CaptureCounts counts = captured.capture->counts();
        EXPECT_GT(counts.packets, 0U);
        EXPECT_GT(counts.dropped, 0U);
        EXPECT_GE(counts.packets + counts.dropped, sent);
        EXPECT_EQ(captured.capture->counts().dropped, counts.dropped) << "counted once";
    });
}

TEST(Capture, IsSilentOnceDestroyed) {
    const lab::Netns netns;
    inside(netns, [&] {
        Server server;
        Captured captured;
        ASSERT_FALSE(captured.filter(wish_of(loopback, server.port)));
        captured.until([&] { return captured.loop.poll() == 0; });
        server.say_hello();
        captured.capture.reset();
        captured.loop.restart();
        captured.loop.run();
        EXPECT_EQ(captured.seen.packets, 0U);
    });
}

// ---- what cannot be opened ----

LocalError refusal(const CaptureSettings& settings) {
    asio::io_context loop;
    auto opened = Capture::open(loop.get_executor(), settings, {});
    const auto* error = std::get_if<LocalError>(&opened);
    return error != nullptr ? *error : LocalError{"", 0, "opened"};
}

void drop_net_raw() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2]{};
    ASSERT_EQ(syscall(SYS_capget, &header, data), 0);
    data[0].effective &= ~(1U << CAP_NET_RAW);
    ASSERT_EQ(syscall(SYS_capset, &header, data), 0);
}

TEST(Capture, SaysThatTheCapabilityIsMissing) {
    LocalError error;
    // Capabilities are the thread's.
    std::thread([&] {
        drop_net_raw();
        error = refusal({});
    }).join();
    EXPECT_EQ(error.error, EPERM);
    EXPECT_THAT(error.text, HasSubstr("CAP_NET_RAW"));
}

TEST(Capture, SaysThatThereIsNoSuchInterface) {
    const LocalError error = refusal({.interface = "nosuch0"});
    EXPECT_EQ(error.error, ENODEV);
    EXPECT_THAT(error.operation, HasSubstr("nosuch0"));
}

TEST(Capture, SaysThatTheInterfaceIsDown) {
    const Neighbours lab;
    lab.client.ip("link set c0 down");
    inside(lab.client, [] { EXPECT_EQ(refusal({.interface = "c0"}).error, ENETDOWN); });
}

// ---- filters in the kernel ----

unsigned kernel_instructions(const PcapHandle& handle) {
    socklen_t count = 0;
    return getsockopt(handle.fd(), SOL_SOCKET, SO_GET_FILTER, nullptr, &count) == 0 ? count : 0;
}

/// As many as are not yet filtered by ports alone, of one kind each.
std::vector<FilterWish> largest_wishes() {
    std::vector<FilterWish> wishes(5);
    for (FilterWish& wish : wishes) {
        wish.openings = true;
    }
    for (unsigned i = 0; i < max_filtered_hosts; ++i) {
        const auto byte = static_cast<std::uint8_t>(i);
        const auto port = static_cast<std::uint16_t>(9000 + 2 * (i % max_filtered_ports));
        const IpAddress v4 = IpAddress::v4({10, 0, byte, 1});
        const IpAddress v6 = IpAddress::v6({0xfd, byte, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, byte, 1});
        wishes[0].endpoints.push_back({v4, port});
        wishes[1].endpoints.push_back({v6, port});
        (i % 2 == 0 ? wishes[2].endpoints : wishes[2].resolvers).push_back({i % 4 < 2 ? v4 : v6, port});
        if (i % 5 == 0) {
            wishes[3].watches.push_back({port, {Cidr(IpAddress::v4({10, 0, byte, 0}), 24)}});
        }
        if (i % 10 == 0) {
            wishes[4].watches.push_back({port, {*Cidr::parse("fd00:0:" + std::to_string(i) + "::/48")}});
        }
    }
    return wishes;
}

// Larger ones libpcap would run by itself, over every packet of this host.
TEST(Capture, TheKernelTakesTheLargestFilters) {
    const lab::Netns netns;
    try {
        netns.sysctl("core/optmem_max", "20480");  // the default before Linux 6.8
    } catch (const std::exception& refused) {
        GTEST_SKIP() << "only the default of this kernel can be tried: " << refused.what();
    }
    inside(netns, [] {
        auto opened = PcapHandle::open({});
        auto& handle = std::get<PcapHandle>(opened);
        for (const FilterWish& wish : largest_wishes()) {
            const auto compiled = compile_filter(filter_text(wish), handle.link(), 2048);
            const auto& filter = *std::get<CompiledFilterPtr>(compiled);
            ASSERT_FALSE(handle.set_filter(filter));
            EXPECT_GT(filter.program.bf_len, 200U);
            EXPECT_EQ(kernel_instructions(handle), filter.program.bf_len) << filter_text(wish).substr(0, 200);
        }
    });
}

}  // namespace
}  // namespace whylink::probes
