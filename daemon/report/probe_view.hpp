// What every renderer needs to know of a probe or a watch: its words, and its answers gathered.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "probes/observation.hpp"

namespace whylink::daemon {

/// "10.0.0.2:53", "[fd00::2]:53"; "/etc/hosts" for the hosts file.
std::string resolver_text(const probes::DnsFacts& facts);
/// "inbound to port 6379", "outbound to any port"
std::string watch_text(const config::Watch& watch);
/// "handshake_failure"; "alert 200" for what has no name.
std::string alert_name(std::uint8_t description);

/// Of all queries, each address once.
std::vector<probes::DnsAnswer> answers_of(const probes::DnsFacts& facts);
/// Of all queries, each name once.
std::vector<std::string> cnames_of(const probes::DnsFacts& facts);

/// Printable ASCII; every other byte as `\xNN`, CR, LF and TAB as `\r`, `\n` and `\t`, a backslash doubled.
std::string escaped_bytes(std::string_view bytes);

}  // namespace whylink::daemon
