// A TLS connection and all that hangs on it, from the handshake to its end.
#pragma once

#include <openssl/ssl.h>

#include <asio/ip/tcp.hpp>
#include <memory>
#include <optional>
#include <string>

#include "probes/tls/context.hpp"
#include "probes/tls/recorder.hpp"
#include "probes/tls/tls.hpp"
#include "probes/tls/transport.hpp"

namespace whylink::probes {

/// What of the socket OpenSSL waits for; nothing when `want`, of SSL_get_error(3), is no such wish.
std::optional<asio::ip::tcp::socket::wait_type> awaited_by(int want);

/// Transport, recorder and OpenSSL point at each other and at the facts, so it stays where it was made, and
/// goes from the handshake to the stream as a whole. Destroying it closes with RST.
struct TlsConnection {
    explicit TlsConnection(asio::ip::tcp::socket tcp)
        : socket(std::move(tcp)), transport(socket.native_handle(), facts), recorder(facts, transport) {}
    ~TlsConnection();
    TlsConnection(const TlsConnection&) = delete;
    TlsConnection& operator=(const TlsConnection&) = delete;

    /// Makes `ssl`, with SNI and what the certificate must say; the error is this host's.
    std::optional<LocalError> prepare(const TlsProbe& probe);

    /// What OpenSSL knows once the server has spoken: version, cipher, group, protocol, the chain as it was sent and the
    /// path as it was verified.
    void collect();

    /// After an SSL_read that failed for good; `want` is its SSL_get_error(3).
    void note_failure(int want);

    /// close_notify where the connection is in good order, so that the server logs no error; it is no
    /// observation, and so not in the facts. Nothing is recorded any more.
    void say_goodbye();

    asio::ip::tcp::socket socket;
    TlsFacts facts;
    TlsTransport transport;
    TlsRecorder recorder;
    std::unique_ptr<SSL, SslFree> ssl;
    bool broken = false;  ///< OpenSSL forbids further calls on the connection after a fatal error
    bool closed = false;  ///< close_notify came
    std::string early;    ///< of the application, read after the handshake

  private:
    std::string too_much_text() const;

    CertificateSource own_source_ = CertificateSource::store;
};

}  // namespace whylink::probes
