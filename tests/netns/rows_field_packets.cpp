// What public reports show of the wire: answers that come from elsewhere or come back, devices that look into what is
// sent, and SYNs that have to be sent again.
#include <utility>

#include "config_text.hpp"
#include "hello_rules.hpp"
#include "rows.hpp"

namespace whylink::netns_test {
namespace {

const std::string host = "db.corp.test";
const std::vector<NameServer> to_a{{"{dns}", "db.corp.test A {a}"}};
const std::vector<NameServer> to_a6{{"{dns}", "db.corp.test AAAA {a6}"}};
const std::vector<std::string> without_capture{"setpriv", "--bounding-set", "-net_raw", "--inh-caps",
                                               "-net_raw"};
const std::string known = "expect = [\"{a}\"]\n";
// Long enough for segments to be sent again, whatever the machine does.
const std::string patient = known + "timeout = \"3s\"\n";

// ---- the answer comes from elsewhere, or the SYN comes back ----

Row unanswered(const std::string& name, const std::string& why, const std::string& router_rules,
               Expected expected) {
    expected.probes = {{"tcp", "{a}", "timeout"}};
    return {.name = "field_" + name,
            .why = why,
            .resolvers = to_a,
            .servers = {{.address = "{a}", .port = 5432}},
            .router_rules = router_rules,
            .config = plain(known + impatient),
            .expected = std::move(expected)};
}

std::vector<Row> elsewhere() {
    const Expected hairpin{.cause = "syn_unanswered",
                           .at_least = "high",
                           .excluded = {"local_firewall"},
                           .evidence = {"came back"},
                           .remediation = {"client IP preservation"},
                           .summary = {"came back"}};
    const std::string to_client =
        "prerouting iifname client0 ip daddr {a} tcp dport 5432 ip daddr set 10.77.0.2";
    Row other_port = unanswered("hairpin_other_port", "the same, and the target's port is another one",
                                to_client + " tcp dport set 8443", hairpin);
    Row served =
        unanswered("hairpin_served", "the same, and the port is served on this host", to_client, hairpin);
    served.own_servers = {{.address = "10.77.0.2", .port = 5432}};
    Row v6 =
        unanswered("hairpin_ipv6", "the same in IPv6",
                   "prerouting iifname client0 ip6 daddr {a6} tcp dport 5432 ip6 daddr set fd77::2", hairpin);
    v6.resolvers = to_a6;
    v6.servers[0].address = "{a6}";
    v6.config = plain("expect = [\"{a6}\"]\n" + impatient);
    v6.expected.probes = {{"tcp", "{a6}", "timeout"}};
    Row loop = unanswered("routing_loop", "a router sends the SYN back to this host", "",
                          {.cause = "syn_unanswered",
                           .at_least = "high",
                           .excluded = {"local_firewall"},
                           .evidence = {"came back"},
                           .remediation = {"route"}});
    loop.router_ip = "route add {a}/32 via 10.77.0.2 dev client0";
    const Expected bypassed{.cause = "syn_unanswered",
                            .at_least = "high",
                            .excluded = {"local_firewall"},
                            .evidence = {"{b}"},
                            .remediation = {"return path"},
                            .summary = {"{b}"}};
    Row from_b = unanswered("answer_from_another_address",
                            "the SYN-ACK comes from the target and not from the load balancer",
                            "forward ip saddr {a} tcp sport 5432 ip saddr set {b}", bypassed);
    Row from_port = unanswered("answer_from_another_port", "likewise from the target's port",
                               "forward ip saddr {a} tcp sport 5432 tcp sport set 8443", bypassed);
    from_port.expected.evidence = {"8443"};
    from_port.expected.summary = {"8443"};
    return {
        unanswered("hairpin", "a load balancer that keeps client addresses picks the client as its target",
                   to_client, hairpin),
        other_port,
        served,
        v6,
        loop,
        from_b,
        from_port};
}

std::vector<Row> icmp() {
    Row translated{
        .name = "field_icmp_translated",
        .why = "an ICMP error quotes the packet as a NAT has changed it, so that no socket hears of it",
        .resolvers = to_a,
        .servers = {{.address = "{a}", .port = 5432}},
        .router_rules =
            "prerouting iifname client0 ip daddr {a} ip daddr set {b}\n"
            "forward ip daddr {b} tcp dport 5432 reject with icmp type admin-prohibited\n",
        .config = plain(known + impatient),
        .expected = {.cause = "path_prohibited",
                     .at_least = "high",
                     .probes = {{"tcp", "{a}", "prohibited"}},
                     .evidence = {"10.77.0.1", "translated"}}};
    Row tunnel{.name = "field_icmp_in_tunnel",
               .why = "the endpoint is behind a VXLAN tunnel whose other end is not there",
               .resolvers = to_a,
               .servers = {{.address = "{a}", .port = 5432}},
               .client_ip =
                   "link add field2 type vxlan id 42 remote 10.77.0.1 dstport 4789 dev eth0\n"
                   "link set field2 up\n"
                   "route add {a}/32 dev field2 src 10.77.0.2\n"
                   "neigh add {a} lladdr 02:00:00:00:00:01 dev field2\n",
               .config = plain(known + impatient),
               .expected = {.cause = "no_route",
                            .at_least = "high",
                            .probes = {{"tcp", "{a}", "unreachable"}},
                            .excluded = {"connection_refused", "local_firewall"},
                            .evidence = {"10.77.0.1", "tunnel"}}};
    return {translated, tunnel};
}

// ---- a middlebox looks into what is sent ----

Row filtered(const std::string& name, const std::string& why, const std::string& match, Expected expected,
             const std::string& tls = "") {
    expected.probes.push_back({"tls", "{a}", "timeout"});
    return {.name = "field_" + name,
            .why = why,
            .resolvers = to_a,
            .servers = {{.address = "{a}",
                         .port = 5432,
                         .behaviour = lab::speaks(certificates().service("good"))}},
            .router_rules = "forward ip daddr {a} tcp dport 5432 " + match + "drop",
            .config = secure(patient, tls),
            .expected = std::move(expected)};
}

// A ClientHello of two packets: nine protocol names of 200 bytes.
std::string two_packets() {
    std::string names;
    for (char letter = 'a'; letter <= 'i'; ++letter) {
        names += (names.empty() ? "\"" : ", \"") + std::string(200, letter) + "\"";
    }
    return "alpn = [" + names + "]\n";
}

std::vector<Row> by_content() {
    const Expected by_name{.cause = "filtered_in_path",
                           .at_least = "high",
                           .excluded = {"backend_silent", "path_mtu_black_hole"},
                           .summary = {host}};
    Row name = filtered("sni_dropped", "a device drops the packet with this server name",
                        has_server_name(host), by_name);
    Row blind =
        filtered("sni_dropped_not_captured", "the same, without CAP_NET_RAW", has_server_name(host), by_name);
    blind.under = without_capture;
    blind.expected.captured = false;
    // Without packets nothing says that no rule of this host led it elsewhere.
    blind.expected.at_least = "medium";
    Row inspected = filtered("sni_dropped_by_proxy",
                             "the device acknowledges and then says nothing: no packet is missing", "",
                             {.cause = "backend_silent", .at_most = "medium"});
    inspected.router_rules = "";
    inspected.servers[0].behaviour = lab::silent();
    const Expected by_size{.cause = "filtered_in_path",
                           .at_least = "high",
                           .excluded = {"backend_silent", "path_mtu_black_hole"},
                           .summary = {"ClientHello"}};
    Row size = filtered("long_hello_dropped", "a device drops a ClientHello that does not fit one packet",
                        begins_record_over(1400), by_size, two_packets());
    Row tls =
        filtered("tls_dropped", "a device drops TLS and passes plain text", begins_record(),
                 {.cause = "filtered_in_path", .at_least = "high", .excluded = {"path_mtu_black_hole"}});
    tls.servers[0].port = 443;
    tls.router_rules = "forward ip daddr {a} tcp dport 443 " + begins_record() + "drop";
    tls.config = secure(patient + "port = 443\n");
    Row tls13 = filtered("tls13_dropped", "a device drops TLS 1.3 and passes TLS 1.2", offers_tls13(),
                         {.cause = "filtered_in_path",
                          .at_least = "high",
                          .excluded = {"backend_silent", "path_mtu_black_hole"},
                          .summary = {"TLS 1.3"}});
    Row all = filtered("all_data_dropped", "a device passes the handshake of TCP and no data at all",
                       "meta length > 100 ",
                       {.cause = "filtered_in_path",
                        .at_most = "medium",
                        .alternatives = {"backend_silent"},
                        .excluded = {"path_mtu_black_hole"}});
    return {name, blind, inspected, size, tls, tls13, all};
}

// ---- SYNs that have to be sent again ----

Row slow(const std::string& name, const std::string& why, const std::string& match, Expected expected) {
    expected.probes = {{"tcp", "{a}", "ok"}};
    return {.name = "field_" + name,
            .why = why,
            .resolvers = to_a,
            .servers = {{.address = "{a}", .port = 5432}},
            .router_rules = "forward ip daddr {a} tcp dport 5432 " + match + " drop",
            .config = plain(patient),
            .expected = std::move(expected)};
}

std::vector<Row> slow_connects() {
    const Expected always{
        .at_least = "high", .severity = "warning", .healthy = true, .evidence = {"connected in 1"}};
    Row ecn = slow("ecn_dropped", "SYNs that ask for ECN are dropped: each connect takes a second more",
                   "tcp flags & (syn | ecn | cwr) == syn | ecn | cwr", always);
    ecn.client_ip = "route add {a}/32 via 10.77.0.1 features ecn";
    ecn.expected.summary = {"ECN"};
    const std::string syn = "tcp flags & (syn | ack) == syn ";
    Row each = slow("first_syn_dropped", "the first SYN of each connection is dropped",
                    syn + "numgen inc mod 2 == 0", always);
    Row once = slow("one_syn_dropped", "one SYN is lost, as networks do it", syn + "numgen inc mod 100 == 0",
                    {.at_least = "high", .evidence = {"connected in 1"}});
    return {ecn, each, once};
}

// ---- several targets, and one of them fails ----

/// In turn, the failing one first.
std::vector<Row> targets() {
    const std::string in_turn =
        "nat_prerouting ip daddr {a} tcp dport 5432 dnat to numgen inc mod 3 map { 0 : {b}, 1 : {c}, 2 : {c} }";
    const Expected one_of_them{.at_most = "medium", .alternatives = {"intermittent"}};
    Row hangs{
        .name = "field_one_target_hangs",
        .why = "one of three targets of a load balancer hangs",
        .resolvers = to_a,
        .servers = {{"{b}", 5432, lab::silent()}, {"{c}", 5432, lab::speaks(certificates().service("good"))}},
        .router_rules = in_turn,
        .config = secure(known + impatient),
        .expected = one_of_them};
    hangs.expected.cause = "backend_silent";
    hangs.expected.summary = {"some connections and not others"};
    Row resets = hangs;
    resets.name = "field_one_target_resets";
    resets.why = "one of three targets of a load balancer resets after the ClientHello";
    resets.servers[0].behaviour = lab::reset_after_read();
    resets.expected.cause = "service_failing";
    resets.expected.summary = {"serves others"};
    return {hangs, resets};
}

}  // namespace

std::vector<Row> field_packet_rows() {
    std::vector<Row> rows;
    for (auto& part : {elsewhere(), icmp(), by_content(), slow_connects(), targets()}) {
        rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
}

}  // namespace whylink::netns_test
