#include <gtest/gtest.h>

#include "control/azure/read.hpp"
#include "tests/unit/control/azure/fake_arm.hpp"

namespace whylink::control {
namespace {

constexpr const char* body =
    R"({"compute": {"azEnvironment": "AzurePublicCloud", "location": "westus3", "name": "vm",
  "resourceGroupName": "rg", "resourceId": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm",
  "subscriptionId": "s", "vmId": "02aab8a4-0000-4000-8000-000000000001", "zone": "2"},
  "network": {"interface": [{"ipv4": {"ipAddress": [{"privateIpAddress": "10.0.3.10", "publicIpAddress": ""}],
  "subnet": [{"address": "10.0.3.0", "prefix": "24"}]}, "ipv6": {"ipAddress": []}, "macAddress": "002248C2A7F1"}]}})";

class Metadata : public Transport {
  public:
    HttpResponse answer = arm_test::response(200, body);
    std::vector<std::string> urls;
    std::vector<std::string> headers;
    bool through_proxy = false;

    std::vector<HttpResponse> perform(std::span<const HttpRequest> requests,
                                      std::chrono::steady_clock::time_point /*until*/) override {
        for (const HttpRequest& request : requests) {
            urls.push_back(url_of(request));
            through_proxy = through_proxy || request.through_proxy;
            for (const Header& header : request.headers) {
                headers.push_back(header.name + ": " + std::string(header.value.reveal()));
            }
        }
        return {answer};
    }
};

std::variant<Instance, Reply> ask(Metadata& metadata) {
    Redaction redaction;
    return azure_instance(metadata, redaction, std::chrono::steady_clock::now() + std::chrono::seconds(1));
}

TEST(AzureInstance, IsReadOfTheMetadataService) {
    Metadata metadata;
    const auto found = ask(metadata);
    ASSERT_TRUE(std::holds_alternative<Instance>(found));
    const Instance& instance = std::get<Instance>(found);
    EXPECT_EQ(instance.cloud, config::Cloud::azure);
    EXPECT_EQ(instance.id,
              "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm");
    EXPECT_EQ(instance.account, "s");
    EXPECT_EQ(instance.region, "westus3");
    EXPECT_EQ(instance.zone, "2");
    ASSERT_EQ(instance.interfaces.size(), 1U);
    EXPECT_EQ(instance.interfaces[0].addresses, std::vector<IpAddress>{arm_test::address("10.0.3.10")});
    EXPECT_EQ(metadata.urls,
              std::vector<std::string>{"http://169.254.169.254/metadata/instance?api-version=2021-02-01"});
    EXPECT_EQ(metadata.headers, std::vector<std::string>{"Metadata: true"});
    EXPECT_FALSE(metadata.through_proxy);
}

TEST(AzureInstance, IsNotThereWhereNobodyAnswers) {
    Metadata metadata;
    metadata.answer = {};
    metadata.answer.failure = Failure::timeout;
    const auto found = ask(metadata);
    ASSERT_TRUE(std::holds_alternative<Reply>(found));
    EXPECT_EQ(std::get<Reply>(found).result, Result::unreachable);
}

TEST(AzureInstance, IsNotWhatAnotherCloudAnswers) {
    for (const HttpResponse& answer :
         {arm_test::response(404, "<html>"), arm_test::response(200, "ami-id\nhostname\n"),
          arm_test::response(200, R"({"compute": {"location": 7}})"),
          arm_test::response(200, std::string(100'000, '{'))}) {
        Metadata metadata;
        metadata.answer = answer;
        EXPECT_TRUE(std::holds_alternative<Reply>(ask(metadata))) << answer.body.substr(0, 40);
    }
}

}  // namespace
}  // namespace whylink::control
