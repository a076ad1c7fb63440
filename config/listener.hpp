// Who may ask the daemon over HTTP, and how: [daemon.tls] and [daemon.users].
#pragma once

#include <string>
#include <string_view>

#include "config/dns_name.hpp"

namespace whylink::config {

struct ListenerTls {
    std::string cert_file;       ///< empty: plain HTTP
    std::string key_file;        ///< together with cert_file
    std::string client_ca_file;  ///< empty: clients need no certificate
    bool on() const { return !cert_file.empty(); }
    bool operator==(const ListenerTls&) const = default;
};

/// Of [daemon.users].
bool is_user_name(std::string_view name);
/// "is not a bcrypt hash", or nothing. A password that was written in its place is not repeated.
Fault bcrypt_hash_fault(std::string_view hash);

/// Whether "ADDRESS:PORT" can be reached by other hosts.
bool is_reachable_from_elsewhere(std::string_view listen);

}  // namespace whylink::config
