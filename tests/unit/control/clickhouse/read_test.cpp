#include "control/clickhouse/read.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "control/clickhouse/dialect.hpp"
#include "tests/unit/control/clickhouse/bodies.hpp"
#include "tests/unit/control/fakes.hpp"

namespace whylink::control {
namespace {

using namespace clickhouse_test;

const std::string base = "/v1/organizations/" + std::string(organization);
const std::string config_path = base + "/services/" + service_id + "/privateEndpointConfig";

/// Answers by path and query; what has none is not found.
class FakeCloud : public FakeTransport {
  public:
    FakeCloud() {
        answers = [this](const Sent& request) { return respond(request); };
    }
    void answer(const std::string& path, std::string body, int status = 200, std::vector<Pair> headers = {}) {
        by_path_[path] = FakeTransport::answer(status, std::move(body), std::move(headers));
    }
    std::vector<std::string> asked;

  private:
    HttpResponse respond(const Sent& request) {
        constexpr std::string_view api = "https://api.clickhouse.cloud";
        EXPECT_TRUE(request.url.starts_with(api)) << request.url;
        EXPECT_EQ(request.method, "GET");
        asked.push_back(request.url.substr(api.size()));
        const auto found = by_path_.find(asked.back());
        return found == by_path_.end() ? FakeTransport::answer(404) : found->second;
    }
    std::map<std::string, HttpResponse> by_path_;
};

/// Every request is authorised.
class OpenDialect : public Dialect {
  public:
    std::optional<CredentialFault> authorise(HttpRequest& /*request*/,
                                             std::chrono::steady_clock::time_point /*until*/) override {
        return std::nullopt;
    }
    Reply classify(const Operation& operation, const HttpResponse& response) const override {
        return classify_clickhouse(operation, response);
    }
    bool renew() override { return false; }
};

struct Key {
    FakeCloud cloud;
    OpenDialect dialect;
    Redaction redaction;
    Caller caller{cloud, dialect, redaction};
    config::Account account;

    Key() {
        account.name = "acme-clickhouse";
        account.provider = config::AccountProvider::clickhouse;
        cloud.answer("/v1/organizations", organizations());
        cloud.answer(base + "/services", answer("[" + service() + "]"));
        cloud.answer(config_path, config());
    }
    Reading reading(std::span<const Subject> subjects) {
        const Terms terms{std::chrono::steady_clock::now() + std::chrono::seconds(5), {}};
        return {account, caller, terms, subjects, nullptr};
    }
    Readings read(const Subject& subject) { return read_clickhouse(reading(std::span(&subject, 1))); }
};

Subject subject_of(std::string_view host = "abcd.westus3.privatelink.azure.clickhouse.cloud") {
    Subject subject;
    subject.target = "clickhouse";
    subject.vendor = "clickhouse";
    subject.host = host;
    subject.port = 9440;
    return subject;
}

const Read* find(const Readings& readings, std::string_view read) {
    const auto found = std::ranges::find(readings.reads, read, &Read::read);
    return found == readings.reads.end() ? nullptr : &*found;
}

TEST(ClickHouseRead, FindsTheServiceOfAHost) {
    Key key;
    const Readings readings = key.read(subject_of());
    ASSERT_EQ(readings.facts.vendor_services.size(), 1U);
    const VendorService& service = readings.facts.vendor_services[0];
    EXPECT_EQ(service.organization, organization);
    EXPECT_EQ(service.origin.account, "acme-clickhouse");
    EXPECT_EQ(service.private_host, "abcd.westus3.privatelink.azure.clickhouse.cloud");
    EXPECT_EQ(service.endpoint_service, "production-westus3-0-0.63c8.westus3.azure.privatelinkservice");
    const Read* read = find(readings, "service");
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->result, Result::ok);
    EXPECT_EQ(read->targets, std::vector<std::string>{"clickhouse"});
    ASSERT_EQ(readings.facts.complete.size(), 1U);
    EXPECT_EQ(readings.facts.complete[0].scope, organization);
}

TEST(ClickHouseRead, TakesTheOrganizationOfTheConfig) {
    Key key;
    key.account.organization = organization;
    key.read(subject_of());
    EXPECT_EQ(key.cloud.asked.front(), base + "/services");
}

TEST(ClickHouseRead, FindsAServiceBehindANameOfOnesOwn) {
    Key key;
    Subject subject = subject_of("clickhouse.acme.example");
    subject.names = {"abcd.westus3.privatelink.azure.clickhouse.cloud."};
    EXPECT_EQ(find(key.read(subject), "service")->result, Result::ok);
}

TEST(ClickHouseRead, SearchesTheRegionForAPrivateNameThatBeginsOtherwise) {
    Key key;
    key.cloud.answer(base + "/services", answer("[" + service(service_id, "publicname") + "]"));
    const Readings readings = key.read(subject_of());
    const Read* read = find(readings, "service");
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->result, Result::ok);
}

