// A certificate authority for tests: certificates with the faults that a test needs, made at run time.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "config/address.hpp"

namespace whylink::lab {

enum class KeyType { p256, rsa2048, rsa1024 };
enum class CertificateUse { server, client };

struct CertificateOptions {
    std::string common_name = "test";
    std::vector<std::string> dns_names;  ///< subjectAltName; bytes as they stand, so that NULs can be had
    std::vector<IpAddress> addresses;    ///< subjectAltName
    /// Both from now; a negative one lies in the past.
    std::chrono::seconds not_before = std::chrono::hours(-24);
    std::chrono::seconds not_after = std::chrono::hours(24 * 90);
    CertificateUse use = CertificateUse::server;
    KeyType key = KeyType::p256;
    bool sha1 = false;  ///< signed with SHA-1, which OpenSSL's level 2 refuses
    bool self_signed = false;
    bool through_intermediate = false;  ///< issued by an intermediate CA, which is in the chain
    bool omit_intermediate = false;     ///< as many servers do by mistake: the chain lacks it
};

/// A certificate with its chain and key, as PEM text and as files that live as long as the TestCa.
struct IssuedCertificate {
    std::string certificate;  ///< its own first, then the chain without the root
    std::string key;
    std::string certificate_file;
    std::string key_file;
};

/// Writes to a temporary directory of its own, which goes with it. Everything here throws std::runtime_error
/// when OpenSSL or the file system refuses.
class TestCa {
  public:
    /// Its certificate ends so long from now; a negative one has expired.
    explicit TestCa(const std::string& common_name = "Test Root CA",
                    std::chrono::seconds not_after = std::chrono::hours(24 * 3650));
    ~TestCa();
    TestCa(const TestCa&) = delete;
    TestCa& operator=(const TestCa&) = delete;

    /// The root, as PEM text and as a file.
    const std::string& certificate() const { return certificate_; }
    const std::string& certificate_file() const { return certificate_file_; }
    const std::filesystem::path& directory() const { return directory_; }
    /// The intermediate CA, as PEM text; the root's name and key as the other authority signed them, likewise.
    std::string intermediate() const;
    std::string cross_signed_by(const TestCa& other, std::chrono::seconds not_after) const;

    IssuedCertificate issue(const CertificateOptions& options);
    /// The usual one: a server of this name, good for 90 days.
    IssuedCertificate issue_server(const std::string& dns_name);
    IssuedCertificate issue_client(const std::string& common_name);

  private:
    struct Free {
        void operator()(X509* certificate) const { X509_free(certificate); }
        void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    };
    using Certificate = std::unique_ptr<X509, Free>;
    using Key = std::unique_ptr<EVP_PKEY, Free>;
    struct Authority {
        Certificate certificate;
        Key key;
    };

    static Key make_key(KeyType type);
    static Authority make_authority(const std::string& common_name, const Authority* issuer,
                                    std::chrono::seconds not_after);
    static Certificate make_ca_certificate(const std::string& common_name, EVP_PKEY* key,
                                           const Authority* issuer, std::chrono::seconds not_after);
    static Certificate make_certificate(const CertificateOptions& options, EVP_PKEY* key,
                                        const Authority* issuer);
    std::string write(const std::string& name, const std::string& content) const;

    std::filesystem::path directory_;
    Authority root_;
    Authority intermediate_;
    std::string certificate_;
    std::string certificate_file_;
    unsigned issued_ = 0;
};

}  // namespace whylink::lab
