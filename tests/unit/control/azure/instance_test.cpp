#include <gtest/gtest.h>

#include "control/azure/read.hpp"
#include "tests/unit/control/fakes.hpp"

namespace whylink::control {
namespace {

constexpr const char* body =
    R"({"compute": {"azEnvironment": "AzurePublicCloud", "location": "westus3", "name": "vm",
  "resourceGroupName": "rg", "resourceId": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm",
  "subscriptionId": "s", "vmId": "02aab8a4-0000-4000-8000-000000000001", "zone": "2"},
  "network": {"interface": [{"ipv4": {"ipAddress": [{"privateIpAddress": "10.0.3.10", "publicIpAddress": ""}],
  "subnet": [{"address": "10.0.3.0", "prefix": "24"}]}, "ipv6": {"ipAddress": []}, "macAddress": "002248C2A7F1"}]}})";

struct Metadata : FakeTransport {
    explicit Metadata(const HttpResponse& response) {
        answers = [response](const Sent&) { return response; };
    }
};

std::variant<Instance, Reply> ask(Metadata& metadata) {
    Redaction redaction;
    return azure_instance(metadata, redaction, soon());
}

TEST(AzureInstance, IsReadOfTheMetadataService) {
    Metadata metadata(FakeTransport::answer(200, body));
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
    EXPECT_EQ(instance.interfaces[0].addresses,
              std::vector<IpAddress>{IpAddress::parse("10.0.3.10").value()});
    ASSERT_EQ(metadata.sent.size(), 1U);
    EXPECT_EQ(metadata.sent[0].url, "http://169.254.169.254/metadata/instance?api-version=2021-02-01");
    EXPECT_EQ(metadata.sent[0].headers, (std::map<std::string, std::string>{{"Metadata", "true"}}));
    EXPECT_FALSE(metadata.sent[0].through_proxy);
}

TEST(AzureInstance, IsNotThereWhereNobodyAnswers) {
    Metadata metadata(FakeTransport::unanswered());
    const auto found = ask(metadata);
    ASSERT_TRUE(std::holds_alternative<Reply>(found));
    EXPECT_EQ(std::get<Reply>(found).result, Result::unreachable);
}

TEST(AzureInstance, IsNotWhatAnotherCloudAnswers) {
    for (const HttpResponse& answer :
         {FakeTransport::answer(404, "<html>"), FakeTransport::answer(200, "ami-id\nhostname\n"),
          FakeTransport::answer(200, R"({"compute": {"location": 7}})"),
          FakeTransport::answer(200, std::string(100'000, '{'))}) {
        Metadata metadata(answer);
        EXPECT_TRUE(std::holds_alternative<Reply>(ask(metadata))) << answer.body.substr(0, 40);
    }
}

}  // namespace
}  // namespace whylink::control
