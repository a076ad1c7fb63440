// A ClientHello as long as that of a client with a post-quantum key share, and one that is short.
//
// Browsers, Go 1.24 and OpenSSL 3.5 offer the group X25519MLKEM768, whose key share has 1,216 bytes
// (draft-ietf-tls-ecdhe-mlkem, section 4.1). Their ClientHello takes two packets on a path of 1,500 bytes, and some
// servers and devices only take one. OpenSSL 3.0 has no such group. So the length is made with an extension of a
// type that RFC 8701 (GREASE) reserves: section 3.1 lets a client send these "with varying length and contents", and
// section 2 has every server ignore them. Nothing is negotiated by it, as there would be by further ALPN names, a
// session ticket of a server that gave none (RFC 8446 section 4.2.11) or a group without a key. The padding extension
// (RFC 7685) is OpenSSL's own: SSL_CTX_add_custom_ext(3) refuses its type.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>

namespace whylink::probes {

/// Bytes of the extension: of a key share of X25519MLKEM768.
inline constexpr std::size_t large_hello_bytes = 1216;

/// Once for each context: connections whose recorder says so (TlsRecorder::wants_large_hello) send the extension.
/// False without memory.
bool allow_large_hello(SSL_CTX* context);

/// Leaves out what makes a ClientHello long, before the handshake: the offer of protocols (ALPN) and all groups but two
/// that every server has.
void shorten_hello(SSL& connection);

}  // namespace whylink::probes
