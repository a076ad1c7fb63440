// The bytes of a TLS connection on their way between OpenSSL and a non-blocking socket: counted, and their
// end noted.
#pragma once

#include <openssl/bio.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "probes/observation.hpp"

namespace whylink::probes {

/// Whether a stream may begin so: a record type (RFC 8446 section 5.1: 20 to 23) and the major version 3 that
/// all of SSL 3.0 to TLS 1.3 carry. One byte is judged alone.
bool looks_like_tls(std::string_view first_bytes);

inline constexpr std::size_t kept_tls_first_bytes = 64;
/// A handshake that needs more than this from the server is not a handshake: OpenSSL's own limit for a
/// certificate list is 100 KiB. Afterwards each read may take as much, so that session tickets without end,
/// which OpenSSL swallows within one call, hold up nobody.
inline constexpr std::uint64_t max_handshake_bytes = 1U << 20U;
/// Of a handshake; common chains have three to six thousand bytes.
inline constexpr std::uint64_t max_bytes_on_loop = 8U << 10U;

/// Writes bytes_sent, bytes_received, first_bytes, first_bytes_are_tls, end and error of its TlsFacts.
///
/// Once a write has failed because the peer is gone, further ones are swallowed: what the peer sent before it
/// went, the alert that says why above all, is still there to be read, and OpenSSL would not read on after a
/// failed write.
class TlsTransport {
  public:
    TlsTransport(int fd, TlsFacts& facts) : fd_(fd), facts_(facts) {}

    /// A BIO that moves bytes through this object, which must outlive it; null without memory. The caller
    /// owns it.
    BIO* make_bio();

    /// From here on so many bytes more.
    void allow(std::uint64_t bytes) { max_received_ = facts_.bytes_received + bytes; }

    /// Whether a step on the event loop has read as much as it may: the rest is for another thread, for there are more
    /// certificates than most servers send, and each is decoded as it comes.
    bool wants_off_loop() const { return !reads_freely_ && facts_.bytes_received >= max_bytes_on_loop; }
    /// On another thread, or after the handshake.
    void read_freely() { reads_freely_ = true; }

    /// Nothing more is read: what comes costs more than its bytes.
    void stop_as_too_much() { stop_ = Stop::too_much; }

    /// Reading was stopped although the socket has more.
    bool stopped_as_too_much() const { return stop_ == Stop::too_much; }

    /// Looks for the end of a stream whose TLS is over; what else is there is thrown away. True once it has
    /// ended.
    bool read_to_end();

  private:
    enum class Stop { no, not_tls, too_much };
    struct Bio;

    /// As read_ex and write_ex of BIO_meth_new(3): 1, or 0 with the retry flag where a later try may succeed.
    int read(BIO* bio, char* data, std::size_t size, std::size_t* got);
    int write(BIO* bio, const char* data, std::size_t size, std::size_t* written);
    void note_received(std::string_view bytes);
    void note_end(int error);

    int fd_;
    TlsFacts& facts_;
    int write_error_ = 0;
    std::uint64_t max_received_ = max_handshake_bytes;
    Stop stop_ = Stop::no;
    bool reads_freely_ = false;
};

}  // namespace whylink::probes
