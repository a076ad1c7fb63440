#include "daemon/report/json/probe.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using Json = nlohmann::ordered_json;

TEST(ProbeJson, OfDns) {
    checks::JudgedProbe probe = fabricated::dns("abcd.example", {"10.0.0.4", "10.0.0.5"});
    auto& facts = get<probes::DnsFacts>(probe.observation.facts);
    facts.queries[0].cnames = {"x.example"};
    facts.queries[0].over_tcp = true;
    facts.queries[0].truncated = true;
    probes::DnsQuery silent;
    silent.type = probes::RecordType::aaaa;
    silent.timed_out = true;
    silent.sent = 5;
    silent.icmp = probes::IcmpError{false, 3, 13, fabricated::address("10.0.0.1"), false};
    facts.queries.push_back(silent);
    facts.hosts_file = {fabricated::address("10.9.9.9")};
    probe.query_outcomes.push_back(checks::Outcome::timeout);
    probe.counts = false;
    const Json json = probe_json(probe, "AAAA: no reply");
    EXPECT_EQ(json["stage"], "dns");
    EXPECT_EQ(json["target"], "abcd.example");
    EXPECT_EQ(json["resolver"], "10.0.0.2:53");
    EXPECT_EQ(json["outcome"], "ok");
    EXPECT_EQ(json["detail"], "AAAA: no reply");
    EXPECT_EQ(json["counts"], false);
    EXPECT_DOUBLE_EQ(json["duration_seconds"], 0.0012);
    EXPECT_EQ(json["queries"][0]["type"], "A");
    EXPECT_EQ(json["queries"][0]["rcode"], "NOERROR");
    EXPECT_EQ(json["queries"][0]["outcome"], "ok");
    EXPECT_EQ(json["queries"][0]["over_tcp"], true);
    EXPECT_EQ(json["queries"][0]["truncated"], true);
    EXPECT_TRUE(json["queries"][1]["rcode"].is_null());
    EXPECT_EQ(json["queries"][1]["outcome"], "timeout");
    EXPECT_EQ(json["queries"][1]["sent"], 5);
    EXPECT_EQ(json["queries"][1]["timed_out"], true);
    EXPECT_EQ(json["queries"][1]["icmp"],
              (Json{{"protocol", "icmp"}, {"type", 3}, {"code", 13}, {"sender", "10.0.0.1"}}));
    EXPECT_EQ(json["answers"][1], (Json{{"address", "10.0.0.5"}, {"ttl", 300}}));
    EXPECT_EQ(json["cnames"], Json({"x.example"}));
    EXPECT_EQ(json["hosts_file"], Json({"10.9.9.9"}));
    EXPECT_FALSE(json.contains("address"));
}

TEST(ProbeJson, NamesResolversInBracketsAndTheHostsFile) {
    checks::JudgedProbe probe = fabricated::dns("a.example", {"fd00::4"});
    auto& facts = get<probes::DnsFacts>(probe.observation.facts);
    facts.resolver = fabricated::address("fd00::2");
    EXPECT_EQ(probe_json(probe)["resolver"], "[fd00::2]:53");
    facts.source = probes::NameSource::hosts_file;
    EXPECT_EQ(probe_json(probe)["resolver"], "/etc/hosts");
}

TEST(ProbeJson, OfTcp) {
    const Json json = probe_json(fabricated::tcp("10.0.0.4"));
    EXPECT_EQ(json["stage"], "tcp");
    EXPECT_EQ(json["address"], "10.0.0.4");
    EXPECT_EQ(json["port"], 9440);
    EXPECT_DOUBLE_EQ(json["rtt_seconds"], 0.00035);
    EXPECT_EQ(json["mss"], 1448);
    EXPECT_EQ(json["retransmits"], 0);
    EXPECT_EQ(json["local_address"], "10.0.0.7");
    EXPECT_FALSE(json.contains("errno"));
    EXPECT_FALSE(json.contains("icmp"));
}

