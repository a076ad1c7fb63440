// What can be sent, and what cannot.
#include "control/http/call.hpp"

#include <gtest/gtest.h>

namespace whylink::control {
namespace {

Call arm_call(std::string name = "pe") {
    Call call;
    call.op = Op::arm_zone_groups;
    call.path = {{"management", "management.azure.com"},
                 {"subscription", "s"},
                 {"group", "rg"},
                 {"name", std::move(name)}};
    return call;
}

/// The URL, or "refused".
std::string url(const Call& call) {
    const auto made = make_request(call);
    const auto* request = std::get_if<HttpRequest>(&made);
    return request != nullptr ? url_of(*request) : "refused";
}

TEST(Operations, NoneOfThemChangesAnything) {
    for (std::size_t i = 0; i < count_of<Op>; ++i) {
        const Operation& row = operation(static_cast<Op>(i));
        const bool is_session_token = row.op == Op::aws_metadata_token;
        EXPECT_EQ(row.method == Method::put, is_session_token) << row.name;
        const bool reads = row.action.starts_with("Describe") || row.action.starts_with("Get") ||
                           row.action.starts_with("AssumeRole");
        EXPECT_TRUE(row.action.empty() || reads) << row.action;
        const bool posts_json = row.api == Api::arm && row.method == Method::post;
        const bool is_read = row.path.ends_with("/effectiveNetworkSecurityGroups") ||
                             row.path.ends_with("/effectiveRouteTable");
        EXPECT_TRUE(!posts_json || is_read) << row.path;
    }
}

TEST(Calls, APlaceholderIsOneSegment) {
    EXPECT_EQ(url(arm_call()),
              "https://management.azure.com/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/"
              "privateEndpoints/pe/privateDnsZoneGroups?api-version=2024-05-01");
    EXPECT_EQ(url(arm_call("a b(1)")).find("/a%20b%281%29/") != std::string::npos, true);
    for (const char* bad : {"", ".", "..", "a/b", "a\\b", "a?b", "a#b", "a\nb"}) {
        EXPECT_EQ(url(arm_call(bad)), "refused") << bad;
    }
}

TEST(Calls, AHostIsOneOfTheProvidersOwn) {
    const auto ec2 = [](std::string region, std::string suffix) {
        return url({Op::ec2_subnets,
                    {{"region", std::move(region)}, {"suffix", std::move(suffix)}},
                    {},
                    {},
                    std::nullopt});
    };
    EXPECT_EQ(ec2("eu-west-1", "amazonaws.com"), "https://ec2.eu-west-1.amazonaws.com/");
    EXPECT_EQ(ec2("cn-north-1", "amazonaws.com.cn"), "https://ec2.cn-north-1.amazonaws.com.cn/");
    EXPECT_EQ(ec2("eu-west-1", "example.com"), "refused");
    EXPECT_EQ(ec2("evil.example.com/", "amazonaws.com"), "refused");
    EXPECT_EQ(ec2("a.b", "amazonaws.com"), "refused");
    Call call = arm_call();
    call.path.front().second = "management.example.com";
    EXPECT_EQ(url(call), "refused");
}

TEST(Calls, MetadataIsPlainAndWithoutAProxy) {
    const auto made =
        make_request({Op::aws_metadata_item,
                      {{"aws_metadata", "fd00:ec2::254"}, {"item", "iam/security-credentials/"}},
                      {},
                      {},
                      std::nullopt});
    const auto& request = std::get<HttpRequest>(made);
    EXPECT_EQ(url_of(request), "http://[fd00:ec2::254]/latest/meta-data/iam/security-credentials/");
    EXPECT_FALSE(request.through_proxy);
    EXPECT_EQ(
        url({Op::aws_metadata_item, {{"aws_metadata", "10.0.0.1"}, {"item", "x"}}, {}, {}, std::nullopt}),
        "refused");
    EXPECT_EQ(url({Op::aws_metadata_item,
                   {{"aws_metadata", "169.254.169.254"}, {"item", "../api/token"}},
                   {},
                   {},
                   std::nullopt}),
              "refused");
}

TEST(Calls, AFormHasActionAndVersionAndIsEncoded) {
    const auto made = make_request({Op::ec2_vpc_endpoints,
                                    {{"region", "eu-west-1"}, {"suffix", "amazonaws.com"}},
                                    {},
                                    {{"Filter.1.Name", "vpc-id"}, {"Filter.1.Value.1", "a&b=c"}},
                                    std::nullopt});
    EXPECT_EQ(
        std::get<HttpRequest>(made).body.reveal(),
        "Action=DescribeVpcEndpoints&Filter.1.Name=vpc-id&Filter.1.Value.1=a%26b%3Dc&Version=2016-11-15");
}

TEST(Links, TheNextPageIsTheSameOperationOnTheSameHost) {
    const Call call = arm_call();
    const std::string here =
        "https://management.azure.com/subscriptions/s/resourceGroups/RG/providers/Microsoft.Network/privateEndpoints/pe/"
        "privateDnsZoneGroups";
    const auto next = follow(call, here + "?api-version=2024-05-01&%24skipToken=x");
    ASSERT_TRUE(next);
    EXPECT_TRUE(url(*next).ends_with("privateDnsZoneGroups?api-version=2024-05-01&%24skipToken=x"))
        << url(*next);
    for (const std::string& bad :
         {"http" + here.substr(5), "https://evil.example.com" + here.substr(28), here + "/other", here + "#x",
          "https://management.azure.com@evil.example.com" + here.substr(28), here + "?a b",
          "https://management.azure.com:8443" + here.substr(28), std::string("garbage"), std::string()}) {
        EXPECT_FALSE(follow(call, bad)) << bad;
    }
}

TEST(Links, AResultIsFollowedToItsOwnPathAlone) {
    const Call call = arm_call();
    const std::string begin =
        "https://management.azure.com/subscriptions/s/providers/Microsoft.Network/locations/westus3/";
    const auto next = follow_location(call, begin + "operationResults/1-2?api-version=2024-05-01");
    ASSERT_TRUE(next);
    EXPECT_EQ(next->op, Op::arm_operation_result);
    EXPECT_EQ(url(*next), begin + "operationResults/1-2?api-version=2024-05-01");
    EXPECT_FALSE(follow_location(call, begin + "operations/1"));
    EXPECT_FALSE(follow_location(call, "https://evil.example.com/operationResults/1"));
}

}  // namespace
}  // namespace whylink::control
