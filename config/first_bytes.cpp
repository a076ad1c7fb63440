#include "config/first_bytes.hpp"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <iterator>

#include "config/ascii.hpp"

namespace whylink::config {
namespace {

using std::string_view_literals::operator""sv;

// ---- reading bytes ----

/// 0 behind the end: no caller tells that from a byte that is 0 without having asked for the size.
unsigned octet(std::string_view bytes, std::size_t at) {
    return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
}

std::uint32_t big_endian(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
        value = value << 8U | octet(bytes, at + i);
    }
    return value;
}

std::uint32_t little_endian(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = size; i > 0; --i) {
        value = value << 8U | octet(bytes, at + i - 1);
    }
    return value;
}

bool has(std::string_view bytes, std::string_view part) {
    return bytes.find(part) != std::string_view::npos;
}

bool line_has(std::string_view bytes, std::string_view lower_case_part) {
    return has(lower_case(bytes.substr(0, bytes.find('\n'))), lower_case_part);
}

bool is_one_of(unsigned value, std::initializer_list<unsigned> known) {
    return std::ranges::find(known, value) != known.end();
}

// ---- HTTP and what is spoken in it ----

bool is_elasticsearch(std::string_view bytes) {
    return is_http(bytes) && has(lower_case(bytes), "x-elastic-product");
}

bool is_clickhouse_http(std::string_view bytes) {
    return is_http(bytes) && has(lower_case(bytes), "x-clickhouse-");
}

/// What its native port says to HTTP (TCPHandler.cpp, "Port N is for clickhouse-client program").
bool is_clickhouse_native_port(std::string_view bytes) {
    return is_http(bytes) && has(bytes, "is for clickhouse-client program");
}

/// What its port says to HTTP (MongoDB's message_compressor and asio_session sources: one fixed page).
bool is_mongodb_page(std::string_view bytes) {
    return is_http(bytes) && has(bytes, "MongoDB over HTTP on the native driver port");
}

// ---- TLS ----

/// SERVER-HELLO of SSL 2.0: a record of two bytes of length with the high bit, and message type 4
/// (draft-hickman-netscape-ssl-00, section 1.2); its ERROR has type 0 and three bytes in all.
bool is_ssl2(std::string_view bytes) {
    if (bytes.size() < 5 || (octet(bytes, 0) & 0x80U) == 0) {
        return false;
    }
    const bool is_error = big_endian(bytes, 0, 2) == 0x8003 && octet(bytes, 2) == 0;
    // The hit flag, the certificate's type (X.509 is 1) and version 0.2.
    const bool is_hello = octet(bytes, 2) == 4 && octet(bytes, 3) <= 1 && octet(bytes, 4) <= 1;
    return is_error || is_hello;
}

bool is_client_hello(std::string_view bytes) {
    return bytes.size() >= 6 && is_tls_record(bytes) && bytes[0] == '\x16' && bytes[5] == '\x01';
}

// ---- mail and files ----

bool is_smtp(std::string_view bytes) {
    return (bytes.starts_with("220 ") || bytes.starts_with("220-")) && line_has(bytes, "smtp");
}

bool is_ftp(std::string_view bytes) {
    return (bytes.starts_with("220 ") || bytes.starts_with("220-")) && line_has(bytes, "ftp");
}

/// Postfix's anvil and postscreen, Exim, Sendmail, vsftpd, ProFTPD: 421 with "too many".
bool is_full_mail_or_file_server(std::string_view bytes) {
    return (bytes.starts_with("421 ") || bytes.starts_with("421-")) &&
           (line_has(bytes, "too many") || line_has(bytes, "too much"));
}

// ---- databases ----

/// Exception of ClickHouse's native protocol: packet type 2, the code as four bytes, the name's length and
/// its beginning, "DB::" (src/Server/TCPHandler.cpp, sendException).
bool is_clickhouse_exception(std::string_view bytes) {
    return bytes.size() >= 10 && bytes[0] == '\x02' && bytes.substr(6, 4) == "DB::";
}

