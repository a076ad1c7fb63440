#include "probes/tls/recorder.hpp"

#include <openssl/x509_vfy.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "probes/tls/bounds.hpp"
#include "probes/tls/certificate.hpp"

namespace whylink::probes {
namespace {

constexpr std::uint8_t fatal_level = 2;
constexpr std::uint8_t close_notify = 0;
constexpr std::uint8_t user_canceled = 90;
constexpr std::uint8_t no_renegotiation = 100;
/// A peer may repeat warnings and faults; these bound what is kept of them.
constexpr std::size_t max_alerts = 8;
constexpr std::size_t max_faults = 32;
/// Servers ask for a client certificate so, once for each part of a site (TLS 1.2 and before; RFC 5246 section 7.4.1.1).
constexpr int max_hello_requests = 2;

/// RFC 8446 section 6: in TLS 1.3 the level is to be ignored; all but these two end the connection.
bool is_fatal(int version, std::uint8_t level, std::uint8_t description) {
    if (version == TLS1_3_VERSION) {
        return description != close_notify && description != user_canceled;
    }
    return level == fatal_level;
}

/// Of a chain in which a key was disarmed.
int place_of_unknown_key(const STACK_OF(X509) * chain) {
    for (int i = 0; i < sk_X509_num(chain); ++i) {
        if (X509_get0_pubkey(sk_X509_value(chain, i)) == nullptr) {
            return i;
        }
    }
    return 0;
}

}  // namespace

void TlsRecorder::install(SSL_CTX* context) {
    SSL_CTX_set_msg_callback(context, on_message);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, on_verify);
    SSL_CTX_set_cert_verify_callback(context, verify, nullptr);
    SSL_CTX_set_cert_cb(context, on_certificate_request, nullptr);
}

void TlsRecorder::attach(SSL* ssl) {
    SSL_set_msg_callback_arg(ssl, this);
    SSL_set_app_data(ssl, this);
}

void TlsRecorder::detach(SSL* ssl) {
    SSL_set_msg_callback_arg(ssl, nullptr);
    SSL_set_app_data(ssl, nullptr);
}

void TlsRecorder::on_message(int sent, int version, int content_type, const void* data, std::size_t size,
                             SSL* ssl, void* recorder) {
    if (recorder == nullptr) {
        return;
    }
    auto* const self = static_cast<TlsRecorder*>(recorder);
    const Bytes message{static_cast<const unsigned char*>(data), size};
    if (sent == 0 && content_type == SSL3_RT_HANDSHAKE && size > 0) {
        self->before_openssl_reads(ssl, {const_cast<unsigned char*>(message.data()), size});
    }
    self->note_message(sent != 0, version, content_type, message);
}

/// The buffer is OpenSSL's own, which reads it when this has returned.
void TlsRecorder::before_openssl_reads(SSL* ssl, std::span<unsigned char> message) {
    if (message[0] == SSL3_MT_CERTIFICATE) {
        costly_key_ = disarm_costly_keys(message);
    } else if (message[0] == SSL3_MT_HELLO_REQUEST) {
        // What follows is read on the event loop.
        SSL_set_max_cert_list(ssl, static_cast<long>(max_bytes_on_loop));
        if (++hello_requests_ > max_hello_requests) {
            SSL_set_options(ssl, SSL_OP_NO_RENEGOTIATION);
        }
    }
}

/// In place of OpenSSL's own, which it calls: the result is 1 to go on, else the handshake is over
/// (SSL_CTX_set_cert_verify_callback(3)).
int TlsRecorder::verify(X509_STORE_CTX* verification, void* /*unused*/) {
    auto* ssl =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* recorder = static_cast<TlsRecorder*>(SSL_get_app_data(ssl));
    const STACK_OF(X509)* chain = X509_STORE_CTX_get0_untrusted(verification);
    if (recorder == nullptr) {
        return 0;
    }
    if (!recorder->costly_key_.empty()) {
        return recorder->refuse(verification, place_of_unknown_key(chain), recorder->costly_key_);
    }
    if (std::optional<BeyondBounds> beyond = beyond_bounds(chain)) {
        return recorder->refuse(verification, beyond->depth, std::move(beyond->text));
    }
    if (is_costly(chain) && !recorder->off_loop_) {
        return SSL_set_retry_verify(ssl);
    }
    return std::max(X509_verify_cert(verification), 0);
}

/// Nothing is verified. The handshake goes on, unless the next step were a computation with such a key.
int TlsRecorder::refuse(X509_STORE_CTX* verification, int depth, std::string text) {
    X509_STORE_CTX_set_error(verification, X509_V_ERR_APPLICATION_VERIFICATION);
    VerifyFault fault{
        X509_V_ERR_APPLICATION_VERIFICATION, depth, std::move(text), CertificateSource::server, {}};
    const STACK_OF(X509)* chain = X509_STORE_CTX_get0_untrusted(verification);
    if (depth < sk_X509_num(chain)) {
        fault.certificate = read_certificate(*sk_X509_value(chain, depth));
    }
    facts_.verify_faults.push_back(std::move(fault));
    return depth == 0 && (beyond_bounds(chain) || !costly_key_.empty()) ? 0 : 1;
}

