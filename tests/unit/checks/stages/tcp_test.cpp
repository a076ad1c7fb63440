#include <gtest/gtest.h>

#include <cerrno>

#include "checks/stages/stage.hpp"
#include "tests/unit/checks/stages/told.hpp"

namespace whylink::checks {
namespace {

using probes::IcmpError;
using probes::Observation;
using probes::StreamEnd;
using probes::TcpFacts;

Observation observe(TcpFacts facts) {
    Observation observation;
    observation.stage = probes::Stage::tcp;
    observation.address = IpAddress::parse("10.0.0.4");
    observation.port = 9440;
    observation.facts = std::move(facts);
    return observation;
}

Outcome outcome_of(TcpFacts facts) {
    return classify(observe(std::move(facts)), {}).outcome;
}

TcpFacts failed(int error, std::optional<IcmpError> icmp = std::nullopt) {
    TcpFacts facts;
    facts.error = error;
    facts.icmp = icmp;
    return facts;
}

IcmpError icmp(int type, int code, bool v6 = false, bool local = false) {
    return {v6, static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(code),
            IpAddress::parse("10.0.0.1"), local};
}

TcpFacts connected() {
    TcpFacts facts;
    facts.connected = true;
    return facts;
}

TEST(ClassifyTcp, EveryIcmpCodeToASyn) {
    for (int code = 0; code < 20; ++code) {
        const bool prohibited = code == 3 || code == 9 || code == 10 || code == 13;
        const Outcome expected = prohibited ? Outcome::prohibited : Outcome::unreachable;
        if (code != 4) {
            EXPECT_EQ(outcome_of(failed(EHOSTUNREACH, icmp(3, code))), expected) << code;
        }
    }
    for (int code = 0; code < 9; ++code) {
        const bool prohibited = code == 1 || code == 4 || code == 5 || code == 6;
        const Outcome expected = prohibited ? Outcome::prohibited : Outcome::unreachable;
        EXPECT_EQ(outcome_of(failed(EHOSTUNREACH, icmp(1, code, true))), expected) << code;
    }
    EXPECT_EQ(outcome_of(failed(EHOSTUNREACH, icmp(11, 0))), Outcome::unreachable);
    EXPECT_EQ(outcome_of(failed(EHOSTUNREACH, icmp(3, 0, true))), Outcome::unreachable);
}

TEST(ClassifyTcp, TooBigIsNotUnreachable) {
    TcpFacts facts;
    facts.timed_out = true;
    facts.icmp = icmp(3, 4);
    EXPECT_EQ(outcome_of(facts), Outcome::timeout);
    facts.icmp = icmp(2, 0, true);
    EXPECT_EQ(outcome_of(facts), Outcome::timeout);
}

TEST(ClassifyTcp, TheSameErrnoWithAndWithoutIcmp) {
    EXPECT_EQ(outcome_of(failed(ECONNREFUSED)), Outcome::refused);
    EXPECT_EQ(outcome_of(failed(ECONNREFUSED, icmp(3, 3))), Outcome::prohibited);
    EXPECT_EQ(outcome_of(failed(EHOSTUNREACH)), Outcome::unreachable);
    EXPECT_EQ(outcome_of(failed(EHOSTUNREACH, icmp(3, 13))), Outcome::prohibited);
}

TEST(ClassifyTcp, EveryErrnoOfConnect) {
    using enum Outcome;
    const std::vector<std::pair<int, Outcome>> cases{
        {ETIMEDOUT, timeout},     {ENETUNREACH, unreachable},      {ENETDOWN, unreachable},
        {EHOSTDOWN, unreachable}, {EINVAL, unreachable},           {EPERM, prohibited},
        {EACCES, prohibited},     {ECONNRESET, pending_allowlist}, {EADDRNOTAVAIL, local_error},
        {EMFILE, local_error},    {ENOBUFS, local_error},          {EADDRINUSE, local_error},
    };
    for (const auto& [error, outcome] : cases) {
        EXPECT_EQ(outcome_of(failed(error)), outcome) << error;
    }
}

TEST(ClassifyTcp, ResetOutOfConnectEndsByRst) {
    EXPECT_EQ(stream_end(observe(failed(ECONNRESET))), StreamEnd::rst);
    EXPECT_EQ(stream_end(observe(failed(ECONNREFUSED))), StreamEnd::none);
}

TEST(ClassifyTcp, WhoForbidsIt) {
    EXPECT_TRUE(forbidden_here(observe(failed(EPERM))));
    EXPECT_TRUE(forbidden_here(observe(failed(ECONNREFUSED, icmp(3, 3, false, true)))));
    EXPECT_FALSE(forbidden_here(observe(failed(ECONNREFUSED, icmp(3, 3)))));
    // ICMPv6 1/1 makes connect() fail with EACCES.
    EXPECT_FALSE(forbidden_here(observe(failed(EACCES, icmp(1, 1, true)))));
    EXPECT_FALSE(forbidden_here(observe(failed(EHOSTUNREACH, icmp(3, 1, false, true)))));
}

TEST(ClassifyTcp, APermissionThatAnOptionNeedsIsALocalFault) {
    Observation observation = observe({});
    observation.local = probes::LocalError{"setsockopt SO_MARK", EPERM, "not permitted"};
    EXPECT_EQ(classify(observation, {}).outcome, Outcome::local_error);
    observation.local = probes::LocalError{"connect", EPERM, ""};
    EXPECT_EQ(classify(observation, {}).outcome, Outcome::prohibited);
}

TEST(ClassifyTcp, APlainConnectionThatStaysIsOk) {
    EXPECT_EQ(outcome_of(connected()), Outcome::ok);
    EXPECT_EQ(told(observe(connected())).detail, "");
}

TEST(ClassifyTcp, AnEndWithoutAByteIsPending) {
    TcpFacts facts = connected();
    facts.end = StreamEnd::fin;
    EXPECT_EQ(outcome_of(facts), Outcome::pending_allowlist);
    facts.end = StreamEnd::rst;
    facts.end_error = ECONNRESET;
    EXPECT_EQ(outcome_of(facts), Outcome::pending_allowlist);
    facts.end = StreamEnd::none;
    EXPECT_EQ(outcome_of(facts), Outcome::pending_allowlist);
}

TEST(ClassifyTcp, AByteEndsTheWatch) {
    for (const StreamEnd end : {StreamEnd::none, StreamEnd::fin, StreamEnd::rst}) {
        TcpFacts facts = connected();
        facts.bytes_received = 3;
        facts.first_bytes = "220";
        facts.end = end;
        EXPECT_EQ(outcome_of(facts), Outcome::ok);
    }
}

TEST(ClassifyTcp, AnErrorOnceConnectedIsClassifiedByErrno) {
    TcpFacts facts = connected();
    facts.end_error = EHOSTUNREACH;
    EXPECT_EQ(outcome_of(facts), Outcome::unreachable);
    facts.end_error = ETIMEDOUT;
    EXPECT_EQ(outcome_of(facts), Outcome::timeout);
    facts.end_error = ENOMEM;
    EXPECT_EQ(outcome_of(facts), Outcome::local_error);
}

TEST(ClassifyTcp, SaysHowOftenTheSynWasSent) {
    TcpFacts facts;
    facts.timed_out = true;
    Observation observation = observe(facts);
    observation.took = std::chrono::seconds(5);
    EXPECT_EQ(told(observation).detail, "no SYN-ACK within 5 s");
    facts.info = probes::TcpInfo{};
    facts.info->retransmits = 4;
    observation.facts = facts;
    EXPECT_EQ(told(observation).detail, "no SYN-ACK: 5 SYNs in 5 s");
}

}  // namespace
}  // namespace whylink::checks
