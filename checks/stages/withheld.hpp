// What of ours was kept from a peer, and why.
#pragma once

#include <string>
#include <vector>

#include "checks/judge.hpp"
#include "config/config.hpp"
#include "probes/observation.hpp"

namespace whylink::checks {

/// The server asked for a client certificate and got what the config has, which may be none. What it does for want of
/// one that was kept from it says nothing of the config.
bool wanted_client_certificate(const probes::TlsFacts& facts);
/// Likewise, and there is none.
bool lacked_client_certificate(const probes::TlsFacts& facts);

/// "the client certificate was not sent: the server's certificate did not verify"; empty where it was kept from nobody.
std::string withheld_text(const probes::TlsFacts& facts);

/// "the script was not sent to 203.0.113.5: …", a line for each reason.
std::vector<std::string> withheld_request_lines(const config::Endpoint& endpoint, const Assessment& round);

}  // namespace whylink::checks
