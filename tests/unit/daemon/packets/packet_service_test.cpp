// Capture for the whole process, on a real kernel: what is said of the time in which nothing was captured.
#include "daemon/packets/packet_service.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "daemon/packets/filter_keeper.hpp"
#include "daemon/packets/openings_budget.hpp"
#include "support/netns.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;

const IpAddress loopback = IpAddress::v4({127, 0, 0, 1});

config::Capture on(const std::string& interface = "any") {
    config::Capture settings;
    settings.mode = config::CaptureMode::required;
    settings.interface = interface;
    return settings;
}

config::Capture off() {
    config::Capture settings;
    settings.mode = config::CaptureMode::off;
    return settings;
}

config::Watch watch_of_port(std::uint16_t port) {
    config::Watch watch;
    watch.name = "watch";
    watch.port = port;
    return watch;
}

probes::TrafficFacts traffic_in(const Measured& measured) {
    return get<probes::TrafficFacts>(measured.round.probes.back().facts);
}

/// In a namespace of its own, of the calling thread.
struct Scene {
    asio::io_context loop;
    PacketService service{loop, {.beside = {}, .say = [](bool, const std::string&) {}}};

    void capture(const config::Capture& settings, CaptureWish wish) {
        const auto fault = service.configure(settings, std::move(wish));
        ASSERT_FALSE(fault) << fault->text;
    }
    bool until(const std::function<bool()>& condition) {
        const auto deadline = std::chrono::steady_clock::now() + 60s;
        while (!condition() && std::chrono::steady_clock::now() < deadline) {
            loop.restart();
            loop.run_one_for(100ms);
        }
        return condition();
    }
};

TEST(PacketService, TakesNoLaterCaptureForTheOneThatAFlowBeganWith) {
    const lab::Netns netns;
    netns.enter([] {
        Scene scene;
        const CaptureWish wish{{443}, {}, {}};
        for (int times = 0; times < 3; ++times) {
            scene.capture(on(), wish);
            const auto tap = scene.service.tap();
            ASSERT_TRUE(tap);
            const probes::FollowedFlow flow = tap->follow({6, loopback, 40000, loopback, 443});
            EXPECT_TRUE(flow.facts().complete);
            scene.capture(off(), wish);
            EXPECT_FALSE(flow.facts().complete);
            scene.capture(on(), wish);
            EXPECT_FALSE(flow.facts().complete) << "even at the same place in memory";
            EXPECT_FALSE(tap->up());
            scene.capture(off(), wish);
        }
    });
}

TEST(PacketService, CallsNoTimeSilentInWhichItCapturedNothing) {
    const lab::Netns netns;
    netns.enter([] {
        Scene scene;
        const CaptureWish wish{{}, {}, {watch_of_port(443)}};
        scene.capture(on(), wish);
        EXPECT_TRUE(traffic_in(scene.service.look(wish.watches[0])).complete);
        EXPECT_FALSE(scene.service.fault());
        scene.capture(off(), wish);
        ASSERT_TRUE(scene.service.fault());
        EXPECT_EQ(scene.service.fault()->text, "capture.enabled is false");
        std::this_thread::sleep_for(2s);
        const auto before = std::chrono::steady_clock::now();
        scene.capture(on(), wish);
        const probes::TrafficFacts facts = traffic_in(scene.service.look(wish.watches[0]));
        EXPECT_FALSE(facts.complete);
        EXPECT_LE(facts.silent_for, std::chrono::steady_clock::now() - before);
        EXPECT_FALSE(traffic_in(scene.service.look(wish.watches[0])).complete)
            << "what was not seen then may decide an attempt now";
    });
}

TEST(PacketService, CallsNoTimeSilentInWhichTheInterfaceWasGone) {
    const lab::Netns netns;
    netns.enter([&] {
        Scene scene;
        const std::string device = "link add eth9 type veth peer name eth9p\nlink set eth9 up\n";
        netns.ip(device);
        const CaptureWish wish{{}, {}, {watch_of_port(443)}};
        scene.capture(on("eth9"), wish);
        netns.ip("link delete eth9\n");
        ASSERT_TRUE(scene.until([&] { return !scene.service.up(); }));
        ASSERT_TRUE(scene.service.fault());
        EXPECT_EQ(scene.service.fault()->text, "the interface is down or gone");
        std::this_thread::sleep_for(1s);
        const auto before = std::chrono::steady_clock::now();
        netns.ip(device);
        ASSERT_TRUE(scene.until([&] { return scene.service.up(); }));
        const probes::TrafficFacts facts = traffic_in(scene.service.look(wish.watches[0]));
        EXPECT_FALSE(facts.complete);
        EXPECT_LE(facts.silent_for, std::chrono::steady_clock::now() - before);
    });
}

