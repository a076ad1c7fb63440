#include "probes/tls/recorder.hpp"

#include <openssl/x509_vfy.h>

#include <algorithm>
#include <cstdint>

namespace whylink::probes {
namespace {

constexpr std::uint8_t fatal_level = 2;
constexpr std::uint8_t close_notify = 0;
constexpr std::uint8_t user_canceled = 90;
/// A peer may repeat warnings and faults; these bound what is kept of them.
constexpr std::size_t max_alerts = 8;
constexpr std::size_t max_faults = 32;

/// RFC 8446 section 6: in TLS 1.3 the level is to be ignored; all but these two end the connection.
bool is_fatal(int version, std::uint8_t level, std::uint8_t description) {
    if (version == TLS1_3_VERSION) {
        return description != close_notify && description != user_canceled;
    }
    return level == fatal_level;
}

}  // namespace

void TlsRecorder::install(SSL_CTX* context) {
    SSL_CTX_set_msg_callback(context, on_message);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, on_verify);
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
                             SSL*, void* recorder) {
    if (recorder != nullptr) {
        static_cast<TlsRecorder*>(recorder)->note_message(sent != 0, version, content_type,
                                                          {static_cast<const unsigned char*>(data), size});
    }
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
    if (alert.description == close_notify || is_fatal(version, alert.level, alert.description)) {
        facts_.alerts.push_back(alert);
    }
}

void TlsRecorder::note_sent_handshake(Bytes message) {
    if (message[0] == SSL3_MT_CLIENT_HELLO) {
        reached(TlsProgress::client_hello_sent);
    }
    // An empty list is a header of 4 bytes and a length of 3, in TLS 1.3 with an empty context of 1 before
    // it.
    constexpr std::size_t empty_list = 8;
    if (message[0] == SSL3_MT_CERTIFICATE && message.size() > empty_list) {
        facts_.client_certificate_sent = true;
    }
}

void TlsRecorder::note_received_handshake(Bytes message) {
    spoke_after_handshake_ = spoke_after_handshake_ || facts_.progress == TlsProgress::complete;
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

void TlsRecorder::note_verify_fault(const X509_STORE_CTX* verification) {
    const int code = X509_STORE_CTX_get_error(verification);
    const int depth = X509_STORE_CTX_get_error_depth(verification);
    const bool known = std::ranges::any_of(facts_.verify_faults, [&](const VerifyFault& fault) {
        return fault.code == code && fault.depth == depth;
    });
    if (!known && facts_.verify_faults.size() < max_faults) {
        facts_.verify_faults.push_back({code, depth, X509_verify_cert_error_string(code)});
    }
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