TEST(ProbeJson, OfAPlainConnectionThatEnds) {
    checks::JudgedProbe probe = fabricated::tcp("10.0.0.4");
    auto& facts = get<probes::TcpFacts>(probe.observation.facts);
    facts.has_tls = false;
    facts.end = probes::StreamEnd::rst;
    facts.end_error = ECONNRESET;
    facts.first_bytes = "SSH\\\r\n\x01";
    facts.bytes_received = 7;
    const Json json = probe_json(probe);
    EXPECT_EQ(json["end"], "rst");
    EXPECT_EQ(json["errno"], ECONNRESET);
    EXPECT_EQ(json["bytes_received"], 7);
    EXPECT_EQ(json["first_bytes"], "SSH\\\\\\r\\n\\x01");
}

TEST(ProbeJson, OfAReset) {
    const Json json = probe_json(fabricated::tls_reset("10.0.0.4"));
    EXPECT_EQ(json["outcome"], "pending_allowlist");
    EXPECT_EQ(json["end"], "rst");
    EXPECT_EQ(json["errno"], 104);
    EXPECT_EQ(json["bytes_sent"], 335);
    EXPECT_EQ(json["bytes_received"], 0);
    EXPECT_EQ(json["tls"]["progress"], "client_hello_sent");
    EXPECT_FALSE(json["tls"].contains("version"));
}

TEST(ProbeJson, OfAHandshakeWithAFaultyCertificate) {
    checks::JudgedProbe probe = fabricated::tls("10.0.0.4");
    auto& facts = get<probes::TlsFacts>(probe.observation.facts);
    facts.alpn = "h2";
    facts.client_certificate_requested = true;
    facts.client_certificate_withheld = probes::Withheld::not_verified;
    facts.alerts = {{2, 116, false}, {1, 0, true}};
    facts.verify_faults = {{10, 0, "certificate has expired", {}, {}}};
    facts.chain[0].addresses = {fabricated::address("10.0.0.4")};
    probe.outcome = checks::Outcome::certificate_untrusted;
    probe.faults = {checks::Outcome::certificate_untrusted, checks::Outcome::certificate_expired};
    const Json json = probe_json(probe);
    EXPECT_EQ(json["faults"], Json({"certificate_untrusted", "certificate_expired"}));
    const Json tls = json["tls"];
    EXPECT_EQ(tls["version"], "TLSv1.3");
    EXPECT_EQ(tls["cipher"], "TLS_AES_256_GCM_SHA384");
    EXPECT_EQ(tls["group"], "x25519");
    EXPECT_EQ(tls["alpn"], "h2");
    EXPECT_EQ(tls["server_name"], "abcd.example");
    EXPECT_EQ(tls["client_certificate_requested"], true);
    EXPECT_EQ(tls["client_certificate_withheld"], "not_verified");
    EXPECT_EQ(
        tls["alerts"][0],
        (Json{
            {"name", "certificate_required"}, {"code", 116}, {"level", "fatal"}, {"direction", "received"}}));
    EXPECT_EQ(tls["alerts"][1]["direction"], "sent");
    EXPECT_EQ(tls["verify_faults"][0],
              (Json{{"code", 10}, {"depth", 0}, {"text", "certificate has expired"}}));
    EXPECT_EQ(tls["chain"][0]["names"], Json({"abcd.example", "10.0.0.4"}));
    EXPECT_EQ(tls["chain"][0]["not_after"], "2027-01-01T12:00:00.000Z");
}