/// An ErrorResponse: 'E', a length of four bytes, and its first field, the severity.
bool is_postgres_error(std::string_view bytes) {
    return bytes.size() >= 6 && bytes.starts_with("E\0\0"sv) && bytes[5] == 'S';
}

/// AuthenticationRequest ('R'), which has a type of 0 to 12 behind its length.
bool is_postgres_authentication(std::string_view bytes) {
    return bytes.size() >= 9 && bytes.starts_with("R\0\0\0"sv) && octet(bytes, 4) >= 8 &&
           big_endian(bytes, 5, 3) == 0 && octet(bytes, 8) <= 12;
}

/// A server that is too old or too busy for more than text (postmaster.c, report_fork_failure_to_client).
bool is_postgres_text(std::string_view bytes) {
    return bytes.starts_with("EFATAL") || bytes.starts_with("Ecould not ");
}

bool is_mysql_error(std::string_view bytes) {
    return bytes.size() >= 7 && is_mysql(bytes) && octet(bytes, 4) == 0xff;
}

unsigned mysql_error(std::string_view bytes) {
    return is_mysql_error(bytes) ? little_endian(bytes, 5, 2) : 0;
}

/// ER_HOST_IS_BLOCKED.
bool is_mysql_block(std::string_view bytes) {
    return mysql_error(bytes) == 1129;
}

/// ER_HOST_NOT_PRIVILEGED; 9000 is that of Azure's gateway.
bool is_mysql_refusal(std::string_view bytes) {
    return is_one_of(mysql_error(bytes), {1130, 9000});
}

/// ER_CON_COUNT_ERROR.
bool is_mysql_limit(std::string_view bytes) {
    return mysql_error(bytes) == 1040;
}

/// ER_OUT_OF_RESOURCES, ER_SERVER_SHUTDOWN, ER_CANT_CREATE_THREAD.
bool is_mysql_failure(std::string_view bytes) {
    return is_one_of(mysql_error(bytes), {1041, 1053, 1135});
}

/// OP_MSG or OP_REPLY: length, two identifiers and the opcode, each of four bytes, little-endian, and then flags, of
/// which only the lowest are in use (MongoDB Wire Protocol, "Standard Message Header", "OP_MSG"); 48,000,000 bytes is
/// the largest message.
bool is_mongodb(std::string_view bytes) {
    constexpr std::uint32_t max_message = 48'000'000;
    constexpr std::uint32_t all_flags = 0x1000f;
    const std::uint32_t length = little_endian(bytes, 0, 4);
    return bytes.size() >= 20 && length > 20 && length <= max_message &&
           is_one_of(little_endian(bytes, 12, 4), {1, 2013}) &&
           (little_endian(bytes, 16, 4) & ~all_flags) == 0;
}

/// A frame of CQL 3 to 5: the version with the direction bit, flags, the stream, one of the opcodes of a server that
/// was asked nothing yet, and a short body (native_protocol_v4.spec, section 2).
bool is_cassandra(std::string_view bytes) {
    return bytes.size() >= 9 && octet(bytes, 0) >= 0x83 && octet(bytes, 0) <= 0x86 &&
           is_one_of(octet(bytes, 4), {0, 2, 3, 6, 14}) && big_endian(bytes, 5, 2) == 0;
}

/// A packet of type 4, tabular result, the first of the server's ([MS-TDS] section 2.2.3.1).
bool is_tds(std::string_view bytes) {
    return bytes.size() >= 8 && octet(bytes, 0) == 4 && octet(bytes, 1) <= 1 && big_endian(bytes, 2, 2) > 8 &&
           octet(bytes, 6) <= 1 && octet(bytes, 7) == 0;
}

/// A packet of Oracle's listener: ACCEPT, REFUSE, REDIRECT or RESEND, with no checksums.
bool is_oracle(std::string_view bytes) {
    const std::uint32_t length = big_endian(bytes, 0, 2);
    return bytes.size() >= 8 && length >= 8 && (length == bytes.size() || bytes.size() >= 64) &&
           big_endian(bytes, 2, 2) == 0 && is_one_of(octet(bytes, 4), {2, 4, 5, 11}) &&
           big_endian(bytes, 6, 2) == 0;
}

