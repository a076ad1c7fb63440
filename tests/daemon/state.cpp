#include "state.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "poll_until.hpp"

namespace whylink::daemon_test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

void expect_metrics(const Daemon& daemon, const std::string& name, const State& state) {
    Labels diagnosis{{"name", name}, {"cause", state.cause}};
    if (state.healthy) {
        diagnosis["severity"] = "ok";  // `warning`: it passed, but not as it will from now on
    }
    const Metrics metrics = daemon.await(
        name + ": " + state.cause + (state.healthy ? ", healthy" : ", unhealthy"), [&](const Metrics& seen) {
            return seen.value("whylink_diagnosis", diagnosis) == 1 &&
                   seen.value("whylink_healthy", {{"name", name}}) == (state.healthy ? 1 : 0);
        });
    EXPECT_EQ(metrics.all("whylink_diagnosis", {{"name", name}}).size(), 1U) << "the old cause's is gone";
    const Labels where{{"name", name},
                       {"stage", state.probe.stage},
                       {state.probe.stage == "dns" ? "resolver" : "address", state.probe.where}};
    const auto outcomes = metrics.all("whylink_probe_outcome", where);
    ASSERT_EQ(outcomes.size(), 1U) << "the old outcome's is gone";
    EXPECT_EQ(outcomes.front().labels.at("outcome"), state.probe.outcome);
}

void expect_report(const Daemon& daemon, const std::string& name, const State& state) {
    const auto report = daemon.report();
    ASSERT_EQ(report.count(name), 1U);
    const TargetReport& target = report.at(name);
    EXPECT_EQ(target.cause, state.cause);
    EXPECT_EQ(target.healthy, state.healthy);
    EXPECT_THAT(target.probes, Contains(state.probe));
}

void expect_status(const Daemon& daemon, const std::string& name, const State& state) {
    const lab::Completed human = daemon.status({name});
    EXPECT_EQ(human.status, state.healthy ? 0 : 1) << human.err;
    EXPECT_THAT(human.out, HasSubstr(name));
    const lab::Completed json = daemon.status({name, "--format", "json"});
    EXPECT_EQ(json.status, state.healthy ? 0 : 1);
    const auto report = parse_report(json.out);
    ASSERT_EQ(report.size(), 1U);
    EXPECT_EQ(report.begin()->second.cause, state.cause);
    const lab::Completed nagios = daemon.status({name, "--format", "nagios"});
    EXPECT_EQ(nagios.status, state.healthy ? 0 : 2);
    EXPECT_THAT(nagios.out, HasSubstr(state.healthy ? "OK" : "CRITICAL"));
}

std::optional<LogRecord> latest_change(const Daemon& daemon, const std::string& name) {
    std::vector<LogRecord> changes = daemon.log("change");
    std::erase_if(changes, [&name](const LogRecord& record) { return record.text("name") != name; });
    return changes.empty() ? std::nullopt : std::optional(std::move(changes.back()));
}

/// The last word of the log, which is about the state that lasts. What goes before it depends on where in a round the test
/// turned things: a round that passed just so is told as a warning, at level `warn` and with the same
/// cause, and the plainly healthy round behind it as a change of its own, at level `info`.
void expect_told(const Daemon& daemon, const std::string& name, const State& state) {
    // Of changes that come close together the log holds one back for up to a minute (daemon/log/bounds).
    constexpr auto within = deadline + std::chrono::minutes(1);
    std::optional<LogRecord> told;
    const bool there = poll_until(
        [&] {
            told = latest_change(daemon, name);
            return told && told->text("cause") == state.cause &&
                   told->text("healthy") == (state.healthy ? "true" : "false") &&
                   told->level == (state.healthy ? "info" : "error");
        },
        within);
    ASSERT_TRUE(there) << "the latest change of " << name
                       << " in the log: " << (told ? told->level + ": " + told->message : "none");
    EXPECT_THAT(told->message, HasSubstr((state.healthy ? "healthy " : "unhealthy ") + name + ": "));
    if (!state.healthy) {
        EXPECT_THAT(told->lists.at("evidence"), Not(IsEmpty()));
        EXPECT_THAT(told->lists.at("remediation"), Not(IsEmpty()));
    }
}

}  // namespace

void expect_state(const Daemon& daemon, const std::string& name, const State& state) {
    SCOPED_TRACE(name + " " + state.cause);
    expect_metrics(daemon, name, state);
    expect_report(daemon, name, state);
    expect_status(daemon, name, state);
    expect_told(daemon, name, state);
}

void expect_never(const Daemon& daemon, const std::string& name, const std::string& cause) {
    for (const LogRecord& record : daemon.log("change")) {
        EXPECT_FALSE(record.text("name") == name && record.text("cause") == cause) << record.message;
    }
}

double rounds_ended_so(const Metrics& metrics, const std::string& name, const std::string& stage,
                       const std::string& outcome) {
    return metrics.sum("whylink_probes_total", {{"name", name}, {"stage", stage}, {"outcome", outcome}});
}

}  // namespace whylink::daemon_test
