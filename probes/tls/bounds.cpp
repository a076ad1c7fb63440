#include "probes/tls/bounds.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string_view>

namespace whylink::probes {
namespace {

constexpr const char* curves = "X25519:P-256:X448:P-521:P-384";
constexpr const char* finite_fields = "ffdhe2048:ffdhe3072:ffdhe4096";

/// On the event loop; what takes longer is computed elsewhere.
constexpr int few_certificates = 4;
constexpr int common_rsa_bits = 4096;
constexpr int few_bytes = 6 << 10;

using Bytes = std::span<const unsigned char>;

/// The object identifier id-ecPublicKey in DER (RFC 5480 section 2.1.1).
constexpr std::array<unsigned char, 9> key_on_curve{0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
/// Those of P-256, P-224, P-384, P-521 and secp256k1, which follow it where the curve has a name.
constexpr std::array<unsigned char, 10> p256{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
constexpr std::array<unsigned char, 6> certicom{0x06, 0x05, 0x2b, 0x81, 0x04, 0x00};
constexpr std::array<unsigned char, 4> of_certicom{0x21, 0x22, 0x23, 0x0a};

bool begins_with(Bytes bytes, Bytes what) {
    return bytes.size() >= what.size() && std::ranges::equal(bytes.first(what.size()), what);
}

/// What follows id-ecPublicKey: the name of a common curve, and a BIT STRING with an uncompressed point (SEC 1 section
/// 2.3.3).
bool is_common_key(Bytes behind) {
    std::size_t name = 0;
    if (begins_with(behind, p256)) {
        name = p256.size();
    } else if (begins_with(behind, certicom) && behind.size() > certicom.size() &&
               std::ranges::find(of_certicom, behind[certicom.size()]) != of_certicom.end()) {
        name = certicom.size() + 1;
    } else {
        return false;
    }
    const Bytes point = behind.subspan(name);
    constexpr unsigned char bit_string = 0x03;
    constexpr unsigned char uncompressed = 0x04;
    if (point.size() < 5 || point[0] != bit_string) {
        return false;
    }
    const std::size_t content = point[1] == 0x81 ? 3 : 2;
    return point[content] == 0 && point[content + 1] == uncompressed;
}

/// Without arithmetic: the key was decoded with the certificate. Nothing where there is no such number.
std::optional<int> exponent_bits(const EVP_PKEY* key) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &number) != 1) {
        return std::nullopt;
    }
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> exponent(number, &BN_free);
    return BN_num_bits(exponent.get());
}

bool has_common_curve(const EVP_PKEY* key) {
    std::array<char, 64> name{};
    std::size_t length = 0;
    if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &length) != 1) {
        return false;  // parameters of its own
    }
    constexpr std::array<std::string_view, 5> common{"prime256v1", "secp384r1", "secp521r1", "secp224r1",
                                                     "secp256k1"};
    return std::ranges::find(common, std::string_view(name.data(), length)) != common.end();
}

std::string rsa_fault(const EVP_PKEY* key) {
    const int bits = EVP_PKEY_get_bits(key);
    if (bits > max_rsa_bits) {
        return "an RSA key of " + std::to_string(bits) + " bits; more than " + std::to_string(max_rsa_bits) +
               " are not computed with";
    }
    const std::optional<int> exponent = exponent_bits(key);
    return exponent && *exponent <= max_exponent_bits
               ? std::string()
               : "an RSA key with a public exponent of more than " + std::to_string(max_exponent_bits) +
                     " bits, which is not computed with";
}

/// Empty: it may be computed with.
std::string fault_of(X509* certificate) {
    const EVP_PKEY* key = X509_get0_pubkey(certificate);
    if (key == nullptr) {
        return {};  // verification says so
    }
    switch (EVP_PKEY_get_base_id(key)) {
        case EVP_PKEY_RSA:
        case EVP_PKEY_RSA_PSS:
            return rsa_fault(key);
        case EVP_PKEY_EC:
            return has_common_curve(key) ? std::string() : "a key on a curve that is not computed with";
        case EVP_PKEY_ED25519:
        case EVP_PKEY_ED448:
            return {};
        default:
            return "a key of a kind that is not computed with";
    }
}

/// The callback of SSL_set_security_callback(3): 1 lets pass. What OpenSSL itself would not take (a group of 512 bits,
/// say) stays refused: its own callback is still the context's.
int allows(const SSL* connection, const SSL_CTX* context, int operation, int strength, int id, void* other,
           void* extra) {
    const auto usual =
        SSL_CTX_get_security_callback(connection != nullptr ? SSL_get_SSL_CTX(connection) : context);
    if (usual(connection, context, operation, strength, id, other, extra) != 1) {
        return 0;
    }
    if (operation != SSL_SECOP_TMP_DH) {
        return 1;
    }
    const auto* key = static_cast<const EVP_PKEY*>(other);
    return key == nullptr || EVP_PKEY_get_bits(key) <= max_finite_field_bits ? 1 : 0;
}

}  // namespace

bool limit_offer(SSL_CTX& context) {
    SSL_CTX_set_verify_depth(&context, max_intermediates);
    return SSL_CTX_set_cipher_list(&context, offered_ciphers) == 1 &&
           SSL_CTX_set1_groups_list(&context, curves) == 1;
}

bool offer_finite_field_only(SSL& connection) {
    SSL_set_security_callback(&connection, allows);
    return SSL_set_max_proto_version(&connection, TLS1_2_VERSION) == 1 &&
           SSL_set_cipher_list(&connection, "kDHE:!aNULL:!eNULL") == 1 &&
           SSL_set1_groups_list(&connection, finite_fields) == 1;
}

std::string disarm_costly_keys(std::span<unsigned char> message) {
    std::string found;
    auto rest = message;
    for (;;) {
        const auto at = std::ranges::search(rest, key_on_curve);
        if (at.empty()) {
            return found;
        }
        const auto behind = rest.subspan(static_cast<std::size_t>(at.end() - rest.begin()));
        if (!is_common_key(behind)) {
            found = "a key on a curve, or in a form, that is not computed with";
            *(at.end() - 1) = 0x7f;
        }
        rest = behind;
    }
}

std::optional<BeyondBounds> beyond_bounds(const STACK_OF(X509) * chain) {
    const int count = chain == nullptr ? 0 : sk_X509_num(chain);
    for (int i = 0; i < std::min(count, max_chain); ++i) {
        if (std::string text = fault_of(sk_X509_value(chain, i)); !text.empty()) {
            return BeyondBounds{i, std::move(text)};
        }
    }
    if (count > max_chain) {
        return BeyondBounds{max_chain, "a chain of " + std::to_string(count) + " certificates; more than " +
                                           std::to_string(max_chain) + " are not verified"};
    }
    return std::nullopt;
}

bool is_costly(const STACK_OF(X509) * chain) {
    const int count = chain == nullptr ? 0 : sk_X509_num(chain);
    int bytes = 0;
    for (int i = 0; i < std::min(count, max_chain); ++i) {
        X509* certificate = sk_X509_value(chain, i);
        const EVP_PKEY* key = X509_get0_pubkey(certificate);
        if (key != nullptr && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
            EVP_PKEY_get_bits(key) > common_rsa_bits) {
            return true;
        }
        bytes += i2d_X509(certificate, nullptr);
    }
    return count > few_certificates || bytes > few_bytes;
}

}  // namespace whylink::probes
