#include "probes/tls/certificate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <chrono>
#include <memory>
#include <string>

#include "config/outside_text.hpp"
#include "support/test_ca.hpp"

namespace whylink::probes {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::SizeIs;

using Parsed = std::unique_ptr<X509, decltype(&X509_free)>;

Parsed parse(const std::string& pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> text(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
    return {PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr), &X509_free};
}

Certificate read(const lab::CertificateOptions& options) {
    static lab::TestCa ca;
    const Parsed parsed = parse(ca.issue(options).certificate);
    return read_certificate(*parsed);
}

TEST(Certificate, NamesAndDates) {
    lab::CertificateOptions options;
    options.common_name = "db, and more";
    options.dns_names = {"a.example.test", "*.b.example.test"};
    options.addresses = {*IpAddress::parse("10.0.0.4"), *IpAddress::parse("fd00::4")};
    const auto before = WallClock::now();
    const auto certificate = read(options);
    EXPECT_EQ(certificate.subject, "CN=db\\, and more");
    EXPECT_EQ(certificate.issuer, "CN=Test Root CA");
    EXPECT_FALSE(certificate.self_issued);
    EXPECT_THAT(certificate.dns_names, ElementsAre("a.example.test", "*.b.example.test"));
    EXPECT_THAT(certificate.addresses, ElementsAre(options.addresses[0], options.addresses[1]));
    EXPECT_GE(certificate.not_after, before + options.not_after - 1s);
    EXPECT_LE(certificate.not_after, WallClock::now() + options.not_after);
    EXPECT_EQ(certificate.not_after - certificate.not_before, options.not_after - options.not_before);
}

TEST(Certificate, EachHasASerialOfItsOwn) {
    const Certificate one = read({});
    EXPECT_THAT(one.serial, testing::MatchesRegex("([0-9a-f][0-9a-f])+"));
    EXPECT_NE(one.serial, read({}).serial);
}

TEST(Certificate, SelfIssued) {
    lab::CertificateOptions options;
    options.self_signed = true;
    EXPECT_TRUE(read(options).self_issued);
}

TEST(Certificate, NothingUnprintableComesThrough) {
    lab::CertificateOptions options;
    options.common_name = "M\xc3\xbcller\x1b[31m";
    options.dns_names = {std::string("a\0b", 3), "\x1b[31mred", "\xff\xfe", "back\\slash", ""};
    const auto certificate = read(options);
    EXPECT_EQ(certificate.subject, "CN=M\\C3\\BCller\\1B[31m");
    EXPECT_THAT(certificate.dns_names,
                ElementsAre("a\\x00b", "\\x1b[31mred", "\\xff\\xfe", "back\\x5cslash", ""));
}

TEST(Certificate, DateBeyondTheClockIsItsLastPoint) {
    lab::CertificateOptions options;
    options.not_after = std::chrono::years(7000);
    EXPECT_GT(read(options).not_after, WallClock::time_point::max() - 2s);
}

TEST(Certificate, DateBeforeTheEpoch) {
    lab::CertificateOptions options;
    options.not_before = std::chrono::years(-70);
    EXPECT_LT(read(options).not_before, WallClock::time_point());
}

TEST(Certificate, NamesAreBounded) {
    lab::CertificateOptions options;
    for (int i = 0; i < 1000; ++i) {
        options.dns_names.push_back(std::to_string(i) + ".example.test");
    }
    EXPECT_THAT(read(options).dns_names, SizeIs(max_alternative_names));
}

TEST(Certificate, WhatIsLeftOutIsCounted) {
    lab::CertificateOptions options;
    options.dns_names = {"a.example.test"};
    EXPECT_EQ(read(options).names_left_out, 0U);
    for (int i = 0; i < 4999; ++i) {
        options.dns_names.push_back(std::to_string(i) + ".example.test");
    }
    const Certificate certificate = read(options);
    EXPECT_THAT(certificate.dns_names, SizeIs(max_alternative_names));
    EXPECT_EQ(certificate.names_left_out, 5000 - max_alternative_names);
}

TEST(Certificate, NamesOfTheServersZoneAreKeptFirst) {
    lab::CertificateOptions options;
    for (int i = 0; i < 5000; ++i) {
        options.dns_names.push_back(std::to_string(i) + ".other.test");
    }
    options.dns_names.insert(options.dns_names.begin() + 4000, {"db.example.test", "*.Example.test"});
    options.dns_names.push_back("notexample.test");
    static lab::TestCa ca;
    const Parsed parsed = parse(ca.issue(options).certificate);
    const Certificate certificate = read_certificate(*parsed, {.server_name = "www.example.test."});
    ASSERT_THAT(certificate.dns_names, SizeIs(max_alternative_names));
    // In the certificate's order.
    EXPECT_EQ(certificate.dns_names.front(), "0.other.test");
    EXPECT_EQ(certificate.dns_names[max_alternative_names - 2], "db.example.test");
    EXPECT_EQ(certificate.dns_names[max_alternative_names - 1], "*.Example.test");
}

TEST(Certificate, ANameOfNinetyKilobytesIsCut) {
    lab::CertificateOptions options;
    const std::string forged = "\n<0>PRIORITY=0\nMESSAGE=kernel panic";
    options.dns_names = {"a.example.test", forged + std::string(90'000, 'a'), "b.example.test"};
    const Certificate certificate = read(options);
    ASSERT_THAT(certificate.dns_names, SizeIs(3));
    EXPECT_TRUE(is_cut(certificate.dns_names[1])) << certificate.dns_names[1];
    EXPECT_LT(certificate.dns_names[1].size(), 400U);
    EXPECT_TRUE(certificate.dns_names[1].starts_with("\\x0a<0>PRIORITY=0\\x0aMESSAGE"));
    EXPECT_EQ(certificate.dns_names[2], "b.example.test");
    EXPECT_EQ(certificate.names_left_out, 0U);
}

TEST(Certificate, AllNamesTogetherAreBounded) {
    lab::CertificateOptions options;
    options.dns_names.assign(300, std::string(300, 'a'));
    const Certificate certificate = read(options);
    EXPECT_THAT(certificate.dns_names, SizeIs(max_alternative_names_size / max_alternative_name));
    EXPECT_EQ(certificate.names_left_out, 300 - certificate.dns_names.size());
}

/// Its subject's CN is of these bytes; a CA would not make such a one.
Certificate with_subject(const std::string& common_name) {
    const Parsed made(X509_new(), &X509_free);
    X509_NAME_add_entry_by_NID(X509_get_subject_name(made.get()), NID_commonName, V_ASN1_UTF8STRING,
                               reinterpret_cast<const unsigned char*>(common_name.data()),
                               static_cast<int>(common_name.size()), -1, 0);
    return read_certificate(*made);
}

TEST(Certificate, ASubjectIsOneBoundedLineOfAscii) {
    EXPECT_EQ(with_subject(std::string("a\n<0>b\0c", 8)).subject, "CN=a\\0A\\<0\\>b\\00c");
    EXPECT_EQ(with_subject("\xff\xfe").subject, "CN=\\FF\\FE");
    EXPECT_EQ(with_subject("\u202egnp.exe\u2066").subject, "CN=\\E2\\80\\AEgnp.exe\\E2\\81\\A6");
    const std::string subject = with_subject(std::string(90'000, 'a')).subject;
    EXPECT_EQ(subject, "CN=" + std::string(max_outside_text - 3, 'a') + "… (" +
                           std::to_string(90'003 - max_outside_text) + " B left out)");
}

TEST(CertificateChain, IsBounded) {
    lab::TestCa ca;
    const Parsed certificate = parse(ca.certificate());
    const std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> chain(
        sk_X509_new_null(), [](STACK_OF(X509) * stack) { sk_X509_free(stack); });
    for (int i = 0; i < 40; ++i) {
        sk_X509_push(chain.get(), certificate.get());
    }
    EXPECT_THAT(read_chain(chain.get()), SizeIs(max_certificates));
}

TEST(CertificateChain, OfTheIssuersFewNamesAreKept) {
    lab::CertificateOptions options;
    options.dns_names.assign(100, "a.example.test");
    static lab::TestCa ca;
    const Parsed certificate = parse(ca.issue(options).certificate);
    const std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> chain(
        sk_X509_new_null(), [](STACK_OF(X509) * stack) { sk_X509_free(stack); });
    sk_X509_push(chain.get(), certificate.get());
    sk_X509_push(chain.get(), certificate.get());
    const std::vector<Certificate> read = read_chain(chain.get());
    ASSERT_THAT(read, SizeIs(2));
    EXPECT_THAT(read[0].dns_names, SizeIs(100));
    EXPECT_THAT(read[1].dns_names, SizeIs(max_names_of_issuer));
    EXPECT_EQ(read[1].names_left_out, 100 - max_names_of_issuer);
}

TEST(CertificateChain, OfNone) {
    EXPECT_THAT(read_chain(nullptr), SizeIs(0));
}

}  // namespace
}  // namespace whylink::probes
