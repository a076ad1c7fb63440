// A PROXY header too few, or too many.
#include <utility>

#include "confounder.hpp"

namespace whylink::confounders {
namespace {

using netns_test::certificates;
using netns_test::Daemon;

// A load balancer that puts a header before each connection.
Daemon injects() {
    return haproxy_tcp("listen l\n bind {a}:5432\n server s {b}:5432 send-proxy-v2\n");
}

Daemon at_b(Daemon daemon) {
    daemon.ready_address = "{b}";
    return daemon;
}

Daemon redis(const std::string& address) {
    return {.argv = {"redis-server", "--bind", address, "--port", "5432", "--save", "", "--dir", "/dev/shm",
                     "--protected-mode", "no"},
            .files = {},
            .ready_address = address,
            .ready_port = 5432};
}

Confounder injected(const std::string& name, const std::string& why, Daemon behind,
                    std::string config = secure()) {
    Confounder made = served(name, why, "proxy_protocol_mismatch", std::move(behind), std::move(config));
    made.row.daemons.push_back(injects());
    return made;
}

}  // namespace

std::vector<Confounder> proxy_headers() {
    const std::string mismatch = "proxy_protocol_mismatch";
    const std::string sends_header = "proxy_protocol = \"v2\"\n";
    const std::string tls_behind = " server s {b}:5432\n";
    const Daemon tls = nginx("listen {b}:5432 ssl;");
    const Daemon waits = haproxy_tcp("listen l\n bind {a}:5432 accept-proxy\n" + tls_behind);
    const lab::StreamBehaviour speaks = lab::speaks(certificates().service("good"));

    Confounder tls_server =
        served("proxy_injected_tls", "PROXY header injected before a TLS server", mismatch, injects());
    tls_server.row.servers = {{.address = "{b}", .port = 5432, .behaviour = speaks}};
    Confounder accepts = served("haproxy_accept_proxy", "HAProxy accept-proxy before TLS, no header sent",
                                mismatch, at_b(tls));
    accepts.row.daemons.push_back(waits);
    Confounder redis_waits =
        served("haproxy_accept_proxy_redis", "HAProxy accept-proxy before Redis, no header sent", mismatch,
               redis("{b}"), plain("app = \"redis\"\n"));
    redis_waits.row.daemons.push_back(waits);
    return {
        tls_server,
        injected("proxy_injected_nginx", "PROXY header injected before nginx with TLS", at_b(tls)),
        injected("proxy_injected_redis", "PROXY header injected before Redis", redis("{b}"),
                 plain("app = \"redis\"\n")),
        injected("proxy_injected_redis_tls", "the same, and TLS is configured", redis("{b}"),
                 secure("app = \"redis\"\n")),
        served("nginx_proxy_protocol", "nginx `listen ssl proxy_protocol`, no header sent", mismatch,
               nginx("listen {a}:5432 ssl proxy_protocol;")),
        accepts,
        redis_waits,
        served("nginx_header_unwanted", "nginx with TLS, and a header is configured", mismatch,
               nginx("listen {a}:5432 ssl;"), secure(sends_header)),
        served("tls_header_unwanted", "a TLS server, and a header is configured", mismatch, speaks,
               secure(sends_header)),
        served("redis_header_unwanted", "Redis, and a header is configured", mismatch, redis("{a}"),
               plain("app = \"redis\"\n" + sends_header)),
        served("reset_behind_header", "RST although a header is configured and wanted", "not_on_allowlist",
               lab::reset_after_read(), secure(sends_header)),
    };
}

}  // namespace whylink::confounders