int TlsRecorder::on_verify(int good, X509_STORE_CTX* verification) {
    if (good == 0) {
        auto* ssl =
            static_cast<SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
        if (auto* recorder = static_cast<TlsRecorder*>(SSL_get_app_data(ssl))) {
            recorder->note_verify_fault(verification);
        }
    }
    return 1;
}

/// Of a client: a certificate was asked for, and what the server showed is verified by now. In TLS 1.3 the server has
/// proved that its certificate is its own as well (tls_process_cert_verify() of OpenSSL).
int TlsRecorder::on_certificate_request(SSL* ssl, void* /*unused*/) {
    auto* recorder = static_cast<TlsRecorder*>(SSL_get_app_data(ssl));
    const Withheld reason = recorder == nullptr ? Withheld::not_verified : recorder->reason_to_withhold();
    if (SSL_get_certificate(ssl) == nullptr || reason == Withheld::no) {
        return 1;
    }
    SSL_certs_clear(ssl);
    if (recorder != nullptr) {
        recorder->facts_.client_certificate_withheld = reason;
    }
    return 1;
}

Withheld TlsRecorder::reason_to_withhold() const {
    const bool unverified = facts_.verified && !facts_.verify_faults.empty();
    return withhold_ == Withheld::no && unverified ? Withheld::not_verified : withhold_;
}

void TlsRecorder::note_message(bool sent, int version, int content_type, Bytes body) {
    if (content_type == SSL3_RT_ALERT) {
        note_alert(sent, version, body);
    } else if (content_type == SSL3_RT_HANDSHAKE && !body.empty()) {
        if (sent) {
            note_sent_handshake(body);
        } else {
            note_received_handshake(body);
        }
    }
}

void TlsRecorder::note_alert(bool sent, int version, Bytes body) {
    if (body.size() < 2 || facts_.alerts.size() >= max_alerts) {
        return;
    }
    const TlsAlert alert{body[0], body[1], sent};
    const bool declined = sent && alert.description == no_renegotiation;
    if (alert.description == close_notify || declined || is_fatal(version, alert.level, alert.description)) {
        facts_.alerts.push_back(alert);
    }
}

void TlsRecorder::note_sent_handshake(Bytes message) {
    if (message[0] == SSL3_MT_CLIENT_HELLO) {
        reached(TlsProgress::client_hello_sent);
        // A second one answers a HelloRetryRequest.
        if (facts_.client_hello_size == 0) {
            facts_.client_hello_size = static_cast<std::uint32_t>(message.size());
        }
    }
    // An empty list is a header of 4 bytes and a length of 3, in TLS 1.3 with an empty context of 1 before
    // it.
    constexpr std::size_t empty_list = 8;
    if (message[0] == SSL3_MT_CERTIFICATE && message.size() > empty_list) {
        facts_.client_certificate_sent = true;
    }
}

void TlsRecorder::note_received_handshake(Bytes message) {
    if (facts_.progress == TlsProgress::complete &&
        ++messages_after_handshake_ > max_messages_after_handshake) {
        transport_.stop_as_too_much();
    }
    switch (message[0]) {
        case SSL3_MT_SERVER_HELLO:
            reached(TlsProgress::server_hello);
            if (message.size() >= 6) {  // type (1), length (3), legacy_version (2)
                hello_version_ = message[4] << 8 | message[5];
            }
            break;
        case SSL3_MT_CERTIFICATE:
            reached(TlsProgress::certificate);
            break;
        case SSL3_MT_CERTIFICATE_REQUEST:
            facts_.client_certificate_requested = true;
            break;
        default:
            break;
    }
}

/// The chain of X509_STORE_CTX_get0_chain(3) begins with what the peer sent; the rest is from the store. A server's own
/// certificate that is trusted by itself (self-signed, in `ca_file`) stays the server's.
CertificateSource TlsRecorder::source_of(X509_STORE_CTX* verification, int depth) const {
    const bool sent = depth == 0 || depth < X509_STORE_CTX_get_num_untrusted(verification);
    return sent ? CertificateSource::server : own_source_;
}

void TlsRecorder::note_verify_fault(X509_STORE_CTX* verification) {
    const int code = X509_STORE_CTX_get_error(verification);
    const int depth = X509_STORE_CTX_get_error_depth(verification);
    const bool known = std::ranges::any_of(facts_.verify_faults, [&](const VerifyFault& fault) {
        return fault.code == code && fault.depth == depth;
    });
    if (known) {
        return;
    }
    if (facts_.verify_faults.size() >= max_faults) {
        ++facts_.verify_faults_left_out;
        return;
    }
    VerifyFault fault{code, depth, X509_verify_cert_error_string(code), source_of(verification, depth), {}};
    if (const X509* certificate = X509_STORE_CTX_get_current_cert(verification)) {
        fault.certificate = read_certificate(*certificate, {.most = max_names_of_issuer});
    }
    facts_.verify_faults.push_back(std::move(fault));
}

std::string TlsRecorder::offered_version() const {
    switch (hello_version_) {
        case SSL3_VERSION:
            return "SSLv3";
        case TLS1_VERSION:
            return "TLSv1";
        case TLS1_1_VERSION:
            return "TLSv1.1";
        case TLS1_2_VERSION:
            return "TLSv1.2";
        default:
            return {};
    }
}

void TlsRecorder::reached(TlsProgress progress) {
    facts_.progress = std::max(facts_.progress, progress);
}

}  // namespace whylink::probes
