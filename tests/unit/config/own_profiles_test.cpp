#include "config/own_profiles.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "config/load.hpp"
#include "config/profile_file.hpp"
#include "config/schema.hpp"
#include "config/target.hpp"
#include "memory_files.hpp"

namespace whylink::config {
namespace {

std::string profile(const std::string& name, const std::string& more = "") {
    return "name = \"" + name + "\"\ntitle = \"Of " + name + "\"\n" + more;
}

std::vector<std::string> errors_of(const LoadResult& result) {
    std::vector<std::string> errors;
    for (const Error& error : result.errors) {
        errors.push_back(error.to_string());
    }
    return errors;
}

using Errors = std::vector<std::string>;

class OwnProfilesTest : public testing::Test {
  protected:
    LoadResult load(const std::string& config) { return load_text(config, "/etc/whylink/w.toml", files); }
    void add(const std::string& file, const std::string& text) {
        files.texts["/etc/whylink/profiles.d/" + file] = text;
    }
    MemoryFiles files;
};

constexpr auto nothing = "[daemon]\nallow_empty = true\n";

TEST_F(OwnProfilesTest, NoFolderIsNoProfiles) {
    const LoadResult result = load(nothing);
    EXPECT_EQ(errors_of(result), Errors{});
    EXPECT_TRUE(result.own_profiles.empty());
}

TEST_F(OwnProfilesTest, FillInWhatAnEndpointLeavesOpen) {
    add("acme.toml", profile("acme",
                             "provider = \"aws\"\nports = [7000, 7001]\ntls = false\napp = \"redis\"\n"
                             "[port_apps]\n7001 = \"http\"\n"));
    add("acme.toml~", "nonsense");
    add(".hidden.toml", "nonsense");
    const LoadResult result = load(R"(
[[endpoint]]
name = "a"
host = "10.0.0.1"
profile = "acme"
[[endpoint]]
name = "b"
host = "10.0.0.1"
port = 7001
profile = "acme"
[[watch]]
name = "w"
direction = "inbound"
port = 7000
profile = "acme"
)");
    ASSERT_EQ(errors_of(result), Errors{});
    const Endpoint& a = *all_of_kind<Endpoint>(result.config.targets)[0];
    EXPECT_EQ(a.port, 7000);
    EXPECT_EQ(a.tls.mode, TlsMode::off);
    EXPECT_EQ(a.app, App::redis);
    ASSERT_NE(profile_of(a), nullptr);
    EXPECT_EQ(profile_of(a)->title, "Of acme");
    EXPECT_EQ(all_of_kind<Endpoint>(result.config.targets)[1]->app, App::http);
    EXPECT_EQ(profile_of(*all_of_kind<Watch>(result.config.targets)[0]), profile_of(a));
    EXPECT_EQ(result.own_profiles.size(), 1U);
}

TEST_F(OwnProfilesTest, BuildOnOthersInAnyOrder) {
    add("1.toml", profile("leaf", "extends = \"middle\"\napp = \"none\"\n"));
    add("2.toml", profile("middle", "extends = \"clickhouse-azure\"\nports = [8443]\n"));
    const LoadResult result = load(nothing);
    ASSERT_EQ(errors_of(result), Errors{});
    const Profile& leaf = *result.own_profiles[0].profile;
    EXPECT_EQ(leaf.ports, std::vector<std::uint16_t>{8443});
    EXPECT_EQ(leaf.provider, Provider::azure);
    EXPECT_TRUE(leaf.has_allow_list);
    EXPECT_EQ(leaf.app, App::none);
    EXPECT_EQ(leaf.hosts, find_profile("clickhouse-azure")->hosts);
    EXPECT_TRUE(leaf.remedies.empty());
    const Profile* middle = base_of(leaf);
    ASSERT_NE(middle, nullptr);
    EXPECT_EQ(middle->name, "middle");
    EXPECT_EQ(base_of(*middle), find_profile("clickhouse-azure"));
}

TEST_F(OwnProfilesTest, EveryMistakeIsSaidWithTheConfigs) {
    add("a.toml", profile("clickhouse-aws"));
    add("b.toml", profile("twin"));
    add("c.toml", profile("twin"));
    add("d.toml", profile("lost", "extends = \"azur\"\n"));
    add("e.toml", profile("bad", "ports = 1\n"));
    add("f.toml", "[");
    const LoadResult result = load(
        "[daemon]\nlog_level = \"loud\"\n[[endpoint]]\nname = \"x\"\nhost = \"10.0.0.1\"\nport = 1\nprofile = \"bad\"\n");
    const Errors errors = errors_of(result);
    ASSERT_EQ(errors.size(), 6U);
    EXPECT_TRUE(errors[0].starts_with("/etc/whylink/w.toml:2:13: "));
    EXPECT_EQ(errors[1],
              "/etc/whylink/profiles.d/a.toml:1:8: name: \"clickhouse-aws\" is a built-in profile; "
              "choose another name, and build on it with `extends`");
    EXPECT_EQ(errors[2],
              "/etc/whylink/profiles.d/c.toml:1:8: name: \"twin\" is already used at "
              "/etc/whylink/profiles.d/b.toml:1:8; choose another name");
    EXPECT_EQ(
        errors[3],
        "/etc/whylink/profiles.d/d.toml:3:11: extends: \"azur\" is not a profile; did you mean \"azure\"?");
    EXPECT_TRUE(errors[4].starts_with("/etc/whylink/profiles.d/e.toml:3:9: ports: 1 is not valid"));
    EXPECT_TRUE(errors[5].starts_with("/etc/whylink/profiles.d/f.toml:1:"));
}

TEST_F(OwnProfilesTest, ACircleIsAnErrorOnce) {
    add("a.toml", profile("a", "extends = \"b\"\n"));
    add("b.toml", profile("b", "extends = \"c\"\n"));
    add("c.toml", profile("c", "extends = \"a\"\n"));
    EXPECT_EQ(errors_of(load(nothing)),
              Errors{"/etc/whylink/profiles.d/c.toml:3:11: extends: \"a\" leads back to this profile; "
                     "extend another one"});
    files.texts.clear();
    add("a.toml", profile("a", "extends = \"a\"\n"));
    EXPECT_EQ(errors_of(load(nothing)).size(), 1U);
}

TEST_F(OwnProfilesTest, AnUnknownNameIsToldTheNearestOfAll) {
    add("a.toml", profile("acme-links"));
    const Errors errors = errors_of(
        load("[[endpoint]]\nname = \"x\"\nhost = \"10.0.0.1\"\nport = 1\nprofile = \"acme-link\"\n"));
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_TRUE(errors[0].ends_with("\"acme-link\" is not valid; did you mean \"acme-links\"?")) << errors[0];
}

TEST_F(OwnProfilesTest, AReloadThatChangesNothingIsEqualAndOneThatDoesIsNot) {
    const std::string config =
        "[[endpoint]]\nname = \"x\"\nhost = \"10.0.0.1\"\nport = 1\nprofile = \"leaf\"\n";
    add("base.toml", profile("base"));
    add("leaf.toml", profile("leaf", "extends = \"base\"\n"));
    const Config before = load(config).config;
    EXPECT_EQ(before, load(config).config);
    add("base.toml", profile("base", "limits = [\"new\"]\n"));
    EXPECT_NE(before, load(config).config);
}

class Unreadable final : public Files {
  public:
    std::variant<std::string, FileFault> read(const std::filesystem::path&) const override { return ""; }
    std::vector<std::string> list(const std::filesystem::path&, std::size_t) const override { return {}; }
    std::optional<FileFault> fault(const std::filesystem::path&) const override { return std::nullopt; }
    std::optional<FileFault> list_fault(const std::filesystem::path&) const override {
        return FileFault{"Permission denied"};
    }
};

TEST(OwnProfiles, AFolderThatCannotBeReadIsAnError) {
    const OwnProfiles found = load_own_profiles("/etc/whylink", Unreadable{});
    ASSERT_EQ(found.errors.size(), 1U);
    EXPECT_EQ(found.errors[0].to_string(),
              "/etc/whylink/profiles.d:1:1: cannot read this directory: Permission denied");
    EXPECT_FALSE(system_files().list_fault("/nonexistent/profiles.d"));
    EXPECT_TRUE(system_files().list_fault("/etc/passwd"));
    EXPECT_FALSE(system_files().list_fault("/etc"));
}

TEST_F(OwnProfilesTest, DiagnoseKnowsThemByNameAndByHost) {
    add("a.toml", profile("acme", "ports = [7000]\ntls = false\nhosts = [\"{x}.links.example.com\"]\n"));
    EndpointOptions options;
    options.own_profiles = load_own_profiles("/etc/whylink", files).profiles;
    for (const char* name : {"", "acme"}) {
        options.target = "db.links.example.com";
        options.profile = name;
        const auto made = endpoint_for(options);
        ASSERT_TRUE(std::holds_alternative<Endpoint>(made)) << name;
        EXPECT_EQ(std::get<Endpoint>(made).profile, "acme");
        EXPECT_EQ(std::get<Endpoint>(made).port, 7000);
        EXPECT_EQ(profile_of(std::get<Endpoint>(made))->name, "acme");
    }
    options.profile = "none";
    options.target = "db.links.example.com:7000";
    EXPECT_EQ(std::get<Endpoint>(endpoint_for(options)).profile, "");
}

const std::string page_file = std::string(WHYLINK_SOURCE_DIR) + "/docs/reference/profiles.md";

std::string page_text() {
    std::ifstream stream(page_file);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

/// With WHYLINK_UPDATE_DOCS in the environment the table is rewritten.
TEST(OwnProfiles, ThePageHasTheTableOfKeys) {
    const std::string before = "<!-- Printed from config/profile_keys.cpp; a test compares the two. -->\n";
    const std::string page = page_text();
    const std::size_t begin = page.find(before);
    const std::size_t end = page.find("<!-- Until here. -->\n");
    ASSERT_NE(begin, std::string::npos);
    ASSERT_NE(end, std::string::npos);
    const std::size_t first = begin + before.size();
    const std::string expected = "\n" + profile_keys_markdown() + "\n";
    if (std::getenv("WHYLINK_UPDATE_DOCS") != nullptr) {
        std::ofstream(page_file) << page.substr(0, first) << expected << page.substr(end);
        return;
    }
    EXPECT_EQ(page.substr(first, end - first), expected);
}

TEST(OwnProfiles, EveryKeyIsExplained) {
    for (const Key& key : profile_keys()) {
        EXPECT_TRUE(key.help.ends_with('.')) << key.name;
        EXPECT_FALSE(describe(key).empty()) << key.name;
        EXPECT_NE(key.required, !key.fallback.empty()) << key.name;
    }
}

/// The example of the page is a profile.
TEST(OwnProfiles, ThePageIsTrue) {
    const std::string page = page_text();
    const std::string fence = "```toml profile\n";
    const std::size_t begin = page.find(fence);
    ASSERT_NE(begin, std::string::npos);
    const std::size_t first = begin + fence.size();
    const std::size_t end = page.find("```\n", first);
    ASSERT_NE(end, std::string::npos);
    MemoryFiles files;
    files.texts["profiles.d/example.toml"] = page.substr(first, end - first);
    const OwnProfiles found = load_own_profiles("", files);
    for (const Error& error : found.errors) {
        ADD_FAILURE() << error.to_string();
    }
    ASSERT_EQ(found.profiles.size(), 1U);
    EXPECT_FALSE(found.profiles[0].profile->remedies.empty());
}

}  // namespace
}  // namespace whylink::config
