#include "daemon/control/choice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace whylink::daemon {
namespace {

using config::AccountProvider;
using config::Cloud;
using testing::ElementsAre;
using testing::IsEmpty;

config::Account account(AccountProvider provider) {
    config::Account made;
    made.name = slug(provider);
    made.provider = provider;
    return made;
}

const std::vector<config::Account> accounts{account(AccountProvider::aws), account(AccountProvider::azure),
                                            account(AccountProvider::gcp),
                                            account(AccountProvider::clickhouse)};

std::vector<std::string> chosen(const config::Target& target, std::optional<Cloud> cloud = std::nullopt) {
    std::vector<std::string> names;
    for (const config::Account& one : accounts) {
        if (fits(one, target, cloud)) {
            names.push_back(one.name);
        }
    }
    return names;
}

config::Endpoint endpoint(std::string profile) {
    config::Endpoint made;
    made.name = "a";
    made.profile = std::move(profile);
    return made;
}

config::Watch watch(std::string profile, std::string service) {
    config::Watch made;
    made.name = "a";
    made.profile = std::move(profile);
    made.service = std::move(service);
    return made;
}

TEST(Accounts, FitByTheProviderAndTheVendorOfTheProfile) {
    EXPECT_THAT(chosen(endpoint("clickhouse-azure")), ElementsAre("azure", "clickhouse"));
    EXPECT_THAT(chosen(endpoint("clickhouse-aws")), ElementsAre("aws", "clickhouse"));
    EXPECT_THAT(chosen(endpoint("emqx-aws")), ElementsAre("aws"));
    EXPECT_THAT(chosen(endpoint("gcp")), ElementsAre("gcp"));
}

TEST(Accounts, WithoutAProfileThoseOfThisHostsCloud) {
    EXPECT_THAT(chosen(endpoint(""), Cloud::azure), ElementsAre("azure"));
    EXPECT_THAT(chosen(endpoint("aws"), Cloud::azure), ElementsAre("aws")) << "the profile comes first";
}

TEST(Accounts, OfEachCloudWhereNothingSaysWhich) {
    EXPECT_THAT(chosen(endpoint("")), ElementsAre("aws", "azure", "gcp"));
    EXPECT_THAT(chosen(endpoint(""), Cloud::other), ElementsAre("aws", "azure", "gcp"));
}

TEST(Accounts, OfAWatchOnlyWhereItIsOfAPrivateLink) {
    EXPECT_THAT(chosen(watch("", ""), Cloud::aws), IsEmpty());
    EXPECT_THAT(chosen(watch("", "vpce-svc-1"), Cloud::aws), ElementsAre("aws"));
    EXPECT_THAT(chosen(watch("adobe-commerce-aws", "")), ElementsAre("aws"));
    EXPECT_THAT(chosen(watch("clickhouse-aws", "")), ElementsAre("aws")) << "the service is ours";
}

TEST(Accounts, TheVendorIsThatOfTheProfile) {
    EXPECT_EQ(vendor_of(endpoint("clickhouse-gcp")), "clickhouse");
    EXPECT_EQ(vendor_of(endpoint("adobe-commerce-azure")), "adobe-commerce");
    EXPECT_EQ(vendor_of(endpoint("aws")), "");
    EXPECT_EQ(vendor_of(endpoint("")), "");
}

}  // namespace
}  // namespace whylink::daemon
