#include "config/profiles.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace whylink::config {
namespace {

TEST(Profiles, AreFoundByTheirUniqueNames) {
    std::set<std::string_view> names;
    for (const Profile& profile : profiles()) {
        EXPECT_TRUE(names.insert(profile.name).second) << profile.name;
        EXPECT_EQ(find_profile(profile.name), &profile);
        EXPECT_FALSE(profile.title.empty());
        EXPECT_NE(profile.provider, Provider::generic) << profile.name;
    }
    EXPECT_EQ(find_profile("clickhouse"), nullptr);
    EXPECT_EQ(find_profile(""), nullptr);
}

TEST(Profiles, OnlyClickHouseDocumentsAnAllowListThatResets) {
    for (const Profile& profile : profiles()) {
        EXPECT_EQ(profile.has_allow_list, profile.name.starts_with("clickhouse-")) << profile.name;
    }
}

TEST(Profiles, ClickHouseIsNativeTlsFirst) {
    for (const char* name : {"clickhouse-aws", "clickhouse-azure", "clickhouse-gcp"}) {
        const Profile* profile = find_profile(name);
        ASSERT_NE(profile, nullptr);
        ASSERT_FALSE(profile->ports.empty());
        EXPECT_EQ(profile->ports.front(), 9440);
        EXPECT_TRUE(profile->tls);
        EXPECT_EQ(profile->app, App::clickhouse);
    }
}

}  // namespace
}  // namespace whylink::config
