// What stands between the check and the endpoint on this host: redirects, translations, containers, tunnels, and
// tables that are full.
#include <utility>

#include "config_text.hpp"
#include "rows.hpp"

namespace whylink::netns_test {
namespace {

const std::vector<NameServer> to_a{{"{dns}", "db.corp.test A {a}"}};
const std::vector<NameServer> to_a6{{"{dns}", "db.corp.test AAAA {a6}"}};

const std::vector<std::string> without_capture{"setpriv", "--bounding-set", "-net_raw", "--inh-caps",
                                               "-net_raw"};

std::vector<Server> good_tls_at(const std::string& address) {
    return {{.address = address, .port = 5432, .behaviour = lab::speaks(certificates().service("good"))}};
}

void replace_all(std::string& text, const std::string& old, const std::string& by) {
    for (auto at = text.find(old); at != std::string::npos; at = text.find(old, at + by.size())) {
        text.replace(at, old.size(), by);
    }
}

/// All rows share the client: a proxy of its own for each.
void move_own_servers(Row& row) {
    for (Server& server : row.own_servers) {
        const std::string old = std::to_string(server.port);
        server.port = static_cast<std::uint16_t>(server.port + 100);
        const std::string by = std::to_string(server.port);
        replace_all(row.client_rules, old, by);
        replace_all(row.client_ip, old, by);
        for (std::string& text : row.expected.summary) {
            replace_all(text, old, by);
        }
    }
}

/// The row again, without capture: with what the sockets say alone.
Row unprivileged(Row row) {
    row.name += "_not_captured";
    row.why += ", without capture";
    row.under = without_capture;
    row.expected.captured = false;
    row.expected.packets.clear();
    move_own_servers(row);
    return row;
}

// ---- this host takes the connection ----

/// What reaches for {a} port 5432 ends at `port` of this host.
Row redirected(const std::string& name, const std::string& why, std::uint16_t port,
               lab::StreamBehaviour proxy, std::string config) {
    Row row{.name = "field_" + name,
            .why = why,
            .resolvers = to_a,
            .servers = good_tls_at("{a}"),
            .own_servers = {{.address = "0.0.0.0", .port = port, .behaviour = std::move(proxy)}},
            .client_rules = "nat_output ip daddr {a} tcp dport 5432 redirect to :" + std::to_string(port),
            .config = std::move(config),
            .expected = {
                .cause = "local_interception",
                .at_least = "high",
                .excluded = {"not_on_allowlist", "backend_silent", "certificate_problem", "wrong_service"},
                .summary = {std::to_string(port)}}};
    return row;
}

const std::string listed = "profile = \"clickhouse-azure\"\napp = \"none\"\n";

std::vector<Row> redirects() {
    Row resets =
        redirected("redirect_resets", "a sidecar takes the connection and resets it after the ClientHello",
                   15101, lab::reset_after_read(), secure(listed));
    resets.expected.probes = {{"tls", "{a}", "pending_allowlist"}};
    Row closes = redirected("redirect_closes", "a sidecar takes the connection and closes it", 15102,
                            lab::close_after_read(), secure());
    Row resets_at_once = redirected("redirect_resets_at_once", "a sidecar resets as soon as it has accepted",
                                    15103, lab::reset_at_accept(), secure(listed));
    Row silent = redirected("redirect_silent", "a local proxy takes the connection and stays silent", 15104,
                            lab::silent(), secure(impatient));
    Row certificate =
        redirected("redirect_certificate", "a local proxy completes TLS with a certificate of its own", 15105,
                   lab::speaks(certificates().service("unknown_ca")), secure());
    Row plain_text =
        redirected("redirect_plain_text", "a local proxy answers in plain text", 15106,
                   lab::replies("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n"), secure());
    Row nobody =
        redirected("redirect_to_nobody", "a redirect leads to a port of this host where nothing listens",
                   15107, lab::silent(), secure());
    nobody.own_servers.clear();
    nobody.expected.excluded = {"connection_refused", "local_firewall"};
    Row lost = redirected("redirect_lost", "a redirect leads to a port of this host that a rule drops", 15108,
                          lab::silent(), secure(impatient));
    lost.client_rules += "\ninput tcp dport 15108 drop";
    lost.expected.excluded = {"syn_unanswered", "local_firewall"};
    lost.expected.summary = {"nothing answers there"};
    Row v6 = redirected("redirect_ipv6", "a sidecar takes an IPv6 connection and resets it", 15109,
                        lab::reset_after_read(), secure(listed));
    v6.resolvers = to_a6;
    v6.servers[0].address = "{a6}";
    v6.own_servers[0].address = "::";
    v6.client_rules = "nat_output ip6 daddr {a6} tcp dport 5432 redirect to :15109";
    std::vector<Row> rows{resets, closes, resets_at_once, silent, certificate, plain_text, nobody, lost, v6};
    for (const Row& row : {resets, closes, silent, certificate, plain_text, v6}) {
        rows.push_back(unprivileged(row));
    }
    // Without packets nothing tells a refusal by this host from one by a near server.
    Row refused = unprivileged(nobody);
    refused.expected = {.cause = "connection_refused",
                        .at_most = "medium",
                        .alternatives = {"local_interception"},
                        .captured = false};
    rows.push_back(refused);
    return rows;
}

/// Only a socket with IP_TRANSPARENT is handed what TPROXY takes.
Daemon transparent_proxy(std::uint16_t port) {
    const std::string text = std::to_string(port);
    return {
        .argv = {"python3", "{dir}/proxy.py"},
        .files =
            {{"{dir}/proxy.py",
              "import socket, struct\n"
              "server = socket.socket()\n"
              "server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
              "server.setsockopt(socket.SOL_IP, 19, 1)\n"  // IP_TRANSPARENT
              "server.bind((\"127.0.0.1\", " +
                  text +
                  "))\n"
                  "server.listen(64)\n"
                  "while True:\n"
                  "    client = server.accept()[0]\n"
                  "    client.settimeout(2)\n"
                  "    try:\n"
                  "        client.recv(4096)\n"
                  "    except OSError:\n"
                  "        pass\n"
                  "    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(\"ii\", 1, 0))\n"
                  "    client.close()\n"}},
        .ready_address = "127.0.0.1",
        .ready_port = port};
}

Row transparent(std::uint16_t port) {
    const std::string text = std::to_string(port);
    Row row = redirected("tproxy_resets", "a transparent proxy (TPROXY) takes the connection and resets it",
                         port, lab::silent(), secure(listed));
    row.own_servers.clear();
    row.own_daemons = {transparent_proxy(port)};
    // Marked packets come back in over the loopback interface, where they are handed to the proxy's socket.
    row.client_rules =
        "route_output ip daddr {a} tcp dport 5432 meta mark set " + text +
        "\ntproxy_prerouting iif lo ip daddr {a} tcp dport 5432 tproxy ip to 127.0.0.1:" + text + " accept";
    row.client_ip =
        "rule add fwmark " + text + " lookup {table}\nroute add local 0.0.0.0/0 dev lo table {table}";
    row.expected.summary.clear();
    return row;
}

std::vector<Row> transparent_proxies() {
    return {transparent(15111), unprivileged(transparent(15112))};
}

// ---- this host sends it elsewhere ----

std::vector<Row> translations() {
    Row dnat{.name = "field_dnat_resets",
             .why = "a DNAT rule of this host leads to another server, which resets",
             .resolvers = to_a,
             .servers = {{.address = "{b}", .port = 5432, .behaviour = lab::reset_after_read()}},
             .client_rules = "nat_output ip daddr {a} dnat ip to {b}",
             .config = secure(listed),
             .expected = {.cause = "local_interception",
                          .at_least = "high",
                          .excluded = {"not_on_allowlist"},
                          .summary = {"{b}:5432"}}};
    Row silent = dnat;
    silent.name = "field_dnat_dropped";
    silent.why = "a DNAT rule of this host leads to an address that nobody answers for";
    silent.config = secure(impatient);
    silent.router_rules = "forward ip daddr {b} drop";
    silent.expected.excluded = {"syn_unanswered", "local_firewall"};
    Row wrong = dnat;
    wrong.name = "field_dnat_certificate";
    wrong.why = "a DNAT rule of this host leads to a server with another certificate";
    wrong.servers[0].behaviour = lab::speaks(certificates().service("other_name"));
    wrong.config = secure();
    wrong.expected.excluded = {"wrong_service"};
    Row refused = dnat;
    refused.name = "field_dnat_refused";
    refused.why = "a DNAT rule of this host leads to a server that refuses";
    refused.servers.clear();
    refused.config = secure();
    refused.expected.excluded = {"connection_refused"};
    Row unseen = unprivileged(dnat);
    unseen.expected = {.cause = "not_on_allowlist",
                       .at_most = "medium",
                       .alternatives = {"local_interception"},
                       .captured = false};
    return {dnat, silent, wrong, refused, unseen};
}

// ---- a local proxy that passes on ----

std::vector<Row> relays() {
    Daemon proxy{
        .argv = {"haproxy", "-db", "-f", "{dir}/haproxy.cfg"},
        .files = {{"{dir}/haproxy.cfg",
                   "defaults\n mode tcp\n timeout connect 5s\n timeout client 5s\n timeout server 5s\n"
                   "frontend f\n bind 127.0.0.1:15121\n default_backend b\n"
                   "backend b\n server s {b}:5432\n"}},
        .ready_address = "127.0.0.1",
        .ready_port = 15121};
    Row relayed{.name = "field_relay_verified",
                .why = "a sidecar passes the connection on, and TLS is verified end to end",
                .resolvers = to_a,
                .servers = good_tls_at("{b}"),
                .own_daemons = {proxy},
                .client_rules = "nat_output ip daddr {a} tcp dport 5432 redirect to :15121",
                .config = secure(),
                .expected = {.at_least = "high"}};
    Row bare = redirected("relay_tcp_only", "a local proxy accepts, and TCP is all that is checked", 15122,
                          lab::silent(), plain());
    bare.expected = {.at_most = "low", .alternatives = {"local_interception"}, .summary = {"15122"}};
    return {relayed, bare};
}

// ---- an acceptance that means nothing ----

std::vector<Row> accepting_gateways() {
    Row all{.name = "field_gateway_accepts_all",
            .why = "a gateway accepts a connection to whatever port",
            .resolvers = to_a,
            .servers = {{.address = "0.0.0.0", .port = 15131}},
            .server_rules = "nat_prerouting ip daddr {a} meta l4proto tcp redirect to :15131",
            .config = plain(),
            .expected = {.at_most = "low", .summary = {"so does an unused port"}}};
    Row silent = all;
    silent.name = "field_gateway_accepts_all_silent";
    silent.why = "the same, and an application is configured";
    silent.servers[0].port = 15132;
    silent.server_rules = "nat_prerouting ip daddr {a} meta l4proto tcp redirect to :15132";
    silent.config = plain(impatient + "app = \"redis\"\n");
    silent.expected = {.cause = "backend_silent", .at_most = "medium", .alternatives = {"syn_unanswered"}};
    Row one{.name = "field_gateway_accepts_one",
            .why = "a server that listens on its port alone",
            .resolvers = to_a,
            .servers = {{.address = "{a}", .port = 5432}},
            .config = plain(),
            .expected = {.at_least = "high"}};
    return {all, silent, one};
}

// ---- the way out of this host ----

Row unreached(const std::string& name, const std::string& why, const std::string& ip, Expected expected) {
    return {.name = "field_" + name,
            .why = why,
            .resolvers = to_a,
            .servers = {{.address = "{a}", .port = 5432}},
            .client_ip = ip,
            .config = plain(impatient + "expect = [\"{a}\"]\n"),
            .expected = std::move(expected)};
}

std::vector<Row> ways_out() {
    Row bridge =
        unreached("bridge_covers_subnet", "a container bridge of this host covers the endpoint's subnet",
                  "link add br{table} type bridge\n"
                  "link add c{table} type veth peer name d{table}\n"
                  "link set c{table} master br{table}\n"
                  "link set c{table} up\n"
                  "link set d{table} up\n"
                  "link set br{table} up\n"
                  "addr add {net}.126/25 dev br{table}\n"
                  "route add {dns}/32 via 10.77.0.1\n",
                  {.cause = "no_route",
                   .at_least = "high",
                   .excluded = {"syn_unanswered"},
                   .summary = {"br{table} (bridge)", "containers"}});
    Row tunnel = unreached("tunnel_covers_subnet", "the route to the endpoint goes into a tunnel",
                           "link add vx{table} type vxlan id {table} dev eth0 dstport 4790 remote 10.77.0.1\n"
                           "link set vx{table} up\n"
                           "route add {a}/32 dev vx{table} src 10.77.0.2\n"
                           "neighbour add {a} lladdr 02:00:00:00:00:77 dev vx{table}\n",
                           {.cause = "syn_unanswered",
                            .at_most = "medium",
                            .alternatives = {"no_route"},
                            .summary = {"vx{table} (vxlan)"}});
    tunnel.router_rules = "input udp dport 4790 drop";
    Row source = unreached("source_of_other_interface", "the SYNs carry the address of another interface",
                           "link add mv{table} link eth0 type macvlan\n"
                           "link set mv{table} up\n"
                           "addr add {net}.250/32 dev mv{table}\n",
                           {.cause = "syn_unanswered",
                            .at_most = "medium",
                            .alternatives = {"no_route"},
                            .summary = {"another interface's source address"}});
    source.config = plain(impatient + "expect = [\"{a}\"]\nsource_address = \"{net}.250\"\n");
    source.resolvers = to_a;
    Row down = unreached("link_without_carrier", "the interface that the route uses has no carrier",
                         "link add dn{table} type veth peer name de{table}\n"
                         "link set dn{table} up\n"
                         "route add {a}/32 dev dn{table} src 10.77.0.2\n",
                         {.cause = "no_route",
                          .at_least = "high",
                          .excluded = {"syn_unanswered", "local_firewall"},
                          .summary = {"no carrier"}});
    std::vector<Row> rows{bridge, tunnel, source, down};
    for (const Row& row : {bridge, tunnel, source, down}) {
        rows.push_back(unprivileged(row));
    }
    return rows;
}

// ---- limits ----

/// whylink in a namespace of its own, which `prepare` has made ready.
std::vector<std::string> alone_after(const std::string& prepare) {
    return {"unshare", "--net", "sh", "-c", "ip link set lo up\n" + prepare + "\nexec \"$0\" \"$@\""};
}

std::vector<Row> limits() {
    Row ports{
        .name = "field_no_local_port",
        .why = "every local port is in use",
        .config = plain("host = \"127.0.0.2\"\n" + impatient),
        .under = alone_after("echo 50000 50001 > /proc/sys/net/ipv4/ip_local_port_range\n"
                             "python3 -c '\n"
                             "import os, socket\n"
                             "held = [socket.create_server((\"0.0.0.0\", port)) for port in (50000, 50001)]\n"
                             "if os.fork() == 0:\n"
                             "    import time\n"
                             "    time.sleep(20)\n"
                             "'"),
        .expected = {.cause = "local_limit",
                     .probes = {{"tcp", "127.0.0.2", "local_error"}},
                     .summary = {"all 2 local ports are in use", "50000-50001"},
                     .exit_status = 3}};
    return {ports};
}

}  // namespace

std::vector<Row> field_host_rows() {
    std::vector<Row> rows;
    for (auto& part : {redirects(), transparent_proxies(), translations(), relays(), accepting_gateways(),
                       ways_out(), limits()}) {
        rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
}

}  // namespace whylink::netns_test
