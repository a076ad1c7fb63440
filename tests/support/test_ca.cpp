#include "support/test_ca.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace whylink::lab {
namespace {

void require(bool good, const char* what) {
    if (!good) {
        throw std::runtime_error(std::string("test CA: ") + what);
    }
}

std::filesystem::path temporary_directory() {
    std::string path = (std::filesystem::temp_directory_path() / "whylink-ca-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) {
        throw std::system_error(errno, std::generic_category(), path);
    }
    return path;
}

template <typename Write>
std::string to_pem(Write write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), &BIO_free);
    require(write(memory.get()) == 1, "PEM");
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string certificate_pem(X509* certificate) {
    return to_pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

std::string key_pem(EVP_PKEY* key) {
    return to_pem([&](BIO* out) {
        return PEM_write_bio_PKCS8PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
}

void set_serial_number(X509* certificate) {
    std::array<unsigned char, 8> bytes;
    require(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1, "random");
    bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7fU) | 1U);  // positive, and never shortened
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(
        BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr), &BN_free);
    require(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr, "serial number");
}

void set_common_name(X509* certificate, const std::string& name) {
    require(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(name.data()),
                                       static_cast<int>(name.size()), -1, 0) == 1,
            "common name");
}

void set_dates(X509* certificate, std::chrono::seconds not_before, std::chrono::seconds not_after) {
    std::time_t now = std::time(nullptr);
    const auto set = [&now](ASN1_TIME* time, std::chrono::seconds from_now) {
        const auto days = std::chrono::duration_cast<std::chrono::days>(from_now);
        return X509_time_adj_ex(time, static_cast<int>(days.count()), (from_now - days).count(), &now) !=
               nullptr;
    };
    require(
        set(X509_getm_notBefore(certificate), not_before) && set(X509_getm_notAfter(certificate), not_after),
        "dates");
}

void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
        X509V3_EXT_conf_nid(nullptr, &context, nid, value), &X509_EXTENSION_free);
    require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, value);
}

void add_name(GENERAL_NAMES* names, int type, ASN1_STRING* value, const unsigned char* data,
              std::size_t size) {
    require(ASN1_STRING_set(value, data, static_cast<int>(size)) == 1, "subjectAltName");
    GENERAL_NAME* name = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(name, type, value);
    sk_GENERAL_NAME_push(names, name);
}

void add_alternative_names(X509* certificate, const CertificateOptions& options) {
    if (options.dns_names.empty() && options.addresses.empty()) {
        return;
    }
    const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(GENERAL_NAMES_new(),
                                                                              &GENERAL_NAMES_free);
    for (const auto& name : options.dns_names) {
        add_name(names.get(), GEN_DNS, ASN1_IA5STRING_new(),
                 reinterpret_cast<const unsigned char*>(name.data()), name.size());
    }
    for (const auto& address : options.addresses) {
        add_name(names.get(), GEN_IPADD, ASN1_OCTET_STRING_new(), address.bytes().data(),
                 address.bytes().size());
    }
    require(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1,
            "subjectAltName");
}

}  // namespace

TestCa::Key TestCa::make_key(KeyType type) {
    Key key(type == KeyType::p256      ? EVP_EC_gen("P-256")
            : type == KeyType::rsa2048 ? EVP_RSA_gen(2048)
                                       : EVP_RSA_gen(1024));
    require(key != nullptr, "key");
    return key;
}

