// What the routes answer: pages, their headers, and the history's API.
#include "daemon/page/status_page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "daemon/history/store.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/daemon/fabricated_snapshot.hpp"
#include "tests/unit/daemon/page/pages.hpp"

namespace whylink::daemon::page {
namespace {

using namespace std::chrono_literals;
using fabricated::noon;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

class StatusPageTest : public testing::Test {
  protected:
    StatusPageTest() {
        HistoryBatch batch;
        for (const char* name : {"broken", "fine"}) {
            const auto target = std::make_shared<const std::string>(name);
            for (int minute = 0; minute < 60; ++minute) {
                const bool passed = target->front() == 'f' || minute < 45;
                batch.rounds.push_back({target, noon() - 60min + minute * 1min, passed,
                                        passed ? Cause::healthy : Cause::not_on_allowlist, 5ms});
            }
        }
        const auto broken = std::make_shared<const std::string>("broken");
        batch.changes = {{broken, {noon() - 15min - 10s, What::address, "10.0.0.9", "10.0.0.4"}}};
        batch.outages = {{broken, noon() - 15min, std::nullopt, Cause::not_on_allowlist, noon() - 16min}};
        HistoryStore(directory.path(), {90 * 24h, 64ULL << 20}).write(batch, noon());
    }

    http::Response page(const Pairs& query, bool may_check = false) {
        return status_page.page(snapshot, query, may_check, noon());
    }
    http::Response history(const Pairs& query) const { return status_page.history(query, noon()); }

    lab::TemporaryDirectory directory;
    Snapshot snapshot = fabricated::snapshot({fabricated::watched(fabricated::healthy_endpoint("fine")),
                                              fabricated::watched(fabricated::failing_endpoint("broken"))});
    StatusPage status_page{"1.2.3", std::filesystem::path(directory.path()) / history_file_name};
};

TEST_F(StatusPageTest, IsAPageOfAllTargets) {
    const http::Response response = page({});
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.content_type, "text/html; charset=utf-8");
    EXPECT_THAT(response.headers, Contains(Pair("Content-Security-Policy", content_security_policy)));
    EXPECT_THAT(response.body, HasSubstr("1 of 2 targets is failing"));
    EXPECT_THAT(response.body, HasSubstr(">75.00 %<"));
    EXPECT_THAT(response.body, HasSubstr(">100 %<"));
}

TEST_F(StatusPageTest, OneNameHasAPageOfItsOwn) {
    const http::Response response = page({{"name", "broken"}}, true);
    EXPECT_EQ(response.status, 200U);
    EXPECT_THAT(response.body, HasSubstr("<h1>broken</h1>"));
    EXPECT_THAT(response.body, HasSubstr("Availability 75.00 %"));
    EXPECT_THAT(response.body, HasSubstr("/-/check?name=broken"));
}

TEST_F(StatusPageTest, SeveralNamesAreATable) {
    const http::Response response = page({{"name", "broken"}, {"name", "fine"}});
    EXPECT_THAT(response.body, HasSubstr("1 of 2 targets is failing"));
}

TEST_F(StatusPageTest, AnUnknownNameIsNotFound) {
    const http::Response response = page({{"name", "brokn"}});
    EXPECT_EQ(response.status, 404U);
    EXPECT_THAT(response.body, HasSubstr("did you mean \"broken\"?"));
    EXPECT_EQ(response.content_type, "text/plain; charset=utf-8");
}

TEST_F(StatusPageTest, ABadQueryIsRefused) {
    EXPECT_EQ(page({{"state", "ill"}}).status, 400U);
}

TEST_F(StatusPageTest, WithoutAHistoryThereIsAPage) {
    for (const std::filesystem::path& file :
         {std::filesystem::path(), std::filesystem::path("/nowhere/x.db")}) {
        StatusPage without("1.2.3", file);
        const http::Response all = without.page(snapshot, {}, false, noon());
        EXPECT_EQ(all.status, 200U);
        EXPECT_THAT(all.body, Not(HasSubstr("class=\"strip\"")));
        EXPECT_EQ(without.page(snapshot, {{"name", "broken"}}, false, noon()).status, 200U);
        EXPECT_EQ(without.history({}, noon()).status, 503U);
    }
}

TEST_F(StatusPageTest, ADamagedHistoryIsNoFaultOfThePage) {
    const std::string file = std::filesystem::path(directory.path()) / "damaged.db";
    std::ofstream(file) << "no database, but longer than the header of one, which has a hundred bytes: "
                           "............................................";
    StatusPage damaged("1.2.3", file);
    EXPECT_EQ(damaged.page(snapshot, {}, false, noon()).status, 200U);
    EXPECT_EQ(damaged.history({}, noon()).status, 503U);
}

// ---- the history's API

TEST_F(StatusPageTest, TheHistoryIsJson) {
    const http::Response response = history({{"name", "broken"}, {"since", "1h"}});
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.content_type, "application/json");
    const auto json = nlohmann::json::parse(response.body);
    ASSERT_EQ(json["targets"].size(), 1U);
    EXPECT_EQ(json["targets"][0]["name"], "broken");
    EXPECT_DOUBLE_EQ(json["targets"][0]["availability"], 0.75);
    EXPECT_EQ(json["targets"][0]["outages"][0]["cause"], "not_on_allowlist");
    EXPECT_EQ(json["targets"][0]["outages"][0]["changes"][0]["to"], "10.0.0.4");
}

TEST_F(StatusPageTest, TheHistoryIsOfAllTargetsAndAWeek) {
    const auto json = nlohmann::json::parse(history({}).body);
    EXPECT_EQ(json["targets"].size(), 2U);
    EXPECT_EQ(json["since"], "2025-12-25T12:00:00.000Z");
}

TEST_F(StatusPageTest, TheHistorySaysWhatIsWrongWithAQuery) {
    for (const auto& [key, value] :
         Pairs{{"since", "soon"}, {"since", "0s"}, {"since", ""}, {"colour", "red"}}) {
        const http::Response response = history({{key, value}});
        EXPECT_EQ(response.status, 400U) << key;
        EXPECT_THAT(response.body, HasSubstr(key));
    }
    const http::Response unknown = history({{"name", "brokn"}});
    EXPECT_EQ(unknown.status, 404U);
    EXPECT_THAT(unknown.body, HasSubstr("did you mean \"broken\"?"));
}

TEST(Resources, AreOfTheirType) {
    for (const auto& [path, type] :
         {std::pair("/style.css", "text/css; charset=utf-8"),
          std::pair("/page.js", "text/javascript; charset=utf-8"), std::pair("/icon.svg", "image/svg+xml")}) {
        const auto response = resource(path);
        ASSERT_TRUE(response) << path;
        EXPECT_EQ(response->status, 200U);
        EXPECT_EQ(response->content_type, type);
        EXPECT_GT(response->body.size(), 100U) << path;
    }
    EXPECT_FALSE(resource("/style.css/"));
}

TEST(Resources, NothingOfThemIsFromElsewhere) {
    for (const char* path : {"/style.css", "/page.js"}) {
        const std::string text = resource(path)->body;
        for (const char* other : {"http:", "https:", "@import", "url(", "eval("}) {
            EXPECT_EQ(count_of_text(text, other), 0U) << path << ": " << other;
        }
    }
}

TEST(Resources, ACheckLeadsToThePageOfItsTarget) {
    const http::Response response = checking("a b");
    EXPECT_EQ(response.status, 303U);
    EXPECT_THAT(response.headers, Contains(Pair("Location", "/?name=a%20b")));
}

}  // namespace
}  // namespace whylink::daemon::page
