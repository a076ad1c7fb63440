#include "daemon/report/json/render.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using checks::Severity;
using nlohmann::json;

json rendered(const Report& report) {
    return json::parse(render_json(report));
}

TEST(RenderJson, HasTheContractsFrame) {
    const json document = rendered(fabricated::report({fabricated::failing_endpoint("orders")}));
    EXPECT_EQ(document["schema"], "whylink/1");
    EXPECT_EQ(document["vantage_point"], "vm-7");
    EXPECT_EQ(document["started_at"], "2026-01-01T12:00:00.000Z");
    EXPECT_DOUBLE_EQ(document["duration_seconds"], 0.12);
    EXPECT_EQ(document["healthy"], false);
    EXPECT_EQ(document["zones"], json::array());
    EXPECT_EQ(document["watches"], json::array());
}

TEST(RenderJson, SaysWhereItWasMeasured) {
    Report report = fabricated::report({fabricated::healthy_endpoint("a")});
    report.host = {{config::Cloud::azure, "6.1.0-28-amd64", true}, true};
    EXPECT_EQ(rendered(report)["host"], json({{"name", "vm-7"},
                                              {"cloud", "azure"},
                                              {"kernel", "6.1.0-28-amd64"},
                                              {"container", true},
                                              {"capture", true}}));
    report.host = {{std::nullopt, "6.1.0", false}, false, probes::LocalError{"socket", 1, "not permitted"}};
    EXPECT_EQ(rendered(report)["host"], json({{"name", "vm-7"},
                                              {"cloud", nullptr},
                                              {"kernel", "6.1.0"},
                                              {"container", false},
                                              {"capture", false}}));
}

TEST(RenderJson, SaysWhereTheHostIsIfItWasAsked) {
    Report report = fabricated::report({fabricated::healthy_endpoint("a")});
    EXPECT_FALSE(rendered(report)["host"].contains("where"));
    control::Instance instance;
    instance.cloud = config::Cloud::aws;
    instance.origin.read_at = std::chrono::floor<std::chrono::milliseconds>(fabricated::noon());
    instance.region = "eu-west-1";
    instance.zone = "eu-west-1a";
    instance.identity = "reader";
    instance.interfaces.resize(2);
    instance.interfaces[0].network = instance.interfaces[1].network = "vpc-1";
    report.host.instance = instance;
    EXPECT_EQ(rendered(report)["host"]["where"], json({{"cloud", "aws"},
                                                       {"read_at", "2026-01-01T12:00:00.000Z"},
                                                       {"region", "eu-west-1"},
                                                       {"zone", "eu-west-1a"},
                                                       {"networks", json::array({"vpc-1"})},
                                                       {"identity", "reader"}}));
}

TEST(RenderJson, AnEntryHasWhatAccountsSaid) {
    Report report = fabricated::report({fabricated::failing_endpoint("orders")});
    EXPECT_FALSE(rendered(report)["endpoints"][0].contains("control"));
    report.entries[0].readings = fabricated::readings("acme-azure", control::ConnectionState::waiting);
    const json reads = rendered(report)["endpoints"][0]["control"];
    ASSERT_EQ(reads.size(), 2U);
    EXPECT_EQ(reads[0],
              json({{"account", "acme-azure"},
                    {"read", "private_endpoint"},
                    {"result", "ok"},
                    {"read_at", "2026-01-01T12:00:00.000Z"},
                    {"facts", {{"id", "/subscriptions/s/privateEndpoints/pe"}, {"state", "Pending"}}}}));
    EXPECT_EQ(reads[1], json({{"account", "acme-azure"},
                              {"read", "security_group"},
                              {"result", "forbidden"},
                              {"read_at", "2026-01-01T12:00:00.000Z"},
                              {"facts", json::object()},
                              {"detail", "Microsoft.Network/networkSecurityGroups/read"}}));
}

TEST(RenderJson, AnEntryOfTheDaemonHasItsHistory) {
    using namespace std::chrono_literals;
    Report report = fabricated::report({fabricated::failing_endpoint("orders")});
    EXPECT_FALSE(rendered(report)["endpoints"][0].contains("history"));
    report.entries[0].standing = Standing{fabricated::noon(), 1s, fabricated::noon()};
    report.entries[0].standing->history = std::make_shared<const TargetHistory>(
        TargetHistory{fabricated::noon(),
                      fabricated::noon() - 30s,
                      {{fabricated::noon() - 1s, What::address, "10.0.0.9", ""}}});
    EXPECT_EQ(rendered(report)["endpoints"][0]["history"],
              json({{"since", "2026-01-01T12:00:00.000Z"},
                    {"last_healthy", "2026-01-01T11:59:30.000Z"},
                    {"changes", json::array({{{"at", "2026-01-01T11:59:59.000Z"},
                                              {"what", "address"},
                                              {"from", "10.0.0.9"},
                                              {"to", "none"}}})}}));
    report.entries[0].standing->history =
        std::make_shared<const TargetHistory>(TargetHistory{fabricated::noon(), std::nullopt, {}});
    EXPECT_EQ(rendered(report)["endpoints"][0]["history"]["last_healthy"], nullptr);
}

