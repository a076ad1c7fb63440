// What changed of a target, or of this host: one fact each.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/vocabulary.hpp"

namespace whylink::daemon {

enum class What : std::uint8_t {
    address,
    cname,
    ttl,
    resolvers,
    certificate,
    tls_version,
    alpn,
    banner,
    mss,
    hops,
    host_address,
    route,
    resolv_conf,
    firewall,
    kernel,
    boot,
    clock,
    config,
    health,
    cause,
};
consteval auto vocabulary(What) {
    using enum What;
    return terms<What>({{address, "address"},
                        {cname, "cname", "CNAME"},
                        {ttl, "ttl", "TTL"},
                        {resolvers, "resolvers", "DNS servers"},
                        {certificate, "certificate"},
                        {tls_version, "tls_version", "TLS version"},
                        {alpn, "alpn", "ALPN"},
                        {banner, "banner", "server banner"},
                        {mss, "mss", "MSS"},
                        {hops, "hops", "hop count"},
                        {host_address, "host_address", "addresses of this host"},
                        {route, "route", "default route"},
                        {resolv_conf, "resolv_conf", "/etc/resolv.conf"},
                        {firewall, "firewall", "firewall ruleset of this host"},
                        {kernel, "kernel", "kernel of this host"},
                        {boot, "boot", "this host rebooted, boot ID"},
                        {clock, "clock", "clock of this host"},
                        {config, "config", "configuration"},
                        {health, "health"},
                        {cause, "cause"}});
}

struct Change {
    std::chrono::system_clock::time_point at;
    What what = What::address;
    std::string from;  ///< empty: there was none
    std::string to;
    bool operator==(const Change&) const = default;
};

/// "address 10.0.0.9 → 10.0.0.4", "configuration port 9440 → port 8443".
std::string change_text(const Change& change);
/// "none" for what was not there, as reports and the JSON show it.
std::string value_text(const std::string& value);
/// The first `most` of them, "; "-separated, and how many more there are.
std::string changes_text(const std::vector<Change>& changes, std::size_t most);

/// What the history knows of a target: immutable once it is shared.
struct TargetHistory {
    /// The first round of the present run of results; no threshold counts.
    std::chrono::system_clock::time_point since;
    /// The latest round that passed; none: never.
    std::optional<std::chrono::system_clock::time_point> last_healthy;
    /// Of a failing target: what changed between the last round that passed and the first that failed.
    std::vector<Change> changes;
    bool operator==(const TargetHistory&) const = default;
};

using TargetHistoryPtr = std::shared_ptr<const TargetHistory>;

}  // namespace whylink::daemon
