// The typed configuration: what a loaded file says, defaults and profile filled in, nothing left to guess.
// Loading is in load.hpp, the table of keys in schema.hpp, printing in show.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/account.hpp"
#include "config/address.hpp"
#include "config/applications.hpp"
#include "config/listener.hpp"
#include "config/vocabulary.hpp"

namespace whylink::config {

using Duration = std::chrono::milliseconds;

enum class Family { any, ipv4, ipv6 };
enum class ProxyProtocol { none, v1, v2 };
enum class TlsVersion { tls1_0, tls1_1, tls1_2, tls1_3 };
enum class LogLevel { trace, debug, info, warn, error };
enum class LogFormat { text, json };
enum class CaptureMode { off, automatic, required };
enum class Direction { inbound, outbound };

consteval auto vocabulary(Family) {
    using enum Family;
    return terms<Family>({{any, "any"}, {ipv4, "ipv4"}, {ipv6, "ipv6"}});
}
consteval auto vocabulary(ProxyProtocol) {
    using enum ProxyProtocol;
    return terms<ProxyProtocol>({{none, "none"}, {v1, "v1"}, {v2, "v2"}});
}
consteval auto vocabulary(TlsVersion) {
    using enum TlsVersion;
    return terms<TlsVersion>({{tls1_0, "1.0"}, {tls1_1, "1.1"}, {tls1_2, "1.2"}, {tls1_3, "1.3"}});
}
consteval auto vocabulary(LogLevel) {
    using enum LogLevel;
    return terms<LogLevel>(
        {{trace, "trace"}, {debug, "debug"}, {info, "info"}, {warn, "warn"}, {error, "error"}});
}
consteval auto vocabulary(LogFormat) {
    using enum LogFormat;
    return terms<LogFormat>({{text, "text"}, {json, "json"}});
}
consteval auto vocabulary(Direction) {
    using enum Direction;
    return terms<Direction>({{inbound, "inbound"}, {outbound, "outbound"}});
}

/// Who is asked for names: the resolvers of /etc/resolv.conf (and /etc/hosts), or one given address.
struct Resolver {
    bool system = true;
    IpAddress address;  ///< when not `system`
    std::uint16_t port = 53;

