// The page of all targets.
#include "daemon/page/overview.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/fabricated_snapshot.hpp"
#include "tests/unit/daemon/page/pages.hpp"

namespace whylink::daemon::page {
namespace {

using namespace std::chrono_literals;
using fabricated::noon;
using testing::HasSubstr;
using testing::Not;

std::string overview(const Snapshot& snapshot, const Query& query = {}, const Days* days = nullptr) {
    return render_overview({snapshot, noon() + 5min, "1.2.3", days}, query);
}

Snapshot mixed() {
    return fabricated::snapshot(
        {fabricated::watched(fabricated::healthy_endpoint("fine")),
         fabricated::watched(fabricated::failing_endpoint("broken")), fabricated::unwatched("new"),
         fabricated::watched(
             fabricated::endpoint("local", false, Cause::local_limit, checks::Severity::critical)),
         fabricated::watched(
             fabricated::endpoint("ending", true, Cause::certificate_problem, checks::Severity::warning))});
}

TEST(Overview, WithoutTargetsItSaysWhatToDo) {
    const std::string page = overview(fabricated::snapshot());
    EXPECT_THAT(page, HasSubstr("No targets are configured"));
    EXPECT_THAT(page, HasSubstr("reload it"));
    EXPECT_THAT(page, Not(HasSubstr("<tbody")));
    EXPECT_TRUE(is_well_formed(page));
}

TEST(Overview, SaysTheAnswerFirst) {
    const std::string page = overview(mixed());
    EXPECT_THAT(page, HasSubstr("1 of 5 targets is failing</h1>"));
    EXPECT_THAT(page, HasSubstr("<title>(1) whylink on vm-7</title>"));
    EXPECT_TRUE(is_well_formed(page));
}

TEST(Overview, TheHeadlineIsOfTheWorst) {
    const auto of = [](std::vector<TargetStatus> targets) {
        return overview(fabricated::snapshot(std::move(targets)));
    };
    using fabricated::watched;
    EXPECT_THAT(of({watched(fabricated::healthy_endpoint("a")), watched(fabricated::healthy_endpoint("b"))}),
                HasSubstr("All 2 targets are healthy</h1>"));
    EXPECT_THAT(of({watched(fabricated::healthy_endpoint("a"))}), HasSubstr("The target is healthy</h1>"));
    EXPECT_THAT(of({fabricated::unwatched("a")}), HasSubstr("1 of 1 target waits for its first check</h1>"));
    EXPECT_THAT(
        of({watched(fabricated::endpoint("a", true, Cause::certificate_problem, checks::Severity::warning)),
            watched(fabricated::healthy_endpoint("b"))}),
        HasSubstr("All 2 targets are healthy, 1 with a warning</h1>"));
    EXPECT_THAT(
        of({watched(fabricated::endpoint("a", false, Cause::local_limit, checks::Severity::critical))}),
        HasSubstr("1 of 1 target could not be checked</h1>"));
}

TEST(Overview, FailuresComeFirst) {
    const std::string page = overview(mixed());
    const std::string table = page.substr(page.find("<tbody"));
    std::size_t before = 0;
    for (const char* name : {"broken", "local", "ending", "new", "fine"}) {
        const std::size_t at = table.find(fmt::format("?name={}\"", name));
        ASSERT_NE(at, std::string::npos) << name;
        EXPECT_GT(at, before) << name;
        before = at;
    }
}

TEST(Overview, HasWhatThisHostIs) {
    Snapshot snapshot = fabricated::full_snapshot();
    snapshot.host.cloud = config::Cloud::azure;
    snapshot.host.kernel = "6.1.0-28-amd64";
    const std::string page = overview(snapshot);
    for (const char* text :
         {"vm-7", "Azure", "6.1.0-28-amd64", "1.2.3", "captured on any, 7 dropped", "12:00:00 UTC"}) {
        EXPECT_THAT(page, HasSubstr(text));
    }
}

TEST(Overview, SaysWhatIsWrongWithTheDaemonItself) {
    Snapshot snapshot = mixed();
    EXPECT_THAT(overview(snapshot), Not(HasSubstr("class=\"notice\"")));
    snapshot.config.last_reload_successful = false;
    snapshot.history = HistoryStatus{.up = false, .dropped = 0};
    snapshot.evidence = EvidenceStatus{.up = false};
    const std::string page = overview(snapshot);
    EXPECT_THAT(page, HasSubstr("The last reload failed"));
    EXPECT_THAT(page, HasSubstr("The history cannot be written"));
    EXPECT_THAT(page, HasSubstr("Evidence files cannot be written"));
}

TEST(Overview, SaysWhyPacketsAreNotCaptured) {
    Snapshot snapshot = mixed();
    snapshot.capture = {.interface = "any", .up = false};
    snapshot.capture.fault = probes::LocalError{};
    snapshot.capture.fault->text = "no such <device>";
    EXPECT_THAT(overview(snapshot), HasSubstr("not captured: no such &lt;device&gt;"));
}

TEST(Overview, EqualFailuresAreOneIncident) {
    std::vector<TargetStatus> targets;
    for (int i = 0; i < 40; ++i) {
        targets.push_back(fabricated::watched(fabricated::failing_endpoint(fmt::format("orders-{:02}", i))));
    }
    targets.push_back(fabricated::watched(
        fabricated::endpoint("other", false, Cause::connection_refused, checks::Severity::critical)));
    const std::string page = overview(fabricated::snapshot(std::move(targets)));
    EXPECT_EQ(count_of_text(page, "<article"), 2U);
    EXPECT_THAT(page, HasSubstr("<strong>40 targets: </strong>"));
    EXPECT_THAT(page, HasSubstr("<a href=\"/?cause=not_on_allowlist\">32 more</a>"));
    EXPECT_THAT(page, HasSubstr("Fix: service side (ClickHouse"));
}

TEST(Overview, ShowsWhatMatches) {
    Query query;
    query.state = State::failing;
    const std::string page = overview(mixed(), query);
    EXPECT_THAT(page, HasSubstr("1 of 5 targets match"));
    EXPECT_THAT(page, HasSubstr("1 of 5 targets is failing</h1>"));  // of all, whatever is chosen
    EXPECT_THAT(page, HasSubstr("<option value=\"failing\" selected=\"\">"));
    EXPECT_THAT(page, Not(HasSubstr("?name=fine\"")));
    EXPECT_THAT(page, HasSubstr(">Clear</a>"));
}

TEST(Overview, OffersTheCausesAndLabelsThatThereAre) {
    fabricated::EndpointEntry made = fabricated::failing_endpoint("broken");
    made.endpoint.labels = {{"team", "data"}};
    const std::string page = overview(fabricated::snapshot({fabricated::watched(std::move(made))}));
    EXPECT_THAT(page, HasSubstr("<option value=\"not_on_allowlist\">"));
    EXPECT_THAT(page, HasSubstr("<option value=\"team=data\">team=data</option>"));
    EXPECT_THAT(page, Not(HasSubstr("<option value=\"no_route\"")));
}

TEST(Overview, SaysWhenTheCertificateEnds) {
    const std::string fine = overview(mixed());
    EXPECT_THAT(fine, HasSubstr("364 days"));
    fabricated::EndpointEntry made = fabricated::healthy_endpoint("soon");
    made.endpoint.tls.expiry_warning = 400 * 24h;
    EXPECT_THAT(overview(fabricated::snapshot({fabricated::watched(std::move(made))})),
                HasSubstr("class=\"number soon\">364 days"));
}

TEST(Overview, WithoutAHistoryThereAreNoStrips) {
    EXPECT_THAT(overview(mixed()), Not(HasSubstr("class=\"strip\"")));
    const Days none;
    const std::string page = overview(mixed(), {}, &none);
    EXPECT_THAT(page, Not(HasSubstr("class=\"strip\"")));
    EXPECT_THAT(page, HasSubstr("no history yet"));
}

TEST(Overview, TheStripSaysHowTheDayWas) {
    Days days;
    Day& day = days["fine"];
    day.counts[46] = {.rounds = 10, .passed = 5};
    day.counts[47] = {.rounds = 10, .passed = 10};
    const std::string page = overview(mixed(), {}, &days);
    EXPECT_THAT(page, HasSubstr("Last 24 hours: checks failed in 1 of 2 parts"));
    EXPECT_THAT(page, HasSubstr(">75.00 %<"));
    EXPECT_TRUE(is_well_formed(page));
}

TEST(Overview, ShowsWhatFailedInTheLast24Hours) {
    Days days;
    days["fine"].counts[40] = {.rounds = 10, .passed = 9};
    days["ending"].counts[47] = {.rounds = 10, .passed = 10};
    Query query;
    query.unstable = true;
    const std::string page = overview(mixed(), query, &days);
    EXPECT_THAT(page, HasSubstr("2 of 5 targets match"));  // "broken" has no history, and fails now
    EXPECT_THAT(page, HasSubstr("?name=fine\""));
    EXPECT_THAT(page, HasSubstr("?name=broken\""));
    EXPECT_THAT(page, HasSubstr("<option value=\"unstable\" selected=\"\">Failed in 24 hours"));
    EXPECT_THAT(overview(mixed(), query), HasSubstr("1 of 5 targets match"));
}

TEST(Overview, NothingFromOutsideIsMarkup) {
    const std::string page = overview(hostile_snapshot());
    EXPECT_EQ(count_of_text(page, "<script"), 1U);  // its own
    EXPECT_EQ(count_of_text(page, evil), 0U);
    EXPECT_EQ(count_of_text(page, "style="), 0U);
    EXPECT_TRUE(is_well_formed(page));
}

TEST(Overview, ThousandsOfTargetsAreShownInPages) {
    const Snapshot snapshot = fabricated::large_snapshot(5000);
    const std::string first = overview(snapshot);
    EXPECT_LT(first.size(), 1'000'000U);
    EXPECT_EQ(count_of_text(first, "<tr "), 201U);
    EXPECT_THAT(first, HasSubstr("1 to 200 of 5000"));
    EXPECT_THAT(first, HasSubstr("href=\"/?page=2\""));
    Query query;
    query.page = 25;
    const std::string last = overview(snapshot, query);
    EXPECT_THAT(last, HasSubstr("4801 to 5000 of 5000"));
    EXPECT_THAT(last, HasSubstr("endpoint-04999"));
    EXPECT_THAT(last, Not(HasSubstr("rel=\"next\"")));
    query.page = 999;
    EXPECT_THAT(overview(snapshot, query), HasSubstr("4801 to 5000 of 5000"));
}

}  // namespace
}  // namespace whylink::daemon::page
