// ClickHouse Cloud on Azure, AWS and Google Cloud
// (https://clickhouse.com/docs/en/manage/security/azure-privatelink, …/aws-privatelink,
// …/gcp-private-service-connect): an instance "abcd", its private name, and 9440 and 8443 of it.
#include <string>
#include <utility>

#include "walkthrough.hpp"

namespace whylink::netns_test {
namespace {

// One page: its names, and the words of its steps.
struct Page {
    std::string cloud;
    std::string zone;         // of the private names
    std::string public_zone;  // the same without the private part
    std::string endpoint_id;
    std::string organization;                 // what the PATCH of the organization adds
    std::string found_at;                     // where the identifier is found
    std::vector<std::string> dns_missing;     // the zone, its link and its record
    std::vector<std::string> outside;         // where the private name does not exist, as it should be
    std::string record;                       // where the address of a record is looked up
    std::vector<std::string> wildcard;        // the record `*`
    std::vector<std::string> pending;         // the connection's state
    std::vector<std::string> port_forbidden;  // what lets a port through

    std::string profile() const { return "clickhouse-" + cloud; }
    std::string host() const { return "abcd." + zone; }
    std::string public_host() const { return "abcd." + public_zone; }
};

const Page azure{
    .cloud = "azure",
    .zone = "westus3.privatelink.azure.clickhouse.cloud",
    .public_zone = "westus3.azure.clickhouse.cloud",
    .endpoint_id = "5f6d1a9e-0c56-4c3b-9d0e-7a1f3f6f3a42",
    .organization = R"({"privateEndpoints":{"add":[{"cloudProvider":"azure","id":")",
    .found_at = "resourceGuid: Azure portal, open the private endpoint, JSON View",
    .dns_missing = {"private DNS zone westus3.privatelink.azure.clickhouse.cloud exists",
                    "Virtual network links", "+ Record set, name `*`"},
    .outside = {"From outside the virtual network the name does not exist, which is as it should be"},
    .record = "Private IPv4 address",
    .wildcard = {"+ Record set, name `*`, type A"},
    .pending = {"Private Link Center, Private endpoints. It must be Approved", "Pending: most likely "},
    .port_forbidden = {"Check network security groups", "port 9440 must be allowed out"}};

const Page aws{
    .cloud = "aws",
    .zone = "us-east-1.vpce.aws.clickhouse.cloud",
    .public_zone = "us-east-1.aws.clickhouse.cloud",
    .endpoint_id = "vpce-0a1b2c3d4e5f60718",
    .organization = R"({"privateEndpoints":{"add":[{"cloudProvider":"aws","id":")",
    .found_at = "interface endpoint's ID, vpce-…: VPC console, Endpoints",
    .dns_missing = {"Switch private DNS names on for the interface endpoint",
                    "private hosted zone us-east-1.vpce.aws.clickhouse.cloud with the record `*`",
                    "enableDnsSupport and enableDnsHostnames"},
    .outside = {"From outside the VPC the name does not exist, which is as it should be"},
    .record = "VPC console, Endpoints, Subnets",
    .wildcard = {"add the record `*` with the endpoint's addresses"},
    .pending = {"VPC console, Endpoints; it must be available. pendingAcceptance"},
    .port_forbidden = {"Attach a security group to the endpoint that lets in TCP 443, 8443, 9440 and 3306"}};

const Page gcp{
    .cloud = "gcp",
    .zone = "us-central1.p.gcp.clickhouse.cloud",
    .public_zone = "us-central1.gcp.clickhouse.cloud",
    .endpoint_id = "102600141743718403",
    .organization = R"({"privateEndpoints":{"add":[{"cloudProvider":"gcp","id":")",
    .found_at = "PSC connection ID, a decimal number: Google Cloud console, Private Service Connect",
    .dns_missing = {"private Cloud DNS zone us-central1.p.gcp.clickhouse.cloud exists",
                    "Add an A record for abcd.us-central1.p.gcp.clickhouse.cloud"},
    .outside = {"From outside the VPC network the name does not exist, which is as it should be"},
    .record = "the forwarding rule's IP address",
    .wildcard = {"add an A record for each service in use, or `*`"},
    .pending = {"Connected endpoints; it must be Accepted. Pending: most likely "},
    .port_forbidden = {"check egress firewall rules for port 9440", "global access"}};

