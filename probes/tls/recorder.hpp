// Listens to OpenSSL's callbacks during a handshake and writes what passes into TlsFacts.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <span>
#include <string>

#include "probes/observation.hpp"
#include "probes/tls/transport.hpp"

namespace whylink::probes {

/// Once a handshake is complete a server may go on with tickets and key updates, each of which costs a hundred times
/// what its bytes do; the servers that are known send four at most, and a renegotiation is a dozen messages.
inline constexpr int max_messages_after_handshake = 64;

/// For one SSL, which must not outlive it.
class TlsRecorder {
  public:
    /// Once for each context, before SSLs are made from it. Verification then never stops a handshake: each
    /// fault is recorded, and it goes on as if there were none, so that an expired certificate still yields
    /// its dates. The client certificate goes to no server that has not verified, where `verified` asks for that.
    static void install(SSL_CTX* context);

    /// Stops `transport` where the server goes on without end.
    TlsRecorder(TlsFacts& facts, TlsTransport& transport) : facts_(facts), transport_(transport) {}
    /// Where certificates of the chain come from that the server did not send: the store or `ca_file`.
    void trust_comes_from(CertificateSource source) { own_source_ = source; }
    /// The client certificate goes to nobody.
    void withhold_certificate(Withheld reason) { withhold_ = reason; }
    /// Verification of a chain that is costly (see bounds.hpp) interrupts the handshake on the event loop, so that it goes
    /// on where it may take its time.
    void moved_off_loop() { off_loop_ = true; }
    void back_on_loop() { off_loop_ = false; }
    /// See hello_size.hpp.
    bool wants_large_hello() const { return facts_.hello == HelloSize::large; }
    void attach(SSL* ssl);
    /// Nothing is recorded any more.
    static void detach(SSL* ssl);

    /// The server said something after the handshake was complete.
    bool spoke_after_handshake() const { return messages_after_handshake_ > 0; }
    bool heard_too_many_messages() const { return messages_after_handshake_ > max_messages_after_handshake; }
    /// The version in the ServerHello's old field, which TLS 1.3 leaves at 1.2: right for a choice that was
    /// refused.
    std::string offered_version() const;

  private:
    using Bytes = std::span<const unsigned char>;

    static void on_message(int sent, int version, int content_type, const void* data, std::size_t size,
                           SSL* ssl, void* recorder);
    static int verify(X509_STORE_CTX* verification, void* unused);
    static int on_verify(int good, X509_STORE_CTX* verification);
    static int on_certificate_request(SSL* ssl, void* unused);

    void before_openssl_reads(SSL* ssl, std::span<unsigned char> message);
    void note_message(bool sent, int version, int content_type, Bytes body);
    void note_alert(bool sent, int version, Bytes body);
    void note_sent_handshake(Bytes message);
    void note_received_handshake(Bytes message);
    void note_verify_fault(X509_STORE_CTX* verification);
    int refuse(X509_STORE_CTX* verification, int depth, std::string text);
    CertificateSource source_of(X509_STORE_CTX* verification, int depth) const;
    void reached(TlsProgress progress);
    Withheld reason_to_withhold() const;

    TlsFacts& facts_;
    TlsTransport& transport_;
    CertificateSource own_source_ = CertificateSource::store;
    Withheld withhold_ = Withheld::no;
    int messages_after_handshake_ = 0;
    std::string costly_key_;  ///< of the chain; see disarm_costly_keys()
    bool off_loop_ = false;
    int hello_requests_ = 0;
    int hello_version_ = 0;
};

}  // namespace whylink::probes
