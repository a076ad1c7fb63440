#include "control/clickhouse/dialect.hpp"

#include <gtest/gtest.h>

namespace whylink::control {
namespace {

Reply classified(int status, std::string body) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    return classify_clickhouse(operation(Op::clickhouse_services), response);
}

TEST(ClickHouseDialectTest, NamesThePermissionThatTheAnswerNames) {
    const Reply reply = classified(
        403,
        R"({"status": 403, "error": "missing permission control-plane:organization:view.", "requestId": "x"})");
    EXPECT_EQ(reply.result, Result::forbidden);
    EXPECT_EQ(reply.detail,
              "control-plane:organization:view (or the key's IP access list does not have this host)");
}

TEST(ClickHouseDialectTest, NamesThePermissionOfTheOperationWhereTheAnswerDoesNot) {
    EXPECT_TRUE(
        classified(403, R"({"error": "Forbidden"})").detail.starts_with("control-plane:service:view "));
    EXPECT_TRUE(classified(403, "<html>").detail.starts_with("control-plane:service:view "));
}

TEST(ClickHouseDialectTest, SaysWhyAKeyIsRefused) {
    const Reply reply = classified(401, R"({"status": 401, "error": "Unauthorized"})");
    EXPECT_EQ(reply.result, Result::credentials);
    EXPECT_EQ(reply.detail,
              "HTTP 401: Unauthorized (key wrong, expired, or this host is not on its IP access list)");
}

TEST(ClickHouseDialectTest, KnowsTheOtherAnswers) {
    EXPECT_EQ(classified(200, "").result, Result::ok);
    EXPECT_EQ(classified(404, R"({"error": "NOT_FOUND"})").result, Result::not_found);
    EXPECT_EQ(classified(429, "").result, Result::throttled);
    EXPECT_EQ(classified(424, R"({"error": "failed dependency"})").detail, "HTTP 424: failed dependency");
    EXPECT_EQ(classified(500, std::string(100'000, '[')).detail, "HTTP 500");
}

}  // namespace
}  // namespace whylink::control