    /// "system", "10.0.0.2", "10.0.0.2:5353", "fd00::2", "[fd00::2]", "[fd00::2]:53".
    static std::optional<Resolver> parse(std::string_view text);
    /// "system", the address alone for port 53, else address and port.
    std::string to_string() const;
    bool operator==(const Resolver&) const = default;
};

struct Daemon {
    std::string listen = "127.0.0.1:9797";  ///< empty: no HTTP
    LogLevel log_level = LogLevel::info;
    LogFormat log_format = LogFormat::text;
    unsigned max_concurrent = 1000;
    bool metadata = false;  ///< the cloud's metadata service is asked where this host is
    /// A config with neither targets nor [probe] allow is an error (a file that was caught half written), unless this is
    /// set.
    bool allow_empty = false;
    ListenerTls tls;
    /// By name, with bcrypt hashes; empty: whoever reaches the listener is let in.
    std::map<std::string, std::string> users;
    bool operator==(const Daemon&) const = default;
};

struct Capture {
    CaptureMode mode = CaptureMode::automatic;
    std::string interface = "any";
    std::string evidence_dir = "/var/lib/whylink/evidence";
    std::uint64_t evidence_limit = 256ULL << 20;  ///< bytes
    bool operator==(const Capture&) const = default;
};

/// [probe]: what `GET /probe` may connect to, beside the configured targets. Checked after resolution, for each address.
struct OnDemand {
    std::vector<Cidr> allow;
    bool operator==(const OnDemand&) const = default;
};

/// What changed, and the rounds, in the state directory.
struct History {
    bool enabled = true;
    Duration max_age{std::chrono::hours(90 * 24)};
    std::uint64_t max_size = 256ULL << 20;  ///< bytes
    bool operator==(const History&) const = default;
};

/// What [defaults] may set and every endpoint and zone may set for itself. A watch takes it all from there, but
/// for its interval, which is its window.
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

/// The ClientHello of post-quantum clients as a follow-up test; `automatic`: at new failures and once a day.
enum class LargeHello : std::uint8_t { automatic, always, never };

consteval auto vocabulary(LargeHello) {
    using enum LargeHello;
    return terms<LargeHello>({{automatic, "auto"}, {always, "always"}, {never, "never"}});
}

struct Tls {
    TlsMode mode = TlsMode::required;
    std::string server_name;  ///< SNI and the name verified; empty for an address without one
    std::string ca_file;      ///< empty: the system's store
    std::string cert_file;
    std::string key_file;
    bool verify = true;
    TlsVersion min_version = TlsVersion::tls1_2;
    std::vector<std::string> alpn;
    LargeHello large_hello = LargeHello::automatic;
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

/// What the host's name and the names of its CNAME chain decide, where neither the config nor the command line
/// does. Of `check` only the judgement and the wording follow from it: what is sent stays as configured.
struct ByName {
    bool profile = false;  ///< none is given: the one whose patterns fit the host, else a name of the chain
    bool private_space = false;  ///< `diagnose`: judged where the profile or a `privatelink` name says so
    bool tls = false;            ///< `diagnose` without --tls and --no-tls: the picked profile decides
    bool app = false;            ///< `diagnose` without --app: the same
    /// The user's profiles, whose patterns count too; null: none.
    std::shared_ptr<const std::vector<OwnProfile>> own_profiles;
    /// By what it says.
    bool operator==(const ByName& other) const;
};

struct ExpectStep {
    std::string send;    ///< empty: nothing is sent
    std::string expect;  ///< empty: nothing is awaited
    bool starttls = false;
    bool operator==(const ExpectStep&) const = default;
};

/// What is the same of every target, whatever its kind.
struct TargetHead : Common {
    std::string name;  ///< unique among all targets
    bool enabled = true;
    std::string profile;     ///< empty: none; a zone has none
    OwnProfile own_profile;  ///< what `profile` names, when it is the user's
    std::map<std::string, std::string> labels;
    bool operator==(const TargetHead&) const = default;
};

struct Endpoint : TargetHead {
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
    Tls tls;
    ByName by_name;
    bool operator==(const Endpoint&) const = default;
};

struct Zone : TargetHead {
    std::string zone;  ///< without "*."
    std::vector<Cidr> expect;
    bool private_space = true;
    Family family = Family::any;
    std::vector<std::string> known_labels;
    unsigned random_labels = 3;
    bool operator==(const Zone&) const = default;
};

/// Its profile is for the wording of what to do.
struct Watch : TargetHead {
    Direction direction = Direction::inbound;
    std::uint16_t port = 0;  ///< 0: any, outbound only
    std::vector<Cidr> peer;  ///< empty: any
    Duration window{10'000};
    std::optional<Duration> expect_traffic;
    std::string service;   ///< of the provider: whose connections bring the traffic
    bool payload = false;  ///< evidence keeps what connections carry, not only the headers
    bool operator==(const Watch&) const = default;
};

enum class TargetKind : std::uint8_t { endpoint, zone, watch };

consteval auto vocabulary(TargetKind) {
    return terms<TargetKind>(
        {{TargetKind::endpoint, "endpoint"}, {TargetKind::zone, "zone"}, {TargetKind::watch, "watch"}});
}

/// What is checked: an endpoint, a zone or a watch. Immutable once it is shared, which everybody does, from
/// the loader to the reports.
class Target {
  public:
    Target(Endpoint endpoint) : what_(std::move(endpoint)) {}  // NOLINT(google-explicit-constructor)
    Target(Zone zone) : what_(std::move(zone)) {}              // NOLINT(google-explicit-constructor)
    Target(Watch watch) : what_(std::move(watch)) {}           // NOLINT(google-explicit-constructor)

    TargetKind kind() const { return static_cast<TargetKind>(what_.index()); }
    const TargetHead& head() const {
        return std::visit([](const TargetHead& head) -> const TargetHead& { return head; }, what_);
    }
    const std::string& name() const { return head().name; }
    /// Null for the other kinds.
    const Endpoint* endpoint() const { return std::get_if<Endpoint>(&what_); }
    const Zone* zone() const { return std::get_if<Zone>(&what_); }
    const Watch* watch() const { return std::get_if<Watch>(&what_); }
    const std::variant<Endpoint, Zone, Watch>& what() const { return what_; }
    bool operator==(const Target&) const = default;

  private:
    std::variant<Endpoint, Zone, Watch> what_;
};

using TargetPtr = std::shared_ptr<const Target>;

/// One that is shared, of an endpoint, a zone or a watch.
template <class T>
TargetPtr make_target(T what) {
    return std::make_shared<const Target>(std::move(what));
}

/// Those of a kind, in the order of the list; valid as long as the targets.
template <class T>
std::vector<const T*> all_of_kind(std::span<const TargetPtr> targets) {
    std::vector<const T*> found;
    for (const TargetPtr& target : targets) {
        if (const T* what = std::get_if<T>(&target->what())) {
            found.push_back(what);
        }
    }
    return found;
}

struct Config {
    Daemon daemon;
    Common defaults;
    Capture capture;
    OnDemand on_demand;
    History history;
    /// Endpoints first, then zones, then watches, each kind in the order of the files; none is null.
    std::vector<TargetPtr> targets;
    std::vector<Account> accounts;  ///< in the order of the files
    /// By what the targets say.
    bool operator==(const Config& other) const;
};

}  // namespace whylink::config