/// ConnectResponse: its length, version 0, and a password of 16 bytes behind timeout and session
/// (ZooKeeper's zookeeper.jute).
bool is_zookeeper(std::string_view bytes) {
    return bytes.size() >= 24 && is_one_of(big_endian(bytes, 0, 4), {36, 37}) &&
           big_endian(bytes, 4, 4) == 0 && big_endian(bytes, 20, 4) == 16;
}

// ---- queues ----

/// CONNACK of MQTT 5 (section 3.2): flags, a reason code and properties, so that it is longer than those before.
bool is_mqtt5(std::string_view bytes) {
    const unsigned length = octet(bytes, 1);
    return bytes.size() >= 5 && length >= 3 && length < 128 && bytes[0] == '\x20' && octet(bytes, 2) <= 1 &&
           bytes.size() <= length + 2;
}

/// WIREFORMAT_INFO of OpenWire.
bool is_openwire(std::string_view bytes) {
    return bytes.size() >= 13 && bytes[4] == '\x01' && bytes.substr(5, 8) == "ActiveMQ";
}

// ---- directories, desktops, routers, calls ----

/// An LDAPMessage (RFC 4511 section 4.1.1): SEQUENCE, the message's identifier, and one of the responses: bind,
/// search entry, search done, extended (a Notice of Disconnection among these).
bool is_ldap(std::string_view bytes) {
    if (bytes.size() < 7 || octet(bytes, 0) != 0x30) {
        return false;
    }
    const std::size_t length_bytes = octet(bytes, 1) < 0x80 ? 0 : octet(bytes, 1) & 0x7fU;
    const std::size_t id = 2 + length_bytes;
    const std::size_t response = id + 2 + octet(bytes, id + 1);
    return length_bytes <= 4 && octet(bytes, id) == 0x02 && octet(bytes, id + 1) <= 4 &&
           is_one_of(octet(bytes, response), {0x61, 0x64, 0x65, 0x78});
}

/// TPKT (RFC 1006) with X.224's Connection Confirm.
bool is_rdp(std::string_view bytes) {
    return bytes.size() >= 6 && bytes.starts_with("\x03\0"sv) && octet(bytes, 5) == 0xd0;
}

/// The marker, sixteen bytes of ones, in front of OPEN or NOTIFICATION (RFC 4271 section 4.1).
bool is_bgp(std::string_view bytes) {
    return bytes.size() >= 19 &&
           std::ranges::all_of(bytes.substr(0, 16), [](char byte) { return byte == '\xff'; }) &&
           is_one_of(octet(bytes, 18), {1, 3});
}

/// A response over TCP (RFC 1035 section 4.2.2): two bytes of length, then a header with QR set, opcode 0, and at
/// most one question. As it has few fixed bytes, it must be all that came, or as much as is kept.
bool is_dns(std::string_view bytes) {
    const std::uint32_t length = big_endian(bytes, 0, 2);
    return bytes.size() >= 14 && length >= 12 && (length + 2 == bytes.size() || bytes.size() >= 64) &&
           (octet(bytes, 4) & 0xf8U) == 0x80 && (octet(bytes, 5) & 0x40U) == 0 &&
           big_endian(bytes, 6, 2) <= 1 && octet(bytes, 8) == 0;
}

/// A REPLY of ONC RPC in a record that is the last fragment (RFC 5531, sections 9 and 11).
bool is_onc_rpc(std::string_view bytes) {
    return bytes.size() >= 16 && (octet(bytes, 0) & 0x80U) != 0 && big_endian(bytes, 8, 4) == 1 &&
           big_endian(bytes, 12, 4) <= 1;
}

/// Connection-oriented DCE/RPC 5: bind_ack, bind_nak, fault or shutdown, in the NDR format of everybody ([C706]
/// section 12.6.3).
bool is_ms_rpc(std::string_view bytes) {
    return bytes.size() >= 16 && octet(bytes, 0) == 5 && octet(bytes, 1) <= 1 &&
           is_one_of(octet(bytes, 2), {3, 12, 13, 17}) && octet(bytes, 4) == 0x10;
}

