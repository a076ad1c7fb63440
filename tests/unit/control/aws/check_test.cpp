#include <gtest/gtest.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "control/aws/read.hpp"
#include "tests/unit/control/aws/fake_aws.hpp"

namespace whylink::control {
namespace {

using test::ec2;

struct AwsCheck : testing::Test {
    AwsCheck() {
        account.aws.answer(
            "GetCallerIdentity",
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
            "<GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:role/whylink</Arn><UserId>A</UserId>"
            "<Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>");
        account.aws.answer("DescribeSubnets", ec2("DescribeSubnets",
                                                  "<subnetSet><item><subnetId>subnet-a</subnetId>"
                                                  "<vpcId>vpc-1</vpcId></item></subnetSet>"));
    }

    CheckAnswer check() { return check_aws(account.reading({}), account.credentials(), test::region); }

    test::Account account;
};

Access access(const CheckAnswer& answer, std::string_view operation) {
    const auto found = std::ranges::find(answer.access, operation, &Access::operation);
    EXPECT_NE(found, answer.access.end()) << operation;
    return found == answer.access.end() ? Access{} : *found;
}

TEST_F(AwsCheck, WhatDoesNotExistMayBeRead) {
    const CheckAnswer answer = check();
    EXPECT_EQ(answer.account, "acme-aws");
    EXPECT_EQ(answer.identity, "arn:aws:iam::111122223333:role/whylink");
    EXPECT_EQ(answer.source, "environment");
    EXPECT_EQ(answer.policy, "");
    for (const Access& row : answer.access) {
        EXPECT_EQ(row.result, Result::ok) << row.operation << " " << row.detail;
    }
}

TEST_F(AwsCheck, ChecksEachActionThatIsRead) {
    const CheckAnswer answer = check();
    for (const char* operation : {"ec2:DescribeVpcEndpoints",
                                  "ec2:DescribeVpcEndpointServices",
                                  "ec2:DescribeVpcEndpointConnections",
                                  "ec2:DescribeVpcEndpointServiceConfigurations",
                                  "ec2:DescribeVpcEndpointServicePermissions",
                                  "ec2:DescribeNetworkInterfaces",
                                  "ec2:DescribeSecurityGroups",
                                  "ec2:GetManagedPrefixListEntries",
                                  "ec2:DescribeNetworkAcls",
                                  "ec2:DescribeSubnets",
                                  "ec2:DescribeVpcAttribute",
                                  "ec2:DescribeAvailabilityZones",
                                  "elasticloadbalancing:DescribeLoadBalancers",
                                  "elasticloadbalancing:DescribeLoadBalancerAttributes",
                                  "elasticloadbalancing:DescribeListeners",
                                  "elasticloadbalancing:DescribeListenerAttributes",
                                  "elasticloadbalancing:DescribeTargetGroups",
                                  "elasticloadbalancing:DescribeTargetGroupAttributes",
                                  "elasticloadbalancing:DescribeTargetHealth",
                                  "route53:ListHostedZonesByVPC",
                                  "route53:ListResourceRecordSets"}) {
        EXPECT_EQ(access(answer, operation).permission, operation);
    }
}

TEST_F(AwsCheck, AsksAboutWhatThereIs) {
    account.aws.answer(
        "hostedzonesbyvpc",
        "<ListHostedZonesByVPCResponse><HostedZoneSummaries><HostedZoneSummary><HostedZoneId>Z1"
        "</HostedZoneId><Name>a.test.</Name></HostedZoneSummary></HostedZoneSummaries>"
        "</ListHostedZonesByVPCResponse>");
    check();
    EXPECT_EQ(account.aws.last("hostedzonesbyvpc").parameters.at("vpcid"), "vpc-1");
    EXPECT_EQ(account.aws.times("hostedzone/Z1/rrset"), 1U);
    EXPECT_EQ(account.aws.last("DescribeVpcEndpointServicePermissions").parameters.at("ServiceId"),
              "vpce-svc-00000000000000000");
}

TEST_F(AwsCheck, ThePolicyHasWhatIsMissing) {
    account.aws.deny("DescribeSecurityGroups");
    account.aws.deny("DescribeTargetHealth");
    const CheckAnswer answer = check();
    EXPECT_EQ(access(answer, "ec2:DescribeSecurityGroups").result, Result::forbidden);
    const auto policy = nlohmann::json::parse(answer.policy);
    const auto& statement = policy.at("Statement").at(0);
    EXPECT_EQ(policy.at("Version"), "2012-10-17");
    EXPECT_EQ(statement.at("Effect"), "Allow");
    EXPECT_EQ(statement.at("Resource"), "*");
    EXPECT_EQ(statement.at("Action"),
              (nlohmann::json{"ec2:DescribeSecurityGroups", "elasticloadbalancing:DescribeTargetHealth"}));
}

TEST_F(AwsCheck, AnApiThatDoesNotAnswerIsNotAMissingPermission) {
    account.aws.fail(Failure::resolve);
    const CheckAnswer answer = check();
    EXPECT_EQ(answer.policy, "");
    EXPECT_EQ(access(answer, "ec2:DescribeVpcEndpoints").result, Result::unreachable);
}

TEST_F(AwsCheck, WithoutARegionNothingIsAsked) {
    const CheckAnswer answer = check_aws(account.reading({}), account.credentials(), "");
    ASSERT_EQ(answer.access.size(), 1U);
    EXPECT_EQ(answer.access.front().result, Result::credentials);
    EXPECT_TRUE(account.aws.asked().empty());
}

TEST(AwsPolicy, HasEachActionOnceInOrder) {
    const auto policy = nlohmann::json::parse(aws_policy({"ec2:B", "ec2:A", "ec2:B"}));
    EXPECT_EQ(policy.at("Statement").at(0).at("Action"), (nlohmann::json{"ec2:A", "ec2:B"}));
}

}  // namespace
}  // namespace whylink::control
