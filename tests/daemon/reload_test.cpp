// New configurations, good and bad, while rounds run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "daemon.hpp"
#include "lab.hpp"

namespace whylink::daemon_test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

constexpr int crowd = 300;

/// What differs from one good configuration to the next.
struct Variation {
    bool guests = false;  ///< further targets
    std::uint16_t port = 5432;
    std::string team = "red";
};

std::string config_of(const Variation& variation) {
    std::string text = head();
    for (int i = 0; i < crowd; ++i) {
        text += plain("same-" + std::to_string(i), "10.0.0.1", 5432);
    }
    text += plain("changing", "10.0.0.1", variation.port);
    text += plain("labelled", "10.0.0.1", 5432, "labels = { team = \"" + variation.team + "\" }\n");
    for (int i = 0; variation.guests && i < 20; ++i) {
        text += plain("guest-" + std::to_string(i), "10.0.0.1", 5432);
    }
    return text;
}

std::vector<std::string> names_that_stay() {
    std::vector<std::string> names{"labelled"};
    for (int i = 0; i < crowd; ++i) {
        names.push_back("same-" + std::to_string(i));
    }
    return names;
}

class UnderLoad {
  public:
    UnderLoad() : daemon(net_, config_of({})), last_(daemon.await_ready()), since_(daemon.report()) {}

    /// By HTTP or by SIGHUP, in turns; the metrics are those of the first scrape after its end.
    std::optional<HttpReply> reload(bool by_signal) {
        std::optional<HttpReply> reply;
        const std::size_t told = daemon.log("reload").size() + 1;
        if (by_signal) {
            daemon.signal(SIGHUP);
        } else {
            reply = daemon.reload();
            EXPECT_TRUE(reply.has_value());
        }
        if (by_signal) {
            EXPECT_TRUE(poll_until([&] { return daemon.log("reload").size() >= told; }));
        }
        const Metrics before = std::exchange(last_, daemon.metrics());
        expect_counters_go_on(before);
        EXPECT_TRUE(poll_until([&] { return daemon.log("reload").size() >= told; }));
        return reply;
    }

    const Metrics& last() const { return last_; }

    void expect_that_all_go_on() const {
        const double now = daemon.metrics().sum("whylink_rounds_total");
        daemon.await("rounds after the reload", [now](const Metrics& metrics) {
            return metrics.sum("whylink_rounds_total") > now + 10;
        });
    }

    void expect_nobody_began_anew() const {
        const auto now = daemon.report();
        for (const std::string& name : names_that_stay()) {
            ASSERT_EQ(now.count(name), 1U) << name;
            EXPECT_EQ(now.at(name).health_since, since_.at(name).health_since) << name;
        }
    }

  private:
    void expect_counters_go_on(const Metrics& before) const {
        std::map<std::string, double> counts;
        for (const Series& series : last_.all("whylink_probes_total", {{"outcome", "ok"}})) {
            counts[series.labels.at("name")] = series.value;
        }
        for (const Series& series : before.all("whylink_probes_total", {{"outcome", "ok"}})) {
            const std::string& name = series.labels.at("name");
            const bool stays = name.starts_with("same-") || name == "labelled";
            EXPECT_TRUE(!stays || counts[name] >= series.value) << name << " counts backwards";
        }
    }

    const lab::Topology net_;
    Server server_{net_, "10.0.0.1", 5432, lab::silent()};

  public:
    const Daemon daemon;

  private:
    Metrics last_;
    std::map<std::string, TargetReport> since_;
};

void expect_adopted(UnderLoad& world, const Variation& variation, bool by_signal) {
    world.daemon.write_config(config_of(variation));
    if (const auto reply = world.reload(by_signal)) {
        EXPECT_EQ(reply->status, 200) << reply->body;
        EXPECT_THAT(reply->body, HasSubstr("added"));
    }
    EXPECT_EQ(world.last().value("whylink_config_last_reload_successful"), 1);
    EXPECT_EQ(world.last().mentions("name", "guest-7"), variation.guests);
    EXPECT_EQ(world.last().one("whylink_target_info", {{"name", "labelled"}})->labels.at("team"),
              variation.team);
}

