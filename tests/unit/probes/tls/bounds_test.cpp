#include "probes/tls/bounds.hpp"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace whylink::probes {
namespace {

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(BIGNUM* number) const { BN_free(number); }
    void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
    void operator()(OSSL_PARAM* parameters) const { OSSL_PARAM_free(parameters); }
    void operator()(STACK_OF(X509) * chain) const { sk_X509_free(chain); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using Chain = std::unique_ptr<STACK_OF(X509), Free>;

std::unique_ptr<BIGNUM, Free> odd_number(int bits) {
    std::unique_ptr<BIGNUM, Free> number(BN_new());
    BN_set_bit(number.get(), bits - 1);
    BN_set_bit(number.get(), 0);
    return number;
}

/// As a server can send it: nobody needs the private half, or primes.
Key rsa(int bits, int exponent_bits) {
    const auto modulus = odd_number(bits);
    const auto exponent = odd_number(exponent_bits);
    const std::unique_ptr<OSSL_PARAM_BLD, Free> builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
    const std::unique_ptr<OSSL_PARAM, Free> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const std::unique_ptr<EVP_PKEY_CTX, Free> context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* made = nullptr;
    EVP_PKEY_fromdata_init(context.get());
    EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get());
    return Key(made);
}

Key on_curve(const char* name) {
    return Key(EVP_EC_gen(name));
}

/// The same curve, but written down in place of its name (RFC 3279 section 2.3.5).
Key on_a_curve_of_its_own() {
    Key key = on_curve("P-256");
    EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_ENCODING, OSSL_PKEY_EC_ENCODING_EXPLICIT);
    return key;
}

Certificate certificate_with(const Key& key) {
    Certificate certificate(X509_new());
    if (!key || X509_set_pubkey(certificate.get(), key.get()) != 1) {
        throw std::runtime_error("no certificate with such a key");
    }
    // As it comes from a server.
    unsigned char* encoded = nullptr;
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    const Key signer(EVP_EC_gen("P-256"));
    X509_sign(certificate.get(), signer.get(), EVP_sha256());
    const int size = i2d_X509(certificate.get(), &encoded);
    const unsigned char* at = encoded;
    Certificate read(d2i_X509(nullptr, &at, size));
    OPENSSL_free(encoded);
    if (!read) {
        throw std::runtime_error("the certificate cannot be read");
    }
    return read;
}

std::optional<BeyondBounds> alone(const Key& key) {
    const Certificate certificate = certificate_with(key);
    const Chain chain(sk_X509_new_null());
    sk_X509_push(chain.get(), certificate.get());
    return beyond_bounds(chain.get());
}

TEST(TlsBounds, CommonKeysAreComputedWith) {
    EXPECT_FALSE(alone(rsa(2048, 17)));
    EXPECT_FALSE(alone(rsa(8192, 17)));
    EXPECT_FALSE(alone(rsa(4096, 32)));
    EXPECT_FALSE(alone(rsa(512, 2))) << "too small is for verification to say";
    EXPECT_FALSE(alone(on_curve("P-256")));
    EXPECT_FALSE(alone(on_curve("P-521")));
    EXPECT_FALSE(alone(Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"))));
    EXPECT_FALSE(beyond_bounds(nullptr));
}

TEST(TlsBounds, CostlyKeysAreNot) {
    for (const Key& key : {rsa(8193, 17), rsa(16384, 17), rsa(2048, 33), rsa(2048, 2047)}) {
        const auto beyond = alone(key);
        ASSERT_TRUE(beyond);
        EXPECT_EQ(beyond->depth, 0);
        EXPECT_NE(beyond->text.find("RSA"), std::string::npos) << beyond->text;
    }
    for (const char* curve : {"brainpoolP512r1", "sect571r1", "secp112r1"}) {
        EXPECT_TRUE(alone(on_curve(curve))) << curve;
    }
}

std::vector<unsigned char> der_of(const Key& key) {
    unsigned char* encoded = nullptr;
    const int size = i2d_PUBKEY(key.get(), &encoded);
    std::vector<unsigned char> bytes(encoded, encoded + size);
    OPENSSL_free(encoded);
    return bytes;
}

Key with_compressed_point(const char* curve) {
    Key key = on_curve(curve);
    EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                   OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_COMPRESSED);
    return key;
}

TEST(TlsBounds, KeysThatAreCostlyToDecodeAreDisarmed) {
    for (const Key& key : {on_a_curve_of_its_own(), on_curve("brainpoolP512r1"), on_curve("sect571r1"),
                           with_compressed_point("P-224"), with_compressed_point("P-521")}) {
        std::vector<unsigned char> bytes = der_of(key);
        EXPECT_NE(disarm_costly_keys(bytes), "");
        const unsigned char* at = bytes.data();
        EXPECT_EQ(Key(d2i_PUBKEY(nullptr, &at, static_cast<long>(bytes.size()))), nullptr);
    }
    for (const Key& key : {on_curve("P-256"), on_curve("P-384"), on_curve("P-521"), on_curve("P-224"),
                           on_curve("secp256k1"), rsa(2048, 17)}) {
        std::vector<unsigned char> bytes = der_of(key);
        const std::vector<unsigned char> before = bytes;
        EXPECT_EQ(disarm_costly_keys(bytes), "");
        EXPECT_EQ(bytes, before);
    }
    std::vector<unsigned char> cut = der_of(on_curve("P-256"));
    for (std::size_t size = 0; size < cut.size(); ++size) {
        std::vector<unsigned char> part(cut.begin(), cut.begin() + static_cast<std::ptrdiff_t>(size));
        disarm_costly_keys(part);  // reads no further than there is
    }
}

Chain chain_of(const Certificate& certificate, int count) {
    Chain chain(sk_X509_new_null());
    for (int i = 0; i < count; ++i) {
        sk_X509_push(chain.get(), certificate.get());
    }
    return chain;
}

TEST(TlsBounds, AChainHasItsLength) {
    const Certificate certificate = certificate_with(on_curve("P-256"));
    EXPECT_FALSE(beyond_bounds(chain_of(certificate, max_chain).get()));
    const auto beyond = beyond_bounds(chain_of(certificate, max_chain + 1).get());
    ASSERT_TRUE(beyond);
    EXPECT_EQ(beyond->depth, max_chain);
}

TEST(TlsBounds, TheCostlyOneIsNamedByItsPlace) {
    const Certificate common = certificate_with(on_curve("P-256"));
    const Certificate costly = certificate_with(rsa(16384, 17));
    const Chain chain = chain_of(common, 2);
    sk_X509_push(chain.get(), costly.get());
    const auto beyond = beyond_bounds(chain.get());
    ASSERT_TRUE(beyond);
    EXPECT_EQ(beyond->depth, 2);
}

TEST(TlsBounds, WhatTakesMillisecondsIsForAnotherThread) {
    const Certificate certificate = certificate_with(on_curve("P-256"));
    EXPECT_FALSE(is_costly(nullptr));
    EXPECT_FALSE(is_costly(chain_of(certificate, 3).get()));
    EXPECT_TRUE(is_costly(chain_of(certificate, 8).get()));
    EXPECT_FALSE(is_costly(chain_of(certificate_with(rsa(4096, 17)), 3).get()));
    EXPECT_TRUE(is_costly(chain_of(certificate_with(rsa(8192, 17)), 1).get()));
}

}  // namespace
}  // namespace whylink::probes
