// One row of the fault table: how the world is, what is configured, and what whylink must say.
#pragma once

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
/// files.
struct Server {
    std::string address;
    std::uint16_t port = 0;
    lab::StreamBehaviour behaviour = {};
};

struct NameServer {
    std::string address;
    std::string zone;  ///< as DnsZone::parse takes it
};

/// A real program in the server's namespace.
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
};

struct Expected {
    std::string cause = "healthy";
    std::string at_most = "high";  ///< the highest confidence that is honest here
    std::string at_least = "low";
    std::string severity = {};         ///< empty: ok when healthy, else critical
    std::optional<bool> healthy = {};  ///< default: the cause is `healthy`
    std::vector<Seen> probes = {};
    std::vector<std::string> alternatives = {};  ///< must be among those named
    std::vector<std::string> evidence = {};      ///< must occur in the evidence
    std::optional<int> exit_status = {};         ///< default: 0 when healthy, else 1
};

struct Row {
    std::string name;
    std::string why;  ///< the fault, for people
    std::vector<NameServer> resolvers = {};
    std::vector<Server> servers = {};
    std::vector<Daemon> daemons = {};
    /// nftables rules, one a line, behind the chain they go to: output, input, forward or prerouting.
    std::string client_rules = {};
    std::string router_rules = {};
    std::string server_rules = {};
    /// ip(8) lines run in each namespace.
    std::string client_ip = {};
    std::string router_ip = {};
    std::string server_ip = {};
    std::string config;  ///< TOML
    std::map<std::string, std::string> files =
        {};  ///< what whylink finds at these paths, /etc/hosts for example
    std::optional<unsigned> max_open_files = {};
    /// The name of the endpoint or zone that `expected` is about.
    std::string target = "t";
    Expected expected = {};
};

/// Of db.corp.test; made at the first call.
const lab::Certificates& certificates();

std::vector<Row> dns_rows();
std::vector<Row> zone_rows();
std::vector<Row> tcp_rows();
std::vector<Row> tls_rows();
std::vector<Row> vm_rows();
std::vector<Row> real_server_rows();
std::vector<Row> packet_rows();
std::vector<Row> watch_rows();
/// All of them.
const std::vector<Row>& all_rows();

}  // namespace whylink::netns_test