void expect_refused(UnderLoad& world, const std::optional<std::string>& bad, bool by_signal) {
    const std::string& file = world.daemon.config_file();
    if (bad) {
        world.daemon.write_config(*bad);
    } else {
        std::filesystem::remove(file);
    }
    const std::string place = bad ? file + ":[0-9]+:[0-9]+: " : file;
    if (const auto reply = world.reload(by_signal)) {
        EXPECT_EQ(reply->status, 500);
        EXPECT_THAT(reply->body, ContainsRegex(place));
    }
    EXPECT_EQ(world.last().value("whylink_config_last_reload_successful"), 0);
    const LogRecord told = world.daemon.log("reload").back();
    EXPECT_EQ(told.level, "error");
    EXPECT_THAT(told.message, ContainsRegex(place));
    world.expect_that_all_go_on();
}

TEST(Reload, GoesOnUnderLoad) {
    UnderLoad world;
    const std::vector<std::optional<std::string>> bad{
        head() + "[[endpoint]\n", head() + plain("t", "10.0.0.1", 1, "intervall = \"1s\"\n"), std::nullopt,
        // Caught half written.
        ""};
    const std::vector<Variation> good{
        {.guests = true}, {}, {.port = 81}, {.team = "blue"}, {.guests = true, .team = "green"}};
    for (std::size_t i = 0; i < 20; ++i) {
        SCOPED_TRACE("reload " + std::to_string(i));
        const bool by_signal = i / 2 % 2 == 1;
        if (i % 2 == 0) {
            expect_adopted(world, good[i / 2 % good.size()], by_signal);
        } else {
            expect_refused(world, bad[i / 2 % bad.size()], by_signal);
        }
    }
    world.expect_nobody_began_anew();
}

TEST(Reload, BeginsAnewWithWhatHasChanged) {
    const lab::Topology net;
    const Server server(net, "10.0.0.1", 5432, lab::silent());
    const Daemon daemon(net, head() + plain("t", "10.0.0.1", 5432));
    daemon.await_ready();
    daemon.write_config(head() + plain("t", "10.0.0.1", 81));
    ASSERT_EQ(daemon.reload()->status, 200);
    // The first round decides alone again, whatever the threshold.
    const Metrics metrics = daemon.await("its first round", [](const Metrics& seen) {
        return seen.value("whylink_diagnosis", {{"name", "t"}}).has_value();
    });
    EXPECT_EQ(metrics.value("whylink_healthy", {{"name", "t"}}), 0);
    EXPECT_TRUE(metrics.value("whylink_diagnosis", {{"cause", "connection_refused"}}));
    EXPECT_EQ(metrics.sum("whylink_probes_total", {{"outcome", "ok"}}), 0);
}

/// Each cost rounds their packets and the log a line: 72 lines a second.
TEST(Reload, AStormIsOneASecond) {
    const lab::Topology net;
    const Daemon daemon(net, head() + plain("t", "10.0.0.1", 81));
    daemon.await_ready();
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 50; ++i) {
        daemon.signal(SIGHUP);
        poll(nullptr, 0, 20);
    }
    const auto reply = daemon.reload();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->status, 200) << "whoever waits gets an answer";
    const auto took = std::chrono::ceil<std::chrono::seconds>(std::chrono::steady_clock::now() - begun);
    EXPECT_LE(daemon.log("reload").size(), static_cast<std::size_t>(took.count()) + 1);
}