/// A message in NetBIOS's framing, or the negative response to a session request (RFC 1002 section 4.3.4).
bool is_smb(std::string_view bytes) {
    const std::string_view magic = bytes.size() >= 8 ? bytes.substr(4, 4) : std::string_view();
    return (octet(bytes, 0) == 0 && (magic == "\xffSMB" || magic == "\xfeSMB")) ||
           (bytes.size() == 5 && bytes.starts_with("\x83\0\0\x01"sv));
}

/// The binary protocol's response magic, then an empty status header (memcached's protocol_binary.h).
bool is_memcached_binary(std::string_view bytes) {
    return bytes.size() >= 24 && octet(bytes, 0) == 0x81 && octet(bytes, 5) == 0;
}

/// The response to a request of whylink's own.
bool is_kafka(std::string_view bytes) {
    return bytes.size() >= 10 && big_endian(bytes, 4, 4) == kafka_correlation;
}

/// IAC, and WILL, WONT, DO or DONT (RFC 854).
bool is_telnet(std::string_view bytes) {
    return bytes.size() >= 3 && octet(bytes, 0) == 0xff && octet(bytes, 1) >= 0xfb && octet(bytes, 1) <= 0xfe;
}

/// The answer to the methods, or that none of them will do (RFC 1928 section 3).
bool is_socks5(std::string_view bytes) {
    return bytes.size() == 2 && octet(bytes, 0) == 5 && is_one_of(octet(bytes, 1), {0, 1, 2, 0xff});
}

using enum Opening;

