#include "checks/looks_like.hpp"

#include <array>
#include <cstddef>

namespace whylink::checks {
namespace {

using std::string_view_literals::operator""sv;

struct Prefix {
    std::string_view bytes;
    std::string_view meaning;
};

constexpr std::array<Prefix, 19> prefixes{{
    {"HTTP/"sv, "HTTP"},
    {"<html"sv, "an HTML page"},
    {"<!DOCTYPE"sv, "an HTML page"},
    {"SSH-"sv, "an SSH server"},
    {"PROXY "sv, "a PROXY header, version 1"},
    {"\r\n\r\n\0\r\nQUIT\n"sv, "a PROXY header, version 2"},
    {"220 "sv, "an SMTP or FTP server"},
    {"220-"sv, "an SMTP or FTP server"},
    {"554 "sv, "an SMTP server that refuses service"},
    {"+PONG"sv, "a Redis server"},
    {"-NOAUTH"sv, "a Redis server"},
    {"-DENIED"sv, "a Redis server in protected mode"},
    {"-ERR"sv, "a Redis or POP3 server"},
    {"+OK"sv, "a POP3 or Redis server"},
    {"* OK"sv, "an IMAP server"},
    {"AMQP"sv, "an AMQP server"},
    {"RFB "sv, "a VNC server"},
    {"\x20\x02\x00"sv, "an MQTT broker"},
    {"@RSYNCD:"sv, "an rsync daemon"},
}};

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
    return is_mysql(first_bytes) ? "a MySQL or MariaDB server" : "";
}

bool is_proxy_header(std::string_view first_bytes) {
    return first_bytes.starts_with("PROXY ") || first_bytes.starts_with("\r\n\r\n\0\r\nQUIT\n"sv);
}

bool is_http(std::string_view first_bytes) {
    return first_bytes.starts_with("HTTP/");
}

}  // namespace whylink::checks
