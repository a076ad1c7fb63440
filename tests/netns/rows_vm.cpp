// Faults of this host itself, and what several endpoints say together.
#include "config_text.hpp"
#include "rows.hpp"

namespace whylink::netns_test {
namespace {

const std::vector<NameServer> good_resolver{{"{dns}", "db.corp.test A {a}"}};
const std::vector<Server> good_server{{.address = "{a}", .port = 5432}};

Row local_fault(const std::string& name, const std::string& why, const std::string& keys) {
    return {
        .name = name,
        .why = why,
        .resolvers = good_resolver,
        .servers = good_server,
        .config = plain(keys),
        .expected = {.cause = "local_limit", .probes = {{"tcp", "{a}", "local_error"}}, .exit_status = 3}};
}

std::vector<Row> cannot_probe() {
    // A hundred addresses, each connection held for a second, and descriptors for half of them.
    std::string many;
    for (int host = 100; host < 200; ++host) {
        many += "db.corp.test A {net}." + std::to_string(host) + "\n";
    }
    const Row descriptors{.name = "vm_no_descriptors",
                          .why = "not enough file descriptors for all connections",
                          .resolvers = {{"{dns}", many}},
                          .servers = {{.address = "0.0.0.0", .port = 5433}},
                          .config = plain("port = 5433\nsettle = \"1s\"\n"),
                          .max_open_files = 20,
                          .expected = {.cause = "local_limit",
                                       .severity = "warning",
                                       .probes = {{"tcp", "", "ok"}, {"tcp", "", "local_error"}},
                                       .evidence = {"all 20 file descriptors", "RLIMIT_NOFILE"},
                                       .exit_status = 3}};
    return {
        local_fault("vm_source_address", "a source address that this host does not have",
                    "source_address = \"10.123.0.1\"\n"),
        local_fault("vm_interface", "an interface that this host does not have", "interface = \"nosuch0\"\n"),
        descriptors,
    };
}

std::vector<Row> can_probe() {
    Row source{.name = "vm_good_source_address",
               .why = "the VM's own address, interface and a mark",
               .resolvers = good_resolver,
               .servers = good_server,
               .config = plain("source_address = \"10.77.0.2\"\ninterface = \"eth0\"\nmark = 7\n")};
    Row marked{.name = "vm_mark_seen",
               .why = "a local rule drops what does not carry the mark",
               .resolvers = good_resolver,
               .servers = good_server,
               .client_rules = "output ip daddr {a} meta mark != 9 drop",
               .config = plain("mark = 9\n")};
    return {source, marked};
}

Row local_rule(const std::string& name, const std::string& why, const std::string& rule,
               const std::string& outcome, const std::string& cause) {
    return {.name = name,
            .why = why,
            .resolvers = good_resolver,
            .servers = good_server,
            .client_rules = rule,
            .config = plain(impatient),
            .expected = {.cause = cause, .probes = {{"tcp", "{a}", outcome}}}};
}

std::vector<Row> local_rules() {
    Row rejected6 = local_rule("vm_output_rejected_ipv6", "a local rule rejects with ICMPv6",
                               "output ip6 daddr {a6} reject with icmpv6 type admin-prohibited", "prohibited",
                               "local_firewall");
    rejected6.resolvers = {{"{dns}", "db.corp.test AAAA {a6}"}};
    rejected6.expected.probes = {{"tcp", "{a6}", "prohibited"}};
    Row reset =
        local_rule("vm_output_reset", "a local rule rejects with RST: no packet shows a SYN",
                   "output ip daddr {a} meta l4proto tcp reject with tcp reset", "refused", "local_firewall");
    reset.config = plain(impatient + "expect = [\"{a}\"]\n");
    reset.expected.at_least = "high";
    return {
        local_rule("vm_output_dropped", "a local rule drops silently: the packets tell",
                   "output ip daddr {a} drop", "timeout", "local_firewall"),
        local_rule("vm_input_dropped", "a local rule drops the SYN-ACK: the packets tell",
                   "input ip saddr {a} drop", "timeout", "local_firewall"),
        local_rule("vm_output_rejected", "a local rule rejects with ICMP port unreachable",
                   "output ip daddr {a} reject", "prohibited", "local_firewall"),
        local_rule("vm_output_prohibited", "a local rule rejects as prohibited",
                   "output ip daddr {a} reject with icmp type admin-prohibited", "prohibited",
                   "local_firewall"),
        local_rule("vm_output_host_unreachable", "a local rule rejects as a router without a next hop does",
                   "output ip daddr {a} reject with icmp type host-unreachable", "unreachable",
                   "local_firewall"),
        local_rule("vm_output_net_unreachable", "a local rule rejects as a router without a route does",
                   "output ip daddr {a} reject with icmp type net-unreachable", "unreachable",
                   "local_firewall"),
        reset,
        rejected6,
    };
}

std::vector<Row> together() {
    const std::string other = plain("host = \"{b}\"\n" + impatient, "other");
    Row dead{.name = "vm_network_down",
             .why = "no endpoint answers, and neither does the resolver",
             .resolvers = {{"{dns}", "ALL FAULT silent"}},
             .router_rules = "forward ip daddr {b} drop",
             .config = plain(impatient) + other,
             .expected = {.cause = "local_network_down"}};
    Row dead_other = dead;
    dead_other.name = "vm_network_down_other";
    dead_other.target = "other";
    Row no_route{
        .name = "vm_no_route_and_no_resolver",
        .why = "neither the resolver nor the endpoint has a route",
        .config = plain("resolvers = [\"10.210.0.53\"]\n") + plain("host = \"10.210.0.1\"\n", "other"),
        .target = "other",
        .expected = {.cause = "local_network_down"}};
    Row alive{.name = "vm_network_up",
              .why = "two endpoints fail, but the resolver answers: not this host's network",
              .resolvers = good_resolver,
              .router_rules = "forward ip daddr { {a}, {b} } drop",
              .config = plain(impatient) + other,
              .expected = {.cause = "syn_unanswered"}};
    return {dead, dead_other, no_route, alive};
}

}  // namespace

std::vector<Row> vm_rows() {
    std::vector<Row> rows;
    for (auto& part : {cannot_probe(), can_probe(), local_rules(), together()}) {
        rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
}

}  // namespace whylink::netns_test
