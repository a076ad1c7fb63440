// How calls are paced, repeated and remembered, and how each end of one is named.
#include "control/http/caller.hpp"

#include <gtest/gtest.h>

#include "tests/unit/control/fakes.hpp"

namespace whylink::control {
namespace {

using namespace std::chrono_literals;

/// Says what a status means, and nothing else.
class PlainDialect : public Dialect {
  public:
    std::optional<CredentialFault> fault;
    int renewals = 0;  ///< that there still are

    std::optional<CredentialFault> authorise(HttpRequest& request,
                                             std::chrono::steady_clock::time_point /*until*/) override {
        request.headers.push_back({"Authorization", Secret("secret-of-the-dialect")});
        return fault;
    }
    Reply classify(const Operation& operation, const HttpResponse& response) const override {
        switch (response.status) {
            case 200:
                return failed(Result::ok, {});
            case 401:
                return failed(Result::credentials, "refused");
            case 403:
                return failed(Result::forbidden, std::string(operation.permission));
            case 404:
                return failed(Result::not_found, "not found");
            case 429:
                return failed(Result::throttled, "too fast");
            default:
                return failed(Result::error, "HTTP " + std::to_string(response.status));
        }
    }
    bool renew() override { return renewals-- > 0; }
};

class Callers : public testing::Test {
  protected:
    static Call services(std::string organization = "o") {
        return {Op::clickhouse_services, {{"organization", std::move(organization)}}, {}, {}, std::nullopt};
    }
    static Call endpoints(std::string subscription) {
        return {Op::arm_private_endpoints,
                {{"management", "management.azure.com"}, {"subscription", std::move(subscription)}},
                {},
                {},
                std::nullopt};
    }
    Reply ask(const Call& call, Terms terms = {soon(), {}}) { return caller_.call(call, terms); }
    void answer(int status, const std::string& body = {}, const std::vector<Pair>& headers = {}) {
        transport_.answers = [=](const Sent&) { return FakeTransport::answer(status, body, headers); };
    }

