// HTTP: nginx and HAProxy.
#include "rows.hpp"
#include "scene.hpp"
#include "web_servers.hpp"

namespace whylink::netns_test {
namespace {

const std::string tls_port = "listen {a}:8443 ssl;";

std::vector<Row> nginx_rows() {
    return {
        scene("nginx_200", "nginx serves", {nginx("listen {a}:8080; return 200 fine;", 8080)}, {"http", 8080},
              reached()),
        // It answers, and its clients are sent to where nothing listens.
        scene("nginx_302", "nginx redirects to another host that refuses",
              {nginx("listen {a}:8080; return 302 http://{b}/;", 8080)}, {"http", 8080},
              {.cause = "one_address_failing",
               .at_least = "high",
               .severity = "warning",
               .healthy = true,
               .probes = {{"app", "{a}", "ok"}, {"tcp", "{b}", "refused", "next_hop"}},
               .exit_status = 0}),
        scene("nginx_302_wanted", "the redirect is what the check wants",
              {nginx("listen {a}:8080; return 302 http://{b}/;", 8080)},
              {"http", 8080, "http_status = [302]\n"}, reached()),
        // Port and HTTP/2 without TLS: nginx then speaks nothing else there.
        scene("nginx_h2c", "nginx speaks HTTP/2 only, without TLS",
              {nginx("listen {a}:8080 http2; return 200 fine;", 8080)}, {"http", 8080},
              {.at_least = "high", .probes = {{"app", "{a}", "ok"}}, .summary = {"HTTP/2 only"}}),
        scene("nginx_h2c_503", "nginx speaks HTTP/2 only and is in maintenance",
              {nginx("listen {a}:8080 http2; return 503;", 8080)}, {"http", 8080},
              told("unexpected_reply", "service_failing", "503")),
        scene("nginx_401", "nginx wants a password", {nginx("listen {a}:8080; return 401;", 8080)},
              {"http", 8080}, reached()),
        scene("nginx_path", "nginx serves the path that is configured, and no other",
              {nginx("listen {a}:8080; location = /live { return 204; } location / { return 500; }", 8080)},
              {"http", 8080, "http_path = \"/live\"\n"}, reached()),
        scene("nginx_deny", "nginx refuses the address",
              {nginx("listen {a}:8080; deny all; location / { root {dir}; }", 8080)}, {"http", 8080},
              told("forbidden", "access_forbidden", "403")),
        scene("nginx_404", "nginx does not have the page", {nginx("listen {a}:8080; return 404;", 8080)},
              {"http", 8080},
              {.cause = "wrong_service",
               .at_most = "low",
               .probes = {{"app", "{a}", "unexpected_reply"}},
               .alternatives = {"service_failing"},
               .evidence = {"404"}}),
        scene("nginx_404_wanted", "404 is what a health check of this service answers",
              {nginx("listen {a}:8080; return 404;", 8080)}, {"http", 8080, "http_status = [404]\n"},
              reached()),
        scene("nginx_503", "nginx is in maintenance", {nginx("listen {a}:8080; return 503;", 8080)},
              {"http", 8080}, told("unexpected_reply", "service_failing", "503")),
        scene("nginx_502", "nginx is reached, and nothing listens behind it",
              {nginx("listen {a}:8080; location / { proxy_pass http://{b}:1; }", 8080)}, {"http", 8080},
              told("unexpected_reply", "service_failing", "502")),
        scene("nginx_444", "nginx closes without an answer", {nginx("listen {a}:8080; return 444;", 8080)},
              {"http", 8080},
              {.cause = "not_on_allowlist",
               .at_most = "medium",
               .probes = {{"app", "{a}", "pending_allowlist"}},
               .alternatives = {"wrong_service"}}),
    };
}

std::vector<Row> nginx_tls_rows() {
    return {
        scene("nginx_tls", "nginx serves inside TLS", {nginx(tls_port + " return 200 fine;", 8443)},
              {"http", 8443, {}, with_tls}, reached()),
        scene("nginx_h2", "ALPN chooses HTTP/2", {nginx("listen {a}:8443 ssl http2; return 200 fine;", 8443)},
              {"http", 8443, {}, with_tls + "alpn = [\"h2\"]\n"},
              {.at_least = "high", .probes = {{"app", "{a}", "ok"}}, .evidence = {"HTTP/2 answers"}}),
        scene("nginx_h2_not_offered", "nginx has HTTP/2, and nobody asks for it",
              {nginx("listen {a}:8443 ssl http2; return 200 fine;", 8443)}, {"http", 8443, {}, with_tls},
              reached()),
        scene("nginx_tls_503", "nginx is in maintenance, inside TLS",
              {nginx(tls_port + " return 503;", 8443)}, {"http", 8443, {}, with_tls},
              told("unexpected_reply", "service_failing", "503")),
        scene("nginx_plain_to_tls", "plain HTTP to nginx's TLS port",
              {nginx(tls_port + " return 200 fine;", 8443)}, {"http", 8443},
              told("unexpected_reply", "wrong_service", "HTTPS port")),
        scene("nginx_tls_to_plain", "TLS to nginx's plain port",
              {nginx("listen {a}:8443; return 200 fine;", 8443)}, {"http", 8443, {}, with_tls},
              {.cause = "wrong_service", .probes = {{"tls", "{a}", "not_tls"}}}),
        scene(
            "nginx_client_certificate", "nginx wants a client certificate and says so in HTTP",
            {nginx(tls_port + " ssl_verify_client on; ssl_client_certificate {ca}; return 200 fine;", 8443)},
            {"http", 8443, {}, with_tls}, told("forbidden", "client_certificate_required", "certificate")),
        scene(
            "nginx_client_certificate_given", "nginx wants a client certificate and gets it",
            {nginx(tls_port + " ssl_verify_client on; ssl_client_certificate {ca}; return 200 fine;", 8443)},
            {"http", 8443, {}, with_tls + "cert_file = \"{client_cert}\"\nkey_file = \"{client_key}\"\n"},
            reached()),
    };
}

std::vector<Row> haproxy_rows() {
    const std::string nobody = "\nbackend nobody\n";
    const std::string tls_bind = "frontend f\n bind {a}:8443 ssl crt {dir}/both.pem\n";
    return {
        scene("haproxy_no_servers", "HAProxy has no server to send a request to",
              {haproxy_http("frontend f\n bind {a}:8080\n default_backend nobody\nbackend nobody\n", 8080)},
              {"http", 8080}, told("unexpected_reply", "service_failing", "503")),
        scene("haproxy_server_down", "HAProxy's only server refuses",
              {haproxy_http("listen l\n bind {a}:8080\n retries 0\n server s {b}:1\n", 8080)}, {"http", 8080},
              told("unexpected_reply", "service_failing", "503")),
        scene("haproxy_deny", "HAProxy's access list refuses the address",
              {haproxy_http("frontend f\n bind {a}:8080\n http-request deny unless { src 192.0.2.1 }\n"
                            " default_backend nobody" +
                                nobody,
                            8080)},
              {"http", 8080}, told("forbidden", "access_forbidden", "403")),
        scene(
            "haproxy_busy", "HAProxy tells too many requests",
            {haproxy_http(
                "frontend f\n bind {a}:8080\n http-request deny status 429\n default_backend nobody" + nobody,
                8080)},
            {"http", 8080},
            {.cause = "service_failing",
             .at_most = "medium",
             .probes = {{"app", "{a}", "unexpected_reply"}},
             .evidence = {"429"}}),
        scene("haproxy_tls", "HAProxy ends TLS and serves",
              {haproxy_http_with_tls(tls_bind + " http-request return status 200\n", 8443)},
              {"http", 8443, {}, with_tls}, reached()),
        scene("haproxy_tls_no_servers", "HAProxy ends TLS and has nobody behind it",
              {haproxy_http_with_tls(tls_bind + " default_backend nobody" + nobody, 8443)},
              {"http", 8443, {}, with_tls}, told("unexpected_reply", "service_failing", "503")),
        // It closes without a word, as whoever keeps an allow-list does.
        scene("haproxy_plain_to_tls", "plain HTTP to HAProxy's TLS port",
              {haproxy_http_with_tls(tls_bind + " http-request return status 200\n", 8443)}, {"http", 8443},
              {.cause = "not_on_allowlist",
               .at_most = "medium",
               .probes = {{"app", "{a}", "pending_allowlist"}},
               .alternatives = {"wrong_service"}}),
        scene("haproxy_tcp_no_servers", "HAProxy ends TLS in TCP mode, and has nobody behind it",
              {haproxy_http_with_tls("frontend f\n mode tcp\n bind {a}:8443 ssl crt {dir}/both.pem\n"
                                     " default_backend nobody\nbackend nobody\n mode tcp\n",
                                     8443)},
              {"http", 8443, {}, with_tls},
              {.cause = "reset_mid_connection",
               .at_most = "medium",
               .probes = {{"tls", "{a}", "ok"}, {"app", "{a}", "closed_by_peer"}},
               .alternatives = {"service_failing"}}),
    };
}

}  // namespace

std::vector<Row> http_rows() {
    std::vector<Row> rows;
    for (const auto& part : {nginx_rows(), nginx_tls_rows(), haproxy_rows()}) {
        rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
}

}  // namespace whylink::netns_test