TestCa::Certificate TestCa::make_ca_certificate(const std::string& common_name, EVP_PKEY* key,
                                                const Authority* issuer, std::chrono::seconds not_after) {
    Certificate made(X509_new());
    X509* certificate = made.get();
    X509* signer = issuer != nullptr ? issuer->certificate.get() : certificate;
    X509_set_version(certificate, X509_VERSION_3);
    set_serial_number(certificate);
    set_common_name(certificate, common_name);
    X509_set_issuer_name(certificate, X509_get_subject_name(signer));
    set_dates(certificate, std::chrono::hours(-24 * 3650), not_after);
    X509_set_pubkey(certificate, key);
    add_extension(certificate, signer, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, signer, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(certificate, signer, NID_subject_key_identifier, "hash");
    add_extension(certificate, signer, NID_authority_key_identifier, "keyid");
    require(X509_sign(certificate, issuer != nullptr ? issuer->key.get() : key, EVP_sha256()) > 0, "sign");
    return made;
}

TestCa::Authority TestCa::make_authority(const std::string& common_name, const Authority* issuer,
                                         std::chrono::seconds not_after) {
    Key key = make_key(KeyType::p256);
    Certificate certificate = make_ca_certificate(common_name, key.get(), issuer, not_after);
    return {std::move(certificate), std::move(key)};
}

TestCa::Certificate TestCa::make_certificate(const CertificateOptions& options, EVP_PKEY* key,
                                             const Authority* issuer) {
    Certificate certificate(X509_new());
    X509* signer = issuer != nullptr ? issuer->certificate.get() : certificate.get();
    X509_set_version(certificate.get(), X509_VERSION_3);
    set_serial_number(certificate.get());
    set_common_name(certificate.get(), options.common_name);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
    set_dates(certificate.get(), options.not_before, options.not_after);
    X509_set_pubkey(certificate.get(), key);
    const bool server = options.use == CertificateUse::server;
    add_extension(certificate.get(), signer, NID_ext_key_usage, server ? "serverAuth" : "clientAuth");
    add_extension(certificate.get(), signer, NID_subject_key_identifier, "hash");
    add_alternative_names(certificate.get(), options);
    const EVP_MD* digest = options.sha1 ? EVP_sha1() : EVP_sha256();
    require(X509_sign(certificate.get(), issuer != nullptr ? issuer->key.get() : key, digest) > 0, "sign");
    return certificate;
}

TestCa::TestCa(const std::string& common_name, std::chrono::seconds not_after)
    : directory_(temporary_directory()),
      root_(make_authority(common_name, nullptr, not_after)),
      intermediate_(make_authority(common_name + " Intermediate", &root_, std::chrono::hours(24 * 3650))),
      certificate_(certificate_pem(root_.certificate.get())),
      certificate_file_(write("ca.pem", certificate_)) {}

TestCa::~TestCa() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

std::string TestCa::intermediate() const {
    return certificate_pem(intermediate_.certificate.get());
}

std::string TestCa::cross_signed_by(const TestCa& other, std::chrono::seconds not_after) const {
    std::array<char, 64> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(root_.certificate.get()), NID_commonName, name.data(),
                              static_cast<int>(name.size()));
    return certificate_pem(make_ca_certificate(name.data(), root_.key.get(), &other.root_, not_after).get());
}

IssuedCertificate TestCa::issue(const CertificateOptions& options) {
    const Key key = make_key(options.key);
    const Authority* issuer = options.through_intermediate ? &intermediate_ : &root_;
    const Certificate certificate =
        make_certificate(options, key.get(), options.self_signed ? nullptr : issuer);
    IssuedCertificate issued;
    issued.certificate = certificate_pem(certificate.get());
    if (options.through_intermediate && !options.omit_intermediate) {
        issued.certificate += certificate_pem(intermediate_.certificate.get());
    }
    issued.key = key_pem(key.get());
    const std::string name = std::to_string(++issued_);
    issued.certificate_file = write(name + ".pem", issued.certificate);
    issued.key_file = write(name + ".key", issued.key);
    return issued;
}

IssuedCertificate TestCa::issue_server(const std::string& dns_name) {
    CertificateOptions options;
    options.common_name = dns_name;
    options.dns_names = {dns_name};
    return issue(options);
}

IssuedCertificate TestCa::issue_client(const std::string& common_name) {
    CertificateOptions options;
    options.common_name = common_name;
    options.use = CertificateUse::client;
    return issue(options);
}

std::string TestCa::write(const std::string& name, const std::string& content) const {
    std::string path = (directory_ / name).string();
    std::ofstream file(path, std::ios::binary);
    file << content;
    file.close();
    if (!file) {
        throw std::system_error(errno, std::generic_category(), path);
    }
    return path;
}

}  // namespace whylink::lab
