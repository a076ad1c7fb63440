// The first rounds: readiness, and the same verdicts as `whylink check` draws.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "daemon.hpp"
#include "lab.hpp"
#include "support/sandbox.hpp"

namespace whylink::daemon_test {
namespace {

using testing::HasSubstr;

TEST(Start, IsReadyOnceTheFirstRoundsHaveEnded) {
    const lab::Topology net;
    Server server(net, "10.0.0.1", 5432, lab::silent());
    const Daemon daemon(net, head() + secure("slow", "10.0.0.1", 5432, "timeout = \"5m\"\n"));
    const Metrics before = daemon.await(
        "its round", [](const Metrics& metrics) { return metrics.value("whylink_rounds_under_way") == 1; });
    EXPECT_TRUE(before.all("whylink_healthy").empty());
    EXPECT_TRUE(before.all("whylink_diagnosis").empty());
    const auto ready = daemon.get("/-/ready");
    ASSERT_TRUE(ready.has_value());
    EXPECT_EQ(ready->status, 503);
    EXPECT_FALSE(ready->body.empty());
    const auto healthy = daemon.get("/-/healthy");
    ASSERT_TRUE(healthy.has_value());
    EXPECT_EQ(healthy->status, 200);
    EXPECT_TRUE(daemon.report().empty());

    server.start(good_tls());  // which ends the connection that waits
    daemon.await_ready();
    EXPECT_EQ(daemon.report().count("slow"), 1U);
}

// ---- a dozen faults at once ----

struct Scene {
    lab::Topology net;
    NameServer dns{net, "10.0.0.53",
                   "db.corp.test A 10.0.0.1\n"
                   "public.corp.test A 203.0.113.9\n"
                   "elsewhere.corp.test A 10.0.0.1\n"
                   "broken.corp.test FAULT servfail\n"
                   "two.corp.test A 10.0.0.1\n"
                   "two.corp.test A 10.0.0.99\n"
                   "*.good.corp.test A 10.0.0.1\n"
                   "db.bad.corp.test A 10.0.0.1\n"};
    NameServer mute{net, "10.0.0.54", "ALL FAULT silent\n"};
    Server plain_server{net, "10.0.0.1", 5432, lab::silent()};
    Server tls_server{net, "10.0.0.1", 9440, good_tls()};
    Server expired{net, "10.0.0.2", 9440, lab::speaks(certificates().service("expired"))};
    Server untrusted{net, "10.0.0.3", 9440, lab::speaks(certificates().service("unknown_ca"))};
    Server other_name{net, "10.0.0.4", 9440, lab::speaks(certificates().service("other_name"))};
    Server resets{net, "10.0.0.5", 9440, lab::reset_after_read()};
    Server not_tls{net, "10.0.0.6", 9440, lab::greets("SSH-2.0-lab\r\n")};
    Server silent{net, "10.0.0.7", 9440, lab::silent()};
    Server expiring{net, "10.0.0.8", 9440, lab::speaks(certificates().service("expiring"))};

    Scene() {
        net.router.nft(
            "table inet lab {\n chain forward {\n type filter hook forward priority 0;\n"
            "  ip daddr 10.0.0.70 drop\n"
            "  ip daddr 10.0.0.71 reject with icmp type admin-prohibited\n }\n}\n");
    }

