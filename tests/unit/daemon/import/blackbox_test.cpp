#include "daemon/import/blackbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "daemon/import/modules.hpp"

namespace whylink::daemon::imports {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// What blackbox_exporter's README has, with what has no equivalent.
constexpr const char* modules = R"(modules:
  http_2xx:
    prober: http
    timeout: 7s
    http:
      preferred_ip_protocol: ip4
      headers:
        Authorization: Bearer s3cr3t
  http_teapot:
    prober: http
    http:
      valid_status_codes: [418, 200]
      method: POST
  tcp_connect:
    prober: tcp
  tcp_tls:
    prober: tcp
    timeout: 1m30s
    tcp:
      tls: true
      ip_protocol_fallback: false
      tls_config:
        insecure_skip_verify: true
        server_name: db.corp.test
        min_version: TLS13
  smtp_starttls:
    prober: tcp
    tcp:
      query_response:
      - expect: "^220 mail\\.corp"
      - send: "EHLO prober"
      - expect: "250-STARTTLS"
      - send: "STARTTLS"
      - expect: "220"
      - starttls: true
  irc_banner:
    prober: tcp
    tcp:
      query_response:
      - expect: "^PING :([^ ]+)$"
        send: "PONG ${1}"
  icmp:
    prober: icmp
  dns_soa:
    prober: dns
    dns:
      query_name: corp.test
)";

std::string job(const std::string& module, const std::string& target, const std::string& more = {}) {
    return "- job_name: " + module +
           "\n  metrics_path: /probe\n  scrape_interval: 15s\n  params:\n    module: [" + module +
           "]\n  static_configs:\n  - targets: [\"" + target + "\"]\n" + more +
           "  relabel_configs:\n  - source_labels: [__address__]\n    target_label: __param_target\n"
           "  - source_labels: [__param_target]\n    target_label: instance\n"
           "  - target_label: __address__\n    replacement: 127.0.0.1:9115\n";
}

Imported imported(const std::string& jobs, const std::string& blackbox = modules) {
    const std::string prometheus = "scrape_configs:\n" + jobs;
    const SourceFile scrape{"/etc/prometheus/prometheus.yml", prometheus};
    return import_blackbox({"/etc/blackbox.yml", blackbox}, &scrape);
}

/// The only endpoint of what was made, as the loader has it.
config::Endpoint endpoint(const std::string& jobs) {
    const Imported made = imported(jobs);
    EXPECT_THAT(made.errors, IsEmpty());
    const config::LoadResult loaded = config::load_text(made.toml, "/etc/whylink/whylink.toml");
    for (const config::Error& error : loaded.errors) {
        ADD_FAILURE() << error.to_string() << "\n" << made.toml;
    }
    const auto endpoints = config::all_of_kind<config::Endpoint>(loaded.config.targets);
    EXPECT_EQ(endpoints.size(), 1U) << made.toml;
    return endpoints.empty() ? config::Endpoint() : *endpoints.front();
}

TEST(ImportBlackbox, AConnectionIsAnEndpoint) {
    const config::Endpoint made = endpoint(job("tcp_connect", "db.corp.test:5432"));
    EXPECT_EQ(made.name, "tcp_connect: db.corp.test:5432");
    EXPECT_EQ(made.host, "db.corp.test");
    EXPECT_EQ(made.port, 5432);
    EXPECT_FALSE(made.private_space) << "blackbox_exporter does not judge where a name leads";
    EXPECT_EQ(made.tls.mode, config::TlsMode::off);
    EXPECT_EQ(made.interval, 15s);
    EXPECT_EQ(made.timeout, 5s);
}

TEST(ImportBlackbox, TlsKeepsItsSettings) {
    const config::Endpoint made = endpoint(job("tcp_tls", "[fd00::4]:443"));
    EXPECT_EQ(made.address, IpAddress::parse("fd00::4"));
    EXPECT_EQ(made.tls.mode, config::TlsMode::required);
    EXPECT_FALSE(made.tls.verify);
    EXPECT_EQ(made.tls.server_name, "db.corp.test");
    EXPECT_EQ(made.tls.min_version, config::TlsVersion::tls1_3);
    EXPECT_EQ(made.family, config::Family::ipv6) << "without a fallback IPv6 is all there is";
    EXPECT_EQ(made.timeout, 90s);
}

