// What a server seems to speak, by its first bytes.
#pragma once

#include <string>
#include <string_view>

#include "checks/judge.hpp"

namespace whylink::checks {

/// "HTTP", "an SSH server", …; empty when the bytes are of no protocol known here.
std::string_view looks_like(std::string_view first_bytes);
/// What answered this probe.
std::string_view looks_like(const JudgedProbe& probe);
/// "not TLS, the first bytes are "SSH-2.0", which looks like an SSH server"
std::string other_protocol_text(std::string_view expected, std::string_view first_bytes);

/// A PROXY protocol header, version 1 or 2 (haproxy's proxy-protocol.txt, section 2).
bool is_proxy_header(std::string_view first_bytes);
/// A record of TLS 1.0 to 1.3 (RFC 8446 section 5.1): an alert or a handshake message.
bool is_tls_record(std::string_view first_bytes);
bool is_http(std::string_view first_bytes);

}  // namespace whylink::checks
