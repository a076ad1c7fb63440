// Every remedial step of the pages that the profiles come from, with the words by which it is found again in
// a diagnosis. S0 to S4 are those pages: EMQX PrivateLink (both clouds, the older page), EMQX on AWS, EMQX on
// Azure, Adobe Commerce, ClickHouse Cloud on Azure. D is what was measured and read besides.
#include <gtest/gtest.h>

#include <algorithm>

#include "checks/explain/remediation.hpp"
#include "config/profiles.hpp"

namespace whylink::checks {
namespace {

struct PageStep {
    const char* page;
    const char* step;
    const char* profile;
    const char* cause;
    std::vector<const char*> words;  ///< all in one step of the remediation
};

std::vector<std::string> steps_for(const PageStep& row) {
    const Cause cause = *from_slug<Cause>(row.cause);
    if (cause == Cause::no_inbound_traffic || cause == Cause::local_firewall) {
        config::Watch watch;
        watch.profile = row.profile;
        watch.port = 6379;
        Wording wording;
        wording.port = "6379";
        return remediation(cause, watch, wording);
    }
    config::Endpoint endpoint;
    endpoint.profile = row.profile;
    endpoint.host = "abcd.westus3.privatelink.azure.clickhouse.cloud";
    Wording wording;
    wording.host = endpoint.host;
    wording.port = "9440";
    return remediation(cause, endpoint, wording);
}

bool has_all(const std::string& step, const std::vector<const char*>& words) {
    return std::ranges::all_of(words, [&](const char* word) { return step.find(word) != std::string::npos; });
}

std::string together(const std::vector<std::string>& steps) {
    std::string all;
    for (const std::string& step : steps) {
        all += "\n - " + step;
    }
    return all;
}

void PrintTo(const PageStep& row, std::ostream* out) {
    *out << row.page << ", " << row.step << " (" << row.profile << ", " << row.cause << ")";
}

class PageSteps : public testing::TestWithParam<PageStep> {};

TEST_P(PageSteps, AreInTheRemediation) {
    const PageStep& row = GetParam();
    ASSERT_NE(config::find_profile(row.profile), nullptr);
    ASSERT_TRUE(from_slug<Cause>(row.cause));
    const auto steps = steps_for(row);
    EXPECT_TRUE(
        std::ranges::any_of(steps, [&row](const std::string& step) { return has_all(step, row.words); }))
        << row.page << ", " << row.step << together(steps);
}

INSTANTIATE_TEST_SUITE_P(
    EmqxAws, PageSteps,
    testing::Values(
        PageStep{"S0 S1",
                 "the load balancer's AZ ID must match",
                 "emqx-aws",
                 "no_inbound_traffic",
                 {"AZ ID", "+PrivateLink"}},
        PageStep{
            "S1", "where the AZ ID is shown", "emqx-aws", "one_address_failing", {"AZ ID", "EMQX console"}},
        PageStep{"S0 S1",
                 "target group: TCP, port, health check override",
                 "emqx-aws",
                 "no_inbound_traffic",
                 {"target group", "TCP", "6379", "overridden"}},
        PageStep{
            "S0 S1", "register this VM as target", "emqx-aws", "connection_refused", {"registered target"}},
        PageStep{"S0 S1",
                 "Network Load Balancer, internal, TCP listener",
                 "emqx-aws",
                 "no_inbound_traffic",
                 {"Network Load Balancer", "internal", "TCP listener"}},
        PageStep{"S0 S1",
                 "check that the target group is healthy",
                 "emqx-aws",
                 "backend_silent",
                 {"target group", "healthy"}},
        PageStep{"S0 S1",
                 "endpoint service: Network, IPv4",
                 "emqx-aws",
                 "no_inbound_traffic",
                 {"endpoint service", "Network", "IPv4"}},
        PageStep{"S0 S1",
                 "add the ARN to allowed principals",
                 "emqx-aws",
                 "no_inbound_traffic",
                 {"ARN", "Allow principals"}},
        PageStep{"S0 S1",
                 "Create PrivateLink with the service's name",
                 "emqx-aws",
                 "no_inbound_traffic",
                 {"Create the PrivateLink", "endpoint service's name"}},
        PageStep{"S0 S1",
                 "Accept Endpoint Connection Request",
                 "emqx-aws",
                 "no_inbound_traffic",
                 {"Accept Endpoint Connection Request", "Endpoint connections"}},
        PageStep{"S0 S1",
                 "the same when SYNs go unanswered",
                 "emqx-aws",
                 "syn_unanswered",
                 {"Accept Endpoint Connection Request"}},
        PageStep{"S0 S1", "wait for running", "emqx-aws", "no_inbound_traffic", {"`running`"}},
        PageStep{"S0", "fill in Server, Test", "emqx-aws", "no_inbound_traffic", {"Server", "Test"}},
        PageStep{
            "S0 S1",
            "remove in the EMQX console first",
            "emqx-aws",
            "no_inbound_traffic",
            {"remove the PrivateLink in the EMQX console first", "`running`", "`failed`", "no resource"}},
        PageStep{"D",
                 "the load balancer's addresses are the source",
                 "emqx-aws",
                 "local_firewall",
                 {"load balancer's private addresses"}},
        PageStep{"D", "idle time-out", "emqx-aws", "reset_mid_connection", {"350 s"}},
        PageStep{"D", "PROXY header", "emqx-aws", "proxy_protocol_mismatch", {"proxy_protocol_v2.enabled"}}));

INSTANTIATE_TEST_SUITE_P(
    EmqxAzure, PageSteps,
    testing::Values(
        PageStep{"S2",
                 "internal load balancer, frontend IP",
                 "emqx-azure",
                 "no_inbound_traffic",
                 {"internal", "frontend IP"}},
        PageStep{"S0 S2", "backend pool by NIC", "emqx-azure", "no_inbound_traffic", {"backend pool", "NIC"}},
        PageStep{
            "S0 S2", "inbound NAT rule", "emqx-azure", "no_inbound_traffic", {"inbound NAT rule", "6379"}},
        PageStep{"S2",
                 "inbound NAT rule when it refuses",
                 "emqx-azure",
                 "connection_refused",
                 {"inbound NAT rule"}},
        PageStep{"S2", "TCP proxy V2: No", "emqx-azure", "proxy_protocol_mismatch", {"TCP proxy V2", "No"}},
        PageStep{"S2", "source NAT subnet", "emqx-azure", "syn_unanswered", {"NAT subnet"}},
        PageStep{"S0 S2",
                 "subscription under Access security",
                 "emqx-azure",
                 "no_inbound_traffic",
                 {"subscription ID", "Access security", "Restricted by subscription", "Add subscription"}},
        PageStep{"S0 S2",
                 "the alias into the EMQX console",
                 "emqx-azure",
                 "no_inbound_traffic",
                 {"Create the PrivateLink", "alias"}},
        PageStep{"S0 S2",
                 "Approve",
                 "emqx-azure",
                 "no_inbound_traffic",
                 {"Private endpoint connections", "Approve"}},
        PageStep{"S0 S2", "the same when SYNs go unanswered", "emqx-azure", "syn_unanswered", {"Approve"}},
        PageStep{"S0 S2", "wait for running", "emqx-azure", "no_inbound_traffic", {"`running`"}},
        PageStep{"S2",
                 "Redis Single Mode, IP address, Test",
                 "emqx-azure",
                 "no_inbound_traffic",
                 {"Redis Single Mode", "IP address", "Test"}},
        PageStep{"S0 S2",
                 "remove in the EMQX console first",
                 "emqx-azure",
                 "no_inbound_traffic",
                 {"remove the PrivateLink in the EMQX console first", "`running`", "`failed`"}},
        PageStep{"D", "test from another subnet", "emqx-azure", "no_inbound_traffic", {"another subnet"}},
        PageStep{"D", "idle time-out", "emqx-azure", "reset_mid_connection", {"240 s"}}));

std::vector<PageStep> adobe() {
    std::vector<PageStep> rows;
    for (const char* profile : {"adobe-commerce-aws", "adobe-commerce-azure"}) {
        rows.push_back({"S3",
                        "log in, check out, curl",
                        profile,
                        "syn_unanswered",
                        {"magento-cloud login", "environment:checkout", "curl -v telnet://"}});
        rows.push_back({"S3", "curl from each VM", profile, "syn_unanswered", {"curl from each VM"}});
        rows.push_back({"S3", "netstat", profile, "connection_refused", {"netstat -na | grep"}});
        rows.push_back({"S3", "tcpdump", profile, "syn_unanswered", {"tcpdump -i INTERFACE -tt -nn port"}});
        rows.push_back(
            {"S3", "declared ports, no 443 nor SSH", profile, "syn_unanswered", {"declared", "443", "SSH"}});
        rows.push_back({"S3", "no HTTPS", profile, "wrong_service", {"HTTPS", "not available"}});
        rows.push_back({"S3",
                        "PrivateDNS is not available",
                        profile,
                        "private_dns_missing",
                        {"PrivateDNS is not available"}});
        rows.push_back(
            {"S3",
             "the ticket and what is in it",
             profile,
             "no_inbound_traffic",
             {"PrivateLink support for <company>", "project ID", "bidirectional", "5 business days"}});
        rows.push_back({"S3", "update the ticket", profile, "syn_unanswered", {"update the Support ticket"}});
        rows.push_back(
            {"S3", "both directions", profile, "syn_unanswered", {"Both directions", "approved separately"}});
        rows.push_back({"S3",
                        "both directions, seen from the service",
                        profile,
                        "no_inbound_traffic",
                        {"Both directions"}});
        rows.push_back(
            {"S3", "the principal", profile, "no_inbound_traffic", {"arn:aws:iam::402592597372:root"}});
        rows.push_back(
            {"S3", "the request that Adobe approves", profile, "syn_unanswered", {"Adobe approves"}});
        rows.push_back({"S3", "the same region", profile, "syn_unanswered", {"same", "region"}});
        rows.push_back({"S3",
                        "load balancer and healthy targets",
                        profile,
                        "no_inbound_traffic",
                        {"oad", "alancer", "healthy"}});
    }
    rows.push_back({"S3",
                    "add the endpoint",
                    "adobe-commerce-aws",
                    "syn_unanswered",
                    {"VPC console, Endpoints, Create"}});
    rows.push_back({"S3",
                    "NLB settings",
                    "adobe-commerce-aws",
                    "connection_refused",
                    {"Network Load Balancer", "target groups"}});
    rows.push_back(
        {"S3", "AWS article", "adobe-commerce-aws", "syn_unanswered", {"connect-endpoint-service-vpc"}});
    rows.push_back({"S3",
                    "the cluster ID",
                    "adobe-commerce-azure",
                    "no_inbound_traffic",
                    {"cat /etc/platform_cluster", "subscription IDs", "resource ID"}});
    rows.push_back({"S3",
                    "Azure article",
                    "adobe-commerce-azure",
                    "syn_unanswered",
                    {"troubleshoot-private-link-connectivity"}});
    rows.push_back(
        {"S3", "Azure resource ID", "adobe-commerce-azure", "private_dns_missing", {"/subscriptions/"}});
    return rows;
}
INSTANTIATE_TEST_SUITE_P(Adobe, PageSteps, testing::ValuesIn(adobe()));

INSTANTIATE_TEST_SUITE_P(
    ClickHouseAzure, PageSteps,
    testing::Values(
        PageStep{"S4",
                 "the resourceGuid by JSON View",
                 "clickhouse-azure",
                 "not_on_allowlist",
                 {"ENDPOINT_ID is", "resourceGuid", "JSON View"}},
        PageStep{"D",
                 "the Resource ID, which the list takes by now",
                 "clickhouse-azure",
                 "not_on_allowlist",
                 {"ENDPOINT_ID is", "Resource ID", "/subscriptions/"}},
        PageStep{"D",
                 "either identifier is right",
                 "clickhouse-azure",
                 "not_on_allowlist",
                 {"Resource ID", "resourceGuid", "either is right"}},
        PageStep{"S4",
                 "add to the organization",
                 "clickhouse-azure",
                 "not_on_allowlist",
                 {"-X PATCH", "/organizations/${ORG_ID:?} ",
                  R"({"privateEndpoints":{"add":[{"cloudProvider":"azure","id":"ENDPOINT_ID")"}},
        PageStep{"S4",
                 "add to the service's allow-list",
                 "clickhouse-azure",
                 "not_on_allowlist",
                 {"-X PATCH", "/services/SERVICE", R"({"privateEndpointIds":{"add":["ENDPOINT_ID"]}})",
                  "each service"}},
        PageStep{"S4",
                 "check the filters",
                 "clickhouse-azure",
                 "not_on_allowlist",
                 {"jq .result.privateEndpointIds", "[]"}},
        PageStep{"S4",
                 "privateDnsHostname",
                 "clickhouse-azure",
                 "not_on_allowlist",
                 {"privateEndpointConfig", "privateDnsHostname"}},
        PageStep{"S4",
                 "openssl",
                 "clickhouse-azure",
                 "not_on_allowlist",
                 {"openssl s_client -connect abcd.westus3.privatelink.azure.clickhouse.cloud:9440",
                  "CONNECTED", "errno=104"}},
        PageStep{"S4",
                 "Pending: not on the allow-list",
                 "clickhouse-azure",
                 "syn_unanswered",
                 {"Pending", "allow-list", "Approved"}},
        PageStep{"S4",
                 "Pending: the very request",
                 "clickhouse-azure",
                 "syn_unanswered",
                 {"-X PATCH", "privateEndpointIds"}},
        PageStep{"S4", "Accepted", "clickhouse-azure", "syn_unanswered", {"Approved", "Accepted"}},
        PageStep{"S4",
                 "create the zone",
                 "clickhouse-azure",
                 "private_dns_missing",
                 {"private DNS zone westus3.privatelink.azure.clickhouse.cloud", "create it"}},
        PageStep{"S4",
                 "the wildcard record",
                 "clickhouse-azure",
                 "private_dns_missing",
                 {"+ Record set", "`*`", "Private IPv4 address"}},
        PageStep{"S4",
                 "the wildcard record of a zone",
                 "clickhouse-azure",
                 "wildcard_missing",
                 {"+ Record set", "`*`"}},
        PageStep{"S4",
                 "the virtual network link",
                 "clickhouse-azure",
                 "private_dns_missing",
                 {"Virtual network links"}},
        PageStep{"S4",
                 "nslookup",
                 "clickhouse-azure",
                 "private_dns_missing",
                 {"nslookup abcd.westus3.privatelink.azure.clickhouse.cloud."}},
        PageStep{"S4",
                 "only inside the virtual network",
                 "clickhouse-azure",
                 "private_dns_missing",
                 {"outside the virtual network"}},
        PageStep{"S4",
                 "the public name goes over the internet",
                 "clickhouse-azure",
                 "private_dns_bypassed",
                 {"abcd.westus3.azure.clickhouse.cloud", "internet"}},
        PageStep{"S4",
                 "every record to the endpoint's address",
                 "clickhouse-azure",
                 "wrong_dns_record",
                 {"private endpoint's address", "Private IPv4 address"}},
        PageStep{"D", "idle time-out", "clickhouse-azure", "reset_mid_connection", {"240 s"}}));

INSTANTIATE_TEST_SUITE_P(
    ClickHouseElsewhere, PageSteps,
    testing::Values(
        PageStep{"D",
                 "add to the allow-list",
                 "clickhouse-aws",
                 "not_on_allowlist",
                 {"-X PATCH", R"({"privateEndpointIds":{"add":["ENDPOINT_ID"]}})"}},
        PageStep{"D", "vpce", "clickhouse-aws", "not_on_allowlist", {"ENDPOINT_ID is", "vpce-"}},
        PageStep{"D",
                 "security group with all ports",
                 "clickhouse-aws",
                 "syn_unanswered",
                 {"security group", "443, 8443, 9440 and 3306"}},
        PageStep{"D", "private DNS", "clickhouse-aws", "private_dns_missing", {"Enable private DNS names"}},
        PageStep{"D",
                 "PSC connection ID",
                 "clickhouse-gcp",
                 "not_on_allowlist",
                 {"ENDPOINT_ID is", "PSC connection ID"}},
        PageStep{"D",
                 "add to the allow-list",
                 "clickhouse-gcp",
                 "not_on_allowlist",
                 {"-X PATCH", R"("cloudProvider":"gcp")"}},
        PageStep{"D", "global access", "clickhouse-gcp", "syn_unanswered", {"global access"}},
        PageStep{"D", "A record", "clickhouse-gcp", "private_dns_missing", {"A record", "TTL 300"}},
        PageStep{"D", "MTU", "aws", "path_mtu_black_hole", {"8500"}},
        PageStep{"D", "idle time-out", "aws", "reset_mid_connection", {"350 s", "60 to 6000"}},
        PageStep{"D", "idle time-out", "azure", "reset_mid_connection", {"240 s", "4 to 5 minutes"}},
        PageStep{"D", "health probes", "azure", "local_firewall", {"168.63.129.16"}}));

}  // namespace
}  // namespace whylink::checks