/// In the order in which they are tried: the first that fits is it, so that what has few fixed bytes comes late.
constexpr FirstBytes rows[]{
    // ---- in front of everything ----
    {.meaning = "a PROXY header, version 1", .begins = "PROXY "},
    {.meaning = "a PROXY header, version 2", .begins = "\r\n\r\n\0\r\nQUIT\n"sv},
    {.meaning = "a TLS client, not a server", .fits = is_client_hello},
    {.meaning = "a TLS server", .fits = is_tls_record},
    // ---- HTTP ----
    {.meaning = "a ClickHouse server (native protocol)", .fits = is_clickhouse_native_port},
    {.meaning = "a ClickHouse server (HTTP)", .fits = is_clickhouse_http},
    {.meaning = "Elasticsearch (HTTP)", .fits = is_elasticsearch},
    {.meaning = "a MongoDB server", .fits = is_mongodb_page},
    {.meaning = "HTTP", .fits = is_http},
    {.meaning = "HTTP/2", .fits = is_http2},
    {.meaning = "an HTML page", .begins = "<html"},
    {.meaning = "an HTML page", .begins = "<HTML"},
    {.meaning = "an HTML page", .begins = "<!DOCTYPE"},
    {.meaning = "an HTML page", .begins = "<!doctype"},
    {.meaning = "an RTSP server", .begins = "RTSP/1."},
    {.meaning = "a SIP server", .begins = "SIP/2.0"},
    {.meaning = "Elasticsearch (transport protocol)", .begins = "This is not a HTTP port"},
    {.meaning = "Elasticsearch (transport protocol)", .begins = "This is not an HTTP port"},
    {.meaning = "Elasticsearch (transport protocol)", .begins = "ES\0\0"sv},
    // ---- SSH ----
    {.meaning = "an SSH server", .begins = "SSH-"},
    {.meaning = "an SSH server", .begins = "Invalid SSH identification"},
    {.meaning = "an SSH server", .begins = "Protocol mismatch."},
    // sshd.c: MaxStartups, and the penalties of OpenSSH 9.8 (PerSourcePenalties).
    {.meaning = "an SSH server", .begins = "Exceeded MaxStartups", .opening = limits},
    {.meaning = "an SSH server", .begins = "Not allowed at this time", .opening = blocks},
    // ---- mail and files ----
    {.meaning = "an SMTP server", .fits = is_smtp},
    {.meaning = "an FTP server", .fits = is_ftp},
    {.meaning = "an SMTP or FTP server", .begins = "220 "},
    {.meaning = "an SMTP or FTP server", .begins = "220-"},
    {.meaning = "an SMTP or FTP server", .fits = is_full_mail_or_file_server, .opening = limits},
    {.meaning = "an SMTP or FTP server", .begins = "421 ", .opening = cannot_serve},
    {.meaning = "an SMTP or FTP server", .begins = "421-", .opening = cannot_serve},
    {.meaning = "an SMTP or FTP server", .begins = "120 ", .opening = cannot_serve},
    {.meaning = "an SMTP server", .begins = "554 ", .opening = refuses},
    {.meaning = "an SMTP server", .begins = "554-", .opening = refuses},
    {.meaning = "an SMTP server", .begins = "550 ", .opening = refuses},
    {.meaning = "an SMTP server", .begins = "550-", .opening = refuses},
    // RFC 7504; postscreen's answer to a client that spoke before the greeting.
    {.meaning = "an SMTP server", .begins = "521 ", .opening = refuses},
    {.meaning = "an SMTP or FTP server", .begins = "221 "},
    {.meaning = "an SMTP or FTP server", .begins = "500 "},
    {.meaning = "an SMTP or FTP server", .begins = "502 "},
    {.meaning = "an FTP server", .begins = "530 "},
    {.meaning = "an IMAP server", .begins = "* OK"},
    {.meaning = "an IMAP server", .begins = "* PREAUTH"},
    {.meaning = "an IMAP server", .begins = "* BYE", .opening = cannot_serve},
    {.meaning = "an IMAP server", .begins = "* BAD"},
    // ---- text protocols of one line ----
    {.meaning = "a Redis server", .begins = "+PONG"},
    {.meaning = "a Redis server", .begins = "-NOAUTH"},
    {.meaning = "a Redis server", .begins = "-WRONGPASS"},
    {.meaning = "a Redis server", .begins = "-NOPERM"},
    {.meaning = "a Redis server", .begins = "-LOADING", .opening = cannot_serve},
    {.meaning = "a Redis server", .begins = "-MASTERDOWN", .opening = cannot_serve},
    {.meaning = "a Redis server", .begins = "-CLUSTERDOWN", .opening = cannot_serve},
    {.meaning = "a Redis server", .begins = "-MOVED "},
    {.meaning = "a Redis server in protected mode", .begins = "-DENIED", .opening = refuses},
    {.meaning = "a Redis server", .begins = "-ERR max number of clients", .opening = limits},
    {.meaning = "a Redis server", .begins = "-ERR unknown command"},
    {.meaning = "a Redis server", .begins = "-ERR Protocol error"},
    {.meaning = "a Redis server", .begins = "-ERR operation not permitted"},
    {.meaning = "a NATS server", .begins = "INFO {"},
    {.meaning = "a NATS server", .begins = "-ERR '"},
    {.meaning = "a Redis or POP3 server", .begins = "-ERR"},
    {.meaning = "a POP3 or Redis server", .begins = "+OK"},
    {.meaning = "a memcached server", .begins = "ERROR Too many open connections", .opening = limits},
    {.meaning = "a memcached server", .begins = "ERROR\r\n"},
    {.meaning = "a memcached server", .begins = "CLIENT_ERROR "},
    {.meaning = "a memcached server", .begins = "SERVER_ERROR "},
    {.meaning = "a STOMP broker", .begins = "ERROR\n"},
    {.meaning = "a ZooKeeper server", .begins = "imok"},
    {.meaning = "a ZooKeeper server",
     .begins = "This ZooKeeper instance is not currently serving requests",
     .opening = cannot_serve},
    {.meaning = "an rsync daemon", .begins = "@RSYNCD:"},
    {.meaning = "a VNC server", .begins = "RFB "},
    {.meaning = "an XMPP server", .begins = "<stream:stream"},
    {.meaning = "a Microsoft RPC server (over HTTP)", .begins = "ncacn_http/1."},
    // ---- binary protocols, those with the most fixed bytes first ----
    {.meaning = "a BGP speaker", .fits = is_bgp},
    {.meaning = "an AMQP 0-9-1 broker", .begins = "AMQP\0\0\x09\x01"sv},
    // The protocol's identifier: 0 AMQP, 2 TLS, 3 SASL; then version 1.0.0 (AMQP 1.0, section 2.2).
    {.meaning = "an AMQP 1.0 broker", .begins = "AMQP\0\x01\0\0"sv},
    {.meaning = "an AMQP 1.0 broker", .begins = "AMQP\x02\x01\0\0"sv},
    {.meaning = "an AMQP 1.0 broker", .begins = "AMQP\x03\x01\0\0"sv},
    {.meaning = "an AMQP broker", .begins = "AMQP"},
    // Channel 0, method frame: Connection.Start (AMQP 0-9-1, sections 2.3.5 and 4.2.3).
    {.meaning = "an AMQP 0-9-1 broker", .begins = "\x01\0\0"sv},
    {.meaning = "an ActiveMQ broker (OpenWire)", .fits = is_openwire},
    // CONNACK of MQTT 3.1.1, accepted or refused.
    {.meaning = "an MQTT broker", .begins = "\x20\x02\x00"sv},
    {.meaning = "an MQTT broker", .begins = "\x20\x02\x01"sv},
    {.meaning = "an MQTT broker", .fits = is_mqtt5},
    {.meaning = "a ClickHouse server (native protocol)", .fits = is_clickhouse_exception},
    // Hello: packet type 0, and a name of ten bytes.
    {.meaning = "a ClickHouse server (native protocol)",
     .begins = "\0\x0a"
               "ClickHouse"sv},
    {.meaning = "a PostgreSQL server", .fits = is_postgres_authentication},
    {.meaning = "a PostgreSQL error", .fits = is_postgres_error},
    {.meaning = "a PostgreSQL error", .fits = is_postgres_text, .opening = cannot_serve},
    {.meaning = "a MySQL or MariaDB server", .fits = is_mysql_block, .opening = blocks},
    {.meaning = "a MySQL or MariaDB server", .fits = is_mysql_refusal, .opening = refuses},
    {.meaning = "a MySQL or MariaDB server", .fits = is_mysql_limit, .opening = limits},
    {.meaning = "a MySQL or MariaDB server", .fits = is_mysql_failure, .opening = cannot_serve},
    {.meaning = "a MySQL or MariaDB server", .fits = is_mysql},
    {.meaning = "a MySQL server (X Protocol)", .fits = is_mysql_x},
    {.meaning = "an SMB server", .fits = is_smb},
    {.meaning = "a Microsoft RPC server", .fits = is_ms_rpc},
    {.meaning = "an ONC RPC server", .fits = is_onc_rpc},
    {.meaning = "an SSL 2.0 server", .fits = is_ssl2},
    {.meaning = "an LDAP server", .fits = is_ldap},
    {.meaning = "an RDP server", .fits = is_rdp},
    {.meaning = "an RDP server", .begins = "\x03\0\0"sv},
    {.meaning = "a Cassandra server (CQL)", .fits = is_cassandra},
    {.meaning = "a ZooKeeper server", .fits = is_zookeeper},
    {.meaning = "a Kafka broker", .fits = is_kafka},
    {.meaning = "a MongoDB server", .fits = is_mongodb},
    {.meaning = "a memcached server", .fits = is_memcached_binary},
    {.meaning = "a telnet server", .fits = is_telnet},
    {.meaning = "a Microsoft SQL Server (TDS)", .fits = is_tds},
    {.meaning = "an Oracle listener (TNS)", .fits = is_oracle},
    {.meaning = "a DNS server", .fits = is_dns},
    {.meaning = "a SOCKS proxy", .fits = is_socks5},
};