TEST(ImportBlackbox, AUrlSaysHostPortPathAndTls) {
    const config::Endpoint made = endpoint(job("http_teapot", "https://db.corp.test/tea?milk=1"));
    EXPECT_EQ(made.app, config::App::http);
    EXPECT_EQ(made.port, 443);
    EXPECT_EQ(made.http_path, "/tea?milk=1");
    EXPECT_THAT(made.http_status, ElementsAre(418U, 200U));
    EXPECT_EQ(made.tls.mode, config::TlsMode::required);
    EXPECT_EQ(endpoint(job("http_2xx", "db.corp.test")).port, 80);
    EXPECT_EQ(endpoint(job("http_2xx", "db.corp.test")).timeout, 7s);
}

TEST(ImportBlackbox, AScriptOfTextsIsAScript) {
    const config::Endpoint made = endpoint(job("smtp_starttls", "mail.corp.test:25"));
    EXPECT_EQ(made.app, config::App::expect);
    ASSERT_EQ(made.expect_script.size(), 6U);
    EXPECT_EQ(made.expect_script[0].expect, "220 mail.corp");
    EXPECT_EQ(made.expect_script[1].send, "EHLO prober\n");
    EXPECT_TRUE(made.expect_script[5].starttls);
    EXPECT_EQ(made.tls.mode, config::TlsMode::required);
}

TEST(ImportBlackbox, LabelsAreKept) {
    const config::Endpoint made =
        endpoint(job("tcp_connect", "10.0.0.4:1", "    labels: {team: data, name: taken}\n"));
    EXPECT_EQ(made.labels, (std::map<std::string, std::string>{{"team", "data"}}));
    EXPECT_THAT(imported(job("tcp_connect", "10.0.0.4:1", "    labels: {name: taken}\n")).left_out,
                Contains(HasSubstr("label \"name\" is left out")));
}

TEST(ImportBlackbox, WhatHasNoEquivalentIsListedWithItsLine) {
    const Imported made = imported(job("irc_banner", "irc.corp.test:6667"));
    EXPECT_THAT(made.left_out,
                AllOf(Contains(HasSubstr("/etc/blackbox.yml:7: module \"http_2xx\": \"headers\" of http")),
                      Contains(HasSubstr("/etc/blackbox.yml:13: module \"http_teapot\": \"method\"")),
                      Contains(HasSubstr("module \"irc_banner\": \"query_response\" is left out")),
                      Contains(HasSubstr("module \"icmp\": prober \"icmp\" has no equivalent")),
                      Contains(HasSubstr("module \"dns_soa\": prober \"dns\""))));
    for (const std::string& line : made.left_out) {
        EXPECT_THAT(made.toml, HasSubstr("#   " + line + "\n"));
        EXPECT_THAT(line, Not(HasSubstr("s3cr3t")));
    }
}

TEST(ImportBlackbox, AJobThatCannotBeTakenOverIsListed) {
    const auto left_out = [](const std::string& jobs) {
        const Imported made = imported(jobs);
        EXPECT_THAT(made.errors, IsEmpty());
        EXPECT_TRUE(config::load_text(made.toml, "/w.toml").ok()) << made.toml;
        return made.left_out;
    };
    EXPECT_THAT(left_out(job("icmp", "10.0.0.4")), Contains(HasSubstr("job \"icmp\": prober \"icmp\"")));
    EXPECT_THAT(left_out(job("unknown", "10.0.0.4")), Contains(HasSubstr("has no module \"unknown\"")));
    EXPECT_THAT(left_out(job("tcp_connect", "10.0.0.4")),
                Contains(HasSubstr("target \"10.0.0.4\" is left out: not HOST:PORT")));
    EXPECT_THAT(left_out(job("tcp_tls", "10.0.0.4:1")), Contains(HasSubstr("the other IP family")));
    EXPECT_THAT(left_out("- job_name: node\n  static_configs: [{targets: [a]}]\n"),
                Contains(HasSubstr("no job has a metrics_path that ends in /probe")));
    EXPECT_THAT(left_out("- job_name: a\n  metrics_path: /probe\n  static_configs: [{targets: [a]}]\n"),
                Contains(HasSubstr("its targets are unknown")));
    EXPECT_THAT(left_out(job("tcp_connect", "10.0.0.4:1", "  file_sd_configs: [{files: [a]}]\n")),
                Contains(HasSubstr("\"file_sd_configs\" has no equivalent")));
}

