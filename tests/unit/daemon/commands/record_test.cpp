#include "daemon/commands/record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "probes/record.hpp"
#include "tests/unit/daemon/fabricated.hpp"
#include "tests/unit/daemon/temporary_file.hpp"

namespace whylink::daemon {
namespace {

using testing::HasSubstr;

probes::Round read_back(const std::string& json) {
    auto result = probes::from_json(json);
    const auto* error = std::get_if<std::string>(&result);
    EXPECT_EQ(error, nullptr) << (error == nullptr ? "" : *error);
    return error == nullptr ? std::get<probes::Round>(std::move(result)) : probes::Round{};
}

TEST(Record, OfOneTargetIsItsObservations) {
    const fabricated::TemporaryFile file;
    const Report report = fabricated::report({fabricated::failing_endpoint("a")});
    ASSERT_EQ(record(report, file.path()), std::nullopt);
    const auto observations = read_back(file.text()).probes;
    ASSERT_EQ(observations.size(), 3U);
    EXPECT_EQ(get<probes::TlsFacts>(observations[2].facts).bytes_sent, 335U);
}

TEST(Record, OfSeveralTargetsIsByName) {
    const auto json = nlohmann::json::parse(
        recorded(fabricated::report({fabricated::failing_endpoint("a"), fabricated::healthy_endpoint("b")})));
    ASSERT_EQ(json.size(), 2U);
    EXPECT_EQ(read_back(json["a"].dump()).probes.size(), 3U);
    EXPECT_EQ(read_back(json["b"].dump()).probes.size(), 3U);
}

TEST(Record, PacketsStandAfterTheProbes) {
    fabricated::EndpointEntry endpoint = fabricated::failing_endpoint("a");
    endpoint.verdict.packets = {fabricated::packets("10.0.0.4")};
    const std::string text = recorded(fabricated::report({endpoint}));
    EXPECT_EQ(nlohmann::json::parse(text).back()["stage"], "packets");
    const probes::Round round = read_back(text);
    ASSERT_EQ(round.packets.size(), 1U);
    EXPECT_EQ(round.packets[0].facts.bytes_sent, 335U);
}

TEST(Record, FollowUpTestsAndHeldConnectionsComeBack) {
    fabricated::EndpointEntry endpoint = fabricated::failing_endpoint("a");
    endpoint.verdict.follow_ups = {{probes::FollowUp::no_name, fabricated::tls("10.0.0.4")}};
    endpoint.verdict.holds = {fabricated::held("10.0.0.4")};
    const probes::Round round = read_back(recorded(fabricated::report({endpoint})));
    EXPECT_EQ(round.probes.size(), 3U);
    ASSERT_EQ(round.follow_ups.size(), 1U);
    EXPECT_EQ(round.follow_ups[0].kind, probes::FollowUp::no_name);
    ASSERT_EQ(round.holds.size(), 1U);
    EXPECT_TRUE(round.holds[0].facts.answered);
}

TEST(Record, OfAWatch) {
    const auto observations =
        read_back(recorded(fabricated::report(
                      {}, {}, {fabricated::watch("w", true, Cause::healthy, checks::Severity::ok)})))
            .probes;
    ASSERT_EQ(observations.size(), 2U);
    EXPECT_EQ(get<probes::ListenerFacts>(observations[0].facts).sockets.size(), 1U);
    EXPECT_EQ(get<probes::TrafficFacts>(observations[1].facts).attempts, 12U);
}

TEST(Record, WhatAccountsSaidStandsBesideIt) {
    Report report =
        fabricated::report({fabricated::failing_endpoint("a"), fabricated::healthy_endpoint("b")});
    EXPECT_EQ(recorded_accounts(report), "");
    control::Endpoint endpoint;
    endpoint.id = "vpce-1";
    control::Readings all;
    all.facts.endpoints = {endpoint};
    TargetReadings readings;
    readings.all = std::make_shared<const control::Readings>(all);
    readings.subject.target = "a";
    readings.subject.port = 9440;
    report.entries.front().readings = std::make_shared<const TargetReadings>(readings);
    report.started_at = std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000));
    const auto json = nlohmann::json::parse(recorded_accounts(report));
    ASSERT_EQ(json.size(), 1U);
    EXPECT_EQ(json["a"]["subject"]["port"], 9440);
    EXPECT_EQ(json["a"]["failing_since"], 1'700'000'000'000);
    EXPECT_EQ(json["a"]["readings"]["facts"]["endpoints"][0]["id"], "vpce-1");
}

TEST(Record, TheAccountsFileIsNamedAfterTheOther) {
    EXPECT_EQ(accounts_file("/tmp/db.json"), "/tmp/db.accounts.json");
    EXPECT_EQ(accounts_file("db"), "db.accounts.json");
}

TEST(Record, IsForItsOwnerAlone) {
    const fabricated::TemporaryFile file;
    std::filesystem::permissions(file.path(), std::filesystem::perms(0644));
    ASSERT_EQ(record(fabricated::report({fabricated::failing_endpoint("a")}), file.path()), std::nullopt);
    EXPECT_EQ(std::filesystem::status(file.path()).permissions(), std::filesystem::perms(0600));
}

TEST(Record, SaysWhatWentWrong) {
    const Report report = fabricated::report({fabricated::failing_endpoint("a")});
    EXPECT_THAT(record(report, "/nonexistent/file").value_or(""),
                HasSubstr("cannot write /nonexistent/file: No such file or directory"));
    EXPECT_THAT(record(report, "/dev/full").value_or(""), HasSubstr("No space left on device"));
}

}  // namespace
}  // namespace whylink::daemon