    std::string config() const {
        return head() + plain("good", host, 5432, "expect = [\"10.0.0.1\"]\n") +
               secure("good-tls", host, 9440) + plain("refused", "10.0.0.1", 81) +
               plain("dropped", "10.0.0.70", 5432) + plain("prohibited", "10.0.0.71", 5432) +
               plain("no-such-name", "missing.corp.test", 5432) + plain("public", "public.corp.test", 5432) +
               plain("elsewhere", "elsewhere.corp.test", 5432, "expect = [\"10.0.0.9\"]\n") +
               plain("servfail", "broken.corp.test", 5432) + plain("one-of-two", "two.corp.test", 5432) +
               plain("mute-resolver", host, 5432, "resolvers = [\"10.0.0.54\"]\n") +
               secure("expired", "10.0.0.2", 9440) + secure("untrusted", "10.0.0.3", 9440) +
               secure("other-name", "10.0.0.4", 9440) + secure("resets", "10.0.0.5", 9440) +
               secure("not-tls", "10.0.0.6", 9440) + secure("silent", "10.0.0.7", 9440) +
               secure("expiring", "10.0.0.8", 9440) +
               plain("local", "10.0.0.1", 5432, "source_address = \"10.123.0.1\"\n") +
               zone("good-zone", "good.corp.test", "expect = [\"10.0.0.1\"]\n") +
               zone("bad-zone", "bad.corp.test", "known_labels = [\"db\"]\n");
    }
};

/// What a verdict is made of, in a line that a failing test shows.
std::string text_of(const TargetReport& target) {
    std::string text = target.cause + " " + target.severity + " " + target.confidence;
    for (const Probe& probe : target.probes) {
        text += ", " + probe.stage + " " + probe.where + " " + probe.outcome;
    }
    return text;
}

std::map<std::string, std::string> texts_of(const std::map<std::string, TargetReport>& report) {
    std::map<std::string, std::string> texts;
    for (const auto& [name, target] : report) {
        texts[name] = text_of(target);
    }
    return texts;
}

void expect_metrics_of(const std::string& name, const TargetReport& target, const Metrics& metrics) {
    SCOPED_TRACE(name + ": " + text_of(target));
    const auto healthy = metrics.value("whylink_healthy", {{"name", name}});
    if (target.cause == "local_limit") {
        EXPECT_EQ(healthy, std::nullopt) << "a round that could not be made says nothing";
    } else {
        EXPECT_EQ(healthy, target.healthy ? 1 : 0);
    }
    const auto diagnosis = metrics.one("whylink_diagnosis", {{"name", name}});
    ASSERT_TRUE(diagnosis.has_value());
    EXPECT_EQ(diagnosis->value, 1);
    EXPECT_EQ(diagnosis->labels.at("cause"), target.cause);
    EXPECT_EQ(diagnosis->labels.at("severity"), target.severity);
    const int rank = target.confidence == "high" ? 3 : target.confidence == "medium" ? 2 : 1;
    EXPECT_EQ(metrics.value("whylink_diagnosis_confidence", {{"name", name}}), rank);
    for (const Probe& probe : target.probes) {
        if (probe.stage == "dns") {
            continue;  // there it is the worst of a resolver's names
        }
        EXPECT_EQ(metrics.value("whylink_probe_outcome", {{"name", name},
                                                          {"stage", probe.stage},
                                                          {"address", probe.where},
                                                          {"outcome", probe.outcome}}),
                  1)
            << probe.stage << " " << probe.where;
    }
}

void expect_valid(const std::string& report) {
    const std::string file = lab::scratch_directory() / "report.json";
    std::ofstream(file) << report;
    lab::Command command;
    const std::string validate = R"(import json, sys, jsonschema
jsonschema.validate(json.load(open(sys.argv[2])), json.load(open(sys.argv[1])))
)";
    command.argv = {"/usr/bin/python3", "-c", validate, WHYLINK_SCHEMA, file};
    const lab::Completed done = lab::run(command);
    EXPECT_EQ(done.status, 0) << done.err;
}

TEST(Start, FindsWhatCheckFinds) {
    const Scene scene;
    const Daemon daemon(scene.net, scene.config());
    const lab::Completed check =
        run_whylink(scene.net, {"check", "--config", daemon.config_file(), "--format", "json"});
    EXPECT_EQ(check.status, 1);
    const auto wanted = parse_report(check.out);
    ASSERT_EQ(wanted.size(), 21U);
    daemon.await_ready();
    // The first verdicts were drawn before all siblings had one.
    EXPECT_TRUE(poll_until([&] { return texts_of(daemon.report()) == texts_of(wanted); }));
    EXPECT_EQ(texts_of(daemon.report()), texts_of(wanted));
    std::set<std::string> causes;
    const Metrics metrics = daemon.metrics();
    for (const auto& [name, target] : wanted) {
        expect_metrics_of(name, target, metrics);
        causes.insert(target.cause);
    }
    EXPECT_GE(causes.size(), 12U);
    const auto page = daemon.get("/api/v1/report");
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(page->headers.at("content-type"), "application/json");
    expect_valid(page->body);
}

TEST(Start, SaysWhatItWatches) {
    const lab::Topology net;
    const Daemon daemon(net, head() + plain("t", "10.0.0.1", 81));
    daemon.await_ready();
    const LogRecord record =
        daemon.await_record("its start", [](const LogRecord& line) { return line.event == "start"; });
    EXPECT_THAT(record.message, HasSubstr("1 target"));
    EXPECT_THAT(record.message, HasSubstr("127.0.0.1:9797"));
}

}  // namespace
}  // namespace whylink::daemon_test
