// EMQX: the service is one's own, and whylink runs beside it. docs.emqx.com, "AWS PrivateLink" and "Azure
// PrivateLink": target group or backend pool, internal load balancer, endpoint service, EMQX.
//
// Redis on port 6379 is the page's demonstration; it also says that other resources of a data integration
// have other ports, of which each watch here takes one of its own, for all rows share the VM.
#include <utility>

#include "walkthrough.hpp"
#include "web_servers.hpp"

namespace whylink::netns_test {
namespace {

constexpr const char* this_vm = "10.77.0.2";
constexpr std::uint16_t redis_port = 6379;

/// From where Azure's load balancers probe; known on the way there and back.
const std::string azure_probe = "168.63.129.16";

Row with_azure_probe(Row row) {
    row.server_ip += "addr replace 168.63.129.16/32 dev lo\n";
    row.router_ip += "route replace 168.63.129.16/32 via 10.99.0.2\n";
    row.client_ip += "route replace 168.63.129.16/32 via 10.77.0.1\n";
    return row;
}

Daemon redis(const std::string& address, std::uint16_t port) {
    return {.argv = {"redis-server", "--bind", address, "--port", std::to_string(port), "--save", "", "--dir",
                     "{dir}", "--protected-mode", "no"},
            .files = {{"{dir}/made", ""}},
            .ready_address = address,
            .ready_port = port};
}

// haproxy.org, proxy-protocol.txt, section 2.2: TCP over IPv4, from 192.0.2.7:4711 to 10.77.0.2:6379, and the
// field of Azure (type 0xEE, subtype 1, LINKID 7) or of AWS (0xEA, 1, the endpoint's ID).
std::string proxy_header(const std::string& field) {
    std::string header("\r\n\r\n\0\r\nQUIT\n\x21\x11", 14);
    header += std::string{'\0', static_cast<char>(12 + field.size())};
    header += std::string("\xc0\x00\x02\x07\x0a\x4d\x00\x02\x12\x67\x18\xeb", 12);
    return header + field;
}

const std::string azure_field("\xee\x00\x05\x01\x07\x00\x00\x00", 8);
const std::string aws_field = std::string("\xea\x00\x17\x01", 4) + "vpce-0123456789abcdef0";

// ---- beside the service: what arrives ----

struct Scene {
    std::string name;
    std::string why;
    std::uint16_t port = 0;
    std::string listens = "0.0.0.0";  ///< empty: nothing listens
    std::string window = "2s";
    std::string more = {};
    std::vector<std::string> from = {};
};

Row watched(const std::string& profile, const Scene& scene, Expected expected) {
    const std::string port = std::to_string(scene.port);
    Row row{.name = scene.name,
            .why = scene.why,
            .config = "[[watch]]\nname = \"t\"\ndirection = \"inbound\"\nprofile = \"" + profile +
                      "\"\nport = " + port + "\nwindow = \"" + scene.window + "\"\n" + scene.more,
            .expected = std::move(expected)};
    if (!scene.listens.empty()) {
        row.own_servers = {{.address = scene.listens, .port = scene.port, .behaviour = lab::echoes()}};
    }
    for (const std::string& from : scene.from) {
        row.visitors.push_back({.from = from, .to = this_vm, .port = scene.port, .send = "PING\r\n"});
    }
    return row;
}

// {a} and {b} are the load balancer's private addresses: all that is seen of EMQX, and of health checks.
Row aws(Scene scene, Expected expected) {
    scene.name = "emqx_aws_" + scene.name;
    return watched("emqx-aws", scene, std::move(expected));
}

// {a} is an address of the Private Link service's source NAT subnet.
Row azure(Scene scene, Expected expected) {
    scene.name = "emqx_azure_" + scene.name;
    Row row = with_azure_probe(watched("emqx-azure", scene, std::move(expected)));
    for (Visitor& visitor : row.visitors) {
        visitor.send = visitor.from == azure_probe ? "" : visitor.send;
    }
    return row;
}

const std::vector<std::string> balancer{"{a}", "{b}"};
const std::vector<std::string> nat_and_probe{"{a}", azure_probe};

std::vector<Row> served() {
    const Row on_aws = aws({.name = "running",
                            .why = "EMQX's connections and the health checks come from the load balancer",
                            .port = 9092,
                            .more = "expect_traffic = \"1s\"\n",
                            .from = balancer},
                           {.at_least = "high",
                            .probes = {{"listener", "", "ok"}, {"packets", "", "ok"}},
                            .evidence = {"{a}: ", "{b}: "}});
    Row on_azure = azure({.name = "running",
                          .why = "EMQX comes through the NAT subnet to Redis, Azure's probe besides",
                          .port = redis_port,
                          .listens = "",
                          .more = "expect_traffic = \"1s\"\n",
                          .from = nat_and_probe},
                         {.at_least = "high",
                          .probes = {{"listener", "", "ok"}, {"packets", "", "ok"}},
                          .evidence = {"{a}: ", "168.63.129.16 (Azure's health probe)"}});
    on_azure.own_daemons = {redis(this_vm, redis_port)};
    return {on_aws, on_azure};
}

std::vector<Row> nothing_to_reach() {
    const std::vector<std::string> on_aws{"`ss -lnt` must show port", "on an address that is not loopback",
                                          "this host as a registered target", "it is healthy"};
    const std::vector<std::string> on_azure{"`ss -lnt` must show port", "on an address that is not loopback",
                                            "inbound NAT rule", "the same backend port of this host",
                                            "from a VM in another subnet than the backend pool's"};
    return {
        aws({.name = "nothing_listens",
             .why = "the target is unhealthy, for nothing listens",
             .port = 5432,
             .listens = "",
             .from = balancer},
            {.cause = "connection_refused",
             .at_least = "high",
             .probes = {{"listener", "", "not_listening"}, {"packets", "", "refused"}},
             .remediation = on_aws}),
        aws({.name = "loopback_only",
             .why = "the target is unhealthy, for the service listens on loopback alone",
             .port = 5433,
             .listens = "127.0.0.1",
             .from = balancer},
            {.cause = "connection_refused",
             .at_least = "high",
             .probes = {{"listener", "", "not_listening"}},
             .evidence = {"127.0.0.1:5433"},
             .remediation = on_aws}),
        azure({.name = "nothing_listens",
               .why = "the rule leads to a backend port on which nothing listens",
               .port = 27017,
               .listens = "",
               .from = nat_and_probe},
              {.cause = "connection_refused",
               .at_least = "high",
               .probes = {{"listener", "", "not_listening"}, {"packets", "", "refused"}},
               .remediation = on_azure}),
        azure({.name = "loopback_only",
               .why = "Redis as it comes: it listens on loopback alone",
               .port = 27018,
               .listens = "127.0.0.1",
               .from = nat_and_probe},
              {.cause = "connection_refused",
               .at_least = "high",
               .probes = {{"listener", "", "not_listening"}},
               .evidence = {"127.0.0.1:27018"},
               .remediation = on_azure}),
    };
}

std::vector<Row> not_let_in() {
    Row on_aws = aws({.name = "local_firewall",
                      .why = "a local rule drops what the load balancer sends, so the target is unhealthy",
                      .port = 3306,
                      .window = "5s",
                      .from = balancer},
                     {.cause = "local_firewall",
                      .at_least = "high",
                      .probes = {{"listener", "", "ok"}, {"packets", "", "timeout"}},
                      .remediation = {"the load balancer's private addresses in on port 3306",
                                      "security group", "`nft list ruleset`"}});
    on_aws.client_rules = "input tcp dport 3306 drop";
    Row on_azure = azure({.name = "local_firewall",
                          .why = "a local rule drops what comes from the NAT subnet and from Azure's probe",
                          .port = 3307,
                          .window = "5s",
                          .from = nat_and_probe},
                         {.cause = "local_firewall",
                          .at_least = "high",
                          .probes = {{"listener", "", "ok"}, {"packets", "", "timeout"}},
                          .remediation = {"the Private Link service's NAT addresses",
                                          "168.63.129.16 for health probes", "network security group"}});
    on_azure.client_rules = "input tcp dport 3307 drop";
    Row probe_only =
        azure({.name = "probe_let_in_alone",
               .why = "a local rule lets Azure's probe in and not the NAT subnet: healthy in the portal only",
               .port = 3308,
               .window = "5s",
               .from = nat_and_probe},
              {.cause = "local_firewall",
               .severity = "warning",
               .probes = {{"listener", "", "ok"}, {"packets", "", "timeout"}},
               .evidence = {"{a}: ", "168.63.129.16 (Azure's health probe)"},
               .remediation = {"Allow the Private Link service's NAT addresses"}});
    probe_only.client_rules = "input ip saddr {a} tcp dport 3308 drop";
    return {on_aws, on_azure, probe_only};
}

Row full(Row row, std::uint16_t port) {
    row.own_servers.clear();
    row.full_listeners = {port};
    return row;
}

std::vector<Row> hung() {
    return {
        full(aws({.name = "hung",
                  .why = "the service accepts no more, so the target is unhealthy",
                  .port = 8086,
                  .window = "5s",
                  .from = balancer},
                 {.cause = "backend_silent",
                  .probes = {{"packets", "", "timeout"}},
                  .excluded = {"local_firewall"},
                  .remediation = {"Recv-Q above Send-Q", "this host as a registered target"}}),
             8086),
        full(azure({.name = "hung",
                    .why = "the service accepts no more",
                    .port = 8087,
                    .window = "5s",
                    .from = nat_and_probe},
                   {.cause = "backend_silent",
                    .probes = {{"packets", "", "timeout"}},
                    .excluded = {"local_firewall"},
                    .remediation = {"Recv-Q above Send-Q", "Enable TCP proxy V2"}}),
             8087),
    };
}

// ---- beside the service: what does not arrive ----

const std::string expects = "expect_traffic = \"1s\"\n";

std::vector<Row> nobody_comes() {
    const Expected on_aws{
        .cause = "no_inbound_traffic",
        .probes = {{"listener", "", "ok"}, {"packets", "", "timeout"}},
        .remediation = {"Copy the AWS ARN of the deployment from the EMQX console", "Allow principals",
                        "Accept Endpoint Connection Request", "of type Network",
                        "has the IP address type IPv4", "scheme internal", "target group has protocol TCP",
                        "health check's port is overridden", "by its AZ ID",
                        "with the endpoint service's name",
                        "status of the PrivateLink in the EMQX console is `running`", "click Test",
                        "remove the PrivateLink in the EMQX console first"}};
    const Expected on_azure{
        .cause = "no_inbound_traffic",
        .probes = {{"listener", "", "ok"}, {"packets", "", "timeout"}},
        .remediation = {"Copy the Azure subscription ID from the EMQX console",
                        "Access security, Restricted by subscription, Add subscription",
                        "Private endpoint connections, select it, Approve", "internal one (Standard)",
                        "its frontend IP address", "Backend Pool Configuration NIC", "inbound NAT rule",
                        "privateLinkServiceNetworkPolicies", "with the Private Link service's alias",
                        "status of the PrivateLink in the EMQX console is `running`", "Redis Single Mode",
                        "remove the PrivateLink in the EMQX console first"}};
    const Row probed = azure({.name = "pending_probed",
                              .why = "not approved: nothing of the NAT subnet, only Azure's probe",
                              .port = 1433,
                              .more = expects + "peer = [\"{net}.0/24\"]\n",
                              .from = {azure_probe}},
                             on_azure);
    return {
        aws({.name = "pending",
             .why = "not accepted, principal not allowed or another AZ: nobody comes",
             .port = 9093,
             .more = expects},
            on_aws),
        azure({.name = "pending",
               .why = "not approved, or the subscription is not let in: nobody comes",
               .port = 1434,
               .more = expects},
              on_azure),
        probed,
        azure({.name = "pending_probe_not_left_out",
               .why = "not approved, and the watch does not leave Azure's probe out: nothing fails",
               .port = 1435,
               .more = expects,
               .from = {azure_probe}},
              {.at_most = "low",
               .evidence = {"only Azure's health probe connected", "`peer` of the watch"},
               .summary = {"too little traffic to say that it works"}}),
    };
}

// ---- PROXY headers ----

Row header(Row row, const std::string& field, lab::StreamBehaviour behaviour) {
    row.own_servers[0].behaviour = std::move(behaviour);
    row.visitors[0].send = proxy_header(field) + "PING\r\n";
    return row;
}

/// What becomes of the page's own demonstration. A service that says nothing is no proof of a failure.
Row silent_redis() {
    Row row = azure({.name = "proxy_header_to_redis",
                     .why = "Enable TCP proxy V2 is Yes, and Redis waits for more behind the header",
                     .port = 6381,
                     .listens = "",
                     .from = {"{a}"}},
                    {.at_most = "low",
                     .evidence = {"began with a PROXY header", "Azure LINKID 7",
                                  "the service does not know the PROXY header"},
                     .summary = {"too little traffic to say that it works"}});
    row.own_daemons = {redis(this_vm, 6381)};
    row.visitors[0].send = proxy_header(azure_field) + "PING\r\n";
    return row;
}

std::vector<Row> headers_arrive() {
    const Row on_aws = aws({.name = "proxy_header_unwanted",
                            .why = "proxy_protocol_v2.enabled, and a service that resets at the header",
                            .port = 1883,
                            .from = {"{a}"}},
                           {.cause = "proxy_protocol_mismatch",
                            .at_most = "medium",
                            .severity = "warning",
                            .probes = {{"listener", "", "ok"}, {"packets", "", "unexpected_reply"}},
                            .evidence = {"192.0.2.7", "AWS endpoint vpce-0123456789abcdef0"},
                            .remediation = {"proxy_protocol_v2.enabled"}});
    const Row on_azure =
        azure({.name = "proxy_header_unwanted",
               .why = "Enable TCP proxy V2 is Yes, and a service that closes at the header",
               .port = 1884,
               .from = {"{a}"}},
              {.cause = "proxy_protocol_mismatch",
               .at_most = "medium",
               .severity = "warning",
               .probes = {{"listener", "", "ok"}, {"packets", "", "unexpected_reply"}},
               .evidence = {"192.0.2.7", "Azure LINKID 7"},
               .remediation = {"Enable TCP proxy V2 of the Private Link service must be No"}});
    return {header(on_aws, aws_field, lab::reset_after_read()),
            header(on_azure, azure_field, lab::close_after_read()), silent_redis()};
}

// ---- towards the load balancer's frontend, from another subnet ----

/// A follow-up test of two stages has the time of one, half a second each at least.
const std::string room_to_experiment = "timeout = \"2s\"\n";

std::string frontend(const std::string& profile, const std::string& more = "") {
    const std::string app = profile == "emqx-aws" ? "port = 6379\napp = \"redis\"\n" : "";
    const std::string timeout = more.empty() ? "timeout = \"900ms\"\n" : "";
    return "[[endpoint]]\nname = \"t\"\nhost = \"{a}\"\nprofile = \"" + profile + "\"\n" + app + timeout +
           more;
}

struct Front {
    std::string name;
    std::string why;
    std::string more = {};
};

/// On both clouds, with what each page says.
std::vector<Row> fronts(const Front& front, const Expected& expected,
                        const std::vector<std::string>& aws_steps,
                        const std::vector<std::string>& azure_steps) {
    Row row{.name = "emqx_aws_frontend_" + front.name,
            .why = front.why,
            .config = frontend("emqx-aws", front.more),
            .expected = expected};
    row.expected.remediation = aws_steps;
    Row other = row;
    other.name = "emqx_azure_frontend_" + front.name;
    other.config = frontend("emqx-azure", front.more);
    other.expected.remediation = azure_steps;
    return {row, other};
}

std::vector<Row> with(std::vector<Row> rows, const std::vector<Daemon>& daemons) {
    for (Row& row : rows) {
        row.daemons = daemons;
    }
    return rows;
}

std::vector<Row> with(std::vector<Row> rows, const lab::StreamBehaviour& behaviour) {
    for (Row& row : rows) {
        row.servers = {{.address = "{a}", .port = redis_port, .behaviour = behaviour}};
    }
    return rows;
}

std::vector<Row> dropped(std::vector<Row> rows) {
    for (Row& row : rows) {
        row.router_rules = "forward ip daddr {a} drop";
    }
    return rows;
}

const std::vector<std::string> aws_target{"TCP listener on port 6379", "this host as a registered target"};
const std::vector<std::string> nat_rule{"inbound NAT rule", "frontend's port 6379 to the same backend port"};

std::vector<Row> frontend_at_tcp() {
    std::vector<Row> rows = with(fronts({.name = "answers", .why = "PING, and Redis says PONG"},
                                        {.probes = {{"tcp", "{a}", "ok"}, {"app", "{a}", "ok"}}}, {}, {}),
                                 {redis("{a}", redis_port)});
    const auto refused = with(
        fronts({.name = "other_backend_port", .why = "Redis listens on another port than the rule leads to"},
               {.cause = "connection_refused", .probes = {{"tcp", "{a}", "refused"}}},
               {"this host as a registered target", "`ss -lnt` must show port 6379"}, nat_rule),
        {redis("{a}", 6380)});
    const auto unanswered = dropped(
        fronts({.name = "unanswered", .why = "no healthy target, or a security group in front of it"},
               {.cause = "syn_unanswered", .at_most = "medium", .probes = {{"tcp", "{a}", "timeout"}}},
               {"Accept Endpoint Connection Request", "Allow principals", "by its AZ ID",
                "TCP listener on port 6379", "this host as a registered target",
                "the load balancer's private addresses in on port 6379"},
               {"Private endpoint connections, select it, Approve",
                "Access security, Restricted by subscription, Add subscription",
                "frontend's port 6379 to the same backend port", "Backend Pool Configuration NIC",
                "168.63.129.16 for health probes", "Send a PING to Redis"}));
    for (const auto& part : {refused, unanswered}) {
        rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
}

std::vector<Row> frontend_at_redis() {
    std::vector<Row> rows =
        with(fronts({.name = "other_service", .why = "the rule leads to another service's port"},
                    {.cause = "wrong_service", .probes = {{"app", "{a}", "unexpected_reply"}}}, aws_target,
                    nat_rule),
             lab::greets("SSH-2.0-OpenSSH_9.2\r\n"));
    const auto silent = with(
        fronts({.name = "silent", .why = "Redis is hung, and the kernel accepts for it"},
               {.cause = "backend_silent", .probes = {{"app", "{a}", "timeout"}}},
               {"answers locally", "proxy_protocol_v2.enabled"}, {"answers locally", "Enable TCP proxy V2"}),
        lab::silent());
    for (const auto& part : {silent}) {
        rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
}

Daemon behind_haproxy() {
    return haproxy_tcp("listen l\n bind {a}:6379 accept-proxy\n server s {b}:6380\n", redis_port);
}

std::vector<Row> frontend_headers() {
    const std::vector<std::string> on_aws{"proxy_protocol_v2.enabled"};
    const std::vector<std::string> on_azure{"Enable TCP proxy V2 of the Private Link service must be No"};
    const Expected mismatch{.cause = "proxy_protocol_mismatch", .at_least = "high"};
    std::vector<Row> rows = with(fronts({.name = "proxy_header_unwanted",
                                         .why = "TCP proxy V2 is on, and Redis keeps silent at the header",
                                         .more = room_to_experiment + "proxy_protocol = \"v2\"\n"},
                                        mismatch, on_aws, on_azure),
                                 {redis("{a}", redis_port)});
    const auto missing = with(fronts({.name = "proxy_header_missing",
                                      .why = "TCP proxy V2 is off, and HAProxy waits for the header",
                                      .more = room_to_experiment},
                                     mismatch, on_aws, on_azure),
                              {redis("{b}", 6380), behind_haproxy()});
    rows.insert(rows.end(), missing.begin(), missing.end());
    return rows;
}

std::vector<Row> frontend_zones() {
    Row row{.name = "emqx_aws_frontend_one_zone",
            .why = "the load balancer's address in one zone answers, in the other it does not",
            .resolvers = {{"{dns}",
                           "demo-redis-0123456789abcdef.elb.us-east-1.amazonaws.com A {a}\n"
                           "demo-redis-0123456789abcdef.elb.us-east-1.amazonaws.com A {b}\n"}},
            .daemons = {redis("{a}", redis_port)},
            .router_rules = "forward ip daddr {b} drop",
            .config =
                "[[endpoint]]\nname = \"t\"\nprofile = \"emqx-aws\"\nport = 6379\napp = \"redis\"\n"
                "host = \"demo-redis-0123456789abcdef.elb.us-east-1.amazonaws.com\"\n"
                "resolvers = [\"{dns}\"]\ntimeout = \"900ms\"\n",
            .expected = {.cause = "one_address_failing",
                         .severity = "warning",
                         .probes = {{"app", "{a}", "ok"}, {"tcp", "{b}", "timeout"}},
                         .remediation = {"by its AZ ID", "this host as a registered target"}}};
    return {row};
}

}  // namespace

std::vector<Row> emqx_rows() {
    std::vector<Row> rows;
    for (const auto& part :
         {served(), nothing_to_reach(), not_let_in(), hung(), nobody_comes(), headers_arrive(),
          frontend_at_tcp(), frontend_at_redis(), frontend_headers(), frontend_zones()}) {
        rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
}

}  // namespace whylink::netns_test
