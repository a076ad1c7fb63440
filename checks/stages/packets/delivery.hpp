// Whether what was sent has arrived, as the peer's kernel acknowledges it, and this host's kernel knows of every socket.
#pragma once

#include <string>

#include "checks/judge.hpp"

namespace whylink::checks {

/// Not a byte has, although it was sent again: what the peer's kernel would have acknowledged, whatever the server
/// does. False where the kernel was not asked, and of what is inside a TLS that has begun.
bool nothing_arrived(const JudgedProbe& probe);

/// More than any header in front of the ClientHello has, and what follows it in the ClientHello has not, although it was
/// sent again.
bool partly_arrived(const JudgedProbe& probe);

/// Something of it was acknowledged or answered.
bool has_arrived(const JudgedProbe& probe);

/// All of it was acknowledged.
bool has_all_arrived(const JudgedProbe& probe);

/// Nothing of it even left: the peer's window is closed (RFC 9293 section 3.8.6.1), as that of a SYN proxy without a
/// server behind it.
bool nothing_left(const JudgedProbe& probe);
/// Nothing of it left, though the peer's window has room for all of it: this host drops what it sends.
bool is_kept_here(const JudgedProbe& probe);
/// ", 0 of 335 B sent: the peer's window is 0"; empty where something was.
std::string held_back_text(const probes::TlsFacts& facts);
std::string held_back_text(const probes::AppFacts& facts);

}  // namespace whylink::checks
