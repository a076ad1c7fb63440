#include "probes/tls/context.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <string>

#include "support/test_ca.hpp"

namespace whylink::probes {
namespace {

class Contexts : public testing::Test {
  protected:
    TlsContextPtr good(const TlsSettings& settings) {
        auto result = contexts_.get(settings);
        if (const auto* error = std::get_if<LocalError>(&result)) {
            ADD_FAILURE() << error->operation << ": " << error->text;
            return nullptr;
        }
        return std::get<TlsContextPtr>(result);
    }

    LocalError bad(const TlsSettings& settings) {
        auto result = contexts_.get(settings);
        if (const auto* error = std::get_if<LocalError>(&result)) {
            return *error;
        }
        ADD_FAILURE() << "accepted";
        return {};
    }

    std::string file(const std::string& name, const std::string& content) {
        const auto path = ca_.directory() / name;
        std::ofstream(path) << content;
        return path.string();
    }

    lab::TestCa ca_;
    TlsContexts contexts_;
};

TEST_F(Contexts, SameSettingsGiveTheSameContext) {
    TlsSettings settings;
    settings.ca_file = ca_.certificate_file();
    EXPECT_EQ(good(settings), good(settings));
}

TEST_F(Contexts, OneTrustStoreForEachCaFile) {
    TlsSettings first;
    first.ca_file = ca_.certificate_file();
    TlsSettings second = first;
    second.min_version = TLS1_3_VERSION;
    const TlsSettings system;
    const auto store = [&](const TlsSettings& settings) {
        return SSL_CTX_get_cert_store(good(settings)->get());
    };
    EXPECT_NE(good(first), good(second));
    EXPECT_EQ(store(first), store(second));
    EXPECT_NE(store(first), store(system));
}

TEST_F(Contexts, ClearingReadsTheFilesAnew) {
    TlsSettings settings;
    settings.ca_file = file("changing.pem", ca_.certificate());
    const auto before = good(settings);
    file("changing.pem", "");
    EXPECT_EQ(good(settings), before);
    contexts_.clear();
    EXPECT_EQ(bad(settings).operation, "ca_file " + settings.ca_file);
    EXPECT_NE(SSL_CTX_get_cert_store(before->get()), nullptr);
}

TEST_F(Contexts, MissingCaFile) {
    TlsSettings settings;
    settings.ca_file = "/nonexistent/ca.pem";
    const auto error = bad(settings);
    EXPECT_EQ(error.operation, "ca_file /nonexistent/ca.pem");
    EXPECT_EQ(error.error, ENOENT);
    EXPECT_EQ(error.text, "No such file or directory");
}

TEST_F(Contexts, CaFileWithoutACertificate) {
    TlsSettings settings;
    settings.ca_file = file("text.pem", "no certificate here\n");
    const auto error = bad(settings);
    EXPECT_EQ(error.operation, "ca_file " + settings.ca_file);
    EXPECT_EQ(error.error, 0);
    EXPECT_FALSE(error.text.empty());
}

TEST_F(Contexts, ClientCertificateWithItsKey) {
    const auto issued = ca_.issue_client("whylink");
    TlsSettings settings;
    settings.cert_file = issued.certificate_file;
    settings.key_file = issued.key_file;
    EXPECT_NE(SSL_CTX_get0_certificate(good(settings)->get()), nullptr);
}

TEST_F(Contexts, KeyInTheFileOfTheCertificate) {
    const auto issued = ca_.issue_client("whylink");
    TlsSettings settings;
    settings.cert_file = file("both.pem", issued.certificate + issued.key);
    EXPECT_NE(SSL_CTX_get0_privatekey(good(settings)->get()), nullptr);
}

TEST_F(Contexts, KeyOfAnotherCertificate) {
    TlsSettings settings;
    settings.cert_file = ca_.issue_client("one").certificate_file;
    settings.key_file = ca_.issue_client("other").key_file;
    const auto error = bad(settings);
    EXPECT_EQ(error.operation, "key_file " + settings.key_file);
    EXPECT_EQ(error.text, "key values mismatch");
}

TEST_F(Contexts, MissingCertificateFile) {
    TlsSettings settings;
    settings.cert_file = "/nonexistent/client.pem";
    settings.key_file = ca_.issue_client("one").key_file;
    EXPECT_EQ(bad(settings).operation, "cert_file /nonexistent/client.pem");
    EXPECT_EQ(bad(settings).error, ENOENT);
}

TEST_F(Contexts, MissingKeyFile) {
    TlsSettings settings;
    settings.cert_file = ca_.issue_client("one").certificate_file;
    settings.key_file = "/nonexistent/client.key";
    EXPECT_EQ(bad(settings).operation, "key_file /nonexistent/client.key");
    EXPECT_EQ(bad(settings).error, ENOENT);
}

TEST_F(Contexts, EncryptedKeyIsAnErrorAndNoQuestionOnTheTerminal) {
    const auto issued = ca_.issue_client("one");
    const std::unique_ptr<BIO, decltype(&BIO_free)> text(
        BIO_new_mem_buf(issued.key.data(), static_cast<int>(issued.key.size())), &BIO_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        PEM_read_bio_PrivateKey(text.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
    const std::string path = (ca_.directory() / "encrypted.key").string();
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new_file(path.c_str(), "w"), &BIO_free);
    ASSERT_EQ(
        PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), EVP_aes_128_cbc(), "secret", 6, nullptr, nullptr),
        1);
    BIO_flush(out.get());
    TlsSettings settings;
    settings.cert_file = issued.certificate_file;
    settings.key_file = path;
    EXPECT_EQ(bad(settings).operation, "key_file " + path);
}

TEST_F(Contexts, UnusableProtocolName) {
    TlsSettings settings;
    settings.alpn = {std::string(256, 'x')};
    EXPECT_EQ(bad(settings).operation, "alpn");
}

TEST_F(Contexts, UnusableMinimumVersion) {
    TlsSettings settings;
    settings.min_version = 0x0399;
    EXPECT_EQ(bad(settings).operation, "min_version");
}

}  // namespace
}  // namespace whylink::probes
