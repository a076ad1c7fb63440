// ClickHouse Cloud: all is well, and what can be wrong with the zone, its record and its link.
#include "clickhouse.hpp"

namespace whylink::netns_test::clickhouse {

// ---- all is well ----

std::vector<Row> healthy_rows(const Page& page) {
    Row silent =
        row(page, "healthy", "allow-listed: the handshake passes",
            {.probes = {{"dns", "{dns}:53", "ok"}, {"tls", "{a}", "ok"}}, .profile = page.profile()});
    Row hello = row(page, "healthy_hello", "the native protocol answers, and asks for a user",
                    {.probes = {{"app", "{a}", "ok"}}});
    hello.config = endpoint(page, address_of_endpoint + "app = \"clickhouse\"\n");
    Row ping = row(page, "healthy_ping", "/ping on 8443", {.probes = {{"app", "{a}", "ok"}}});
    ping.servers.clear();
    ping.daemons = {https("return 200 \"Ok.\\n\";")};
    ping.config = endpoint(page, address_of_endpoint + "app = \"clickhouse\"\nport = 8443\n");
    const Row names = of_zone(page, row(page, "healthy", "every name leads to the endpoint", {}));
    return {silent, diagnosed(page, silent), hello, ping, names, by_zone_command(page, names)};
}

// ---- "Setting up DNS": the zone, its record, its link ----

std::vector<Row> name_rows(const Page& page) {
    Row not_linked =
        row(page, "zone_not_linked", "the private zone is not linked: no private name exists",
            {.cause = "private_dns_missing",
             .probes = {{"dns", "{dns}:53", "nxdomain"}, {"dns", "", "nxdomain", "sibling_label"}},
             .remediation = texts(page.dns_missing, page.outside)});
    not_linked.resolvers = {{"{dns}", "other.test A {b}"}};
    // From a machine that has no part in the private network, the public name exists and the private does
    // not.
    Row outside = row(page, "asked_from_outside", "asked outside the virtual network",
                      {.cause = "private_dns_missing",
                       .probes = {{"dns", "{dns}:53", "nxdomain"}, {"dns", "", "ok", "public_name"}},
                       .remediation = texts(page.outside, std::vector<std::string>{page.public_host()})});
    outside.resolvers = {{"{dns}", "*." + page.public_zone + " A {public}"}};
    Row bypassed = row(page, "public_answer", "the private name has a public address",
                       {.cause = "private_dns_bypassed",
                        .probes = {{"dns", "{dns}:53", "public_address"}},
                        .evidence = {"{public}"},
                        .remediation = {page.public_host(), page.zone}});
    bypassed.resolvers = {{"{dns}", wildcard(page, "{public}")}};
    Row stale =
        row(page, "other_address", "the record leads to another address, the endpoint is there",
            {.cause = "wrong_dns_record",
             .probes = {{"dns", "{dns}:53", "unexpected_address"}, {"", "{a}", "ok", "other_address"}},
             .evidence = {"{b}"},
             .remediation = {page.record, "`nslookup " + page.host() + ".`"}});
    stale.resolvers = {{"{dns}", wildcard(page, "{b}")}};
    Row elsewhere = not_linked;
    elsewhere.name = "clickhouse_" + page.cloud + "_not_forwarded";
    elsewhere.why = "the resolver of the config does not forward the zone, and that of this host has it";
    elsewhere.resolvers.push_back({"{dns2}", wildcard(page)});
    elsewhere.files = {{"/etc/resolv.conf", "nameserver {dns2}\n"}};
    elsewhere.expected.probes = {{"dns", "{dns2}:53", "ok", "other_resolver"}};
    elsewhere.expected.summary = {"does not use the private zone"};
    return {not_linked, diagnosed(page, not_linked), outside, diagnosed(page, outside),
            bypassed,   diagnosed(page, bypassed),   stale,   diagnosed(page, stale),
            elsewhere};
}

std::vector<Row> zone_rows(const Page& page) {
    Row not_linked = of_zone(
        page, row(page, "not_linked", "the private zone is not linked", {.cause = "private_dns_missing"}));
    not_linked.resolvers = {{"{dns}", "other.test A {b}"}};
    Row no_wildcard =
        of_zone(page, row(page, "no_wildcard", "the instance has a record of its own, and `*` is missing",
                          {.cause = "wildcard_missing", .remediation = page.wildcard}));
    no_wildcard.resolvers = {{"{dns}", page.host() + " A {a}"}};
    Row stale = of_zone(page, row(page, "other_address", "`*` leads to another address",
                                  {.cause = "wrong_dns_record", .remediation = {page.record}}));
    stale.resolvers = {{"{dns}", wildcard(page, "{b}")}};
    Row overridden =
        of_zone(page, row(page, "overridden", "an old record of the instance beside `*`",
                          {.cause = "wildcard_overridden",
                           .evidence = {"{b}"},
                           .remediation = {"remove records for single names that say otherwise"}}));
    overridden.resolvers = {{"{dns}", wildcard(page) + page.host() + " A {b}"}};
    Row bypassed = of_zone(
        page, row(page, "public_answer", "`*` leads to a public address", {.cause = "private_dns_bypassed"}));
    bypassed.resolvers = {{"{dns}", wildcard(page, "{public}")}};
    return {not_linked,  by_zone_command(page, not_linked),
            no_wildcard, by_zone_command(page, no_wildcard),
            stale,       overridden,
            bypassed};
}

}  // namespace whylink::netns_test::clickhouse
