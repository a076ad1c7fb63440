#include "checks/stages/clouds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <utility>

#include "checks/explain/explain.hpp"
#include "tests/unit/checks/judged.hpp"

namespace whylink::checks {
namespace {

using config::Cloud;
using config::Provider;

config::Endpoint azure_endpoint() {
    config::Endpoint endpoint;
    endpoint.name = "orders";
    endpoint.profile = "clickhouse-azure";
    endpoint.host = "abcd.westus3.privatelink.azure.clickhouse.cloud";
    endpoint.port = 9440;
    return endpoint;
}

/// Nobody answers the SYN to the address that DNS gave.
Verdict unanswered(const config::Target& target, const char* address, std::optional<Cloud> cloud) {
    probes::DnsFacts dns;
    dns.name = "abcd.westus3.privatelink.azure.clickhouse.cloud";
    dns.resolver = *IpAddress::parse("10.0.0.2");
    probes::DnsQuery query;
    query.rcode = 0;
    query.answers = {{*IpAddress::parse(address), 300}};
    dns.queries = {query};
    probes::TcpFacts tcp;
    tcp.timed_out = true;
    probes::Round round;
    round.cloud = cloud;
    probes::Observation asked;
    asked.stage = probes::Stage::dns;
    asked.facts = dns;
    probes::Observation connected;
    connected.stage = probes::Stage::tcp;
    connected.address = IpAddress::parse(address);
    connected.port = 9440;
    connected.facts = tcp;
    round.probes = {asked, connected};
    return judged(target, std::move(round), {});
}

/// Of a name that no profile is configured for.
config::Endpoint endpoint_of(const char* host) {
    config::Endpoint endpoint = azure_endpoint();
    endpoint.profile.clear();
    endpoint.host = host;
    return endpoint;
}

/// The only resolver says so.
Verdict with_rcode(const config::Target& target, int rcode, std::optional<Cloud> cloud) {
    probes::DnsFacts dns;
    dns.name = target.zone() != nullptr ? "x." + target.zone()->zone : target.endpoint()->host;
    dns.role = target.zone() != nullptr ? probes::NameRole::known_label : probes::NameRole::host;
    dns.resolver = *IpAddress::parse("10.0.0.2");
    probes::DnsQuery query;
    query.rcode = rcode;
    dns.queries = {query};
    probes::Observation asked;
    asked.stage = probes::Stage::dns;
    asked.facts = dns;
    probes::Round round;
    round.cloud = cloud;
    round.probes = {asked};
    return judged(target, std::move(round), {});
}
constexpr int servfail = 2;
constexpr int nxdomain = 3;

std::string text(const config::Target& target, const char* address, std::optional<Cloud> cloud) {
    return other_cloud_text(target, unanswered(target, address, cloud));
}

TEST(OtherCloud, IsWhereTheProfileAndTheHostDiffer) {
    const Verdict verdict = unanswered(azure_endpoint(), "10.0.0.4", Cloud::gcp);
    const auto clouds = other_cloud(azure_endpoint(), verdict);
    ASSERT_TRUE(clouds);
    EXPECT_EQ(clouds->link, Provider::azure);
    EXPECT_EQ(clouds->host, Provider::gcp);
}

TEST(OtherCloud, NeedsToKnowBoth) {
    for (const std::optional<Cloud> cloud :
         {std::optional<Cloud>(), std::optional(Cloud::other), std::optional(Cloud::azure)}) {
        EXPECT_FALSE(other_cloud(azure_endpoint(), unanswered(azure_endpoint(), "10.0.0.4", cloud)));
    }
    const config::Endpoint plain = endpoint_of("db.corp.example");
    EXPECT_FALSE(other_cloud(plain, unanswered(plain, "10.0.0.4", Cloud::aws)));
}

TEST(OtherCloud, IsKnownByTheNameWhereNoProfileTells) {
    const config::Endpoint azure = endpoint_of("reports.blob.core.windows.net");
    const auto clouds = other_cloud(azure, unanswered(azure, "10.0.0.4", Cloud::aws));
    ASSERT_TRUE(clouds);
    EXPECT_EQ(clouds->link, Provider::azure);
    EXPECT_FALSE(clouds->by_profile);
    EXPECT_FALSE(other_cloud(azure, unanswered(azure, "10.0.0.4", Cloud::azure)));
    const config::Endpoint aws = endpoint_of("secretsmanager.eu-west-1.amazonaws.com");
    EXPECT_EQ(text(aws, "10.0.0.4", Cloud::azure),
              "the name belongs to AWS; this host runs in Azure: a private path between these clouds needs a "
              "VPN or a peering");
}

TEST(OtherCloud, TheProfileWinsOverTheName) {
    config::Endpoint endpoint = azure_endpoint();
    endpoint.host = "secretsmanager.eu-west-1.amazonaws.com";
    const auto clouds = other_cloud(endpoint, unanswered(endpoint, "10.0.0.4", Cloud::aws));
    ASSERT_TRUE(clouds);
    EXPECT_EQ(clouds->link, Provider::azure);
}

TEST(OtherCloud, IsSaidWhereDnsFails) {
    const std::string profiled =
        "the name belongs to Azure Private Link; this host runs in AWS: private DNS between these clouds needs a "
        "forwarder";
    EXPECT_EQ(other_cloud_text(azure_endpoint(), with_rcode(azure_endpoint(), nxdomain, Cloud::aws)),
              profiled);
    EXPECT_EQ(other_cloud_text(azure_endpoint(), with_rcode(azure_endpoint(), servfail, Cloud::aws)),
              profiled);
    // The private zone does not count here, and the public one answers.
    EXPECT_EQ(text(azure_endpoint(), "203.0.113.5", Cloud::aws), profiled);
    EXPECT_EQ(other_cloud_text(azure_endpoint(), with_rcode(azure_endpoint(), nxdomain, Cloud::azure)), "");
    const config::Endpoint named = endpoint_of("reports.blob.core.windows.net");
    EXPECT_EQ(other_cloud_text(named, with_rcode(named, nxdomain, Cloud::aws)),
              "the name belongs to Azure; this host runs in AWS: private DNS between these clouds needs a "
              "forwarder");
}

TEST(OtherCloud, OfAPublicNameNeedsNoPrivateDns) {
    config::Endpoint endpoint = endpoint_of("reports.blob.core.windows.net");
    endpoint.private_space = false;
    EXPECT_EQ(other_cloud_text(endpoint, with_rcode(endpoint, nxdomain, Cloud::aws)), "");
    endpoint.by_name.private_space = true;
    EXPECT_NE(other_cloud_text(endpoint, with_rcode(endpoint, nxdomain, Cloud::aws)), "");
}

TEST(OtherCloud, IsSaidOfAZoneThatDoesNotResolve) {
    config::Zone zone;
    zone.zone = "privatelink.blob.core.windows.net";
    EXPECT_EQ(
        other_cloud_text(zone, with_rcode(zone, nxdomain, Cloud::gcp)),
        "the zone belongs to Azure Private Link; this host runs in GCP: private DNS between these clouds "
        "needs a forwarder");
}

TEST(OtherCloud, IsSaidOfAPrivateAddress) {
    EXPECT_EQ(text(azure_endpoint(), "10.0.0.4", Cloud::aws),
              "the name belongs to Azure Private Link; this host runs in AWS: a private path between these "
              "clouds needs a VPN or a peering");
    EXPECT_EQ(text(azure_endpoint(), "10.0.0.4", Cloud::azure), "");
}

TEST(OtherCloud, OfAnAddressIsKnownByTheProfile) {
    config::Endpoint endpoint = azure_endpoint();
    endpoint.host = "10.0.0.4";
    endpoint.address = IpAddress::parse("10.0.0.4");
    EXPECT_EQ(text(endpoint, "10.0.0.4", Cloud::aws).find("the profile belongs to Azure Private Link"), 0U);
    endpoint.profile.clear();
    EXPECT_EQ(text(endpoint, "10.0.0.4", Cloud::aws), "");
}

TEST(OtherCloud, IsNoConcernOfRoundsThatPass) {
    Verdict verdict = unanswered(azure_endpoint(), "10.0.0.4", Cloud::aws);
    const auto says_so = [&verdict] {
        const Explanation explanation = explain(azure_endpoint(), verdict);
        return std::ranges::any_of(explanation.evidence, [](const std::string& line) {
            return line.find("this host runs in AWS") != std::string::npos;
        });
    };
    EXPECT_TRUE(says_so());
    verdict.facts.insert(Fact::all_pass);
    EXPECT_FALSE(says_so());
}

TEST(OtherCloud, ChangesNoCause) {
    const Verdict here = unanswered(azure_endpoint(), "10.0.0.4", Cloud::azure);
    const Verdict elsewhere = unanswered(azure_endpoint(), "10.0.0.4", Cloud::aws);
    EXPECT_EQ(here.facts, elsewhere.facts);
    EXPECT_EQ(here.decision.row, elsewhere.decision.row);
    EXPECT_EQ(here.decision.confidence, elsewhere.decision.confidence);
    EXPECT_EQ(here.decision.alternatives, elsewhere.decision.alternatives);
}

}  // namespace
}  // namespace whylink::checks