/// A socket that listens, and sockets that connect to it, over loopback.
class Visited {
  public:
    Visited() {
        sockaddr_in any{};
        any.sin_family = AF_INET;
        any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        bind(listener_, reinterpret_cast<const sockaddr*>(&any), sizeof any);
        listen(listener_, 8);
        socklen_t length = sizeof address_;
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address_), &length);
    }
    ~Visited() { close(listener_); }
    Visited(const Visited&) = delete;
    Visited& operator=(const Visited&) = delete;

    std::uint16_t port() const { return ntohs(address_.sin_port); }
    /// The descriptor, and its own port.
    std::pair<int, std::uint16_t> visit() const {
        const int fd = socket(AF_INET, SOCK_STREAM, 0);
        connect(fd, reinterpret_cast<const sockaddr*>(&address_), sizeof address_);
        sockaddr_in own{};
        socklen_t length = sizeof own;
        getsockname(fd, reinterpret_cast<sockaddr*>(&own), &length);
        return {fd, ntohs(own.sin_port)};
    }

  private:
    int listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address_{};
};

TEST(PacketService, CountsWhatThisProgramSendsForNoTraffic) {
    const lab::Netns netns;
    netns.enter([] {
        const Visited server;
        config::Watch watch = watch_of_port(server.port());
        watch.direction = config::Direction::outbound;
        const CaptureWish wish{{}, {}, {watch}};
        Scene scene;
        scene.capture(on(), wish);
        const auto tap = scene.service.tap();
        const auto own = server.visit();
        {
            const probes::FollowedFlow flow = tap->follow({6, loopback, own.second, loopback, server.port()});
            tap->drain();
            EXPECT_EQ(flow.facts().syn, 1U);
        }
        close(own.first);  // its end is seen when nobody follows it any more
        const probes::TrafficFacts alone = traffic_in(scene.service.look(watch));
        EXPECT_EQ(alone.packets, 0U);
        EXPECT_FALSE(alone.ever);

        const auto of_another = server.visit();
        const probes::TrafficFacts traffic = traffic_in(scene.service.look(watch));
        EXPECT_EQ(traffic.established, 1U);
        close(of_another.first);
    });
}

TEST(OpeningsBudget, IsSpentOnceByMoreThanItsRate) {
    OpeningsBudget budget;
    probes::Packet syn;
    syn.transport = probes::TcpSegment{.syn = true};
    probes::Packet data = syn;
    std::get<probes::TcpSegment>(data.transport).syn = false;
    const auto most = OpeningsBudget::max_per_second * OpeningsBudget::span.count();
    const auto times_spent = [&](std::uint64_t packets, std::chrono::nanoseconds apart) {
        int spent = 0;
        for (std::uint64_t i = 0; i < packets; ++i) {
            syn.time += apart;
            spent += budget.add(syn) ? 1 : 0;
            EXPECT_FALSE(budget.add(data));
        }
        return spent;
    };
    EXPECT_EQ(times_spent(most * 2, 501us), 0) << "just under the rate";
    EXPECT_EQ(times_spent(most * 3, 400us), 1);
    EXPECT_EQ(times_spent(10, 1us), 0);
}

/// Filters are compiled when the test says so.
struct Keeping {
    asio::io_context loop;
    std::vector<std::function<void()>> jobs;
    unsigned exchanges = 0;
    FilterKeeper keeper{loop,
                        {.beside =
                             [this](std::function<void()> job) {
                                 jobs.push_back(std::move(job));
                                 return true;
                             },
                         .set = [this](const probes::CompiledFilterPtr&) { ++exchanges; },
                         .failed = [](const std::string& error) { FAIL() << error; },
                         .quiet = 1ms}};

    void begin(std::uint16_t port) { keeper.begin({{port}, {}, {}}, probes::LinkType::ethernet, 2048); }
    void compile() {
        for (const auto& job : std::exchange(jobs, {})) {
            job();
        }
        run();
    }
    void run() {
        loop.restart();
        loop.poll();
    }
    /// Only the addresses that rounds have used pass.
    void make_narrow() {
        keeper.expect_endpoint({loopback, 443});
        while (jobs.empty()) {
            loop.restart();
            loop.run_one();
        }
        compile();
    }
};

