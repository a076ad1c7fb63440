#include "control/aws/instance.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/unit/control/aws/fake_aws.hpp"

namespace whylink::control {
namespace {

constexpr const char* document = "/latest/dynamic/instance-identity/document";
constexpr const char* macs = "/latest/meta-data/network/interfaces/macs/";

/// IMDSv2: a token by PUT, then items.
class FakeMetadata : public Transport {
  public:
    std::vector<HttpResponse> perform(std::span<const HttpRequest> requests,
                                      std::chrono::steady_clock::time_point /*until*/) override {
        std::vector<HttpResponse> responses;
        for (const HttpRequest& request : requests) {
            EXPECT_FALSE(request.through_proxy);
            responses.push_back(respond(request));
        }
        return responses;
    }

    std::map<std::string, std::string> items;
    Failure failure = Failure::none;

  private:
    HttpResponse respond(const HttpRequest& request) const {
        HttpResponse response;
        response.failure = failure;
        response.received_at = std::chrono::system_clock::now();
        if (request.method == Method::put) {
            response.status = 200;
            response.body = "a-session-token";
            return response;
        }
        EXPECT_EQ(request.headers.back().value.reveal(), "a-session-token");
        const auto found = items.find(request.path);
        response.status = found == items.end() ? 404 : 200;
        response.body = found == items.end() ? "<html>Not Found</html>" : found->second;
        return response;
    }
};

struct AwsInstance : testing::Test {
    std::variant<Instance, Reply> read() {
        AwsMetadata metadata(transport, redaction);
        return aws_instance(metadata, std::chrono::steady_clock::now() + std::chrono::seconds(5));
    }

    FakeMetadata transport;
    Redaction redaction;
};

TEST_F(AwsInstance, IsThisHostsSideOfAFlow) {
    const std::string mac = "06:1a:2b:3c:4d:5e/";
    transport.items = {
        {document, R"({"accountId": "111122223333", "instanceId": "i-0abc", "region": "eu-west-1",
                       "availabilityZone": "eu-west-1a", "privateIp": "10.0.5.10", "billingProducts": null})"},
        {"/latest/meta-data/placement/availability-zone-id", "euw1-az1"},
        {"/latest/meta-data/iam/security-credentials/", "whylink-read"},
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
    transport.items = {{document, R"({"region": "eu-west-1"})"}};
    const auto found = read();
    ASSERT_TRUE(std::holds_alternative<Instance>(found));
    EXPECT_EQ(std::get<Instance>(found).identity, "");
    EXPECT_TRUE(std::get<Instance>(found).interfaces.empty());
}

TEST_F(AwsInstance, IsNoneWhereNobodyAnswers) {
    transport.failure = Failure::timeout;
    const auto found = read();
    ASSERT_TRUE(std::holds_alternative<Reply>(found));
    EXPECT_EQ(std::get<Reply>(found).result, Result::unreachable);
}

TEST_F(AwsInstance, IsNoneWhereAnotherServiceAnswers) {
    for (const char* body : {"{\"compute\": {}}", "<html/>", "[]", ""}) {
        transport.items = {{document, body}};
        const auto found = read();
        ASSERT_TRUE(std::holds_alternative<Reply>(found)) << body;
        EXPECT_EQ(std::get<Reply>(found).result, Result::error) << body;
        EXPECT_FALSE(std::get<Reply>(found).detail.empty());
    }
}

}  // namespace
}  // namespace whylink::control
