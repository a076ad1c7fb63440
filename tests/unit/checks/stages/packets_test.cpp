// What the recorded cases under tests/cases/packets-* leave out: limits, and properties of every verdict.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <random>

#include "checks/judge.hpp"
#include "tests/unit/checks/judged.hpp"

namespace whylink::checks {
namespace {

using probes::NextHop;
using probes::Observation;
using probes::PacketFacts;
using probes::ResetSeen;
using probes::TcpFacts;
using probes::TlsFacts;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

const IpAddress server = *IpAddress::parse("10.0.0.4");

config::Endpoint endpoint() {
    config::Endpoint made;
    made.name = "a";
    made.host = "10.0.0.4";
    made.address = server;
    made.port = 9440;
    return made;
}

template <class Facts>
Observation seen(probes::Stage stage, Facts facts) {
    Observation observation;
    observation.stage = stage;
    observation.address = server;
    observation.port = 9440;
    observation.took = seconds(5);
    observation.facts = std::move(facts);
    return observation;
}

Observation connected() {
    TcpFacts facts;
    facts.connected = true;
    facts.has_tls = true;
    return seen(probes::Stage::tcp, facts);
}

Observation silent() {
    TcpFacts facts;
    facts.timed_out = true;
    return seen(probes::Stage::tcp, facts);
}

Observation ended_by_reset() {
    TlsFacts facts;
    facts.progress = probes::TlsProgress::client_hello_sent;
    facts.bytes_sent = 335;
    facts.end = probes::StreamEnd::rst;
    facts.error = ECONNRESET;
    return seen(probes::Stage::tls, facts);
}

Observation without_answer() {
    TlsFacts facts;
    facts.progress = probes::TlsProgress::client_hello_sent;
    facts.bytes_sent = 335;
    facts.timed_out = true;
    return seen(probes::Stage::tls, facts);
}

/// The probes of one address, and the packets of its connection.
probes::Round round_of(std::vector<Observation> probes, const PacketFacts& facts) {
    probes::Round measured;
    measured.probes = std::move(probes);
    measured.packets = {{*IpAddress::parse("10.0.0.4"), 9440, {}, seconds(5), facts}};
    return measured;
}

PacketFacts handshake() {
    PacketFacts facts;
    facts.everywhere = true;
    facts.packets_sent = 3;
    facts.packets_received = 2;
    facts.syn = 1;
    facts.syn_ack = 1;
    facts.handshake_ack = 1;
    facts.handshake_rtt = milliseconds(10);
    facts.syn_ack_hop_limit = 62;
    facts.hop_limits = {62};
    facts.mss_sent = 1460;
    facts.mss_received = 1460;
    facts.bytes_sent = 335;
    return facts;
}

ResetSeen reset() {
    ResetSeen made;
    made.hop_limit = 62;
    made.acknowledged = 335;
    made.after = milliseconds(21);
    made.after_acknowledged = milliseconds(10);
    return made;
}

Decision of(std::vector<Observation> probes, const PacketFacts& facts) {
    return judged(endpoint(), round_of(std::move(probes), facts), {}).decision;
}

Decision of_reset(const ResetSeen& seen_reset, PacketFacts facts = handshake()) {
    facts.rst_received = 1;
    facts.resets = {seen_reset};
    return of({connected(), ended_by_reset()}, facts);
}

TEST(Packets, OfAnotherAddressOrNotHadAtAllChangeNothing) {
    PacketFacts facts;
    facts.everywhere = true;
    facts.next_hop = NextHop::known;
    ASSERT_EQ(of({silent()}, facts).cause, Cause::local_firewall);
    probes::Round measured = round_of({silent()}, facts);
    measured.packets.front().address = *IpAddress::parse("10.0.0.5");
    EXPECT_EQ(judged(endpoint(), measured, {}).decision.cause, Cause::syn_unanswered);
    measured.packets.clear();
    EXPECT_EQ(judged(endpoint(), measured, {}).decision.cause, Cause::syn_unanswered);
}

TEST(Packets, ASynToThisHostItselfMayHaveMetItsOwnRules) {
    PacketFacts facts;
    facts.everywhere = true;
    facts.packets_sent = facts.syn = 1;
    facts.local = *IpAddress::parse("10.0.0.7");
    EXPECT_TRUE(of({silent()}, facts).alternatives.empty());
    facts.local = *silent().address;
    EXPECT_EQ(of({silent()}, facts).alternatives, std::vector{Cause::local_firewall});
}

TEST(Packets, ASynThatLeftByALongerWayIsNoRuleOfThisHost) {
    PacketFacts facts;
    facts.everywhere = true;
    facts.next_hop = NextHop::known;
    facts.packets_sent = 1;  // the capture missed the beginning
    EXPECT_EQ(of({silent()}, facts).cause, Cause::syn_unanswered);
}

TEST(Packets, ASynThatTheRulesLetOutWasTranslatedAndNotDropped) {
    PacketFacts facts;
    facts.everywhere = true;
    facts.next_hop = NextHop::known;
    Observation tcp = silent();
    get<probes::TcpFacts>(tcp.facts).let_out = true;
    const Decision decision = of({tcp}, facts);
    EXPECT_EQ(decision.cause, Cause::syn_unanswered);
    EXPECT_EQ(decision.confidence, Confidence::medium);
    EXPECT_EQ(decision.alternatives, std::vector{Cause::local_firewall});
}

TEST(Packets, ARefusalOfASynThatLeftIsNoRuleOfThisHost) {
    TcpFacts refused;
    refused.error = ECONNREFUSED;
    refused.at_once = true;
    PacketFacts packets;
    packets.local = *IpAddress::parse("10.0.0.7");
    packets.everywhere = true;
    packets.syn = packets.packets_sent = packets.packets_received = packets.rst_received = 1;
    packets.resets.emplace_back();
    const auto decision = [&] {
        return judged(endpoint(), round_of({seen(probes::Stage::tcp, refused)}, packets), {}).decision;
    };
    EXPECT_EQ(decision().cause, Cause::connection_refused);
    EXPECT_EQ(decision().confidence, Confidence::high);
    packets.local = server;  // this host itself
    EXPECT_EQ(decision().confidence, Confidence::medium);
    packets.local = *IpAddress::parse("10.0.0.7");
    packets.syn = 0;  // eaten and answered by a rule
    EXPECT_EQ(decision().confidence, Confidence::medium);
}

// Only the handshake may have been slow: a middlebox stays possible, and is not the likeliest.
TEST(Packets, AResetIsTooSoonBelowHalfOfTheHandshake) {
    ResetSeen soon = reset();
    soon.after_acknowledged = microseconds(4999);
    EXPECT_EQ(of_reset(soon).cause, Cause::not_on_allowlist);
    EXPECT_THAT(of_reset(soon).alternatives, testing::Contains(Cause::reset_in_path));
    soon.after_acknowledged = microseconds(5000);
    EXPECT_EQ(of_reset(soon).cause, Cause::not_on_allowlist);
    EXPECT_THAT(of_reset(soon).alternatives, testing::Not(testing::Contains(Cause::reset_in_path)));
}

TEST(Packets, OnAShortPathTheTimeSaysNothing) {
    PacketFacts near = handshake();
    near.handshake_rtt = microseconds(1999);
    ResetSeen soon = reset();
    soon.after_acknowledged = microseconds(1);
    EXPECT_EQ(of_reset(soon, near).cause, Cause::not_on_allowlist);
}

TEST(Packets, ATtlThatTheServerAlsoUsesIsNoSign) {
    PacketFacts facts = handshake();
    facts.hop_limits = {62, 61};
    ResetSeen other = reset();
    other.hop_limit = 61;
    EXPECT_EQ(of_reset(other, facts).cause, Cause::not_on_allowlist);
    facts.syn_ack_hop_limit.reset();
    other.hop_limit = 64;
    EXPECT_EQ(of_reset(other, facts).cause, Cause::not_on_allowlist) << "there is nothing to compare with";
}

TEST(Packets, AllSignsTogetherAreNoProof) {
    ResetSeen odd = reset();
    odd.hop_limit = 64;
    odd.after_acknowledged = microseconds(100);
    odd.in_sequence = false;
    odd.position = -7;
    EXPECT_EQ(of_reset(odd).cause, Cause::reset_in_path);
    EXPECT_EQ(of_reset(odd).confidence, Confidence::medium);
    PacketFacts goes_on = handshake();
    goes_on.received_after_reset = 1;
    EXPECT_EQ(of_reset(odd, goes_on).confidence, Confidence::high);
}

TEST(Packets, AGapIsNoBlackHoleWhenFullSizedOnesCame) {
    PacketFacts facts = handshake();
    facts.bytes_acknowledged = 335;
    facts.missing_received = 1460;
    facts.largest_after_missing = 900;
    facts.largest_received = 900;
    facts.first_byte_after = milliseconds(10);
    EXPECT_EQ(of({connected(), without_answer()}, facts).cause, Cause::path_mtu_black_hole);
    facts.largest_received = 1460;
    EXPECT_EQ(of({connected(), without_answer()}, facts).cause, Cause::backend_silent);
    facts.largest_received = 900;
    facts.missing_received = 900;
    EXPECT_EQ(of({connected(), without_answer()}, facts).cause, Cause::backend_silent)
        << "what is missing is no larger than what came";
}

TEST(Packets, LargeSegmentsLostAfterOthersArrivedAreNotCertain) {
    PacketFacts facts = handshake();
    facts.largest_acknowledged = 335;
    facts.bytes_acknowledged = 335;
    facts.lost = probes::LostSegment{1448, 5, 335};
    const Decision decision = of({connected(), without_answer()}, facts);
    EXPECT_EQ(decision.cause, Cause::path_mtu_black_hole);
    EXPECT_EQ(decision.confidence, Confidence::medium) << "the server may have died in between";
    facts.complete = false;
    EXPECT_EQ(of({connected(), without_answer()}, facts).cause, Cause::backend_silent)
        << "the acknowledgement may be among what the kernel dropped";
}

TEST(Packets, AnUnreachableFromARouterEndsNoConnectionThatIsUp) {
    PacketFacts facts = handshake();
    probes::IcmpSeen icmp;
    icmp.error.type = 3;
    icmp.error.code = 1;
    icmp.established = true;
    facts.icmp = {icmp};
    EXPECT_EQ(of({connected(), without_answer()}, facts).cause, Cause::backend_silent);
}

TEST(Packets, NeverChangeWhatPassed) {
    TlsFacts good;
    good.progress = probes::TlsProgress::complete;
    good.bytes_sent = 415;
    good.bytes_received = 2310;
    good.message_after_handshake = true;
    PacketFacts odd = handshake();
    odd.resets = {reset()};
    odd.received_after_reset = 3;
    odd.lost = probes::LostSegment{1448, 9, 0};
    odd.icmp.resize(1);
    odd.icmp[0].error.type = 3;
    odd.icmp[0].error.code = 13;
    const std::vector<Observation> probes{connected(), seen(probes::Stage::tls, good)};
    const Verdict plain = judged(endpoint(), probes, {});
    const Verdict sharpened = judged(endpoint(), round_of(probes, odd), {});
    ASSERT_TRUE(plain.healthy);
    EXPECT_TRUE(sharpened.healthy);
    EXPECT_EQ(sharpened.facts, plain.facts);
    EXPECT_EQ(explain(endpoint(), sharpened).evidence, explain(endpoint(), plain).evidence);
}

// ---- whatever they say ----

class Dice {
  public:
    template <class T>
    T number(T most) {
        const auto limit = static_cast<std::uint64_t>(most) + 1;
        return static_cast<T>(random_() % 3 == 0 ? 0 : random_() % limit);
    }
    bool often() { return random_() % 4 != 0; }

