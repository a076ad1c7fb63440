// SUMMARY.md, read as the support of a provider would.
#include "daemon/bundle/summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/report/formats.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using fabricated::noon;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// Failing since noon, with what changed before.
ReportEntry failing(const std::string& name) {
    fabricated::EndpointEntry made = fabricated::failing_endpoint(name);
    made.verdict.probes = {fabricated::dns("db.example", {"10.0.0.4"}), fabricated::tls_reset("10.0.0.4")};
    ReportEntry entry = fabricated::entry(std::move(made));
    TargetHistory history{noon(), noon() - 30s, {{noon() - 10s, What::address, "10.0.0.9", "10.0.0.4"}}};
    entry.standing =
        Standing{noon(), 1s, noon(), noon() - 30s, std::make_shared<const TargetHistory>(history)};
    return entry;
}

std::string json_of(Report report) {
    return json_format.render(report, {}, std::nullopt);
}

SummaryInput input_of(std::vector<ReportEntry> entries) {
    Report report = fabricated::report({});
    report.entries = std::move(entries);
    SummaryInput input;
    input.report = json_of(std::move(report));
    input.files = {"report.json", "versions.txt"};
    input.vantage_point = "vm-7";
    input.version = "1.2.3";
    input.now = noon() + 1h;
    return input;
}

std::string outages(std::size_t count) {
    nlohmann::json all = nlohmann::json::array();
    for (std::size_t i = 0; i < count; ++i) {
        all.push_back({{"since", "2026-01-01T1" + std::to_string(i % 10) + ":00:00.000Z"},
                       {"until", nullptr},
                       {"cause", "syn_unanswered"},
                       {"changes", nlohmann::json::array()}});
    }
    return nlohmann::json(
               {{"since", "2025-12-02T12:00:00.000Z"}, {"targets", {{{"name", "orders"}, {"outages", all}}}}})
        .dump();
}

std::size_t lines_of(const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

TEST(BundleSummary, SaysWhatFailsSinceWhenAndWhatChanged) {
    const std::string text = bundle_summary(input_of({failing("orders")}));
    EXPECT_THAT(text, testing::StartsWith("# whylink bundle: orders fails\n\nMade at 2026-01-01 13:00:00 by "
                                          "whylink 1.2.3 on "));
    EXPECT_THAT(text, HasSubstr("(not_on_allowlist), critical"));
    EXPECT_THAT(text,
                HasSubstr("Fails since: 2026-01-01 12:00:00. Last healthy: 2026-01-01 11:59:30. Changed in "
                          "between: address 10.0.0.9 → 10.0.0.4 at 2026-01-01 11:59:50"));
    EXPECT_THAT(text, HasSubstr("- address: 10.0.0.4\n"));
    EXPECT_THAT(text, HasSubstr("dns 10.0.0.2:53: ok, 10.0.0.4"));
    EXPECT_THAT(text, HasSubstr("pending_allowlist"));
    EXPECT_THAT(text, HasSubstr("MANIFEST"));
}

TEST(BundleSummary, NothingChangedAndNeverHealthyAreSaid) {
    ReportEntry steady = failing("orders");
    steady.standing->history = std::make_shared<const TargetHistory>(TargetHistory{noon(), noon() - 30s, {}});
    EXPECT_THAT(bundle_summary(input_of({steady})), HasSubstr("Nothing changed in between"));
    steady.standing->history = std::make_shared<const TargetHistory>(TargetHistory{noon(), std::nullopt, {}});
    EXPECT_THAT(bundle_summary(input_of({steady})), HasSubstr("Never healthy before"));
}

TEST(BundleSummary, AsksTheProviderWhatSettlesTheCause) {
    SummaryInput input = input_of({failing("orders")});
    config::Endpoint endpoint;
    endpoint.name = "orders";
    endpoint.endpoint_id = "vpce-1";
    endpoint.service = "orders-service";
    input.targets = {config::make_target(std::move(endpoint))};
    const std::string text = bundle_summary(input);
    EXPECT_THAT(text, HasSubstr("- endpoint ID: vpce-1\n- service: orders-service\n"));
    EXPECT_THAT(text,
                HasSubstr("Asked of the provider:\n- Say whether vpce-1 is on the service's allow-list."));
}

/// What is to be done has these steps.
ReportEntry failing_with(std::vector<std::string> steps) {
    ReportEntry entry = failing("orders");
    auto said = std::make_shared<checks::Explanation>(*entry.explained());
    said->steps = std::move(steps);
    entry.explanation = said;
    return entry;
}

TEST(BundleSummary, AsksForActionsAndNotForTheClientsCommands) {
    const std::string text = bundle_summary(input_of({failing_with(
        {"Add vpce-1 to the allow-list: `curl --silent https://api.example/v1/services/orders/list`. Repeat it.",
         "Run `openssl s_client -connect db.example:9440 -servername db.example`: it must show CONNECTED.",
         "Check the rules between this host and 10.0.0.4."})}));
    EXPECT_THAT(text, HasSubstr("\n- Add vpce-1 to the allow-list.\n"
                                "- Check the rules between the client's host and 10.0.0.4.\n"));
    EXPECT_THAT(text, AllOf(Not(HasSubstr("curl")), Not(HasSubstr("openssl"))));
}

TEST(BundleSummary, SaysWhichIdentifierIsMissing) {
    SummaryInput input = input_of({failing_with({"Add ENDPOINT_ID to the allow-list."})});
    EXPECT_THAT(bundle_summary(input),
                HasSubstr("\n- ENDPOINT_ID: `endpoint_id` is not configured; name it in the ticket\n"));
    input = input_of({failing_with({"Add vpce-1 to the allow-list."})});
    config::Endpoint endpoint;
    endpoint.name = "orders";
    endpoint.endpoint_id = "vpce-1";
    input.targets = {config::make_target(std::move(endpoint))};
    EXPECT_THAT(bundle_summary(input), Not(HasSubstr("is not configured")));
}

TEST(BundleSummary, TellsWhatWasTriedToTheMillisecond) {
    const std::string text = bundle_summary(input_of({failing("orders")}));
    EXPECT_THAT(text, testing::ContainsRegex("- 2026-01-01 [0-9:]{8}\\.[0-9]{3} tls 10\\.0\\.0\\.4:9440"));
    EXPECT_LT(text.find("Asked of the provider:"), text.find("Identifiers:"));
    EXPECT_LT(text.find("Identifiers:"), text.find("Tried:"));
}

TEST(BundleSummary, NamesThePacketsOfEachCauseOfAnOutage) {
    SummaryInput input = input_of({});
    input.history = R"({"since": "2025-12-02T12:00:00.000Z", "targets": [{"name": "orders", "outages": [
        {"since": "2026-01-01T09:00:00.000Z", "until": null, "cause": "syn_unanswered", "changes": [],
         "evidence_files": [{"file": "/e/a.pcapng"}, {"file": "/e/b.pcapng"}]}]}]})";
    EXPECT_THAT(bundle_summary(input), HasSubstr("to now: syn_unanswered; packets: evidence/a.pcapng, "
                                                 "evidence/b.pcapng"));
}

