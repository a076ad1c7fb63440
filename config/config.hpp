// The typed configuration: what a loaded file says, defaults and profile filled in, nothing left to guess.
// Loading is in load.hpp, the table of keys in schema.hpp, printing in show.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/address.hpp"

namespace whylink::config {

using Duration = std::chrono::milliseconds;

enum class Family { any, ipv4, ipv6 };
enum class App { none, http, clickhouse, redis, mqtt, postgres, mysql, expect };
enum class ProxyProtocol { none, v1, v2 };
enum class TlsVersion { tls1_0, tls1_1, tls1_2, tls1_3 };
enum class LogLevel { trace, debug, info, warn, error };
enum class LogFormat { text, json };
enum class CaptureMode { off, automatic, required };
enum class Direction { inbound, outbound };

/// Who is asked for names: the resolvers of /etc/resolv.conf (and /etc/hosts), or one given address.
struct Resolver {
    bool system = true;
    IpAddress address;  ///< when not `system`
    std::uint16_t port = 53;
    bool operator==(const Resolver&) const = default;
};

struct Daemon {
    std::string listen = "127.0.0.1:9797";  ///< empty: no HTTP
    LogLevel log_level = LogLevel::info;
    LogFormat log_format = LogFormat::text;
    unsigned max_concurrent = 1000;
    bool operator==(const Daemon&) const = default;
};

struct Capture {
    CaptureMode mode = CaptureMode::automatic;
    std::string interface = "any";
    std::string evidence_dir = "/var/lib/whylink/evidence";
    std::uint64_t evidence_limit = 256ULL << 20;  ///< bytes
    bool operator==(const Capture&) const = default;
};

/// What [defaults] may set and every endpoint and zone may set for itself.
struct Common {
    Duration interval{30'000};
    Duration timeout{5'000};                                     ///< for each stage on its own
    std::vector<Resolver> resolvers = std::vector<Resolver>(1);  ///< by default the system's
    unsigned failure_threshold = 2;
    unsigned success_threshold = 1;
    bool operator==(const Common&) const = default;
};

enum class TlsMode {
    off,
    required,
    attempt,  ///< `diagnose` without --tls: tried, and plain text is healthy with a note
};

struct Tls {
    TlsMode mode = TlsMode::required;
    std::string server_name;  ///< SNI and the name verified; empty for an address without one
    std::string ca_file;      ///< empty: the system's store
    std::string cert_file;
    std::string key_file;
    bool verify = true;
    TlsVersion min_version = TlsVersion::tls1_2;
    std::vector<std::string> alpn;
    std::chrono::seconds expiry_warning{14 * 86400};
    bool operator==(const Tls&) const = default;
};

struct Profile;  // profiles.hpp

/// A profile of the user's own, shared with everything that was loaded with it; compared by what it says, so
/// that a reload which changes nothing changes nothing. Null for those that come with the program.
struct OwnProfile {
    std::shared_ptr<const Profile> profile;
    bool operator==(const OwnProfile& other) const;
};

struct ExpectStep {
    std::string send;    ///< empty: nothing is sent
    std::string expect;  ///< empty: nothing is awaited
    bool starttls = false;
    bool operator==(const ExpectStep&) const = default;
};

struct Endpoint : Common {
    std::string name;
    bool enabled = true;
    std::string profile;               ///< empty: none
    OwnProfile own_profile;            ///< what `profile` names, when it is the user's
    std::string host;                  ///< as configured: a name (a trailing dot allowed) or an address
    std::optional<IpAddress> address;  ///< set when `host` is an address: no DNS stage then
    std::uint16_t port = 0;
    std::vector<Cidr> expect;
    bool private_space = true;  ///< key `private`; never judged when `address` is set
    Family family = Family::any;
    App app = App::none;
    std::string http_path = "/";
    std::vector<unsigned> http_status;  ///< empty: the rule of the application
    std::vector<ExpectStep> expect_script;
    Duration settle{250};
    ProxyProtocol proxy_protocol = ProxyProtocol::none;
    bool experiments = true;
    std::optional<IpAddress> source_address;
    std::string interface;  ///< SO_BINDTODEVICE; empty: none
    std::optional<std::uint32_t> mark;
    std::string public_host;
    std::string endpoint_id;
    std::string service;
    std::optional<Duration> hold;       ///< a connection is held idle for so long, and then used
    Duration hold_interval{3'600'000};  ///< from one such connection to the next
    std::map<std::string, std::string> labels;
    Tls tls;
    bool operator==(const Endpoint&) const = default;
};

struct Zone : Common {
    std::string name;
    bool enabled = true;
    std::string zone;  ///< without "*."
    std::vector<Cidr> expect;
    bool private_space = true;
    Family family = Family::any;
    std::vector<std::string> known_labels;
    unsigned random_labels = 3;
    std::map<std::string, std::string> labels;
    bool operator==(const Zone&) const = default;
};

struct Watch {
    std::string name;
    bool enabled = true;
    std::string profile;  ///< empty: none; for the wording of what to do
    OwnProfile own_profile;
    Direction direction = Direction::inbound;
    std::uint16_t port = 0;  ///< 0: any, outbound only
    std::vector<Cidr> peer;  ///< empty: any
    Duration window{10'000};
    std::optional<Duration> expect_traffic;
    bool payload = false;  ///< evidence keeps what connections carry, not only the headers
    std::map<std::string, std::string> labels;
    bool operator==(const Watch&) const = default;
};

struct Config {
    Daemon daemon;
    Common defaults;
    Capture capture;
    std::vector<Endpoint> endpoints;
    std::vector<Zone> zones;
    std::vector<Watch> watches;
    bool operator==(const Config&) const = default;
};

}  // namespace whylink::config
