#include "checks/stages/looks_like.hpp"

#include <fmt/core.h>

#include "checks/explain/text.hpp"
#include "config/applications.hpp"

namespace whylink::checks {
namespace {

using std::string_view_literals::operator""sv;

struct Prefix {
    std::string_view bytes;
    std::string_view meaning;
};

/// Of what whylink does not speak itself; the applications that it does have theirs in config/applications.cpp.
constexpr Prefix prefixes[]{
    {"<html"sv, "an HTML page"},
    {"<!DOCTYPE"sv, "an HTML page"},
    {"SSH-"sv, "an SSH server"},
    {"Invalid SSH identification"sv, "an SSH server"},
    {"PROXY "sv, "a PROXY header, version 1"},
    {"\r\n\r\n\0\r\nQUIT\n"sv, "a PROXY header, version 2"},
    {"220 "sv, "an SMTP or FTP server"},
    {"220-"sv, "an SMTP or FTP server"},
    {"554 "sv, "an SMTP server that refuses service"},
    {"421 "sv, "an SMTP or FTP server that closes"},
    {"500 "sv, "an SMTP or FTP server"},
    {"502 "sv, "an SMTP or FTP server"},
    {"-ERR"sv, "a Redis or POP3 server"},
    {"+OK"sv, "a POP3 or Redis server"},
    {"* OK"sv, "an IMAP server"},
    {"* BAD"sv, "an IMAP server"},
    {"AMQP"sv, "an AMQP server"},
    // Channel 0, method frame: Connection.Start (AMQP 0-9-1, sections 2.3.5 and 4.2.3).
    {"\x01\0\0"sv, "an AMQP server"},
    {"RFB "sv, "a VNC server"},
    {"\x03\0\0"sv, "an RDP server"},
    {"@RSYNCD:"sv, "an rsync daemon"},
    {"INFO {"sv, "a NATS server"},
    {"ERROR\r\n"sv, "a memcached server"},
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

std::string_view looks_like(const JudgedProbe& probe) {
    if (const auto* app = probe.app()) {
        return looks_like(app->first_bytes);
    }
    if (const auto* tls = probe.tls()) {
        return looks_like(tls->first_bytes);
    }
    const auto* tcp = probe.tcp();
    return tcp == nullptr ? std::string_view() : looks_like(tcp->first_bytes);
}

std::string other_protocol_text(std::string_view expected, std::string_view first_bytes) {
    const std::string_view guess = looks_like(first_bytes);
    return fmt::format("not {}, the first bytes are {}{}{}", expected, bytes_text(first_bytes),
                       guess.empty() ? "" : ", which looks like ", guess);
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
