#include "config/show.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "config/load.hpp"
#include "config/profiles.hpp"
#include "memory_files.hpp"
#include "tests/support/without_sends.hpp"

namespace whylink::config {
namespace {

namespace fs = std::filesystem;

void expect_same_after_show(const Config& given) {
    const Config config = lab::without_sends(given);
    const std::string shown = show(config);
    const LoadResult again = load_text(shown, "/shown/whylink.toml");
    for (const Error& error : again.errors) {
        ADD_FAILURE() << error.to_string();
    }
    EXPECT_TRUE(again.config == config) << shown;
    EXPECT_EQ(show(again.config), shown);
}

std::vector<fs::path> good_files() {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(fs::path(WHYLINK_CONFIG_TEST_DIR) / "good")) {
        if (entry.path().extension() == ".toml") {
            files.push_back(entry.path());
        }
    }
    std::ranges::sort(files);
    return files;
}

class GoodConfig : public testing::TestWithParam<fs::path> {};

TEST_P(GoodConfig, LoadsAndComesBackTheSame) {
    const LoadResult result = load_file(GetParam());
    for (const Error& error : result.errors) {
        ADD_FAILURE() << error.to_string();
    }
    expect_same_after_show(result.config);
}

INSTANTIATE_TEST_SUITE_P(All, GoodConfig, testing::ValuesIn(good_files()),
                         [](const auto& file) { return file.param.stem().string(); });

TEST(Show, TheDefaultsComeBackTheSame) {
    Config config;
    config.daemon.allow_empty = true;
    expect_same_after_show(config);
}

/// Configs at random, but always the same ones.
class Generator {
  public:
    Config config() {
        Config result;
        result.daemon.log_level = one<LogLevel>();
        result.daemon.log_format = one<LogFormat>();
        result.daemon.listen = flip() ? "" : "[fd00::1]:9797";
        result.daemon.allow_empty = true;
        if (flip()) {
            result.on_demand.allow = {*Cidr::parse("10.0.0.0/8"), *Cidr::parse("fd00::4")};
        }
        result.capture.mode = static_cast<CaptureMode>(number(0, 2));
        result.capture.evidence_dir = "/srv/" + std::to_string(number(0, 99)) + " \"x\" \\y";
        result.capture.evidence_limit = number(1'024, 1ULL << 40);
        result.history.enabled = flip();
        result.history.max_size = number(16ULL << 20, 1ULL << 40);
        result.defaults = common();
        for (std::uint64_t i = number(0, 3); i > 0; --i) {
            result.targets.push_back(make_target(endpoint()));
        }
        for (std::uint64_t i = number(0, 2); i > 0; --i) {
            result.targets.push_back(make_target(zone()));
        }
        for (std::uint64_t i = number(0, 2); i > 0; --i) {
            result.targets.push_back(make_target(watch(result.defaults)));
        }
        return result;
    }

  private:
    std::uint64_t number(std::uint64_t least, std::uint64_t most) {
        return std::uniform_int_distribution<std::uint64_t>(least, most)(random_);
    }
    bool flip() { return number(0, 1) == 1; }
    Duration duration(std::uint64_t least, std::uint64_t most) {
        return Duration(static_cast<Duration::rep>(number(least, most)));
    }
    template <Vocabulary E>
    E one() {
        return static_cast<E>(number(0, count_of<E> - 1));
    }

    std::string name() { return "n" + std::to_string(++names_) + (flip() ? " \"\\#é" : ""); }

    /// Of any characters that TOML can carry.
    std::string text() {
        static constexpr std::array<std::string_view, 8> pieces{"a",    "\"", "\\",       "\n",
                                                                "\r\t", "ü",  "\x01\x7F", "'''"};
        std::string result;
        for (std::uint64_t i = number(0, 6); i > 0; --i) {
            result += pieces[number(0, pieces.size() - 1)];
        }
        return result;
    }

    IpAddress v4() { return IpAddress::v4({10, 0, 0, static_cast<std::uint8_t>(number(0, 255))}); }

    std::vector<Cidr> blocks() {
        std::vector<Cidr> result;
        for (std::uint64_t i = number(0, 3); i > 0; --i) {
            result.push_back(flip() ? Cidr(v4(), 32) : *Cidr::parse(flip() ? "fd00::/8" : "10.1.0.0/16"));
        }
        return result;
    }

    std::map<std::string, std::string> labels() {
        std::map<std::string, std::string> result;
        for (std::uint64_t i = number(0, 2); i > 0; --i) {
            result["label_" + std::to_string(i)] = text();
        }
        return result;
    }

    Common common() {
        Common result;
        result.interval = duration(1'000, 3'600'000);
        result.timeout = duration(10, 300'000);
        result.resolvers.front() = {false, v4(), static_cast<std::uint16_t>(number(1, 65'535))};
        if (flip()) {
            result.resolvers.push_back({});
        }
        result.failure_threshold = static_cast<unsigned>(number(1, 1'000));
        result.success_threshold = static_cast<unsigned>(number(1, 1'000));
        return result;
    }

    Tls tls(const std::string& host) {
        Tls result;
        if (flip()) {
            result.mode = TlsMode::off;
            return result;
        }
        result.server_name = flip() ? "sni.example.com" : host;
        result.verify = flip();
        result.min_version = one<TlsVersion>();
        result.alpn = flip() ? std::vector<std::string>{"h2", "\"\\"} : std::vector<std::string>{};
        result.expiry_warning = std::chrono::seconds(number(0, 315'360'000));
        return result;
    }

    Endpoint endpoint() {
        Endpoint result;
        static_cast<Common&>(result) = common();
        result.name = name();
        result.enabled = flip();
        result.profile = flip() ? "" : profiles()[number(0, profiles().size() - 1)].name;
        result.address = flip() ? std::optional(v4()) : std::nullopt;
        result.host = result.address ? result.address->to_string() : "db.example.com";
        result.port = static_cast<std::uint16_t>(number(1, 65'535));
        result.expect = blocks();
        result.private_space = flip();
        result.app = one<App>();
        result.http_path = flip() ? "/" : "/a?b=\"c\"&d=\\";
        result.http_status = flip() ? std::vector<unsigned>{} : std::vector<unsigned>{100, 599};
        if (result.app == App::expect) {
            result.expect_script = {{text() + "x", text(), flip()}, {"", "", true}};
        }
        result.settle = duration(0, 300'000);
        result.proxy_protocol = one<ProxyProtocol>();
        result.experiments = flip();
        if (flip()) {
            result.hold = duration(1'000, 86'400'000);
            result.hold_interval = std::max(2 * *result.hold, duration(2'000, 30LL * 86'400'000));
        }
        result.source_address = flip() ? std::optional(v4()) : std::nullopt;
        result.interface = flip() ? "" : "eth0.7";
        result.mark =
            flip() ? std::optional<std::uint32_t>() : static_cast<std::uint32_t>(number(0, 0xFFFFFFFF));
        result.public_host = flip() ? "" : "public.example.com";
        result.endpoint_id = flip() ? "" : "vpce-\"1\"";
        result.labels = labels();
        result.tls = tls(result.address ? "" : result.host);
        return result;
    }

    Zone zone() {
        Zone result;
        static_cast<Common&>(result) = common();
        result.name = name();
        result.enabled = flip();
        result.zone = "privatelink.example.com";
        result.expect = blocks();
        result.private_space = flip();
        result.known_labels = flip() ? std::vector<std::string>{} : std::vector<std::string>{"a", "1.b"};
        result.random_labels = static_cast<unsigned>(number(1, 32));
        result.labels = labels();
        return result;
    }

    Watch watch(const Common& defaults) {
        Watch result;
        static_cast<Common&>(result) = defaults;
        result.name = name();
        result.direction = one<Direction>();
        const bool any_port = result.direction == Direction::outbound && flip();
        result.port = any_port ? std::uint16_t{0} : static_cast<std::uint16_t>(number(1, 65'535));
        result.peer = blocks();
        result.window = duration(100, 3'600'000);
        result.expect_traffic = flip() ? std::optional<Duration>() : duration(1'000, 86'400'000);
        result.interval = result.window;
        result.payload = flip();
        result.labels = labels();
        return result;
    }

    std::mt19937_64 random_{20'260'101};
    unsigned names_ = 0;
};

TEST(Show, WhateverLoadsComesBackTheSame) {
    Generator generator;
    for (int i = 0; i < 300 && !testing::Test::HasFailure(); ++i) {
        expect_same_after_show(generator.config());
    }
}

TEST(Show, WhatAScriptSendsIsNotShown) {
    const LoadResult loaded = load_text(
        "[[endpoint]]\nname = \"a\"\nhost = \"h\"\nport = 1\ntls = false\napp = \"expect\"\n"
        "[[endpoint.expect_script]]\nsend = \"PASS hunter2\\r\\n\"\nexpect = \"+OK\"\n"
        "[[endpoint.expect_script]]\nexpect = \"ready\"\n",
        "whylink.toml");
    ASSERT_TRUE(loaded.ok()) << loaded.errors.front().to_string();
    const std::string shown = show(loaded.config);
    EXPECT_EQ(shown.find("hunter2"), std::string::npos) << shown;
    EXPECT_NE(shown.find("send = \"(14 bytes, not shown)\"\nexpect = \"+OK\"\n"), std::string::npos) << shown;
    EXPECT_NE(shown.find("send = \"\"\nexpect = \"ready\"\n"), std::string::npos) << shown;
}

TEST(Show, PathsMeanTheSameWhereverTheyAreReadAgain) {
    MemoryFiles files;
    files.texts["/etc/whylink/ca.pem"] = "";
    const LoadResult first = load_text(
        "[[endpoint]]\nname = \"a\"\nhost = \"h\"\nport = 1\ntls = {ca_file = \"ca.pem\"}\n"
        "[capture]\nevidence_dir = \"evidence\"\n",
        "/etc/whylink/whylink.toml", files);
    ASSERT_TRUE(first.ok()) << first.errors.front().to_string();
    const LoadResult second = load_text(show(first.config), "/elsewhere/x.toml", files);
    ASSERT_TRUE(second.ok()) << second.errors.front().to_string();
    EXPECT_EQ(second.config, first.config);
    EXPECT_EQ(second.config.capture.evidence_dir, "/etc/whylink/evidence");
}

}  // namespace
}  // namespace whylink::config
