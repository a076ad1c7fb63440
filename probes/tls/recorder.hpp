// Listens to OpenSSL's callbacks during a handshake and writes what passes into TlsFacts.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <span>
#include <string>

#include "probes/observation.hpp"

namespace whylink::probes {

/// For one SSL, which must not outlive it.
class TlsRecorder {
  public:
    /// Once for each context, before SSLs are made from it. Verification then never stops a handshake: each
    /// fault is recorded, and it goes on as if there were none, so that an expired certificate still yields
    /// its dates.
    static void install(SSL_CTX* context);

    explicit TlsRecorder(TlsFacts& facts) : facts_(facts) {}
    void attach(SSL* ssl);
    /// Nothing is recorded any more.
    static void detach(SSL* ssl);

    /// The server said something after the handshake was complete.
    bool spoke_after_handshake() const { return spoke_after_handshake_; }
    /// The version in the ServerHello's old field, which TLS 1.3 leaves at 1.2: right for a choice that was
    /// refused.
    std::string offered_version() const;

  private:
    using Bytes = std::span<const unsigned char>;

    static void on_message(int sent, int version, int content_type, const void* data, std::size_t size,
                           SSL* ssl, void* recorder);
    static int on_verify(int good, X509_STORE_CTX* verification);

    void note_message(bool sent, int version, int content_type, Bytes body);
    void note_alert(bool sent, int version, Bytes body);
    void note_sent_handshake(Bytes message);
    void note_received_handshake(Bytes message);
    void note_verify_fault(const X509_STORE_CTX* verification);
    void reached(TlsProgress progress);

    TlsFacts& facts_;
    bool spoke_after_handshake_ = false;
    int hello_version_ = 0;
};

}  // namespace whylink::probes
