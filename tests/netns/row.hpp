// One row of the fault table: how the world is, what is configured, and what whylink must say.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/certificates.hpp"
#include "support/stream_server.hpp"

namespace whylink::netns_test {

/// Every text of a row may hold {placeholders}: {net} is "10.0.N", the row's own network; {a} {b} {c} are
/// IPv4 addresses in it on the server side, {a6} an IPv6 one, {public} {public6} outside private space, {dns}
/// {dns2} {dns6} for its resolvers, {dir} a directory, {ca} and the other names of lab::Certificates::files()
/// files, {table} a routing table of the row's own.
struct Server {
    std::string address;
    std::uint16_t port = 0;
    lab::StreamBehaviour behaviour = {};
};

struct NameServer {
    std::string address;
    std::string zone;  ///< as DnsZone::parse takes it
};

/// A real program, in the server's namespace unless a row says otherwise.
struct Daemon {
    std::vector<std::string> argv;
    std::map<std::string, std::string> files;  ///< path (in {dir}) → content
    std::string ready_address = {};            ///< it is up once a TCP connection to this is accepted
    std::uint16_t ready_port = 0;
};

/// A probe that the report must hold; an empty field fits all.
struct Seen {
    std::string stage;
    std::string where = {};  ///< address, resolver (address:port) or dns target
    std::string outcome;
    std::string experiment = {};  ///< empty: an ordinary probe
};

/// A count of `packets` in the report.
struct Counted {
    std::string address;
    std::string what;  ///< as the report calls it
    std::uint64_t at_least = 0;
    std::uint64_t at_most = std::numeric_limits<std::uint64_t>::max();
};

struct Expected {
    std::string cause = "healthy";
    std::string at_most = "high";  ///< the highest confidence that is honest here
    std::string at_least = "low";
    std::string severity = {};         ///< empty: ok when healthy, else critical
    std::optional<bool> healthy = {};  ///< default: the cause is `healthy`
    std::vector<Seen> probes = {};
    std::vector<std::string> alternatives = {};  ///< must be among those named
    std::vector<std::string> excluded = {};      ///< must be neither the cause nor among those named
    std::vector<std::string> evidence = {};      ///< must occur in the evidence
    std::vector<std::string> remediation = {};   ///< must occur in the remedial steps
    std::vector<std::string> summary = {};       ///< must occur in the summary
    std::vector<Counted> packets = {};
    bool captured = true;                 ///< false: the report must hold no packets
    std::string profile = {};             ///< not empty: the one that the report names
    std::optional<int> exit_status = {};  ///< default: 0 when healthy, else 1
    std::string refusal = {};             ///< not empty: there is no report, and standard error holds this
};

/// What is said today in place of `expected`: a fault of ours that is known and not mended yet.
struct KnownFailure {
    std::string cause;
    std::string confidence;
    std::string severity = {};  ///< not empty: this is said, too
    std::string unsaid = {};    ///< not empty: a text of `expected` that the whole diagnosis lacks
};

/// Connects again and again while the row is checked: what a watch sees.
struct Visitor {
    std::string from;  ///< an IPv4 address: of the server's side, or of the client when `outbound`
    std::string to;
    std::uint16_t port = 0;
    std::string send = "hello";  ///< once connected
    bool outbound = false;       ///< from the client
};

struct Row {
    std::string name;
    std::string why;  ///< the fault, for people
    std::vector<NameServer> resolvers = {};
    std::vector<Server> servers = {};
    std::vector<Daemon> daemons = {};
    std::vector<Server> own_servers = {};            ///< on the client, where whylink runs
    std::vector<Daemon> own_daemons = {};            ///< likewise
    std::vector<std::uint16_t> full_listeners = {};  ///< ports of the client with a full backlog
    std::vector<Visitor> visitors = {};
    /// nftables rules, one a line, behind the chain they go to: output, input, forward or prerouting; nat_output and
    /// nat_prerouting, which translate, and which make the kernel track the connections of all rows; route_output, where
    /// a mark chooses the route, and tproxy_prerouting.
    std::string client_rules = {};
    std::string router_rules = {};
    std::string server_rules = {};
    /// ip(8) lines run in each namespace.
    std::string client_ip = {};
    std::string router_ip = {};
    std::string server_ip = {};
    std::string config;  ///< TOML
    std::map<std::string, std::string> files =
        {};  ///< what whylink finds at these paths, in {dir} or in the place of files that exist (/etc/hosts)
    std::optional<unsigned> max_open_files = {};
    std::vector<std::string> under = {};  ///< the program, with its arguments, that runs whylink
    /// What whylink is told, `--format json` apart; empty: to check `config`.
    std::vector<std::string> arguments = {};
    /// The name of the endpoint, zone or watch that `expected` is about.
    std::string target = "t";
    Expected expected = {};
    /// Set: the row holds as long as this is said, and fails when it is mended, so that this is taken away then.
    std::optional<KnownFailure> known_failure = {};
};

/// What a table has of its own: each program of these tests defines both.
///
/// The identities of its TLS servers; made at the first call.
const lab::Certificates& certificates();
/// In the order in which they are shown; at most 250, for each has a network of its own.
const std::vector<Row>& all_rows();

}  // namespace whylink::netns_test
