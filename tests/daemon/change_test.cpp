// Links that break and are mended: log, metrics, report and `whylink status` follow.
#include <gtest/gtest.h>

#include "daemon.hpp"
#include "lab.hpp"
#include "state.hpp"

namespace whylink::daemon_test {
namespace {

constexpr const char* drops =
    "table inet lab { chain forward { type filter hook forward priority 0; ip daddr 10.0.0.2 drop; }; }\n";
constexpr const char* drops_no_more = "delete table inet lab\n";
constexpr const char* names =
    "moved.corp.test A 10.0.0.5\n"
    "gone.corp.test A 10.0.0.5\n";
constexpr const char* names_broken = "moved.corp.test A 10.0.0.6\n";

/// Five links, each with a fault of its own, and one that nothing happens to.
class Links {
  public:
    std::string config() const {
        const std::string expected = "expect = [\"10.0.0.5\"]\n";
        return head() + plain("steady", "10.0.0.1", 5432) + plain("dropped", "10.0.0.2", 5432) +
               plain("stopped", "10.0.0.3", 5432) + secure("barred", "10.0.0.4", 9440) +
               plain("moved", "moved.corp.test", 5432, expected) +
               plain("gone", "gone.corp.test", 5432, expected);
    }

    void break_all() {
        net.router.nft(drops);
        stopped_.stop();
        barred_.start(lab::reset_after_read());
        dns_.start(names_broken);
    }

    void mend_all() {
        net.router.nft(drops_no_more);
        stopped_.start(lab::silent());
        barred_.start(good_tls());
        dns_.start(names);
    }

    const lab::Topology net;

  private:
    NameServer dns_{net, "10.0.0.53", names};
    Server steady_{net, "10.0.0.1", 5432, lab::silent()};
    Server dropped_{net, "10.0.0.2", 5432, lab::silent()};
    Server stopped_{net, "10.0.0.3", 5432, lab::silent()};
    Server barred_{net, "10.0.0.4", 9440, good_tls()};
    Server named_{net, "10.0.0.5", 5432, lab::silent()};
    Server elsewhere_{net, "10.0.0.6", 5432, lab::silent()};
};

const std::map<std::string, State> when_broken{
    {"dropped", {"syn_unanswered", false, {"tcp", "10.0.0.2", "timeout"}}},
    {"stopped", {"connection_refused", false, {"tcp", "10.0.0.3", "refused"}}},
    {"barred", {"not_on_allowlist", false, {"tls", "10.0.0.4", "pending_allowlist"}}},
    {"moved", {"wrong_dns_record", false, {"dns", "10.0.0.53:53", "unexpected_address"}}},
    {"gone", {"private_dns_missing", false, {"dns", "10.0.0.53:53", "nxdomain"}}},
};

const std::map<std::string, State> when_mended{
    {"dropped", {"healthy", true, {"tcp", "10.0.0.2", "ok"}}},
    {"stopped", {"healthy", true, {"tcp", "10.0.0.3", "ok"}}},
    {"barred", {"healthy", true, {"tls", "10.0.0.4", "ok"}}},
    {"moved", {"healthy", true, {"dns", "10.0.0.53:53", "ok"}}},
    {"gone", {"healthy", true, {"dns", "10.0.0.53:53", "ok"}}},
};

/// So that the break fills the history, and its end is a single change.
void await_long_break(const Daemon& daemon) {
    for (const auto& broken : when_broken) {
        daemon.await(broken.first + " broken for long", [&](const Metrics& metrics) {
            const auto& probe = broken.second.probe;
            return rounds_ended_so(metrics, broken.first, probe.stage, probe.outcome) >= 10;
        });
    }
}

TEST(Change, IsFollowedEverywhere) {
    Links links;
    const Daemon daemon(links.net, links.config());
    const Metrics before = daemon.await_ready();
    EXPECT_EQ(before.sum("whylink_healthy"), 6);
    EXPECT_EQ(daemon.status({}).status, 0);

    links.break_all();
    for (const auto& [name, state] : when_broken) {
        expect_state(daemon, name, state);
    }
    EXPECT_EQ(daemon.status({}).status, 1);
    EXPECT_EQ(daemon.status({"steady"}).status, 0);
    await_long_break(daemon);

    links.mend_all();
    for (const auto& [name, state] : when_mended) {
        expect_state(daemon, name, state);
    }
    EXPECT_EQ(daemon.status({}).status, 0);
    for (const auto& [name, state] : when_mended) {
        expect_never(daemon, name, "intermittent");
    }
    const Metrics after = daemon.metrics();
    EXPECT_EQ(after.all("whylink_probes_total", {{"name", "steady"}}).size(), 1U) << "never anything but ok";
}

}  // namespace
}  // namespace whylink::daemon_test
