#include "daemon/http/routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <chrono>
#include <future>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "daemon/http/route_path.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon::http {
namespace {

using namespace std::chrono_literals;
using checks::Severity;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

template <class Made>
TargetStatusPtr target(Made made) {
    ReportEntry entry = fabricated::entry(std::move(made));
    auto status = std::make_shared<TargetStatus>();
    status->target = std::move(entry.target);
    status->healthy = entry.verdict->healthy;
    status->verdict = std::move(entry.verdict);
    status->standing = {fabricated::noon(), 1s, fabricated::noon()};
    return status;
}

TargetStatusPtr without_a_round(std::string name) {
    auto status = std::make_shared<TargetStatus>();
    config::Endpoint endpoint;
    endpoint.name = std::move(name);
    status->target = config::make_target(std::move(endpoint));
    return status;
}

class Routes : public testing::Test {
  protected:
    Routes() {
        state_->vantage_point = "vm-7";
        state_->targets = {target(fabricated::healthy_endpoint("orders")),
                           target(fabricated::failing_endpoint("billing")),
                           target(fabricated::zone("warehouse", true, Cause::healthy, Severity::ok))};
        handler_ =
            routes({.snapshot = [this] { return state_; },
                    .ready = [this] { return ready_; },
                    .stopping = [this] { return stopping_; },
                    .behind = [this] { return behind_; },
                    .reload =
                        [this](const std::function<void(ReloadResult)>& done) {
                            ++reloads_;
                            done(reload_);
                        },
                    .probe =
                        [this](const ProbeRequest& request, const std::shared_ptr<Departure>& departure,
                               const std::function<void(ProbeAnswer)>& done) {
                            probed_ = request;
                            departure_ = departure;
                            done({.status = 403, .body = "not allowed\n"});
                        }},
                   *worker_);
    }

    std::future<Response> begin(Request request) {
        auto got = std::make_shared<std::promise<Response>>();
        handler_(std::move(request), [got](Response response) {
            // As the server does: one text, however many share it.
            if (response.page) {
                response.body = *response.page;
            }
            got->set_value(std::move(response));
        });
        return got->get_future();
    }
    Response ask(Request request) { return begin(std::move(request)).get(); }
    Response get(std::string path, std::vector<std::pair<std::string, std::string>> query = {}) {
        Request request;
        request.method = "GET";
        request.path = std::move(path);
        request.query = std::move(query);
        return ask(std::move(request));
    }
    Response send(std::string method, std::string path) {
        Request request;
        request.method = std::move(method);
        request.path = std::move(path);
        return ask(std::move(request));
    }

