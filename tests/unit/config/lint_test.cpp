// Each row is a configuration and exactly the warnings that it must give.
#include "config/lint.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <iterator>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/config/memory_files.hpp"

namespace whylink::config {
namespace {

namespace fs = std::filesystem;

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
         {{5, 8, "endpoint.port: 443: Adobe Commerce offers no HTTPS over a private link"}}},
        {"AdobeCommercePort22",
         "[[endpoint]]\nname = \"a\"\nprofile = \"adobe-commerce-azure\"\nhost = \"10.0.0.4\"\nport = 22\n",
         {{5, 8, "use the SFTP port agreed with Adobe, such as 2222"}}},
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
         {{4, 8, "is an AWS endpoint service name, not a DNS name; use the DNS name of your endpoint"}}},
        {"AzureAliasAsHost",
         "[[endpoint]]\nname = \"a\"\nport = 443\n"
         "host = \"pls.1b2c3d4e-0000-0000-0000-000000000000.WestUS3.azure.privatelinkservice.\"\n",
         {{4, 8, "is an Azure Private Link Service alias, not a DNS name; use the address of"}}},
        {"ServiceNamesWhereTheyBelong",
         "[[endpoint]]\nname = \"a\"\nport = 443\nhost = \"db.example.com\"\n"
         "service = \"com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0\"\n",
         {}},
        {"CloudCloud",
         "[[endpoint]]\nname = \"a\"\nport = 9440\nhost = \"abcd.us-west-2.aws.clickhouse.cloud.cloud\"\n"
         "public_host = \"x.clickhouse.cloud.cloud\"\n"
         "[[zone]]\nname = \"z\"\nzone = \"privatelink.clickhouse.cloud.cloud\"\n",
         {{4, 8, "endpoint.host: \"abcd.us-west-2.aws.clickhouse.cloud.cloud\" ends in \".cloud.cloud\""},
          {5, 15, "endpoint.public_host: "},
          {8, 8, "zone.zone: "}}},
        {"OneCloud",
         "[[endpoint]]\nname = \"a\"\nport = 9440\nhost = \"abcd.us-west-2.aws.clickhouse.cloud\"\n",
         {}},
        {"PrivateNameUnjudged",
         "[[endpoint]]\nname = \"a\"\nport = 9440\n"
         "host = \"abcd.westus3.privatelink.azure.clickhouse.cloud\"\nprivate = false\n"
         "[[endpoint]]\nname = \"b\"\nport = 443\nprivate = false\n"
         "host = \"vpce-0123456789abcdef0-abcdefgh.vpce-svc-0.us-west-2.vpce.amazonaws.com\"\n"
         "[[zone]]\nname = \"z\"\nzone = \"westus3.privatelink.azure.clickhouse.cloud\"\nprivate = false\n",
         {{5, 11, "endpoint.private: false for a private name of "},
          {9, 11, "an AWS PrivateLink interface endpoint"},
          {14, 11, "zone.private: false for a private name of "}}},
        {"PublicNameUnjudged",
         "[[endpoint]]\nname = \"a\"\nport = 443\nhost = \"www.example.com\"\nprivate = false\n",
         {}},
        {"ZoneAndEndpointExpectOthers",
         "[[endpoint]]\nname = \"a\"\nport = 443\nhost = \"x.Example.com.\"\nexpect = [\"10.0.0.5\"]\n"
         "[[zone]]\nname = \"z\"\nzone = \"example.com\"\nexpect = [\"10.0.0.4\"]\n",
         {{5, 10, "endpoint.expect: 10.0.0.5 is not in expect of zone \"z\" (/w.toml:6), but a wildcard"}}},
        {"ZoneExpectsMore",
         "[[endpoint]]\nname = \"a\"\nport = 443\nhost = \"x.example.com\"\nexpect = [\"10.0.0.4\"]\n"
         "[[zone]]\nname = \"z\"\nzone = \"example.com\"\nexpect = [\"10.0.0.4\", \"10.0.0.5\"]\n",
         {{5, 10, "endpoint.expect: 10.0.0.5 of zone \"z\" (/w.toml:6) is missing"}}},
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
         {{3, 8, "set app = \"mysql\""}, {8, 8, "set app = \"mysql\""}}},
        {"MysqlSpoken",
         "[[endpoint]]\nname = \"a\"\nport = 3306\nhost = \"10.0.0.4\"\napp = \"mysql\"\n",
         {}},
        {"MysqlHeld",
         "[[endpoint]]\nname = \"a\"\nport = 3307\nhost = \"10.0.0.4\"\napp = \"mysql\"\nhold = \"6m\"\n",
         {{6, 8, "connect_timeout"}}},
        {"TimeoutOverInterval",
         "[[endpoint]]\nname = \"a\"\nport = 443\nhost = \"10.0.0.4\"\ninterval = \"10s\"\ntimeout = \"11s\"\n"
         "[[zone]]\nname = \"z\"\nzone = \"example.com\"\ninterval = \"4s\"\n",
         {{6, 11, "endpoint.timeout: timeout 11s is longer than interval 10s"},
          {10, 12, "zone.interval: timeout 5s is longer than interval 4s"}}},
        {"TimeoutOverIntervalOfTheDefaultsOnce",
         "[defaults]\ntimeout = \"1m\"\n"
         "[[endpoint]]\nname = \"a\"\nport = 443\nhost = \"10.0.0.4\"\n"
         "[[endpoint]]\nname = \"b\"\nport = 443\nhost = \"10.0.0.4\"\n"
         "[[endpoint]]\nname = \"c\"\nport = 443\nhost = \"10.0.0.4\"\ninterval = \"1m\"\n",
         {{2, 11, "defaults.timeout: timeout 1m is longer than interval 30s"}}},
        {"TimeoutOfAWatchIsNotUsed",
         "[[watch]]\nname = \"w\"\ndirection = \"inbound\"\nport = 443\nwindow = \"1s\"\n",
         {}},
        {"MoreRoundsThanMayBeUnderWay",
         "[daemon]\nmax_concurrent = 1\n"
         "[[endpoint]]\nname = \"a\"\nport = 443\nhost = \"10.0.0.4\"\ninterval = \"10s\"\n"
         "[[endpoint]]\nname = \"b\"\nport = 443\nhost = \"10.0.0.4\"\ninterval = \"10s\"\n",
         {{2, 18, "2 targets × 10 s ÷ 10 s = 2 concurrent checks"}}},
        {"AsManyRoundsAsMayBeUnderWay",
         "[daemon]\nmax_concurrent = 1\n"
         "[[endpoint]]\nname = \"a\"\nport = 443\nhost = \"10.0.0.4\"\ninterval = \"20s\"\n"
         "[[endpoint]]\nname = \"b\"\nport = 443\nhost = \"10.0.0.4\"\ninterval = \"20s\"\n",
         {}},
        {"SwitchedOffTargetsToo",
         "[[endpoint]]\nname = \"a\"\nenabled = false\nport = 3306\nhost = \"10.0.0.4\"\n",
         {{4, 8, "set app = \"mysql\""}}},
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
        std::istringstream words(warning.message);
        EXPECT_LE(std::distance(std::istream_iterator<std::string>(words), {}), 25) << warning.message;
        EXPECT_LT(warning.message.find(": "), warning.message.find("; ")) << warning.message;
    }
}

