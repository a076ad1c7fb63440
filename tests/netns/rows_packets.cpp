// What the wire tells beyond the sockets: who dropped, who reset, and where large packets die.
#include <utility>

#include "config_text.hpp"
#include "rows.hpp"

namespace whylink::netns_test {
namespace {

const std::vector<NameServer> to_a{{"{dns}", "db.corp.test A {a}"}};
const std::vector<NameServer> to_a6{{"{dns}", "db.corp.test AAAA {a6}"}};

// Long enough for segments to be sent again, whatever the machine does.
const std::string patient = "timeout = \"3s\"\n";

Row silent(const std::string& name, const std::string& why, Expected expected) {
    return {.name = "packets_" + name,
            .why = why,
            .resolvers = to_a,
            .servers = {{.address = "{a}", .port = 5432}},
            .config = plain(impatient),
            .expected = std::move(expected)};
}

Row over_ipv6(Row row) {
    row.name += "_ipv6";
    row.resolvers = to_a6;
    row.servers[0].address = "{a6}";
    for (auto& probe : row.expected.probes) {
        probe.where = "{a6}";
    }
    for (auto& counted : row.expected.packets) {
        counted.address = "{a6}";
    }
    return row;
}

// ---- the SYN and its answer ----

std::vector<Row> local_rules() {
    Expected eaten{.cause = "local_firewall",
                   .at_least = "high",
                   .probes = {{"tcp", "{a}", "timeout"}},
                   .excluded = {"syn_unanswered"},
                   .packets = {{"{a}", "syn", 0, 0}, {"{a}", "syn_ack", 0, 0}}};
    Row output = silent("output_dropped", "a local rule drops the SYN: none leaves", eaten);
    output.client_rules = "output ip daddr {a} drop";
    Row output6 = over_ipv6(output);
    output6.client_rules = "output ip6 daddr {a6} drop";

    Expected unheard = eaten;
    unheard.packets = {{"{a}", "syn", 1}, {"{a}", "syn_ack", 1}, {"{a}", "handshake_ack", 0, 0}};
    Row input =
        silent("input_dropped", "a local rule drops the SYN-ACK: it arrives, and nothing follows", unheard);
    input.client_rules = "input ip saddr {a} drop";
    Row input6 = over_ipv6(input);
    input6.client_rules = "input ip6 saddr {a6} drop";
    return {output, output6, input, input6};
}

std::vector<Row> unanswered() {
    Row dropped = silent("syn_dropped", "a router drops the SYN: it left, and no answer came",
                         {.cause = "syn_unanswered",
                          .probes = {{"tcp", "{a}", "timeout"}},
                          .excluded = {"local_firewall"},
                          .packets = {{"{a}", "syn", 1}, {"{a}", "syn_ack", 0, 0}}});
    dropped.router_rules = "forward ip daddr {a} drop";
    Row dropped6 = over_ipv6(dropped);
    dropped6.router_rules = "forward ip6 daddr {a6} drop";
    Row answer = dropped;
    answer.name = "packets_answer_dropped";
    answer.why = "a router drops the SYN-ACK: this side cannot tell that from the above";
    answer.router_rules = "forward ip saddr {a} drop";
    Row neighbour = silent("neighbour_silent", "nobody answers ARP: no SYN leaves, and no rule is to blame",
                           {.cause = "no_route",
                            .at_most = "medium",
                            .probes = {{"tcp", "10.77.0.79", "timeout"}},
                            .excluded = {"local_firewall"}});
    neighbour.resolvers = {{"{dns}", "db.corp.test A 10.77.0.79"}};
    return {dropped, dropped6, answer, neighbour};
}

// ---- an established connection ----

Row handshake(const std::string& name, const std::string& why, Expected expected,
              const std::string& more = "") {
    return {.name = "packets_" + name,
            .why = why,
            .resolvers = to_a,
            .servers = {{.address = "{a}",
                         .port = 5432,
                         .behaviour = lab::speaks(certificates().service("good"))}},
            .config = secure(more),
            .expected = std::move(expected)};
}

// The ClientHello is the first that is longer than this.
const std::string client_hello = "meta length > 200 ";

std::vector<Row> resets() {
    Row in_path = handshake("reset_in_path", "a middlebox answers the ClientHello with RST",
                            {.cause = "reset_in_path",
                             .at_most = "medium",
                             .probes = {{"tls", "{a}", "pending_allowlist"}},
                             .alternatives = {"not_on_allowlist"},
                             .packets = {{"{a}", "rst_received", 1}, {"{a}", "handshake_ack", 1}}});
    in_path.router_rules = "forward ip daddr {a} " + client_hello + "reject with tcp reset";
    Row in_path6 = over_ipv6(in_path);
    in_path6.router_rules = "forward ip6 daddr {a6} " + client_hello + "reject with tcp reset";

    Row by_server =
        handshake("reset_by_server", "the server resets by itself, and is known to keep an allow-list",
                  {.cause = "not_on_allowlist",
                   .at_least = "high",
                   .probes = {{"tls", "{a}", "pending_allowlist"}},
                   .excluded = {"reset_in_path"},
                   .packets = {{"{a}", "rst_received", 1}}},
                  "profile = \"clickhouse-azure\"\napp = \"none\"\n");
    by_server.servers[0].behaviour = lab::reset_after_read();
    return {in_path, in_path6, by_server};
}

std::vector<Row> prohibited() {
    Row established = handshake("prohibited_established", "a router prohibits the ClientHello by ICMP",
                                {.cause = "path_prohibited",
                                 .probes = {{"tcp", "{a}", "ok"}, {"tls", "{a}", "prohibited"}},
                                 .evidence = {"10.77.0.1"}},
                                impatient);
    established.router_rules =
        "forward ip daddr {a} " + client_hello + "reject with icmp type admin-prohibited";
    return {established};
}

// ---- the path's MTU ----

constexpr const char* swallowed = "icmp type destination-unreachable icmp code frag-needed drop";

// Some 4 KB on the wire, of which the last segment is small.
lab::StreamBehaviour long_chain() {
    lab::TlsService service = certificates().service("good");
    for (const char* identity : {"expired", "other_name", "unknown_ca"}) {
        service.certificate += certificates().service(identity).certificate;
    }
    return lab::speaks(service);
}

// The router's own way to the client, for what comes from {a}: 1000 bytes at most.
Row narrow_to_client(const std::string& name, const std::string& why, Expected expected) {
    Row row = handshake(name, why, std::move(expected), patient);
    row.servers[0].behaviour = long_chain();
    row.router_ip =
        "rule add from {a} lookup {table}\n"
        "route add 10.77.0.0/24 dev client0 mtu lock 1000 table {table}\n";
    // What the server learns of the path stays with this row.
    row.server_ip =
        "rule add from {a} lookup {table}\n"
        "route add default via 10.99.0.1 table {table}\n";
    return row;
}

// A ClientHello beyond 1000 bytes: seven protocol names of 200 bytes.
std::string long_hello() {
    std::string names;
    for (char letter = 'a'; letter <= 'g'; ++letter) {
        names += (names.empty() ? "\"" : ", \"") + std::string(200, letter) + "\"";
    }
    return "alpn = [" + names + "]\n";
}

std::vector<Row> path_mtu() {
    const Expected hole{.cause = "path_mtu_black_hole",
                        .probes = {{"tcp", "{a}", "ok"}, {"tls", "{a}", "timeout"}}};
    Row to_client = narrow_to_client(
        "mtu_black_hole", "the server's large segments are lost, and the ICMP that says so too", hole);
    to_client.router_rules = std::string("output ip daddr {a} ") + swallowed;
    Row mended = narrow_to_client("mtu_told", "the same, and the ICMP arrives: the server sends less at once",
                                  {.probes = {{"tls", "{a}", "ok"}}});

    Row to_server =
        handshake("mtu_black_hole_outbound", "our large ClientHello is lost, again and again", hole);
    to_server.config = secure(patient, long_hello());
    to_server.router_ip = "route add {a}/32 via 10.99.0.2 mtu lock 1000";
    to_server.router_rules = std::string("output ip daddr 10.77.0.2 ") + swallowed;
    to_server.expected.packets = {{"{a}", "lost_segment_times_sent", 2}};
    return {to_client, mended, to_server};
}

// ---- without the capability ----

std::vector<Row> without_capture() {
    const std::vector<std::string> without{"setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw"};
    Row silence = silent("not_permitted", "without CAP_NET_RAW: a local rule looks like one on the path",
                         {.cause = "syn_unanswered",
                          .probes = {{"tcp", "{a}", "timeout"}},
                          .alternatives = {"local_firewall"},
                          .captured = false});
    silence.client_rules = "output ip daddr {a} drop";
    silence.under = without;
    Row barred = handshake("not_permitted_reset", "without CAP_NET_RAW the sockets suffice for this",
                           {.cause = "not_on_allowlist",
                            .at_least = "high",
                            .probes = {{"tls", "{a}", "pending_allowlist"}},
                            .captured = false},
                           "profile = \"clickhouse-azure\"\napp = \"none\"\n");
    barred.servers[0].behaviour = lab::reset_after_read();
    barred.under = without;
    Row refused = silent("required_not_permitted", "capture is required and not permitted: exit status 3",
                         {.exit_status = 3, .refusal = "capture"});
    refused.config = "[capture]\nenabled = true\n" + plain();
    refused.under = without;
    Row off = silent("switched_off", "capture is switched off", {.captured = false});
    off.config = "[capture]\nenabled = false\n" + plain();
    return {silence, barred, refused, off};
}

}  // namespace

std::vector<Row> packet_rows() {
    std::vector<Row> rows;
    for (auto& part : {local_rules(), unanswered(), resets(), prohibited(), path_mtu(), without_capture()}) {
        rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
}

}  // namespace whylink::netns_test