    std::shared_ptr<Snapshot> state_ = std::make_shared<Snapshot>();
    bool ready_ = true;
    bool stopping_ = false;
    std::chrono::seconds behind_{0};
    int reloads_ = 0;
    ReloadResult reload_;
    ProbeRequest probed_;
    std::shared_ptr<Departure> departure_;
    std::unique_ptr<Worker> worker_ = std::make_unique<Worker>(2);
    Handler handler_;
};

std::string unzipped(const std::string& body) {
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
    std::string text(1 << 20, '\0');
    std::string input = body;
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    text.resize(stream.total_out);
    inflateEnd(&stream);
    return text;
}

std::string header(const Response& response, std::string_view name) {
    std::string values;
    for (const auto& [key, value] : response.headers) {
        if (key == name) {
            values += value;
        }
    }
    return values;
}

TEST_F(Routes, HandsAProbeOverAndGivesItsAnswer) {
    Request request;
    request.method = "GET";
    request.path = "/probe";
    request.query = {{"target", "orders"}};
    request.scrape_timeout = "9.5";
    request.peer = "10.0.0.9";
    request.departure = std::make_shared<Departure>();
    const Response response = ask(request);
    EXPECT_EQ(response.status, 403);
    EXPECT_EQ(response.body, "not allowed\n");
    EXPECT_EQ(probed_.query, request.query);
    EXPECT_EQ(probed_.scrape_timeout, "9.5");
    EXPECT_EQ(probed_.client, "10.0.0.9");
    EXPECT_EQ(departure_, request.departure);
}

TEST(RoutePath, IsTheWholePathOrEndsInAParameter) {
    EXPECT_EQ(parameter_of("/metrics", "/metrics"), "");
    EXPECT_EQ(parameter_of("/metrics", "/metrics/"), std::nullopt);
    EXPECT_EQ(parameter_of("/metrics", "/metric"), std::nullopt);
    EXPECT_EQ(parameter_of("/target/*", "/target/orders"), "orders");
    EXPECT_EQ(parameter_of("/target/*", "/target/a/../b"), "a/../b");
    EXPECT_EQ(parameter_of("/target/*", "/target/"), std::nullopt);
    EXPECT_EQ(parameter_of("/target/*", "/target"), std::nullopt);
}

TEST_F(Routes, MetricsComeInTheFormatThatIsAskedFor) {
    const Response text = get("/metrics");
    EXPECT_EQ(text.status, 200U);
    EXPECT_THAT(text.content_type, HasSubstr("version=0.0.4"));
    EXPECT_THAT(text.body, HasSubstr("whylink_healthy{"));
    EXPECT_EQ(header(text, "Vary"), "Accept, Accept-Encoding");
    Request request;
    request.method = "GET";
    request.path = "/metrics";
    request.accept = "application/openmetrics-text; version=1.0.0";
    request.accept_encoding = "gzip";
    const Response zipped = ask(request);
    EXPECT_THAT(zipped.content_type, StartsWith("application/openmetrics-text"));
    EXPECT_EQ(header(zipped, "Content-Encoding"), "gzip");
    EXPECT_THAT(unzipped(zipped.body), testing::EndsWith("# EOF\n"));
}

TEST_F(Routes, TheReportIsJson) {
    const Response response = get("/api/v1/report");
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.content_type, "application/json");
    EXPECT_EQ(header(response, "Whylink-Exit-Status"), "1");
    const auto report = nlohmann::json::parse(response.body);
    EXPECT_EQ(report.at("vantage_point"), "vm-7");
    EXPECT_EQ(report.at("endpoints").size(), 2U);
    EXPECT_EQ(report.at("zones").at(0).at("name"), "warehouse");
    EXPECT_EQ(report.at("endpoints").at(1).at("health_since"), "2026-01-01T12:00:00.000Z");
}

TEST_F(Routes, TheReportIsCompressedForWhoTakesIt) {
    Request request;
    request.method = "GET";
    request.path = "/api/v1/report";
    request.accept_encoding = "gzip";
    const Response response = ask(request);
    EXPECT_EQ(header(response, "Content-Encoding"), "gzip");
    EXPECT_EQ(header(response, "Vary"), "Accept-Encoding");
    EXPECT_EQ(nlohmann::json::parse(unzipped(response.body)).at("schema"), "whylink/1");
}

TEST_F(Routes, TheReportForPeopleHasTheirStyle) {
    const Response plain = get("/api/v1/report", {{"format", "human"}, {"utf8", "0"}, {"columns", "60"}});
    EXPECT_EQ(plain.content_type, "text/plain; charset=utf-8");
    EXPECT_THAT(plain.body, HasSubstr("[ok] orders"));
    EXPECT_THAT(plain.body, HasSubstr(" Checked "));
    EXPECT_THAT(plain.body, Not(HasSubstr("Evidence")));
    EXPECT_THAT(get("/api/v1/report", {{"format", "human"}, {"verbose", "1"}}).body, HasSubstr("Evidence"));
    EXPECT_THAT(plain.body, Not(HasSubstr("\x1b")));
    EXPECT_THAT(get("/api/v1/report", {{"format", "human"}, {"colour", "1"}}).body, HasSubstr("\x1b[31m"));
}

TEST_F(Routes, TheExitStatusIsThatOfTheFormatAndTheTargetsNamed) {
    EXPECT_EQ(header(get("/api/v1/report", {{"format", "nagios"}}), "Whylink-Exit-Status"), "2");
    const Response one = get("/api/v1/report", {{"format", "nagios"}, {"name", "orders"}});
    EXPECT_EQ(header(one, "Whylink-Exit-Status"), "0");
    EXPECT_THAT(one.body, StartsWith("WHYLINK OK - 1 of 1 healthy"));
}

