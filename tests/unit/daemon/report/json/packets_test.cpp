#include "daemon/report/json/probe.hpp"

#include <gtest/gtest.h>

#include "daemon/report/json/probe.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

Json of(const probes::PacketFacts& facts) {
    return packets_json({fabricated::packets("10.0.0.4", facts)}).at("10.0.0.4");
}

TEST(PacketsJson, OfAConnectionThatWasReset) {
    const Json json = of(fabricated::reset_packets());
    EXPECT_EQ(json["local_address"], "10.0.0.7");
    EXPECT_EQ(json["local_port"], 40000);
    EXPECT_EQ(json["complete"], true);
    EXPECT_EQ(json["syn"], 1);
    EXPECT_EQ(json["syn_ack"], 1);
    EXPECT_EQ(json["syn_ack_ttl"], 63);
    EXPECT_DOUBLE_EQ(json["handshake_rtt_seconds"], 0.0004);
    EXPECT_EQ(json["bytes_sent"], 335);
    EXPECT_EQ(json["bytes_received"], 0);
    EXPECT_EQ(json["rst_received"], 1);
    EXPECT_EQ(json["rst_ttl"], 64);
    EXPECT_EQ(json["ttls"], Json({63}));
    EXPECT_EQ(json["resets"][0], (Json{{"ttl", 64},
                                       {"position", 0},
                                       {"in_sequence", true},
                                       {"after_seconds", 0.0009},
                                       {"acknowledged", 335},
                                       {"after_acknowledged_seconds", 0.0003}}));
}

TEST(PacketsJson, WhatDidNotHappenIsLeftOutButForTheCore) {
    probes::PacketFacts facts;
    facts.syn = 3;
    facts.next_hop = probes::NextHop::unresolved;
    const Json json = of(facts);
    for (const char* key : {"syn_ack", "rst_received", "bytes_sent", "bytes_received", "retransmits_sent",
                            "retransmits_received", "fin_received"}) {
        EXPECT_EQ(json.at(key), 0) << key;
    }
    for (const char* key : {"syn_ack_ttl", "handshake_rtt_seconds", "rst_ttl", "resets", "icmp", "ttls",
                            "lost_segment_size", "mss_received", "first_byte_after_seconds"}) {
        EXPECT_FALSE(json.contains(key)) << key;
    }
    EXPECT_EQ(json["next_hop"], "unresolved");
}

TEST(PacketsJson, OfAPathThatSwallowsLargeSegments) {
    probes::PacketFacts facts = fabricated::reset_packets();
    facts.complete = false;
    facts.lost = probes::LostSegment{1448, 5, 335};
    probes::IcmpSeen icmp;
    icmp.error = {false, 3, 4, fabricated::address("10.0.0.1"), false};
    icmp.mtu = 1400;
    icmp.after = 2ms;
    icmp.established = true;
    facts.icmp.push_back(icmp);
    const Json json = of(facts);
    EXPECT_EQ(json["complete"], false);
    EXPECT_EQ(json["lost_segment_size"], 1448);
    EXPECT_EQ(json["lost_segment_times_sent"], 5);
    EXPECT_EQ(json["lost_segment_position"], 335);
    EXPECT_EQ(json["icmp"][0], (Json{{"protocol", "icmp"},
                                     {"type", 3},
                                     {"code", 4},
                                     {"sender", "10.0.0.1"},
                                     {"mtu", 1400},
                                     {"after_seconds", 0.002},
                                     {"established", true}}));
}

TEST(PacketsJson, HasNoKeyForWhatWasNotCaptured) {
    EXPECT_TRUE(packets_json({}).empty());
    const auto json = packets_json({fabricated::packets("fd00::4")});
    EXPECT_EQ(json.size(), 1U);
    EXPECT_TRUE(json.contains("fd00::4"));
}

TEST(PacketsJson, OfAListener) {
    const Json json = probe_json(fabricated::listener());
    EXPECT_EQ(json["stage"], "listener");
    EXPECT_EQ(json["port"], 6379);
    EXPECT_FALSE(json.contains("address"));
    EXPECT_EQ(json["sockets"],
              Json::array({{{"address", "0.0.0.0"}, {"port", 6379}, {"waiting", 2}, {"backlog", 128}}}));
}

TEST(PacketsJson, OfTraffic) {
    const Json json = probe_json(fabricated::traffic());
    EXPECT_EQ(json["stage"], "packets");
    EXPECT_DOUBLE_EQ(json["window_seconds"], 10);
    EXPECT_EQ(json["attempts"], 12);
    EXPECT_EQ(json["established"], 11);
    EXPECT_EQ(json["refused"], 1);
    EXPECT_DOUBLE_EQ(json["handshake_rtt_seconds"], 0.0004);
    EXPECT_DOUBLE_EQ(json["handshake_rtt_max_seconds"], 0.0005);
    EXPECT_EQ(json["peers"][0],
              (Json{{"address", "10.1.0.5"}, {"attempts", 4}, {"established", 3}, {"failed", 1}}));
    EXPECT_EQ(json["proxy_header"], (Json{{"version", 2},
                                          {"source", "10.9.0.1"},
                                          {"source_port", 51000},
                                          {"destination", "10.0.0.7"},
                                          {"destination_port", 6379},
                                          {"aws_endpoint_id", "vpce-0a1b"}}));
}

TEST(PacketsJson, ZeroIsAnIdentifierToo) {
    checks::JudgedProbe probe = fabricated::traffic();
    auto& header = *get<probes::TrafficFacts>(probe.observation.facts).proxy_header;
    header = {};
    header.version = 2;
    header.azure_link_id = 0;
    EXPECT_EQ(probe_json(probe)["proxy_header"], (Json{{"version", 2}, {"azure_link_id", 0}}));
}

TEST(PacketsJson, WhatCouldNotBeLookedAtHasNoCounts) {
    for (checks::JudgedProbe probe : {fabricated::listener(), fabricated::traffic()}) {
        probe.outcome = checks::Outcome::local_error;
        probe.observation.local = probes::LocalError{"socket", 1, "Operation not permitted"};
        const Json json = probe_json(probe);
        EXPECT_EQ(json["local_error"]["errno"], 1);
        EXPECT_FALSE(json.contains("attempts"));
        EXPECT_FALSE(json.contains("sockets"));
    }
}

}  // namespace
}  // namespace whylink::daemon
