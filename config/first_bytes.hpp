// What a server speaks, by its first bytes: one table of well-known protocols, with what they say when they refuse.
#pragma once

#include <cstdint>
#include <string_view>

namespace whylink::config {

/// A Kafka response has nothing fixed but the request's own correlation identifier: "whyl".
inline constexpr std::uint32_t kafka_correlation = 0x7768796c;

/// What the first bytes say beyond the protocol.
enum class Opening : std::uint8_t {
    speaks,        ///< nothing
    refuses,       ///< it refuses this host or its network, whoever asks
    blocks,        ///< likewise, for what this host's earlier connections did
    limits,        ///< it has too many connections, clients or sessions now
    cannot_serve,  ///< another reason why it does not serve now
};

struct FirstBytes {
    std::string_view meaning;      ///< "a Redis server"
    std::string_view begins = {};  ///< the bytes; or, where this is empty:
    bool (*fits)(std::string_view first_bytes) = nullptr;
    Opening opening = Opening::speaks;
};

/// The row of the server's first bytes; null: they are of no protocol known here, or too few to tell. The bytes are
/// as many as were kept, 64 at least where as many came.
const FirstBytes* row_of(std::string_view first_bytes);

/// "a Redis server"; empty where row_of() is null.
std::string_view app_by_first_bytes(std::string_view first_bytes);

/// A PROXY protocol header, version 1 or 2 (haproxy's proxy-protocol.txt, section 2).
bool is_proxy_header(std::string_view first_bytes);
/// A record of TLS 1.0 to 1.3 (RFC 8446 section 5.1): an alert or a handshake message.
bool is_tls_record(std::string_view first_bytes);
/// HTTP/0.9 to 1.1: a status line.
bool is_http(std::string_view first_bytes);
/// The server's connection preface of HTTP/2: a SETTINGS frame on stream 0 (RFC 9113 section 3.4), or GOAWAY instead.
bool is_http2(std::string_view first_bytes);
/// MySQL or MariaDB: Protocol::HandshakeV10, or an ERR packet in its place.
bool is_mysql(std::string_view first_bytes);
/// MySQL's X Protocol: the hello notice (Mysqlx.Notice.Frame of type SERVER_HELLO).
bool is_mysql_x(std::string_view first_bytes);

/// The server greets as one that counts a connection which ends without a login attempt as an error of this host, and
/// blocks the host after `max_connect_errors` of them (MySQL and MariaDB).
bool counts_early_ends(std::string_view first_bytes);
/// The usual server of the port does.
bool counts_early_ends(std::uint16_t port);

/// The usual server of the port speaks before its client does: SSH, SMTP, FTP, MySQL. Some of them refuse or log who
/// does not wait for it ("early talkers").
bool server_speaks_first(std::uint16_t port);
/// The usual server of the port, or what watches its log there, drops, refuses or bans hosts by their earlier
/// connections, and may do so without a word: SSH (MaxStartups, PerSourcePenalties, fail2ban), SMTP (anvil, postscreen),
/// FTP, mailboxes, VNC. Not MySQL: it says so.
bool judges_by_history(std::uint16_t port);

}  // namespace whylink::config
