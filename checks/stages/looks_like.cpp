#include "checks/stages/looks_like.hpp"

#include <array>
#include <cstddef>

namespace whylink::checks {
namespace {

using std::string_view_literals::operator""sv;

struct Prefix {
    std::string_view bytes;
    std::string_view meaning;
};

constexpr std::array prefixes{
    Prefix{"HTTP/"sv, "HTTP"},
    Prefix{"<html"sv, "an HTML page"},
    Prefix{"<!DOCTYPE"sv, "an HTML page"},
    Prefix{"SSH-"sv, "an SSH server"},
    Prefix{"Invalid SSH identification"sv, "an SSH server"},
    Prefix{"PROXY "sv, "a PROXY header, version 1"},
    Prefix{"\r\n\r\n\0\r\nQUIT\n"sv, "a PROXY header, version 2"},
    Prefix{"220 "sv, "an SMTP or FTP server"},
    Prefix{"220-"sv, "an SMTP or FTP server"},
    Prefix{"554 "sv, "an SMTP server that refuses service"},
    Prefix{"421 "sv, "an SMTP or FTP server that closes"},
    Prefix{"500 "sv, "an SMTP or FTP server"},
    Prefix{"502 "sv, "an SMTP or FTP server"},
    Prefix{"+PONG"sv, "a Redis server"},
    Prefix{"-NOAUTH"sv, "a Redis server"},
    Prefix{"-LOADING"sv, "a Redis server"},
    Prefix{"-DENIED"sv, "a Redis server in protected mode"},
    Prefix{"-ERR"sv, "a Redis or POP3 server"},
    Prefix{"+OK"sv, "a POP3 or Redis server"},
    Prefix{"* OK"sv, "an IMAP server"},
    Prefix{"* BAD"sv, "an IMAP server"},
    Prefix{"AMQP"sv, "an AMQP server"},
    // Channel 0, method frame: Connection.Start (AMQP 0-9-1, sections 2.3.5 and 4.2.3).
    Prefix{"\x01\0\0"sv, "an AMQP server"},
    Prefix{"RFB "sv, "a VNC server"},
    Prefix{"\x03\0\0"sv, "an RDP server"},
    // CONNACK of MQTT 3.1.1, accepted or refused.
    Prefix{"\x20\x02\x00"sv, "an MQTT broker"},
    Prefix{"\x20\x02\x01"sv, "an MQTT broker"},
    Prefix{"@RSYNCD:"sv, "an rsync daemon"},
    Prefix{"INFO {"sv, "a NATS server"},
    Prefix{"ERROR\r\n"sv, "a memcached server"},
};

/// An ErrorResponse: 'E', a length of four bytes, and its first field, the severity.
bool is_postgres_error(std::string_view bytes) {
    return bytes.size() >= 6 && bytes.starts_with("E\0\0"sv) && bytes[5] == 'S';
}

/// Protocol::HandshakeV10 is a packet with sequence number 0 whose payload starts with 10; an error packet
/// starts with 255 ("Host is blocked").
bool is_mysql(std::string_view bytes) {
    if (bytes.size() < 6 || bytes[2] != 0 || bytes[3] != 0) {
        return false;
    }
    const auto first = static_cast<unsigned char>(bytes[4]);
    return first == 10 || first == 255;
}

/// Exception of ClickHouse's native protocol: packet type 2, the code as four bytes, the name's length and
/// its beginning, "DB::" (src/Server/TCPHandler.cpp, sendException).
bool is_clickhouse_exception(std::string_view bytes) {
    return bytes.size() >= 10 && bytes[0] == '\x02' && bytes.substr(6, 4) == "DB::";
}

/// Hello: packet type 0, and a name of ten bytes.
bool is_clickhouse_hello(std::string_view bytes) {
    return bytes.starts_with(
        "\0\x0a"
        "ClickHouse"sv);
}

/// CONNACK of MQTT 5 (section 3.2) is longer: flags, a reason code and properties.
bool is_mqtt5(std::string_view bytes) {
    const std::size_t length = bytes.size() < 5 ? 0 : static_cast<unsigned char>(bytes[1]);
    return length >= 3 && length < 128 && bytes[0] == '\x20' && (bytes[2] == '\0' || bytes[2] == '\x01') &&
           bytes.size() <= length + 2;
}

}  // namespace

std::string_view looks_like(std::string_view first_bytes) {
    for (const Prefix& prefix : prefixes) {
        if (first_bytes.starts_with(prefix.bytes)) {
            return prefix.meaning;
        }
    }
    if (is_postgres_error(first_bytes)) {
        return "a PostgreSQL error";
    }
    if (is_tls_record(first_bytes)) {
        return "a TLS server";
    }
    if (is_clickhouse_exception(first_bytes) || is_clickhouse_hello(first_bytes)) {
        return "a ClickHouse server (native protocol)";
    }
    if (is_mqtt5(first_bytes)) {
        return "an MQTT broker";
    }
    return is_mysql(first_bytes) ? "a MySQL or MariaDB server" : "";
}

bool is_proxy_header(std::string_view first_bytes) {
    return first_bytes.starts_with("PROXY ") || first_bytes.starts_with("\r\n\r\n\0\r\nQUIT\n"sv);
}

bool is_tls_record(std::string_view first_bytes) {
    return first_bytes.size() >= 3 && (first_bytes[0] == '\x15' || first_bytes[0] == '\x16') &&
           first_bytes[1] == '\x03' && first_bytes[2] >= '\0' && first_bytes[2] <= '\x04';
}

bool is_http(std::string_view first_bytes) {
    return first_bytes.starts_with("HTTP/");
}

}  // namespace whylink::checks