  private:
    std::mt19937_64 random_{20260601};
};

PacketFacts thrown(Dice& dice) {
    PacketFacts facts;
    facts.complete = dice.often();
    facts.everywhere = dice.often();
    facts.next_hop = static_cast<NextHop>(dice.number(2));
    facts.packets_sent = dice.number(4U);
    facts.packets_received = dice.number(4U);
    facts.syn = dice.number(3U);
    facts.syn_ack = dice.number(2U);
    facts.handshake_ack = dice.number(1U);
    facts.handshake_rtt = microseconds(dice.number(9000));
    facts.syn_ack_hop_limit = static_cast<std::uint8_t>(62 + dice.number(1));
    facts.mss_sent = static_cast<std::uint16_t>(dice.number(1460));
    facts.mss_received = static_cast<std::uint16_t>(dice.number(1460));
    facts.bytes_received = dice.number(std::uint64_t{2000});
    facts.bytes_acknowledged = dice.number(std::uint64_t{2000});
    facts.largest_acknowledged = dice.number(1448U);
    facts.largest_received = dice.number(1448U);
    facts.missing_received = dice.number(std::uint64_t{1448});
    facts.largest_after_missing = dice.number(1448U);
    facts.first_byte_after = milliseconds(dice.number(5000));
    if (dice.often()) {
        facts.lost =
            probes::LostSegment{dice.number(1448U), 2 + dice.number(4U), dice.number(std::uint64_t{1})};
    }
    if (dice.often()) {
        ResetSeen one = reset();
        one.hop_limit = static_cast<std::uint8_t>(62 + dice.number(1));
        one.position = dice.number(std::int64_t{2000});
        one.in_sequence = dice.often();
        facts.resets.push_back(one);
        facts.received_after_reset = dice.number(1U);
    }
    if (!dice.often()) {
        probes::IcmpSeen icmp;
        icmp.error.type = static_cast<std::uint8_t>(dice.number(12));
        icmp.error.code = static_cast<std::uint8_t>(dice.number(15));
        icmp.mtu = dice.number(1500U);
        icmp.established = dice.often();
        facts.icmp.push_back(icmp);
    }
    return facts;
}

void expect_honest(const Verdict& verdict) {
    EXPECT_FALSE(verdict.healthy);
    EXPECT_NE(verdict.decision.cause, Cause::local_limit);
    EXPECT_TRUE(verdict.decision.confidence != Confidence::high || verdict.decision.alternatives.empty());
    const std::string summary = explain(endpoint(), verdict).summary;
    EXPECT_EQ(summary.find('{'), std::string::npos) << summary;
    EXPECT_EQ(verdict.packets.size(), 1U);
}

TEST(Packets, WhateverTheySayTheVerdictIsHonestAndAsSureAsWithout) {
    Dice dice;
    for (int i = 0; i < 3000; ++i) {
        for (const Observation& last : {silent(), ended_by_reset(), without_answer()}) {
            std::vector<Observation> probes;
            if (last.stage == probes::Stage::tls) {
                probes.push_back(connected());
            }
            probes.push_back(last);
            const Verdict plain = judged(endpoint(), probes, {});
            PacketFacts facts = thrown(dice);
            facts.fin_received_after.reset();
            const Verdict sharpened = judged(endpoint(), round_of(probes, facts), {});
            expect_honest(sharpened);
            EXPECT_GE(sharpened.decision.confidence, plain.decision.confidence);
        }
    }
}

}  // namespace
}  // namespace whylink::checks
