// Answers that give credentials, or that could do harm where they are sent on.
#include <gtest/gtest.h>

#include "control/credentials/parse.hpp"
#include "control/credentials/rfc3339.hpp"

namespace whylink::control {
namespace {

using namespace std::chrono_literals;

const auto now = std::chrono::system_clock::from_time_t(1'796'000'000);

TEST(ParseAwsCredentials, RefusesWhatAHeaderCannotHave) {
    const auto parsed = [](const std::string& id, const std::string& token) {
        return parse_aws_credentials(R"({"AccessKeyId": ")" + id +
                                     R"(", "SecretAccessKey": "secret", "Token": ")" + token + "\"}");
    };
    ASSERT_TRUE(parsed("ASIA1", ""));
    EXPECT_EQ(parsed("ASIA1", "t")->access_key_id, "ASIA1");
    EXPECT_FALSE(parsed("", "t"));
    EXPECT_FALSE(parsed(R"(ASIA1\r\nX-Injected: 1)", "t"));
    EXPECT_FALSE(parsed("ASIA1", R"(t\nX-Injected: 1)"));
    EXPECT_FALSE(parse_aws_credentials("[]"));
}

TEST(ParseAwsCredentials, OfStsAreThoseOfTheAction) {
    const std::string body =
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s"
        "</SecretAccessKey><Expiration>2026-11-30T17:00:00Z</Expiration></Credentials></AssumeRoleResult>"
        "</AssumeRoleResponse>";
    const auto found = parse_sts_credentials("AssumeRole", body);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->session_token.empty());
    EXPECT_EQ(found->expires_at, std::chrono::system_clock::from_time_t(1'796'058'000));
    EXPECT_FALSE(parse_sts_credentials("AssumeRoleWithWebIdentity", body));
}

TEST(ParseAzureToken, HasALifeThatSomebodyGives) {
    const auto life = [](const std::string& members) {
        const auto token = parse_azure_token(R"({"access_token": "t", )" + members + "}", now);
        return token ? token->expires_at - now : -1s;
    };
    EXPECT_EQ(life(R"("expires_in": 3599)"), 3599s);
    EXPECT_EQ(life(R"("expires_in": "3599")"), 3599s);
    EXPECT_EQ(life(R"("expires_on": "1796000060")"), 60s);
    EXPECT_EQ(life(R"("expires_on": -9223372036854775808)"), 0s);
    EXPECT_EQ(life(R"("expires_on": 9223372036854775807)"), 7 * 24h);
    EXPECT_EQ(life(R"("expires_in": 9223372036854775807)"), 7 * 24h);
    EXPECT_EQ(life(R"("expires_in": "soon")"), 0s);
    EXPECT_FALSE(parse_azure_token(R"({"access_token": "t\r\nX-Injected: 1", "expires_in": 1})", now));
}

TEST(ParseAzToken, ATimeThatNoClockHasIsNone) {
    const auto made = parse_az_token(R"({"accessToken": "t", "expires_on": 9223372036854775807})", now);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->token.expires_at - now, 7 * 24h);
    EXPECT_EQ(parse_az_token(R"({"accessToken": "t", "expiresOn": "today"})", now)->token.expires_at - now,
              6min);
}

TEST(ArcKeyFile, IsOneOfTheAgentsFolder) {
    const std::string folder = "/var/opt/azcmagent/tokens/";
    EXPECT_EQ(arc_key_file("Basic realm=" + folder + "a.key"), folder + "a.key");
    EXPECT_EQ(arc_key_file("Basic realm=" + folder + "../../shadow.key"), std::nullopt);
    EXPECT_EQ(arc_key_file("Basic realm=/etc/shadow"), std::nullopt);
    EXPECT_EQ(arc_key_file("Basic"), std::nullopt);
}

TEST(Rfc3339, IsATimeThatAClockCanCount) {
    EXPECT_EQ(parse_rfc3339("2026-11-30T17:00:00.5Z"), std::chrono::system_clock::from_time_t(1'796'058'000));
    EXPECT_EQ(parse_rfc3339("9999-12-31T23:59:59Z"), std::nullopt);
    EXPECT_EQ(parse_rfc3339("0001-01-01T00:00:00Z"), std::nullopt);
    EXPECT_EQ(parse_rfc3339("2026-11-30"), std::nullopt);
}

}  // namespace
}  // namespace whylink::control
