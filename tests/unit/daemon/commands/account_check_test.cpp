#include "daemon/commands/account_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace whylink::daemon {
namespace {

using control::Result;
using testing::HasSubstr;
using testing::Not;

config::Account account() {
    config::Account made;
    made.name = "acme";
    made.provider = config::AccountProvider::aws;
    return made;
}

CheckedAccount checked(std::vector<control::Access> access, std::string policy = {}) {
    control::CheckAnswer answer;
    answer.identity = "arn:aws:iam::123456789012:role/reader";
    answer.source = "IMDS role reader";
    answer.access = std::move(access);
    answer.policy = std::move(policy);
    return {account(), std::move(answer)};
}

const control::Access readable{"ec2:DescribeVpcEndpoints", "ec2:DescribeVpcEndpoints", Result::ok, ""};
const control::Access absent{"ec2:DescribeVpcEndpointServicePermissions", "x", Result::not_found, ""};
const control::Access forbidden{"ec2:DescribeNetworkAcls", "ec2:DescribeNetworkAcls", Result::forbidden,
                                "UnauthorizedOperation"};

std::string report(const CheckedAccount& one) {
    HumanStyle style;
    style.utf8 = false;
    return account_report({one}, style);
}

TEST(AccountCheck, NamesTheAccountTheIdentityAndWhatCanBeRead) {
    const CheckedAccount one = checked({readable, absent});
    EXPECT_TRUE(one.is_readable()) << "that there is nothing to read is an answer";
    const std::string text = report(one);
    EXPECT_THAT(text, HasSubstr("acme (AWS)"));
    EXPECT_THAT(text, HasSubstr("arn:aws:iam::123456789012:role/reader, credentials: IMDS role reader"));
    EXPECT_THAT(text, HasSubstr("ec2:DescribeVpcEndpoints"));
    EXPECT_THAT(text, Not(HasSubstr("[XX]")));
}

TEST(AccountCheck, NamesEachMissingPermissionAndThePolicy) {
    const CheckedAccount one = checked({readable, forbidden}, "{\n  \"Version\": \"2012-10-17\"\n}");
    EXPECT_FALSE(one.is_readable());
    const std::string text = report(one);
    EXPECT_THAT(text, HasSubstr("ec2:DescribeNetworkAcls: permission missing: ec2:DescribeNetworkAcls"));
    EXPECT_THAT(text, HasSubstr("Grant what is missing:\n    {\n      \"Version\": \"2012-10-17\"\n    }\n"));
}

TEST(AccountCheck, IsAlsoForPrograms) {
    const CheckedAccount silent{account(), NoReader{"the account reader ended"}};
    const auto document = nlohmann::json::parse(account_json({checked({readable, forbidden}, "{}"), silent}));
    EXPECT_EQ(document["schema"], "whylink-accounts/1");
    const auto& first = document["accounts"][0];
    EXPECT_EQ(first["account"], "acme");
    EXPECT_EQ(first["provider"], "aws");
    EXPECT_EQ(first["readable"], false);
    EXPECT_EQ(first["credentials"], "IMDS role reader");
    EXPECT_EQ(first["access"][0]["result"], "ok");
    EXPECT_FALSE(first["access"][0].contains("detail")) << "empty";
    EXPECT_EQ(first["access"][1]["permission"], "ec2:DescribeNetworkAcls");
    EXPECT_EQ(first["access"][1]["result"], "forbidden");
    EXPECT_EQ(first["policy"], "{}");
    EXPECT_EQ(document["accounts"][1]["detail"], "the account reader ended");
    EXPECT_FALSE(document["accounts"][1].contains("access"));
}

TEST(AccountCheck, SaysWhyNothingCanBeRead) {
    const CheckedAccount one{account(), NoReader{"the account reader ended"}};
    EXPECT_FALSE(one.is_readable());
    EXPECT_THAT(report(one), HasSubstr("the account reader ended"));
    EXPECT_FALSE(checked({}).is_readable());
}

}  // namespace
}  // namespace whylink::daemon