const std::string service_id = "3c2b9f1e-7d41-4a0b-8f55-0f6f1f0c9a77";
const std::string address_of_endpoint = "expect = [\"{a}\"]\n";
const std::string impatient = "timeout = \"900ms\"\n";
// Long enough for segments to be sent again, whatever the machine does.
const std::string patient = "timeout = \"3s\"\n";

// ---- the service ----

// What ClickHouse says to a hello that names no user (src/Server/TCPHandler.cpp, receiveHello): an exception,
// which is its kind, its number (101, little endian), its name, its message, a stack trace, and no cause.
std::string no_user_in_hello() {
    const auto text = [](const std::string& words) {
        return std::string(1, static_cast<char>(words.size())) + words;
    };
    return std::string("\x02\x65\0\0\0", 5) + text("DB::NetException") +
           text("DB::NetException: Unexpected packet from client (no user in Hello package)") + text("") +
           std::string(1, '\0');
}

lab::StreamBehaviour native(const std::string& identity = "good") {
    lab::StreamBehaviour behaviour = lab::speaks(certificates().service(identity));
    behaviour.echo = false;
    behaviour.read_first = true;
    behaviour.send = no_user_in_hello();
    return behaviour;
}

Server native_at(const std::string& address) {
    return {.address = address, .port = 9440, .behaviour = native()};
}

// ClickHouse's HTTPS port, where /ping is answered so.
Daemon https(const std::string& ping) {
    return {.argv = {"nginx", "-e", "stderr", "-c", "{dir}/nginx.conf"},
            .files = {{"{dir}/nginx.conf",
                       "daemon off; master_process off; pid {dir}/nginx.pid; error_log stderr; events {}\n"
                       "http {\n access_log off;\n"
                       " client_body_temp_path {dir}/b; proxy_temp_path {dir}/p; fastcgi_temp_path {dir}/f;\n"
                       " uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;\n"
                       " ssl_certificate {server_cert}; ssl_certificate_key {server_key};\n"
                       " server { listen {a}:8443 ssl; location = /ping { " +
                           ping + " } location / { return 404; } }\n}\n"}},
            .ready_address = "{a}",
            .ready_port = 8443};
}

// ---- what is asked for ----

// The identifiers that the page's commands need.
std::string identifiers(const Page& page) {
    return "endpoint_id = \"" + page.endpoint_id + "\"\nservice = \"" + service_id + "\"\n";
}

std::string endpoint(const Page& page, const std::string& more, const std::string& host = {}) {
    return "[defaults]\nresolvers = [\"{dns}\"]\n[[endpoint]]\nname = \"t\"\nprofile = \"" + page.profile() +
           "\"\nhost = \"" + (host.empty() ? page.host() : host) + "\"\n" + more +
           "[endpoint.tls]\nca_file = \"{ca}\"\n";
}

std::string zone(const Page& page) {
    return "[defaults]\nresolvers = [\"{dns}\"]\n[[zone]]\nname = \"t\"\nzone = \"" + page.zone +
           "\"\nknown_labels = [\"abcd\"]\n" + address_of_endpoint;
}

std::string target(const Page& page) {
    return page.host() + ":9440";
}

std::vector<std::string> diagnose(const Page& page) {
    return {"diagnose", target(page), "--resolver", "{dns}",     "--expect",
            "{a}",      "--ca-file",  "{ca}",       "--timeout", "2s"};
}

std::string wildcard(const Page& page, const std::string& address = "{a}") {
    return "*." + page.zone + " A " + address + "\n";
}

// This VM asks no other resolver than the one that is configured.
std::map<std::string, std::string> one_resolver() {
    return {{"/etc/resolv.conf", "nameserver {dns}\n"}};
}

Row row(const Page& page, const std::string& name, const std::string& why, Expected expected) {
    return {.name = "clickhouse_" + page.cloud + "_" + name,
            .why = why,
            .resolvers = {{"{dns}", wildcard(page)}},
            .servers = {native_at("{a}")},
            .config = endpoint(page, address_of_endpoint + identifiers(page)),
            .files = one_resolver(),
            .expected = std::move(expected)};
}

