// PROXY headers: servers that wait for one and those that do not know it.
#include "databases.hpp"
#include "rows.hpp"
#include "scene.hpp"
#include "web_servers.hpp"

namespace whylink::netns_test {
namespace {

const std::string v1 = "proxy_protocol = \"v1\"\n";
const std::string v2 = "proxy_protocol = \"v2\"\n";
const std::string served = " return 200 fine;";
const std::string haproxy_serves = "\n http-request return status 200\n";
const std::string haproxy_waits = "frontend f\n bind {a}:8080 accept-proxy" + haproxy_serves;

Daemon nginx_waiting() {
    return nginx("listen {a}:8080 proxy_protocol;" + served, 8080);
}

Daemon nginx_waiting_tls() {
    return nginx("listen {a}:8443 ssl proxy_protocol;" + served, 8443);
}

Daemon haproxy_waiting_tls() {
    return haproxy_http_with_tls(
        "frontend f\n bind {a}:8443 accept-proxy ssl crt {dir}/both.pem" + haproxy_serves, 8443);
}

Daemon mariadb_behind() {
    Daemon daemon = mariadb("--port=3307", "CREATE USER app@'%';");
    daemon.ready_port = 3307;
    return daemon;
}

// A follow-up test has sent one, and the server has answered.
Expected waits_for_header() {
    return {.cause = "proxy_protocol_mismatch",
            .at_least = "high",
            .probes = {{.stage = {}, .where = "{a}", .outcome = "ok", .experiment = "proxy_v2"}},
            .summary = {"expects a PROXY header"}};
}

Expected takes_no_header() {
    return {.cause = "proxy_protocol_mismatch", .at_least = "medium", .excluded = {"not_on_allowlist"}};
}

std::vector<Row> in_agreement() {
    return {
        scene("nginx_proxy_v1", "nginx waits for a PROXY header and gets one of version 1", {nginx_waiting()},
              {"http", 8080, v1}, reached()),
        scene("nginx_proxy_v2", "nginx waits for a PROXY header and gets one of version 2", {nginx_waiting()},
              {"http", 8080, v2}, reached()),
        scene("nginx_tls_proxy_v1", "the same in front of TLS", {nginx_waiting_tls()},
              {"http", 8443, v1, with_tls}, reached()),
        scene("nginx_tls_proxy_v2", "the same in front of TLS, version 2", {nginx_waiting_tls()},
              {"http", 8443, v2, with_tls}, reached()),
        scene("haproxy_proxy_v1", "HAProxy waits for a PROXY header and gets one of version 1",
              {haproxy_http(haproxy_waits, 8080)}, {"http", 8080, v1}, reached()),
        scene("haproxy_proxy_v2", "HAProxy waits for a PROXY header and gets one of version 2",
              {haproxy_http(haproxy_waits, 8080)}, {"http", 8080, v2}, reached()),
        scene("haproxy_tls_proxy_v2", "the same in front of TLS", {haproxy_waiting_tls()},
              {"http", 8443, v2, with_tls}, reached()),
    };
}

std::vector<Row> missing() {
    return {
        scene("nginx_proxy_missing", "nginx waits for a PROXY header, and none comes", {nginx_waiting()},
              {"http", 8080}, waits_for_header()),
        scene("nginx_tls_proxy_missing", "the same in front of TLS", {nginx_waiting_tls()},
              {"http", 8443, {}, with_tls}, waits_for_header()),
        scene("haproxy_proxy_missing", "HAProxy waits for a PROXY header, and none comes",
              {haproxy_http(haproxy_waits, 8080)}, {"http", 8080}, waits_for_header()),
        scene("haproxy_tls_proxy_missing", "the same in front of TLS", {haproxy_waiting_tls()},
              {"http", 8443, {}, with_tls}, waits_for_header()),
        scene("mariadb_proxy_missing", "MariaDB is behind a HAProxy that waits for a PROXY header",
              {mariadb_behind(),
               haproxy_http("listen l\n mode tcp\n bind {a}:3306 accept-proxy\n server s {a}:3307\n",
                            mysql_port)},
              {"mysql", mysql_port, "timeout = \"2s\"\n"}, waits_for_header()),
    };
}

std::vector<Row> unwanted() {
    const Daemon plain_nginx = nginx("listen {a}:8080;" + served, 8080);
    const Daemon tls_nginx = nginx("listen {a}:8443 ssl;" + served, 8443);
    const Daemon plain_haproxy = haproxy_http("frontend f\n bind {a}:8080" + haproxy_serves, 8080);
    const Daemon tls_haproxy =
        haproxy_http_with_tls("frontend f\n bind {a}:8443 ssl crt {dir}/both.pem" + haproxy_serves, 8443);
    return {
        scene("nginx_proxy_v1_unwanted", "nginx does not know the PROXY header", {plain_nginx},
              {"http", 8080, v1}, takes_no_header()),
        scene("nginx_proxy_v2_unwanted", "nginx does not know the PROXY header, version 2", {plain_nginx},
              {"http", 8080, v2}, takes_no_header()),
        scene("nginx_tls_proxy_v1_unwanted", "the same in front of TLS", {tls_nginx},
              {"http", 8443, v1, with_tls}, takes_no_header()),
        scene("nginx_tls_proxy_v2_unwanted", "the same in front of TLS, version 2", {tls_nginx},
              {"http", 8443, v2, with_tls}, takes_no_header()),
        scene("haproxy_proxy_v1_unwanted", "HAProxy does not know the PROXY header", {plain_haproxy},
              {"http", 8080, v1}, takes_no_header()),
        scene("haproxy_proxy_v2_unwanted", "HAProxy does not know the PROXY header, version 2",
              {plain_haproxy}, {"http", 8080, v2}, takes_no_header()),
        scene("haproxy_tls_proxy_v2_unwanted", "the same in front of TLS", {tls_haproxy},
              {"http", 8443, v2, with_tls}, takes_no_header()),
    };
}

}  // namespace

std::vector<Row> proxy_rows() {
    std::vector<Row> rows;
    for (const auto& part : {in_agreement(), missing(), unwanted()}) {
        rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
}

}  // namespace whylink::netns_test
