// Capture for the whole process, on a real kernel: what is said of the time in which nothing was captured.
#include "daemon/packets/packet_service.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "daemon/packets/filter_keeper.hpp"
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
    return std::get<probes::TrafficFacts>(measured.round.probes.back().facts);
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
        scene.capture(off(), wish);
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
        std::this_thread::sleep_for(1s);
        const auto before = std::chrono::steady_clock::now();
        netns.ip(device);
        ASSERT_TRUE(scene.until([&] { return scene.service.up(); }));
        const probes::TrafficFacts facts = traffic_in(scene.service.look(wish.watches[0]));
        EXPECT_FALSE(facts.complete);
        EXPECT_LE(facts.silent_for, std::chrono::steady_clock::now() - before);
    });
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

}  // namespace
}  // namespace whylink::daemon
