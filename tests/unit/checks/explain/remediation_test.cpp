#include "checks/explain/remediation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "checks/texts/causes.hpp"
#include "config/profiles.hpp"

namespace whylink::checks {
namespace {

using config::Remedy;
using config::Side;

config::OwnProfile own(config::Profile profile) {
    return {std::make_shared<const config::Profile>(std::move(profile))};
}

config::Endpoint with(config::OwnProfile profile) {
    config::Endpoint endpoint;
    endpoint.profile = "own";
    endpoint.own_profile = std::move(profile);
    return endpoint;
}

using Steps = std::vector<std::string>;

Steps steps(const config::Endpoint& endpoint, Cause cause, Wording wording = {}) {
    return remediation(cause, endpoint, std::move(wording));
}

Steps general(Cause cause, config::Provider provider) {
    Steps result;
    for (const Step& step : text(cause).steps) {
        if (step.provider == config::Provider::generic || step.provider == provider) {
            result.push_back(fill(step.text, {}));
        }
    }
    return result;
}

TEST(Remediation, WithoutAProfileOrACloudSaysForWhomEachStepIs) {
    const Steps all = steps({}, Cause::not_on_allowlist);
    EXPECT_EQ(all.size(), text(Cause::not_on_allowlist).steps.size());
    EXPECT_TRUE(std::ranges::any_of(all, [](const auto& step) { return step.starts_with("Azure: "); }));
}

bool has_steps_for(const Steps& steps, std::string_view provider) {
    return std::ranges::any_of(steps, [provider](const auto& step) { return step.starts_with(provider); });
}

TEST(Remediation, WithoutAProfileIsOfTheCloudThatTheHostIsIn) {
    const Steps in_aws = remediation(Cause::not_on_allowlist, config::Endpoint{}, {}, {}, config::Cloud::aws);
    EXPECT_TRUE(has_steps_for(in_aws, "AWS: "));
    EXPECT_FALSE(has_steps_for(in_aws, "Azure: "));
    EXPECT_FALSE(has_steps_for(in_aws, "GCP: "));
}

TEST(Remediation, InNoneOfTheCloudsIsOfAll) {
    const Steps all = steps({}, Cause::not_on_allowlist);
    EXPECT_EQ(remediation(Cause::not_on_allowlist, config::Endpoint{}, {}, {}, config::Cloud::other), all);
    EXPECT_EQ(remediation(Cause::not_on_allowlist, config::Endpoint{}, {}, {}, std::nullopt), all);
}

TEST(Remediation, TheProfilesCloudWinsOverTheHosts) {
    config::Endpoint endpoint;
    endpoint.profile = "clickhouse-azure";
    endpoint.host = "abcd.westus3.privatelink.azure.clickhouse.cloud";
    EXPECT_EQ(remediation(Cause::syn_unanswered, endpoint, {}, {}, config::Cloud::aws),
              remediation(Cause::syn_unanswered, endpoint, {}, {}, config::Cloud::azure));
}

TEST(Remediation, TheNamesCloudWinsOverTheHosts) {
    config::Endpoint endpoint;
    endpoint.host = "secretsmanager.eu-west-1.amazonaws.com";
    const Steps in_azure = remediation(Cause::not_on_allowlist, endpoint, {}, {}, config::Cloud::azure);
    EXPECT_TRUE(has_steps_for(in_azure, "AWS: "));
    EXPECT_FALSE(has_steps_for(in_azure, "Azure: "));
}

TEST(Remediation, AProfileOfNoCloudTakesTheHosts) {
    const config::Endpoint endpoint = with(own(config::Profile{}));
    const Steps in_gcp = remediation(Cause::not_on_allowlist, endpoint, {}, {}, config::Cloud::gcp);
    EXPECT_TRUE(has_steps_for(in_gcp, "GCP: "));
    EXPECT_FALSE(has_steps_for(in_gcp, "AWS: "));
}

TEST(Remediation, NamesOnePlaceOnly) {
    for (const CauseText& row : cause_texts()) {
        for (const std::string& step : steps({}, row.cause)) {
            for (const char* provider : {"AWS: ", "Azure: ", "GCP: "}) {
                for (const char* place : {"Service side: ", "Your network: ", "This host: "}) {
                    EXPECT_FALSE(step.starts_with(std::string(provider) + place)) << step;
                }
            }
        }
    }
    config::Profile profile;
    profile.remedies = {{"no_route", Side::provider, true, {"Service side: p"}},
                        {"no_route", Side::consumer, true, {"c"}}};
    EXPECT_EQ(steps(with(own(profile)), Cause::no_route), (Steps{"Service side: p", "Your network: c"}));
}

TEST(Remediation, TheProfilesOwnThenItsBasesThenTheGeneral) {
    config::Profile base;
    base.remedies = {{"no_route", Side::either, false, {"base", "both"}}};
    config::Profile profile;
    profile.base = own(base);
    profile.remedies = {{"no_route", Side::either, false, {"own", "both"}},
                        {"local_limit", Side::either, false, {"another cause's"}}};
    Steps expected{"own", "both", "base"};
    for (const std::string& step : general(Cause::no_route, config::Provider::generic)) {
        expected.push_back(step);
    }
    EXPECT_EQ(steps(with(own(profile)), Cause::no_route), expected);
}

TEST(Remediation, ACompleteOneLeavesOutWhatWouldRepeatIt) {
    config::Profile base;
    base.remedies = {{"no_route", Side::either, false, {"base"}}};
    config::Profile profile;
    profile.base = own(base);
    profile.remedies = {{"no_route", Side::either, true, {"own"}},
                        {"no_route", Side::either, false, {"more"}}};
    EXPECT_EQ(steps(with(own(profile)), Cause::no_route), (Steps{"own", "more"}));
}

TEST(Remediation, OfAZoneNamesOneOfItsHostsInCommands) {
    config::Zone zone;
    zone.zone = "westus3.privatelink.azure.clickhouse.cloud";
    Wording wording;
    wording.host = "*." + zone.zone;
    wording.zone = zone.zone;
    std::string all;
    for (const std::string& step : remediation(Cause::private_dns_missing, zone, wording)) {
        all += step + "\n";
    }
    EXPECT_NE(all.find("`nslookup any-label.westus3.privatelink.azure.clickhouse.cloud.`"), std::string::npos)
        << all;
    EXPECT_NE(all.find("the public name (*.westus3.azure.clickhouse.cloud)"), std::string::npos) << all;
    EXPECT_EQ(all.find("`nslookup *."), std::string::npos) << all;
}

TEST(Remediation, NamesTheSideOnlyWhereThereAreBoth) {
    config::Profile profile;
    profile.remedies = {{"no_route", Side::provider, true, {"p"}}};
    EXPECT_EQ(steps(with(own(profile)), Cause::no_route), Steps{"p"});
    profile.remedies.push_back({"no_route", Side::consumer, false, {"c"}});
    profile.remedies.push_back({"no_route", Side::either, false, {"e"}});
    EXPECT_EQ(steps(with(own(profile)), Cause::no_route), (Steps{"Service side: p", "Your network: c", "e"}));
}

TEST(Remediation, SaysWhatAnIdentifierIsUntilItIsConfigured) {
    config::Profile profile;
    profile.endpoint_id = "the vpce-… of the console";
    profile.remedies = {{"no_route", Side::either, true, {"add {endpoint_id} to {service}"}}};
    EXPECT_EQ(
        steps(with(own(profile)), Cause::no_route),
        (Steps{
            "add ENDPOINT_ID to SERVICE",
            "ENDPOINT_ID is the vpce-… of the console. With `endpoint_id` in the config it stands here."}));
    Wording wording;
    wording.endpoint_id = "vpce-1";
    wording.service = "orders";
    EXPECT_EQ(steps(with(own(profile)), Cause::no_route, wording), Steps{"add vpce-1 to orders"});
}

TEST(Remediation, KnowsThePublicNameAndTheZoneByThePattern) {
    config::Endpoint endpoint;
    endpoint.profile = "clickhouse-azure";
    endpoint.host = "abcd.westus3.privatelink.azure.clickhouse.cloud.";
    const Steps all = steps(endpoint, Cause::private_dns_bypassed);
    EXPECT_NE(all.at(0).find("abcd.westus3.azure.clickhouse.cloud"), std::string::npos) << all.at(0);
    EXPECT_NE(all.at(0).find("zone westus3.privatelink.azure.clickhouse.cloud"), std::string::npos)
        << all.at(0);
}

TEST(Remediation, ThePublicNameIsNoPrivateEndpointsBusiness) {
    config::Endpoint endpoint;
    endpoint.profile = "clickhouse-azure";
    endpoint.host = "abcd.westus3.azure.clickhouse.cloud";
    bool has_ip_list = false;
    for (const std::string& step : steps(endpoint, Cause::not_on_allowlist)) {
        EXPECT_EQ(step.find("ENDPOINT_ID"), std::string::npos) << step;
        EXPECT_EQ(step.find("privateEndpointIds"), std::string::npos) << step;
        has_ip_list = has_ip_list || step.find("IP access list") != std::string::npos;
    }
    EXPECT_TRUE(has_ip_list);
}

TEST(Remediation, AZoneHasTheStepsOfWhoeverOwnsIt) {
    config::Zone zone;
    zone.zone = "westus3.privatelink.azure.clickhouse.cloud";
    Wording wording;
    wording.zone = zone.zone;
    const Steps all = remediation(Cause::wildcard_missing, zone, wording);
    EXPECT_NE(all.at(0).find("+ Record set"), std::string::npos) << all.at(0);
    zone.zone = "example.com";
    EXPECT_EQ(remediation(Cause::wildcard_missing, zone, wording).size(),
              text(Cause::wildcard_missing).steps.size());
}

TEST(Remediation, ProfilesThatExtendEachOtherComeToAnEnd) {
    // Loading refuses a circle; a long chain is the user's right.
    config::Profile profile;
    profile.remedies = {{"no_route", Side::either, false, {"again"}}};
    for (int i = 0; i < 100; ++i) {
        config::Profile next = profile;
        next.base = own(profile);
        profile = next;
    }
    EXPECT_EQ(steps(with(own(profile)), Cause::no_route).at(0), "again");
}

TEST(Remediation, NoProfileSaysAStepTwiceOrLeavesAPlaceholder) {
    for (const config::Profile& profile : config::profiles()) {
        config::Endpoint endpoint;
        endpoint.profile = profile.name;
        endpoint.host = "host.example.com";
        for (const CauseText& row : cause_texts()) {
            const Steps all = steps(endpoint, row.cause);
            EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size()) << profile.name;
            EXPECT_LE(all.size(), 16U) << profile.name << " " << slug(row.cause);
            for (const std::string& step : all) {
                for (const char* name : {"{host}", "{port}", "{address}", "{zone}", "{public_host}",
                                         "{endpoint_id}", "{service}", "{instance}", "{region}"}) {
                    EXPECT_EQ(step.find(name), std::string::npos) << step;
                }
            }
        }
    }
}

}  // namespace
}  // namespace whylink::checks
