#include <gtest/gtest.h>

#include "control/aws/parse.hpp"

namespace whylink::control {
namespace {

TEST(AwsParse, HostedZonesOfAVpc) {
    const auto page = parse_hosted_zones_by_vpc(
        "<?xml version=\"1.0\"?><ListHostedZonesByVPCResponse xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\">"
        "<HostedZoneSummaries><HostedZoneSummary><HostedZoneId>/hostedzone/Z1</HostedZoneId><Name>Example.internal.</Name>"
        "<Owner><OwningAccount>111122223333</OwningAccount></Owner></HostedZoneSummary><HostedZoneSummary>"
        "<HostedZoneId>Z2</HostedZoneId><Name>vpce.example.com.</Name><Owner><OwningService>vpce.amazonaws.com"
        "</OwningService></Owner></HostedZoneSummary></HostedZoneSummaries><MaxItems>100</MaxItems>"
        "<NextToken>t</NextToken></ListHostedZonesByVPCResponse>");
    ASSERT_TRUE(page);
    ASSERT_EQ(page->items.size(), 2U);
    EXPECT_EQ(page->items[0].id, "Z1");
    EXPECT_EQ(page->items[0].name, "example.internal");
    EXPECT_EQ(page->items[0].owner, "111122223333");
    EXPECT_EQ(page->items[1].owner, "vpce.amazonaws.com");
    EXPECT_EQ(page->next, "t");
}

std::string records(const std::string& sets, const std::string& rest) {
    return "<ListResourceRecordSetsResponse xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ResourceRecordSets>" +
           sets + "</ResourceRecordSets>" + rest +
           "<MaxItems>300</MaxItems></ListResourceRecordSetsResponse>";
}

TEST(AwsParse, Records) {
    const auto page = parse_record_sets(records(
        "<ResourceRecordSet><Name>db.example.internal.</Name><Type>A</Type><TTL>60</TTL><ResourceRecords>"
        "<ResourceRecord><Value>10.0.3.7</Value></ResourceRecord><ResourceRecord><Value>10.0.4.7</Value>"
        "</ResourceRecord></ResourceRecords></ResourceRecordSet><ResourceRecordSet><Name>\\052.example.internal."
        "</Name><Type>A</Type><AliasTarget><HostedZoneId>Z9</HostedZoneId><DNSName>vpce-1.example.com.</DNSName>"
        "<EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget></ResourceRecordSet>",
        "<IsTruncated>false</IsTruncated>"));
    ASSERT_TRUE(page);
    ASSERT_EQ(page->items.size(), 2U);
    EXPECT_EQ(page->items[0].name, "db.example.internal");
    EXPECT_EQ(page->items[0].ttl, 60U);
    EXPECT_EQ(page->items[0].values, (std::vector<std::string>{"10.0.3.7", "10.0.4.7"}));
    EXPECT_EQ(page->items[1].name, "*.example.internal");
    EXPECT_EQ(page->items[1].alias, "vpce-1.example.com");
    EXPECT_EQ(page->next, "");
}

TEST(AwsParse, RecordsNameTheNextOne) {
    const auto page = parse_record_sets(
        records({},
                "<IsTruncated>true</IsTruncated><NextRecordName>x.example.internal.</NextRecordName>"
                "<NextRecordType>TXT</NextRecordType>"));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->next, "x.example.internal. TXT");
    EXPECT_FALSE(parse_record_sets(records({}, {}))) << "whether there are more is not known";
}

}  // namespace
}  // namespace whylink::control
