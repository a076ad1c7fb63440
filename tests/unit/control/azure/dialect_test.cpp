#include "control/azure/dialect.hpp"

#include <gtest/gtest.h>

#include "tests/unit/control/azure/fake_arm.hpp"

namespace whylink::control {
namespace {

const Operation& listing_of_endpoints() {
    return operation(Op::arm_private_endpoints);
}

Reply classified(int status, std::string body, std::vector<Pair> headers = {}) {
    return classify_arm(listing_of_endpoints(),
                        arm_test::response(status, std::move(body), std::move(headers)));
}

std::string error(std::string_view code, std::string_view message) {
    return "{\"error\": {\"code\": \"" + std::string(code) + "\", \"message\": \"" + std::string(message) +
           "\"}}";
}

TEST(AzureDialectTest, TakesWhatIsAcceptedForAnswered) {
    for (const int status : {200, 202, 204}) {
        EXPECT_EQ(classified(status, "").result, Result::ok) << status;
    }
}

TEST(AzureDialectTest, NamesThePermissionThatTheAnswerNames) {
    const Reply reply = classified(
        403,
        error(
            "AuthorizationFailed",
            "The client 'x' with object id 'y' does not have authorization to perform action "
            "'Microsoft.Network/privateEndpoints/privateLinkServiceProxies/read' over scope '/subscriptions/s'."));
    EXPECT_EQ(reply.result, Result::forbidden);
    EXPECT_EQ(reply.detail, "Microsoft.Network/privateEndpoints/privateLinkServiceProxies/read");
    EXPECT_EQ(reply.code, "AuthorizationFailed");
}

TEST(AzureDialectTest, NamesThePermissionOfTheOperationWhereTheAnswerDoesNot) {
    EXPECT_EQ(classified(403, error("AuthorizationFailed", "no")).detail,
              "Microsoft.Network/privateEndpoints/read");
    EXPECT_EQ(classified(403, "<html>").detail, "Microsoft.Network/privateEndpoints/read");
}

TEST(AzureDialectTest, SaysWhyWhereItIsNoQuestionOfRoles) {
    const Reply reply =
        classified(403, error("ReadOnlyDisabledSubscription", "The subscription is disabled."));
    EXPECT_EQ(reply.result, Result::forbidden);
    EXPECT_EQ(
        reply.detail,
        "Microsoft.Network/privateEndpoints/read (ReadOnlyDisabledSubscription: The subscription is disabled.)");
}

TEST(AzureDialectTest, TakesAHiddenSubscriptionForAMissingPermission) {
    const Reply reply =
        classified(404, error("SubscriptionNotFound", "The subscription 's' could not be found."));
    EXPECT_EQ(reply.result, Result::forbidden);
    EXPECT_NE(reply.detail.find("SubscriptionNotFound"), std::string::npos);
}

TEST(AzureDialectTest, TellsARefusedTokenWithTheClock) {
    const Reply reply =
        classified(401, error("ExpiredAuthenticationToken", "The access token expiry UTC time ..."),
                   {{"date", "Sun, 06 Nov 1994 08:49:37 GMT"}});
    EXPECT_EQ(reply.result, Result::credentials);
    EXPECT_NE(reply.detail.find("ExpiredAuthenticationToken"), std::string::npos);
    EXPECT_NE(reply.detail.find("the clock of this host is"), std::string::npos);
    EXPECT_NE(reply.detail.find("ahead"), std::string::npos);
}

TEST(AzureDialectTest, ShowsWhatIsLeftOfTheQuota) {
    const Reply reply =
        classified(429, error("OperationNotAllowed", "The server rejected the request"),
                   {{"retry-after", "17"}, {"x-ms-ratelimit-remaining-subscription-reads", "0"}});
    EXPECT_EQ(reply.result, Result::throttled);
    EXPECT_NE(reply.detail.find("x-ms-ratelimit-remaining-subscription-reads 0"), std::string::npos);
}

TEST(AzureDialectTest, KnowsWhatDoesNotExist) {
    EXPECT_EQ(classified(404, error("ResourceNotFound", "x")).result, Result::not_found);
    EXPECT_EQ(classified(404, error("ResourceGroupNotFound", "x")).result, Result::not_found);
    EXPECT_EQ(classified(410, "").result, Result::not_found);
}

TEST(AzureDialectTest, TakesAnythingElseForAnError) {
    const Reply reply = classified(500, "\x01garbage");
    EXPECT_EQ(reply.result, Result::error);
    EXPECT_EQ(reply.detail, "HTTP 500");
}

}  // namespace
}  // namespace whylink::control
