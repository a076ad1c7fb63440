// Adobe Commerce: devdocs.magento.com, "PrivateLink service". Unidirectional: from one's own VM to the shop,
// HTTP on port 80 and SFTP on port 2222. Bidirectional: Adobe comes to one's own service as well, which is a
// watch on the VM that serves.
#include <utility>

#include "walkthrough.hpp"

namespace whylink::netns_test {
namespace {

/// The page's own, of its example; its sample of a failure names another region.
const char* const page_host =
    "vpce-007ffnb9qkcnjgult-yfhmywqh.vpce-svc-083cqvm2ta3rxqat5v.us-east-1.vpce.amazonaws.com";
const char* const other_region =
    "vpce-007ffnb9qkcnjgult-yfhmywqh.vpce-svc-083cqvm2ta3rxqat5v.ap-southeast-1.vpce.amazonaws.com";

lab::StreamBehaviour shop(const std::string& status) {
    return lab::replies("HTTP/1.1 " + status + "\r\nServer: nginx\r\nContent-Length: 0\r\n\r\n");
}

lab::StreamBehaviour sftp() {
    return lab::greets("SSH-2.0-OpenSSH_8.4p1\r\n");
}

std::string endpoint(const std::string& profile, const std::string& host, const std::string& more = "") {
    return "[[endpoint]]\nname = \"t\"\nprofile = \"" + profile + "\"\nhost = \"" + host +
           "\"\nresolvers = [\"{dns}\"]\ntimeout = \"900ms\"\n" + more;
}

std::string at(std::uint16_t port) {
    return port == 80 ? "" : "port = " + std::to_string(port) + "\n";
}

NameServer leads_to(const std::vector<std::string>& addresses) {
    NameServer resolver{"{dns}", ""};
    for (const std::string& address : addresses) {
        resolver.zone += std::string(page_host) + " A " + address + "\n";
    }
    return resolver;
}

struct Scene {
    std::string name;
    std::string why;
    std::vector<Server> servers = {};
    std::string more = {};
    std::string router_rules = {};
};

/// By the endpoint's own name on AWS, by the private endpoint's address on Azure, which gives it no name.
std::vector<Row> on_both(const Scene& scene, const Expected& expected,
                         const std::vector<std::string>& aws_steps,
                         const std::vector<std::string>& azure_steps) {
    Row row{.name = "adobe_aws_" + scene.name,
            .why = scene.why,
            .resolvers = {leads_to({"{a}"})},
            .servers = scene.servers,
            .router_rules = scene.router_rules,
            .config = endpoint("adobe-commerce-aws", page_host, scene.more),
            .expected = expected};
    row.expected.remediation.insert(row.expected.remediation.end(), aws_steps.begin(), aws_steps.end());
    Row other = row;
    other.name = "adobe_azure_" + scene.name;
    other.resolvers.clear();
    other.config = endpoint("adobe-commerce-azure", "{a}", scene.more);
    other.expected.remediation = expected.remediation;
    other.expected.remediation.insert(other.expected.remediation.end(), azure_steps.begin(),
                                      azure_steps.end());
    return {row, other};
}

void append(std::vector<Row>& rows, const std::vector<Row>& more) {
    rows.insert(rows.end(), more.begin(), more.end());
}

// ---- to the shop ----

std::vector<Row> connected() {
    const Expected tcp{.probes = {{"tcp", "{a}", "ok"}}};
    std::vector<Row> rows =
        on_both({.name = "http",
                 .why = "curl -v telnet://…:80 says Connected",
                 .servers = {{.address = "{a}", .port = 80, .behaviour = shop("200 OK")}}},
                tcp, {}, {});
    append(rows, on_both({.name = "http_asked",
                          .why = "the shop answers a request, too",
                          .servers = {{.address = "{a}", .port = 80, .behaviour = shop("200 OK")}},
                          .more = "app = \"http\"\n"},
                         {.probes = {{"tcp", "{a}", "ok"}, {"app", "{a}", "ok"}}}, {}, {}));
    append(rows, on_both({.name = "sftp",
                          .why = "port 2222 answers with an SSH banner",
                          .servers = {{.address = "{a}", .port = 2222, .behaviour = sftp()}},
                          .more = at(2222)},
                         tcp, {}, {}));
    return rows;
}

// What the page says of "Connection timed out", on both clouds.
const std::vector<std::string> when_it_times_out{
    "is declared in the ticket",
    "443 (HTTPS) and 22 (SSH) to Adobe Commerce are not available",
    "which Adobe approves",
    "Pro Production or Staging",
    "`magento-cloud login`",
    "`magento-cloud environment:checkout ENVIRONMENT`",
    "`curl -v telnet://",
    "Repeat netcat or curl from each VM",
    "`tcpdump -i INTERFACE -tt -nn port",
    "Both directions are separate links, each approved separately",
    "update the Support ticket",
};

std::vector<Row> timed_out() {
    const std::vector<std::string> on_aws{"pendingAcceptance waits for Adobe",
                                          "VPC console, Endpoints, Create",
                                          "same AWS region",
                                          "security groups",
                                          "target groups are healthy",
                                          "arn:aws:iam::402592597372:root",
                                          "connect-endpoint-service-vpc"};
    const std::vector<std::string> on_azure{"Pending waits for Adobe",
                                            "Create a private endpoint to Adobe's Private Link service",
                                            "same Azure region",
                                            "network security groups",
                                            "backends are healthy",
                                            "Private endpoint connections, Approve",
                                            "troubleshoot-private-link-connectivity"};
    std::vector<std::string> http = when_it_times_out;
    http.emplace_back(":80/`");
    http.emplace_back("`netstat -na | grep 80`");
    std::vector<std::string> sftp = when_it_times_out;
    sftp.emplace_back(":2222/`");
    sftp.emplace_back("`netstat -na | grep 2222`");
    std::vector<Row> rows =
        on_both({.name = "pending",
                 .why = "Failed to connect to … port 80: Connection timed out",
                 .router_rules = "forward ip daddr {a} drop"},
                {.cause = "syn_unanswered",
                 .at_most = "medium",
                 .probes = {{"tcp", "{a}", "timeout"}, {"tcp", "{a}", "timeout", "other_port"}},
                 .remediation = http},
                on_aws, on_azure);
    append(rows, on_both({.name = "sftp_undeclared",
                          .why = "port 80 was declared in the ticket, and 2222 was not",
                          .servers = {{.address = "{a}", .port = 80, .behaviour = shop("200 OK")}},
                          .more = at(2222),
                          .router_rules = "forward ip daddr {a} tcp dport 2222 drop"},
                         {.cause = "syn_unanswered",
                          .probes = {{"tcp", "{a}", "timeout"}, {"tcp", "{a}", "ok", "other_port"}},
                          .remediation = sftp},
                         on_aws, on_azure));
    return rows;
}

std::vector<Row> refused_or_ended() {
    std::vector<Row> rows =
        on_both({.name = "refused", .why = "nothing listens behind Adobe's load balancer"},
                {.cause = "connection_refused",
                 .probes = {{"tcp", "{a}", "refused"}},
                 .remediation = {"is declared in the ticket", "`curl -v telnet://", "`netstat -na | grep 80`",
                                 "update the Support ticket"}},
                {"target groups are healthy"}, {"backends are healthy"});
    append(rows, on_both({.name = "reset",
                          .why = "what stands in front of SFTP accepts, and resets at once",
                          .servers = {{.address = "{a}", .port = 2222, .behaviour = lab::reset_at_accept()}},
                          .more = at(2222)},
                         {.cause = "not_on_allowlist",
                          .at_most = "medium",
                          .alternatives = {"service_failing"},
                          .remediation = {"is declared in the ticket", "2222 SFTP",
                                          "`netstat -na | grep 2222`", "update the Support ticket"}},
                         {}, {}));
    return rows;
}

std::vector<Row> at_the_shop() {
    std::vector<Row> rows =
        on_both({.name = "https",
                 .why = "HTTPS, which Adobe Commerce does not offer over PrivateLink",
                 .servers = {{.address = "{a}", .port = 80, .behaviour = shop("400 Bad Request")}},
                 .more = "app = \"http\"\ntls = true\n"},
                {.cause = "wrong_service",
                 .probes = {{"tls", "{a}", "not_tls"}},
                 .remediation = {"80 is plain HTTP and 2222 SFTP",
                                 "HTTPS (443) and SSH (22) to Adobe Commerce are not available"}},
                {}, {});
    append(rows,
           on_both({.name = "maintenance",
                    .why = "the shop is in maintenance mode",
                    .servers = {{.address = "{a}", .port = 80, .behaviour = shop("503 Service Unavailable")}},
                    .more = "app = \"http\"\n"},
                   {.cause = "service_failing",
                    .probes = {{"app", "{a}", ""}},
                    .remediation = {"The link works", "Staging or Production", "update the Support ticket"}},
                   {}, {}));
    append(rows, on_both({.name = "silent",
                          .why = "the load balancer accepts, and no shop answers",
                          .servers = {{.address = "{a}", .port = 80, .behaviour = lab::silent()}},
                          .more = "app = \"http\"\n"},
                         {.cause = "backend_silent",
                          .at_most = "medium",
                          .probes = {{"app", "{a}", "timeout"}},
                          .remediation = {"80 is plain HTTP, 2222 SFTP", "`netstat -na | grep 80`",
                                          "update the Support ticket"}},
                         {"target groups are healthy"}, {"backends are healthy"}));
    return rows;
}

// ---- names ----

const std::string page_ticket = "PrivateLink support for <company>";
const std::string own_name = "PrivateDNS is not available with Adobe Commerce";

Row named(const std::string& name, const std::string& why, const std::string& host, Expected expected) {
    return {.name = name,
            .why = why,
            .resolvers = {leads_to({"{a}"})},
            .servers = {{.address = "{a}", .port = 80, .behaviour = shop("200 OK")}},
            .config = endpoint("adobe-commerce-aws", host),
            .expected = std::move(expected)};
}

std::vector<Row> names() {
    const Expected missing{
        .cause = "private_dns_missing",
        .probes = {{"dns", "{dns}:53", "nxdomain"}},
        .remediation = {own_name,
                        "Use the endpoint's own name, vpce-….vpce-svc-….REGION.vpce.amazonaws.com"}};
    Row region = named("adobe_aws_other_region", "the name with the region of the page's other sample",
                       other_region, missing);
    region.expected.remediation.emplace_back("including its region");
    const Row of_own =
        named("adobe_aws_no_private_dns", "a name of one's own, for PrivateDNS is not available",
              "shop.commerce.corp.test", missing);
    Row azure = of_own;
    azure.name = "adobe_azure_no_private_dns";
    azure.config = endpoint("adobe-commerce-azure", "shop.commerce.corp.test");
    azure.expected.remediation = {own_name, "Use the private endpoint's address", "/subscriptions/",
                                  "is not a host name"};
    Row open = named(
        "adobe_aws_public_address", "the page's sample of success shows a public address", page_host,
        {.cause = "private_dns_bypassed", .probes = {{"dns", "{dns}:53", ""}}, .remediation = {own_name}});
    open.resolvers = {leads_to({"{public}"})};
    open.servers = {{.address = "{public}", .port = 80, .behaviour = shop("200 OK")}};
    return {region, of_own, azure, open};
}

std::vector<Row> zones() {
    Row row =
        named("adobe_aws_one_zone", "of the endpoint's two zones one answers: curl from each VM", page_host,
              {.cause = "one_address_failing",
               .severity = "warning",
               .probes = {{"tcp", "{a}", "ok"}, {"tcp", "{b}", "timeout"}},
               .remediation = {"target groups are healthy", "Repeat netcat or curl from each VM"}});
    row.resolvers = {leads_to({"{a}", "{b}"})};
    row.router_rules = "forward ip daddr {b} drop";
    return {row};
}

// ---- what `config check` says before a packet is sent ----

Row linted(const std::string& name, const std::string& profile, const std::string& more,
           const std::string& warning) {
    return {
        .name = name,
        .why = warning,
        .config = "[[endpoint]]\nname = \"t\"\nhost = \"10.1.0.9\"\nprofile = \"" + profile + "\"\n" + more,
        .under = {"sh", "-c", "exec \"$0\" config check --config \"$3\""},
        .expected = {.exit_status = 0, .refusal = warning}};
}

std::vector<Row> lints() {
    return {
        linted("adobe_aws_https_port", "adobe-commerce-aws", "port = 443\n", "no HTTPS over a private link"),
        linted("adobe_aws_ssh_port", "adobe-commerce-aws", "port = 22\n", "no SSH over a private link"),
        linted("adobe_azure_https_port", "adobe-commerce-azure", "port = 443\n",
               "no HTTPS over a private link"),
        linted("adobe_azure_ssh_port", "adobe-commerce-azure", "port = 22\n", "no SSH over a private link"),
    };
}

// ---- from Adobe: the customer's side of a bidirectional link ----

struct Inbound {
    std::string name;
    std::string why;
    std::uint16_t port = 0;           ///< of its own: all rows share the VM
    std::string listens = "0.0.0.0";  ///< empty: nothing listens
    std::string window = "2s";
    std::string more = {};
    bool visited = true;
    std::string client_rules = {};
};

Row watched(const std::string& cloud, const Inbound& scene, Expected expected) {
    Row row{.name = "adobe_" + cloud + "_back_" + scene.name,
            .why = scene.why,
            .client_rules = scene.client_rules,
            .config = "[[watch]]\nname = \"t\"\ndirection = \"inbound\"\nprofile = \"adobe-commerce-" +
                      cloud + "\"\nport = " + std::to_string(scene.port) + "\nwindow = \"" + scene.window +
                      "\"\n" + scene.more,
            .expected = std::move(expected)};
    if (!scene.listens.empty()) {
        row.own_servers = {{.address = scene.listens, .port = scene.port, .behaviour = lab::echoes()}};
    }
    if (scene.visited) {
        row.visitors = {{.from = "{a}", .to = "10.77.0.2", .port = scene.port}};
    }
    return row;
}

std::vector<Row> back_on_aws() {
    const std::string netstat = "Check on the VM that serves: `netstat -na | grep ";
    return {
        watched("aws", {.name = "running", .why = "Adobe comes and is served", .port = 8080},
                {.at_least = "high", .evidence = {"{a}: "}}),
        watched("aws",
                {.name = "not_added",
                 .why = "the principal is not allowed, so that Adobe's link is not added",
                 .port = 8081,
                 .more = "expect_traffic = \"1s\"\n",
                 .visited = false},
                {.cause = "no_inbound_traffic",
                 .remediation = {"arn:aws:iam::402592597372:root", "Allow principals",
                                 "Accept endpoint connection request", "Network Load Balancer",
                                 "target groups are healthy", netstat + "8081`",
                                 "`tcpdump -i INTERFACE -tt -nn port 8081 and host SOURCE`", page_ticket,
                                 "`magento-cloud project:info`", "up to 5 business days",
                                 "`curl -v telnet://", "connect-endpoint-service-vpc"}}),
        watched("aws",
                {.name = "nothing_listens", .why = "nothing listens on the VM", .port = 8082, .listens = ""},
                {.cause = "connection_refused",
                 .at_least = "high",
                 .probes = {{"listener", "", "not_listening"}},
                 .remediation = {netstat + "8082`", "target groups are healthy"}}),
        watched("aws",
                {.name = "local_firewall",
                 .why = "a rule of the VM drops what the load balancer sends",
                 .port = 8083,
                 .window = "5s",
                 .client_rules = "input tcp dport 8083 drop"},
                {.cause = "local_firewall",
                 .at_least = "high",
                 .probes = {{"listener", "", "ok"}, {"packets", "", "timeout"}},
                 .remediation = {netstat + "8083`", "tcpdump -i INTERFACE -tt -nn port 8083",
                                 "Load Balancer's private addresses on port 8083"}}),
    };
}

std::vector<Row> back_on_azure() {
    const std::string netstat = "Check on the VM that serves: `netstat -na | grep ";
    return {
        watched("azure", {.name = "running", .why = "Adobe comes and is served", .port = 8090},
                {.at_least = "high", .evidence = {"{a}: "}}),
        watched("azure",
                {.name = "not_approved",
                 .why = "Adobe's subscription is not let in, or its request waits",
                 .port = 8091,
                 .more = "expect_traffic = \"1s\"\n",
                 .visited = false},
                {.cause = "no_inbound_traffic",
                 .remediation = {"allow Adobe's subscription under Access security",
                                 "give Adobe its resource ID", "Private endpoint connections, Approve",
                                 "backends are healthy", netstat + "8091`", page_ticket,
                                 "`cat /etc/platform_cluster`", "list of Azure subscription IDs",
                                 "up to 5 business days", "troubleshoot-private-link-connectivity"}}),
        watched("azure",
                {.name = "loopback_only",
                 .why = "the service listens on loopback alone",
                 .port = 8092,
                 .listens = "127.0.0.1"},
                {.cause = "connection_refused",
                 .at_least = "high",
                 .probes = {{"listener", "", "not_listening"}},
                 .remediation = {netstat + "8092`", "backends are healthy"}}),
        watched("azure",
                {.name = "local_firewall",
                 .why = "a rule of the VM drops what the Private Link service sends",
                 .port = 8093,
                 .window = "5s",
                 .client_rules = "input tcp dport 8093 drop"},
                {.cause = "local_firewall",
                 .at_least = "high",
                 .probes = {{"listener", "", "ok"}, {"packets", "", "timeout"}},
                 .remediation = {netstat + "8093`", "Allow the Private Link service's NAT addresses"}}),
    };
}

}  // namespace

std::vector<Row> adobe_commerce_rows() {
    std::vector<Row> rows;
    for (const auto& part : {connected(), timed_out(), refused_or_ended(), at_the_shop(), names(), zones(),
                             lints(), back_on_aws(), back_on_azure()}) {
        append(rows, part);
    }
    return rows;
}

}  // namespace whylink::netns_test
