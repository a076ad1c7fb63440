// TCP: silence, refusals and what routers say, over IPv4 and IPv6.
#include <algorithm>

#include "config_text.hpp"
#include "rows.hpp"

namespace whylink::netns_test {
namespace {

std::vector<NameServer> to(const std::string& address) {
    const bool v6 = address.find('6') != std::string::npos;
    return {{"{dns}", "db.corp.test " + std::string(v6 ? "AAAA " : "A ") + address}};
}

Row at_address(const std::string& name, const std::string& why, const std::string& address,
               Expected expected) {
    return {.name = name,
            .why = why,
            .resolvers = to(address),
            .servers = {{.address = address, .port = 5432}},
            .config = plain(impatient),
            .expected = std::move(expected)};
}

// Test names hold no hyphens.
std::string test_name(const std::string& prefix, std::string name) {
    std::ranges::replace(name, '-', '_');
    return prefix + name;
}

// The router treats the SYN so.
Row by_router(const std::string& name, const std::string& why, const std::string& verdict,
              const std::string& outcome, const std::string& cause) {
    Row row = at_address(test_name("tcp_", name), why, "{a}",
                         {.cause = cause, .probes = {{"tcp", "{a}", outcome}}});
    row.router_rules = "forward ip daddr {a} " + verdict;
    return row;
}

Row by_router6(const std::string& name, const std::string& why, const std::string& verdict,
               const std::string& outcome, const std::string& cause) {
    Row row = at_address(test_name("tcp6_", name), why, "{a6}",
                         {.cause = cause, .probes = {{"tcp", "{a6}", outcome}}});
    row.router_rules = "forward ip6 daddr {a6} " + verdict;
    return row;
}

std::vector<Row> routers() {
    std::vector<Row> rows{
        by_router("dropped", "a router drops", "drop", "timeout", "syn_unanswered"),
        by_router("reset_by_router", "a router answers with RST", "meta l4proto tcp reject with tcp reset",
                  "refused", "connection_refused"),
    };
    struct Icmp {
        std::string type;
        std::string outcome;
        std::string cause;
    };
    for (const Icmp& icmp : std::vector<Icmp>{
             {"port-unreachable", "prohibited", "path_prohibited"},
             {"net-prohibited", "prohibited", "path_prohibited"},
             {"host-prohibited", "prohibited", "path_prohibited"},
             {"admin-prohibited", "prohibited", "path_prohibited"},
             {"net-unreachable", "unreachable", "no_route"},
             {"host-unreachable", "unreachable", "no_route"},
             {"prot-unreachable", "unreachable", "no_route"},
         }) {
        rows.push_back(by_router(icmp.type, "a router answers with ICMP " + icmp.type,
                                 "reject with icmp type " + icmp.type, icmp.outcome, icmp.cause));
        rows.back().expected.evidence = {"10.77.0.1"};
    }
    return rows;
}

std::vector<Row> routers6() {
    std::vector<Row> rows{
        by_router6("dropped", "a router drops", "drop", "timeout", "syn_unanswered"),
        by_router6("reset_by_router", "a router answers with RST", "meta l4proto tcp reject with tcp reset",
                   "refused", "connection_refused"),
    };
    struct Icmp {
        std::string type;
        std::string outcome;
        std::string cause;
    };
    for (const Icmp& icmp : std::vector<Icmp>{
             {"port-unreachable", "prohibited", "path_prohibited"},
             {"admin-prohibited", "prohibited", "path_prohibited"},
             {"policy-fail", "prohibited", "path_prohibited"},
             {"reject-route", "prohibited", "path_prohibited"},
             {"no-route", "unreachable", "no_route"},
             {"addr-unreachable", "unreachable", "no_route"},
         }) {
        rows.push_back(by_router6(icmp.type, "a router answers with ICMPv6 " + icmp.type,
                                  "reject with icmpv6 type " + icmp.type, icmp.outcome, icmp.cause));
        rows.back().expected.evidence = {"fd77::1"};
    }
    return rows;
}

std::vector<Row> routes() {
    Row ttl = at_address("tcp_time_exceeded", "a routing loop: the TTL runs out at the router", "{a}",
                         {.cause = "no_route", .probes = {{"tcp", "{a}", "unreachable"}}});
    ttl.router_rules = "prerouting ip daddr {a} ip ttl set 1";
    Row hop_limit = at_address("tcp6_time_exceeded", "the hop limit runs out at the router", "{a6}",
                               {.cause = "no_route", .probes = {{"tcp", "{a6}", "unreachable"}}});
    hop_limit.router_rules = "prerouting ip6 daddr {a6} ip6 hoplimit set 1";
    Row prohibited = at_address("tcp_prohibit_route", "a prohibit route at the router", "{a}",
                                {.cause = "path_prohibited", .probes = {{"tcp", "{a}", "prohibited"}}});
    prohibited.router_ip = "route add prohibit {a}/32";
    Row unreachable = at_address("tcp_unreachable_route", "an unreachable route at the router", "{a}",
                                 {.cause = "no_route", .probes = {{"tcp", "{a}", "unreachable"}}});
    unreachable.router_ip = "route add unreachable {a}/32";
    Row blackhole = at_address("tcp_blackhole_route", "a blackhole route at the router", "{a}",
                               {.cause = "syn_unanswered", .probes = {{"tcp", "{a}", "timeout"}}});
    blackhole.router_ip = "route add blackhole {a}/32";
    Row own_unreachable = at_address("tcp_own_unreachable_route", "an unreachable route on this host", "{a}",
                                     {.cause = "no_route", .probes = {{"tcp", "{a}", "unreachable"}}});
    own_unreachable.client_ip = "route add unreachable {a}/32";
    return {
        ttl,
        hop_limit,
        prohibited,
        unreachable,
        blackhole,
        own_unreachable,
        {.name = "tcp_no_route_here",
         .why = "this host has no route for the address",
         .resolvers = {{"{dns}", "db.corp.test A 10.210.0.1"}},
         .config = plain(),
         .expected = {.cause = "no_route",
                      .probes = {{"dns", "", "ok"}, {"tcp", "10.210.0.1", "unreachable"}}}},
        {.name = "tcp6_no_route_here",
         .why = "this host has no route for the IPv6 address",
         .resolvers = {{"{dns}", "db.corp.test AAAA fd66::1"}},
         .config = plain(),
         .expected = {.cause = "no_route", .probes = {{"tcp", "fd66::1", "unreachable"}}}},
        {.name = "tcp_neighbour_silent",
         .why = "nobody answers ARP: with a short time-out only the packets and the neighbour table tell",
         .resolvers = {{"{dns}", "db.corp.test A 10.77.0.77"}},
         .config = plain(impatient),
         .expected = {.cause = "no_route",
                      .at_most = "medium",
                      .probes = {{"tcp", "10.77.0.77", "timeout"}}}},
        {.name = "tcp_neighbour_unreachable",
         .why = "nobody answers ARP, and the kernel says so after three seconds",
         .resolvers = {{"{dns}", "db.corp.test A 10.77.0.78"}},
         .config = plain("timeout = \"6s\"\n"),
         .expected = {.cause = "no_route", .probes = {{"tcp", "10.77.0.78", "unreachable"}}}},
    };
}

std::vector<Row> servers() {
    Row nobody = at_address("tcp_nobody_listens", "nothing listens: RST to the SYN", "{a}",
                            {.cause = "connection_refused", .probes = {{"tcp", "{a}", "refused"}}});
    nobody.servers.clear();
    Row nobody6 = at_address("tcp6_nobody_listens", "nothing listens", "{a6}",
                             {.cause = "connection_refused", .probes = {{"tcp", "{a6}", "refused"}}});
    nobody6.servers.clear();
    Row dropped = at_address("tcp_dropped_by_server", "the server's own firewall drops", "{a}",
                             {.cause = "syn_unanswered", .probes = {{"tcp", "{a}", "timeout"}}});
    dropped.server_rules = "input ip daddr {a} drop";
    Row one_way = at_address("tcp_dropped_on_the_way_back", "the SYN arrives, the SYN-ACK does not", "{a}",
                             {.cause = "syn_unanswered", .probes = {{"tcp", "{a}", "timeout"}}});
    one_way.router_rules = "forward ip saddr {a} drop";
    Row reset = at_address(
        "tcp_reset_after_accept", "accepted, then RST", "{a}",
        {.cause = "not_on_allowlist", .at_most = "medium", .probes = {{"tcp", "{a}", "pending_allowlist"}}});
    reset.servers[0].behaviour = lab::reset_at_accept();
    reset.config = plain();
    Row closed = reset;
    closed.name = "tcp_closed_after_accept";
    closed.why = "accepted, then FIN";
    closed.servers[0].behaviour = lab::close_at_accept();
    Row banner = at_address("tcp_greets", "the server says something and stays", "{a}",
                            {.probes = {{"tcp", "{a}", "ok"}}});
    banner.servers[0].behaviour = lab::greets("220 ready\r\n");
    banner.config = plain();
    return {
        at_address("tcp_accepted", "nothing is wrong", "{a}", {.probes = {{"tcp", "{a}", "ok"}}}),
        at_address("tcp6_accepted", "nothing is wrong", "{a6}", {.probes = {{"tcp", "{a6}", "ok"}}}),
        {.name = "tcp_by_address",
         .why = "the host is an address, so there is no DNS stage",
         .servers = {{.address = "{a}", .port = 5432}},
         .config = plain("host = \"{a}\"\n"),
         .expected = {.probes = {{"tcp", "{a}", "ok"}}}},
        nobody,
        nobody6,
        dropped,
        one_way,
        reset,
        closed,
        banner,
    };
}

std::vector<Row> several_addresses() {
    const std::vector<NameServer> two_addresses{{"{dns}", "db.corp.test A {a}\ndb.corp.test A {b}"}};
    const std::vector<NameServer> two_families{{"{dns}", "db.corp.test A {a}\ndb.corp.test AAAA {a6}"}};
    return {
        {.name = "tcp_second_address_dead",
         .why = "one of two addresses is dropped",
         .resolvers = two_addresses,
         .servers = {{.address = "{a}", .port = 5432}},
         .router_rules = "forward ip daddr {b} drop",
         .config = plain(impatient),
         .expected = {.cause = "one_address_failing",
                      .severity = "warning",
                      .probes = {{"tcp", "{a}", "ok"}, {"tcp", "{b}", "timeout"}},
                      .evidence = {"{b}"}}},
        {.name = "tcp_ipv6_dead",
         .why = "the IPv4 address answers, the IPv6 one is dropped",
         .resolvers = two_families,
         .servers = {{.address = "{a}", .port = 5432}},
         .router_rules = "forward ip6 daddr {a6} drop",
         .config = plain(impatient),
         .expected = {.cause = "one_address_failing",
                      .severity = "warning",
                      .probes = {{"tcp", "{a}", "ok"}, {"tcp", "{a6}", "timeout"}}}},
        {.name = "tcp_ipv4_only",
         .why = "the same with family = \"ipv4\": healthy",
         .resolvers = two_families,
         .servers = {{.address = "{a}", .port = 5432}},
         .router_rules = "forward ip6 daddr {a6} drop",
         .config = plain("family = \"ipv4\"\n"),
         .expected = {.probes = {{"tcp", "{a}", "ok"}}}},
        {.name = "tcp_both_refused",
         .why = "two addresses, both refuse",
         .resolvers = two_addresses,
         .config = plain(),
         .expected = {.cause = "connection_refused",
                      .probes = {{"tcp", "{a}", "refused"}, {"tcp", "{b}", "refused"}}}},
        {.name = "tcp_refused_and_dropped",
         .why = "one address refuses, the other is dropped: no cause explains both",
         .resolvers = two_addresses,
         .router_rules = "forward ip daddr {b} drop",
         .config = plain(impatient),
         .expected = {.cause = "connection_refused",
                      .at_most = "medium",
                      .probes = {{"tcp", "{a}", "refused"}, {"tcp", "{b}", "timeout"}}}},
    };
}

}  // namespace

std::vector<Row> tcp_rows() {
    std::vector<Row> rows;
    for (auto& part : {routers(), routers6(), routes(), servers(), several_addresses()}) {
        rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
}

}  // namespace whylink::netns_test