TEST_F(Routes, NamesMayBeRepeated) {
    const Response two =
        get("/api/v1/report", {{"name", "warehouse"}, {"name", "orders"}, {"name", "orders"}});
    const auto report = nlohmann::json::parse(two.body);
    EXPECT_EQ(report.at("endpoints").size(), 1U);
    EXPECT_EQ(report.at("zones").size(), 1U);
}

TEST_F(Routes, AWatchIsReportedByItsName) {
    state_->targets.push_back(target(fabricated::watch("saas", true, Cause::healthy, Severity::ok)));
    const auto watch = nlohmann::json::parse(get("/api/v1/report", {{"name", "saas"}}).body);
    EXPECT_EQ(watch.at("watches").size(), 1U);
    EXPECT_EQ(watch.at("endpoints").size(), 0U);
    const auto other = nlohmann::json::parse(get("/api/v1/report", {{"name", "orders"}}).body);
    EXPECT_EQ(other.at("watches").size(), 0U);
}

TEST_F(Routes, AnUnknownNameIsNotFound) {
    const Response response = get("/api/v1/report", {{"name", "order"}});
    EXPECT_EQ(response.status, 404U);
    EXPECT_EQ(response.body, "nothing that is watched has the name \"order\"; did you mean \"orders\"?\n");
    EXPECT_EQ(header(response, "Whylink-Exit-Status"), "2");
    EXPECT_EQ(header(get("/api/v1/report", {{"name", "x"}, {"format", "nagios"}}), "Whylink-Exit-Status"),
              "3");
    state_->targets.clear();
    EXPECT_EQ(get("/api/v1/report", {{"name", "x"}}).body, "nothing that is watched has the name \"x\"\n");
}

TEST_F(Routes, ANameWithoutARoundIsKnownAndNotReported) {
    state_->targets = {without_a_round("new")};
    const Response response = get("/api/v1/report", {{"name", "new"}});
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(nlohmann::json::parse(response.body).at("endpoints").size(), 0U);
}

TEST_F(Routes, WhatHadNoRoundDoesNotPassForHealthy) {
    const std::pair<std::string, std::string> status{"Whylink-Exit-Status", "3"};
    const std::pair<std::string, std::string> well{"Whylink-Exit-Status", "0"};
    state_->targets = {target(fabricated::healthy_endpoint("orders")), without_a_round("new")};
    const Response json = get("/api/v1/report");
    EXPECT_FALSE(nlohmann::json::parse(json.body).at("healthy").get<bool>());
    EXPECT_THAT(json.headers, testing::Contains(status));
    const Response human = get("/api/v1/report", {{"format", "human"}, {"name", "new"}});
    EXPECT_THAT(human.body, HasSubstr("0 of 1 healthy, 1 without a first round yet"));
    EXPECT_THAT(human.headers, testing::Contains(status));
    const Response nagios = get("/api/v1/report", {{"format", "nagios"}});
    EXPECT_THAT(nagios.body, StartsWith("WHYLINK UNKNOWN - 1 of 2 healthy: 1 without a first round yet | "));
    EXPECT_THAT(nagios.body, HasSubstr("'unknown'=1;;;0;2"));
    EXPECT_THAT(nagios.headers, testing::Contains(status));
    EXPECT_THAT(get("/api/v1/report", {{"name", "orders"}}).headers, testing::Contains(well));
}

struct BadQuery {
    const char* key;
    const char* value;
    const char* what;
};

class BadQueries : public Routes, public testing::WithParamInterface<BadQuery> {};