INSTANTIATE_TEST_SUITE_P(Rows, Lints, testing::ValuesIn(rows()),
                         [](const auto& row) { return std::string(row.param.name); });

// ---- keys ----

class KeysForEverybody final : public Files {
  public:
    std::variant<std::string, FileFault> read(const std::filesystem::path&) const override { return ""; }
    std::vector<std::string> list(const std::filesystem::path&, std::size_t) const override { return {}; }
    std::optional<FileFault> fault(const std::filesystem::path&) const override { return std::nullopt; }
    std::optional<std::string> exposure(const std::filesystem::path& file) const override {
        return file.extension() == ".key" ? std::optional<std::string>("everybody can read it")
                                          : std::nullopt;
    }
    std::optional<std::string> readable_by_prober(const std::filesystem::path& file) const override {
        return exposure(file);
    }
};

TEST(Lint, AKeyThatOthersMayReadIsWarnedOfOnceAtItsFirstUse) {
    const LoadResult loaded = load_text(
        "[[endpoint]]\nname = \"a\"\nport = 443\nhost = \"10.0.0.4\"\n"
        "[endpoint.tls]\ncert_file = \"/a.pem\"\nkey_file = \"/a.key\"\n"
        "[[endpoint]]\nname = \"b\"\nport = 443\nhost = \"10.0.0.4\"\n"
        "tls = { cert_file = \"/a.pem\", key_file = \"/a.key\" }\n"
        "[[endpoint]]\nname = \"c\"\nport = 443\nhost = \"10.0.0.4\"\n"
        "tls = { cert_file = \"/b.pem\", key_file = \"/b.pem\" }\n",
        "/w.toml", KeysForEverybody());
    ASSERT_TRUE(loaded.ok()) << loaded.errors.front().to_string();
    ASSERT_EQ(loaded.warnings.size(), 1U);
    EXPECT_EQ(
        loaded.warnings[0].to_string(),
        "/w.toml:7:12: endpoint.tls.key_file: \"/a.key\": everybody can read it; run `chown root:whylink` and "
        "`chmod 0640` on it");
}

TEST(Lint, ASecretOfAnAccountThatTheProberMayReadIsWarnedOf) {
    const LoadResult loaded = load_text(
        "daemon.allow_empty = true\n"
        "[[account]]\nname = \"a\"\nprovider = \"azure\"\nclient_secret_file = \"/a.key\"\n"
        "[[account]]\nname = \"b\"\nprovider = \"azure\"\nclient_secret_file = \"b.key\"\n"
        "[[account]]\nname = \"c\"\nprovider = \"aws\"\ncredentials_file = \"/c.ini\"\n",
        "/w.toml", KeysForEverybody());
    ASSERT_TRUE(loaded.ok()) << loaded.errors.front().to_string();
    ASSERT_EQ(loaded.warnings.size(), 1U) << "a name is a credential of the reader's unit alone";
    EXPECT_EQ(loaded.warnings[0].to_string(),
              "/w.toml:5:22: account.client_secret_file: \"/a.key\": everybody can read it, but only "
              "whylink-control needs it; run `chown root:whylink-control` and `chmod 0640` on it");
}