TEST(ClickHouseRead, SaysThatNoServiceHasTheHost) {
    Key key;
    const Readings readings = key.read(subject_of("zzzz.eastus.privatelink.azure.clickhouse.cloud"));
    const Read* read = find(readings, "service");
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->result, Result::not_found);
    EXPECT_EQ(readings.facts.vendor_services.size(), 1U);
}

TEST(ClickHouseRead, ReadsEveryPage) {
    Key key;
    key.cloud.answer(base + "/services", R"({"nextCursor": "b", "result": []})");
    key.cloud.answer(base + "/services?cursor=b", answer("[" + service() + "]"));
    const Readings readings = key.read(subject_of());
    EXPECT_EQ(readings.facts.vendor_services.size(), 1U);
    EXPECT_EQ(readings.facts.complete.size(), 1U);
}

TEST(ClickHouseRead, APageThatLeadsToItselfEndsTheListing) {
    Key key;
    key.cloud.answer(base + "/services", R"({"nextCursor": "b", "result": [)" + service() + "]}");
    key.cloud.answer(base + "/services?cursor=b", R"({"nextCursor": "b", "result": []})");
    const Readings readings = key.read(subject_of());
    EXPECT_EQ(readings.facts.vendor_services.size(), 1U);
    EXPECT_TRUE(readings.facts.complete.empty());
    const Read* read = find(readings, "service");
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->result, Result::error);
}

TEST(ClickHouseRead, AMissingPermissionTakesAwayOneFact) {
    Key key;
    key.cloud.answer(config_path, R"({"status": 403, "error": "Forbidden"})", 403);
    const Readings readings = key.read(subject_of());
    ASSERT_EQ(readings.facts.vendor_services.size(), 1U);
    EXPECT_TRUE(readings.facts.vendor_services[0].allow_list.complete);
    EXPECT_EQ(readings.facts.vendor_services[0].endpoint_service, "");
    const Read* read = find(readings, "private_endpoint_config");
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->result, Result::forbidden);
    EXPECT_TRUE(read->detail.starts_with("control-plane:service:view-private-endpoints "));
}

TEST(ClickHouseRead, AThrottledKeyIsNotAskedAgain) {
    Key key;
    key.cloud.answer("/v1/organizations", R"({"status": 429, "error": "Too many requests"})", 429,
                     {{"x-ratelimit-reset", "600"}});
    const Readings readings = key.read(subject_of());
    const Read* read = find(readings, "organization");
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->result, Result::throttled);
    EXPECT_EQ(key.cloud.asked.size(), 1U);
    EXPECT_TRUE(readings.facts.vendor_services.empty());
}

TEST(ClickHouseRead, GarbageIsAnError) {
    for (const char* body : {"<html>", "{\"result\": [", "{\"result\": 7}", ""}) {
        Key key;
        key.cloud.answer(base + "/services", body);
        const Readings readings = key.read(subject_of());
        const Read* read = find(readings, "service");
        ASSERT_NE(read, nullptr);
        EXPECT_EQ(read->result, Result::error) << body;
        EXPECT_TRUE(readings.facts.complete.empty());
    }
}

TEST(ClickHouseCheck, NamesWhatIsMissing) {
    Key key;
    key.cloud.answer(config_path, R"({"error": "Forbidden"})", 403);
    const CheckAnswer answer = check_clickhouse(key.reading({}));
    EXPECT_EQ(answer.identity, "key of organization " + std::string(organization));
    ASSERT_EQ(answer.access.size(), 3U);
    EXPECT_EQ(answer.access[0].result, Result::ok);
    EXPECT_EQ(answer.access[2].result, Result::forbidden);
    EXPECT_EQ(answer.policy, "control-plane:service:view-private-endpoints\n");
}

TEST(ClickHouseCheck, NeedsNothingMoreWhereAllIsReadable) {
    Key key;
    key.cloud.answer(base + "/services", answer("[]"));
    const CheckAnswer answer = check_clickhouse(key.reading({}));
    EXPECT_EQ(answer.policy, "");
    EXPECT_EQ(std::ranges::count(answer.access, Result::ok, &Access::result), 3);
}

TEST(ClickHouseCheck, StopsAtAKeyThatIsRefused) {
    Key key;
    key.cloud.answer("/v1/organizations", R"({"error": "Unauthorized"})", 401);
    const CheckAnswer answer = check_clickhouse(key.reading({}));
    ASSERT_EQ(answer.access.size(), 1U);
    EXPECT_EQ(answer.access[0].result, Result::credentials);
    EXPECT_EQ(answer.identity, "");
}

}  // namespace
}  // namespace whylink::control
