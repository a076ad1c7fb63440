// ClickHouse Cloud: the connection's state, the path, the allow-list, and what answers.
#include "clickhouse.hpp"

#include "walkthrough.hpp"

namespace whylink::netns_test {
namespace clickhouse {
namespace {

// ---- the connection's state and what stands on the path ----

std::vector<Row> silence(const Page& page) {
    Row pending = row(page, "pending", "the connection is pending: no SYN is answered",
                      {.cause = "syn_unanswered",
                       .at_most = "medium",
                       .probes = {{"tcp", "{a}", "timeout"}, {"tcp", "{a}", "timeout", "other_port"}},
                       .excluded = {"not_on_allowlist", "local_firewall"},
                       .remediation = texts(page.pending, allow_list_steps(page))});
    pending.config = endpoint(page, impatient + address_of_endpoint + identifiers(page));
    pending.router_rules = "forward ip daddr {a} drop";
    Row unnamed = diagnosed(page, pending);
    unnamed.expected.remediation = texts(page.pending, allow_list_steps(page, "ENDPOINT_ID", "SERVICE"),
                                         std::vector<std::string>{"ENDPOINT_ID is the ", page.found_at});

    Row one_port = pending;
    one_port.name = "clickhouse_" + page.cloud + "_one_port_dropped";
    one_port.why = "a rule drops 9440, and 8443 answers";
    one_port.servers.push_back({.address = "{a}", .port = 8443});
    one_port.router_rules = "forward ip daddr {a} tcp dport 9440 drop";
    one_port.expected = {.cause = "syn_unanswered",
                         .probes = {{"tcp", "{a}", "timeout"}, {"tcp", "{a}", "ok", "other_port"}},
                         .excluded = {"not_on_allowlist", "local_firewall"},
                         .remediation = page.port_forbidden,
                         .summary = {"{a} answers on another port but not on 9440"}};
    return {pending, unnamed, one_port, diagnosed(page, one_port)};
}

// ---- the service's allow-list ----

std::vector<Row> allow_list(const Page& page) {
    // "Connection reset by peer": CONNECTED, errno=104, 0 bytes read.
    Row barred =
        row(page, "not_allowed", "the endpoint is on no allow-list",
            {.cause = "not_on_allowlist",
             .at_least = "high",
             .probes = {{"tls", "{a}", "pending_allowlist"}, {"", "{a}", "pending_allowlist", "other_name"}},
             .remediation = texts(
                 allow_list_steps(page),
                 std::vector<std::string>{"/services/" + service_id + " | jq .result.privateEndpointIds",
                                          "openssl s_client -connect " + target(page)}),
             .profile = page.profile()});
    barred.servers[0].behaviour = lab::reset_after_read();
    Row unnamed = barred;
    unnamed.name += "_ids_unknown";
    unnamed.config = endpoint(page, address_of_endpoint);
    unnamed.expected.remediation =
        texts(allow_list_steps(page, "ENDPOINT_ID", "SERVICE"),
              std::vector<std::string>{"ENDPOINT_ID is the ", page.found_at, "SERVICE is the ClickHouse "});
    Row other_service = barred;
    other_service.name = "clickhouse_" + page.cloud + "_other_service_allowed";
    other_service.why = "the endpoint is on the list of the region's other services";
    other_service.servers[0].behaviour = native();
    other_service.servers[0].behaviour.by_name = {{page.host(), lab::reset_after_read()}};
    other_service.expected.probes = {{"tls", "{a}", "pending_allowlist"}, {"", "{a}", "ok", "other_name"}};
    other_service.expected.summary = {"resets connections for " + page.host() +
                                      " and answers another name of the zone"};
    other_service.expected.remediation.emplace_back("privateDnsHostname");
    Row unnamed_diagnosed = diagnosed(page, unnamed);
    // A hurry leaves no follow-up test out: nobody asks again.
    Row hurried = other_service;
    hurried.name += "_in_a_hurry";
    hurried.config = endpoint(
        page, "timeout = \"800ms\"\n" + address_of_endpoint + identifiers(page) + "app = \"clickhouse\"\n");
    return {barred, unnamed, unnamed_diagnosed, other_service, hurried};
}

// The public name is refused by the IP access list, which looks the same on the wire; private endpoints have
// no part in it (https://clickhouse.com/docs/en/cloud/security/setting-ip-filters).
std::vector<Row> ip_access_list(const Page& page) {
    Row barred = row(page, "ip_access_list", "the public name, and this host's address is not on the IP list",
                     {.cause = "not_on_allowlist",
                      .at_most = "medium",
                      .probes = {{"tls", "{public}", "pending_allowlist"}},
                      .remediation = {"IP access list"},
                      .summary = {"a public name"}});
    barred.resolvers = {{"{dns}", page.public_host() + " A {public}"}};
    barred.servers = {{.address = "{public}", .port = 9440, .behaviour = lab::reset_after_read()}};
    barred.config = endpoint(page, "private = false\n", page.public_host());
    Row unnamed = barred;
    unnamed.name += "_diagnosed";
    unnamed.target = page.public_host() + ":9440";
    unnamed.expected.summary.clear();
    unnamed.arguments = {"diagnose", unnamed.target, "--resolver", "{dns}", "--ca-file", "{ca}", "--tls"};
    return {barred, unnamed};
}

// ---- the path, and what answers there ----

std::vector<Row> others(const Page& page) {
    // A certificate chain of some 4 KB, and no segment beyond 1000 bytes passes towards this host.
    Row hole = row(page, "mtu_black_hole", "large packets of the endpoint are lost, and nobody says so",
                   {.cause = "path_mtu_black_hole", .probes = {{"tls", "{a}", "timeout"}}});
    lab::TlsService chain = certificates().service("good");
    for (const char* identity : {"expired", "other_name", "unknown_ca"}) {
        chain.certificate += certificates().service(identity).certificate;
    }
    hole.servers[0].behaviour = lab::speaks(chain);
    hole.config = endpoint(page, patient + address_of_endpoint);
    hole.router_ip =
        "rule add from {a} lookup {table}\n"
        "route add 10.77.0.0/24 dev client0 mtu lock 1000 table {table}\n";
    hole.router_rules = "output ip daddr {a} icmp type destination-unreachable icmp code frag-needed drop";
    // What the server learns of the path stays with this row.
    hole.server_ip =
        "rule add from {a} lookup {table}\n"
        "route add default via 10.99.0.1 table {table}\n";

    Row certificate = row(page, "other_certificate", "the certificate of another host",
                          {.cause = "wrong_service",
                           .probes = {{"tls", "{a}", "certificate_name_mismatch"}},
                           .remediation = {"privateDnsHostname"}});
    certificate.servers[0].behaviour = native("other_name");
    Row untrusted = row(page, "unknown_ca", "TLS inspection: a certificate of an authority that is unknown",
                        {.cause = "certificate_problem",
                         .probes = {{"tls", "{a}", "certificate_untrusted"}},
                         .remediation = {"TLS inspection"}});
    untrusted.servers[0].behaviour = native("unknown_ca");

    Row idle = row(page, "idle_503", "the service is idle: /ping says 503",
                   {.cause = "service_failing",
                    .probes = {{"app", "{a}", "unexpected_reply"}},
                    .remediation = {"runs and is not idle or stopped"}});
    idle.servers.clear();
    idle.daemons = {https("return 503;")};
    idle.config = endpoint(page, address_of_endpoint + "app = \"clickhouse\"\nport = 8443\n");

    Row gone = row(page, "refused", "another machine has the endpoint's old address, and refuses",
                   {.cause = "connection_refused",
                    .probes = {{"tcp", "{a}", "refused"}},
                    .remediation = {"Compare {a} with the present address of the endpoint"}});
    gone.servers.clear();
    return {hole, certificate, diagnosed(page, certificate), untrusted, idle, gone};
}

// AWS gives an address to each subnet; a security group or network ACL may close one of them.
Row one_subnet() {
    Row row_of_two = row(aws, "one_subnet_dropped", "one of two subnets does not answer",
                         {.cause = "one_address_failing",
                          .severity = "warning",
                          .probes = {{"tls", "{a}", "ok"}, {"tcp", "{b}", "timeout"}},
                          .remediation = {"Check that each subnet of the interface endpoint is in an "
                                          "Availability Zone that ClickHouse's endpoint service has"}});
    row_of_two.resolvers = {{"{dns}", wildcard(aws) + wildcard(aws, "{b}")}};
    row_of_two.servers.push_back(native_at("{b}"));
    row_of_two.config = endpoint(aws, impatient + "expect = [\"{a}\", \"{b}\"]\n");
    row_of_two.router_rules = "forward ip daddr {b} drop";
    return row_of_two;
}

// Azure's own resolver has what is linked to the virtual network, whichever resolver is in use.
Row known_to_azure() {
    Row known = row(azure, "azure_knows_it", "168.63.129.16 has the name, the resolver in use does not",
                    {.cause = "private_dns_missing",
                     .probes = {{"dns", "168.63.129.16:53", "ok", "other_resolver"}},
                     .remediation = {"Query 168.63.129.16 for efgh." + azure.zone},
                     .summary = {"does not use the private zone"}});
    known.resolvers = {{"{dns}", "other.test A {b}"}, {"168.63.129.16", "efgh." + azure.zone + " A {a}"}};
    known.config = endpoint(azure, address_of_endpoint, "efgh." + azure.zone);
    known.client_ip = "route add 168.63.129.16/32 via 10.77.0.1";
    known.router_ip = "route add 168.63.129.16/32 via 10.99.0.2";
    known.server_ip = "addr add 168.63.129.16/32 dev lo";
    return known;
}

// The page's own command has a `.cloud` too many.
Row copied_from_the_page() {
    Row copied = row(azure, "one_cloud_too_many", "the name in the page's `openssl s_client` command",
                     {.cause = "private_dns_missing",
                      .probes = {{"dns", "{dns}:53", "nxdomain"}},
                      .remediation = {"Check the spelling of " + azure.host() + ".cloud"}});
    copied.target = azure.host() + ".cloud:9440";
    copied.arguments = {"diagnose", copied.target, "--resolver", "{dns}"};
    return copied;
}

// A front end in real life: it reads the name, rejects what may not have it, and hands on the rest.
Row front_end() {
    Row barred = row(azure, "not_allowed_by_haproxy",
                     "HAProxy turns this name away with FIN, as it would with no server for it",
                     {.cause = "not_on_allowlist",
                      .at_most = "medium",
                      .probes = {{"tls", "{a}", "pending_allowlist"}, {"", "{a}", "ok", "other_name"}},
                      .alternatives = {"service_failing"},
                      .remediation = allow_list_steps(azure)});
    barred.servers = {native_at("{b}")};
    barred.daemons = {
        {.argv = {"haproxy", "-db", "-f", "{dir}/haproxy.cfg"},
         .files = {{"{dir}/haproxy.cfg",
                    "defaults\n mode tcp\n timeout connect 5s\n timeout client 20s\n timeout server 20s\n"
                    "listen l\n bind {a}:9440\n tcp-request inspect-delay 5s\n"
                    " tcp-request content reject if { req.ssl_sni -i " +
                        azure.host() +
                        " }\n tcp-request content accept if { req.ssl_hello_type 1 }\n server s {b}:9440\n"}},
         .ready_address = "{a}",
         .ready_port = 9440}};
    return barred;
}

}  // namespace
}  // namespace clickhouse

std::vector<Row> clickhouse_rows() {
    using namespace clickhouse;
    std::vector<Row> rows{one_subnet(), known_to_azure(), copied_from_the_page(), front_end()};
    for (const Page& page : {azure, aws, gcp}) {
        for (const auto& part : {healthy_rows(page), name_rows(page), zone_rows(page), silence(page),
                                 allow_list(page), ip_access_list(page), others(page)}) {
            rows.insert(rows.end(), part.begin(), part.end());
        }
    }
    return rows;
}

}  // namespace whylink::netns_test
