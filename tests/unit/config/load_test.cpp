#include "config/load.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "memory_files.hpp"

namespace whylink::config {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

Config loaded(std::string_view text) {
    LoadResult result = load_text(text, "whylink.toml", MemoryFiles{});
    for (const Error& error : result.errors) {
        ADD_FAILURE() << error.to_string();
    }
    return std::move(result.config);
}

Endpoint only_endpoint(const std::string& lines) {
    Config config = loaded("[[endpoint]]\nname = \"a\"\n" + lines);
    const auto endpoints = all_of_kind<Endpoint>(config.targets);
    EXPECT_EQ(endpoints.size(), 1U);
    return endpoints.empty() ? Endpoint{} : *endpoints.front();
}

TEST(Load, AFileThatMayBeEmptyIsAllDefaults) {
    const Config config = loaded("[daemon]\nallow_empty = true\n");
    Config expected;
    expected.daemon.allow_empty = true;
    EXPECT_EQ(config, expected);
    EXPECT_EQ(config.daemon.listen, "127.0.0.1:9797");
    EXPECT_EQ(config.defaults.interval, milliseconds(30'000));
    EXPECT_EQ(config.capture.evidence_limit, 256ULL << 20);
}

TEST(Load, WhatIsSwitchedOffIsConfiguredAllTheSame) {
    EXPECT_EQ(
        loaded("[[endpoint]]\nname = \"a\"\nenabled = false\nhost = \"10.0.0.4\"\nport = 1\n").targets.size(),
        1U);
    EXPECT_EQ(loaded("[[watch]]\nname = \"w\"\ndirection = \"inbound\"\nport = 1\n").targets.size(), 1U);
}

TEST(Load, TheProfileIsLeftToTheNameWhereNoneIsGiven) {
    const auto by_name = [](const std::string& line) {
        const Config config = loaded("[[endpoint]]\nname = \"a\"\nport = 1\n" + line);
        return config.targets.front()->endpoint()->by_name;
    };
    EXPECT_TRUE(by_name("host = \"db.example.com\"\n").profile);
    EXPECT_FALSE(by_name("host = \"db.example.com\"\n").private_space);
    EXPECT_FALSE(by_name("host = \"db.example.com\"\nprofile = \"\"\n").profile);
    EXPECT_FALSE(by_name("host = \"db.example.com\"\nprofile = \"aws\"\n").profile);
    EXPECT_FALSE(by_name("host = \"10.0.0.4\"\n").profile);
}

TEST(Load, EveryKeyOfTheDaemonAndTheCapture) {
    const Config config = loaded(R"(
[daemon]
listen = "[::1]:0"
log_level = "debug"
log_format = "json"
max_concurrent = 7
metadata = true
allow_empty = true
[capture]
enabled = true
interface = "eth0"
evidence_dir = "/srv/evidence"
evidence_limit = "1GiB"
[history]
enabled = false
max_age = "30d"
max_size = "1GiB"
)");
    EXPECT_EQ(config.daemon.listen, "[::1]:0");
    EXPECT_EQ(config.daemon.log_level, LogLevel::debug);
    EXPECT_EQ(config.daemon.log_format, LogFormat::json);
    EXPECT_EQ(config.daemon.max_concurrent, 7U);
    EXPECT_TRUE(config.daemon.metadata);
    EXPECT_TRUE(config.daemon.allow_empty);
    EXPECT_EQ(config.capture.mode, CaptureMode::required);
    EXPECT_EQ(config.capture.interface, "eth0");
    EXPECT_EQ(config.capture.evidence_dir, "/srv/evidence");
    EXPECT_EQ(config.capture.evidence_limit, 1ULL << 30);
    EXPECT_FALSE(config.history.enabled);
    EXPECT_EQ(config.history.max_age, std::chrono::hours(30 * 24));
    EXPECT_EQ(config.history.max_size, 1ULL << 30);
    EXPECT_EQ(loaded("[daemon]\nallow_empty = true\nlisten = \"\"").daemon.listen, "");
    EXPECT_EQ(loaded("daemon.allow_empty = true\n[capture]\nenabled = false").capture.mode, CaptureMode::off);
    EXPECT_EQ(loaded("daemon.allow_empty = true\n[capture]\nenabled = \"auto\"").capture.mode,
              CaptureMode::automatic);
}

TEST(Load, WhatMayBeProbedOnDemandIsEnoughToStartWith) {
    const Config config = loaded("[probe]\nallow = [\"10.0.0.0/8\", \"fd00::4\"]\n");
    EXPECT_EQ(config.on_demand.allow, (std::vector{*Cidr::parse("10.0.0.0/8"), *Cidr::parse("fd00::4")}));
    EXPECT_TRUE(config.targets.empty());
}

TEST(Load, EveryKeyOfAnAccount) {
    const Config config = loaded(R"(
[daemon]
allow_empty = true
[[account]]
name = "reader"
provider = "aws"
region = "eu-west-1"
profile = "ops"
credentials_file = "keys/aws"
role_arn = "arn:aws:iam::123456789012:role/whylink"
interval = "5m"
[[account]]
name = "principal"
provider = "azure"
subscription = "s"
tenant_id = "t"
client_id = "c"
client_secret_file = "secret"
[[account]]
name = "project"
provider = "gcp"
project = "p"
[[account]]
name = "vendor"
provider = "clickhouse"
key_id = "k"
key_secret_file = "/keys/vendor"
organization = "o"
)");
    ASSERT_EQ(config.accounts.size(), 4U);
    const Account& aws = config.accounts[0];
    EXPECT_EQ(aws.name, "reader");
    EXPECT_EQ(aws.provider, AccountProvider::aws);
    EXPECT_EQ(aws.region, "eu-west-1");
    EXPECT_EQ(aws.profile, "ops");
    EXPECT_TRUE(aws.credentials_file.ends_with("/keys/aws")) << aws.credentials_file;
    EXPECT_EQ(aws.role_arn, "arn:aws:iam::123456789012:role/whylink");
    EXPECT_EQ(aws.interval, std::chrono::minutes(5));
    const Account& azure = config.accounts[1];
    EXPECT_EQ(azure.subscription, "s");
    EXPECT_EQ(azure.tenant_id, "t");
    EXPECT_EQ(azure.client_id, "c");
    EXPECT_EQ(azure.client_secret_file, "secret");
    EXPECT_EQ(azure.interval, std::chrono::minutes(15));
    EXPECT_EQ(config.accounts[2].project, "p");
    const Account& vendor = config.accounts[3];
    EXPECT_EQ(vendor.key_id, "k");
    EXPECT_EQ(vendor.key_secret_file, "/keys/vendor");
    EXPECT_EQ(vendor.organization, "o");
}

TEST(Load, EveryKeyOfAnEndpoint) {
    const Endpoint endpoint = only_endpoint(R"(
enabled = false
host = "abcd.privatelink.example.com."
port = 6380
expect = ["10.0.0.4", "fd00::/8"]
private = false
family = "ipv4"
app = "expect"
http_path = "/health"
http_status = [200, 204]
settle = "0s"
proxy_protocol = "v2"
experiments = false
hold = "6m"
source_address = "10.0.0.7"
interface = "eth1"
mark = 4294967295
public_host = "abcd.example.com"
endpoint_id = "vpce-1"
service = "svc"
interval = "1m"
timeout = "300ms"
resolvers = ["10.0.0.2:5353", "system"]
failure_threshold = 3
success_threshold = 4
[endpoint.labels]
team = "data"
[endpoint.tls]
server_name = "db.example.com"
verify = false
min_version = "1.3"
alpn = ["h2", "http/1.1"]
expiry_warning = "30d"
[[endpoint.expect_script]]
send = "PING\r\n"
expect = "+PONG"
[[endpoint.expect_script]]
starttls = true
)");
    EXPECT_FALSE(endpoint.enabled);
    EXPECT_EQ(endpoint.host, "abcd.privatelink.example.com.");
    EXPECT_FALSE(endpoint.address);
    EXPECT_EQ(endpoint.port, 6380);
    EXPECT_EQ(endpoint.expect, (std::vector{*Cidr::parse("10.0.0.4"), *Cidr::parse("fd00::/8")}));
    EXPECT_FALSE(endpoint.private_space);
    EXPECT_EQ(endpoint.family, Family::ipv4);
    EXPECT_EQ(endpoint.app, App::expect);
    EXPECT_EQ(endpoint.http_path, "/health");
    EXPECT_EQ(endpoint.http_status, (std::vector<unsigned>{200, 204}));
    EXPECT_EQ(endpoint.settle, milliseconds(0));
    EXPECT_EQ(endpoint.proxy_protocol, ProxyProtocol::v2);
    EXPECT_FALSE(endpoint.experiments);
    EXPECT_EQ(endpoint.hold, std::chrono::minutes(6));
    EXPECT_EQ(endpoint.hold_interval, std::chrono::hours(1));
    EXPECT_EQ(endpoint.source_address, IpAddress::parse("10.0.0.7"));
    EXPECT_EQ(endpoint.interface, "eth1");
    EXPECT_EQ(endpoint.mark, 4294967295U);
    EXPECT_EQ(endpoint.public_host, "abcd.example.com");
    EXPECT_EQ(endpoint.endpoint_id, "vpce-1");
    EXPECT_EQ(endpoint.service, "svc");
    EXPECT_EQ(endpoint.interval, milliseconds(60'000));
    EXPECT_EQ(endpoint.timeout, milliseconds(300));
    EXPECT_EQ(endpoint.resolvers, (std::vector<Resolver>{{false, *IpAddress::parse("10.0.0.2"), 5353}, {}}));
    EXPECT_EQ(endpoint.failure_threshold, 3U);
    EXPECT_EQ(endpoint.success_threshold, 4U);
    EXPECT_EQ(endpoint.labels, (std::map<std::string, std::string>{{"team", "data"}}));
    EXPECT_EQ(endpoint.tls.mode, TlsMode::required);
    EXPECT_EQ(endpoint.tls.server_name, "db.example.com");
    EXPECT_FALSE(endpoint.tls.verify);
    EXPECT_EQ(endpoint.tls.min_version, TlsVersion::tls1_3);
    EXPECT_EQ(endpoint.tls.alpn, (std::vector<std::string>{"h2", "http/1.1"}));
    EXPECT_EQ(endpoint.tls.expiry_warning, std::chrono::hours(30 * 24));
    EXPECT_EQ(endpoint.expect_script,
              (std::vector<ExpectStep>{{"PING\r\n", "+PONG", false}, {"", "", true}}));
}

TEST(Load, EveryKeyOfAZoneAndAWatch) {
    const Config config = loaded(R"(
[[zone]]
name = "z"
enabled = false
zone = "privatelink.example.com"
expect = ["10.0.0.4"]
private = false
family = "ipv6"
known_labels = ["abcd", "1234", "a.b", "_x"]
random_labels = 32
timeout = "1s"
labels = { team = "data" }
[[watch]]
name = "w"
enabled = false
direction = "outbound"
peer = ["10.1.0.0/24"]
window = "1m"
expect_traffic = "2m"
service = "vpce-svc-1"
payload = true
labels = { team = "data" }
[[watch]]
name = "w2"
direction = "inbound"
port = 6379
)");
    ASSERT_EQ(all_of_kind<Zone>(config.targets).size(), 1U);
    const Zone& zone = *all_of_kind<Zone>(config.targets).front();
    EXPECT_FALSE(zone.enabled);
    EXPECT_EQ(zone.zone, "privatelink.example.com");
    EXPECT_EQ(zone.expect.size(), 1U);
    EXPECT_FALSE(zone.private_space);
    // An IPv4 address is what NAT64 answers are judged by, so this is no contradiction.
    EXPECT_EQ(zone.family, Family::ipv6);
    EXPECT_EQ(zone.known_labels, (std::vector<std::string>{"abcd", "1234", "a.b", "_x"}));
    EXPECT_EQ(zone.random_labels, 32U);
    EXPECT_EQ(zone.timeout, milliseconds(1'000));
    EXPECT_EQ(zone.labels.at("team"), "data");
    ASSERT_EQ(all_of_kind<Watch>(config.targets).size(), 2U);
    const Watch& watch = *all_of_kind<Watch>(config.targets).front();
    EXPECT_FALSE(watch.enabled);
    EXPECT_EQ(watch.direction, Direction::outbound);
    EXPECT_EQ(watch.port, 0);
    EXPECT_EQ(watch.peer.size(), 1U);
    EXPECT_EQ(watch.window, milliseconds(60'000));
    EXPECT_EQ(watch.expect_traffic, milliseconds(120'000));
    EXPECT_EQ(watch.service, "vpce-svc-1");
    EXPECT_TRUE(watch.payload);
    EXPECT_FALSE(all_of_kind<Watch>(config.targets).back()->payload);
    EXPECT_EQ(watch.labels.at("team"), "data");
    EXPECT_EQ(all_of_kind<Watch>(config.targets).back()->port, 6379);
    EXPECT_FALSE(all_of_kind<Watch>(config.targets).back()->expect_traffic);
}

TEST(Load, DefaultsApplyWhereTheKeyIsNotSetWhereverTheyStand) {
    const Config config = loaded(R"(
[[endpoint]]
name = "a"
host = "db.example.com"
port = 443
timeout = "1s"
[[zone]]
name = "z"
zone = "example.com"
[defaults]
interval = "10s"
timeout = "2s"
resolvers = ["10.0.0.2"]
failure_threshold = 5
)");
    const Endpoint& endpoint = *all_of_kind<Endpoint>(config.targets).front();
    EXPECT_EQ(endpoint.interval, milliseconds(10'000));
    EXPECT_EQ(endpoint.timeout, milliseconds(1'000));
    EXPECT_EQ(endpoint.failure_threshold, 5U);
    EXPECT_EQ(endpoint.success_threshold, 1U);
    const Zone& zone = *all_of_kind<Zone>(config.targets).front();
    EXPECT_EQ(zone.timeout, milliseconds(2'000));
    EXPECT_EQ(zone.resolvers, config.defaults.resolvers);
    EXPECT_EQ(config.defaults.interval, milliseconds(10'000));
}

TEST(Load, AProfileFillsInAndExplicitKeysWin) {
    const std::string host = "host = \"db.example.com\"\n";
    const Endpoint filled = only_endpoint("profile = \"clickhouse-azure\"\n" + host);
    EXPECT_EQ(filled.profile, "clickhouse-azure");
    EXPECT_EQ(filled.port, 9440);
    EXPECT_EQ(filled.app, App::none);
    EXPECT_EQ(filled.tls.mode, TlsMode::required);

    // The order of the keys does not matter.
    const Endpoint explicit_keys = only_endpoint("port = 8443\napp = \"clickhouse\"\ntls = false\n" + host +
                                                 "profile = \"clickhouse-azure\"\n");
    EXPECT_EQ(explicit_keys.port, 8443);
    EXPECT_EQ(explicit_keys.app, App::clickhouse);
    EXPECT_EQ(explicit_keys.tls.mode, TlsMode::off);

    const Endpoint plain = only_endpoint("profile = \"adobe-commerce-aws\"\n" + host);
    EXPECT_EQ(plain.port, 80);
    EXPECT_EQ(plain.app, App::none);
    EXPECT_EQ(plain.tls.mode, TlsMode::off);
    EXPECT_EQ(only_endpoint("profile = \"adobe-commerce-aws\"\ntls = true\n" + host).tls.mode,
              TlsMode::required);
    EXPECT_EQ(only_endpoint("profile = \"adobe-commerce-aws\"\n" + host + "[endpoint.tls]\nverify = false\n")
                  .tls.mode,
              TlsMode::required);
}

TEST(Load, TlsIsOnWithoutAProfile) {
    EXPECT_EQ(only_endpoint("host = \"db.example.com\"\nport = 443\n").tls, [] {
        Tls tls;
        tls.server_name = "db.example.com";
        return tls;
    }());
    EXPECT_EQ(only_endpoint("host = \"db.example.com\"\nport = 443\ntls = false\n").tls.mode, TlsMode::off);
}

TEST(Load, TheServerNameIsTheHostWithoutItsDot) {
    EXPECT_EQ(only_endpoint("host = \"db.example.com.\"\nport = 443\n").tls.server_name, "db.example.com");
    EXPECT_EQ(only_endpoint("host = \"10.0.0.4\"\nport = 443\n").tls.server_name, "");
    EXPECT_EQ(only_endpoint("host = \"10.0.0.4\"\nport = 443\ntls = {server_name = \"db.example.com.\"}\n")
                  .tls.server_name,
              "db.example.com");
    EXPECT_EQ(
        only_endpoint("host = \"db.example.com\"\nport = 443\ntls = {server_name = \"\"}\n").tls.server_name,
        "db.example.com");
}

TEST(Load, AnAddressAsHostIsKept) {
    const Endpoint endpoint = only_endpoint("host = \"fd00::4\"\nport = 443\n");
    EXPECT_EQ(endpoint.host, "fd00::4");
    EXPECT_EQ(endpoint.address, IpAddress::parse("fd00::4"));
}

TEST(Load, FilesOfTlsAreRelativeToTheConfig) {
    MemoryFiles files;
    files.texts["/etc/whylink/ca.pem"] = "";
    files.texts["/srv/client.pem"] = "";
    const LoadResult result = load_text(R"(
[[endpoint]]
name = "a"
host = "db.example.com"
port = 443
[endpoint.tls]
ca_file = "ca.pem"
cert_file = "/srv/client.pem"
key_file = "../../srv/client.pem"
)",
                                        "/etc/whylink/whylink.toml", files);
    ASSERT_TRUE(result.ok()) << result.errors.front().to_string();
    const Tls& tls = all_of_kind<Endpoint>(result.config.targets).front()->tls;
    EXPECT_EQ(tls.ca_file, "/etc/whylink/ca.pem");
    EXPECT_EQ(tls.cert_file, "/srv/client.pem");
    EXPECT_EQ(tls.key_file, "/srv/client.pem");
}

TEST(Load, IncludedFilesShareDefaultsAndComeInOrder) {
    MemoryFiles files;
    files.texts["etc/conf.d/20.toml"] = "[[zone]]\nname = \"z\"\nzone = \"example.com\"\n";
    files.texts["etc/conf.d/10.toml"] =
        "[[endpoint]]\nname = \"b\"\nhost = \"db.example.com\"\nport = 443\n[defaults]\ntimeout = \"1s\"\n";
    const LoadResult result = load_text(
        "include = [\"conf.d/*.toml\", \"none.d/*.toml\", \"conf.d/1?.toml\", \"*.toml\"]\n"
        "[[endpoint]]\nname = \"a\"\nhost = \"db.example.com\"\nport = 443\n",
        "etc/whylink.toml", files);
    ASSERT_TRUE(result.ok()) << result.errors.front().to_string();
    ASSERT_EQ(all_of_kind<Endpoint>(result.config.targets).size(), 2U);
    EXPECT_EQ(all_of_kind<Endpoint>(result.config.targets)[0]->name, "a");
    EXPECT_EQ(all_of_kind<Endpoint>(result.config.targets)[0]->timeout, milliseconds(1'000));
    EXPECT_EQ(all_of_kind<Endpoint>(result.config.targets)[1]->name, "b");
    EXPECT_EQ(all_of_kind<Zone>(result.config.targets).at(0)->timeout, milliseconds(1'000));
}

TEST(Load, PathsInAnIncludedFileAreRelativeToIt) {
    MemoryFiles files;
    files.texts["/etc/conf.d/ca.pem"] = "";
    files.texts["/etc/conf.d/a.toml"] =
        "[[endpoint]]\nname = \"a\"\nhost = \"db.example.com\"\nport = 443\ntls = {ca_file = \"ca.pem\"}\n";
    const LoadResult result = load_text("include = [\"conf.d/a.toml\"]\n", "/etc/whylink.toml", files);
    ASSERT_TRUE(result.ok()) << result.errors.front().to_string();
    EXPECT_EQ(all_of_kind<Endpoint>(result.config.targets).front()->tls.ca_file, "/etc/conf.d/ca.pem");
}

TEST(Load, ErrorsOfSeveralFilesComeFileByFile) {
    MemoryFiles files;
    files.texts["b.toml"] = "x = 1\n";
    files.texts["a.toml"] = "\n[[zone]]\nname = \"z\"\n";
    const LoadResult result = load_text("include = [\"?.toml\"]\nyy = 2\n", "whylink.toml", files);
    std::vector<std::string> places;
    for (const Error& error : result.errors) {
        places.push_back(error.file + ":" + std::to_string(error.line));
    }
    EXPECT_EQ(places, (std::vector<std::string>{"whylink.toml:2", "a.toml:2", "b.toml:1"}));
}

TEST(Load, TenThousandEndpoints) {
    std::string text;
    for (int i = 0; i < 10'000; ++i) {
        text += "[[endpoint]]\nname = \"e" + std::to_string(i) + "\"\nhost = \"10.0.0.4\"\nport = 443\n";
    }
    EXPECT_EQ(all_of_kind<Endpoint>(loaded(text).targets).size(), 10'000U);
}

class LoadFile : public testing::Test {
  public:
    LoadFile(const LoadFile&) = delete;
    LoadFile& operator=(const LoadFile&) = delete;

  protected:
    LoadFile() {
        std::string pattern = (fs::temp_directory_path() / "whylink-load-XXXXXX").string();
        directory = mkdtemp(pattern.data());
    }
    ~LoadFile() override { fs::remove_all(directory); }
    std::string only_error(const fs::path& file) const {
        const LoadResult result = load_file(file);
        EXPECT_EQ(result.errors.size(), 1U);
        return result.ok() ? "" : result.errors.front().to_string();
    }

    void write(const std::string& name, std::string_view text) const {
        std::ofstream(directory / name) << text;
    }

    fs::path directory;
};

constexpr auto readable = "use the path of a readable file, such as \"/etc/whylink/ca.pem\"";

TEST_F(LoadFile, ReadsAFileAndWhatItIncludes) {
    fs::create_directory(directory / "conf.d");
    write("whylink.toml", "include = [\"conf.d/*.toml\"]\n");
    write("conf.d/a.toml", "[[zone]]\nname = \"z\"\nzone = \"example.com\"\n");
    const LoadResult result = load_file(directory / "whylink.toml");
    ASSERT_TRUE(result.ok()) << result.errors.front().to_string();
    EXPECT_EQ(all_of_kind<Zone>(result.config.targets).size(), 1U);
}

TEST_F(LoadFile, AFileThatIsMissingIsAnError) {
    const std::string path = (directory / "none.toml").string();
    EXPECT_EQ(only_error(path), path + ":1:1: cannot read this file: No such file or directory");
}

TEST_F(LoadFile, ADirectoryIsAnError) {
    EXPECT_EQ(only_error(directory), directory.string() + ":1:1: cannot read this file: Is a directory");
}

/// Root may read every file, so it takes another user's part for a while.
class AsNobody {
  public:
    AsNobody() : root_(geteuid() == 0) { EXPECT_EQ(root_ ? seteuid(65'534) : 0, 0); }
    ~AsNobody() { EXPECT_EQ(root_ ? seteuid(0) : 0, 0); }
    AsNobody(const AsNobody&) = delete;
    AsNobody& operator=(const AsNobody&) = delete;

  private:
    bool root_;
};

TEST_F(LoadFile, FilesThatMayNotBeReadAreErrors) {
    write("secret.pem", "");
    write("whylink.toml",
          "[[endpoint]]\nname = \"a\"\nhost = \"h\"\nport = 1\ntls = {ca_file = \"secret.pem\"}\n");
    ASSERT_EQ(chmod(directory.c_str(), 0755), 0);
    ASSERT_EQ(chmod((directory / "secret.pem").c_str(), 0), 0);
    const std::string config = (directory / "whylink.toml").string();
    const AsNobody nobody;
    EXPECT_EQ(only_error(config), config + ":5:18: endpoint.tls.ca_file: cannot read \"" +
                                      (directory / "secret.pem").string() + "\": Permission denied; " +
                                      readable);
    const std::string secret = (directory / "secret.pem").string();
    EXPECT_EQ(only_error(secret), secret + ":1:1: cannot read this file: Permission denied");
}

TEST_F(LoadFile, ANamedPipeIsAnErrorAndIsNotWaitedFor) {
    const std::string pipe = (directory / "pipe").string();
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_EQ(only_error(pipe), pipe + ":1:1: cannot read this file: a named pipe, which may never end");
    write("whylink.toml", "[[endpoint]]\nname = \"a\"\nhost = \"h\"\nport = 1\ntls = {ca_file = \"pipe\"}\n");
    const std::string config = (directory / "whylink.toml").string();
    EXPECT_EQ(only_error(config), config + ":5:18: endpoint.tls.ca_file: cannot read \"" + pipe +
                                      "\": a named pipe, which may never end; " + readable);
}

TEST_F(LoadFile, AnEndlessFileIsAnError) {
    EXPECT_EQ(only_error("/dev/zero"), "/dev/zero:1:1: cannot read this file: larger than 64 MiB");
}

}  // namespace
}  // namespace whylink::config