TEST(BundleSummary, OfWhatTheClientHasToMendNothingIsAskedOfTheProvider) {
    ReportEntry entry = fabricated::entry(
        fabricated::endpoint("orders", false, Cause::local_firewall, checks::Severity::critical));
    EXPECT_THAT(bundle_summary(input_of({entry})),
                HasSubstr("nothing yet. The cause points to the client's host."));
}

TEST(BundleSummary, HasTheIdentifiersWhereNothingFailsOrNoDaemonAnswers) {
    SummaryInput input = input_of({});
    config::Endpoint endpoint;
    endpoint.name = "orders";
    endpoint.host = "db.example";
    endpoint.port = 9440;
    endpoint.endpoint_id = "vpce-1";
    input.targets = {config::make_target(std::move(endpoint))};
    EXPECT_THAT(bundle_summary(input), HasSubstr("- orders: db.example:9440; endpoint ID: vpce-1"));
    input.report.clear();
    input.history = outages(1);
    input.missing = {"report.json: no daemon answers"};
    EXPECT_THAT(bundle_summary(input),
                AllOf(HasSubstr("no daemon answered"), HasSubstr("- report.json: no daemon answers"),
                      HasSubstr("- orders: 2026-01-01 10:00:00 to now: syn_unanswered")));
}

TEST(BundleSummary, TellsOfTheLatestOutageWhatWasSeenThen) {
    SummaryInput input = input_of({});
    config::Endpoint endpoint;
    endpoint.name = "orders";
    endpoint.endpoint_id = "vpce-1";
    input.targets = {config::make_target(std::move(endpoint))};
    input.history = R"({"since": "2025-12-02T12:00:00.000Z", "targets": [{"name": "orders", "outages": [
        {"since": "2025-12-05T12:00:00.000Z", "until": "2025-12-05T13:00:00.000Z", "cause": "syn_unanswered",
         "changes": []},
        {"since": "2026-01-01T09:00:00.000Z", "until": "2026-01-01T09:30:00.000Z", "cause": "not_on_allowlist",
         "changes": [], "summary": "The service resets.", "evidence": ["RST after ClientHello"]}]}]})";
    const std::string text = bundle_summary(input);
    EXPECT_THAT(text,
                HasSubstr("## Latest outage: orders: not on the service's allow-list (not_on_allowlist)\n\n"
                          "- orders: 2026-01-01 09:00:00 to 2026-01-01 09:30:00: not_on_allowlist\n"
                          "- The service resets.\n- Seen: RST after ClientHello\n"
                          "- Asked of the provider: Say whether vpce-1 is on the service's allow-list."));
}

TEST(BundleSummary, IsOnePageHoweverMuchThereIs) {
    for (const std::size_t targets : {1U, 2U, 300U}) {
        std::vector<ReportEntry> entries;
        for (std::size_t i = 0; i < targets; ++i) {
            entries.push_back(failing("orders-" + std::to_string(i)));
            auto verdict = std::make_shared<checks::Verdict>(*entries.back().verdict);
            verdict->probes.resize(100, verdict->probes.back());
            entries.back().verdict = verdict;
            auto said = std::make_shared<checks::Explanation>(*entries.back().explained());
            said->steps.resize(50, "Check the allow-list.");
            entries.back().explanation = said;
        }
        SummaryInput input = input_of(std::move(entries));
        input.history = outages(500);
        input.missing.resize(50, "evidence/x: gone");
        input.files.resize(200, "evidence/x");
        const std::string text = bundle_summary(input);
        EXPECT_LE(lines_of(text), 70U) << text;
        EXPECT_THAT(text, HasSubstr(" more: "));
    }
}

TEST(BundleSummary, WhatIsNoReportIsRefused) {
    SummaryInput input = input_of({});
    input.report = R"({"endpoints": [{"healthy": false}]})";
    EXPECT_THROW(bundle_summary(input), nlohmann::json::exception);
}

}  // namespace
}  // namespace whylink::daemon
