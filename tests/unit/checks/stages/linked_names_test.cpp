#include "checks/stages/tls/linked_names.hpp"

#include <gtest/gtest.h>

#include "config/outside_text.hpp"

namespace whylink::checks {
namespace {

using probes::Certificate;
using probes::TlsFacts;

Certificate certificate_for(std::vector<std::string> names) {
    Certificate certificate;
    certificate.subject = "CN=abcd.example.test";
    certificate.dns_names = std::move(names);
    return certificate;
}

config::Endpoint private_endpoint() {
    config::Endpoint endpoint;
    endpoint.host = "abcd.westus3.privatelink.azure.clickhouse.cloud";
    endpoint.tls.server_name = endpoint.host;
    return endpoint;
}

FactSet links(const Certificate& certificate) {
    TlsFacts facts;
    facts.server_name = private_endpoint().host;
    facts.chain = {certificate};
    return links_of(private_endpoint(), {}, facts);
}

TEST(CertificateNames, ANameThatWasCutIsNobodys) {
    const std::string cut = outside_ascii("abcd.example.test" + std::string(90'000, 'a'), 17);
    ASSERT_TRUE(is_cut(cut));
    EXPECT_TRUE(is_for(certificate_for({"abcd.example.test"}), "abcd.example.test"));
    EXPECT_FALSE(is_for(certificate_for({cut}), "abcd.example.test"));
    EXPECT_FALSE(is_for(certificate_for({cut}), cut));
    EXPECT_FALSE(is_for(certificate_for({"*." + cut}), "x." + cut));
}

TEST(CertificateNames, ASubjectThatWasCutIsNobodys) {
    Certificate certificate = certificate_for({});
    EXPECT_TRUE(is_for(certificate, "abcd.example.test"));
    certificate.subject = outside_text("CN=abcd.example.test" + std::string(90'000, 'a'), 20);
    EXPECT_FALSE(is_for(certificate, "abcd.example.test"));
}

TEST(CertificateNames, TheSubjectCountsForNothingWhereAlternativeNamesWereLeftOut) {
    Certificate certificate = certificate_for({});
    certificate.names_left_out = 300;
    EXPECT_FALSE(is_for(certificate, "abcd.example.test"));
}

TEST(CertificateNames, WhereNotAllAreKnownNothingIsRuledOut) {
    Certificate certificate = certificate_for({"other.test"});
    EXPECT_FALSE(links(certificate).contains(Fact::host_may_be_alias));
    certificate.names_left_out = 1;
    EXPECT_TRUE(links(certificate).contains(Fact::host_may_be_alias));
    EXPECT_TRUE(links(certificate_for({"other.test", outside_ascii(std::string(600, 'a'))}))
                    .contains(Fact::host_may_be_alias));
}

TEST(CertificateNames, ACnameThatWasCutIsNoOtherNameOfTheHost) {
    probes::DnsFacts facts;
    facts.name = private_endpoint().host;
    probes::DnsQuery query;
    query.rcode = 0;
    query.cnames = {"alias.example.test", outside_text(std::string(1000, 'a'))};
    query.answers = {{*IpAddress::parse("10.0.0.4"), 300}};
    facts.queries = {query};
    JudgedProbe probe;
    probe.observation.stage = probes::Stage::dns;
    probe.observation.facts = facts;
    const std::vector<JudgedProbe> probes{probe};
    EXPECT_EQ(linked_names(private_endpoint(), probes).aliases,
              std::vector<std::string>{"alias.example.test"});
}

}  // namespace
}  // namespace whylink::checks
