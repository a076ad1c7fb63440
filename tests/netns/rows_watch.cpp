// Watches: real traffic to this host and from it, of which whylink only looks at the packets.
#include <utility>

#include "rows.hpp"

namespace whylink::netns_test {
namespace {

constexpr const char* own_address = "10.77.0.2";

// A SYN counts as unanswered after three seconds.
const std::string long_enough = "5s";
const std::string short_look = "2s";

std::string watch(const std::string& direction, std::uint16_t port, const std::string& window,
                  const std::string& more = "") {
    return "[[watch]]\nname = \"t\"\ndirection = \"" + direction + "\"\nport = " + std::to_string(port) +
           "\nwindow = \"" + window + "\"\n" + more;
}

// ---- to this host ----

struct Inbound {
    std::string name;
    std::string why;
    std::uint16_t port = 0;    ///< of its own: all rows share the VM
    std::string listens = {};  ///< the address; empty: nothing listens
    std::string window = short_look;
    std::string more = {};
    bool visited = true;
};

Row inbound(const Inbound& scene, Expected expected) {
    Row row{.name = "watch_" + scene.name,
            .why = scene.why,
            .config = watch("inbound", scene.port, scene.window, scene.more),
            .expected = std::move(expected)};
    if (!scene.listens.empty()) {
        row.own_servers = {{.address = scene.listens, .port = scene.port, .behaviour = lab::echoes()}};
    }
    if (scene.visited) {
        row.visitors = {{.from = "{a}", .to = own_address, .port = scene.port}};
    }
    return row;
}

std::vector<Row> healthy_inbound() {
    const Row served =
        inbound({.name = "served", .why = "visitors come and are served", .port = 6301, .listens = "0.0.0.0"},
                {.at_least = "high",
                 .probes = {{"listener", "", "ok"}, {"packets", "", "ok"}},
                 .evidence = {"0.0.0.0:6301", "{a}: "}});
    const Row quiet = inbound({.name = "quiet",
                               .why = "nobody comes, and nobody is expected",
                               .port = 6302,
                               .listens = "0.0.0.0",
                               .visited = false},
                              {.at_most = "low", .probes = {{"listener", "", "ok"}, {"packets", "", "ok"}}});
    Row other_peer = inbound({.name = "other_peer",
                              .why = "who comes is not who is watched",
                              .port = 6303,
                              .listens = "0.0.0.0",
                              .more = "peer = [\"{b}/32\"]\n"},
                             {.at_most = "low", .evidence = {"no packet"}});
    return {served, quiet, other_peer};
}

std::vector<Row> nobody_home() {
    const Row loopback = inbound({.name = "loopback_only",
                                  .why = "the service listens on loopback alone",
                                  .port = 6304,
                                  .listens = "127.0.0.1"},
                                 {.cause = "connection_refused",
                                  .probes = {{"listener", "", "not_listening"}},
                                  .evidence = {"127.0.0.1:6304"}});
    const Row nothing = inbound({.name = "nothing_listens", .why = "nothing listens", .port = 6305},
                                {.cause = "connection_refused",
                                 .probes = {{"listener", "", "not_listening"}, {"packets", "", "refused"}}});
    const Row unvisited =
        inbound({.name = "nothing_listens_unvisited",
                 .why = "nothing listens, and nobody comes",
                 .port = 6306,
                 .visited = false},
                {.cause = "connection_refused", .probes = {{"listener", "", "not_listening"}}});
    return {loopback, nothing, unvisited};
}

std::vector<Row> unanswered_inbound() {
    Row firewall = inbound({.name = "local_firewall",
                            .why = "a local rule drops what arrives",
                            .port = 6307,
                            .listens = "0.0.0.0",
                            .window = long_enough},
                           {.cause = "local_firewall",
                            .at_least = "high",
                            .probes = {{"listener", "", "ok"}, {"packets", "", "timeout"}},
                            .evidence = {"{a}: "}});
    firewall.client_rules = "input ip saddr {a} tcp dport 6307 drop";
    Row full = inbound({.name = "full_backlog",
                        .why = "the service accepts no more, and its queue is full",
                        .port = 6308,
                        .window = long_enough},
                       {.cause = "backend_silent",
                        .probes = {{"listener", "", "ok"}, {"packets", "", "timeout"}},
                        .excluded = {"local_firewall"}});
    full.full_listeners = {6308};
    Row lost = inbound({.name = "answers_lost",
                        .why = "the answers of this host do not get back",
                        .port = 6309,
                        .listens = "0.0.0.0",
                        .window = long_enough},
                       {.cause = "syn_unanswered", .probes = {{"listener", "", "ok"}}});
    lost.router_rules = "forward ip daddr {a} drop";
    const Row missing = inbound(
        {.name = "nobody_comes",
         .why = "visitors are expected, and none comes",
         .port = 6310,
         .listens = "0.0.0.0",
         .more = "expect_traffic = \"1s\"\n",
         .visited = false},
        {.cause = "no_inbound_traffic", .probes = {{"listener", "", "ok"}, {"packets", "", "timeout"}}});
    return {firewall, full, lost, missing};
}

// haproxy.org, proxy-protocol.txt, section 2.2: TCP over IPv4, from 192.0.2.7:4711 to 10.77.0.2:6311, and the
// field of AWS (type 0xEA, subtype 1).
std::string proxy_header() {
    const std::string endpoint = "vpce-0123456789abcdef0";
    std::string header("\r\n\r\n\0\r\nQUIT\n\x21\x11", 14);
    const auto field_size = static_cast<char>(endpoint.size() + 1);
    header += std::string{'\0', static_cast<char>(12 + 3 + field_size)};
    header += std::string("\xc0\x00\x02\x07\x0a\x4d\x00\x02\x12\x67\x18\xa7", 12);
    header += std::string("\xea\0", 2) + field_size + '\x01' + endpoint;
    return header;
}

std::vector<Row> proxy_headers() {
    Row header = inbound({.name = "proxy_header",
                          .why = "what comes through an AWS endpoint begins with a PROXY header",
                          .port = 6311,
                          .listens = "0.0.0.0"},
                         {.probes = {{"packets", "", "ok"}},
                          .evidence = {"PROXY header", "192.0.2.7", "vpce-0123456789abcdef0"}});
    header.visitors[0].send = proxy_header() + "hello";
    return {header};
}

// ---- from this host ----

Row outbound(const std::string& name, const std::string& why, std::uint16_t port, const std::string& window,
             Expected expected) {
    return {.name = "watch_outbound_" + name,
            .why = why,
            .visitors = {{.from = own_address, .to = "{a}", .port = port, .outbound = true}},
            .config = watch("outbound", port, window, "peer = [\"{a}/32\"]\n"),
            .expected = std::move(expected)};
}

std::vector<Row> from_here() {
    Row served = outbound("served", "what this host opens is served", 6401, short_look,
                          {.at_least = "high", .probes = {{"packets", "", "ok"}}, .evidence = {"{a}:6401"}});
    served.servers = {{.address = "{a}", .port = 6401, .behaviour = lab::echoes()}};
    const Row refused = outbound("refused", "nothing listens at the other side", 6402, short_look,
                                 {.cause = "connection_refused", .probes = {{"packets", "", "refused"}}});
    Row dropped = outbound("dropped", "a router drops what this host opens", 6403, long_enough,
                           {.cause = "syn_unanswered", .probes = {{"packets", "", "timeout"}}});
    dropped.router_rules = "forward ip daddr {a} drop";
    return {served, refused, dropped};
}

}  // namespace

std::vector<Row> watch_rows() {
    std::vector<Row> rows;
    for (auto& part :
         {healthy_inbound(), nobody_home(), unanswered_inbound(), proxy_headers(), from_here()}) {
        rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
}

}  // namespace whylink::netns_test
