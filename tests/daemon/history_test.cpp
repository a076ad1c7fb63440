// What several rounds add up to: damped health, and what comes and goes. A gate lets one round through after
// the other, so that each is looked at.
#include <gtest/gtest.h>

#include "daemon.hpp"
#include "lab.hpp"
#include "state.hpp"

namespace whylink::daemon_test {
namespace {

class Steps {
  public:
    explicit Steps(const std::string& thresholds)
        : daemon(net_, head() + secure("t", "10.0.0.1", 9440, "timeout = \"5m\"\n" + thresholds)) {}

    /// Lets the next round pass or fail, and gives the metrics after it and before the one that follows.
    Metrics round(bool passes) {
        gate_.let(passes ? good_tls() : lab::reset_after_read());
        ++rounds_;
        return daemon.await("the end of round " + std::to_string(rounds_), [this](const Metrics& metrics) {
            return metrics.sum("whylink_probes_total", {{"name", "t"}, {"stage", "tls"}}) == rounds_;
        });
    }

  private:
    const lab::Topology net_;
    lab::ServerLoop loop_;
    lab::Gate gate_{loop_};
    std::uint16_t port_ =
        start_stream_server(loop_, {&net_.server, lab::address_of("10.0.0.1"), 9440}, gate_);
    int rounds_ = 0;

  public:
    const Daemon daemon;  // ends before what it talks to
};

std::string cause_in(const Metrics& metrics) {
    const auto series = metrics.one("whylink_diagnosis", {{"name", "t"}});
    return series ? series->labels.at("cause") : "none";
}

double health_in(const Metrics& metrics) {
    return metrics.value("whylink_healthy", {{"name", "t"}}).value_or(-1);
}

TEST(History, DampsHealthAndNeverTheDiagnosis) {
    Steps steps("failure_threshold = 3\nsuccess_threshold = 2\n");
    struct Step {
        bool passes;
        int healthy;
    };
    // The first round decides alone; two failures are forgotten by a pass; three turn, and two turn back.
    int number = 0;
    for (const Step& step :
         std::vector<Step>{{true, 1}, {false, 1}, {false, 1}, {false, 0}, {true, 0}, {true, 1}}) {
        const Metrics metrics = steps.round(step.passes);
        SCOPED_TRACE(++number);
        EXPECT_EQ(health_in(metrics), step.healthy);
        EXPECT_EQ(metrics.all("whylink_diagnosis").size(), 1U);
        const std::string outcome = step.passes ? "ok" : "pending_allowlist";
        EXPECT_TRUE(metrics.value("whylink_probe_outcome", {{"stage", "tls"}, {"outcome", outcome}}));
        const auto target = steps.daemon.report().at("t");
        EXPECT_EQ(target.healthy, step.healthy == 1);
        EXPECT_EQ(target.cause, cause_in(metrics));
        if (number <= 4) {
            EXPECT_EQ(target.cause, step.passes ? "healthy" : "not_on_allowlist");
        }
        EXPECT_EQ(steps.daemon.status({}).status, step.healthy == 1 ? 0 : 1);
    }
}

TEST(History, DecidesByTheFirstRoundAlone) {
    Steps steps("failure_threshold = 3\nsuccess_threshold = 2\n");
    EXPECT_EQ(health_in(steps.round(false)), 0);
    EXPECT_EQ(health_in(steps.round(true)), 0);
    EXPECT_EQ(health_in(steps.round(true)), 1);
}

TEST(History, TellsWhatComesAndGoes) {
    Steps steps("");
    steps.round(true);
    EXPECT_EQ(cause_in(steps.round(true)), "healthy");
    EXPECT_EQ(cause_in(steps.round(false)), "not_on_allowlist") << "broken once is not intermittent";
    steps.round(true);
    const Metrics metrics = steps.round(false);
    EXPECT_EQ(cause_in(metrics), "intermittent") << "failed twice, passed three times, to and fro";
    EXPECT_EQ(cause_in(steps.round(true)), "intermittent") << "whichever way the latest round went";
    const LogRecord told = steps.daemon.await_record("the change", [](const LogRecord& record) {
        return record.event == "change" && record.text("cause") == "intermittent";
    });
    ASSERT_FALSE(told.lists.at("evidence").empty());
    EXPECT_NE(told.lists.at("evidence").front().find("2 of the last 5 rounds failed"), std::string::npos)
        << told.lists.at("evidence").front();
}

}  // namespace
}  // namespace whylink::daemon_test
