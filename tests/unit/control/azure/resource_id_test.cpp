#include "control/azure/resource_id.hpp"

#include <gtest/gtest.h>

namespace whylink::control {
namespace {

constexpr const char* subnet =
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/n";

TEST(AzureResourceId, HasItsParts) {
    const auto id = ResourceId::parse(subnet);
    ASSERT_TRUE(id);
    EXPECT_EQ(id->subscription, "s");
    EXPECT_EQ(id->group, "rg");
    EXPECT_TRUE(id->is("VIRTUALNETWORKS/SUBNETS"));
    EXPECT_EQ(id->names, (std::vector<std::string>{"v", "n"}));
    EXPECT_EQ(id->to_string(), subnet);
    EXPECT_EQ(id->placeholders(),
              (std::vector<Pair>{{"subscription", "s"}, {"group", "rg"}, {"parent", "v"}, {"name", "n"}}));
}

TEST(AzureResourceId, IsReadWithoutCase) {
    const auto id = ResourceId::parse(
        "/SUBSCRIPTIONS/s/resourcegroups/RG/PROVIDERS/microsoft.network/privateendpoints/pe");
    ASSERT_TRUE(id);
    EXPECT_TRUE(id->is("privateEndpoints"));
    EXPECT_EQ(id->names.front(), "pe");
}

TEST(AzureResourceId, HasAParentWhereItIsInsideOfAnother) {
    EXPECT_EQ(parent_of(subnet),
              "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v");
    EXPECT_EQ(parent_of("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe"),
              "");
    EXPECT_EQ(parent_of("alias.guid.westus3.azure.privatelinkservice"), "");
}

TEST(AzureResourceId, IsNothingElse) {
    for (
        const char* text :
        {"", "pe", "/", "/subscriptions/s", "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network",
         "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints",
         "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe/",
         "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/..",
         "/subscriptions/s/resourceGroups/r?g/providers/Microsoft.Network/privateEndpoints/pe",
         "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/privateEndpoints/pe",
         "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/a/1/b/2/c/3",
         "https://management.azure.com/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe"}) {
        EXPECT_FALSE(ResourceId::parse(text)) << text;
    }
}

}  // namespace
}  // namespace whylink::control
