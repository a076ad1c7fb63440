#include "control/aws/listing.hpp"

#include <gtest/gtest.h>

#include <set>

#include "control/aws/parse.hpp"
#include "tests/unit/control/aws/fake_aws.hpp"

namespace whylink::control {
namespace {

using test::ec2;

constexpr const char* action = "DescribeVpcEndpoints";

std::string page(const std::string& id, const std::string& next) {
    return ec2(action, "<vpcEndpointSet><item><vpcEndpointId>" + id +
                           "</vpcEndpointId></item></vpcEndpointSet>" +
                           (next.empty() ? std::string() : "<nextToken>" + next + "</nextToken>"));
}

struct AwsListing : testing::Test {
    Listing read(int pages = max_pages) {
        const Reading reading = account.reading({});
        std::vector<Listing> listings{listing(reading, "vpc_endpoint",
                                              aws_call(Op::ec2_vpc_endpoints, test::region),
                                              parse_vpc_endpoints, endpoints)};
        listings.front().pages = pages;
        read_all(reading, listings);
        return std::move(listings.front());
    }

    test::Account account;
    std::vector<Endpoint> endpoints;
};

TEST_F(AwsListing, TakesEachPageByTheTokenOfTheLast) {
    account.aws.answer(action, [](const test::Asked& asked) {
        const auto token = asked.parameters.find("NextToken");
        return token == asked.parameters.end() ? page("vpce-1", "a+b/c=") : page("vpce-2", {});
    });
    const Listing ended = read();
    EXPECT_TRUE(ended.complete);
    EXPECT_EQ(ended.reply.result, Result::ok);
    ASSERT_EQ(endpoints.size(), 2U);
    EXPECT_EQ(endpoints[1].id, "vpce-2");
    EXPECT_EQ(endpoints[1].origin.account, "acme-aws");
    EXPECT_EQ(account.aws.last(action).parameters.at("NextToken"), "a+b/c=");
}

TEST_F(AwsListing, IsIncompleteWhereAPageIsUnreadable) {
    account.aws.answer(action, [](const test::Asked& asked) {
        return asked.parameters.contains("NextToken") ? std::string("<html/>") : page("vpce-1", "2");
    });
    const Listing ended = read();
    EXPECT_FALSE(ended.complete);
    EXPECT_EQ(ended.reply.result, Result::error);
    EXPECT_EQ(endpoints.size(), 1U) << "what came before counts";
}

TEST_F(AwsListing, EndsWhereAPageLeadsToItself) {
    account.aws.answer(action, page("vpce-1", "same"));
    const Listing ended = read();
    EXPECT_FALSE(ended.complete);
    EXPECT_EQ(ended.reply.result, Result::error);
    EXPECT_EQ(account.aws.times(action), 2U);
}

TEST_F(AwsListing, EndsAfterItsPages) {
    int served = 0;
    account.aws.answer(action,
                       [&served](const test::Asked&) { return page("vpce-1", std::to_string(++served)); });
    const Listing ended = read(3);
    EXPECT_FALSE(ended.complete);
    EXPECT_EQ(served, 3);
    EXPECT_EQ(ended.reply.detail, "ec2:DescribeVpcEndpoints: too many pages");
}

/// More values of a filter than one call takes.
struct AwsListingOfManyValues : AwsListing {
    Listing read() {
        std::vector<std::string> values;
        for (std::size_t i = 0; i < 2 * max_values + 50; ++i) {
            values.push_back("vpce-" + std::to_string(i));
        }
        Call call = aws_call(Op::ec2_vpc_endpoints, test::region);
        add_filter(call, "vpc-endpoint-id", values);
        const Reading reading = account.reading({});
        std::vector<Listing> listings{
            listing(reading, "vpc_endpoint", std::move(call), parse_vpc_endpoints, endpoints)};
        read_all(reading, listings);
        return std::move(listings.front());
    }
};

TEST_F(AwsListingOfManyValues, AreAskedForInFurtherCalls) {
    std::set<std::string> asked_for;
    account.aws.answer(action, [&](const test::Asked& asked) {
        EXPECT_FALSE(asked.parameters.contains("Filter.1.Value.201"));
        EXPECT_EQ(asked.parameters.at("Filter.1.Name"), "vpc-endpoint-id");
        for (const auto& [name, value] : asked.parameters) {
            if (name.starts_with("Filter.1.Value.")) {
                asked_for.insert(value);
            }
        }
        const std::string& first = asked.parameters.at("Filter.1.Value.1");
        return asked.parameters.contains("NextToken") || first != "vpce-0" ? page(first, {})
                                                                           : page("vpce-400", "2");
    });
    const Listing ended = read();
    EXPECT_TRUE(ended.complete);
    EXPECT_EQ(account.aws.times(action), 4U);
    EXPECT_EQ(asked_for.size(), 2 * max_values + 50);
    ASSERT_EQ(endpoints.size(), 3U) << "one came with two calls";
    EXPECT_EQ(endpoints.back().id, "vpce-200");
}

TEST_F(AwsListingOfManyValues, AreIncompleteWhereOneCallFails) {
    account.aws.answer(action, [](const test::Asked& asked) {
        const std::string& first = asked.parameters.at("Filter.1.Value.1");
        return first == "vpce-400" ? std::string("<html/>") : page(first, {});
    });
    const Listing ended = read();
    EXPECT_FALSE(ended.complete);
    EXPECT_EQ(ended.reply.result, Result::error);
    EXPECT_EQ(endpoints.size(), 2U);
}

TEST_F(AwsListing, SaysWhichPermissionIsMissingOnce) {
    account.aws.deny(action);
    const Reading reading = account.reading({});
    std::vector<Listing> listings;
    for (const char* id : {"vpce-1", "vpce-2"}) {
        Call call = aws_call(Op::ec2_vpc_endpoints, test::region);
        call.form.emplace_back("VpcEndpointId.1", id);
        listings.push_back(listing(reading, "vpc_endpoint", std::move(call), parse_vpc_endpoints, endpoints));
    }
    read_all(reading, listings);
    std::vector<Read> reads;
    add_failures(reading, listings, {"db"}, reads);
    ASSERT_EQ(reads.size(), 1U);
    EXPECT_EQ(reads.front().result, Result::forbidden);
    EXPECT_EQ(reads.front().detail, "ec2:DescribeVpcEndpoints");
    EXPECT_EQ(reads.front().targets, std::vector<std::string>{"db"});
}

TEST(AwsCalls, NumberFiltersAndMembers) {
    Call call = aws_call(Op::ec2_network_interfaces, "cn-north-1");
    const std::vector<std::string> values{"a", "b"};
    add_filter(call, "vpc-id", values);
    add_filter(call, "interface-type", std::span(values).first(1));
    EXPECT_EQ(call.form, (std::vector<Pair>{{"Filter.1.Name", "vpc-id"},
                                            {"Filter.1.Value.1", "a"},
                                            {"Filter.1.Value.2", "b"},
                                            {"Filter.2.Name", "interface-type"},
                                            {"Filter.2.Value.1", "a"}}));
    Call balancers = aws_call(Op::elb_load_balancers, test::region);
    add_members(balancers, "LoadBalancerArns", values);
    EXPECT_EQ(balancers.form.back(), (Pair{"LoadBalancerArns.member.2", "b"}));
    const auto made = make_request(call);
    ASSERT_TRUE(std::holds_alternative<HttpRequest>(made));
    EXPECT_EQ(std::get<HttpRequest>(made).host, "ec2.cn-north-1.amazonaws.com.cn");
}

TEST(AwsCalls, ContinueEachListingInItsOwnWay) {
    Call balancers = aws_call(Op::elb_load_balancers, test::region);
    set_page(balancers, "m1");
    set_page(balancers, "m2");
    EXPECT_EQ(balancers.form, (std::vector<Pair>{{"Marker", "m2"}}));
    Call zones = aws_call(Op::route53_hosted_zones_by_vpc, test::region);
    set_page(zones, "t");
    EXPECT_EQ(zones.query, (std::vector<Pair>{{"nexttoken", "t"}}));
    Call records = aws_call(Op::route53_record_sets, test::region);
    set_page(records, "x.example. TXT id");
    EXPECT_EQ(records.query,
              (std::vector<Pair>{{"name", "x.example."}, {"type", "TXT"}, {"identifier", "id"}}));
    set_page(records, "y.example.");
    EXPECT_EQ(records.query, (std::vector<Pair>{{"name", "y.example."}})) << "any type";
}

}  // namespace
}  // namespace whylink::control
