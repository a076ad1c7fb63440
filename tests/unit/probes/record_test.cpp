#include "probes/record.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "config/outside_text.hpp"

namespace whylink::probes {
namespace {

using namespace std::chrono_literals;

IpAddress address(const char* text) {
    return *IpAddress::parse(text);
}

Observation full_dns() {
    DnsQuery query;
    query.type = RecordType::aaaa;
    query.rcode = 3;
    query.answers = {{address("fd00::4"), 300}};
    query.cnames = {"x.example", "y.example"};
    query.truncated = query.over_tcp = query.without_edns = query.timed_out = true;
    query.sent = 5;
    query.bad_replies = 2;
    query.bad_reply = "wrong id";
    query.error = 111;
    query.icmp = IcmpError{true, 1, 4, address("fd00::1"), true};
    query.took = 1234567ns;
    DnsFacts facts;
    facts.name = "abcd.example";
    facts.role = NameRole::random_two_labels;
    facts.source = NameSource::hosts_file;
    facts.resolver = address("10.0.0.2");
    facts.resolver_port = 0;
    facts.from_system = facts.no_nameserver = true;
    facts.queries = {query, {}};
    facts.hosts_file = {address("10.0.0.9")};
    Observation observation;
    observation.stage = Stage::dns;
    observation.started = WallClock::time_point(1780000000123456789ns);
    observation.took = 42ns;
    observation.local = LocalError{"socket", 24, "too many"};
    observation.facts = facts;
    return observation;
}

Observation full_tcp() {
    TcpFacts facts;
    facts.error = 113;
    facts.connected = facts.timed_out = facts.let_out = facts.translatable = facts.no_route = facts.has_tls =
        true;
    facts.icmp = IcmpError{false, 3, 13, std::nullopt, false};
    facts.info = TcpInfo{2, 380us, 1448, 1400};
    facts.watched = 250ms;
    facts.end = StreamEnd::rst;
    facts.end_error = 104;
    facts.bytes_received = 1ULL << 40U;
    facts.first_bytes = std::string("\0\xff PROXY", 8);
    facts.local_address = address("10.0.0.7");
    facts.local_port = 40000;
    Observation observation;
    observation.stage = Stage::tcp;
    observation.address = address("10.0.0.4");
    observation.port = 9440;
    observation.facts = facts;
    return observation;
}

Observation full_tls() {
    TlsFacts facts;
    facts.server_name = "abcd.example";
    facts.progress = TlsProgress::certificate;
    facts.ended_before_hello = facts.timed_out = facts.refused_by_us = facts.oversized = facts.verified =
        true;
    facts.client_certificate_requested = facts.client_certificate_sent = facts.message_after_handshake = true;
    facts.client_certificate_withheld = Withheld::not_verified;
    facts.end = StreamEnd::fin;
    facts.error = 104;
    facts.bytes_sent = 335;
    facts.bytes_received = 7;
    facts.first_bytes = "\x15\x03";
    facts.first_bytes_are_tls = false;
    facts.version = "TLSv1.3";
    facts.cipher = "TLS_AES_256_GCM_SHA384";
    facts.group = "x25519";
    facts.alpn = "h2";
    facts.alerts = {{2, 116, false}, {1, 0, true}};
    facts.library_error = "reason";
    facts.verify_faults = {{62, 1, "hostname mismatch", {}, {}}};
    Certificate certificate;
    certificate.subject = "CN=ü";
    certificate.issuer = "CN=CA";
    certificate.serial = "0a1b";
    certificate.dns_names = {"a", "b"};
    certificate.addresses = {address("10.0.0.4")};
    certificate.not_before = WallClock::time_point(-1s);
    certificate.not_after = WallClock::time_point(4000000000s);
    certificate.self_issued = true;
    facts.chain = {certificate, {}};
    facts.handshake_took = 5ms;
    facts.watched = 6ms;
    Observation observation;
    observation.stage = Stage::tls;
    observation.facts = facts;
    return observation;
}

std::string error_of(std::string_view text) {
    const auto read = from_json(text);
    const auto* error = std::get_if<std::string>(&read);
    return error == nullptr ? "accepted" : *error;
}

Round round_of(std::vector<Observation> probes) {
    Round round;
    round.probes = std::move(probes);
    return round;
}

TEST(ObservationJson, ComesBackAsItWas) {
    const std::string text = to_json(round_of({full_dns(), full_tcp(), full_tls(), {}}));
    const auto read = from_json(text);
    ASSERT_TRUE(std::holds_alternative<Round>(read)) << std::get<std::string>(read);
    EXPECT_EQ(to_json(std::get<Round>(read)), text);
    const std::vector<Observation>& again = std::get<Round>(read).probes;
    ASSERT_EQ(again.size(), 4U);
    EXPECT_EQ(again[0].started, full_dns().started);
    EXPECT_EQ(get<DnsFacts>(again[0].facts).resolver_port, 0);
    EXPECT_EQ(get<DnsFacts>(again[0].facts).queries[0].took, 1234567ns);
    EXPECT_EQ(get<TcpFacts>(again[1].facts).first_bytes, get<TcpFacts>(full_tcp().facts).first_bytes);
    EXPECT_EQ(get<TcpFacts>(again[1].facts).bytes_received, 1ULL << 40U);
    EXPECT_FALSE(get<TlsFacts>(again[2].facts).first_bytes_are_tls);
    EXPECT_EQ(get<TlsFacts>(again[2].facts).chain[0].not_before, WallClock::time_point(-1s));
}

TEST(ObservationJson, TextsOfAnySizeAndKindAreMadeFit) {
    Observation dns = full_dns();
    const std::string giant = "\n<0>PRIORITY=0\x1b[2J" + std::string(90'000, 'a');
    auto& facts = get<DnsFacts>(dns.facts);
    facts.name = giant;
    facts.queries[0].cnames = {giant, "end.example"};
    facts.queries[0].extended_errors = {{22, giant}};
    Observation app;
    app.stage = Stage::app;
    AppFacts said;
    said.said = said.server = said.protocol = giant;
    said.first_bytes = giant;
    app.facts = said;
    const auto read = from_json(to_json(round_of({dns, app})));
    ASSERT_TRUE(std::holds_alternative<Round>(read)) << std::get<std::string>(read);
    const std::vector<Observation>& again = std::get<Round>(read).probes;
    const auto& names = get<DnsFacts>(again[0].facts);
    const auto& texts = get<AppFacts>(again[1].facts);
    for (const std::string& text :
         {names.name, names.queries[0].cnames[0], names.queries[0].extended_errors[0].text, texts.said,
          texts.server, texts.protocol}) {
        EXPECT_TRUE(text.starts_with("\\x0a<0>PRIORITY=0\\x1b[2Jaaa")) << text;
        EXPECT_TRUE(is_cut(text)) << text;
        EXPECT_LT(text.size(), 1100U);
    }
    EXPECT_EQ(names.queries[0].cnames[1], "end.example");
    EXPECT_EQ(texts.first_bytes, giant.substr(0, 1024));
}

TEST(ObservationJson, WhatAProbeHasCutComesBackAsItWas) {
    Observation observation = full_tls();
    auto& facts = get<TlsFacts>(observation.facts);
    facts.chain[0].dns_names = {outside_ascii(std::string(90'000, '\n'))};
    facts.chain[0].names_left_out = 4744;
    facts.chain_left_out = 3;
    facts.verify_faults_left_out = 2;
    const std::string text = to_json(round_of({observation}));
    const auto read = from_json(text);
    ASSERT_TRUE(std::holds_alternative<Round>(read)) << std::get<std::string>(read);
    EXPECT_EQ(to_json(std::get<Round>(read)), text);
    const auto& again = get<TlsFacts>(std::get<Round>(read).probes[0].facts);
    EXPECT_EQ(again.chain[0].names_left_out, 4744U);
    EXPECT_EQ(again.chain_left_out, 3U);
    EXPECT_EQ(again.verify_faults_left_out, 2U);
}

TEST(ObservationJson, ALongListOfExceptionsFromTheProxyIsKept) {
    Round round;
    std::string list = "a.example";
    while (list.size() < 8000) {
        list += ",a.example";
    }
    round.proxies = std::make_shared<const std::vector<ProxySetting>>(
        std::vector<ProxySetting>{{"no_proxy", list, "environment"}});
    const auto read = from_json(to_json(round));
    ASSERT_TRUE(std::holds_alternative<Round>(read)) << std::get<std::string>(read);
    EXPECT_EQ(std::get<Round>(read).proxies->at(0).value, list);
}

TEST(ObservationJson, TheCloudOfTheHostIsKept) {
    Round round;
    round.cloud = config::Cloud::gcp;
    const auto read = from_json(to_json(round));
    ASSERT_TRUE(std::holds_alternative<Round>(read)) << std::get<std::string>(read);
    EXPECT_EQ(std::get<Round>(read).cloud, config::Cloud::gcp);
    EXPECT_EQ(std::get<Round>(from_json("[]")).cloud, std::nullopt);
    EXPECT_EQ(std::get<std::string>(from_json(R"([{"cloud": "oracle"}])")),
              "[0].cloud: one of aws, azure, gcp, other");
    EXPECT_EQ(std::get<std::string>(from_json(R"([{"cloud": "aws", "zone": 1}])")),
              "[0].zone: no such member");
}

TEST(ObservationJson, AListWithoutEndIsRefused) {
    std::string cnames = R"("a.example")";
    for (int i = 0; i < 5000; ++i) {
        cnames += R"(,"a.example")";
    }
    EXPECT_EQ(error_of(R"([{"dns":{"queries":[{"cnames":[)" + cnames + R"(]}]}}])"),
              "[0].dns.queries[0].cnames: at most 4096 items");
}

TEST(ObservationJson, WhatIsWrongIsSaidInOneBoundedLine) {
    const std::string error = error_of(R"([{"tcp":{"a\nb\u001b)" + std::string(90'000, 'c') + R"(":1}}])");
    EXPECT_TRUE(error.starts_with("[0].tcp.a\\x0ab\\x1bccc")) << error;
    EXPECT_LT(error.size(), 1100U);
    EXPECT_LT(error_of("[\"" + std::string(90'000, 'a')).size(), 1100U);
}

TEST(ObservationJson, EachPartOfARoundComesBackInItsPlace) {
    Round round = round_of({full_tcp()});
    round.follow_ups = {{FollowUp::sibling_label, full_dns()}};
    round.packets = {{address("10.0.0.4"), 9440, WallClock::time_point(1s), 2ns, {}}};
    round.packets[0].facts.syn = 3;
    round.holds = {{address("fd00::4"), 443, WallClock::time_point(3s), 4ns, LocalError{"close", 9, {}}, {}}};
    round.holds[0].facts.idle = 5s;
    const std::string text = to_json(round);
    const auto read = from_json(text);
    ASSERT_TRUE(std::holds_alternative<Round>(read)) << std::get<std::string>(read);
    const Round& again = std::get<Round>(read);
    EXPECT_EQ(to_json(again), text);
    EXPECT_EQ(again.probes.size(), 1U);
    ASSERT_EQ(again.follow_ups.size(), 1U);
    EXPECT_EQ(again.follow_ups[0].kind, FollowUp::sibling_label);
    ASSERT_EQ(again.packets.size(), 1U);
    EXPECT_EQ(again.packets[0].address, address("10.0.0.4"));
    EXPECT_EQ(again.packets[0].facts.syn, 3U);
    ASSERT_EQ(again.holds.size(), 1U);
    EXPECT_EQ(again.holds[0].facts.idle, 5s);
    EXPECT_EQ(again.holds[0].local->error, 9);
}

TEST(ObservationJson, APartOfARoundThatIsNoneIsRefused) {
    EXPECT_EQ(error_of(R"([{"stage":"tcp","experiment":"guess","tcp":{}}])"),
              "[0].experiment: a follow-up test");
    EXPECT_EQ(error_of(R"([{"stage":"tcp","experiment":"proxy_v2","address":"10.0.0.4","hold":{}}])"),
              "[0].experiment: hold");
    EXPECT_EQ(error_of(R"([{"stage":"tcp","experiment":"hold","hold":{}}])"),
              "[0].address: the address of the connection");
    EXPECT_EQ(error_of(R"([{"stage":"packets","packets":{}}])"),
              "[0].address: the address of the connection");
    EXPECT_EQ(error_of(R"([{"stage":"packets","address":"10.0.0.4","experiment":"hold","packets":{}}])"),
              "[0]: packets of a connection, without experiment and local");
    EXPECT_EQ(error_of(R"([{"stage":"tcp","tcp":{},"hold":{}}])"),
              "[0]: exactly one of dns, tcp, tls, app, listener, traffic, packets, hold");
}

TEST(ObservationJson, EveryMemberIsWritten) {
    // A member that is forgotten in the list of members would come back as its default unnoticed.
    const std::string text = to_json(round_of({full_dns(), full_tcp(), full_tls()}));
    for (const char* member : {"started",
                               "took_ns",
                               "local",
                               "operation",
                               "role",
                               "source",
                               "resolver_port",
                               "from_system",
                               "no_nameserver",
                               "hosts_file",
                               "rcode",
                               "answers",
                               "ttl",
                               "cnames",
                               "truncated",
                               "over_tcp",
                               "without_edns",
                               "sent",
                               "bad_replies",
                               "bad_reply",
                               "timed_out",
                               "let_out",
                               "translatable",
                               "icmp",
                               "sender",
                               "v6",
                               "connected",
                               "info",
                               "retransmits",
                               "rtt_us",
                               "send_mss",
                               "receive_mss",
                               "no_route",
                               "has_tls",
                               "watched_ns",
                               "end_error",
                               "local_address",
                               "local_port",
                               "server_name",
                               "progress",
                               "ended_before_hello",
                               "bytes_sent",
                               "first_bytes",
                               "first_bytes_are_tls",
                               "version",
                               "cipher",
                               "group",
                               "alpn",
                               "client_certificate_requested",
                               "client_certificate_sent",
                               "client_certificate_withheld",
                               "alerts",
                               "sent_by_us",
                               "library_error",
                               "refused_by_us",
                               "oversized",
                               "verified",
                               "verify_faults",
                               "depth",
                               "chain",
                               "issuer",
                               "dns_names",
                               "not_before",
                               "not_after",
                               "self_issued",
                               "handshake_took_ns",
                               "message_after_handshake"}) {
        EXPECT_NE(text.find("\"" + std::string(member) + "\""), std::string::npos) << member;
    }
}

TEST(ObservationJson, TextThatIsNotUtf8IsWrittenAllTheSame) {
    Observation observation = full_tls();
    get<TlsFacts>(observation.facts).library_error = "\xff";
    EXPECT_TRUE(std::holds_alternative<Round>(from_json(to_json(round_of({observation})))));
}

TEST(ObservationJson, SaysWhatIsWrongAndWhere) {
    EXPECT_EQ(error_of("{}"), "the document: an array of observations");
    EXPECT_EQ(error_of("[1]"), "[0]: an object");
    EXPECT_EQ(error_of(R"([{"stage":"dns"}])"),
              "[0]: exactly one of dns, tcp, tls, app, listener, traffic, packets, hold");
    EXPECT_EQ(error_of(R"([{"tcp":{},"tls":{}}])"),
              "[0]: exactly one of dns, tcp, tls, app, listener, traffic, packets, hold");
    EXPECT_EQ(error_of(R"([{"stage":"udp","tcp":{}}])"),
              "[0].stage: one of dns, tcp, tls, app, listener, packets");
    EXPECT_EQ(error_of(R"([{"tcp":{"conected":true}}])"), "[0].tcp.conected: no such member");
    EXPECT_EQ(error_of(R"([{"tcp":{},"por":1}])"), "[0].por: no such member");
    EXPECT_EQ(error_of(R"([{"tcp":{},"port":65536}])"), "[0].port: a whole number from 0 to 65535");
    EXPECT_EQ(error_of(R"([{"tcp":{},"port":-1}])"), "[0].port: a whole number from 0 to 65535");
    EXPECT_EQ(error_of(R"([{"tcp":{},"port":1.5}])"), "[0].port: a whole number from 0 to 65535");
    EXPECT_EQ(error_of(R"([{"tcp":{"connected":1}}])"), "[0].tcp.connected: true or false");
    EXPECT_EQ(error_of(R"([{"tcp":{"first_bytes":"0g"}}])"),
              "[0].tcp.first_bytes: pairs of hexadecimal figures in lower case");
    EXPECT_EQ(error_of(R"([{"tcp":{"first_bytes":"0"}}])"),
              "[0].tcp.first_bytes: pairs of hexadecimal figures in lower case");
    EXPECT_EQ(error_of(R"([{"dns":{"queries":[{"type":"A"},{"answers":[{"address":"10.0.0"}]}]}}])"),
              "[0].dns.queries[1].answers[0].address: an IP address");
    EXPECT_EQ(error_of(R"([{"dns":{"queries":{}}}])"), "[0].dns.queries: an array");
    EXPECT_EQ(error_of(R"([{"dns":{"name":5}}])"), "[0].dns.name: a string");
}

TEST(ObservationJson, RefusesTimesThatAreNone) {
    for (const char* time :
         {"", "Z", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
          "2026-01-01T24:00:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z",
          "2026-01-01T00:00:00.12x4Z", "2026/01/01T00:00:00Z", "9999-12-31T23:59:59Z"}) {
        const std::string text = R"([{"tcp":{},"started":")" + std::string(time) + "\"}]";
        EXPECT_NE(error_of(text).find("[0].started: a time"), std::string::npos)
            << time << ": " << error_of(text);
    }
    EXPECT_EQ(error_of(R"([{"tcp":{},"started":"2026-01-01T00:00:00.5Z"}])"), "accepted");
}

TEST(ObservationJson, SyntaxErrorsAreErrors) {
    for (const char* text : {"", "[", "[}", "nul", "[1e999999]", "\xff", R"(["\ud800"])"}) {
        EXPECT_NE(error_of(text), "accepted") << text;
    }
    EXPECT_NE(error_of(std::string(100000, '[')), "accepted");
}

}  // namespace
}  // namespace whylink::probes