TEST_P(BadQueries, AreRefused) {
    const Response response = get("/api/v1/report", {{GetParam().key, GetParam().value}});
    EXPECT_EQ(response.status, 400U);
    EXPECT_EQ(response.body, std::string(GetParam().what) + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, BadQueries,
    testing::Values(BadQuery{"format", "xml", "format is json, human or nagios, not \"xml\""},
                    BadQuery{"format", "", "format is json, human or nagios, not \"\""},
                    BadQuery{"columns", "59", "columns is a number from 60 to 500, not \"59\""},
                    BadQuery{"columns", "501", "columns is a number from 60 to 500, not \"501\""},
                    BadQuery{"columns", "99999999999999999999999",
                             "columns is a number from 60 to 500, not \"99999999999999999999999\""},
                    BadQuery{"columns", "80x", "columns is a number from 60 to 500, not \"80x\""},
                    BadQuery{"columns", "-80", "columns is a number from 60 to 500, not \"-80\""},
                    BadQuery{"colour", "yes", "colour is 1 or 0, not \"yes\""},
                    BadQuery{"utf8", "\x1b[2J", "utf8 is 1 or 0, not \"\\x1b[2J\""},
                    BadQuery{
                        "names", "a",
                        "the query knows name, format, columns, colour, utf8 and verbose, not \"names\""}));

TEST_F(Routes, TheStatusPageIsForPeople) {
    const Response page = get("/");
    EXPECT_EQ(page.status, 200U);
    EXPECT_THAT(page.content_type, StartsWith("text/plain"));
    EXPECT_THAT(page.body, HasSubstr("2 of 3 healthy, 1 critical"));
    EXPECT_THAT(page.body, Not(HasSubstr("\x1b")));
}

TEST_F(Routes, TheStatusPageMayBeOfOneTarget) {
    const Response page = get("/", {{"name", "orders"}, {"theme", "dark"}});
    EXPECT_EQ(page.status, 200U);
    EXPECT_THAT(page.body, HasSubstr("orders"));
    EXPECT_THAT(page.body, Not(HasSubstr("warehouse")));
    EXPECT_EQ(get("/", {{"name", "order"}}).status, 404U);
}

TEST_F(Routes, HealthyUntilItStops) {
    EXPECT_EQ(get("/-/healthy").body, "whylink is healthy\n");
    stopping_ = true;
    const Response response = get("/-/healthy");
    EXPECT_EQ(response.status, 503U);
    EXPECT_EQ(response.body, "whylink is stopping\n");
}

TEST_F(Routes, HealthyOnlyWhileTheEventLoopRuns) {
    behind_ = 10s;
    EXPECT_EQ(get("/-/healthy").status, 200U);
    behind_ = 11s;
    const Response response = get("/-/healthy");
    EXPECT_EQ(response.status, 503U);
    EXPECT_EQ(response.body, "whylink is stuck: its event loop has not run for 11 s\n");
}

TEST_F(Routes, ReadyOrWhyNot) {
    EXPECT_EQ(get("/-/ready").status, 200U);
    ready_ = false;
    state_->targets.push_back(without_a_round("new"));
    const Response waiting = get("/-/ready");
    EXPECT_EQ(waiting.status, 503U);
    EXPECT_EQ(waiting.body, "whylink is not ready: 1 of 4 targets wait for their first round\n");
    stopping_ = true;
    EXPECT_EQ(get("/-/ready").body, "whylink is stopping\n");
}

TEST_F(Routes, ReloadSaysWhatCameOfIt) {
    reload_ = {true, {"1 target added"}};
    EXPECT_EQ(send("POST", "/-/reload").body, "1 target added\n");
    reload_ = {false, {"a.toml:1:1: bad", "a.toml:2:1: worse"}};
    const Response failed = send("PUT", "/-/reload");
    EXPECT_EQ(failed.status, 500U);
    EXPECT_EQ(failed.body, "a.toml:1:1: bad\na.toml:2:1: worse\n");
    EXPECT_EQ(reloads_, 2);
}

TEST_F(Routes, AWrongMethodIsToldTheRightOnes) {
    const Response reload = send("GET", "/-/reload");
    EXPECT_EQ(reload.status, 405U);
    EXPECT_EQ(header(reload, "Allow"), "POST, PUT");
    EXPECT_EQ(reload.body, "/-/reload takes POST, PUT\n");
    EXPECT_EQ(reloads_, 0);
    for (const char* method : {"POST", "DELETE", "OPTIONS", "get", "GET, HEAD", ""}) {
        const Response response = send(method, "/metrics");
        EXPECT_EQ(response.status, 405U) << method;
        EXPECT_EQ(header(response, "Allow"), "GET, HEAD");
    }
}

TEST_F(Routes, HeadIsAnsweredAsGet) {
    for (const char* path : {"/", "/metrics", "/api/v1/report", "/-/healthy", "/-/ready"}) {
        EXPECT_EQ(send("HEAD", path).status, 200U) << path;
    }
}

TEST_F(Routes, AnUnknownPathIsToldWhatThereIs) {
    const Response response = get("/metrix\n");
    EXPECT_EQ(response.status, 404U);
    EXPECT_EQ(
        response.body,
        "there is no \"/metrix\\x0a\"; there are /, /metrics, /probe, /api/v1/report, /-/healthy, /-/ready, "
        "/-/reload\n");
    EXPECT_THAT(get("/" + std::string(10'000, 'x')).body.size(), testing::Lt(400U));
    for (const char* path : {"", "*", "metrics", "/metrics/", "//metrics", "/api/v1/../v1/report"}) {
        EXPECT_EQ(get(path).status, 404U) << path;
    }
}

TEST_F(Routes, EveryAnswerIsNeitherSniffedNorStored) {
    stopping_ = true;
    for (const char* path :
         {"/", "/metrics", "/api/v1/report", "/-/healthy", "/-/ready", "/-/reload", "/x"}) {
        const Response response = get(path);
        EXPECT_EQ(header(response, "X-Content-Type-Options"), "nosniff") << path;
        EXPECT_EQ(header(response, "Cache-Control"), "no-store") << path;
    }
}

TEST_F(Routes, ABusyWorkerIsSaid) {
    std::promise<void> release;
    std::promise<void> begun;
    // The worker may still be on its way into the wait when the test ends.
    ASSERT_TRUE(worker_->post([&begun, released = release.get_future().share()] {
        begun.set_value();
        released.wait();
    }));
    begun.get_future().wait();
    while (worker_->post([] {})) {
    }
    const Response response = get("/metrics");
    EXPECT_EQ(response.status, 503U);
    EXPECT_EQ(header(response, "Retry-After"), "1");
    release.set_value();
}

TEST_F(Routes, ASnapshotIsRenderedAsItWasWhenAsked) {
    std::promise<void> release;
    ASSERT_TRUE(worker_->post([released = release.get_future().share()] { released.wait(); }));
    auto got = begin({.method = "GET", .path = "/"});
    state_ = std::make_shared<Snapshot>();
    release.set_value();
    EXPECT_THAT(got.get().body, HasSubstr("orders"));
}

using Text = std::shared_ptr<const std::string>;

TEST_F(Routes, APageIsRenderedOnceForASnapshotAndForm) {
    std::promise<void> release;
    std::promise<void> begun;
    ASSERT_TRUE(worker_->post([&begun, released = release.get_future().share()] {
        begun.set_value();
        released.wait();
    }));
    begun.get_future().wait();
    std::vector<std::future<Text>> texts;
    const auto begin_text = [&](const std::string& path, const std::string& encoding,
                                const std::string& format) {
        auto got = std::make_shared<std::promise<Text>>();
        Request request{.method = "GET", .path = path};
        request.accept_encoding = encoding;
        if (!format.empty()) {
            request.query = {{"format", format}};
        }
        handler_(std::move(request), [got](const Response& response) { got->set_value(response.page); });
        texts.push_back(got->get_future());
    };
    for (int i = 0; i < 10; ++i) {
        begin_text("/metrics", "", "");
        begin_text("/metrics", "gzip", "");
    }
    release.set_value();
    std::set<Text> different;
    for (auto& text : texts) {
        different.insert(text.get());
    }
    EXPECT_EQ(different.size(), 2U);
    texts.clear();
    begin_text("/metrics", "", "");
    EXPECT_TRUE(different.contains(texts.back().get())) << "the snapshot is still the same";
    state_ = std::make_shared<Snapshot>(*state_);
    begin_text("/metrics", "", "");
    EXPECT_FALSE(different.contains(texts.back().get()));
    begin_text("/api/v1/report", "", "json");
    begin_text("/api/v1/report", "", "human");
    EXPECT_NE(texts[2].get(), texts[3].get());
}

}  // namespace
}  // namespace whylink::daemon::http
