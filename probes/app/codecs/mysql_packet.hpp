// Packets of the MySQL and MariaDB client/server protocol (MySQL source documentation, "Protocol Basics" and
// "Connection Phase"; MariaDB Knowledge Base, "Connecting").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace whylink::probes::mysql {

/// Capability flags.
inline constexpr std::uint32_t client_long_password = 1U << 0U;
inline constexpr std::uint32_t client_protocol_41 = 1U << 9U;
inline constexpr std::uint32_t client_ssl = 1U << 11U;
inline constexpr std::uint32_t client_transactions = 1U << 13U;
inline constexpr std::uint32_t client_secure_connection = 1U << 15U;
inline constexpr std::uint32_t client_plugin_auth = 1U << 19U;

struct Packet {
    std::uint8_t sequence = 0;
    std::string_view body;  ///< never empty
};

enum class Framing { incomplete, packet, impossible };

/// The first packet of `bytes`, which `packet` then refers to. A body of more than `most` bytes (at most
/// 64 KiB) is impossible, as is an empty one; known at the first wrong byte.
Framing read_packet(std::string_view bytes, std::size_t most, Packet& packet);

/// With its header. `body` is shorter than 64 KiB.
std::string packet(std::uint8_t sequence, std::string_view body);

/// The server's first packet, protocol 10.
struct Greeting {
    std::string_view version;  ///< without the "5.5.5-" that MariaDB puts in front for old replicas
    std::uint32_t capabilities = 0;
    std::string_view plugin;  ///< of authentication; empty: the server knows none
};

/// False: it ends too early to be one. `body` begins with 10.
bool read_greeting(std::string_view body, Greeting& greeting);

struct Error {
    unsigned code = 0;
    std::string_view text;
};

/// Of a body that begins with 255; before the login there is no SQLSTATE in it.
Error read_error(std::string_view body);

/// What the greeting allows of what a login is made of.
std::uint32_t login_capabilities(const Greeting& greeting, bool tls);
/// The beginning of a login, which is all that is said before TLS.
std::string ssl_request(std::uint32_t capabilities);
/// A login of `user`, without a password.
std::string login(std::uint32_t capabilities, std::string_view user, std::string_view plugin);

/// What a client without a password answers to a plugin of authentication: to its first question, and to
/// those that follow. It is of the length that the plugin expects: an answer of another length is no refused
/// login to MariaDB but a broken handshake, which it counts against the client's host.
std::string first_answer(std::string_view plugin);
std::string next_answer(std::string_view plugin);

}  // namespace whylink::probes::mysql
