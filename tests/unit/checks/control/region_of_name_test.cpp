#include "checks/control/region_of_name.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace whylink::control {
namespace {

TEST(RegionOfName, IsALabelOfIt) {
    EXPECT_EQ(region_of_name("vpce-0123456789abcdef0-abcd.vpce-svc-0a.eu-west-1.vpce.amazonaws.com"),
              "eu-west-1");
    EXPECT_EQ(region_of_name("abcd.us-east-2.vpce.aws.clickhouse.cloud"), "us-east-2");
    EXPECT_EQ(region_of_name("com.amazonaws.vpce.us-gov-east-1.vpce-svc-0a"), "us-gov-east-1");
}

TEST(RegionOfName, ThoseOfOtherCloudsAndZonesAreNone) {
    for (const char* name :
         {"abcd.westus3.privatelink.azure.clickhouse.cloud", "db.us-central1.p.gcp.clickhouse.cloud",
          "eu-west-1a.example", "vpce-0-1.example", "", ".", "eu--1", "a-b-1"}) {
        EXPECT_EQ(region_of_name(name), "") << name;
    }
}

TEST(RegionOfName, AliasesAndServicesCountToo) {
    std::vector<Subject> subjects(2);
    subjects[0].host = "db.example.com";
    subjects[1].host = "other.example.com";
    EXPECT_EQ(region_of_names(subjects), "");
    subjects[1].names = {"vpce-0.vpce-svc-0a.eu-west-1.vpce.amazonaws.com"};
    EXPECT_EQ(region_of_names(subjects), "eu-west-1");
    subjects[0].service = "com.amazonaws.vpce.us-east-1.vpce-svc-0b";
    EXPECT_EQ(region_of_names(subjects), "us-east-1");
}

}  // namespace
}  // namespace whylink::control
