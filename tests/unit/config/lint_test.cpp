// Each row is a configuration and exactly the warnings that it must give.
#include "config/lint.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"
#include "tests/unit/config/memory_files.hpp"

namespace whylink::config {
namespace {

struct Expected {
    unsigned line;
    unsigned column;
    std::string_view part;  ///< of the message
};

struct Row {
    std::string_view name;
    std::string_view toml;
    std::vector<Expected> warnings;
};

void PrintTo(const Row& row, std::ostream* out) {
    *out << row.name;
}

std::vector<Row> rows() {
    return {
        {"AdobeCommercePort443",
         "[[endpoint]]\nname = \"a\"\nprofile = \"adobe-commerce-aws\"\nhost = \"10.0.0.4\"\nport = 443\n",
         {{5, 8, "no HTTPS (443) over a private link"}}},
        {"AdobeCommercePort22",
         "[[endpoint]]\nname = \"a\"\nprofile = \"adobe-commerce-azure\"\nhost = \"10.0.0.4\"\nport = 22\n",
         {{5, 8, "no SSH over a private link"}}},
        {"AdobeCommerceOtherPorts",
         "[[endpoint]]\nname = \"a\"\nprofile = \"adobe-commerce-aws\"\nhost = \"10.0.0.4\"\nport = 2222\n"
         "app = \"none\"\n",
         {}},
        {"Port443OfSomebodyElse",
         "[[endpoint]]\nname = \"a\"\nprofile = \"clickhouse-aws\"\nhost = \"10.0.0.4\"\nport = 443\n",
         {}},
        {"AwsServiceNameAsHost",
         "[[endpoint]]\nname = \"a\"\nport = 443\n"
         "host = \"com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0\"\n",
         {{4, 8, "is the name of an AWS endpoint service"}}},
        {"AzureAliasAsHost",
         "[[endpoint]]\nname = \"a\"\nport = 443\n"
         "host = \"pls.1b2c3d4e-0000-0000-0000-000000000000.WestUS3.azure.privatelinkservice.\"\n",
         {{4, 8, "is the alias of an Azure Private Link Service"}}},
        {"ServiceNamesWhereTheyBelong",
         "[[endpoint]]\nname = \"a\"\nport = 443\nhost = \"db.example.com\"\n"
         "service = \"com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0\"\n",
         {}},
        {"CloudCloud",
         "[[endpoint]]\nname = \"a\"\nport = 9440\nhost = \"abcd.us-west-2.aws.clickhouse.cloud.cloud\"\n"
         "public_host = \"x.clickhouse.cloud.cloud\"\n"
         "[[zone]]\nname = \"z\"\nzone = \"privatelink.clickhouse.cloud.cloud\"\n",
         {{4, 8, "one \".cloud\" is right"}, {5, 15, "\"public_host\""}, {8, 8, "\"zone\""}}},
        {"OneCloud",
         "[[endpoint]]\nname = \"a\"\nport = 9440\nhost = \"abcd.us-west-2.aws.clickhouse.cloud\"\n",
         {}},
        {"PrivateNameUnjudged",
         "[[endpoint]]\nname = \"a\"\nport = 9440\n"
         "host = \"abcd.westus3.privatelink.azure.clickhouse.cloud\"\nprivate = false\n"
         "[[endpoint]]\nname = \"b\"\nport = 443\nprivate = false\n"
         "host = \"vpce-0123456789abcdef0-abcdefgh.vpce-svc-0.us-west-2.vpce.amazonaws.com\"\n"
         "[[zone]]\nname = \"z\"\nzone = \"westus3.privatelink.azure.clickhouse.cloud\"\nprivate = false\n",
         {{5, 11, "private = false"},
          {9, 11, "an AWS PrivateLink interface endpoint"},
          {14, 11, "private = false"}}},
        {"PublicNameUnjudged",
         "[[endpoint]]\nname = \"a\"\nport = 443\nhost = \"www.example.com\"\nprivate = false\n",
         {}},
        {"ZoneAndEndpointExpectOthers",
         "[[endpoint]]\nname = \"a\"\nport = 443\nhost = \"x.Example.com.\"\nexpect = [\"10.0.0.5\"]\n"
         "[[zone]]\nname = \"z\"\nzone = \"example.com\"\nexpect = [\"10.0.0.4\"]\n",
         {{5, 10,
           "\"expect\" has 10.0.0.5, and that of the zone \"z\" that it lies in (/w.toml:6) has not"}}},
        {"ZoneExpectsMore",
         "[[endpoint]]\nname = \"a\"\nport = 443\nhost = \"x.example.com\"\nexpect = [\"10.0.0.4\"]\n"
         "[[zone]]\nname = \"z\"\nzone = \"example.com\"\nexpect = [\"10.0.0.4\", \"10.0.0.5\"]\n",
         {{5, 10, "\"expect\" lacks 10.0.0.5"}}},
        {"ZoneAndEndpointAgree",
         "[[endpoint]]\nname = \"a\"\nport = 443\nhost = \"x.example.com\"\nexpect = [\"10.0.0.4\", "
         "\"fd00::4\"]\n"
         "[[endpoint]]\nname = \"b\"\nport = 443\nhost = \"x.y.example.com\"\nexpect = [\"10.1.0.0/24\"]\n"
         "[[endpoint]]\nname = \"c\"\nport = 443\nhost = \"elsewhere-example.com\"\nexpect = [\"10.9.0.1\"]\n"
         "[[zone]]\nname = \"z\"\nzone = \"example.com\"\nexpect = [\"10.0.0.0/24\"]\n"
         "[[zone]]\nname = \"y\"\nzone = \"y.example.com\"\nexpect = [\"10.1.0.7\"]\n",
         {}},
        {"PlainProbeOfMysql",
         "[[endpoint]]\nname = \"a\"\nport = 3306\nhost = \"10.0.0.4\"\ntls = false\n"
         "[[endpoint]]\nname = \"b\"\nport = 3306\nhost = \"10.0.0.4\"\n",
         {{3, 8, "Host is blocked"}, {8, 8, "Host is blocked"}}},
        {"MysqlSpoken",
         "[[endpoint]]\nname = \"a\"\nport = 3306\nhost = \"10.0.0.4\"\napp = \"mysql\"\n",
         {}},
        {"MysqlHeld",
         "[[endpoint]]\nname = \"a\"\nport = 3307\nhost = \"10.0.0.4\"\napp = \"mysql\"\nhold = \"6m\"\n",
         {{6, 8, "connect_timeout"}}},
        {"SwitchedOffTargetsToo",
         "[[endpoint]]\nname = \"a\"\nenabled = false\nport = 3306\nhost = \"10.0.0.4\"\n",
         {{4, 8, "Host is blocked"}}},
    };
}

class Lints : public testing::TestWithParam<Row> {};

TEST_P(Lints, GiveExactlyTheseWarnings) {
    const LoadResult loaded = load_text(GetParam().toml, "/w.toml");
    ASSERT_TRUE(loaded.ok()) << loaded.errors.front().to_string();
    ASSERT_EQ(loaded.warnings.size(), GetParam().warnings.size());
    for (std::size_t i = 0; i < loaded.warnings.size(); ++i) {
        const Error& warning = loaded.warnings[i];
        const Expected& expected = GetParam().warnings[i];
        EXPECT_EQ(warning.line, expected.line) << warning.message;
        EXPECT_EQ(warning.column, expected.column) << warning.message;
        EXPECT_NE(warning.message.find(expected.part), std::string::npos) << warning.message;
    }
}

INSTANTIATE_TEST_SUITE_P(Rows, Lints, testing::ValuesIn(rows()),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Lint, WarnsOfNothingBesideErrors) {
    const LoadResult loaded = load_text(
        "[[endpoint]]\nname = \"a\"\nport = 3306\nhost = \"10.0.0.4\"\nhold = \"never\"\n", "/w.toml");
    EXPECT_EQ(loaded.errors.size(), 1U);
    EXPECT_TRUE(loaded.warnings.empty());
}

TEST(Lint, FollowsTheOrderOfTheFiles) {
    MemoryFiles files;
    files.texts["/conf.d/b.toml"] = "[[endpoint]]\nname = \"b\"\nport = 3306\nhost = \"10.0.0.4\"\n";
    const LoadResult loaded = load_text(
        "include = [\"conf.d/*.toml\"]\n[[zone]]\nname = \"z\"\nzone = \"x.cloud.cloud\"\n"
        "[[endpoint]]\nname = \"a\"\nport = 3306\nhost = \"10.0.0.4\"\n",
        "/w.toml", files);
    ASSERT_EQ(loaded.warnings.size(), 3U);
    EXPECT_EQ(loaded.warnings[0].to_string("warning").substr(0, 22), "/w.toml:4:8: warning: ");
    EXPECT_EQ(loaded.warnings[1].to_string().substr(0, 13), "/w.toml:7:8: ");
    EXPECT_EQ(loaded.warnings[2].file, "/conf.d/b.toml");
}

}  // namespace
}  // namespace whylink::config
