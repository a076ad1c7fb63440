// What one report says of its targets, in the words of the JSON report: one side of a comparison. Times, durations and
// ephemeral ports are left out, because they differ between any two reports.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace whylink::daemon {

/// What one resolver, or /etc/hosts, said of a name.
struct SeenName {
    std::string role;  ///< "host", "public_host", "known_label", …
    std::string name;  ///< empty for random names, which are others in each round
    std::string resolver;
    std::string outcome;
    std::vector<std::string> addresses;  ///< sorted, each once
    std::vector<std::string> cnames;     ///< in the chain's order
};

struct SeenCertificate {
    std::string subject;
    std::string issuer;
    std::string not_after;  ///< RFC 3339
    bool operator==(const SeenCertificate&) const = default;
};

/// The ordinary connection to one address. What was not reached or not captured is empty or absent.
struct SeenConnection {
    std::string address;
    std::string local_address;
    std::string tcp;  ///< outcome
    std::string tls;
    std::string app;
    std::optional<std::int64_t> peer_mss;  ///< bytes, of the SYN-ACK; captured
    std::optional<std::int64_t> mss;       ///< bytes, as the kernel uses it
    std::optional<std::int64_t> ttl;       ///< of the SYN-ACK; captured
    std::string version;                   ///< "TLSv1.3"
    std::string cipher;
    std::string alpn;
    std::string server_name;
    std::optional<SeenCertificate> certificate;  ///< the server's own
    std::string protocol;                        ///< of the application
    std::string reply;
    std::optional<std::int64_t> status;
    std::string server;
    std::string interface;  ///< that the route uses; seen of a connection that failed
    std::string link_kind;
};

struct SeenTarget {
    std::string kind;  ///< "endpoint", "zone", "watch"
    std::string name;
    std::string what;  ///< "host:port", "*.zone", "inbound to port 6379"; host names in lower case
    bool healthy = false;
    std::string cause;
    std::string confidence;
    std::string summary;
    std::vector<SeenName> names;              ///< those that count
    std::vector<SeenConnection> connections;  ///< in the report's order
    std::vector<std::string> listeners;       ///< a watch: outcomes of its probes, "listener ok"
};

struct Side {
    std::string label;       ///< the host that saw it; empty where the document does not say
    std::string started_at;  ///< RFC 3339; empty likewise
    std::vector<SeenTarget> targets;
};

/// Of a JSON report, or why it is none. Never throws, whatever the text; members of other types than expected count as
/// absent.
std::variant<Side, std::string> side_of_report(std::string_view json);

}  // namespace whylink::daemon
