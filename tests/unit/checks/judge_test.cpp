// What the recorded cases cannot say: input that no probe should give, and properties of every verdict.
#include "checks/judge.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <random>

#include "checks/stages/stage.hpp"
#include "checks/table/rules.hpp"
#include "tests/unit/checks/judged.hpp"

namespace whylink::checks {
namespace {

using probes::DnsFacts;
using probes::Observation;
using probes::TcpFacts;
using probes::TlsFacts;

config::Endpoint endpoint() {
    config::Endpoint made;
    made.name = "a";
    made.host = "abcd.example";
    made.port = 9440;
    return made;
}

Observation resolved(const char* address) {
    DnsFacts facts;
    facts.name = "abcd.example";
    facts.resolver = *IpAddress::parse("10.0.0.2");
    probes::DnsQuery query;
    query.rcode = 0;
    query.answers = {{*IpAddress::parse(address), 300}};
    facts.queries = {query};
    Observation observation;
    observation.facts = facts;
    return observation;
}

Observation connected(const char* address) {
    TcpFacts facts;
    facts.connected = true;
    Observation observation;
    observation.stage = probes::Stage::tcp;
    observation.address = IpAddress::parse(address);
    observation.port = 9440;
    observation.facts = facts;
    return observation;
}

TEST(Judge, AnAnswerWithoutAnyProbeOfAnAddressIsNoHealth) {
    const Verdict verdict = judged(endpoint(), {resolved("10.0.0.4")}, {});
    EXPECT_FALSE(verdict.healthy);
    EXPECT_EQ(verdict.decision.cause, Cause::local_limit);
    EXPECT_EQ(verdict.decision.confidence, Confidence::low);
}

TEST(Judge, AnExperimentChangesNothing) {
    Observation refused = connected("10.0.0.4");
    get<TcpFacts>(refused.facts).connected = false;
    get<TcpFacts>(refused.facts).error = ECONNREFUSED;
    probes::Round measured;
    measured.probes = {resolved("10.0.0.4"), connected("10.0.0.4")};
    const Verdict without = judged(endpoint(), measured, {});
    measured.follow_ups = {{probes::FollowUp::small_segments, refused}};
    const Verdict with = judged(endpoint(), measured, {});
    EXPECT_TRUE(with.healthy);
    EXPECT_EQ(with.facts, without.facts);
    EXPECT_EQ(with.probes.size(), without.probes.size());
    EXPECT_FALSE(with.follow_ups.back().probe.counts);
    EXPECT_EQ(with.follow_ups.back().probe.outcome, Outcome::refused);
}

TEST(Judge, TheLastStageDecides) {
    Observation handshake = connected("10.0.0.4");
    handshake.stage = probes::Stage::tls;
    TlsFacts facts;
    facts.end = probes::StreamEnd::rst;
    handshake.facts = facts;
    for (const bool tls_first : {true, false}) {
        std::vector<Observation> observations{resolved("10.0.0.4")};
        observations.push_back(tls_first ? handshake : connected("10.0.0.4"));
        observations.push_back(tls_first ? connected("10.0.0.4") : handshake);
        EXPECT_EQ(judged(endpoint(), observations, {}).decision.cause, Cause::not_on_allowlist);
    }
}

TEST(Judge, ManyProbesGiveFewLinesAndKeepTheFailures) {
    std::vector<Observation> observations;
    for (int i = 1; i <= 200; ++i) {
        const std::string address = "10.0.1." + std::to_string(i);
        observations.push_back(connected(address.c_str()));
        if (i == 150) {
            get<TcpFacts>(observations.back().facts) = TcpFacts{};
            get<TcpFacts>(observations.back().facts).error = ECONNREFUSED;
        }
    }
    const Verdict verdict = judged(endpoint(), std::move(observations), {});
    EXPECT_EQ(verdict.decision.cause, Cause::one_address_failing);
    const std::vector<std::string> evidence = explain(endpoint(), verdict).evidence;
    EXPECT_LE(evidence.size(), 20U);
    bool named = false;
    for (const std::string& line : evidence) {
        named = named || line.starts_with("10.0.1.150:9440");
    }
    EXPECT_TRUE(named);
}

// ---- whatever a probe might give ----

class Dice {
  public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    bool rarely() { return below(4) == 0; }
    bool coin() { return below(2) == 0; }
    unsigned below(unsigned limit) { return static_cast<unsigned>(engine_() % limit); }

