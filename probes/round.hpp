// Everything that one round of a target measured: the ordinary probes, what was captured of their
// connections, the follow-up tests that a failure called for, and the connections that were held idle.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/cloud.hpp"
#include "config/vocabulary.hpp"
#include "probes/observation.hpp"

namespace whylink::probes {

/// A further connection or query after a failure: the ordinary one, with one thing changed.
enum class FollowUp : std::uint8_t {
    proxy_v2,        ///< the same, behind a PROXY v2 header (LOCAL)
    other_name,      ///< the same address, with a random other name of the zone
    small_segments,  ///< the handshake with a small maximum segment size
    plain_text,      ///< a plain-text first message of the application
    other_port,      ///< another port of the profile at the same address
    other_address,   ///< an address of `expect` that DNS did not give
    read_on,         ///< what the server says to one who only listens, or to the application's first message
    no_name,         ///< the handshake without SNI
    alias_name,      ///< the handshake with the CNAME's name
    other_resolver,  ///< a resolver that is not configured: this host's own, or the cloud's
    sibling_label,   ///< a random name of the same zone
    public_name,     ///< the public name that belongs to the host
    dns_over_tcp,    ///< the same query over TCP
    checking_disabled,  ///< the same query with the CD bit: the resolver is not to validate
    srv_name,           ///< the SRV record of the application below the host's name
    paired_queries,     ///< both queries of the name from one socket, as the C library sends them
    search_name,  ///< a name that programs ask first: the host with an entry of the search list behind it
    linked_name,  ///< the handshake with another name that belongs to the host: public, without `privatelink`
    large_hello,  ///< the handshake with a ClientHello as long as that of a post-quantum client
    large_hello_segments,  ///< likewise, with a small maximum segment size
    next_hop,              ///< where the server sends clients next: its name is resolved, its port tried once
    small_hello,           ///< the handshake with a ClientHello that fits one packet of any path
    tls12_only,            ///< the handshake with a ClientHello that offers TLS 1.2 and nothing newer
    control_port,          ///< a bare connection to a port that nobody has: whether everything is accepted
    control_address,       ///< a bare connection to an address that nobody can have (RFC 5737), same port
    local_acceptor,  ///< whether a socket of this host took the connection: asked of the kernel while it lives
    repeat,  ///< the same connection again: a control, because what comes and goes makes every comparison wrong
    repeat_query,  ///< the same query again to the same resolver, likewise
};

/// The slugs are those of records, reports and metrics (there under the key `experiment`).
consteval auto vocabulary(FollowUp) {
    using enum FollowUp;
    return terms<FollowUp>({
        {proxy_v2, "proxy_v2"},
        {other_name, "other_name"},
        {small_segments, "small_segments"},
        {plain_text, "plain_text"},
        {other_port, "other_port"},
        {other_address, "other_address"},
        {read_on, "read_on"},
        {no_name, "no_name"},
        {alias_name, "alias_name"},
        {other_resolver, "other_resolver"},
        {sibling_label, "sibling_label"},
        {public_name, "public_name"},
        {dns_over_tcp, "dns_over_tcp"},
        {checking_disabled, "checking_disabled"},
        {srv_name, "srv_name"},
        {paired_queries, "paired_queries"},
        {search_name, "search_name"},
        {linked_name, "linked_name"},
        {large_hello, "large_hello"},
        {large_hello_segments, "large_hello_segments"},
        {next_hop, "next_hop"},
        {small_hello, "small_hello"},
        {tls12_only, "tls12_only"},
        {control_port, "control_port"},
        {control_address, "control_address"},
        {local_acceptor, "local_acceptor"},
        {repeat, "repeat"},
        {repeat_query, "repeat_query"},
    });
}

/// Of a connection its last stage; of a query one for each resolver.
struct FollowUpTest {
    FollowUp kind = FollowUp::proxy_v2;
    Observation observation;
    /// The name that `observation` is about, where it is neither the endpoint's nor in the facts (a next hop's).
    std::string host = {};
};

/// The packets of the ordinary connection to one address.
struct CapturedConnection {
    IpAddress address;
    std::uint16_t port = 0;
    WallClock::time_point started{};
    Nanoseconds took{};
    PacketFacts facts;
};

/// What stands for a held connection in records, reports and metrics where these name a follow-up test.
inline constexpr std::string_view hold_slug = "hold";

/// A connection that was made as a round makes it, and then held idle.
struct HeldConnection {
    IpAddress address;
    std::uint16_t port = 0;
    WallClock::time_point started{};
    Nanoseconds took{};
    Rare<LocalError> local;  ///< set: nothing else here says anything about the peer
    HoldFacts facts;
};

/// A proxy variable that programs of this host start with: HTTPS_PROXY, https_proxy, HTTP_PROXY, http_proxy, ALL_PROXY,
/// all_proxy, NO_PROXY or no_proxy. curl(1), "ENVIRONMENT"; Go's golang.org/x/net/http/httpproxy. Or where a script that
/// chooses the proxy is (PAC): auto_proxy, PAC_URL, NetworkManager's pac-url and pac-script.
struct ProxySetting {
    std::string variable;  ///< as it is spelt there
    std::string value;     ///< user and password are taken out
    std::string from;      ///< "environment", or the file that sets it: "/etc/environment"
};

struct Round {
    std::vector<Observation> probes;          ///< the ordinary ones, stage by stage
    std::vector<CapturedConnection> packets;  ///< at most one for each address; empty without capture
    std::vector<FollowUpTest> follow_ups;     ///< those of earlier rounds that still stand among them
    std::vector<HeldConnection> holds;
    /// Of this host, read once at the start; null: none is set, or nobody looked.
    std::shared_ptr<const std::vector<ProxySetting>> proxies;
    std::optional<config::Cloud> cloud;  ///< in which this host runs; none: nothing tells, or nobody looked
};

}  // namespace whylink::probes
