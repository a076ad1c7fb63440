#include "control/aws/instance.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/unit/control/aws/fake_aws.hpp"

namespace whylink::control {
namespace {

const std::string service = "http://169.254.169.254/latest/";
const std::string document = service + "dynamic/instance-identity/document";
const std::string data = service + "meta-data/";
const std::string macs = data + "network/interfaces/macs/";

/// IMDSv2: a token by PUT, then items.
struct AwsInstance : testing::Test {
    AwsInstance() {
        transport.answers = [this](const Sent& sent) {
            EXPECT_FALSE(sent.through_proxy);
            if (sent.method == "PUT") {
                return FakeTransport::answer(200, "a-session-token");
            }
            EXPECT_EQ(sent.headers.at("X-aws-ec2-metadata-token"), "a-session-token");
            const auto found = items.find(sent.url);
            return found == items.end() ? FakeTransport::answer(404, "<html>Not Found</html>")
                                        : FakeTransport::answer(200, found->second);
        };
    }

    std::variant<Instance, Reply> read() {
        AwsMetadata metadata(transport, redaction);
        return aws_instance(metadata, std::chrono::steady_clock::now() + std::chrono::seconds(5));
    }

    FakeTransport transport;
    Redaction redaction;
    std::map<std::string, std::string> items;  ///< by their URL
};

TEST_F(AwsInstance, IsThisHostsSideOfAFlow) {
    const std::string mac = "06:1a:2b:3c:4d:5e/";
    items = {{document, R"({"accountId": "111122223333", "instanceId": "i-0abc", "region": "eu-west-1",
                       "availabilityZone": "eu-west-1a", "privateIp": "10.0.5.10", "billingProducts": null})"},
             {data + "placement/availability-zone-id", "euw1-az1"},
             {data + "iam/security-credentials/", "whylink-read"},
             {macs, mac},
             {macs + mac + "interface-id", "eni-9"},
             {macs + mac + "subnet-id", "subnet-a"},
             {macs + mac + "vpc-id", "vpc-1"},
             {macs + mac + "security-group-ids", "sg-app\nsg-ops"},
             {macs + mac + "local-ipv4s", "10.0.5.10\n10.0.5.11"}};
    const auto found = read();
    ASSERT_TRUE(std::holds_alternative<Instance>(found));
    const auto& instance = std::get<Instance>(found);
    EXPECT_EQ(instance.cloud, config::Cloud::aws);
    EXPECT_EQ(instance.id, "i-0abc");
    EXPECT_EQ(instance.account, "111122223333");
    EXPECT_EQ(instance.region, "eu-west-1");
    EXPECT_EQ(instance.zone, "eu-west-1a");
    EXPECT_EQ(instance.zone_id, "euw1-az1");
    EXPECT_EQ(instance.identity, "whylink-read");
    ASSERT_EQ(instance.interfaces.size(), 1U);
    const Interface& interface = instance.interfaces.front();
    EXPECT_EQ(interface.id, "eni-9");
    EXPECT_EQ(interface.network, "vpc-1");
    EXPECT_EQ(interface.security_groups, (std::vector<std::string>{"sg-app", "sg-ops"}));
    EXPECT_EQ(interface.addresses, (std::vector<IpAddress>{test::ip("10.0.5.10"), test::ip("10.0.5.11")}));
}

TEST_F(AwsInstance, WithoutARoleOrInterfacesIsStillAnInstance) {
    items = {{document, R"({"region": "eu-west-1"})"}};
    const auto found = read();
    ASSERT_TRUE(std::holds_alternative<Instance>(found));
    EXPECT_EQ(std::get<Instance>(found).identity, "");
    EXPECT_TRUE(std::get<Instance>(found).interfaces.empty());
}

TEST_F(AwsInstance, IsNoneWhereNobodyAnswers) {
    transport.answers = [](const Sent&) { return FakeTransport::unanswered(); };
    const auto found = read();
    ASSERT_TRUE(std::holds_alternative<Reply>(found));
    EXPECT_EQ(std::get<Reply>(found).result, Result::unreachable);
}

TEST_F(AwsInstance, IsNoneWhereAnotherServiceAnswers) {
    for (const char* body : {"{\"compute\": {}}", "<html/>", "[]", ""}) {
        items = {{document, body}};
        const auto found = read();
        ASSERT_TRUE(std::holds_alternative<Reply>(found)) << body;
        EXPECT_EQ(std::get<Reply>(found).result, Result::error) << body;
        EXPECT_FALSE(std::get<Reply>(found).detail.empty());
    }
}

}  // namespace
}  // namespace whylink::control
