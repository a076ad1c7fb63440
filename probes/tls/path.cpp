#include "probes/tls/path.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <optional>

#include "probes/tls/certificate.hpp"

namespace whylink::probes {
namespace {

using Stack = STACK_OF(X509);

/// Its place in what the server sent; nothing when it is not there.
std::optional<std::size_t> place_in(const Stack* sent, const X509* certificate) {
    for (int i = 0; i < sk_X509_num(sent); ++i) {
        if (X509_cmp(certificate, sk_X509_value(sent, i)) == 0) {
            return static_cast<std::size_t>(i);
        }
    }
    return std::nullopt;
}

/// Verification found no way to a certificate of the store.
bool lacks_anchor(const VerifyFault& fault) {
    constexpr std::array codes{
        X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,       X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
        X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,       X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
        X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_UNTRUSTED};
    return std::ranges::find(codes, fault.code) != codes.end();
}

bool is_self_signed(X509* certificate) {
    return X509_self_signed(certificate, 0) == 1;
}

/// The store holds the issuer too, so that the certificate is in it as an intermediate and not as an anchor alone.
bool store_has_issuer(SSL& ssl, X509* certificate) {
    const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> lookup(X509_STORE_CTX_new(),
                                                                                 &X509_STORE_CTX_free);
    X509_STORE* store = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(&ssl));
    if (!lookup || X509_STORE_CTX_init(lookup.get(), store, certificate, nullptr) != 1) {
        return false;
    }
    X509* found = nullptr;
    const bool has = X509_STORE_CTX_get1_issuer(&found, lookup.get(), certificate) == 1;
    const std::unique_ptr<X509, decltype(&X509_free)> issuer(found, &X509_free);
    return has;
}

}  // namespace

CertificateSource own_source(const TlsSettings& settings) {
    return settings.ca_file.empty() ? CertificateSource::store : CertificateSource::ca_file;
}

void read_path(SSL& ssl, CertificateSource own, TlsFacts& facts) {
    const Stack* path = SSL_get0_verified_chain(&ssl);
    const Stack* sent = SSL_get_peer_cert_chain(&ssl);
    const int length = sk_X509_num(path);
    const bool is_anchored = std::ranges::none_of(facts.verify_faults, lacks_anchor);
    for (int i = 0; i < std::min(length, static_cast<int>(max_certificates)); ++i) {
        X509* certificate = sk_X509_value(path, i);
        const std::optional<std::size_t> place = place_in(sent, certificate);
        const bool last = i + 1 == length;
        // What is trusted is this host's copy, whether or not the server sent one too.
        const bool of_server = place && !(last && i > 0 && is_anchored);
        const bool is_read = place && *place < facts.chain.size();
        facts.path.push_back(
            {is_read ? facts.chain[*place] : read_certificate(*certificate, {.most = max_names_of_issuer}),
             of_server ? CertificateSource::server : own});
        if (i > 0 && !place && !is_self_signed(certificate)) {
            facts.intermediate_not_sent =
                facts.intermediate_not_sent || !last || store_has_issuer(ssl, certificate);
        }
    }
    ERR_clear_error();
}

}  // namespace whylink::probes
