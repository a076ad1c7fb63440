// The least that the same work can cost: system calls and OpenSSL alone, one connection after the other.
#pragma once

#include <netinet/in.h>
#include <openssl/ssl.h>

#include <cstdint>

namespace whylink::bench {

sockaddr_in loopback(std::uint16_t port);

/// Connect through epoll, TCP_INFO, close with RST. Throws std::runtime_error when it fails.
void bare_tcp(int epoll, const sockaddr_in& peer);

/// The same connection with a full handshake, the chain verified, and the session tickets read.
void bare_tls(SSL_CTX* context, const char* server_name, const sockaddr_in& peer);

/// One UDP socket, one query, one reply through epoll.
void bare_dns(int epoll, std::uint16_t port);

}  // namespace whylink::bench