const IpAddress other = IpAddress::v4({10, 0, 0, 9});

TEST(FilterKeeper, LetsANewAddressThroughWhileAnotherConfigurationIsCompiled) {
    Keeping keeping;
    keeping.begin(443);
    const std::string wide = keeping.keeper.text();
    keeping.make_narrow();
    ASSERT_NE(keeping.keeper.text(), wide);
    keeping.begin(444);
    keeping.keeper.expect_endpoint({other, 443});
    EXPECT_EQ(keeping.keeper.text(), wide) << "of a round that began before";
    keeping.compile();
    EXPECT_NE(keeping.keeper.text(), wide);
    EXPECT_FALSE(keeping.keeper.pending());
}

TEST(FilterKeeper, LetsANewAddressThroughWhileANewResolverIsCompiled) {
    Keeping keeping;
    keeping.begin(443);
    const std::string wide = keeping.keeper.text();
    keeping.make_narrow();
    keeping.keeper.expect_resolver({other, 53});
    keeping.keeper.expect_endpoint({other, 443});
    EXPECT_EQ(keeping.keeper.text(), wide);
    keeping.compile();
    EXPECT_NE(keeping.keeper.text().find("udp port 53"), std::string::npos);
}

TEST(FilterKeeper, ForgetsEndpointsOfWhichThereAreTooManyAndStaysWide) {
    Keeping keeping;
    keeping.begin(443);
    const std::string wide = keeping.keeper.text();
    keeping.make_narrow();
    ASSERT_NE(keeping.keeper.text(), wide);
    std::size_t most = 0;
    for (std::uint32_t i = 0; i < 10 * FilterKeeper::max_endpoints; ++i) {
        const auto high = static_cast<std::uint8_t>(i >> 8U);
        keeping.keeper.expect_endpoint({IpAddress::v4({10, 1, high, static_cast<std::uint8_t>(i)}), 443});
        most = std::max(most, keeping.keeper.endpoints_remembered());
    }
    EXPECT_EQ(most, FilterKeeper::max_endpoints);
    EXPECT_EQ(keeping.keeper.endpoints_remembered(), 0U);
    EXPECT_EQ(keeping.keeper.text(), wide) << "whoever comes next passes it";
    keeping.keeper.begin({{443}, {}, {}}, probes::LinkType::ethernet, 2048);
    keeping.compile();
    keeping.make_narrow();
    EXPECT_NE(keeping.keeper.text(), wide) << "another configuration starts with its own filter";
}

TEST(FilterKeeper, BoundsTheResolversThatItWasNotConfiguredWith) {
    Keeping keeping;
    const IpAddress configured = IpAddress::v4({10, 2, 0, 1});
    keeping.keeper.begin({{443}, {{configured, 53}}, {}}, probes::LinkType::ethernet, 2048);
    for (std::uint8_t i = 0; i < 5 * FilterKeeper::max_further_resolvers; ++i) {
        keeping.keeper.expect_resolver({IpAddress::v4({10, 3, 0, i}), 53});
        keeping.compile();
    }
    const std::string& text = keeping.keeper.text();
    EXPECT_NE(text.find("10.2.0.1"), std::string::npos);
    EXPECT_NE(text.find("10.3.0.79"), std::string::npos) << "the latest";
    EXPECT_EQ(text.find("10.3.0.63"), std::string::npos) << "an early one";
    EXPECT_NE(text.find("10.3.0.64"), std::string::npos);
}

TEST(FilterKeeper, LeavesOutTheOpeningsOfAHostThatHasTooManyUntilItBeginsAgain) {
    Keeping keeping;
    keeping.keeper.begin({{443}, {}, {}, true}, probes::LinkType::ethernet, 2048);
    const std::string all = keeping.keeper.text();
    keeping.keeper.leave_out_openings();
    keeping.compile();
    const std::string fewer = keeping.keeper.text();
    EXPECT_LT(fewer.size(), all.size());
    keeping.make_narrow();
    EXPECT_EQ(keeping.keeper.text().find("outbound"), std::string::npos);
    keeping.keeper.begin({{443}, {}, {}, true}, probes::LinkType::ethernet, 2048);
    keeping.compile();
    EXPECT_EQ(keeping.keeper.text(), all);
}

}  // namespace
}  // namespace whylink::daemon