TEST(ImportBlackbox, ARuleThatIsNotOfTheClassicFormIsListed) {
    const std::string rule = "  - source_labels: [team]\n    target_label: group\n";
    EXPECT_THAT(imported(job("tcp_connect", "10.0.0.4:1") + rule).left_out,
                Contains(HasSubstr("this rule of relabel_configs is not applied")));
}

TEST(ImportBlackbox, EqualNamesAreToldApart) {
    const Imported made = imported(job("tcp_connect", "10.0.0.4:1") + job("tcp_connect", "10.0.0.4:1"));
    EXPECT_THAT(made.toml, HasSubstr("name = \"tcp_connect: 10.0.0.4:1 (2)\""));
    EXPECT_TRUE(config::load_text(made.toml, "/w.toml").ok());
}

TEST(ImportBlackbox, WithoutPrometheusTheModulesArePatterns) {
    const Imported made = import_blackbox({"/etc/blackbox.yml", modules}, nullptr);
    EXPECT_THAT(made.errors, IsEmpty());
    EXPECT_THAT(made.toml,
                AllOf(HasSubstr("\nallow_empty = true"), HasSubstr("## Module \"tcp_tls\""),
                      HasSubstr("\n# min_version = \"1.3\"\n"), Not(HasSubstr("## Module \"icmp\""))));
    EXPECT_TRUE(config::load_text(made.toml, "/w.toml").ok()) << made.toml;
}

TEST(ImportBlackbox, WrongFilesAreErrorsWithTheirPlaces) {
    const auto errors = [](const std::string& blackbox) {
        return import_blackbox({"b.yml", blackbox}, nullptr).errors;
    };
    EXPECT_THAT(errors("a: [\n"), ElementsAre(HasSubstr("b.yml:")));
    EXPECT_THAT(errors("[]\n"), ElementsAre("b.yml:1:1: missing \"modules\": this is no blackbox.yml"));
    EXPECT_THAT(errors("modules: []\n"), ElementsAre("b.yml:1:10: \"modules\" must be a map; found a list"));
    EXPECT_THAT(errors("modules:\n  a:\n    prober: tcp\n    timeout: soon\n"),
                ElementsAre("b.yml:4:14: \"timeout\" must be a duration; found \"soon\""));
    EXPECT_THAT(errors("modules:\n  a:\n    prober: tcp\n    tcp: {tls: perhaps}\n"),
                ElementsAre("b.yml:4:16: \"tls\" must be true or false; found \"perhaps\""));
    EXPECT_THAT(errors("modules:\n  a: {}\n"),
                ElementsAre(HasSubstr("b.yml:2:6: missing \"prober\" in module \"a\"")));
    EXPECT_THAT(imported("- job_name: [a]\n  metrics_path: /probe\n").errors,
                Contains("/etc/prometheus/prometheus.yml:2:13: \"job_name\" must be a scalar; found a list"));
    EXPECT_THAT(imported("").errors,
                ElementsAre(HasSubstr("missing \"scrape_configs\": this is no configuration of Prometheus")));
}

TEST(ImportBlackbox, HasSoManyTargetsAtMost) {
    std::string targets = "\", \"a:1";
    std::string all;
    for (std::size_t i = 0; i < max_targets; ++i) {
        all += targets;
    }
    EXPECT_THAT(imported(job("tcp_connect", "a:1" + all)).errors,
                ElementsAre(HasSubstr("more than 10000 targets")));
}

TEST(ImportBlackbox, NothingOfAFileControlsATerminalOrEndsAComment) {
    const Imported made = imported("- job_name: \"a\\x1b[31m\\nhost = 1\"\n  metrics_path: /probe\n");
    ASSERT_THAT(made.left_out, Not(IsEmpty()));
    for (const std::string& line : made.left_out) {
        EXPECT_EQ(line.find_first_of("\x1b\n"), std::string::npos) << line;
    }
    EXPECT_TRUE(config::load_text(made.toml, "/w.toml").ok()) << made.toml;
}

TEST(ImportBlackbox, DurationsAreThoseOfPrometheus) {
    EXPECT_EQ(parse_go_duration("500ms"), 500ms);
    EXPECT_EQ(parse_go_duration("1h30m"), 90min);
    EXPECT_EQ(parse_go_duration("2d"), 48h);
    for (const char* none : {"", "5", "s", "5 s", "-5s", "5x", "99999999999999999999s", "4000000000y"}) {
        EXPECT_EQ(parse_go_duration(none), std::nullopt) << none;
    }
}

}  // namespace
}  // namespace whylink::daemon::imports
