#include "probes/tls/tls.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/sslerr.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "config/outside_text.hpp"
#include "probes/tcp/socket_address.hpp"
#include "probes/tcp/tcp.hpp"
#include "probes/tls/certificate.hpp"
#include "probes/tls/transport.hpp"
#include "support/server_tls.hpp"
#include "support/stream_server.hpp"
#include "support/temporary_directory.hpp"
#include "support/test_ca.hpp"
#include "support/tls_witness.hpp"
#include "tests/unit/probes/loopback.hpp"
#include "tests/unit/probes/run_probe.hpp"

namespace whylink::probes {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

const std::string server_name = "db.example.test";

lab::TestCa& ca() {
    static lab::TestCa authority;
    return authority;
}

const lab::IssuedCertificate& good_certificate() {
    static const auto issued = ca().issue_server(server_name);
    return issued;
}

lab::TlsService service(const lab::IssuedCertificate& issued = good_certificate()) {
    lab::TlsService made;
    made.certificate = issued.certificate;
    made.key = issued.key;
    return made;
}

TlsSettings trusting_the_test_ca() {
    TlsSettings settings;
    settings.ca_file = ca().certificate_file();
    return settings;
}

struct Client {
    TlsSettings settings = trusting_the_test_ca();
    std::string server_name = probes::server_name;
    bool verify = true;
    Withheld withhold = Withheld::no;
    HelloSize hello = HelloSize::ordinary;
    bool finite_field = false;
    bool tls12_only = false;
    std::shared_ptr<ComputeBudget> budget = nullptr;
    std::chrono::milliseconds timeout = 30s;
    /// Lets the server come first: the handshake starts once its end or its first bytes are there.
    bool wait_for_server = false;
};

struct Handshake {
    Observation observation;
    TlsFacts facts;
};

Handshake shake_hands(std::uint16_t port, const Client& client) {
    TlsContexts contexts;
    auto context = contexts.get(client.settings);
    if (const auto* error = std::get_if<LocalError>(&context)) {
        ADD_FAILURE() << error->operation << ": " << error->text;
        return {};
    }
    TlsProbe probe;
    probe.address = loopback_v4;
    probe.port = port;
    probe.server_name = client.server_name;
    probe.verify = client.verify;
    probe.withhold_certificate = client.withhold;
    probe.hello = client.hello;
    probe.finite_field = client.finite_field;
    probe.tls12_only = client.tls12_only;
    probe.budget = client.budget;
    probe.timeout = client.timeout;
    probe.context = std::get<TlsContextPtr>(context);
    TcpProbe connect;
    connect.address = loopback_v4;
    connect.port = port;
    connect.keep = true;
    asio::io_context loop;
    TcpResult connected = run_probe(loop, probe_tcp(connect));
    if (!connected.socket) {
        ADD_FAILURE() << "not connected";
        return {};
    }
    if (client.wait_for_server) {
        EXPECT_TRUE(becomes_readable(connected.socket->native_handle()));
    }
    Handshake seen{run_probe(loop, probe_tls(std::move(probe), std::move(*connected.socket))), {}};
    seen.facts = get<TlsFacts>(seen.observation.facts);
    return seen;
}

TlsFacts against(const lab::StreamBehaviour& behaviour, const Client& client = {}) {
    lab::ServerLoop servers;
    return shake_hands(lab::start_stream_server(servers, {nullptr, loopback_v4, 0}, behaviour), client).facts;
}

std::vector<int> fault_codes(const TlsFacts& facts) {
    std::vector<int> codes;
    for (const auto& fault : facts.verify_faults) {
        codes.push_back(fault.code);
    }
    return codes;
}

auto alert_by_server(int description) {
    return AllOf(Field(&TlsAlert::description, description), Field(&TlsAlert::sent_by_us, false));
}

// ---- good handshakes ----

TEST(TlsHandshake, Tls13) {
    lab::ServerLoop servers;
    const auto port = lab::start_stream_server(servers, {nullptr, loopback_v4, 0}, lab::speaks(service()));
    const auto [observation, facts] = shake_hands(port, {});
    EXPECT_EQ(observation.stage, Stage::tls);
    EXPECT_EQ(observation.address, loopback_v4);
    EXPECT_EQ(observation.port, port);
    EXPECT_FALSE(observation.local);
    EXPECT_GT(observation.took.count(), 0);
    EXPECT_EQ(facts.handshake_took, observation.took);
    EXPECT_EQ(facts.progress, TlsProgress::complete);
    EXPECT_EQ(facts.server_name, server_name);
    EXPECT_TRUE(facts.verified);
    EXPECT_THAT(facts.verify_faults, IsEmpty());
    EXPECT_EQ(facts.version, "TLSv1.3");
    EXPECT_THAT(facts.cipher, StartsWith("TLS_"));
    EXPECT_EQ(facts.group, "x25519");
    EXPECT_EQ(facts.alpn, "");
    EXPECT_EQ(facts.end, StreamEnd::none);
    EXPECT_EQ(facts.error, 0);
    EXPECT_GT(facts.bytes_sent, 100U);
    EXPECT_GT(facts.bytes_received, 100U);
    EXPECT_THAT(facts.first_bytes, AllOf(StartsWith("\x16\x03\x03"), SizeIs(64)));
    EXPECT_TRUE(facts.first_bytes_are_tls);
    EXPECT_TRUE(facts.message_after_handshake);
    EXPECT_THAT(facts.alerts, IsEmpty());
    EXPECT_EQ(facts.library_error, "");
    EXPECT_FALSE(facts.refused_by_us);
    EXPECT_FALSE(facts.timed_out);
    EXPECT_FALSE(facts.client_certificate_requested);
    EXPECT_FALSE(facts.client_certificate_sent);
    ASSERT_THAT(facts.chain, SizeIs(1));
    EXPECT_EQ(facts.chain[0].subject, "CN=db.example.test");
    EXPECT_EQ(facts.chain[0].issuer, "CN=Test Root CA");
    EXPECT_THAT(facts.chain[0].dns_names, ElementsAre(server_name));
}

TEST(TlsHandshake, Tls12) {
    auto tls = service();
    tls.max_version = TLS1_2_VERSION;
    const auto facts = against(lab::speaks(tls));
    EXPECT_EQ(facts.progress, TlsProgress::complete);
    EXPECT_EQ(facts.version, "TLSv1.2");
    EXPECT_THAT(facts.cipher, StartsWith("ECDHE-"));
    EXPECT_EQ(facts.group, "x25519");
    EXPECT_THAT(facts.verify_faults, IsEmpty());
    EXPECT_FALSE(facts.message_after_handshake);
}

// ---- what a server may make this host compute ----

lab::TlsService with_rsa(const std::string& ciphers) {
    lab::CertificateOptions options;
    options.dns_names = {server_name};
    options.key = lab::KeyType::rsa2048;
    auto tls = service(ca().issue(options));
    tls.max_version = TLS1_2_VERSION;
    tls.ciphers = ciphers;
    return tls;
}

TEST(TlsBudget, NoFiniteFieldIsOffered) {
    const auto facts = against(lab::speaks(with_rsa("kDHE")));
    EXPECT_EQ(facts.progress, TlsProgress::client_hello_sent);
    EXPECT_THAT(facts.alerts, Contains(alert_by_server(SSL_AD_HANDSHAKE_FAILURE)));
    EXPECT_FALSE(facts.finite_field);
}

TEST(TlsBudget, AFiniteFieldIsOfferedAlone) {
    const auto facts = against(lab::speaks(with_rsa("ALL")), {.finite_field = true});
    EXPECT_EQ(facts.progress, TlsProgress::complete);
    EXPECT_THAT(facts.cipher, StartsWith("DHE-"));
    EXPECT_EQ(facts.version, "TLSv1.2");
    EXPECT_TRUE(facts.finite_field);
    EXPECT_THAT(facts.verify_faults, IsEmpty());
}

/// Its own certificate, and as many further ones behind it as make the chain one that is verified elsewhere.
lab::TlsService with_a_long_chain(int further) {
    auto tls = service();
    for (int i = 0; i < further; ++i) {
        tls.certificate += ca().certificate();
    }
    return tls;
}

class FiniteFieldGroup : public testing::TestWithParam<std::pair<const char*, bool>> {};
INSTANTIATE_TEST_SUITE_P(TlsBudget, FiniteFieldGroup,
                         testing::Values(std::pair("dh_1024_160", false), std::pair("ffdhe2048", true),
                                         std::pair("ffdhe4096", true), std::pair("ffdhe8192", false)));

TEST_P(FiniteFieldGroup, IsNeitherWeakerNorLargerThanIsComputedWith) {
    const auto [group, taken] = GetParam();
    auto tls = with_rsa("kDHE");
    tls.dh_group = group;
    const auto facts = against(lab::speaks(tls), {.finite_field = true});
    EXPECT_EQ(facts.progress == TlsProgress::complete, taken);
    EXPECT_EQ(facts.refused_by_us, !taken);
}

TEST(TlsBudget, ACommonChainIsVerifiedOnTheLoop) {
    const auto budget = std::make_shared<ComputeBudget>();
    against(lab::speaks(service()), {.budget = budget});
    EXPECT_EQ(budget->spent().count(), 0);
}

TEST(TlsBudget, ALongChainIsVerifiedOffTheLoop) {
    const auto budget = std::make_shared<ComputeBudget>();
    const auto facts = against(lab::speaks(with_a_long_chain(7)), {.budget = budget});
    EXPECT_EQ(facts.progress, TlsProgress::complete);
    EXPECT_THAT(facts.chain, SizeIs(8));
    EXPECT_THAT(facts.verify_faults, IsEmpty());
    EXPECT_GT(budget->spent().count(), 0) << "what is computed off the loop is charged";
}

TEST(TlsBudget, WhatCannotBeAffordedIsNoFaultOfTheServer) {
    const auto budget = std::make_shared<ComputeBudget>();
    budget->spend(ComputeBudget::max);
    lab::ServerLoop servers;
    const auto port =
        lab::start_stream_server(servers, {nullptr, loopback_v4, 0}, lab::speaks(with_a_long_chain(7)));
    const Handshake costly = shake_hands(port, {.budget = budget});
    ASSERT_TRUE(costly.observation.local);
    EXPECT_THAT(costly.observation.local->text, HasSubstr("CPU time"));
    EXPECT_THAT(costly.facts.verify_faults, IsEmpty());
    const auto common = against(lab::speaks(service()), {.budget = budget});
    EXPECT_EQ(common.progress, TlsProgress::complete) << "a common chain costs nothing to speak of";
}

TEST(TlsBudget, AChainBeyondTheBoundsIsNotVerified) {
    const auto facts = against(lab::speaks(with_a_long_chain(16)));
    EXPECT_EQ(facts.progress, TlsProgress::complete);
    EXPECT_THAT(fault_codes(facts), ElementsAre(X509_V_ERR_APPLICATION_VERIFICATION));
    ASSERT_THAT(facts.verify_faults, SizeIs(1));
    EXPECT_THAT(facts.verify_faults[0].text, HasSubstr("17 certificates"));
}

TEST(TlsBudget, ALargeHandshakeGoesOnOffTheLoop) {
    lab::CertificateOptions options;
    options.dns_names = {server_name};
    for (int i = 0; i < 900; ++i) {
        options.dns_names.push_back("host-" + std::to_string(i) + ".example.test");
    }
    const auto budget = std::make_shared<ComputeBudget>();
    const auto facts = against(lab::speaks(service(ca().issue(options))), {.budget = budget});
    EXPECT_GT(budget->spent().count(), 0);
    EXPECT_GT(facts.bytes_received, max_bytes_on_loop);
    EXPECT_EQ(facts.progress, TlsProgress::complete);
    EXPECT_THAT(facts.verify_faults, IsEmpty());
}

TEST(TlsHandshake, Tls12WithoutAKeyExchangeGroup) {
    lab::CertificateOptions options;
    options.dns_names = {server_name};
    options.key = lab::KeyType::rsa2048;
    auto tls = service(ca().issue(options));
    tls.max_version = TLS1_2_VERSION;
    tls.ciphers = "AES128-GCM-SHA256";
    const auto facts = against(lab::speaks(tls));
    EXPECT_EQ(facts.progress, TlsProgress::complete);
    EXPECT_EQ(facts.cipher, "AES128-GCM-SHA256");
    EXPECT_EQ(facts.group, "");
}

class OldVersions : public testing::TestWithParam<std::pair<int, const char*>> {};
INSTANTIATE_TEST_SUITE_P(Tls, OldVersions,
                         testing::Values(std::pair(TLS1_VERSION, "TLSv1"),
                                         std::pair(TLS1_1_VERSION, "TLSv1.1")));

TEST_P(OldVersions, AreSpokenWhereTheSettingsAllowThem) {
    const auto [version, name] = GetParam();
    auto tls = service();
    tls.max_version = version;
    Client client;
    client.settings.min_version = TLS1_VERSION;
    const auto facts = against(lab::speaks(tls), client);
    EXPECT_EQ(facts.progress, TlsProgress::complete);
    EXPECT_EQ(facts.version, name);
}

TEST(TlsHandshake, ServerWithoutTicketsIsCompleteWithoutAMessage) {
    auto tls = service();
    tls.tickets = 0;
    const auto facts = against(lab::speaks(tls));
    EXPECT_EQ(facts.progress, TlsProgress::complete);
    EXPECT_FALSE(facts.message_after_handshake);
    EXPECT_GE(facts.watched, tls_first_message_wait);
}

TEST(TlsHandshake, TimeoutBoundsReadingOn) {
    auto tls = service();
    tls.tickets = 0;
    Client client;
    client.timeout = 100ms;  // less than the wait for a first message
    // Without the bound no attempt could be this short; with it a busy machine may take several.
    bool bounded = false;
    for (int attempt = 0; attempt < 50 && !bounded; ++attempt) {
        const auto facts = against(lab::speaks(tls), client);
        bounded = facts.progress == TlsProgress::complete && facts.watched < tls_first_message_wait;
        EXPECT_TRUE(!bounded || !facts.timed_out);
    }
    EXPECT_TRUE(bounded);
}

TEST(TlsHandshake, DataAfterTheHandshakeIsAMessage) {
    auto tls = service();
    tls.tickets = 0;
    auto behaviour = lab::speaks(tls);
    behaviour.send = "220 welcome\r\n";
    EXPECT_TRUE(against(behaviour).message_after_handshake);
}

TEST(TlsHandshake, EndlessDataAfterTheHandshakeIsNotReadForever) {
    auto behaviour = lab::speaks(service());
    behaviour.send = std::string(16384, 'x');
    behaviour.send_total = lab::endless;
    const auto facts = against(behaviour);
    EXPECT_EQ(facts.progress, TlsProgress::complete);
    EXPECT_FALSE(facts.timed_out);
}

TEST(TlsHandshake, ChainComesAsSent) {
    lab::CertificateOptions options;
    options.dns_names = {server_name};
    options.through_intermediate = true;
    const auto facts = against(lab::speaks(service(ca().issue(options))));
    EXPECT_THAT(facts.verify_faults, IsEmpty());
    ASSERT_THAT(facts.chain, SizeIs(2));
    EXPECT_EQ(facts.chain[1].subject, "CN=Test Root CA Intermediate");
}

TEST(TlsHandshake, ServerNameIsSentWithoutItsTrailingDot) {
    lab::NamedBehaviour named{server_name, lab::speaks(service())};
    lab::StreamBehaviour behaviour = lab::alerts(112);
    behaviour.by_name = {named};
    Client client;
    client.server_name = server_name + ".";
    EXPECT_EQ(against(behaviour, client).progress, TlsProgress::complete);
    client.server_name = "other.example.test";
    EXPECT_THAT(against(behaviour, client).alerts, ElementsAre(alert_by_server(112)));
}

TEST(TlsHandshake, AlpnIsChosenByTheServer) {
    auto tls = service();
    tls.alpn = {"http/1.1"};
    Client client;
    client.settings.alpn = {"h2", "http/1.1"};
    EXPECT_EQ(against(lab::speaks(tls), client).alpn, "http/1.1");
}

TEST(TlsHandshake, AlpnWithoutOverlap) {
    auto tls = service();
    tls.alpn = {"clickhouse"};
    Client client;
    client.settings.alpn = {"h2"};
    const auto facts = against(lab::speaks(tls), client);
    EXPECT_NE(facts.progress, TlsProgress::complete);
    EXPECT_THAT(facts.alerts, ElementsAre(alert_by_server(120)));
}

// ---- certificates ----

struct CertificateCase {
    const char* name;
    std::function<void(lab::CertificateOptions&)> change;
    std::vector<int> faults;  ///< each must be among those found; none: none may be found
};

class CertificateFaults : public testing::TestWithParam<CertificateCase> {};

INSTANTIATE_TEST_SUITE_P(
    Tls, CertificateFaults,
    testing::Values(
        CertificateCase{"Good", [](auto&) {}, {}},
        CertificateCase{"Rsa", [](auto& it) { it.key = lab::KeyType::rsa2048; }, {}},
        CertificateCase{"Wildcard", [](auto& it) { it.dns_names = {"*.example.test"}; }, {}},
        CertificateCase{"Expired", [](auto& it) { it.not_after = -1h; }, {X509_V_ERR_CERT_HAS_EXPIRED}},
        CertificateCase{"NotYetValid", [](auto& it) { it.not_before = 1h; }, {X509_V_ERR_CERT_NOT_YET_VALID}},
        CertificateCase{"OtherName",
                        [](auto& it) { it.dns_names = {"other.example.test"}; },
                        {X509_V_ERR_HOSTNAME_MISMATCH}},
        CertificateCase{"WildcardOfTheParent",
                        [](auto& it) { it.dns_names = {"*.test"}; },
                        {X509_V_ERR_HOSTNAME_MISMATCH}},
        CertificateCase{"PartialWildcard",
                        [](auto& it) { it.dns_names = {"d*.example.test"}; },
                        {X509_V_ERR_HOSTNAME_MISMATCH}},
        CertificateCase{"NameCutByANul",
                        [](auto& it) {
                            it.common_name = "x";
                            it.dns_names = {server_name + std::string(1, '\0') + ".evil.test"};
                        },
                        {X509_V_ERR_HOSTNAME_MISMATCH}},
        CertificateCase{
            "SelfSigned", [](auto& it) { it.self_signed = true; }, {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT}},
        CertificateCase{"MissingIntermediate",
                        [](auto& it) { it.through_intermediate = it.omit_intermediate = true; },
                        {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY}},
        CertificateCase{"OfAClient",
                        [](auto& it) { it.use = lab::CertificateUse::client; },
                        {X509_V_ERR_INVALID_PURPOSE}},
        CertificateCase{"SeveralAtOnce",
                        [](auto& it) {
                            it.self_signed = true;
                            it.dns_names = {"other.example.test"};
                            it.not_after = -1h;
                        },
                        {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_HOSTNAME_MISMATCH,
                         X509_V_ERR_CERT_HAS_EXPIRED}}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST_P(CertificateFaults, AreAllRecordedAndTheHandshakeGoesOn) {
    lab::CertificateOptions options;
    options.common_name = server_name;
    options.dns_names = {server_name};
    GetParam().change(options);
    const auto facts = against(lab::speaks(service(ca().issue(options))));
    EXPECT_EQ(facts.progress, TlsProgress::complete);
    ASSERT_THAT(facts.chain, SizeIs(testing::Ge(1U)));
    const auto lifetime = facts.chain[0].not_after - facts.chain[0].not_before;
    EXPECT_EQ(lifetime, options.not_after - options.not_before);
    if (GetParam().faults.empty()) {
        EXPECT_THAT(facts.verify_faults, IsEmpty());
    }
    for (const int code : GetParam().faults) {
        EXPECT_THAT(fault_codes(facts), Contains(code));
    }
    for (const auto& fault : facts.verify_faults) {
        EXPECT_FALSE(fault.text.empty());
    }
}

TEST(TlsCertificate, OfAnUnknownAuthority) {
    lab::TestCa other("Other Root CA");
    const auto facts = against(lab::speaks(service(other.issue_server(server_name))));
    EXPECT_EQ(facts.progress, TlsProgress::complete);
    EXPECT_THAT(fault_codes(facts), Contains(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY));
}

TEST(TlsCertificate, OfThePrivateAuthorityIsUnknownToTheSystemsStore) {
    Client client;
    client.settings.ca_file.clear();
    EXPECT_THAT(against(lab::speaks(service()), client).verify_faults, Not(IsEmpty()));
}

TEST(TlsCertificate, FaultsAreRecordedWithoutVerificationToo) {
    lab::CertificateOptions options;
    options.dns_names = {server_name};
    options.not_after = -1h;
    Client client;
    client.verify = false;
    const auto facts = against(lab::speaks(service(ca().issue(options))), client);
    EXPECT_FALSE(facts.verified);
    EXPECT_THAT(fault_codes(facts), Contains(X509_V_ERR_CERT_HAS_EXPIRED));
}

class AddressCertificate : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(WithoutAndWithTheAddressAsName, AddressCertificate,
                         testing::Values("", "127.0.0.1"));

TEST_P(AddressCertificate, IsVerifiedWithoutServerName) {
    lab::CertificateOptions options;
    options.addresses = {loopback_v4, loopback_v6};
    Client client;
    client.server_name = GetParam();
    const auto facts = against(lab::speaks(service(ca().issue(options))), client);
    EXPECT_EQ(facts.server_name, "");
    EXPECT_THAT(facts.verify_faults, IsEmpty());
    ASSERT_THAT(facts.chain, SizeIs(1));
    EXPECT_THAT(facts.chain[0].addresses, ElementsAre(loopback_v4, loopback_v6));
}

TEST_P(AddressCertificate, OfANameDoesNotFit) {
    Client client;
    client.server_name = GetParam();
    EXPECT_THAT(fault_codes(against(lab::speaks(service()), client)),
                ElementsAre(X509_V_ERR_IP_ADDRESS_MISMATCH));
}

TEST(TlsCertificate, IntermediateInTheCaFileIsTrusted) {
    lab::CertificateOptions options;
    options.dns_names = {server_name};
    options.through_intermediate = true;
    const auto issued = ca().issue(options);
    Client client;
    client.settings.ca_file = issued.certificate_file;  // holds the intermediate, and not the root
    EXPECT_THAT(against(lab::speaks(service(issued)), client).verify_faults, IsEmpty());
}

// ---- the chain that verifies ----

std::vector<std::string> subjects(const TlsFacts& facts) {
    std::vector<std::string> list;
    for (const PathCertificate& entry : facts.path) {
        list.push_back(entry.certificate.subject + " " + std::string(slug(entry.source)));
    }
    return list;
}

TEST(TlsPath, LeavesOutWhatNoPathNeeds) {
    const lab::TestCa older("Older Root CA");
    auto tls = service();
    tls.certificate += ca().cross_signed_by(older, -24h);
    const auto facts = against(lab::speaks(tls));
    EXPECT_THAT(facts.verify_faults, IsEmpty());
    EXPECT_THAT(facts.chain, SizeIs(2));
    EXPECT_THAT(subjects(facts), ElementsAre("CN=" + server_name + " server", "CN=Test Root CA ca_file"));
    EXPECT_FALSE(facts.intermediate_not_sent);
}

TEST(TlsPath, CountsTheCertificatesBeyondThoseThatAreKept) {
    constexpr std::size_t sent = 40;
    auto tls = service();
    for (std::size_t i = 1; i < sent; ++i) {
        tls.certificate += ca().intermediate();
    }
    const auto facts = against(lab::speaks(tls));
    EXPECT_THAT(fault_codes(facts), ElementsAre(X509_V_ERR_APPLICATION_VERIFICATION));
    EXPECT_THAT(facts.chain, SizeIs(max_certificates));
    EXPECT_EQ(facts.chain_left_out, sent - max_certificates);
    EXPECT_EQ(against(lab::speaks(service())).chain_left_out, 0U);
}

TEST(TlsPath, ACertificateWithANameOfNinetyKilobytesCostsLittle) {
    lab::CertificateOptions options;
    options.common_name = server_name;
    options.dns_names = {"\n<0>PRIORITY=0\n" + std::string(90'000, 'a'), server_name};
    const auto facts = against(lab::speaks(service(ca().issue(options))));
    EXPECT_EQ(facts.progress, TlsProgress::complete);
    EXPECT_THAT(facts.verify_faults, IsEmpty()) << "the name that was asked for is there, too";
    ASSERT_THAT(facts.chain, SizeIs(1));
    ASSERT_THAT(facts.chain[0].dns_names, SizeIs(2));
    EXPECT_TRUE(is_cut(facts.chain[0].dns_names[0])) << facts.chain[0].dns_names[0];
    EXPECT_LT(facts.chain[0].dns_names[0].size(), 400U);
    EXPECT_EQ(facts.chain[0].dns_names[1], server_name);
}

TEST(TlsPath, KnowsTheIntermediateThatOnlyThisHostHas) {
    lab::CertificateOptions options;
    options.common_name = server_name;
    options.dns_names = {server_name};
    options.through_intermediate = true;
    const auto sent = against(lab::speaks(service(ca().issue(options))));
    EXPECT_FALSE(sent.intermediate_not_sent);
    EXPECT_THAT(subjects(sent),
                ElementsAre("CN=" + server_name + " server", "CN=Test Root CA Intermediate server",
                            "CN=Test Root CA ca_file"));
    options.omit_intermediate = true;
    const auto issued = ca().issue(options);
    // Trusted by itself it is an anchor; beside its root it only hides that the server does not send it.
    const lab::TemporaryDirectory directory;
    Client client;
    client.settings.ca_file = directory / "ca.pem";
    lab::make_file(client.settings.ca_file, ca().intermediate());
    EXPECT_FALSE(against(lab::speaks(service(issued)), client).intermediate_not_sent);
    client.settings.ca_file = directory / "both.pem";
    lab::make_file(client.settings.ca_file, ca().intermediate() + ca().certificate());
    const auto held = against(lab::speaks(service(issued)), client);
    EXPECT_THAT(held.verify_faults, IsEmpty());
    EXPECT_TRUE(held.intermediate_not_sent);
}

TEST(TlsPath, TellsWhoseCertificateIsAtFault) {
    lab::TestCa expired("Old Root CA", -24h);
    Client client;
    client.settings.ca_file = expired.certificate_file();
    const auto facts = against(lab::speaks(service(expired.issue_server(server_name))), client);
    ASSERT_THAT(fault_codes(facts), ElementsAre(X509_V_ERR_CERT_HAS_EXPIRED));
    EXPECT_EQ(facts.verify_faults[0].source, CertificateSource::ca_file);
    ASSERT_TRUE(facts.verify_faults[0].certificate);
    EXPECT_EQ(facts.verify_faults[0].certificate->subject, "CN=Old Root CA");
    lab::CertificateOptions options;
    options.dns_names = {server_name};
    options.not_before = -72h;
    options.not_after = -24h;
    const auto own = against(lab::speaks(service(ca().issue(options))));
    ASSERT_THAT(fault_codes(own), ElementsAre(X509_V_ERR_CERT_HAS_EXPIRED));
    EXPECT_EQ(own.verify_faults[0].source, CertificateSource::server);
}

// ---- the size of the ClientHello ----

TEST(TlsHello, OfPostQuantumClientsTakesTwoPackets) {
    Client client;
    const auto ordinary = against(lab::speaks(service()), client);
    EXPECT_GT(ordinary.client_hello_size, 200U);
    EXPECT_LT(ordinary.client_hello_size, 512U);
    client.hello = HelloSize::large;
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        auto tls = service();
        tls.max_version = version;
        const auto large = against(lab::speaks(tls), client);
        EXPECT_EQ(large.progress, TlsProgress::complete);
        EXPECT_EQ(large.hello, HelloSize::large);
        EXPECT_GT(large.client_hello_size, 1500U);
        EXPECT_LT(large.client_hello_size, 1900U);
        EXPECT_THAT(large.alerts, IsEmpty());
    }
    // Without SNI it is as long as it can get short: still more than a packet of 1,500 bytes holds.
    client.server_name.clear();
    client.verify = false;
    EXPECT_GT(against(lab::speaks(service()), client).client_hello_size, 1460U);
}

TEST(TlsHello, ThatIsSmallLeavesOutProtocols) {
    Client client;
    client.settings.alpn = std::vector<std::string>(9, std::string(200, 'a'));
    EXPECT_GT(against(lab::speaks(service()), client).client_hello_size, 1800U);
    client.hello = HelloSize::small;
    const auto small = against(lab::speaks(service()), client);
    EXPECT_EQ(small.progress, TlsProgress::complete);
    EXPECT_LT(small.client_hello_size, 400U);
    EXPECT_THAT(small.alpn_offered, IsEmpty());
}

TEST(TlsVersions, MoreThanTls12IsNotOfferedWhereItIsLeftOut) {
    const auto ordinary = against(lab::speaks(service()));
    EXPECT_EQ(ordinary.version, "TLSv1.3");
    const auto limited = against(lab::speaks(service()), {.tls12_only = true});
    EXPECT_EQ(limited.progress, TlsProgress::complete);
    EXPECT_EQ(limited.version, "TLSv1.2");
    EXPECT_LT(limited.client_hello_size, ordinary.client_hello_size);
}

TEST(TlsVersions, TheReasonOfOurRefusalIsANumber) {
    std::string hello("\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03", 11);
    hello += std::string(32, 'r') + std::string("\x00\xc0\x2b\x00", 4);
    const auto facts = against(lab::replies(hello));
    EXPECT_TRUE(facts.refused_by_us);
    EXPECT_EQ(facts.library_reason, SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED);
}

// ---- client certificates ----

lab::TlsService service_for_clients(int max_version) {
    auto tls = service();
    tls.client_ca = ca().certificate();
    tls.max_version = max_version;
    return tls;
}

TEST(TlsClientCertificate, MissingIn13IsRefusedAfterTheHandshake) {
    const auto facts = against(lab::speaks(service_for_clients(TLS1_3_VERSION)));
    EXPECT_EQ(facts.progress, TlsProgress::complete);
    EXPECT_TRUE(facts.client_certificate_requested);
    EXPECT_FALSE(facts.client_certificate_sent);
    EXPECT_THAT(facts.alerts, ElementsAre(alert_by_server(116)));
    EXPECT_FALSE(facts.message_after_handshake);
    EXPECT_FALSE(facts.refused_by_us);
}

TEST(TlsClientCertificate, MissingIn13IsWaitedForUntilTheServerSaysSo) {
    auto slow = service_for_clients(TLS1_3_VERSION);
    slow.verdict_delay = 2 * (tls_first_message_wait + tls_quiet_period);
    EXPECT_THAT(against(lab::speaks(slow)).alerts, ElementsAre(alert_by_server(116)));
    slow.client_optional = true;
    const auto optional = against(lab::speaks(slow));
    EXPECT_TRUE(optional.message_after_handshake);
    EXPECT_THAT(optional.alerts, IsEmpty());
    slow.tickets = 0;
    slow.verdict_delay = {};
    Client client;
    client.timeout = 3s;
    const auto silent = against(lab::speaks(slow), client);
    EXPECT_FALSE(silent.message_after_handshake);
    EXPECT_GT(silent.watched, tls_first_message_wait + silent.handshake_took);
}

/// What comes in at one side goes out at the other a while later.
void carry(int from, int to, std::chrono::milliseconds delay) {
    std::vector<char> data(65536);
    for (ssize_t size = 0; (size = ::recv(from, data.data(), data.size(), 0)) > 0;) {
        std::this_thread::sleep_for(delay);
        if (::send(to, data.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) != size) {
            break;
        }
    }
    ::shutdown(from, SHUT_RDWR);
    ::shutdown(to, SHUT_RDWR);
}

TEST(TlsClientCertificate, MissingIn13IsRefusedAlsoAtTheEndOfALongPath) {
    // The refusal is one round trip away, and that is longer than the usual wait.
    constexpr auto one_way = tls_first_message_wait;
    lab::ServerLoop servers;
    const auto port = lab::start_stream_server(servers, {nullptr, loopback_v4, 0},
                                               lab::speaks(service_for_clients(TLS1_3_VERSION)));
    const BoundSocket far_end(loopback_v4, SOCK_STREAM, 1);
    std::thread path([&] {
        const Fd client = far_end.accept();
        const Fd server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const SocketAddress address(loopback_v4, port);
        ASSERT_EQ(::connect(server.get(), address.data(), address.length()), 0);
        std::thread back([&] { carry(server.get(), client.get(), one_way); });
        carry(client.get(), server.get(), one_way);
        back.join();
    });
    const auto facts = shake_hands(far_end.port(), {}).facts;
    path.join();
    EXPECT_THAT(facts.alerts, ElementsAre(alert_by_server(116)));
}

TEST(TlsClientCertificate, MissingIn12IsRefusedWithinTheHandshake) {
    const auto facts = against(lab::speaks(service_for_clients(TLS1_2_VERSION)));
    EXPECT_EQ(facts.progress, TlsProgress::certificate);
    EXPECT_TRUE(facts.client_certificate_requested);
    EXPECT_FALSE(facts.client_certificate_sent);
    EXPECT_THAT(facts.alerts, ElementsAre(alert_by_server(40)));
}

class ClientCertificate : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Tls, ClientCertificate, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

TEST_P(ClientCertificate, IsSent) {
    const auto issued = ca().issue_client("whylink");
    Client client;
    client.settings.cert_file = issued.certificate_file;
    client.settings.key_file = issued.key_file;
    const auto facts = against(lab::speaks(service_for_clients(GetParam())), client);
    EXPECT_EQ(facts.progress, TlsProgress::complete);
    EXPECT_TRUE(facts.client_certificate_requested);
    EXPECT_TRUE(facts.client_certificate_sent);
    EXPECT_THAT(facts.alerts, IsEmpty());
}

TEST_P(ClientCertificate, OfAnotherAuthorityIsRefused) {
    lab::TestCa other("Other Root CA");
    const auto issued = other.issue_client("whylink");
    Client client;
    client.settings.cert_file = issued.certificate_file;
    client.settings.key_file = issued.key_file;
    const auto facts = against(lab::speaks(service_for_clients(GetParam())), client);
    EXPECT_TRUE(facts.client_certificate_sent);
    EXPECT_THAT(facts.alerts, ElementsAre(alert_by_server(48)));
}

/// Against a server that asks for a client certificate and does without.
struct Shown {
    TlsFacts facts;
    bool to_server = false;
};

Shown show_to(const lab::IssuedCertificate& server, int version, Client client) {
    lab::TlsService asking = service(server);
    asking.client_ca = ca().certificate();
    asking.client_optional = true;
    asking.max_version = version;
    lab::TlsWitness witness(asking);
    Shown shown;
    shown.facts = shake_hands(witness.port(), client).facts;
    shown.to_server = witness.seen().client_certificate;
    return shown;
}

Client with_certificate() {
    static const auto issued = ca().issue_client("whylink");
    Client client;
    client.settings.cert_file = issued.certificate_file;
    client.settings.key_file = issued.key_file;
    return client;
}

lab::IssuedCertificate self_signed() {
    lab::CertificateOptions options;
    options.dns_names = {server_name};
    options.self_signed = true;
    return ca().issue(options);
}

TEST_P(ClientCertificate, IsShownToAServerThatVerifies) {
    const Shown shown = show_to(good_certificate(), GetParam(), with_certificate());
    EXPECT_TRUE(shown.to_server);
    EXPECT_EQ(shown.facts.client_certificate_withheld, Withheld::no);
}

TEST_P(ClientCertificate, IsKeptFromAServerThatDoesNotVerify) {
    lab::CertificateOptions expired;
    expired.dns_names = {server_name};
    expired.not_before = -48h;
    expired.not_after = -24h;
    for (const lab::IssuedCertificate& server :
         {self_signed(), ca().issue(expired), ca().issue_server("elsewhere.example.test")}) {
        const Shown shown = show_to(server, GetParam(), with_certificate());
        EXPECT_FALSE(shown.to_server);
        EXPECT_TRUE(shown.facts.client_certificate_requested);
        EXPECT_FALSE(shown.facts.client_certificate_sent);
        EXPECT_FALSE(shown.facts.client_certificate);
        EXPECT_EQ(shown.facts.client_certificate_withheld, Withheld::not_verified);
        EXPECT_EQ(shown.facts.progress, TlsProgress::complete);
        EXPECT_THAT(shown.facts.verify_faults, Not(IsEmpty()));
    }
}

TEST_P(ClientCertificate, IsKeptFromAServerThatInsistsAndDoesNotVerify) {
    lab::TlsService insisting = service(self_signed());
    insisting.client_ca = ca().certificate();
    insisting.max_version = GetParam();
    lab::TlsWitness witness(insisting);
    const TlsFacts facts = shake_hands(witness.port(), with_certificate()).facts;
    EXPECT_FALSE(witness.seen().client_certificate);
    EXPECT_EQ(facts.client_certificate_withheld, Withheld::not_verified);
    EXPECT_THAT(facts.alerts, Contains(alert_by_server(GetParam() == TLS1_3_VERSION ? 116 : 40)));
}

TEST_P(ClientCertificate, IsShownToWhoeverAnswersWhereTheConfigSaysNotToVerify) {
    Client client = with_certificate();
    client.verify = false;
    const Shown shown = show_to(self_signed(), GetParam(), client);
    EXPECT_TRUE(shown.to_server);
    EXPECT_EQ(shown.facts.client_certificate_withheld, Withheld::no);
}

TEST_P(ClientCertificate, IsKeptFromAGoodServerWhereItIsToBe) {
    Client client = with_certificate();
    client.withhold = Withheld::wrong_address;
    client.verify = false;
    const Shown shown = show_to(good_certificate(), GetParam(), client);
    EXPECT_FALSE(shown.to_server);
    EXPECT_EQ(shown.facts.client_certificate_withheld, Withheld::wrong_address);
}

TEST_P(ClientCertificate, IsNotSaidToBeKeptWhereThereIsNone) {
    Client client;
    client.withhold = Withheld::wrong_address;
    const Shown shown = show_to(self_signed(), GetParam(), client);
    EXPECT_TRUE(shown.facts.client_certificate_requested);
    EXPECT_EQ(shown.facts.client_certificate_withheld, Withheld::no);
}

TEST_P(ClientCertificate, IsNotSaidToBeKeptFromAServerThatDoesNotAskForIt) {
    lab::TlsService quiet = service(self_signed());
    quiet.max_version = GetParam();
    EXPECT_EQ(against(lab::speaks(quiet), with_certificate()).client_certificate_withheld, Withheld::no);
}

// ---- versions ----

TEST(TlsVersions, ServerRefusesOurMinimum) {
    auto tls = service();
    tls.max_version = TLS1_2_VERSION;
    Client client;
    client.settings.min_version = TLS1_3_VERSION;
    const auto facts = against(lab::speaks(tls), client);
    EXPECT_THAT(facts.alerts, ElementsAre(alert_by_server(70)));
    EXPECT_FALSE(facts.refused_by_us);
    EXPECT_EQ(facts.progress, TlsProgress::client_hello_sent);
}

TEST(TlsVersions, ServerOfOldVersionsOnlyRefuses) {
    auto tls = service();
    tls.max_version = TLS1_1_VERSION;
    EXPECT_THAT(against(lab::speaks(tls)).alerts, ElementsAre(alert_by_server(70)));
}

/// What a server that ignores our minimum answers: TLS 1.1 with TLS_RSA_WITH_AES_128_CBC_SHA.
std::string server_hello_of_tls11() {
    const std::string body = std::string("\x03\x02", 2) + std::string(32, 'r') + std::string("\0\0\x2f\0", 4);
    const std::string message = std::string("\x02\0\0", 3) + static_cast<char>(body.size()) + body;
    return std::string("\x16\x03\x02\0", 4) + static_cast<char>(message.size()) + message;
}

TEST(TlsVersions, WeRefuseTheServersChoice) {
    const auto facts = against(lab::replies(server_hello_of_tls11()));
    EXPECT_TRUE(facts.refused_by_us);
    EXPECT_EQ(facts.version, "TLSv1.1");
    EXPECT_EQ(facts.progress, TlsProgress::server_hello);
    EXPECT_THAT(facts.alerts,
                Contains(AllOf(Field(&TlsAlert::description, 70), Field(&TlsAlert::sent_by_us, true))));
    EXPECT_THAT(facts.library_error, HasSubstr("protocol"));
}

TEST(TlsVersions, NoCipherInCommon) {
    auto tls = service();
    tls.max_version = TLS1_2_VERSION;
    tls.ciphers = "ECDHE-RSA-AES128-GCM-SHA256";  // its key is no RSA key
    const auto facts = against(lab::speaks(tls));
    EXPECT_THAT(facts.alerts, ElementsAre(alert_by_server(40)));
}

TEST(TlsAlerts, AreRecordedByNumber) {
    for (const int description : {40, 42, 48, 80, 112, 116}) {
        const auto facts = against(lab::alerts(static_cast<std::uint8_t>(description)));
        EXPECT_THAT(facts.alerts, ElementsAre(alert_by_server(description)));
        EXPECT_EQ(facts.progress, TlsProgress::client_hello_sent);
        EXPECT_EQ(facts.bytes_received, 7U);
        EXPECT_FALSE(facts.library_error.empty());
    }
}

// ---- ends ----

TEST(TlsEnds, FinBeforeTheHello) {
    Client client;
    client.wait_for_server = true;
    const auto facts = against(lab::close_at_accept(), client);
    EXPECT_TRUE(facts.ended_before_hello);
    EXPECT_EQ(facts.end, StreamEnd::fin);
    EXPECT_EQ(facts.progress, TlsProgress::not_started);
    EXPECT_EQ(facts.bytes_sent, 0U);
}

TEST(TlsEnds, ResetBeforeTheHello) {
    const BoundSocket listener(loopback_v4, SOCK_STREAM, 8);
    asio::io_context loop;
    TcpProbe connect;
    connect.address = loopback_v4;
    connect.port = listener.port();
    connect.keep = true;
    TcpResult connected = run_probe(loop, probe_tcp(connect));
    ASSERT_TRUE(connected.socket);
    {
        const Fd peer = listener.accept();
        const linger reset{1, 0};
        ASSERT_EQ(::setsockopt(peer.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
    }
    ASSERT_TRUE(becomes_readable(connected.socket->native_handle()));
    TlsContexts contexts;
    TlsProbe probe;
    probe.address = loopback_v4;
    probe.context = std::get<TlsContextPtr>(contexts.get(trusting_the_test_ca()));
    const auto observation = run_probe(loop, probe_tls(std::move(probe), std::move(*connected.socket)));
    const auto& facts = get<TlsFacts>(observation.facts);
    EXPECT_TRUE(facts.ended_before_hello);
    EXPECT_EQ(facts.end, StreamEnd::rst);
    EXPECT_EQ(facts.error, ECONNRESET);
    EXPECT_EQ(facts.bytes_sent, 0U);
}

TEST(TlsEnds, ResetOnceTheHelloWasRead) {
    const auto facts = against(lab::reset_after_read());
    EXPECT_FALSE(facts.ended_before_hello);
    EXPECT_EQ(facts.end, StreamEnd::rst);
    EXPECT_EQ(facts.error, ECONNRESET);
    EXPECT_EQ(facts.progress, TlsProgress::client_hello_sent);
    EXPECT_GT(facts.bytes_sent, 0U);
    EXPECT_EQ(facts.bytes_received, 0U);
    EXPECT_FALSE(facts.timed_out);
}

TEST(TlsEnds, FinOnceTheHelloWasRead) {
    const auto facts = against(lab::close_after_read());
    EXPECT_EQ(facts.end, StreamEnd::fin);
    EXPECT_EQ(facts.error, 0);
    EXPECT_EQ(facts.progress, TlsProgress::client_hello_sent);
    EXPECT_EQ(facts.bytes_received, 0U);
    EXPECT_THAT(facts.alerts, IsEmpty());
}

TEST(TlsEnds, ResetAfterTheServerHello) {
    const auto facts = against(lab::stops_in_handshake(service(), 1, lab::Ending::reset));
    EXPECT_EQ(facts.end, StreamEnd::rst);
    EXPECT_EQ(facts.progress, TlsProgress::server_hello);
    EXPECT_GT(facts.bytes_received, 0U);
    EXPECT_EQ(facts.version, "TLSv1.3");
}

TEST(TlsEnds, FinAfterTheServerHello) {
    const auto facts = against(lab::stops_in_handshake(service(), 1, lab::Ending::close));
    EXPECT_EQ(facts.end, StreamEnd::fin);
    EXPECT_EQ(facts.progress, TlsProgress::server_hello);
}

TEST(TlsEnds, ResetAfterTheHandshake) {
    const auto facts = against(lab::stops_after_handshake(service(), lab::Ending::reset));
    EXPECT_EQ(facts.progress, TlsProgress::complete);
    EXPECT_EQ(facts.end, StreamEnd::rst);
    EXPECT_FALSE(facts.message_after_handshake);
}

TEST(TlsEnds, FinAfterTheHandshake) {
    const auto facts = against(lab::stops_after_handshake(service(), lab::Ending::close));
    EXPECT_EQ(facts.progress, TlsProgress::complete);
    EXPECT_EQ(facts.end, StreamEnd::fin);
    EXPECT_THAT(facts.alerts, IsEmpty());
}

/// A server that does one thing with its side of a complete handshake, in a thread of its own.
TlsFacts after_accept(int max_version, const std::function<void(SSL*, int)>& act) {
    const BoundSocket listener(loopback_v4, SOCK_STREAM, 8);
    auto tls = service();
    tls.max_version = max_version;
    const auto context = lab::make_server_context(tls);
    std::thread server([&] {
        const Fd peer = listener.accept();
        const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), &SSL_free);
        SSL_set_fd(ssl.get(), peer.get());
        EXPECT_EQ(SSL_accept(ssl.get()), 1);
        act(ssl.get(), peer.get());
    });
    auto facts = shake_hands(listener.port(), {}).facts;
    server.join();
    return facts;
}

class AfterTheHandshake : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Tls, AfterTheHandshake, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

TEST_P(AfterTheHandshake, CloseNotifyIsAnAlertAndTheFinIsSeen) {
    const auto facts = after_accept(GetParam(), [](SSL* ssl, int fd) {
        SSL_shutdown(ssl);
        ::shutdown(fd, SHUT_WR);
        becomes_readable(fd);
    });
    EXPECT_EQ(facts.progress, TlsProgress::complete);
    EXPECT_EQ(facts.end, StreamEnd::fin);
    EXPECT_THAT(facts.alerts, ElementsAre(alert_by_server(0)));
}

TEST_P(AfterTheHandshake, WeSayGoodbye) {
    int read = 1;
    int shut_down = 0;
    after_accept(GetParam(), [&](SSL* ssl, int) {
        char byte = 0;
        read = SSL_read(ssl, &byte, 1);
        shut_down = SSL_get_shutdown(ssl);
    });
    EXPECT_LE(read, 0);
    EXPECT_EQ(shut_down & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
}

// ---- what is no TLS ----

TEST(TlsPlainText, HttpAnswer) {
    const std::string answer = "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n";
    const auto facts = against(lab::replies(answer));
    EXPECT_FALSE(facts.first_bytes_are_tls);
    EXPECT_EQ(facts.first_bytes, answer);
    EXPECT_EQ(facts.bytes_received, answer.size());
    EXPECT_GT(facts.bytes_sent, 0U);
    EXPECT_EQ(facts.progress, TlsProgress::client_hello_sent);
}

TEST(TlsPlainText, ServerThatSpeaksFirst) {
    Client client;
    client.wait_for_server = true;
    const auto facts = against(lab::greets("SSH-2.0-OpenSSH_9.2\r\n"), client);
    EXPECT_FALSE(facts.first_bytes_are_tls);
    EXPECT_EQ(facts.first_bytes, "SSH-2.0-OpenSSH_9.2\r\n");
    EXPECT_EQ(facts.bytes_received, facts.first_bytes.size());
    EXPECT_EQ(facts.bytes_sent, 0U);
    EXPECT_EQ(facts.progress, TlsProgress::not_started);
    EXPECT_FALSE(facts.ended_before_hello);
}

TEST(TlsPlainText, BannerWithinTheHandshake) {
    const auto facts = against(lab::replies("-ERR unknown command\r\n"));
    EXPECT_FALSE(facts.first_bytes_are_tls);
    EXPECT_EQ(facts.first_bytes, "-ERR unknown command\r\n");
}

TEST(TlsPlainText, EndlessStreamIsNotReadOn) {
    auto behaviour = lab::greets(std::string(4096, 'x'));
    behaviour.send_total = lab::endless;
    const auto facts = against(behaviour);
    EXPECT_FALSE(facts.first_bytes_are_tls);
    EXPECT_LE(facts.bytes_received, 1U << 16U);
}

TEST(TlsAlerts, ThatComesBeforeTheHelloIsStillRead) {
    Client client;
    client.wait_for_server = true;
    const auto facts = against(lab::greets({0x15, 3, 3, 0, 2, 2, 112}), client);
    EXPECT_TRUE(facts.first_bytes_are_tls);
    EXPECT_THAT(facts.alerts, ElementsAre(alert_by_server(112)));
}

// ---- silence, garbage, and floods ----

TEST(TlsHostile, SilenceIsATimeout) {
    Client client;
    client.timeout = 50ms;
    const auto facts = against(lab::silent(), client);
    EXPECT_TRUE(facts.timed_out);
    EXPECT_EQ(facts.progress, TlsProgress::client_hello_sent);
    EXPECT_GT(facts.bytes_sent, 0U);
    EXPECT_EQ(facts.bytes_received, 0U);
    EXPECT_EQ(facts.end, StreamEnd::none);
    ASSERT_TRUE(facts.delivery);
    EXPECT_EQ(facts.delivery->retransmits, 0U);
}

TEST(TlsHostile, DripFeedIsATimeout) {
    lab::StreamBehaviour behaviour;
    behaviour.read_first = true;
    behaviour.send = std::string("\x16\x03\x03\x40\x00", 5) + std::string(16384, '\0');
    behaviour.drip = 5ms;
    Client client;
    client.timeout = 200ms;
    const auto facts = against(behaviour, client);
    EXPECT_TRUE(facts.timed_out);
    EXPECT_TRUE(facts.first_bytes_are_tls);
}

TEST(TlsHostile, StallsAfterTheServerHello) {
    Client client;
    client.timeout = 300ms;
    const auto facts = against(lab::stops_in_handshake(service(), 1, lab::Ending::hold), client);
    EXPECT_TRUE(facts.timed_out);
    EXPECT_GT(facts.bytes_received, 0U);
}

TEST(TlsHostile, GarbageInARecord) {
    const auto facts = against(lab::replies(std::string("\x16\x03\x03\0\x20", 5) + std::string(32, '\x7f')));
    EXPECT_TRUE(facts.first_bytes_are_tls);
    EXPECT_FALSE(facts.library_error.empty());
    EXPECT_NE(facts.progress, TlsProgress::complete);
    EXPECT_FALSE(facts.refused_by_us);
}

TEST(TlsHostile, RecordsWithoutEndAreBounded) {
    // Of each record type, small ones without end; the first are fragments of a ServerHello of 128 KiB.
    for (const std::string& record :
         {std::string("\x16\x03\x03\0\x01\x02", 6), std::string("\x14\x03\x03\0\x01\x01", 6),
          std::string("\x17\x03\x03\0\x01x", 6), std::string("\x15\x03\x03\0\x02\x01\x5a", 7)}) {
        lab::StreamBehaviour behaviour;
        behaviour.read_first = true;
        std::string records;
        for (int i = 0; i < 1000; ++i) {
            records += record;
        }
        behaviour.send = records;
        behaviour.send_total = lab::endless;
        const auto facts = against(behaviour);
        EXPECT_FALSE(facts.timed_out);
        EXPECT_NE(facts.progress, TlsProgress::complete);
        EXPECT_LE(facts.bytes_received, max_handshake_bytes + (1U << 16U));
        EXPECT_FALSE(facts.library_error.empty());
        EXPECT_EQ(facts.oversized, record[0] == '\x16');
    }
}

TEST(TlsHostile, BytesAreCountedToTheirBound) {
    TlsFacts facts;
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    const Fd ours(pair[0]);
    const Fd theirs(pair[1]);
    TlsTransport transport(ours.get(), facts);
    transport.read_freely();
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(transport.make_bio(), &BIO_free);
    const std::string chunk = "\x16\x03\x03" + std::string(65533, 'x');
    std::string buffer(chunk.size(), '\0');
    while (!transport.stopped_as_too_much()) {
        ASSERT_GT(::send(theirs.get(), chunk.data(), chunk.size(), 0), 0);
        while (BIO_read(bio.get(), buffer.data(), static_cast<int>(buffer.size())) > 0) {
        }
        ASSERT_LE(facts.bytes_received, 2 * max_handshake_bytes);
    }
    EXPECT_GT(facts.bytes_received, max_handshake_bytes);
    EXPECT_FALSE(BIO_should_retry(bio.get()));
}

TEST(TlsTransport, LooksLikeTls) {
    EXPECT_TRUE(looks_like_tls("\x16\x03\x01"));
    EXPECT_TRUE(looks_like_tls("\x15"));
    EXPECT_FALSE(looks_like_tls(""));
    EXPECT_FALSE(looks_like_tls("HTTP"));
    EXPECT_FALSE(looks_like_tls("\x16\x16"));
    EXPECT_FALSE(looks_like_tls("\x18\x03"));
    EXPECT_FALSE(looks_like_tls("\x80\x03"));
}

TEST(TlsTransport, AfterAFailedWriteWhatThePeerSaidIsStillRead) {
    TlsFacts facts;
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    const Fd ours(pair[0]);
    const std::string alert{0x15, 3, 3, 0, 2, 2, 112};
    {
        const Fd theirs(pair[1]);
        ASSERT_EQ(::send(theirs.get(), alert.data(), alert.size(), 0), 7);
    }
    TlsTransport transport(ours.get(), facts);
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(transport.make_bio(), &BIO_free);
    EXPECT_EQ(BIO_write(bio.get(), "hello", 5), 5);
    EXPECT_EQ(facts.bytes_sent, 0U);
    std::string read(16, '\0');
    EXPECT_EQ(BIO_read(bio.get(), read.data(), 16), 7);
    EXPECT_LE(BIO_read(bio.get(), read.data(), 16), 0);
    EXPECT_EQ(facts.end, StreamEnd::fin);
}

}  // namespace
}  // namespace whylink::probes