  private:
    std::mt19937_64 engine_;
};

int any_errno(Dice& dice) {
    constexpr int errors[]{0,          0,     EPERM,        EACCES,      ECONNREFUSED,
                           ECONNRESET, EPIPE, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT,
                           EMFILE,     EINVAL};
    return errors[dice.below(12)];
}

probes::IcmpError any_icmp(Dice& dice) {
    probes::IcmpError icmp;
    icmp.v6 = dice.coin();
    icmp.type = static_cast<std::uint8_t>(dice.below(14));
    icmp.code = static_cast<std::uint8_t>(dice.below(16));
    icmp.local = dice.rarely();
    if (dice.coin()) {
        icmp.sender = IpAddress::parse("10.0.0.1");
    }
    return icmp;
}

IpAddress any_address(Dice& dice) {
    constexpr const char* addresses[]{"10.0.0.4",  "10.0.0.9", "203.0.113.7",
                                      "127.0.0.1", "fd00::4",  "64:ff9b::a00:4"};
    return *IpAddress::parse(addresses[dice.below(6)]);
}

DnsFacts any_dns(Dice& dice, bool of_zone) {
    DnsFacts facts;
    facts.name = "abcd.example";
    facts.resolver = any_address(dice);
    facts.role = of_zone ? static_cast<probes::NameRole>(2 + dice.below(4))
                         : static_cast<probes::NameRole>(dice.below(2));
    facts.from_system = dice.coin();
    facts.no_nameserver = dice.rarely();
    if (dice.rarely()) {
        facts.source = probes::NameSource::hosts_file;
        facts.hosts_file = {any_address(dice)};
        facts.queries.emplace_back().rcode = 0;
        facts.queries.back().answers.push_back({facts.hosts_file.front(), 0});
        return facts;
    }
    if (dice.rarely()) {
        facts.hosts_file = {any_address(dice)};
    }
    for (unsigned i = dice.below(3); i > 0; --i) {
        probes::DnsQuery& query = facts.queries.emplace_back();
        if (dice.coin()) {
            query.rcode = static_cast<int>(dice.below(20));
        }
        for (unsigned n = dice.below(3); n > 0; --n) {
            query.answers.push_back({any_address(dice), 60});
        }
        query.error = any_errno(dice);
        query.bad_replies = dice.rarely() ? 1 : 0;
        query.truncated = dice.rarely();
        if (dice.rarely()) {
            query.icmp = any_icmp(dice);
        }
    }
    return facts;
}

TcpFacts any_tcp(Dice& dice) {
    TcpFacts facts;
    facts.error = any_errno(dice);
    facts.connected = dice.coin();
    facts.no_route = dice.rarely();
    facts.end = static_cast<probes::StreamEnd>(dice.below(3));
    facts.end_error = any_errno(dice);
    facts.bytes_received = dice.below(2);
    facts.first_bytes = "x";
    if (dice.rarely()) {
        facts.icmp = any_icmp(dice);
    }
    return facts;
}

TlsFacts any_tls(Dice& dice) {
    TlsFacts facts;
    facts.progress = static_cast<probes::TlsProgress>(dice.below(5));
    facts.end = static_cast<probes::StreamEnd>(dice.below(3));
    facts.error = any_errno(dice);
    facts.timed_out = dice.coin();
    facts.bytes_received = dice.below(3);
    facts.first_bytes_are_tls = !dice.rarely();
    facts.first_bytes = std::string("\xff\x00HTTP/", 7);
    facts.refused_by_us = dice.rarely();
    facts.oversized = dice.rarely();
    facts.verified = dice.coin();
    facts.client_certificate_requested = dice.coin();
    for (unsigned i = dice.below(3); i > 0; --i) {
        facts.alerts.push_back({static_cast<std::uint8_t>(dice.below(4)),
                                static_cast<std::uint8_t>(dice.below(256)), dice.coin()});
        facts.verify_faults.push_back(
            {static_cast<int>(dice.below(70)), static_cast<int>(dice.below(5)) - 1, "fault", {}, {}});
    }
    if (dice.coin()) {
        facts.chain.emplace_back();
    }
    return facts;
}

Observation any_observation(Dice& dice, bool of_zone) {
    Observation observation;
    const unsigned kind = of_zone ? 0 : dice.below(3);
    observation.stage = static_cast<probes::Stage>(kind);
    if (kind == 0) {
        observation.facts = any_dns(dice, of_zone);
    } else {
        observation.address = any_address(dice);
        observation.facts = kind == 1 ? probes::Facts(any_tcp(dice)) : probes::Facts(any_tls(dice));
    }
    if (dice.below(12) == 0) {
        observation.local = probes::LocalError{dice.coin() ? "connect" : "socket", any_errno(dice), ""};
    }
    return observation;
}

std::string fact_names(FactSet facts) {
    std::string names;
    for (std::size_t i = 0; i < count_of<Fact>; ++i) {
        if (facts.contains(static_cast<Fact>(i))) {
            names += ' ';
            names += slug(static_cast<Fact>(i));
        }
    }
    return names;
}

std::string outcome_slugs(const Verdict& verdict) {
    std::string slugs;
    for (const JudgedProbe& probe : verdict.probes) {
        slugs += ' ';
        slugs += slug(probe.outcome);
    }
    return slugs;
}

bool is_undecided(const Explanation& explanation) {
    return explanation.summary.starts_with("Inconclusive: what was seen fits no known cause");
}

void expect_sound(const config::Target& target, const Verdict& verdict, std::uint64_t seed) {
    const Explanation explanation = explain(target, verdict);
    const Decision& decision = verdict.decision;
    EXPECT_FALSE(is_undecided(explanation)) << "seed " << seed << ", facts" << fact_names(verdict.facts)
                                            << ", outcomes" << outcome_slugs(verdict);
    EXPECT_FALSE(!verdict.healthy && decision.cause == Cause::healthy) << "seed " << seed;
    EXPECT_FALSE(decision.confidence == Confidence::high && !decision.alternatives.empty())
        << "seed " << seed;
    EXPECT_EQ(decision.severity == Severity::ok,
              verdict.healthy && decision.cause == Cause::healthy && !decision.row->warns)
        << "seed " << seed;
    for (const JudgedProbe& probe : verdict.probes) {
        EXPECT_TRUE(passes(probe.outcome) || !explanation.details.of(verdict, probe).empty() ||
                    holds_alternative<DnsFacts>(probe.observation.facts))
            << "seed " << seed << " " << slug(probe.outcome);
    }
}

TEST(Judge, AnyObservationsGiveASoundVerdict) {
    config::Endpoint target = endpoint();
    target.expect = {*Cidr::parse("10.0.0.4"), *Cidr::parse("fd00::4")};
    config::Zone zone;
    zone.name = "z";
    zone.zone = "example";
    for (std::uint64_t seed = 0; seed < 6000; ++seed) {
        Dice dice(seed);
        const bool of_zone = seed % 3 == 0;
        std::vector<Observation> observations;
        for (unsigned i = dice.below(7); i > 0; --i) {
            observations.push_back(any_observation(dice, of_zone));
        }
        if (of_zone) {
            expect_sound(zone, judged(zone, observations, {}), seed);
        } else {
            expect_sound(target, judged(target, observations, {}), seed);
        }
    }
}

}  // namespace
}  // namespace whylink::checks
