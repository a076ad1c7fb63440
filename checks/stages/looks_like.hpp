// What a server seems to speak, by its first bytes.
#pragma once

#include <string>
#include <string_view>

#include "checks/judge.hpp"
#include "config/first_bytes.hpp"

namespace whylink::checks {

/// "HTTP", "an SSH server", …; empty when the bytes are of no protocol known here.
std::string_view looks_like(std::string_view first_bytes);
/// The server's first bytes, of whatever stage; of a query none.
std::string_view first_bytes_of(const JudgedProbe& probe);
/// What answered this probe.
std::string_view looks_like(const JudgedProbe& probe);
/// "not TLS, the first bytes are "SSH-2.0", which looks like an SSH server"
std::string other_protocol_text(std::string_view expected, std::string_view first_bytes);

using config::is_http;
using config::is_proxy_header;
using config::is_tls_record;

}  // namespace whylink::checks
