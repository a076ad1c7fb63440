#include "checks/stages/looks_like.hpp"

#include <array>

#include "config/applications.hpp"

namespace whylink::checks {
namespace {

using std::string_view_literals::operator""sv;

struct Prefix {
    std::string_view bytes;
    std::string_view meaning;
};

/// Of what whylink does not speak itself; the applications that it does have theirs in config/applications.cpp.
constexpr std::array prefixes{
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
    Prefix{"-ERR"sv, "a Redis or POP3 server"},
    Prefix{"+OK"sv, "a POP3 or Redis server"},
    Prefix{"* OK"sv, "an IMAP server"},
    Prefix{"* BAD"sv, "an IMAP server"},
    Prefix{"AMQP"sv, "an AMQP server"},
    // Channel 0, method frame: Connection.Start (AMQP 0-9-1, sections 2.3.5 and 4.2.3).
    Prefix{"\x01\0\0"sv, "an AMQP server"},
    Prefix{"RFB "sv, "a VNC server"},
    Prefix{"\x03\0\0"sv, "an RDP server"},
    Prefix{"@RSYNCD:"sv, "an rsync daemon"},
    Prefix{"INFO {"sv, "a NATS server"},
    Prefix{"ERROR\r\n"sv, "a memcached server"},
};

}  // namespace

std::string_view looks_like(std::string_view first_bytes) {
    for (const Prefix& prefix : prefixes) {
        if (first_bytes.starts_with(prefix.bytes)) {
            return prefix.meaning;
        }
    }
    return is_tls_record(first_bytes) ? "a TLS server" : config::app_by_first_bytes(first_bytes);
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
