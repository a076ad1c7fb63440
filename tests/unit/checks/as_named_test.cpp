#include "checks/as_named.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/profiles.hpp"
#include "config/target.hpp"

namespace whylink::checks {
namespace {

using probes::Observation;

std::vector<Observation> chain(const std::vector<std::string>& cnames,
                               probes::NameRole role = probes::NameRole::host) {
    probes::DnsQuery query;
    query.cnames = cnames;
    probes::DnsFacts dns;
    dns.role = role;
    dns.queries.push_back(query);
    Observation observation;
    observation.facts = dns;
    return {observation};
}

config::TargetPtr diagnosed(config::EndpointOptions options) {
    return config::make_target(std::get<config::Endpoint>(config::endpoint_for(options)));
}

/// As the loader makes it of a config without `profile`.
config::TargetPtr configured(const std::string& host) {
    config::Endpoint endpoint;
    endpoint.host = host;
    endpoint.port = 443;
    endpoint.by_name.profile = true;
    return config::make_target(endpoint);
}

const std::vector<std::string> azure_chain{"db.privatelink.database.windows.net", "cr7.database.windows.net"};

TEST(AsNamed, PicksTheProfileByANameOfTheChain) {
    const auto named = as_named(configured("db.database.windows.net"), chain(azure_chain));
    EXPECT_EQ(named->endpoint()->profile, "azure");
    EXPECT_EQ(as_named(configured("db.example.com"), chain({"db.example.net"}))->endpoint()->profile, "");
    EXPECT_EQ(as_named(configured("db.example.com"), chain(azure_chain, probes::NameRole::public_host))
                  ->endpoint()
                  ->profile,
              "");
}

TEST(AsNamed, TheHostsOwnNameComesFirst) {
    const auto named = as_named(configured("abcd.westus3.privatelink.azure.clickhouse.cloud"),
                                chain({"vpce-1-2.vpce-svc-3.us-east-1.vpce.amazonaws.com"}));
    EXPECT_EQ(named->endpoint()->profile, "clickhouse-azure");
}

TEST(AsNamed, OfCheckNothingChangesThatIsSent) {
    const config::TargetPtr given = configured("ch.example.com");
    const auto named = as_named(given, chain({"abcd.us-east-1.vpce.aws.clickhouse.cloud"}));
    config::Endpoint expected = *given->endpoint();
    expected.profile = "clickhouse-aws";
    EXPECT_EQ(*named->endpoint(), expected);
}

TEST(AsNamed, OfDiagnoseTheProfileDecidesWhatWasLeftOpen) {
    const auto names = chain({"abcd.us-east-1.vpce.aws.clickhouse.cloud"});
    const config::Endpoint open = *as_named(diagnosed({.target = "ch.example.com:3306"}), names)->endpoint();
    EXPECT_EQ(open.tls.mode, config::TlsMode::required);
    EXPECT_EQ(open.app, config::App::mysql);
    EXPECT_TRUE(open.private_space);
    const config::Endpoint given =
        *as_named(diagnosed({.target = "ch.example.com:3306", .tls = false, .app = "http"}), names)
             ->endpoint();
    EXPECT_EQ(given.tls.mode, config::TlsMode::off);
    EXPECT_EQ(given.app, config::App::http);
}

TEST(AsNamed, DiagnoseJudgesPrivateWhereANameSaysSo) {
    const auto is_private = [](const config::EndpointOptions& options,
                               const std::vector<std::string>& cnames) {
        return as_named(diagnosed(options), chain(cnames))->endpoint()->private_space;
    };
    EXPECT_TRUE(is_private({.target = "db.database.windows.net:443"}, azure_chain));
    EXPECT_TRUE(is_private({.target = "acme.privatelink.snowflakecomputing.com:443"}, {}));
    EXPECT_TRUE(is_private({.target = "acme.example.com:443"}, {"acme.privatelink.snowflakecomputing.com"}));
    EXPECT_TRUE(is_private({.target = "db.database.windows.net:443", .profile = "none"}, azure_chain));
    EXPECT_FALSE(is_private({.target = "www.example.com:443"}, {"www.example.net"}));
    // `check` judges `private` as configured.
    config::Endpoint endpoint = *configured("db.database.windows.net")->endpoint();
    endpoint.private_space = false;
    EXPECT_FALSE(as_named(config::make_target(endpoint), chain(azure_chain))->endpoint()->private_space);
}

TEST(AsNamed, WhatIsConfiguredStays) {
    for (const char* profile : {"none", "aws"}) {
        const config::TargetPtr given = diagnosed({.target = "db.example.com:443", .profile = profile});
        EXPECT_EQ(as_named(given, chain({"x.us-central1.p.gcp.clickhouse.cloud"}))->endpoint()->profile,
                  given->endpoint()->profile);
    }
    const config::TargetPtr address = diagnosed({.target = "10.0.0.4:443"});
    EXPECT_EQ(as_named(address, {}), address);
    const config::TargetPtr plain = configured("db.example.com");
    EXPECT_EQ(as_named(plain, chain({})), plain);
}

TEST(AsNamed, TheUsersProfilesCountToo) {
    auto profile = std::make_shared<config::Profile>();
    profile->name = "orders";
    profile->hosts = {"{name}.orders.example.net"};
    config::Endpoint endpoint = *configured("orders.example.com")->endpoint();
    endpoint.by_name.own_profiles =
        std::make_shared<const std::vector<config::OwnProfile>>(std::vector<config::OwnProfile>{{profile}});
    const auto named = as_named(config::make_target(endpoint), chain({"eu.orders.example.net"}));
    EXPECT_EQ(named->endpoint()->profile, "orders");
    EXPECT_EQ(config::profile_of(*named), profile.get());
}

}  // namespace
}  // namespace whylink::checks