    FakeTransport transport_;
    PlainDialect dialect_;
    Redaction redaction_;
    Caller caller_{transport_, dialect_, redaction_};
};

TEST_F(Callers, GiveTheBodyAndItsTime) {
    answer(200, "body");
    const auto before = std::chrono::time_point_cast<std::chrono::milliseconds>(WallClock::now());
    const Reply reply = ask(services());
    EXPECT_EQ(reply.result, Result::ok);
    EXPECT_EQ(reply.body, "body");
    EXPECT_GE(reply.read_at, before);
    EXPECT_EQ(transport_.sent.front().url, "https://api.clickhouse.cloud/v1/organizations/o/services");
}

TEST_F(Callers, RememberForAsLongAsTheTermsSay) {
    answer(404);
    const Reply first = ask(services());
    EXPECT_TRUE(ask(services(), {soon(), first.read_at}).remembered);
    EXPECT_EQ(transport_.sent.size(), 1U);
    EXPECT_FALSE(ask(services(), {soon(), first.read_at + 1ms}).remembered);
    EXPECT_FALSE(ask(services("other"), {soon(), first.read_at}).remembered);
    EXPECT_EQ(transport_.sent.size(), 3U);
}

TEST_F(Callers, RememberNoFaultOfTheWay) {
    transport_.answers = [](const Sent&) { return FakeTransport::unanswered(Failure::timeout); };
    EXPECT_EQ(ask(services()).result, Result::unreachable);
    EXPECT_EQ(ask(services()).result, Result::unreachable);
    EXPECT_EQ(transport_.sent.size(), 2U) << "a time-out is not repeated within a call";
}

TEST_F(Callers, NameEachFaultOfTheWay) {
    const auto result = [&](Failure failure) {
        transport_.answers = [=](const Sent&) { return FakeTransport::unanswered(failure); };
        return ask(endpoints("s")).result;
    };
    EXPECT_EQ(result(Failure::resolve), Result::unreachable);
    EXPECT_EQ(result(Failure::connect), Result::unreachable);
    EXPECT_EQ(result(Failure::tls), Result::unreachable);
    EXPECT_EQ(result(Failure::proxy), Result::unreachable);
    EXPECT_EQ(result(Failure::cut), Result::error);
    EXPECT_EQ(result(Failure::too_large), Result::error);
    EXPECT_EQ(result(Failure::redirect), Result::error);
}

TEST_F(Callers, RepeatWhatPasses) {
    transport_.answers = [this](const Sent&) {
        return FakeTransport::answer(transport_.sent.size() < 3 ? 503 : 404);
    };
    EXPECT_EQ(ask(endpoints("s")).result, Result::not_found);
    EXPECT_EQ(transport_.sent.size(), 3U);
}

TEST_F(Callers, GiveUpAfterThreeAttempts) {
    answer(500);
    EXPECT_EQ(ask(endpoints("s")).result, Result::error);
    EXPECT_EQ(transport_.sent.size(), 3U);
}

TEST_F(Callers, AskNobodyAgainBeforeTheReset) {
    answer(429, {}, {{"x-ratelimit-reset", "600"}});
    const Reply first = ask(services());
    EXPECT_EQ(first.result, Result::throttled);
    EXPECT_NE(first.detail.find("not asked again before"), std::string::npos) << first.detail;
    EXPECT_EQ(ask(services("other")).result, Result::throttled);
    EXPECT_EQ(transport_.sent.size(), 1U);
    answer(404);
    EXPECT_EQ(ask(endpoints("s")).result, Result::not_found) << "another API has another bucket";
}

TEST_F(Callers, WaitForAResetThatIsSoon) {
    transport_.answers = [this](const Sent&) {
        return transport_.sent.size() < 2 ? FakeTransport::answer(429, {}, {{"retry-after", "0"}})
                                          : FakeTransport::answer(404);
    };
    EXPECT_EQ(ask(services()).result, Result::not_found);
}

TEST_F(Callers, KeepToThePace) {
    answer(404);
    std::vector<Call> calls;
    calls.reserve(6);
    for (int i = 0; i < 6; ++i) {
        calls.push_back(services(std::to_string(i)));
    }
    const auto replies = caller_.call_all(calls, {std::chrono::steady_clock::now() + 1s, {}});
    const auto throttled = std::ranges::count(replies, Result::throttled, &Reply::result);
    EXPECT_EQ(throttled, 2) << "4 at once, and the next after 3 s";
    EXPECT_EQ(transport_.sent.size(), 4U);
}

TEST_F(Callers, FindNewCredentialsOnce) {
    dialect_.renewals = 5;
    answer(401);
    EXPECT_EQ(ask(services()).result, Result::credentials);
    EXPECT_EQ(transport_.sent.size(), 2U);
}

TEST_F(Callers, SendNothingWithoutCredentials) {
    dialect_.fault = CredentialFault{Result::credentials, "none"};
    const Reply reply = ask(services());
    EXPECT_EQ(reply.result, Result::credentials);
    EXPECT_EQ(reply.detail, "none");
    EXPECT_TRUE(transport_.sent.empty());
}

TEST_F(Callers, SendNothingThatHasNoRow) {
    EXPECT_EQ(ask(services("a/b")).result, Result::error);
    EXPECT_TRUE(transport_.sent.empty());
}

TEST_F(Callers, HideSecretsInWhatTheySay) {
    redaction_.learn(Secret("planted-secret"));
    transport_.answers = [](const Sent&) {
        HttpResponse response = FakeTransport::unanswered(Failure::connect);
        response.error = "with planted-secret";
        return response;
    };
    EXPECT_EQ(ask(endpoints("s"), {std::chrono::steady_clock::now() + 10ms, {}}).detail.find("planted"),
              std::string::npos);
}

TEST_F(Callers, CountWhatWasSent) {
    answer(404);
    ask(services());
    ask(services());
    const auto counts = caller_.take_counts();
    ASSERT_EQ(counts.size(), 1U);
    EXPECT_EQ(counts[0].op, Op::clickhouse_services);
    EXPECT_EQ(counts[0].result, Result::not_found);
    EXPECT_EQ(counts[0].count, 1U) << "the second came from memory";
    EXPECT_TRUE(caller_.take_counts().empty());
}

TEST(Waits, AreWhatAnAnswerAsksForWithinAnHour) {
    const auto wait = [](std::string name, std::string value) {
        return asked_wait(FakeTransport::answer(429, {}, {{std::move(name), std::move(value)}}));
    };
    EXPECT_EQ(wait("retry-after", "7"), 7s);
    EXPECT_EQ(wait("x-ratelimit-reset", "3"), 3s);
    EXPECT_EQ(wait("retry-after", "99999999999"), 3600s);
    EXPECT_EQ(wait("retry-after", "soon"), std::nullopt);
    EXPECT_EQ(wait("retry-after", "-1"), std::nullopt);
}

TEST(TokenBuckets, FillUpAgain) {
    const TokenBucket::Clock::time_point start{};
    TokenBucket bucket({2, 0.5}, start);
    EXPECT_EQ(bucket.take(start, start), start);
    EXPECT_EQ(bucket.take(start, start), start);
    EXPECT_EQ(bucket.take(start, start + 1s), std::nullopt);
    EXPECT_EQ(bucket.take(start, start + 10s), start + 2s);
    EXPECT_EQ(bucket.take(start + 100s, start + 100s), start + 100s);
    bucket.close_until(start + 200s);
    EXPECT_EQ(bucket.take(start + 101s, start + 150s), std::nullopt);
    EXPECT_EQ(bucket.take(start + 101s, start + 300s), start + 200s);
}

TEST(Clocks, AreComparedByTheDateOfAnAnswer) {
    HttpResponse response = FakeTransport::answer(200, {}, {{"date", "Sun, 30 Aug 2015 12:36:00 GMT"}});
    response.received_at = std::chrono::system_clock::from_time_t(1'440'938'160 + 400);
    EXPECT_EQ(response.clock_ahead(), 400s);
    response.headers.front().second = "yesterday";
    EXPECT_EQ(response.clock_ahead(), std::nullopt);
}

}  // namespace
}  // namespace whylink::control
