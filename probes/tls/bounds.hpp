// What of a server's choice is computed with, so that no server can make this host compute for long: what is offered, and
// bounds on what a chain may hold, which are looked at before any arithmetic.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace whylink::probes {

/// As the server sent it, its own certificate among them.
inline constexpr int max_chain = 16;
/// Intermediates between the server's own certificate and the trust anchor (SSL_CTX_set_verify_depth(3)).
inline constexpr int max_intermediates = 9;
inline constexpr int max_rsa_bits = 8192;
/// Of RSA's public exponent, whose length is the number of multiplications. 65537 has 17 bits; the longest that old
/// Windows libraries make has 32.
inline constexpr int max_exponent_bits = 32;
/// Of finite-field Diffie-Hellman, in a test of its own: see FiniteField in tls.hpp.
inline constexpr int max_finite_field_bits = 4096;

/// What limit_offer() offers of TLS 1.2 and older.
inline constexpr const char* offered_ciphers = "DEFAULT:!kDHE";

/// The elliptic curves that programs of today offer, and no finite-field Diffie-Hellman: a server may choose a group of
/// 10,000 bits there, which takes seconds. False without memory.
bool limit_offer(SSL_CTX& context);
/// The opposite, for one connection: only finite-field Diffie-Hellman, of at most max_finite_field_bits. False where
/// this OpenSSL has none.
bool offer_finite_field_only(SSL& connection);

/// What is wrong with a chain, and where: nothing of it is computed with.
struct BeyondBounds {
    int depth = 0;
    std::string text;
};
/// `chain` is as the server sent it; may be null.
std::optional<BeyondBounds> beyond_bounds(const STACK_OF(X509) * chain);

/// OpenSSL decodes each key as it reads the Certificate message, and of some keys that alone takes milliseconds: on curves
/// that are written down in place of their name, on curves that are not common, and points of which one coordinate is to
/// be computed. Makes such a key in the message, as it came, one of a kind that nobody knows, so that it is not
/// decoded. Gives what it found; empty: nothing.
std::string disarm_costly_keys(std::span<unsigned char> message);

/// Whether verification may take milliseconds: more certificates, larger keys or more names than common chains have.
bool is_costly(const STACK_OF(X509) * chain);

}  // namespace whylink::probes