TEST(Reload, MovesThePort) {
    const lab::Topology net;
    lab::ServerLoop loop;
    lab::start_stream_server(loop, {&net.client, lab::address_of("127.0.0.1"), 9799}, lab::silent());
    const Daemon daemon(net, head());
    daemon.await_ready();
    daemon.write_config(head({}, {}, 9798));
    ASSERT_EQ(daemon.reload()->status, 200);
    EXPECT_EQ(http_request(net.client, 9798, "GET", "/-/ready")->status, 200);
    EXPECT_TRUE(poll_until([&net] { return !Connection(net.client, http_port).connected(); }));

    daemon.write_config(head({}, {}, 9799) + plain("new", "10.0.0.1", 81));
    const auto refused = http_request(net.client, 9798, "POST", "/-/reload");
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->status, 500);
    EXPECT_THAT(refused->body, HasSubstr("cannot listen on 127.0.0.1:9799: Address already in use"));
    const auto page = http_request(net.client, 9798, "GET", "/metrics");
    ASSERT_TRUE(page.has_value());
    const Metrics metrics = Metrics::parse(page->body);
    EXPECT_EQ(metrics.value("whylink_config_last_reload_successful"), 0);
    EXPECT_FALSE(metrics.mentions("name", "new")) << "all of the configuration or nothing";
}

/// With another address to listen on.
std::string listening_on(std::string text, const std::string& address) {
    const std::string before = "127.0.0.1:" + std::to_string(http_port);
    return text.replace(text.find(before), before.size(), address);
}

TEST(Reload, ChangesTheAddressOfItsPort) {
    const lab::Topology net;
    const std::string port = ":" + std::to_string(http_port);
    const Daemon daemon(net, head());
    daemon.await_ready();
    // Each holds the one before or is held by it, so that both cannot be listened on at once.
    for (const std::string address : {"0.0.0.0", "127.0.0.1", "[::]", "127.0.0.1"}) {
        daemon.write_config(listening_on(head(), address + port));
        const auto reply = daemon.reload();
        ASSERT_TRUE(reply.has_value()) << address;
        EXPECT_EQ(reply->status, 200) << address << ": " << reply->body;
        EXPECT_EQ(daemon.metrics().value("whylink_config_last_reload_successful"), 1) << address;
    }
}

TEST(Reload, KeepsItsAddressWhenAnotherHasTheNewOne) {
    const lab::Topology net;
    lab::ServerLoop loop;
    lab::start_stream_server(loop, {&net.client, lab::address_of("127.0.0.2"), http_port}, lab::silent());
    const Daemon daemon(net, head());
    daemon.await_ready();
    daemon.write_config(listening_on(head(), "0.0.0.0:" + std::to_string(http_port)));
    for (int attempt = 0; attempt < 2; ++attempt) {
        const auto refused = daemon.reload();
        ASSERT_TRUE(refused.has_value());
        EXPECT_EQ(refused->status, 500);
        EXPECT_THAT(refused->body, HasSubstr("Address already in use"));
        EXPECT_EQ(daemon.metrics().value("whylink_config_last_reload_successful"), 0);
    }
    daemon.write_config(head());
    EXPECT_EQ(daemon.reload()->status, 200);
}

TEST(Reload, ReadsTlsFilesAnew) {
    const lab::Topology net;
    const Server server(net, "10.0.0.1", 9440, good_tls());
    const lab::TestCa other("Another CA");
    const std::string good = read_file(certificates().files().at("ca"));
    const std::filesystem::path file = new_config_file().replace_filename("ca.pem");
    write_file(file, other.certificate());
    const Daemon daemon(net, head() + "[[endpoint]]\nname = \"t\"\nhost = \"10.0.0.1\"\nport = 9440\n" +
                                 "tls = { server_name = \"db.corp.test\", ca_file = \"" + file.string() +
                                 "\" }\n");
    const auto rounds = [](const Metrics& metrics) { return metrics.sum("whylink_rounds_total"); };
    const Metrics before = daemon.await_ready();
    EXPECT_TRUE(before.value("whylink_diagnosis", {{"cause", "certificate_problem"}}));
    write_file(file, good);
    const Metrics unread = daemon.await(
        "another round", [&](const Metrics& metrics) { return rounds(metrics) > rounds(before); });
    EXPECT_TRUE(unread.value("whylink_diagnosis", {{"cause", "certificate_problem"}}));
    ASSERT_EQ(daemon.reload()->status, 200);
    daemon.await("the verdict with the new file", [](const Metrics& metrics) {
        return metrics.value("whylink_diagnosis", {{"cause", "healthy"}}).has_value();
    });
}

}  // namespace
}  // namespace whylink::daemon_test