// ---- ports ----

struct PortHabits {
    std::uint16_t port;
    bool speaks_first;
    bool judges;
    bool counts;  ///< early ends
};

constexpr PortHabits habits[]{
    {21, true, true, false},     // FTP
    {22, true, true, false},     // SSH
    {25, true, true, false},     // SMTP
    {110, true, true, false},    // POP3
    {143, true, true, false},    // IMAP
    {587, true, true, false},    // SMTP, submission
    {3306, true, false, true},   // MySQL
    {4222, true, false, false},  // NATS
    {5900, true, true, false},   // VNC
    {33060, true, false, true},  // MySQL, X Protocol
};

const PortHabits* habits_of(std::uint16_t port) {
    const auto* const found = std::ranges::find(habits, port, &PortHabits::port);
    return found == std::end(habits) ? nullptr : found;
}

bool fits(const FirstBytes& row, std::string_view first_bytes) {
    return row.fits != nullptr ? row.fits(first_bytes) : first_bytes.starts_with(row.begins);
}

}  // namespace

const FirstBytes* row_of(std::string_view first_bytes) {
    const auto* const found =
        std::ranges::find_if(rows, [first_bytes](const FirstBytes& row) { return fits(row, first_bytes); });
    return found == std::end(rows) ? nullptr : found;
}

