// The page of one target.
#include "daemon/page/target_page.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/fabricated_snapshot.hpp"
#include "tests/unit/daemon/page/pages.hpp"

namespace whylink::daemon::page {
namespace {

using namespace std::chrono_literals;
using fabricated::noon;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class TargetPage : public testing::Test {
  protected:
    std::string page_of(const TargetStatus& status, const TargetPast* past = nullptr) {
        const Snapshot snapshot = fabricated::snapshot({status});
        std::string page = render_target({snapshot, noon() + 14min, "1.2.3", &days, may_check}, status, past);
        EXPECT_TRUE(is_well_formed(page));
        return page;
    }

    Days days;
    bool may_check = false;
};

TargetStatus failing() {
    fabricated::EndpointEntry made = fabricated::failing_endpoint("broken");
    made.verdict.packets = {fabricated::packets("10.0.0.4")};
    made.evidence_file = "/var/lib/whylink/evidence/broken-1.pcapng";
    return fabricated::watched(std::move(made));
}

TEST_F(TargetPage, HasTheReport) {
    const std::string page = page_of(failing());
    EXPECT_THAT(page, HasSubstr("<h1>broken</h1>"));
    EXPECT_THAT(page, HasSubstr("Not on the service&#39;s allow-list</h2>"));
    EXPECT_THAT(page, HasSubstr("critical · high confidence"));
    EXPECT_THAT(page, HasSubstr("Broken for 14 min"));
    EXPECT_THAT(page, HasSubstr("Fix: service side (ClickHouse"));
    EXPECT_THAT(page, HasSubstr("<code>whylink check broken</code>"));
    EXPECT_THAT(page, HasSubstr("whylink explain not_on_allowlist"));
    for (const char* stage : {"DNS", "TCP", "TLS"}) {
        EXPECT_THAT(page, HasSubstr(fmt::format("<tr><th scope=\"row\">{}</th>", stage)));
    }
}

TEST_F(TargetPage, FoldsTheStepsBehindTheFirst) {
    const std::string page = page_of(failing());
    const std::size_t further = page.find("<details class=\"further\" id=\"further-steps\">");
    ASSERT_NE(further, std::string::npos);
    EXPECT_THAT(page.substr(further), ContainsRegex("Still failing. [0-9]+ more steps</summary><ol><li>"));
    EXPECT_LT(page.find("allow-list:</p>"), further);
    EXPECT_LT(page.find("<code>whylink check broken</code>"), further);
}

TEST_F(TargetPage, HasAddressesAndDnsServers) {
    const std::string page = page_of(failing());
    EXPECT_THAT(page, HasSubstr("10.0.0.4:9440</th>"));
    EXPECT_THAT(page, HasSubstr("pending allowlist"));
    EXPECT_THAT(page, HasSubstr("335 B sent"));
    EXPECT_THAT(page, HasSubstr("10.0.0.2:53</th>"));
    EXPECT_THAT(page, HasSubstr("300 s"));
}

TEST_F(TargetPage, AHealthyTargetHasNothingToFix) {
    fabricated::EndpointEntry made = fabricated::healthy_endpoint("fine");
    made.verdict.facts.insert(checks::Fact::all_pass);
    const std::string page = page_of(fabricated::watched(std::move(made)));
    EXPECT_THAT(page, HasSubstr("Healthy</h2>"));
    EXPECT_THAT(page, HasSubstr("Healthy for 14 min"));
    EXPECT_THAT(page, Not(HasSubstr("Fix:")));
    EXPECT_THAT(page, Not(HasSubstr("whylink explain")));
    EXPECT_THAT(page, HasSubstr("364 days"));
}

TEST_F(TargetPage, WaitsForTheFirstCheck) {
    const std::string page = page_of(fabricated::unwatched("new"));
    EXPECT_THAT(page, HasSubstr("The first check has not ended yet."));
}

TEST_F(TargetPage, ZonesAndWatchesHaveOneToo) {
    fabricated::ZoneEntry zone =
        fabricated::zone("zone-a", false, Cause::wildcard_missing, checks::Severity::critical);
    zone.verdict.probes = {fabricated::dns("random.example", {})};
    const std::string of_zone = page_of(fabricated::watched(std::move(zone)));
    EXPECT_THAT(of_zone, HasSubstr("*.example"));
    EXPECT_THAT(of_zone, Not(HasSubstr("aria-label=\"Addresses\"")));
    const std::string of_watch =
        page_of(fabricated::watched(fabricated::watch("saas", true, Cause::healthy, checks::Severity::ok)));
    EXPECT_THAT(of_watch, HasSubstr("inbound to port 6379"));
}

TEST_F(TargetPage, OnlyWhoMayIsOfferedACheck) {
    EXPECT_THAT(page_of(failing()), Not(HasSubstr("Check now")));
    may_check = true;
    const std::string page = page_of(failing());
    EXPECT_THAT(page, HasSubstr("method=\"post\" action=\"/-/check?name=broken\""));
    EXPECT_THAT(page, HasSubstr("Check now"));
}

TargetPast past() {
    TargetPast made;
    made.name = "broken";
    made.all = {.rounds = 1000, .passed = 985};
    made.timeline = {{500, 500}, {0, 0}, {500, 485}};
    Outage old{noon() - 48h,
               noon() - 47h,
               "syn_unanswered",
               {},
               {{noon() - 48h, "syn_unanswered", "/e/broken-0.pcapng"},
                {noon() - 47h - 30min, "connection_refused", "/e/broken-0b.pcapng"}}};
    old.never_healthy = true;
    Outage now{noon(),
               std::nullopt,
               "not_on_allowlist",
               {},
               {{noon(), "not_on_allowlist", "/var/lib/whylink/evidence/broken-1.pcapng"}}};
    now.changes = {{noon() - 1min, What::address, "10.0.0.9", "10.0.0.4"}};
    made.outages = {old, now};
    made.changes = {{noon() - 1min, What::address, "10.0.0.9", "10.0.0.4"},
                    {noon(), What::health, "healthy", "unhealthy"},
                    {noon(), What::route, "10.0.0.1 eth0", ""}};
    return made;
}

TEST_F(TargetPage, HasWhatWasBefore) {
    const TargetPast before = past();
    const std::string page = page_of(failing(), &before);
    EXPECT_THAT(page, HasSubstr("Availability 98.50 %"));
    EXPECT_THAT(page, HasSubstr("Last 7 days: checks failed in 1 of 2 parts"));
    EXPECT_THAT(page, HasSubstr("14 min so far"));
    EXPECT_THAT(page, HasSubstr("Never healthy before"));
    EXPECT_THAT(page, HasSubstr("address 10.0.0.9 → 10.0.0.4"));
    EXPECT_THAT(page, HasSubstr("default route"));
    EXPECT_THAT(page, HasSubstr("<td class=\"value\">10.0.0.1 eth0 → none</td>"));
    EXPECT_THAT(page, Not(HasSubstr(">unhealthy</td>")));  // the outages show it
}

TEST_F(TargetPage, ACauseOfANewerVersionIsShownAsItStands) {
    TargetPast before = past();
    before.outages.front().cause = "cause_of_tomorrow";
    EXPECT_THAT(page_of(failing(), &before), HasSubstr("cause_of_tomorrow"));
}

TEST_F(TargetPage, EachEvidenceFileIsALink) {
    const TargetPast before = past();
    const std::string page = page_of(failing(), &before);
    EXPECT_EQ(count_of_text(page, "href=\"/evidence/broken-1.pcapng\""), 1U);
    EXPECT_EQ(count_of_text(page, "href=\"/evidence/broken-0.pcapng\""), 1U);
    EXPECT_EQ(count_of_text(page, "href=\"/evidence/broken-0b.pcapng\""), 1U);
    EXPECT_THAT(page, HasSubstr("Connection refused"));
    EXPECT_THAT(page, HasSubstr("download=\"broken-1.pcapng\""));
    EXPECT_THAT(page, Not(HasSubstr("/var/lib/whylink/evidence/broken-1.pcapng\"")));
}

TEST_F(TargetPage, WithoutAHistoryThereIsTheRest) {
    const std::string page = page_of(failing());
    EXPECT_THAT(page, Not(HasSubstr("id=\"outages\"")));
    EXPECT_THAT(page, HasSubstr("id=\"evidence\""));
}

TEST_F(TargetPage, HasTheReportAsText) {
    const std::string page = page_of(failing());
    const std::string text = page.substr(page.find("Report as text"));
    EXPECT_THAT(text, HasSubstr("✗ broken"));
    EXPECT_THAT(text, HasSubstr("\n  Fix"));
}

TEST_F(TargetPage, NothingFromOutsideIsMarkup) {
    may_check = true;
    TargetPast before;
    const std::string text(evil);
    before.outages = {Outage{
        noon(), std::nullopt, text, {{noon(), What::banner, text, text}}, {{noon(), text, "/e/" + text}}}};
    before.changes = {{noon(), What::banner, text, text}};
    const std::string page = page_of(hostile_status(), &before);
    EXPECT_EQ(count_of_text(page, "<script"), 1U);
    EXPECT_EQ(count_of_text(page, "<img"), 0U);
    EXPECT_EQ(count_of_text(page, evil), 0U);
}

}  // namespace
}  // namespace whylink::daemon::page
