#include "probes/tls/connection.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "config/outside_text.hpp"
#include "probes/tcp/socket_address.hpp"
#include "probes/tcp/stream_socket.hpp"
#include "probes/tls/bounds.hpp"
#include "probes/tls/certificate.hpp"
#include "probes/tls/hello_size.hpp"
#include "probes/tls/path.hpp"

namespace whylink::probes {
namespace {

/// Reasons for which our side refuses what the server chose, whatever alert OpenSSL says it with (40, 47, 70,
/// 71).
bool is_refusal_of_choice(int reason) {
    constexpr std::array reasons{SSL_R_UNSUPPORTED_PROTOCOL,
                                 SSL_R_WRONG_SSL_VERSION,
                                 SSL_R_VERSION_TOO_LOW,
                                 SSL_R_INAPPROPRIATE_FALLBACK,
                                 SSL_R_WRONG_CIPHER_RETURNED,
                                 SSL_R_UNKNOWN_CIPHER_RETURNED,
                                 SSL_R_DH_KEY_TOO_SMALL,
                                 SSL_R_BAD_DH_VALUE,
                                 SSL_R_WRONG_CURVE,
                                 SSL_R_WRONG_SIGNATURE_TYPE,
                                 SSL_R_UNSUPPORTED_COMPRESSION_ALGORITHM,
                                 SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED};
    return std::ranges::find(reasons, reason) != reasons.end();
}

/// The name as it goes on the wire (RFC 6066 section 3: no trailing dot).
std::string without_trailing_dot(std::string name) {
    if (name.ends_with('.')) {
        name.pop_back();
    }
    return name;
}

/// What the certificate must say, and SNI, which is left in `sent_name`; an address is never sent as SNI (RFC
/// 6066 section 3).
bool set_peer(SSL* ssl, const TlsProbe& probe, std::string& sent_name) {
    X509_VERIFY_PARAM* verification = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_hostflags(verification, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    std::string name = without_trailing_dot(probe.server_name);
    auto address = name.empty() ? std::optional(probe.address) : IpAddress::parse(name);
    if (address) {
        const IpAddress wanted = on_the_wire(*address);
        return X509_VERIFY_PARAM_set1_ip(verification, wanted.bytes().data(), wanted.bytes().size()) == 1;
    }
    sent_name = name;
    return X509_VERIFY_PARAM_set1_host(verification, name.data(), name.size()) == 1 &&
           SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1;
}

/// Leaves out of the offer what this handshake is to be made without.
std::optional<LocalError> narrow_offer(SSL& ssl, const TlsProbe& probe) {
    if (probe.finite_field && !offer_finite_field_only(ssl)) {
        return LocalError{"finite-field Diffie-Hellman", 0, "this host's TLS library does not offer it"};
    }
    if (probe.tls12_only && SSL_set_max_proto_version(&ssl, TLS1_2_VERSION) != 1) {
        return LocalError{"TLS 1.2", 0, "this host's TLS library does not offer it"};
    }
    return std::nullopt;
}

}  // namespace

std::optional<asio::ip::tcp::socket::wait_type> awaited_by(int want) {
    if (want == SSL_ERROR_WANT_READ) {
        return asio::ip::tcp::socket::wait_read;
    }
    return want == SSL_ERROR_WANT_WRITE ? std::optional(asio::ip::tcp::socket::wait_write) : std::nullopt;
}

TlsConnection::~TlsConnection() {
    close_with_reset(socket);
}

std::optional<LocalError> TlsConnection::prepare(const TlsProbe& probe) {
    ERR_clear_error();
    ssl.reset(SSL_new(probe.context->get()));
    BIO* bio = ssl ? transport.make_bio() : nullptr;
    if (bio == nullptr) {
        return LocalError{"TLS connection", ENOMEM, "out of memory"};
    }
    SSL_set_bio(ssl.get(), bio, bio);
    SSL_set_connect_state(ssl.get());
    const TlsSettings& settings = probe.context->settings();
    facts.hello = probe.hello;
    if (probe.hello == HelloSize::small) {
        shorten_hello(*ssl);
    } else {
        facts.alpn_offered = settings.alpn;
    }
    if (auto error = narrow_offer(*ssl, probe)) {
        return error;
    }
    facts.finite_field = probe.finite_field;
    own_source_ = own_source(settings);
    recorder.trust_comes_from(own_source_);
    recorder.withhold_certificate(probe.withhold_certificate);
    recorder.attach(ssl.get());
    if (!set_peer(ssl.get(), probe, facts.server_name)) {
        return LocalError{"server_name " + probe.server_name, EINVAL, "cannot be used as a server name"};
    }
    return std::nullopt;
}

void TlsConnection::collect() {
    const STACK_OF(X509)* sent = SSL_get_peer_cert_chain(ssl.get());
    facts.chain = read_chain(sent, facts.server_name);
    facts.chain_left_out =
        static_cast<unsigned>(std::max(0, sk_X509_num(sent))) - static_cast<unsigned>(facts.chain.size());
    read_path(*ssl, own_source_, facts);
    if (const X509* own = SSL_get_certificate(ssl.get()); own != nullptr && facts.client_certificate_sent) {
        facts.client_certificate = read_certificate(*own);
    }
    if (facts.bytes_sent == 0) {
        facts.progress = TlsProgress::not_started;
    }
    if (facts.progress < TlsProgress::server_hello) {
        return;
    }
    facts.version = facts.refused_by_us ? recorder.offered_version() : SSL_get_version(ssl.get());
    if (const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl.get())) {
        facts.cipher = SSL_CIPHER_get_name(cipher);
    }
    if (const int group = static_cast<int>(SSL_get_negotiated_group(ssl.get())); group != 0) {
        const char* name = SSL_group_to_name(ssl.get(), group);
        facts.group = name != nullptr ? name : "";
    }
    const unsigned char* protocol = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl.get(), &protocol, &length);
    facts.alpn = outside_ascii({reinterpret_cast<const char*>(protocol), length});
}

std::string TlsConnection::too_much_text() const {
    const std::string more_than = "more than ";
    if (recorder.heard_too_many_messages()) {
        return more_than + std::to_string(max_messages_after_handshake) +
               " handshake messages without application data";
    }
    return more_than + std::to_string(max_handshake_bytes) +
           (facts.progress == TlsProgress::complete ? " bytes without application data"
                                                    : " bytes without an end of the handshake");
}

void TlsConnection::note_failure(int want) {
    broken = true;
    if (transport.stopped_as_too_much()) {
        facts.oversized = true;
        facts.library_error = too_much_text();
    }
    if (want != SSL_ERROR_SSL) {
        return;
    }
    const unsigned long error = ERR_peek_error();
    const char* reason = ERR_reason_error_string(error);
    facts.library_error = reason != nullptr ? reason : "unknown error";
    facts.library_reason = ERR_GET_REASON(error);
    facts.refused_by_us = is_refusal_of_choice(ERR_GET_REASON(error));
    facts.oversized = ERR_GET_REASON(error) == SSL_R_EXCESSIVE_MESSAGE_SIZE;
}

void TlsConnection::say_goodbye() {
    TlsRecorder::detach(ssl.get());
    if (facts.progress == TlsProgress::complete && !broken) {
        const auto sent = facts.bytes_sent;
        ERR_clear_error();
        SSL_shutdown(ssl.get());
        facts.bytes_sent = sent;
    }
    ERR_clear_error();
}

}  // namespace whylink::probes
