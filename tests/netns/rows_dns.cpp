// DNS: each way in which a resolver or its answer can be wrong.
#include "config_text.hpp"
#include "rows.hpp"

namespace whylink::netns_test {
namespace {

const std::string good_zone = "db.corp.test A {a}\n";

std::vector<Server> good_server() {
    return {{.address = "{a}", .port = 5432}};
}

std::vector<NameServer> resolver(const std::string& zone) {
    return {{"{dns}", zone}};
}

// The resolver gives no usable answer at all.
Row failing(const std::string& name, const std::string& why, const std::string& zone,
            const std::string& outcome, const std::string& cause, const std::string& more = "") {
    return {.name = name,
            .why = why,
            .resolvers = resolver(zone),
            .config = plain(more),
            .expected = {.cause = cause, .probes = {{"dns", "{dns}:53", outcome}}}};
}

// The resolver does something odd, and the answer gets through nevertheless.
Row odd_but_healthy(const std::string& name, const std::string& why, const std::string& zone) {
    return {.name = name,
            .why = why,
            .resolvers = resolver(zone),
            .servers = good_server(),
            .config = plain(),
            .expected = {.probes = {{"dns", "{dns}:53", "ok"}, {"tcp", "{a}", "ok"}}}};
}

std::vector<Row> answers() {
    return {
        odd_but_healthy("dns_answers", "nothing is wrong", good_zone),
        odd_but_healthy(
            "dns_alias_chain", "two aliases in front of the address",
            "db.corp.test CNAME one.corp.test\none.corp.test CNAME two.corp.test\ntwo.corp.test A {a}"),
        odd_but_healthy("dns_wrong_id_first", "a reply with another id precedes the good one",
                        good_zone + "ALL FAULT wrong_id_then_good"),
        odd_but_healthy("dns_truncated", "TC over UDP, answered over TCP", good_zone + "ALL FAULT truncated"),
        odd_but_healthy("dns_no_edns", "FORMERR for every query with EDNS", good_zone + "ALL FAULT no_edns"),
        odd_but_healthy("dns_drops_first", "the first datagram of each query is lost",
                        good_zone + "ALL FAULT drops_first"),
        odd_but_healthy("dns_slow", "answers after 300 ms", good_zone + "ALL FAULT slow"),
        {.name = "dns_aaaa_only",
         .why = "an IPv6 address and no IPv4 one",
         .resolvers = resolver("db.corp.test AAAA {a6}"),
         .servers = {{.address = "{a6}", .port = 5432}},
         .config = plain(),
         .expected = {.probes = {{"dns", "{dns}:53", "ok"}, {"tcp", "{a6}", "ok"}}}},
        {.name = "dns_aaaa_silent",
         .why = "AAAA queries get no reply, A does",
         .resolvers = resolver(good_zone + "ALL FAULT silent AAAA"),
         .servers = good_server(),
         .config = plain(impatient),
         // Programs wait for the second answer, each time.
         .expected = {.severity = "warning", .probes = {{"dns", "{dns}:53", "ok"}, {"tcp", "{a}", "ok"}}}},
        {.name = "dns_aaaa_without_route",
         .why = "an IPv6 address beside the IPv4 one, on a VM without a route for IPv6",
         .resolvers = resolver(good_zone + "db.corp.test AAAA fd66::1"),
         .servers = good_server(),
         .config = plain(),
         .expected = {.probes = {{"dns", "{dns}:53", "ok"}, {"tcp", "{a}", "ok"}}}},
        {.name = "dns_over_ipv6",
         .why = "the resolver has an IPv6 address",
         .resolvers = {{"{dns6}", good_zone}},
         .servers = good_server(),
         .config = plain("resolvers = [\"[{dns6}]:53\"]\n"),
         .expected = {.probes = {{"dns", "[{dns6}]:53", "ok"}, {"tcp", "{a}", "ok"}}}},
        {.name = "dns_system_resolver",
         .why = "the resolver of /etc/resolv.conf",
         .resolvers = resolver(good_zone),
         .servers = good_server(),
         .config = plain("resolvers = [\"system\"]\n"),
         .files = {{"/etc/resolv.conf", "nameserver {dns}\n"}, {"/etc/hosts", "127.0.0.1 localhost\n"}},
         .expected = {.probes = {{"dns", "{dns}:53", "ok"}, {"tcp", "{a}", "ok"}}}},
        {.name = "dns_no_nameserver",
         .why = "/etc/resolv.conf names none, and nothing listens where the C library asks then",
         .resolvers = resolver(good_zone),
         .servers = good_server(),
         .config = plain("resolvers = [\"system\"]\n"),
         .files = {{"/etc/resolv.conf", "search corp.test\n"}, {"/etc/hosts", "127.0.0.1 localhost\n"}},
         .expected = {.cause = "resolver_unreachable",
                      .probes = {{"dns", "127.0.0.1:53", "refused"}},
                      .evidence = {"names no nameserver"}}},
    };
}

std::vector<Row> refusals() {
    return {
        failing("dns_nxdomain", "the name does not exist", "other.corp.test A {a}", "nxdomain",
                "private_dns_missing"),
        failing("dns_nodata", "the name exists with a TXT record only", "db.corp.test TXT x", "nodata",
                "private_dns_missing"),
        failing("dns_dangling_alias", "an alias to a name that does not exist",
                "db.corp.test CNAME gone.corp.test", "nxdomain", "private_dns_missing"),
        failing("dns_servfail", "the resolver says SERVFAIL", "ALL FAULT servfail", "servfail",
                "resolver_failing"),
        failing("dns_refused", "the resolver says REFUSED", "ALL FAULT refused", "query_refused",
                "resolver_failing"),
        failing("dns_garbage", "64 bytes that are no DNS message", "ALL FAULT garbage", "bad_response",
                "resolver_failing", impatient),
        failing("dns_five_bytes", "a reply shorter than a header", "ALL FAULT no_header", "bad_response",
                "resolver_failing", impatient),
        failing("dns_wrong_id", "replies with another id only", good_zone + "ALL FAULT wrong_id",
                "bad_response", "resolver_failing", impatient),
        failing("dns_wrong_question", "replies to another name", good_zone + "ALL FAULT wrong_question",
                "bad_response", "resolver_failing", impatient),
        failing("dns_echoed_query", "the query itself comes back", "ALL FAULT not_a_response", "bad_response",
                "resolver_failing", impatient),
        failing("dns_compression_loop", "a compression pointer to itself", "ALL FAULT loop", "bad_response",
                "resolver_failing", impatient),
        failing("dns_cut_record", "the last record lacks its end", "ALL FAULT cut_record", "bad_response",
                "resolver_failing", impatient),
        failing("dns_truncated_tcp_closed", "TC over UDP, and a closed connection over TCP",
                good_zone + "ALL FAULT truncated_tcp_closed", "bad_response", "resolver_failing", impatient),
        failing("dns_no_question", "a reply without the question section",
                good_zone + "ALL FAULT no_question", "bad_response", "resolver_failing", impatient),
        failing("dns_alias_loop", "two aliases for each other", "ALL FAULT cname_loop", "bad_response",
                "resolver_failing"),
        failing("dns_notimp", "the resolver says NOTIMP", "ALL FAULT notimp", "servfail", "resolver_failing"),
        failing("dns_formerr", "the resolver says FORMERR, with EDNS and without", "ALL FAULT formerr",
                "servfail", "resolver_failing"),
        failing("dns_silent", "the resolver never replies", "ALL FAULT silent", "timeout",
                "resolver_unreachable", impatient),
        failing("dns_truncated_tcp_silent", "TC over UDP, and silence over TCP",
                good_zone + "ALL FAULT truncated_tcp_silent", "timeout", "resolver_failing", impatient),
    };
}

// The way to the resolver is blocked; `router` is what the router does with the queries.
Row blocked(const std::string& name, const std::string& why, const std::string& router,
            const std::string& outcome) {
    Row row = failing(name, why, good_zone, outcome, "resolver_unreachable", impatient);
    row.router_rules = "forward ip daddr {dns} " + router;
    return row;
}

std::vector<Row> unreachable_resolvers() {
    Row closed = failing("dns_port_closed", "no name server there: ICMP port unreachable", "", "refused",
                         "resolver_unreachable");
    closed.resolvers.clear();
    Row closed6{.name = "dns_port_closed_ipv6",
                .why = "no name server there: ICMPv6 port unreachable",
                .config = plain("resolvers = [\"{dns6}\"]\n"),
                .expected = {.cause = "resolver_unreachable", .probes = {{"dns", "[{dns6}]:53", "refused"}}}};
    Row local = failing("dns_rejected_by_this_vm", "a local rule rejects the queries", good_zone,
                        "prohibited", "local_firewall");
    local.client_rules = "output ip daddr {dns} reject with icmp type admin-prohibited";
    local.expected.probes[0].outcome = "";
    return {
        closed,
        closed6,
        local,
        blocked("dns_dropped", "a router drops the queries", "drop", "timeout"),
        blocked("dns_prohibited", "a router answers: administratively prohibited",
                "reject with icmp type admin-prohibited", "prohibited"),
        blocked("dns_host_unreachable", "a router answers: host unreachable",
                "reject with icmp type host-unreachable", "unreachable"),
        blocked("dns_net_unreachable", "a router answers: net unreachable",
                "reject with icmp type net-unreachable", "unreachable"),
    };
}

std::vector<Row> wrong_addresses() {
    return {
        {.name = "dns_public_answer",
         .why = "the private name answers with a public address, where something listens",
         .resolvers = resolver("db.corp.test A {public}"),
         .servers = {{.address = "{public}", .port = 5432}},
         .config = plain(),
         .expected = {.cause = "private_dns_bypassed",
                      .probes = {{"dns", "{dns}:53", "public_address"}, {"tcp", "{public}", "ok"}},
                      .evidence = {"{public}"}}},
        {.name = "dns_public_answer_ipv6",
         .why = "a public IPv6 address",
         .resolvers = resolver("db.corp.test AAAA {public6}"),
         .servers = {{.address = "{public6}", .port = 5432}},
         .config = plain(),
         .expected = {.cause = "private_dns_bypassed",
                      .probes = {{"dns", "{dns}:53", "public_address"}, {"tcp", "{public6}", "ok"}}}},
        {.name = "dns_public_answer_expected",
         .why = "a public address that `expect` has",
         .resolvers = resolver("db.corp.test A {public}"),
         .servers = {{.address = "{public}", .port = 5432}},
         .config = plain("expect = [\"{public}\"]\n")},
        {.name = "dns_public_answer_allowed",
         .why = "a public address under `private = false`",
         .resolvers = resolver("db.corp.test A {public}"),
         .servers = {{.address = "{public}", .port = 5432}},
         .config = plain("private = false\n")},
        {.name = "dns_public_and_dead",
         .why = "a public address where nothing answers: the DNS cause wins",
         .resolvers = resolver("db.corp.test A {public}"),
         .router_rules = "forward ip daddr {public} drop",
         .config = plain(impatient),
         .expected = {.cause = "private_dns_bypassed",
                      .probes = {{"dns", "", "public_address"}, {"tcp", "{public}", "timeout"}}}},
        {.name = "dns_stale_address",
         .why = "a private address outside `expect`",
         .resolvers = resolver("db.corp.test A {b}"),
         .servers = {{.address = "{b}", .port = 5432}},
         .config = plain("expect = [\"{a}\"]\n"),
         .expected = {.cause = "wrong_dns_record",
                      .probes = {{"dns", "{dns}:53", "unexpected_address"}, {"tcp", "{b}", "ok"}},
                      .evidence = {"{b}"}}},
        {.name = "dns_loopback_answer",
         .why = "an answer of 127.0.0.1",
         .resolvers = resolver("db.corp.test A 127.0.0.1"),
         .config = plain(),
         .expected = {.cause = "wrong_dns_record", .probes = {{"dns", "{dns}:53", "unexpected_address"}}}},
        {.name = "dns_two_hundred_addresses",
         .why =
             "200 addresses where nothing listens beside the good one; too long for UDP, and 64 of them are tried",
         .resolvers = resolver(good_zone + "ALL FAULT many"),
         .servers = good_server(),
         .config = plain(),
         .expected = {.cause = "one_address_failing",
                      .severity = "warning",
                      .probes = {{"dns", "{dns}:53", "ok"},
                                 {"tcp", "{a}", "ok"},
                                 {"tcp", "10.0.255.9", "refused"}}}},
        {.name = "dns_public_host_fine",
         .why = "the public name has a public address of its own",
         .resolvers = resolver(good_zone + "db.pub.test A {public}"),
         .servers = good_server(),
         .config = plain("public_host = \"db.pub.test\"\n")},
        {.name = "dns_public_host_private_by_address",
         .why = "the host is an address, and the public name answers with it",
         .resolvers = resolver(good_zone + "db.pub.test A {a}"),
         .servers = good_server(),
         .config = plain("host = \"{a}\"\npublic_host = \"db.pub.test\"\n"),
         .expected = {.cause = "wrong_dns_record",
                      .severity = "warning",
                      .probes = {{"dns", "db.pub.test", "unexpected_address"}, {"tcp", "{a}", "ok"}}}},
        {.name = "dns_public_host_private",
         .why = "the public name answers with the private address",
         .resolvers = resolver(good_zone + "db.pub.test A {a}"),
         .servers = good_server(),
         .config = plain("public_host = \"db.pub.test\"\n"),
         .expected = {.cause = "wrong_dns_record",
                      .severity = "warning",
                      .probes = {{"dns", "db.corp.test", "ok"},
                                 {"dns", "db.pub.test", "unexpected_address"}}}},
    };
}

Row beside_a_good_one(const std::string& name, const std::string& why, const std::string& zone,
                      const std::string& outcome, const std::string& cause) {
    return {.name = name,
            .why = why,
            .resolvers = {{"{dns}", good_zone}, {"{dns2}", zone}},
            .servers = good_server(),
            .config = plain(impatient + "resolvers = [\"{dns}\", \"{dns2}\"]\n"),
            .expected = {
                .cause = cause,
                .severity = "warning",
                .probes = {{"dns", "{dns}:53", "ok"}, {"dns", "{dns2}:53", outcome}, {"tcp", "{a}", "ok"}},
                .evidence = {"{dns2}"}}};
}

std::vector<Row> two_resolvers() {
    return {
        beside_a_good_one("dns_one_silent", "one of two resolvers is silent", "ALL FAULT silent", "timeout",
                          "resolver_unreachable"),
        beside_a_good_one("dns_one_servfail", "one of two resolvers says SERVFAIL", "ALL FAULT servfail",
                          "servfail", "resolver_failing"),
        beside_a_good_one("dns_one_garbage", "one of two resolvers sends garbage", "ALL FAULT garbage",
                          "bad_response", "resolver_failing"),
        beside_a_good_one("dns_one_nxdomain", "one of two resolvers does not know the zone", "", "nxdomain",
                          "resolvers_disagree"),
        {.name = "dns_two_views",
         .why = "two resolvers, two private addresses, both alive",
         .resolvers = {{"{dns}", good_zone}, {"{dns2}", "db.corp.test A {b}"}},
         .servers = {{.address = "{a}", .port = 5432}, {.address = "{b}", .port = 5432}},
         .config = plain("resolvers = [\"{dns}\", \"{dns2}\"]\n"),
         .expected = {.cause = "resolvers_disagree",
                      .severity = "warning",
                      .healthy = true,
                      .probes = {{"tcp", "{a}", "ok"}, {"tcp", "{b}", "ok"}},
                      .evidence = {"{a}", "{b}"}}},
    };
}

std::vector<Row> hosts_file() {
    const std::string system = "resolvers = [\"system\"]\n";
    const std::string resolv_conf = "nameserver {dns}\n";
    return {
        {.name = "hosts_file_shadows",
         .why = "an old address in /etc/hosts hides the good answer",
         .resolvers = resolver(good_zone),
         .servers = good_server(),
         .config = plain(system + "expect = [\"{a}\"]\n"),
         .files = {{"/etc/resolv.conf", resolv_conf}, {"/etc/hosts", "{b} db.corp.test\n"}},
         .expected = {.cause = "wrong_dns_record",
                      .probes = {{"dns", "", "unexpected_address"}},
                      .evidence = {"hosts"}}},
        {.name = "hosts_file_alone",
         .why = "/etc/hosts has the right address, and the resolver does not know the name",
         .resolvers = resolver("other.corp.test A {b}"),
         .servers = good_server(),
         .config = plain(system),
         .files = {{"/etc/resolv.conf", resolv_conf}, {"/etc/hosts", "{a} db.corp.test\n"}},
         .expected = {.probes = {{"dns", "", "ok"}, {"tcp", "{a}", "ok"}}}},
    };
}

}  // namespace

std::vector<Row> dns_rows() {
    std::vector<Row> rows;
    for (auto& part :
         {answers(), refusals(), unreachable_resolvers(), wrong_addresses(), two_resolvers(), hosts_file()}) {
        rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
}

}  // namespace whylink::netns_test