TEST(RenderJson, AnEndpointCarriesItsDiagnosis) {
    fabricated::EndpointEntry report = fabricated::failing_endpoint("orders");
    report.endpoint.labels = {{"team", "data"}};
    const json endpoint = rendered(fabricated::report({report}))["endpoints"][0];
    EXPECT_EQ(endpoint["name"], "orders");
    EXPECT_EQ(endpoint["profile"], "clickhouse-azure");
    EXPECT_EQ(endpoint["host"], "abcd.example");
    EXPECT_EQ(endpoint["port"], 9440);
    EXPECT_EQ(endpoint["labels"], json({{"team", "data"}}));
    EXPECT_EQ(endpoint["healthy"], false);
    EXPECT_EQ(endpoint["diagnosis"]["cause"], "not_on_allowlist");
    EXPECT_EQ(endpoint["diagnosis"]["severity"], "critical");
    EXPECT_EQ(endpoint["diagnosis"]["confidence"], "high");
    EXPECT_EQ(endpoint["diagnosis"]["evidence"].size(), 2U);
    EXPECT_EQ(endpoint["diagnosis"]["remediation"].size(), 2U);
    EXPECT_EQ(endpoint["diagnosis"]["alternatives"], json({"proxy_protocol_mismatch"}));
    EXPECT_EQ(endpoint["probes"].size(), 3U);
}

TEST(RenderJson, AnEndpointWithoutProfileSaysSo) {
    EXPECT_TRUE(rendered(fabricated::report({fabricated::healthy_endpoint("a")}))["endpoints"][0]["profile"]
                    .is_null());
}

TEST(RenderJson, AZoneHasItsZone) {
    const json document =
        rendered(fabricated::report({}, {fabricated::zone("z", true, Cause::healthy, Severity::ok)}));
    EXPECT_EQ(document["healthy"], true);
    EXPECT_EQ(document["zones"][0]["name"], "z");
    EXPECT_EQ(document["zones"][0]["zone"], "example");
    EXPECT_EQ(document["zones"][0]["diagnosis"]["cause"], "healthy");
}

TEST(RenderJson, AnEndpointHasItsPacketsAndTheirFile) {
    fabricated::EndpointEntry report = fabricated::failing_endpoint("orders");
    report.verdict.packets = {fabricated::packets("10.0.0.4")};
    report.evidence_file = "/evidence/x.pcapng";
    const json document = rendered(fabricated::report({report, fabricated::failing_endpoint("b")}));
    const json& endpoint = document["endpoints"][0];
    EXPECT_EQ(endpoint["packets"]["10.0.0.4"]["rst_received"], 1);
    EXPECT_EQ(endpoint["evidence_file"], "/evidence/x.pcapng");
    EXPECT_FALSE(document["endpoints"][1].contains("packets"));
    EXPECT_FALSE(document["endpoints"][1].contains("evidence_file"));
}

TEST(RenderJson, AWatchHasWhatItLooksAt) {
    fabricated::WatchEntry report =
        fabricated::watch("saas", false, Cause::no_inbound_traffic, Severity::critical);
    report.watch.labels = {{"team", "data"}};
    report.watch.peer = {Cidr::parse("10.1.0.0/24").value()};
    report.evidence_file = "/evidence/x.pcapng";
    fabricated::WatchEntry any = fabricated::watch("out", true, Cause::healthy, Severity::ok);
    any.watch.direction = config::Direction::outbound;
    any.watch.port = 0;
    const json document = rendered(fabricated::report({}, {}, {report, any}));
    EXPECT_EQ(document["healthy"], false);
    const json& watch = document["watches"][0];
    EXPECT_EQ(watch["name"], "saas");
    EXPECT_EQ(watch["direction"], "inbound");
    EXPECT_EQ(watch["port"], 6379);
    EXPECT_EQ(watch["peer"], json({"10.1.0.0/24"}));
    EXPECT_EQ(watch["labels"], json({{"team", "data"}}));
    EXPECT_EQ(watch["healthy"], false);
    EXPECT_EQ(watch["diagnosis"]["cause"], "no_inbound_traffic");
    EXPECT_EQ(watch["probes"].size(), 2U);
    EXPECT_EQ(watch["evidence_file"], "/evidence/x.pcapng");
    EXPECT_EQ(document["watches"][1]["direction"], "outbound");
    EXPECT_TRUE(document["watches"][1]["port"].is_null());
    EXPECT_FALSE(document["watches"][1].contains("peer"));
}

TEST(RenderJson, BytesThatAreNoUtf8AreEscapedEverywhere) {
    fabricated::EndpointEntry report = fabricated::failing_endpoint("a\xff");
    report.explanation.summary = "\xfe";
    report.explanation.evidence = {"\x80"};
    report.explanation.details.probes[2] = "\xc3";
    get<probes::DnsFacts>(report.verdict.probes[0].observation.facts).queries[0].cnames = {"\xaa.example"};
    auto& tls = get<probes::TlsFacts>(report.verdict.probes[2].observation.facts);
    tls.library_error = "\xbb";
    probes::Certificate& certificate = tls.chain.emplace_back();
    certificate.subject = "CN=\xcc";
    certificate.issuer = "CN=\xdd";
    certificate.dns_names = {"\xee"};
    const json endpoint = rendered(fabricated::report({report}))["endpoints"][0];
    EXPECT_EQ(endpoint["name"], "a\\xff");
    EXPECT_EQ(endpoint["diagnosis"]["evidence"][0], "\\x80");
    EXPECT_EQ(endpoint["probes"][0]["cnames"][0], "\\xaa.example");
    EXPECT_EQ(endpoint["probes"][2]["tls"]["chain"][0]["subject"], "CN=\\xcc");
}

}  // namespace
}  // namespace whylink::daemon
