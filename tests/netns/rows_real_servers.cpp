// Real servers: what nginx, HAProxy, BIND, Unbound and dnsmasq do when they are set up in the usual wrong
// ways.
#include <utility>

#include "config_text.hpp"
#include "rows.hpp"
#include "web_servers.hpp"

namespace whylink::netns_test {
namespace {

Row with(const std::string& name, const std::string& why, Daemon daemon, const std::string& outcome,
         const std::string& cause) {
    return {.name = name,
            .why = why,
            .resolvers = {{"{dns}", "db.corp.test A {a}"}},
            .daemons = {std::move(daemon)},
            .config = secure(),
            .expected = {.cause = cause, .probes = {{"tls", "{a}", outcome}}}};
}

// A follow-up test finds that it speaks TLS behind a PROXY header.
Row proxy_header_missing(const std::string& name, const std::string& why, Daemon daemon) {
    Row row = with(name, why, std::move(daemon), "pending_allowlist", "proxy_protocol_mismatch");
    row.expected.at_least = "high";
    row.expected.probes.push_back({"tls", "{a}", "ok", "proxy_v2"});
    return row;
}

// Without a server behind it the header changes nothing that is seen.
Row proxy_header_hidden(const std::string& name, const std::string& why, Daemon daemon) {
    Row row = with(name, why, std::move(daemon), "pending_allowlist", "not_on_allowlist");
    row.expected.at_most = "medium";
    row.expected.alternatives = {"proxy_protocol_mismatch"};
    return row;
}

std::vector<Row> stream_servers() {
    return {
        with("nginx_good", "nginx with TLS", nginx("listen {a}:5432 ssl;"), "ok", "healthy"),
        with("nginx_plain", "TLS to a plain-text port of nginx", nginx("listen {a}:5432;"), "not_tls",
             "wrong_service"),
        with("nginx_verify_client", "nginx wants a client certificate, and says so only to a request",
             nginx("listen {a}:5432 ssl; ssl_verify_client on; ssl_client_certificate {ca};"), "ok",
             "healthy"),
        with("nginx_reject_handshake", "nginx does not know the name",
             nginx("listen {a}:5432 ssl; ssl_reject_handshake on;"), "tls_alert", "tls_incompatible"),
        with("nginx_1_1", "nginx with TLS 1.1 only",
             nginx("listen {a}:5432 ssl; ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;"),
             "tls_mismatch", "tls_incompatible"),
        proxy_header_missing("nginx_proxy_protocol", "nginx waits for a PROXY header",
                             nginx("listen {a}:5432 ssl proxy_protocol;")),
        proxy_header_hidden("haproxy_accept_proxy", "HAProxy waits for a PROXY header",
                            haproxy_tcp("listen l\n bind {a}:5432 accept-proxy\n server s {b}:5432\n")),
        with("haproxy_no_servers", "HAProxy has no server for the backend",
             haproxy_tcp("frontend f\n bind {a}:5432\n default_backend none\nbackend none\n"),
             "pending_allowlist", "not_on_allowlist"),
        with("haproxy_servers_down", "HAProxy's only server refuses",
             haproxy_tcp("listen l\n bind {a}:5432\n retries 0\n server s {b}:5432\n"), "pending_allowlist",
             "not_on_allowlist"),
    };
}

Daemon named(const std::string& zones) {
    return {
        .argv = {"named", "-g", "-n", "1", "-c", "{dir}/named.conf"},
        .files =
            {{"{dir}/named.conf",
              "options { directory \"{dir}\"; listen-on { {dns}; }; listen-on-v6 { none; }; pid-file none;\n"
              " session-keyfile none; dnssec-validation no; recursion yes; allow-query { any; };\n"
              " allow-recursion { any; }; empty-zones-enable no; max-clients-per-query 0; };\n"
              "controls { };\n" +
                  zones},
             {"{dir}/z.db",
              "$TTL 300\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A {dns}\n* A {a}\n"
              "ent A {a}\n_x.db TXT x\n"}},
        .ready_address = "{dns}",
        .ready_port = 53};
}

Row zone_of(const std::string& name, const std::string& why, Daemon daemon, const std::string& more,
            Expected expected) {
    return {.name = name,
            .why = why,
            .daemons = {std::move(daemon)},
            .server_ip = "addr add {dns}/32 dev lo",
            .config = zone(more),
            .expected = std::move(expected)};
}

std::vector<Row> name_servers() {
    const std::string z = "zone \"z.corp.test\" { type master; file \"z.db\"; };\n";
    const std::string root = "zone \".\" { type master; file \"root.db\"; };\n";
    Daemon authoritative = named(z + root);
    authoritative.files["{dir}/root.db"] = "$TTL 300\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A {dns}\n";
    // Nothing listens where it forwards to.
    const Daemon broken_forwarder =
        named("zone \"corp.test\" { type forward; forward only; forwarders { {c}; }; };\n");
    const Daemon unbound{
        .argv = {"unbound", "-d", "-c", "{dir}/unbound.conf"},
        .files = {{"{dir}/unbound.conf",
                   "server:\n username: \"\"\n chroot: \"\"\n directory: \"{dir}\"\n pidfile: \"\"\n"
                   " use-syslog: no\n interface: {dns}\n access-control: 0.0.0.0/0 allow\n"
                   " local-zone: \"z.corp.test.\" redirect\n"
                   " local-data: \"z.corp.test. A {a}\"\n local-zone: \".\" static\n"}},
        .ready_address = "{dns}",
        .ready_port = 53};
    const auto dnsmasq = [](const std::string& lines) {
        return Daemon{
            .argv = {"dnsmasq", "-k", "-C", "{dir}/dnsmasq.conf"},
            .files = {{"{dir}/dnsmasq.conf",
                       "no-resolv\nno-hosts\nuser=root\nbind-interfaces\nlisten-address={dns}\npid-file=\n" +
                           lines}},
            .ready_address = "{dns}",
            .ready_port = 53};
    };
    const std::string expect_a = "expect = [\"{a}\"]\n";
    return {
        zone_of("bind_wildcard", "BIND with a wildcard", authoritative,
                expect_a + "known_labels = [\"ent\"]\n", {}),
        zone_of("bind_empty_non_terminal",
                "in BIND, a name below the known label makes it exist without an address", authoritative,
                expect_a, {.cause = "wildcard_overridden", .probes = {{"dns", "db.z.corp.test", "nodata"}}}),
        zone_of("bind_broken_forwarder", "BIND cannot reach what it forwards to: SERVFAIL", broken_forwarder,
                "", {.cause = "resolver_failing", .probes = {{"dns", "{dns}:53", "servfail"}}}),
        zone_of("unbound_redirect", "Unbound with a redirected zone", unbound, expect_a, {}),
        zone_of("dnsmasq_wildcard", "dnsmasq with an address for the zone",
                dnsmasq("address=/z.corp.test/{a}\n"), expect_a, {}),
        zone_of("dnsmasq_rewrites", "dnsmasq with an address for everything", dnsmasq("address=/#/{a}\n"),
                expect_a, {.cause = "resolver_rewrites", .severity = "warning"}),
    };
}

}  // namespace

std::vector<Row> real_server_rows() {
    std::vector<Row> rows = stream_servers();
    const auto more = name_servers();
    rows.insert(rows.end(), more.begin(), more.end());
    return rows;
}

}  // namespace whylink::netns_test