std::string_view app_by_first_bytes(std::string_view first_bytes) {
    const FirstBytes* row = row_of(first_bytes);
    return row == nullptr ? std::string_view() : row->meaning;
}

bool is_proxy_header(std::string_view first_bytes) {
    return first_bytes.starts_with("PROXY ") || first_bytes.starts_with("\r\n\r\n\0\r\nQUIT\n"sv);
}

bool is_tls_record(std::string_view first_bytes) {
    return first_bytes.size() >= 3 && (first_bytes[0] == '\x15' || first_bytes[0] == '\x16') &&
           first_bytes[1] == '\x03' && octet(first_bytes, 2) <= 4;
}

bool is_http(std::string_view first_bytes) {
    return first_bytes.starts_with("HTTP/");
}

bool is_http2(std::string_view first_bytes) {
    constexpr unsigned settings = 4;
    constexpr unsigned goaway = 7;
    constexpr std::uint32_t size_of_setting = 6;
    constexpr std::uint32_t max_length = 1024;
    const std::uint32_t length = big_endian(first_bytes, 0, 3);
    const unsigned type = octet(first_bytes, 3);
    return first_bytes.size() >= 9 && octet(first_bytes, 4) == 0 && big_endian(first_bytes, 5, 4) == 0 &&
           length <= max_length &&
           ((type == settings && length % size_of_setting == 0) || (type == goaway && length >= 8));
}

bool is_mysql(std::string_view first_bytes) {
    if (first_bytes.size() < 6 || octet(first_bytes, 2) != 0 || octet(first_bytes, 3) > 1) {
        return false;
    }
    constexpr unsigned greeting_10 = 10;
    constexpr unsigned error = 0xff;
    const unsigned first = octet(first_bytes, 4);
    // The version is text: "8.0.36", "5.5.5-10.11.6-MariaDB".
    const bool greets = first == greeting_10 && octet(first_bytes, 3) == 0 && octet(first_bytes, 5) >= ' ' &&
                        octet(first_bytes, 5) < 0x7f;
    return greets || first == error;
}

bool is_mysql_x(std::string_view first_bytes) {
    return first_bytes.starts_with("\x05\0\0\0\x0b\x08\x05"sv);
}

bool counts_early_ends(std::string_view first_bytes) {
    return (is_mysql(first_bytes) && !is_mysql_error(first_bytes)) || is_mysql_x(first_bytes);
}

bool counts_early_ends(std::uint16_t port) {
    const PortHabits* known = habits_of(port);
    return known != nullptr && known->counts;
}

bool server_speaks_first(std::uint16_t port) {
    const PortHabits* known = habits_of(port);
    return known != nullptr && known->speaks_first;
}

bool judges_by_history(std::uint16_t port) {
    const PortHabits* known = habits_of(port);
    return known != nullptr && known->judges;
}

}  // namespace whylink::config
