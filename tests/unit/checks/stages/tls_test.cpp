#include <gtest/gtest.h>

#include <cerrno>

#include "checks/stages/stage.hpp"
#include "tests/unit/checks/stages/told.hpp"

namespace whylink::checks {
namespace {

using namespace std::chrono_literals;
using probes::Certificate;
using probes::Observation;
using probes::StreamEnd;
using probes::TlsFacts;
using probes::TlsProgress;

const probes::WallClock::time_point now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

Observation observe(TlsFacts facts) {
    Observation observation;
    observation.stage = probes::Stage::tls;
    observation.address = IpAddress::parse("10.0.0.4");
    observation.port = 9440;
    observation.facts = std::move(facts);
    return observation;
}

Told classified(TlsFacts facts, config::TlsMode mode = config::TlsMode::required) {
    Expectation expectation;
    expectation.tls = mode;
    expectation.now = now;
    expectation.expiry_warning = 14 * 24h;
    return told(observe(std::move(facts)), expectation);
}

Outcome outcome_of(TlsFacts facts) {
    return classified(std::move(facts)).outcome;
}

TlsFacts hello_sent() {
    TlsFacts facts;
    facts.server_name = "abcd.example";
    facts.progress = TlsProgress::client_hello_sent;
    facts.bytes_sent = 335;
    facts.verified = true;
    return facts;
}

TlsFacts begun() {
    TlsFacts facts = hello_sent();
    facts.progress = TlsProgress::server_hello;
    facts.bytes_received = 1400;
    return facts;
}

Certificate certificate(std::chrono::hours from, std::chrono::hours to) {
    Certificate made;
    made.subject = "CN=abcd.example";
    made.dns_names = {"abcd.example"};
    made.not_before = now + from;
    made.not_after = now + to;
    return made;
}

TlsFacts complete() {
    TlsFacts facts = begun();
    facts.progress = TlsProgress::complete;
    facts.version = "TLSv1.3";
    facts.chain = {certificate(-24h, 365 * 24h)};
    return facts;
}

probes::VerifyFault fault(int code, int depth, const char* text) {
    return {code, depth, text, probes::CertificateSource::server, std::nullopt};
}

probes::TlsAlert alert(int description, bool by_us = false, int level = 2) {
    return {static_cast<std::uint8_t>(level), static_cast<std::uint8_t>(description), by_us};
}

// ---- before the first byte ----

TEST(ClassifyTls, AnEndBeforeTheFirstByteIsPending) {
    for (const StreamEnd end : {StreamEnd::rst, StreamEnd::fin}) {
        TlsFacts facts = hello_sent();
        facts.end = end;
        EXPECT_EQ(outcome_of(facts), Outcome::pending_allowlist);
        facts.ended_before_hello = true;
        facts.progress = TlsProgress::not_started;
        EXPECT_EQ(outcome_of(facts), Outcome::pending_allowlist);
    }
}

TEST(ClassifyTls, AnErrnoOfAResetIsAReset) {
    for (const int error : {ECONNRESET, EPIPE}) {
        TlsFacts facts = hello_sent();
        facts.error = error;
        EXPECT_EQ(outcome_of(facts), Outcome::pending_allowlist);
        EXPECT_EQ(stream_end(observe(facts)), StreamEnd::rst);
    }
}

TEST(ClassifyTls, SilenceIsATimeoutWithAndWithoutBytes) {
    TlsFacts facts = hello_sent();
    facts.timed_out = true;
    EXPECT_EQ(outcome_of(facts), Outcome::timeout);
    EXPECT_TRUE(classified(facts).detail.starts_with("no reply to ClientHello within "))
        << classified(facts).detail;
    facts = begun();
    facts.timed_out = true;
    EXPECT_EQ(outcome_of(facts), Outcome::timeout);
    EXPECT_NE(classified(facts).detail.find("1400 received"), std::string::npos);
}

TEST(ClassifyTls, OtherErrorsAreClassifiedByErrno) {
    TlsFacts facts = hello_sent();
    facts.error = EHOSTUNREACH;
    EXPECT_EQ(outcome_of(facts), Outcome::unreachable);
    facts.error = ETIMEDOUT;
    EXPECT_EQ(outcome_of(facts), Outcome::timeout);
    facts = begun();
    facts.error = ENETUNREACH;
    EXPECT_EQ(outcome_of(facts), Outcome::unreachable);
    facts.error = ENOMEM;
    EXPECT_EQ(outcome_of(facts), Outcome::local_error);
}

TEST(ClassifyTls, AHandshakeThatOurLibraryCannotStartIsLocal) {
    TlsFacts facts;
    facts.library_error = "no ciphers available";
    EXPECT_EQ(outcome_of(facts), Outcome::local_error);
}

// ---- after it ----

TEST(ClassifyTls, AnEndAfterTheFirstByteIsNotPending) {
    TlsFacts facts = begun();
    facts.end = StreamEnd::rst;
    EXPECT_EQ(outcome_of(facts), Outcome::reset_by_peer);
    facts.end = StreamEnd::fin;
    EXPECT_EQ(outcome_of(facts), Outcome::closed_by_peer);
}

TEST(ClassifyTls, TheServersAlertSaysMoreThanItsFin) {
    TlsFacts facts = begun();
    facts.end = StreamEnd::fin;
    facts.alerts = {alert(70)};
    EXPECT_EQ(outcome_of(facts), Outcome::tls_mismatch);
    facts.alerts = {alert(71)};
    EXPECT_EQ(outcome_of(facts), Outcome::tls_mismatch);
    facts.alerts = {alert(40)};
    EXPECT_EQ(outcome_of(facts), Outcome::tls_alert);
    EXPECT_NE(classified(facts).detail.find("server alert handshake_failure (40)"), std::string::npos);
}

TEST(ClassifyTls, WarningsAndFarewellsAreNoRefusal) {
    for (const auto& harmless : {alert(112, false, 1), alert(0), alert(0, false, 1), alert(90)}) {
        TlsFacts facts = complete();
        facts.alerts = {harmless};
        EXPECT_EQ(outcome_of(facts), Outcome::ok) << int{harmless.description};
    }
}

TEST(ClassifyTls, AnAlertAfterTheHandshakeCounts) {
    TlsFacts facts = complete();
    facts.client_certificate_requested = true;
    facts.alerts = {alert(116)};
    EXPECT_EQ(outcome_of(facts), Outcome::tls_alert);
}

TEST(ClassifyTls, OurOwnAlertIsNotBlamedOnThePeer) {
    TlsFacts facts = hello_sent();
    facts.bytes_received = 60;
    facts.end = StreamEnd::fin;
    facts.alerts = {alert(50, true)};
    facts.library_error = "bad extension";
    EXPECT_EQ(outcome_of(facts), Outcome::not_tls);
    facts.alerts = {alert(70, true)};
    EXPECT_EQ(outcome_of(facts), Outcome::tls_mismatch);
    facts.alerts = {};
    facts.refused_by_us = true;
    EXPECT_EQ(outcome_of(facts), Outcome::tls_mismatch);
}

TEST(ClassifyTls, GarbageInsideTlsRecordsIsNotTlsUnlessAServerHelloCameFirst) {
    TlsFacts facts = begun();
    facts.library_error = "length mismatch";
    EXPECT_EQ(outcome_of(facts), Outcome::unexpected_reply);
    facts.alerts = {alert(20, true)};
    EXPECT_EQ(outcome_of(facts), Outcome::unexpected_reply);
    facts.progress = TlsProgress::client_hello_sent;
    EXPECT_EQ(outcome_of(facts), Outcome::not_tls);
    facts.alerts = {};
    EXPECT_EQ(outcome_of(facts), Outcome::not_tls);
}

TEST(ClassifyTls, ARecordHeaderThatIsNoneIsNoChoiceOfAVersion) {
    TlsFacts facts = begun();
    facts.library_error = "wrong version number";
    facts.alerts = {alert(70, true)};
    EXPECT_EQ(outcome_of(facts), Outcome::unexpected_reply);
    facts.refused_by_us = true;
    EXPECT_EQ(outcome_of(facts), Outcome::tls_mismatch);
}

TEST(ClassifyTls, AHandshakeThatIsTooLargeIsNeitherPlainTextNorAMismatch) {
    for (TlsFacts facts : {hello_sent(), begun()}) {
        facts.bytes_received = 1U << 20U;
        facts.oversized = true;
        facts.library_error = "more than 1048576 bytes";
        EXPECT_EQ(outcome_of(facts), Outcome::unexpected_reply);
        facts.alerts = {alert(47, true)};
        EXPECT_EQ(outcome_of(facts), Outcome::unexpected_reply);
    }
}

TEST(ClassifyTls, GarbageAfterTheHandshakeIsNotGood) {
    TlsFacts facts = complete();
    facts.library_error = "decryption failed or bad record mac";
    facts.alerts = {alert(20, true)};
    EXPECT_EQ(outcome_of(facts), Outcome::unexpected_reply);
}

TEST(ClassifyTls, PlainTextIsNamedByWhatItLooksLike) {
    TlsFacts facts = hello_sent();
    facts.bytes_received = 12;
    facts.first_bytes = "HTTP/1.1 400";
    facts.first_bytes_are_tls = false;
    facts.end = StreamEnd::fin;
    EXPECT_EQ(outcome_of(facts), Outcome::not_tls);
    EXPECT_NE(classified(facts).detail.find("looks like HTTP"), std::string::npos);
}

TEST(ClassifyTls, WhereTlsIsOnlyTriedPlainTextDoesNotCount) {
    TlsFacts facts = hello_sent();
    facts.bytes_received = 5;
    facts.first_bytes = "+PONG";
    facts.first_bytes_are_tls = false;
    EXPECT_TRUE(classified(facts).counts);
    const Told tried = classified(facts, config::TlsMode::attempt);
    EXPECT_EQ(tried.outcome, Outcome::not_tls);
    EXPECT_FALSE(tried.counts);
    facts = hello_sent();
    facts.timed_out = true;
    EXPECT_TRUE(classified(facts, config::TlsMode::attempt).counts);
}

// ---- complete ----

TEST(ClassifyTls, AResetAfterTheHandshakeIsNotGood) {
    TlsFacts facts = complete();
    facts.end = StreamEnd::rst;
    facts.error = ECONNRESET;
    EXPECT_EQ(outcome_of(facts), Outcome::reset_by_peer);
}

TEST(ClassifyTls, AFinAfterTheHandshakeIsGoodUnlessACertificateWasAskedFor) {
    TlsFacts facts = complete();
    facts.end = StreamEnd::fin;
    EXPECT_EQ(outcome_of(facts), Outcome::ok);
    facts.client_certificate_requested = true;
    EXPECT_EQ(outcome_of(facts), Outcome::closed_by_peer);
    facts.message_after_handshake = true;
    EXPECT_EQ(outcome_of(facts), Outcome::ok);
    facts.message_after_handshake = false;
    facts.client_certificate_sent = true;
    EXPECT_EQ(outcome_of(facts), Outcome::ok);
}

/// Our own certificate was asked for, and kept from the server.
TlsFacts withheld_from(TlsFacts facts, probes::Withheld reason) {
    facts.client_certificate_requested = true;
    facts.client_certificate_withheld = reason;
    return facts;
}

FactSet facts_of_judged(const TlsFacts& facts) {
    JudgedProbe probe;
    probe.observation = observe(facts);
    Expectation expectation;
    expectation.now = now;
    static_cast<Judgement&>(probe) = classify(probe.observation, expectation);
    return facts_of(probe);
}

TEST(ClassifyTls, AServerThatDoesNotVerifyIsJudgedByThatWhateverItDoesForWantOfOurCertificate) {
    for (TlsFacts facts : {complete(), begun()}) {
        facts.verify_faults = {fault(18, 0, "self-signed certificate")};
        facts = withheld_from(facts, probes::Withheld::not_verified);
        for (const int description : {40, 42, 116}) {
            facts.alerts = {alert(description)};
            const Told seen = classified(facts);
            EXPECT_EQ(seen.outcome, Outcome::certificate_untrusted) << description;
            EXPECT_NE(seen.detail.find(
                          "the client certificate was not sent: the server's certificate did not verify"),
                      std::string::npos)
                << seen.detail;
            EXPECT_FALSE(facts_of_judged(facts).intersects({Fact::alert_on_client_certificate,
                                                            Fact::alert_maybe_client_certificate,
                                                            Fact::certificate_requested}));
        }
        facts.alerts = {};
        facts.end = StreamEnd::rst;
        EXPECT_EQ(outcome_of(facts), Outcome::certificate_untrusted);
    }
}

TEST(ClassifyTls, AnAlertAtAWrongAddressIsShownAndIsNotForWantOfOurCertificate) {
    TlsFacts facts = withheld_from(begun(), probes::Withheld::wrong_address);
    facts.alerts = {alert(40)};
    const Told seen = classified(facts);
    EXPECT_EQ(seen.outcome, Outcome::tls_alert);
    EXPECT_NE(seen.detail.find("the client certificate was not sent: DNS should not have given this address"),
              std::string::npos)
        << seen.detail;
    EXPECT_FALSE(facts_of_judged(facts).intersects(
        {Fact::alert_maybe_client_certificate, Fact::certificate_requested}));
}

TEST(ClassifyTls, AnotherPeerIsJudgedByItsCertificateAlone) {
    TlsFacts facts = withheld_from(complete(), probes::Withheld::other_peer);
    facts.alerts = {alert(116)};
    EXPECT_EQ(outcome_of(facts), Outcome::ok);
    facts.verify_faults = {fault(62, 0, "hostname mismatch")};
    EXPECT_EQ(outcome_of(facts), Outcome::certificate_name_mismatch);
}

TEST(ClassifyTls, NothingIsLeftOpenByACertificateThatWasKept) {
    TlsFacts facts = complete();
    facts.client_certificate_requested = true;
    EXPECT_TRUE(facts_of_judged(facts).contains(Fact::certificate_left_open));
    EXPECT_FALSE(facts_of_judged(withheld_from(facts, probes::Withheld::wrong_address))
                     .contains(Fact::certificate_left_open));
}

TEST(ClassifyTls, TheWatchRunningOutIsNoTimeout) {
    TlsFacts facts = complete();
    facts.timed_out = true;
    EXPECT_EQ(outcome_of(facts), Outcome::ok);
}

TEST(ClassifyTls, CertificateFaultsComeInTheContractsOrder) {
    using enum Outcome;
    TlsFacts facts = complete();
    facts.chain = {certificate(24h, 48h)};
    facts.verify_faults = {fault(9, 0, "not yet valid"), fault(10, 1, "expired"), fault(20, 0, "no issuer"),
                           fault(62, 0, "hostname")};
    EXPECT_EQ(classified(facts).faults, (std::vector{certificate_name_mismatch, certificate_untrusted,
                                                     certificate_expired, certificate_not_yet_valid}));
    for (const Outcome expected :
         {certificate_name_mismatch, certificate_untrusted, certificate_expired, certificate_not_yet_valid}) {
        EXPECT_EQ(outcome_of(facts), expected);
        facts.verify_faults.pop_back();
        if (expected == certificate_expired) {
            facts.verify_faults = {fault(9, 0, "not yet valid")};
        }
    }
}

TEST(ClassifyTls, AnAddressThatTheCertificateLacksIsANameMismatch) {
    TlsFacts facts = complete();
    facts.verify_faults = {fault(64, 0, "IP address mismatch")};
    EXPECT_EQ(outcome_of(facts), Outcome::certificate_name_mismatch);
}

TEST(ClassifyTls, SaysHowManyNamesOfTheCertificateAreNotShown) {
    TlsFacts facts = complete();
    facts.verify_faults = {fault(62, 0, "hostname mismatch")};
    facts.chain[0].dns_names = {"a.test", "b.test"};
    facts.chain[0].names_left_out = 4998;
    EXPECT_NE(classified(facts).detail.find("the certificate is for a.test, b.test and 4998 more, not for"),
              std::string::npos)
        << classified(facts).detail;
}

TEST(ClassifyTls, DatesAreJudgedByNow) {
    TlsFacts facts = complete();
    facts.chain = {certificate(-48h, -24h)};
    EXPECT_EQ(outcome_of(facts), Outcome::certificate_expired);
    facts.chain = {certificate(24h, 48h)};
    EXPECT_EQ(outcome_of(facts), Outcome::certificate_not_yet_valid);
}

TEST(ClassifyTls, ExpiringIsAnyOfTheChainInsideTheWarning) {
    TlsFacts facts = complete();
    facts.chain = {certificate(-24h, 14 * 24h)};
    EXPECT_EQ(outcome_of(facts), Outcome::ok);
    facts.chain = {certificate(-24h, 14 * 24h - 1h)};
    EXPECT_EQ(outcome_of(facts), Outcome::certificate_expiring);
    facts.chain = {certificate(-24h, 365 * 24h), certificate(-24h, 24h)};
    EXPECT_EQ(outcome_of(facts), Outcome::certificate_expiring);
    facts.chain = {certificate(-24h, 365 * 24h), certificate(-48h, -24h)};
    EXPECT_EQ(outcome_of(facts), Outcome::ok) << "an expired certificate that no path uses";
}

TEST(ClassifyTls, ExpiringIsOfTheChainThatVerifies) {
    using probes::CertificateSource;
    TlsFacts facts = complete();
    Certificate root = certificate(-24h, 24h);
    root.subject = "CN=Root";
    root.self_issued = true;
    facts.path = {{facts.chain[0], CertificateSource::server}, {root, CertificateSource::store}};
    EXPECT_EQ(outcome_of(facts), Outcome::certificate_expiring);
    EXPECT_NE(classified(facts).detail.find("the root certificate CN=Root expires in"), std::string::npos);
    EXPECT_NE(classified(facts).detail.find("from this host's trust store"), std::string::npos);
    // A cross-sign that the server sends and no path needs.
    facts.path = {{facts.chain[0], CertificateSource::server}};
    facts.chain.push_back(certificate(-24h, 24h));
    EXPECT_EQ(outcome_of(facts), Outcome::ok);
}

TEST(ClassifyTls, ACertificateOfThisHostIsNotTheServers) {
    TlsFacts facts = complete();
    probes::VerifyFault expired = fault(10, 1, "certificate has expired");
    expired.certificate = certificate(-48h, -24h);
    expired.certificate->subject = "CN=Root";
    expired.certificate->self_issued = true;
    expired.source = probes::CertificateSource::ca_file;
    facts.verify_faults = {expired};
    const std::string detail = classified(facts).detail;
    EXPECT_NE(detail.find("the root certificate CN=Root expired on"), std::string::npos) << detail;
    EXPECT_NE(detail.find("from `ca_file`"), std::string::npos) << detail;
    EXPECT_NE(detail.find("the server's own certificate is valid until"), std::string::npos) << detail;
}

TEST(ClassifyTls, WithoutVerificationFaultsAreRecordedOnly) {
    TlsFacts facts = complete();
    facts.verified = false;
    facts.verify_faults = {fault(18, 0, "self-signed")};
    EXPECT_EQ(outcome_of(facts), Outcome::ok);
    EXPECT_EQ(classified(facts).faults, std::vector{Outcome::certificate_untrusted});
    EXPECT_NE(classified(facts).detail.find("self-signed"), std::string::npos);
}

TEST(ClassifyTls, ACertificateWithoutAnythingInItIsStillDescribed) {
    TlsFacts facts = complete();
    facts.chain = {};
    facts.verify_faults = {fault(10, 3, ""), fault(62, -1, "")};
    const Told result = classified(facts);
    EXPECT_EQ(result.outcome, Outcome::certificate_name_mismatch);
    EXPECT_FALSE(result.detail.empty());
}

}  // namespace
}  // namespace whylink::checks