TEST(Lint, AnAccountOfGcpIsNotReadYet) {
    const LoadResult loaded =
        load_text("daemon.allow_empty = true\n[[account]]\nname = \"a\"\nprovider = \"gcp\"\n", "/w.toml");
    ASSERT_EQ(loaded.warnings.size(), 1U);
    EXPECT_EQ(
        loaded.warnings[0].to_string(),
        "/w.toml:4:12: account.provider: \"gcp\" is not read yet; the diagnosis does not use this account");
}

TEST(Lint, TheDaemonsOwnKeyIsLookedAtToo) {
    const LoadResult loaded = load_text(
        "[daemon]\nallow_empty = true\n[daemon.tls]\ncert_file = \"/a.pem\"\nkey_file = \"/a.key\"\n",
        "/w.toml", KeysForEverybody());
    ASSERT_TRUE(loaded.ok()) << loaded.errors.front().to_string();
    ASSERT_EQ(loaded.warnings.size(), 1U);
    EXPECT_EQ(loaded.warnings[0].line, 5U);
    EXPECT_EQ(loaded.warnings[0].column, 12U);
}

/// A file in a folder that everybody may enter.
class KeyFile {
  public:
    KeyFile() {
        fs::permissions(directory_.path(), fs::perms(0755));
        lab::make_file(path(), "key");
    }
    std::string path() const { return directory_ / "a.key"; }
    std::string exposure(unsigned mode) const {
        fs::permissions(path(), fs::perms(mode));
        return system_files().exposure(path()).value_or("none");
    }

  private:
    lab::TemporaryDirectory directory_;
};

TEST(Exposure, OfAKeyIsByItsMode) {
    const KeyFile key;
    for (const unsigned good : {0400U, 0600U, 0640U}) {
        EXPECT_EQ(key.exposure(good), "none");
    }
    EXPECT_EQ(key.exposure(0644), "everybody on this host can read it (mode 0644)");
    EXPECT_EQ(key.exposure(0602), "everybody on this host can change it (mode 0602)");
    EXPECT_EQ(key.exposure(0660), "its group can change it (mode 0660)");
}

TEST(Exposure, ToTheProberIsByTheModeOfASecret) {
    const KeyFile key;
    fs::permissions(key.path(), fs::perms(0604));
    EXPECT_EQ(system_files().readable_by_prober(key.path()),
              "everybody on this host can read it (mode 0604)");
    fs::permissions(key.path(), fs::perms(0600));
    if (geteuid() == 0) {
        EXPECT_EQ(system_files().readable_by_prober(key.path()), std::nullopt) << "root's own";
    }
}

TEST(Exposure, OfAKeyIsByItsOwner) {
    if (geteuid() != 0) {
        GTEST_SKIP() << "needs root, to give files away";
    }
    const KeyFile key;
    ASSERT_EQ(chown(key.path().c_str(), 12345, 0), 0);
    EXPECT_EQ(key.exposure(0600), "none") << "root may be asked about the file of any account";
    ASSERT_EQ(seteuid(65534), 0);
    const std::optional<std::string> exposure = system_files().exposure(key.path());
    ASSERT_EQ(seteuid(0), 0);
    EXPECT_EQ(exposure, "it belongs to user 12345, which is neither root nor this program's account");
}

TEST(Exposure, OfWhatIsNoFileIsNone) {
    EXPECT_EQ(system_files().exposure("/dev/null"), std::nullopt);
    EXPECT_EQ(system_files().exposure("/nonexistent"), std::nullopt);
}

TEST(Lint, WarnsOfNothingBesideErrors) {
    const LoadResult loaded = load_text(
        "[[endpoint]]\nname = \"a\"\nport = 3306\nhost = \"10.0.0.4\"\nhold = \"never\"\n", "/w.toml");
    EXPECT_EQ(loaded.errors.size(), 1U);
    EXPECT_TRUE(loaded.warnings.empty());
}

TEST(Lint, WarnsOfTooManyRoundsAtTheTopWhereNothingSaysHowManyMayBeUnderWay) {
    std::string toml = "[defaults]\ninterval = \"5s\"\n";
    for (int i = 0; i < 1001; ++i) {
        toml += "[[endpoint]]\nname = \"e" + std::to_string(i) + "\"\nport = 443\nhost = \"10.0.0.4\"\n";
    }
    const LoadResult loaded = load_text(toml, "/w.toml");
    ASSERT_TRUE(loaded.ok()) << loaded.errors.front().to_string();
    ASSERT_EQ(loaded.warnings.size(), 1U);
    EXPECT_EQ(
        loaded.warnings[0].to_string(),
        "/w.toml:1:1: daemon.max_concurrent: 1000 is too low if everything times out (1001 targets × 5 s ÷ 5 s = "
        "1001 concurrent checks on average); use 1001");
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
