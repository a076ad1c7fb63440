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

/// What is wrong with a name of [daemon.users].
Fault user_name_fault(std::string_view name);
/// What is wrong with a hash; of a password that was written in its place nothing is repeated.
Fault bcrypt_hash_fault(std::string_view hash);

/// Whether "ADDRESS:PORT" can be reached by other hosts.
bool is_reachable_from_elsewhere(std::string_view listen);

}  // namespace whylink::config
