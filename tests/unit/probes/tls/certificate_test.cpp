#include "probes/tls/certificate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <chrono>
#include <memory>
#include <string>

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

TEST(CertificateChain, OfNone) {
    EXPECT_THAT(read_chain(nullptr), SizeIs(0));
}

}  // namespace
}  // namespace whylink::probes
