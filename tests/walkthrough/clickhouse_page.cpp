#include "clickhouse.hpp"
#include "web_servers.hpp"

namespace whylink::netns_test::clickhouse {

const Page azure{
    .cloud = "azure",
    .zone = "westus3.privatelink.azure.clickhouse.cloud",
    .public_zone = "westus3.azure.clickhouse.cloud",
    .endpoint_id = "5f6d1a9e-0c56-4c3b-9d0e-7a1f3f6f3a42",
    .organization = R"({"privateEndpoints":{"add":[{"cloudProvider":"azure","id":")",
    .found_at =
        "Resource ID, /subscriptions/…/privateEndpoints/NAME: Azure portal, open the private endpoint, JSON View",
    .dns_missing = {"private DNS zone westus3.privatelink.azure.clickhouse.cloud exists",
                    "Virtual network links", "+ Record set, name `*`"},
    .outside = {"From outside the virtual network the name does not exist, as expected"},
    .record = "Private IPv4 address",
    .wildcard = {"+ Record set, name `*`, type A"},
    .pending = {"Private Link Center, Private endpoints. It must be Approved", "If it is Pending: add "},
    .port_forbidden = {"Check network security groups", "port 9440 must be allowed out"}};

const Page aws{
    .cloud = "aws",
    .zone = "us-east-1.vpce.aws.clickhouse.cloud",
    .public_zone = "us-east-1.aws.clickhouse.cloud",
    .endpoint_id = "vpce-0a1b2c3d4e5f60718",
    .organization = R"({"privateEndpoints":{"add":[{"cloudProvider":"aws","id":")",
    .found_at = "interface endpoint's ID, vpce-…: VPC console, Endpoints",
    .dns_missing = {"Enable private DNS names for the interface endpoint",
                    "private hosted zone us-east-1.vpce.aws.clickhouse.cloud with the record `*`",
                    "enableDnsSupport and enableDnsHostnames"},
    .outside = {"From outside the VPC the name does not exist, as expected"},
    .record = "VPC console, Endpoints, Subnets",
    .wildcard = {"Add the record `*` in the private hosted zone"},
    .pending = {"VPC console, Endpoints; it must be available. If it is pendingAcceptance"},
    .port_forbidden = {
        "Attach a security group to the endpoint that allows inbound TCP 443, 8443, 9440 and 3306"}};

const Page gcp{
    .cloud = "gcp",
    .zone = "us-central1.p.gcp.clickhouse.cloud",
    .public_zone = "us-central1.gcp.clickhouse.cloud",
    .endpoint_id = "102600141743718403",
    .organization = R"({"privateEndpoints":{"add":[{"cloudProvider":"gcp","id":")",
    .found_at = "PSC connection ID, a decimal number: Google Cloud console, Private Service Connect",
    .dns_missing = {"private Cloud DNS zone us-central1.p.gcp.clickhouse.cloud exists",
                    "Add an A record for abcd.us-central1.p.gcp.clickhouse.cloud"},
    .outside = {"From outside the VPC network the name does not exist, as expected"},
    .record = "the forwarding rule's IP address",
    .wildcard = {"Add an A record for each service in use, or `*`"},
    .pending = {"Connected endpoints; it must be Accepted. Pending: most likely "},
    .port_forbidden = {"check egress firewall rules for port 9440", "global access"}};

namespace {

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

std::string zone(const Page& page) {
    return "[defaults]\nresolvers = [\"{dns}\"]\n[[zone]]\nname = \"t\"\nzone = \"" + page.zone +
           "\"\nknown_labels = [\"abcd\"]\n" + address_of_endpoint;
}

std::vector<std::string> diagnose(const Page& page) {
    return {"diagnose", target(page), "--resolver", "{dns}",     "--expect",
            "{a}",      "--ca-file",  "{ca}",       "--timeout", "2s"};
}

// This host asks no other resolver than the one that is configured.
std::map<std::string, std::string> one_resolver() {
    return {{"/etc/resolv.conf", "nameserver {dns}\n"}};
}

}  // namespace

lab::StreamBehaviour native(const std::string& identity) {
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
    return nginx("listen {a}:8443 ssl; location = /ping { " + ping + " } location / { return 404; }", 8443);
}

// ---- what is asked for ----

std::string identifiers(const Page& page) {
    return "endpoint_id = \"" + page.endpoint_id + "\"\nservice = \"" + service_id + "\"\n";
}

std::string endpoint(const Page& page, const std::string& more, const std::string& host) {
    return "[defaults]\nresolvers = [\"{dns}\"]\n[[endpoint]]\nname = \"t\"\nprofile = \"" + page.profile() +
           "\"\nhost = \"" + (host.empty() ? page.host() : host) + "\"\n" + more +
           "[endpoint.tls]\nca_file = \"{ca}\"\n";
}

std::string target(const Page& page) {
    return page.host() + ":9440";
}

std::string wildcard(const Page& page, const std::string& address) {
    return "*." + page.zone + " A " + address + "\n";
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

Row diagnosed(const Page& page, Row row) {
    row.name += "_diagnosed";
    row.arguments = diagnose(page);
    row.target = target(page);
    row.expected.profile = page.profile();
    return row;
}

Row of_zone(const Page& page, Row row) {
    row.name += "_zone";
    row.config = zone(page);
    row.servers.clear();
    return row;
}

Row by_zone_command(const Page& page, Row row) {
    row.name += "_command";
    row.arguments = {"zone", page.zone, "--resolver", "{dns}", "--expect", "{a}", "--known-label", "abcd"};
    row.target = page.zone;
    return row;
}

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

}  // namespace whylink::netns_test::clickhouse
