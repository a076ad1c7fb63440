// Fills the placeholders of the texts.
#pragma once

#include <string>
#include <string_view>

namespace whylink::checks {

/// What the placeholders stand for. An empty one is worded generally: {endpoint_id} becomes "the endpoint's
/// identifier".
struct Wording {
    std::string name;         ///< {name}: of the endpoint or zone in the config
    std::string host;         ///< {host}; for a zone "*." and the zone
    std::string port;         ///< {port}
    std::string zone;         ///< {zone}: of a host what follows its first label
    std::string address;      ///< {address}: those that fail, or all
    std::string working;      ///< {working}: those that work
    std::string resolver;     ///< {resolver}: those that the cause is about
    std::string answers;      ///< {answers}: addresses that DNS gave: the wrong ones, or all
    std::string endpoint_id;  ///< {endpoint_id}
    std::string service;      ///< {service}
    std::string public_host;  ///< {public_host}
    std::string answered_by;  ///< {answered_by}: where the answer to a SYN came from, if from elsewhere
    std::string targets;      ///< {targets}: of the SRV records below the host's name
    std::string dns_zone;     ///< {dns_zone}: that answers that there is no record
    std::string dns_error;    ///< {dns_error}: what the resolver says of its own answer (RFC 8914)
    std::string proxy;        ///< {proxy}: that programs on this host use, and what sets it
    std::string proxy_url;    ///< {proxy_url}: the same without what sets it
    std::string url;          ///< {url}: of the host, for a program that speaks HTTP
    std::string detail;       ///< {detail}: of the first probe that fails
    std::string acceptor;     ///< {acceptor}: what of this host took the connection
    std::string sent_to;      ///< {sent_to}: where this host sent the connection in place of the address
    std::string route;        ///< {route}: to the address
    std::string way_back;     ///< {way_back}: why the reverse-path filter drops the answer
    std::string tracking;     ///< {tracking}: how full the connection-tracking table was
    std::string machines;     ///< {machines}: link-layer addresses that answered
    std::string asked_name;   ///< {asked_name}: the name sent in TLS
    std::string server_name;  ///< {server_name}: the one that the server has a certificate for
    // What accounts say, see surroundings/accounts.hpp.
    std::string account_endpoint;    ///< {account_endpoint}: its identifier, short
    std::string account_state;       ///< {account_state}: "waits for acceptance (pendingAcceptance)"
    std::string account_rule;        ///< {account_rule}: which rule set denies, and why
    std::string account_fix;         ///< {account_fix}: the step that lets the connection through
    std::string account_connection;  ///< {account_connection}: that waits for us
    std::string right_address;       ///< {right_address}: of the endpoint
    std::string zone_reason;         ///< {zone_reason}: which part of private DNS is missing
    std::string vendor_state;        ///< {vendor_state}: "prod is stopped"
    std::string target_group;        ///< {target_group}: without a healthy target, and why
};

/// Unknown placeholders and lone braces stay as they are.
std::string fill(std::string_view text, const Wording& wording);

}  // namespace whylink::checks