// The same by `diagnose`, which picks the profile by the name.
Row diagnosed(const Page& page, Row row) {
    row.name += "_diagnosed";
    row.arguments = diagnose(page);
    row.target = target(page);
    row.expected.profile = page.profile();
    return row;
}

// The same by a [[zone]] of the config.
Row of_zone(const Page& page, Row row) {
    row.name += "_zone";
    row.config = zone(page);
    row.servers.clear();
    return row;
}

// The same by `zone`.
Row by_zone_command(const Page& page, Row row) {
    row.name += "_command";
    row.arguments = {"zone", page.zone, "--resolver", "{dns}", "--expect", "{a}", "--known-label", "abcd"};
    row.target = page.zone;
    return row;
}

template <class... Parts>
std::vector<std::string> texts(const Parts&... parts) {
    std::vector<std::string> all;
    const auto add = [&all](const std::vector<std::string>& more) {
        all.insert(all.end(), more.begin(), more.end());
    };
    (add(parts), ...);
    return all;
}

// "Add Endpoint ID to ClickHouse Cloud organization" and "… to service(s) allow list".
std::vector<std::string> allow_list_steps(const Page& page, const std::string& id,
                                          const std::string& service) {
    return {page.organization + id + "\"",
            "-X PATCH -H \"Content-Type: application/json\" "
            "https://api.clickhouse.cloud/v1/organizations/${ORG_ID:?}/services/" +
                service + R"( -d '{"privateEndpointIds":{"add":[")" + id + R"("]}}')"};
}

std::vector<std::string> allow_list_steps(const Page& page) {
    return allow_list_steps(page, page.endpoint_id, service_id);
}

// ---- all is well ----

std::vector<Row> healthy(const Page& page) {
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

std::vector<Row> names(const Page& page) {
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
    elsewhere.why = "the resolver of the config does not forward the zone, and that of this VM has it";
    elsewhere.resolvers.push_back({"{dns2}", wildcard(page)});
    elsewhere.files = {{"/etc/resolv.conf", "nameserver {dns2}\n"}};
    elsewhere.expected.probes = {{"dns", "{dns2}:53", "ok", "other_resolver"}};
    elsewhere.expected.summary = {"does not get to the private zone"};
    return {not_linked, diagnosed(page, not_linked), outside, diagnosed(page, outside),
            bypassed,   diagnosed(page, bypassed),   stale,   diagnosed(page, stale),
            elsewhere};
}

std::vector<Row> zones(const Page& page) {
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
                         .summary = {"{a} answers on another port and not on 9440"}};
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
    other_service.expected.summary = {"answers another name of the zone and resets " + page.host()};
    other_service.expected.remediation.push_back("privateDnsHostname");
    Row unnamed_diagnosed = diagnosed(page, unnamed);
    return {barred, unnamed, unnamed_diagnosed, other_service};
}

// The public name is refused by the IP access list, which looks the same on the wire; private endpoints have
// no part in it (https://clickhouse.com/docs/en/cloud/security/setting-ip-filters).
std::vector<Row> ip_access_list(const Page& page) {
    Row barred = row(page, "ip_access_list", "the public name, and this VM's address is not on the IP list",
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
    // A certificate chain of some 4 KB, and no segment beyond 1000 bytes passes towards this VM.
    Row hole = row(page, "mtu_black_hole", "large packets of the endpoint are lost, and nobody says so",
                   {.cause = "path_mtu_black_hole", .probes = {{"tls", "{a}", "timeout"}}});
    lab::TlsService chain = certificates().service("good");
    for (const char* identity : {"expired", "other_name", "unknown_ca"})
        chain.certificate += certificates().service(identity).certificate;
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
                          .remediation = {"See that each subnet of the interface endpoint is in an "
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
                     .remediation = {"Ask 168.63.129.16 for efgh." + azure.zone},
                     .summary = {"does not get to the private zone"}});
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

std::vector<Row> clickhouse_rows() {
    std::vector<Row> rows{one_subnet(), known_to_azure(), copied_from_the_page(), front_end()};
    for (const Page& page : {azure, aws, gcp}) {
        for (const auto& part : {healthy(page), names(page), zones(page), silence(page), allow_list(page),
                                 ip_access_list(page), others(page)}) {
            rows.insert(rows.end(), part.begin(), part.end());
        }
    }
    return rows;
}

}  // namespace whylink::netns_test