TEST(ProbeJson, OfAnApplication) {
    const Json json = probe_json(fabricated::app("10.0.0.4"));
    EXPECT_EQ(json["stage"], "app");
    EXPECT_EQ(json["address"], "10.0.0.4");
    EXPECT_EQ(json["protocol"], "redis");
    EXPECT_EQ(json["over_tls"], true);
    EXPECT_EQ(json["reply"], "wants_credentials");
    EXPECT_EQ(json["said"], "NOAUTH Authentication required.");
    EXPECT_EQ(json["bytes_sent"], 14);
    EXPECT_EQ(json["bytes_received"], 34);
    EXPECT_EQ(json["first_bytes"], "-NOAUTH Authentication required.\\r\\n");
    EXPECT_DOUBLE_EQ(json["first_byte_seconds"], 0.001);
    for (const char* absent : {"status", "server", "end", "errno", "timed_out", "alerts", "experiment"}) {
        EXPECT_FALSE(json.contains(absent)) << absent;
    }
}

TEST(ProbeJson, OfAnApplicationThatSaysNothing) {
    checks::JudgedProbe probe = fabricated::app("10.0.0.4");
    probe.outcome = checks::Outcome::tls_alert;
    probes::AppFacts facts;
    facts.protocol = "http";
    facts.end = probes::StreamEnd::rst;
    facts.error = ECONNRESET;
    facts.alerts = {{2, 116, false}};
    probe.observation.facts = facts;
    const Json json = probe_json(probe);
    EXPECT_FALSE(json.contains("reply"));
    EXPECT_EQ(json["end"], "rst");
    EXPECT_EQ(json["errno"], ECONNRESET);
    EXPECT_EQ(json["alerts"][0]["name"], "certificate_required");
    EXPECT_EQ(json["bytes_received"], 0);
}

TEST(ProbeJson, WhatAnApplicationSaysIsPrintable) {
    checks::JudgedProbe probe = fabricated::app("10.0.0.4");
    get<probes::AppFacts>(probe.observation.facts).said = "\x1b[2J\xff";
    EXPECT_EQ(probe_json(probe)["said"], "\\x1b[2J\\xff");
}

TEST(ProbeJson, OfAnIdleConnection) {
    const Json json = probe_json(fabricated::held("10.0.0.4"));
    EXPECT_EQ(json["stage"], "tcp");
    EXPECT_EQ(json["experiment"], "hold");
    EXPECT_DOUBLE_EQ(json["wanted_seconds"], 360);
    EXPECT_DOUBLE_EQ(json["idle_seconds"], 360);
    EXPECT_EQ(json["ended_while_idle"], false);
    EXPECT_EQ(json["answered"], true);
    EXPECT_DOUBLE_EQ(json["answered_seconds"], 0.002);
}

TEST(ProbeJson, SaysWhatWasSentFirstAndInWhatSegments) {
    checks::JudgedProbe probe = fabricated::tcp("10.0.0.4");
    auto& facts = get<probes::TcpFacts>(probe.observation.facts);
    facts.proxy_header = probes::ProxyHeaderSent::v2_local;
    facts.max_segment = 536;
    EXPECT_EQ(probe_json(probe)["proxy_header"], "v2_local");
    EXPECT_EQ(probe_json(probe)["max_segment"], 536);
}

TEST(ProbeJson, OfAFaultOfThisHost) {
    checks::JudgedProbe probe = fabricated::tcp("10.0.0.4");
    probe.outcome = checks::Outcome::local_error;
    probe.observation.local = probes::LocalError{"socket", EMFILE, "Too many open files"};
    probe.observation.facts = probes::TcpFacts{};
    const Json json = probe_json(probe);
    EXPECT_EQ(json["outcome"], "local_error");
    EXPECT_EQ(json["local_error"],
              (Json{{"operation", "socket"}, {"text", "Too many open files"}, {"errno", EMFILE}}));
}

TEST(ProbeJson, AnExperimentHasItsName) {
    const checks::JudgedProbe probe = fabricated::tls_reset("10.0.0.4");
    EXPECT_FALSE(probe_json(probe).contains("experiment"));
    EXPECT_EQ(probe_json(checks::JudgedFollowUp{probes::FollowUp::proxy_v2, probe})["experiment"],
              "proxy_v2");
}

}  // namespace
}  // namespace whylink::daemon
