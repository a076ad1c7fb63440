#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "control/azure/read.hpp"
#include "tests/unit/control/azure/bodies.hpp"

namespace whylink::control {
namespace {

using namespace arm_test;

std::vector<Access> access_with(Account& account) {
    return azure_access(account.reading({}), subscription, cloud);
}

TEST(AzureCheck, AsksOnceForEachPermission) {
    Account account;
    for (const char* list : {"privateEndpoints", "privateDnsZones", "privateLinkServices"}) {
        account.arm.answer(listing(list), page(""));
    }
    const std::vector<Access> access = access_with(account);
    EXPECT_EQ(access.size(), 13U);
    for (const Access& one : access) {
        EXPECT_EQ(one.result, Result::ok) << one.permission << ": " << one.detail;
        EXPECT_EQ(std::ranges::count(access, one.permission, &Access::permission), 1) << one.permission;
    }
}

TEST(AzureCheck, AsksOfResourcesThatAreThere) {
    Account account;
    account.arm.answer(listing("privateEndpoints"), page(endpoint_body()));
    access_with(account);
    EXPECT_TRUE(account.arm.was_asked(interface_id));
    EXPECT_TRUE(account.arm.was_asked(subnet_id));
    EXPECT_TRUE(account.arm.was_asked(network));
}

TEST(AzureCheck, NamesEachMissingPermission) {
    Account account;
    account.arm.deny("Microsoft.Network/privateEndpoints/read");
    account.arm.deny("Microsoft.Network/privateDnsZones/A/read");
    const std::vector<Access> access = access_with(account);
    EXPECT_EQ(std::ranges::count(access, Result::forbidden, &Access::result), 2);
}

TEST(AzureCheck, PrintsARoleWithWhatIsMissing) {
    const auto role = nlohmann::json::parse(azure_role("s", {"b/read", "a/read", "b/read"}));
    EXPECT_EQ(role.at("Actions"), (nlohmann::json{"a/read", "b/read"}));
    EXPECT_EQ(role.at("NotActions"), nlohmann::json::array());
    EXPECT_EQ(role.at("AssignableScopes"), nlohmann::json::array({"/subscriptions/s"}));
    EXPECT_EQ(role.at("IsCustom"), true);
}

TEST(AzureCheck, KnowsWhoseATokenIs) {
    // {"alg":"none"} . {"appid":"1f2e","oid":"3d4c"}
    EXPECT_EQ(token_identity(Secret("eyJhbGciOiJub25lIn0.eyJhcHBpZCI6IjFmMmUiLCJvaWQiOiIzZDRjIn0.sig")),
              "application 1f2e, object 3d4c");
    // {"upn":"ops@acme.example"}
    EXPECT_EQ(token_identity(Secret("e30.eyJ1cG4iOiJvcHNAYWNtZS5leGFtcGxlIn0.sig")), "ops@acme.example");
    for (const char* token : {"", "opaque", "a.b.c", "..", "a.!!.c"}) {
        EXPECT_EQ(token_identity(Secret(token)), "") << token;
    }
}

}  // namespace
}  // namespace whylink::control
