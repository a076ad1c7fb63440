#include <gtest/gtest.h>

#include <cerrno>

#include "checks/stages/stage.hpp"
#include "tests/unit/checks/stages/told.hpp"

namespace whylink::checks {
namespace {

using namespace std::chrono_literals;
using probes::AppFacts;
using probes::AppReply;
using probes::Observation;
using probes::StreamEnd;

Observation observe(AppFacts facts) {
    Observation observation;
    observation.stage = probes::Stage::app;
    observation.took = 3ms;
    observation.address = IpAddress::parse("10.0.0.4");
    observation.port = 6379;
    observation.facts = std::move(facts);
    return observation;
}

Told classified(AppFacts facts) {
    return told(observe(std::move(facts)));
}

Outcome outcome_of(AppFacts facts) {
    return classified(std::move(facts)).outcome;
}

AppFacts asked(bool over_tls = false) {
    AppFacts facts;
    facts.protocol = "redis";
    facts.over_tls = over_tls;
    facts.bytes_sent = 14;
    return facts;
}

AppFacts replied(AppReply reply, std::string said = {}) {
    AppFacts facts = asked();
    facts.reply = reply;
    facts.said = std::move(said);
    facts.bytes_received = 30;
    return facts;
}

probes::TlsAlert alert(int description, bool by_us = false, int level = 2) {
    return {static_cast<std::uint8_t>(level), static_cast<std::uint8_t>(description), by_us};
}

TEST(ClassifyApp, ReachedIsOkWithAndWithoutCredentials) {
    EXPECT_EQ(outcome_of(replied(AppReply::served, "PONG")), Outcome::ok);
    const Told asks = classified(replied(AppReply::wants_credentials, "NOAUTH Authentication required."));
    EXPECT_EQ(asks.outcome, Outcome::ok);
    EXPECT_NE(asks.detail.find("asks for credentials: NOAUTH"), std::string::npos) << asks.detail;
}

TEST(ClassifyApp, ARefusalIsForbiddenAndEverythingElseUnexpected) {
    EXPECT_EQ(outcome_of(replied(AppReply::forbidden)), Outcome::forbidden);
    for (const AppReply reply : {AppReply::cannot_serve, AppReply::unexpected, AppReply::other_protocol,
                                 AppReply::wants_tls, AppReply::without_tls}) {
        const Told result = classified(replied(reply));
        EXPECT_EQ(result.outcome, Outcome::unexpected_reply);
        EXPECT_FALSE(result.detail.empty());
    }
}

TEST(ClassifyApp, WhatWasSaidCountsAndNotHowItEnded) {
    AppFacts facts = replied(AppReply::served);
    facts.end = StreamEnd::rst;
    facts.error = ECONNRESET;
    EXPECT_EQ(outcome_of(facts), Outcome::ok);
    facts.reply = AppReply::cannot_serve;
    facts.timed_out = true;
    EXPECT_EQ(outcome_of(facts), Outcome::unexpected_reply);
}

TEST(ClassifyApp, NamesTheOtherProtocol) {
    AppFacts facts = replied(AppReply::other_protocol);
    facts.first_bytes = "SSH-2.0-OpenSSH_9.2p1\r\n";
    const std::string detail = classified(facts).detail;
    EXPECT_NE(detail.find("not Redis"), std::string::npos) << detail;
    EXPECT_NE(detail.find("looks like an SSH server"), std::string::npos) << detail;
}

TEST(ClassifyApp, SaysTheCodeOnce) {
    AppFacts facts = replied(AppReply::cannot_serve, "503 Service Unavailable");
    facts.status = 503;
    EXPECT_EQ(classified(facts).detail, "the application cannot serve: 503 Service Unavailable");
    facts.status = 1040;
    facts.said = "Too many connections";
    EXPECT_EQ(classified(facts).detail, "the application cannot serve: code 1040, Too many connections");
}

TEST(ClassifyApp, EscapesAndBoundsWhatWasSaid) {
    const std::string detail =
        classified(replied(AppReply::forbidden, "\x1b[2J\n" + std::string(5000, 'x'))).detail;
    EXPECT_EQ(detail.find('\x1b'), std::string::npos);
    EXPECT_EQ(detail.find('\n'), std::string::npos);
    EXPECT_LT(detail.size(), 600U);
}

TEST(ClassifyApp, AnEndBeforeAnythingOfTheServerIsPending) {
    for (const StreamEnd end : {StreamEnd::rst, StreamEnd::fin}) {
        AppFacts facts = asked();
        facts.end = end;
        EXPECT_EQ(outcome_of(facts), Outcome::pending_allowlist);
        EXPECT_EQ(stream_end(observe(facts)), end);
    }
    AppFacts facts = asked();
    facts.error = ECONNRESET;
    EXPECT_EQ(outcome_of(facts), Outcome::pending_allowlist);
    EXPECT_EQ(stream_end(observe(facts)), StreamEnd::rst);
}

TEST(ClassifyApp, BehindTlsTheServerHasSentSomethingAlready) {
    AppFacts facts = asked(true);
    facts.end = StreamEnd::rst;
    EXPECT_EQ(outcome_of(facts), Outcome::reset_by_peer);
    facts.end = StreamEnd::fin;
    EXPECT_EQ(outcome_of(facts), Outcome::closed_by_peer);
    facts.end = StreamEnd::none;
    facts.alerts = {alert(0, false, 1)};
    EXPECT_EQ(outcome_of(facts), Outcome::closed_by_peer) << "close_notify without a FIN";
}

TEST(ClassifyApp, AnEndInTheMidstOfTheAnswerIsNoAllowList) {
    AppFacts facts = asked();
    facts.bytes_received = 3;
    facts.end = StreamEnd::rst;
    EXPECT_EQ(outcome_of(facts), Outcome::reset_by_peer);
    facts.end = StreamEnd::fin;
    EXPECT_EQ(outcome_of(facts), Outcome::closed_by_peer);
}

TEST(ClassifyApp, SilenceIsATimeOutBeforeAndAfterTheFirstByte) {
    AppFacts facts = asked();
    facts.timed_out = true;
    EXPECT_EQ(outcome_of(facts), Outcome::timeout);
    facts.bytes_received = 3;
    EXPECT_EQ(outcome_of(facts), Outcome::timeout);
}

TEST(ClassifyApp, AnAlertThatComesOnlyNowIsTheServersRefusal) {
    AppFacts facts = asked(true);
    facts.alerts = {alert(116)};
    facts.end = StreamEnd::fin;
    const Told result = classified(facts);
    EXPECT_EQ(result.outcome, Outcome::tls_alert);
    EXPECT_NE(result.detail.find("certificate_required (116)"), std::string::npos) << result.detail;
    facts.alerts = {alert(70)};
    EXPECT_EQ(outcome_of(facts), Outcome::tls_mismatch);
    facts.alerts = {alert(20, true)};
    EXPECT_EQ(outcome_of(facts), Outcome::unexpected_reply) << "our own: what came could not be read";
}

TEST(ClassifyApp, AnErrnoIsTheNetworksOrThisHosts) {
    AppFacts facts = asked();
    facts.error = EHOSTUNREACH;
    EXPECT_EQ(outcome_of(facts), Outcome::unreachable);
    facts.error = EBADF;
    EXPECT_EQ(outcome_of(facts), Outcome::local_error);
}

}  // namespace
}  // namespace whylink::checks
