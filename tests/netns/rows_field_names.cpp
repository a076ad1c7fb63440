// Names as the field has them: SRV names, zones that hide a name, validation, caches, and devices that drop some ways of
// asking.
#include <utility>

#include "config_text.hpp"
#include "rows.hpp"

namespace whylink::netns_test {
namespace {

const std::string good_zone = "db.corp.test A {a}\n";
const std::string azure_zone = "privatelink.corp.test 10 SOA azureprivatedns.net 10\n";
const std::string srv_zone =
    "_mongodb._tcp.db.corp.test SRV 0 5 27017 n1.corp.test\n"
    "_mongodb._tcp.db.corp.test SRV 0 5 27018 n2.corp.test\n"
    "n1.corp.test A {a}\nn2.corp.test A {b}\n";
const std::string hosts = "127.0.0.1 localhost\n";

/// Asked of {dns}, which knows `zone`.
Row asked(const std::string& name, const std::string& why, const std::string& zone, const std::string& more,
          Expected expected) {
    return {.name = "names_" + name,
            .why = why,
            .resolvers = {{"{dns}", zone}},
            .config = plain(more),
            .expected = std::move(expected)};
}

/// The name resolves and its server works.
Row served(const std::string& name, const std::string& why, const std::string& zone, const std::string& more,
           Expected expected) {
    Row row = asked(name, why, zone, more, std::move(expected));
    row.servers = {{.address = "{a}", .port = 5432}};
    return row;
}

Expected warning(std::vector<std::string> summary) {
    return {.severity = "warning", .healthy = true, .summary = std::move(summary)};
}

// ---- SRV names ----

Row diagnosed(Row row, const std::string& target, std::vector<std::string> more = {}) {
    row.target = target;
    row.arguments = {"diagnose", target, "--resolver", "{dns}", "--timeout", "1s"};
    row.arguments.insert(row.arguments.end(), more.begin(), more.end());
    return row;
}

std::vector<Row> srv_names() {
    const Expected srv{.cause = "private_dns_missing",
                       .at_most = "medium",
                       .probes = {{"dns", "_mongodb._tcp.db.corp.test", "ok", "srv_name"}},
                       .evidence = {"n1.corp.test:27017"},
                       .remediation = {"n1.corp.test:27017"},
                       .summary = {"SRV name", "n1.corp.test:27017"}};
    Row followed = diagnosed(asked("srv_followed", "the targets of an SRV name work", srv_zone, "",
                                   {.summary = {"SRV name", "targets work"}}),
                             "db.corp.test:27017", {"--no-tls"});
    followed.servers = {{.address = "{a}", .port = 27017}, {.address = "{b}", .port = 27018}};
    Row followed_in_part =
        diagnosed(asked("srv_target_closed", "one target of an SRV name is closed", srv_zone, "",
                        {.cause = "private_dns_missing", .at_most = "medium", .summary = {"SRV name"}}),
                  "db.corp.test:27017", {"--no-tls"});
    followed_in_part.servers = {{.address = "{a}", .port = 27017}};
    return {
        asked("srv_name", "the host of a mongodb+srv:// address: A and AAAA are NODATA, SRV is there",
              srv_zone, "", srv),
        asked("srv_nxdomain", "likewise, and the server says NXDOMAIN of a name that has names below it",
              srv_zone + "db.corp.test FAULT nxdomain", "port = 27017\n", srv),
        asked("srv_not_available", "the SRV record says that there is no such service",
              "_mongodb._tcp.db.corp.test SRV 0 0 0 .\n", "",
              {.cause = "private_dns_missing", .excluded = {}, .summary = {"NODATA"}}),
        followed,
        followed_in_part,
    };
}

// ---- which zone denies it ----

std::vector<Row> zones() {
    const std::string alias = "db.corp.test CNAME db.privatelink.corp.test\n";
    return {
        asked("hidden", "a partner's public name leads into a privatelink zone that this network has linked",
              alias + azure_zone, "private = false\n",
              {.cause = "private_zone_shadows",
               .at_least = "high",
               .evidence = {"privatelink.corp.test"},
               .remediation = {"db.corp.test"},
               .summary = {"privatelink.corp.test"}}),
        asked("hidden_nodata", "likewise, and the zone has a record of another type",
              alias + azure_zone + "db.privatelink.corp.test TXT x\n", "private = false\n",
              {.cause = "private_zone_shadows", .summary = {"privatelink.corp.test"}}),
        asked("hidden_by_managed_zone", "a private zone of the name of the public one is linked",
              "corp.test 300 SOA ns-gcp-private.googledomains.com 300\nother.corp.test A {a}\n",
              "private = false\n", {.cause = "private_zone_shadows", .summary = {"corp.test"}}),
        served("hidden_public_host", "the public name of a private endpoint is hidden by a linked zone",
               good_zone + "db.pub.test CNAME db.privatelink.pub.test\n"
                           "privatelink.pub.test 10 SOA azureprivatedns.net 10\n",
               "public_host = \"db.pub.test\"\n",
               {.cause = "private_zone_shadows", .severity = "warning", .summary = {"privatelink.pub.test"}}),
        asked("no_record", "an own endpoint whose linked zone lacks the record", alias + azure_zone, "",
              {.cause = "private_dns_missing",
               .excluded = {"private_zone_shadows"},
               .summary = {"privatelink.corp.test"}}),
        asked("nodata", "the zone and the name are there, the address record is not",
              "corp.test 60 SOA ns.corp.test 300\ndb.corp.test TXT x\n", "",
              {.cause = "private_dns_missing", .evidence = {"from zone corp.test"}, .summary = {"NODATA"}}),
        asked("wildcard_nodata", "a wildcard without an address answers for the name",
              "*.z.corp.test TXT x\n", "host = \"db.z.corp.test\"\n",
              {.cause = "private_dns_missing", .excluded = {"wildcard_overridden"}, .summary = {"wildcard"}}),
        asked("contradicts_itself", "NXDOMAIN for A and NODATA for AAAA of one name",
              "db.corp.test TXT x\ndb.corp.test FAULT nxdomain A\n", "",
              {.cause = "private_dns_missing", .at_most = "medium", .alternatives = {"resolver_failing"}}),
        asked("foreign_name_missing", "a name that need not be private does not exist",
              "corp.test 60 SOA ns.corp.test 300\n", "private = false\n",
              {.cause = "private_dns_missing", .summary = {"does not exist"}}),
    };
}

// ---- what resolvers say of their own answer ----

Daemon unbound(const std::string& more) {
    return {
        .argv = {"unbound", "-d", "-p", "-c", "{dir}/unbound.conf"},
        .files =
            {{"{dir}/unbound.conf",
              "server:\n interface: {dns}\n access-control: 0.0.0.0/0 allow\n username: \"\"\n chroot: \"\"\n"
              " pidfile: \"\"\n directory: \"{dir}\"\n use-syslog: no\n ede: yes\n do-not-query-localhost: no\n"
              " local-zone: \"test.\" nodefault\n"
              " module-config: \"validator iterator\"\n outgoing-interface: {dns}\n" +
                  more}},
        .ready_address = "{dns}",
        .ready_port = 53};
}

Row with_unbound(Row row, const std::string& more, const std::string& upstream) {
    row.resolvers.clear();
    if (!upstream.empty()) {
        row.resolvers = {{"{dns2}", upstream}};
    }
    row.daemons = {unbound(more)};
    row.server_ip = "addr add {dns}/32 dev lo";
    return row;
}

const std::string stub_zone = "stub-zone:\n name: \"corp.test\"\n stub-addr: {dns2}\n";

std::vector<Row> extended_errors() {
    const std::string anchor =
        " trust-anchor: \"corp.test. DS 12345 13 2 "
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"\n";
    const Expected bogus{
        .cause = "resolver_failing",
        .at_least = "high",
        .probes = {{"dns", "{dns}:53", "servfail"}, {"dns", "{dns}:53", "ok", "checking_disabled"}},
        .evidence = {"EDE"},
        .remediation = {"DNSSEC"},
        .summary = {"DNSSEC"}};
    return {
        asked("bogus", "SERVFAIL with an extended error; with checking disabled the record is there",
              good_zone + "ALL FAULT bogus\nALL ERROR 6 no DS for a signed zone\n", "", bogus),
        with_unbound(
            asked("bogus_unbound", "a validating resolver with a trust anchor for an unsigned private zone",
                  "", "", bogus),
            anchor + stub_zone, "corp.test SOA ns.corp.test 60\n" + good_zone),
        asked("bogus_and_gone", "SERVFAIL whatever the CD bit, and the extended error names DNSSEC",
              "ALL FAULT servfail\nALL ERROR 7 signature expired\n", "",
              {.cause = "resolver_failing", .evidence = {"Signature Expired"}, .summary = {"DNSSEC"}}),
        with_unbound(
            asked(
                "lame_unbound", "the resolver's own upstream is dead", "", "timeout = \"8s\"\n",
                {.cause = "resolver_unreachable", .at_most = "medium", .alternatives = {"resolver_failing"}}),
            "forward-zone:\n name: \"corp.test\"\n forward-addr: {c}\n", ""),
        asked("lame", "SERVFAIL: none of the zone's servers is reached",
              "ALL FAULT servfail\nALL ERROR 22 corp.test\n", "",
              {.cause = "resolver_failing",
               .evidence = {"No Reachable Authority"},
               .summary = {"name servers"}}),
        asked("filtered", "NXDOMAIN by a filter of the resolver",
              "ALL FAULT nxdomain\nALL ERROR 15 blocklist\n", "",
              {.cause = "private_dns_missing",
               .at_most = "medium",
               .evidence = {"Blocked"},
               .remediation = {"filter"},
               .summary = {"policy"}}),
        asked("refused_by_policy", "REFUSED by a policy of the resolver",
              "ALL FAULT refused\nALL ERROR 17 policy\n", "",
              {.cause = "resolver_failing", .summary = {"policy"}}),
        served("stale_but_right", "a right answer that has expired",
               good_zone + "ALL ERROR 3 upstream is down\n", "", warning({"expired"})),
        asked("stale_and_wrong", "an old address that has expired",
              "db.corp.test A {b}\nALL ERROR 3 upstream is down\n", "expect = [\"{a}\"]\n" + impatient,
              {.cause = "dns_cache_stale", .evidence = {"Stale Answer"}}),
        asked("stale_nxdomain", "an expired NXDOMAIN",
              "corp.test 1 SOA ns.corp.test 300\nALL ERROR 19 upstream is down\n", "",
              {.cause = "dns_cache_stale", .evidence = {"Stale NXDOMAIN"}}),
    };
}

// ---- one resolver beside another ----

std::vector<Row> two_resolvers() {
    const std::string both = impatient + "resolvers = [\"{dns}\", \"{dns2}\"]\n";
    Row cached = asked("cached_address", "a cache has the old address, the zone's own server the new one",
                       "db.corp.test 17 A {b}\n", both + "expect = [\"{a}\"]\n",
                       {.cause = "dns_cache_stale",
                        .at_most = "medium",
                        .severity = "warning",
                        .alternatives = {"resolvers_disagree"}});
    cached.resolvers.push_back({"{dns2}", "db.corp.test 300 A {a}\nAUTHORITATIVE\n"});
    cached.servers = {{.address = "{a}", .port = 5432}};
    Row denied =
        asked("cached_denial", "a cache has the NXDOMAIN of a private zone from before the record was made",
              "privatelink.corp.test 4 SOA azureprivatedns.net 10\n",
              both + "host = \"db.privatelink.corp.test\"\n",
              {.cause = "dns_cache_stale",
               .at_most = "medium",
               .severity = "warning",
               .alternatives = {"resolvers_disagree"}});
    denied.resolvers.push_back({"{dns2}", "db.privatelink.corp.test A {a}\n"});
    denied.servers = cached.servers;
    Row spaces = asked("private_and_public",
                       "one resolver has the private address, which is silent, the other the public "
                       "one, which works: two views",
                       "db.corp.test A {b}\n", "", {.cause = "resolvers_disagree", .severity = "warning"});
    spaces.resolvers.push_back({"{dns2}", "db.corp.test A {public}\n"});
    spaces.servers = {{.address = "{public}", .port = 5432}};
    spaces.router_rules = "forward ip daddr {b} drop";
    spaces = diagnosed(std::move(spaces), "db.corp.test:5432", {"--resolver", "{dns2}", "--no-tls"});
    return {cached, denied, spaces};
}

// ---- devices that drop some ways of asking ----

/// ARCOUNT of a query over UDP: 1 with EDNS.
const std::string with_edns = "forward ip daddr {dns} udp dport 53 @th,144,16 1 drop";
const std::string over_udp = "forward ip daddr {dns} udp dport 53 drop";

Row dropped(Row row, const std::string& rule) {
    row.router_rules = rule;
    return row;
}

Row by_system(Row row, const std::string& resolv_conf) {
    row.files = {{"/etc/resolv.conf", resolv_conf}, {"/etc/hosts", hosts}};
    return row;
}

std::vector<Row> ways() {
    const std::string system = "resolvers = [\"system\"]\n";
    const Expected no_edns{.severity = "warning",
                           .healthy = true,
                           .probes = {{"dns", "{dns}:53", "ok"}, {"tcp", "{a}", "ok"}},
                           .summary = {"without EDNS"}};
    const Expected only_tcp{
        .cause = "resolver_unreachable",
        .probes = {{"dns", "{dns}:53", "timeout"}, {"dns", "{dns}:53", "ok", "dns_over_tcp"}},
        .evidence = {"over TCP"},
        .summary = {"over TCP only"}};
    return {
        dropped(served("edns_dropped", "a firewall drops queries with EDNS", good_zone, impatient, no_edns),
                with_edns),
        served("edns_unanswered", "a resolver ignores queries with EDNS",
               good_zone + "ALL FAULT drops_edns\n", "", no_edns),
        served("edns_dropped_nxdomain", "likewise, and the name does not exist",
               "other.corp.test A {a}\nALL FAULT drops_edns\n", impatient,
               {.cause = "private_dns_missing", .probes = {{"dns", "{dns}:53", "nxdomain"}}}),
        dropped(
            served("udp_dropped", "UDP to port 53 is dropped, TCP passes", good_zone, impatient, only_tcp),
            over_udp),
        dropped(by_system(served("udp_dropped_use_vc", "likewise, and programs ask over TCP (use-vc)",
                                 good_zone, system, {.probes = {{"dns", "{dns}:53", "ok"}}}),
                          "nameserver {dns}\noptions use-vc\n"),
                over_udp),
        dropped(by_system(served("edns_dropped_edns0", "a firewall drops what programs send (edns0)",
                                 good_zone, system,
                                 {.cause = "resolver_unreachable",
                                  .severity = "warning",
                                  .healthy = true,
                                  .probes = {{"dns", "{dns}:53", "ok"}, {"tcp", "{a}", "ok"}},
                                  .remediation = {"remove `edns0`"},
                                  .summary = {"options edns0"}}),
                          "nameserver {dns}\noptions edns0\n"),
                with_edns),
    };
}

}  // namespace

std::vector<Row> field_name_rows() {
    std::vector<Row> rows;
    for (auto& part : {srv_names(), zones(), extended_errors(), two_resolvers(), ways()}) {
        rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
}

}  // namespace whylink::netns_test
