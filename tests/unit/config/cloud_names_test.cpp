#include "config/cloud_names.hpp"

#include <gtest/gtest.h>

namespace whylink::config {
namespace {

TEST(CloudOfAName, IsTheProfilesThatKnowsIt) {
    EXPECT_EQ(provider_of_name("abcd.westus3.privatelink.azure.clickhouse.cloud"), Provider::azure);
    EXPECT_EQ(provider_of_name("api.p.googleapis.com"), Provider::gcp);
}

TEST(CloudOfAName, IsTheProfilesThatKnowsItAsPublic) {
    EXPECT_EQ(provider_of_name("abcd.westus3.azure.clickhouse.cloud"), Provider::azure);
    EXPECT_EQ(provider_of_name("abcd.us-east-1.aws.clickhouse.cloud"), Provider::aws);
}

TEST(CloudOfAName, IsKnownByTheCloudsDomain) {
    EXPECT_EQ(provider_of_name("secretsmanager.eu-west-1.amazonaws.com"), Provider::aws);
    EXPECT_EQ(provider_of_name("s3.cn-north-1.amazonaws.com.cn"), Provider::aws);
    EXPECT_EQ(provider_of_name("reports.blob.core.windows.net"), Provider::azure);
    EXPECT_EQ(provider_of_name("storage.googleapis.com"), Provider::gcp);
    EXPECT_EQ(provider_of_name("1a2b.3c4d.europe-west1.sql.goog"), Provider::gcp);
    EXPECT_EQ(provider_of_name("Reports.Blob.Core.Windows.Net."), Provider::azure);
}

TEST(CloudOfAName, IsUnknownElsewhere) {
    for (const char* name : {"db.corp.example", "windows.net", "mywindows.net", "x.amazonaws.com.example",
                             "x.privatelink.snowflakecomputing.com", ""}) {
        EXPECT_EQ(provider_of_name(name), Provider::generic) << name;
    }
}

}  // namespace
}  // namespace whylink::config
