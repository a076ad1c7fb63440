// Redis.
#include "rows.hpp"
#include "scene.hpp"

namespace whylink::netns_test {
namespace {

constexpr std::uint16_t port = 6379;

Daemon redis(const std::string& lines) {
    return {.argv = {"redis-server", "{dir}/redis.conf"},
            .files = {{"{dir}/redis.conf",
                       "bind {a}\ndir {dir}\nsave \"\"\nappendonly no\ntls-auth-clients no\n" + lines}},
            .ready_address = "{a}",
            .ready_port = port};
}

const std::string open = "protected-mode no\n";
const std::string tls_only =
    "protected-mode no\nport 0\ntls-port 6379\ntls-cert-file {server_cert}\ntls-key-file {server_key}\n"
    "tls-ca-cert-file {ca}\n";

// Takes the only place that there is, and keeps it.
const std::string occupier =
    "import socket, time\n"
    "while True:\n"
    "    s = socket.create_connection(('{a}', 6379))\n"
    "    s.sendall(b'PING\\r\\n')\n"
    "    if s.recv(64).startswith(b'+PONG'):\n"
    "        break\n"
    "    s.close()\n"
    "    time.sleep(0.05)\n"
    "print('up', flush=True)\n"
    "time.sleep(3600)\n";

Row out_of_clients() {
    Daemon holds = once_up("python3 {dir}/occupier.py");
    holds.files["{dir}/occupier.py"] = occupier;
    return scene("redis_out_of_clients", "Redis has as many clients as it may",
                 {redis(open + "maxclients 1\n"), holds}, {"redis", port},
                 told("unexpected_reply", "service_failing", "max number of clients reached"));
}

/// A node that has all slots, and tells clients to come to `node`; its own bus needs a port of its own.
Row cluster(const std::string& name, const std::string& why, const std::string& announced,
            Expected expected) {
    Daemon node =
        redis(open + "cluster-enabled yes\ncluster-config-file {dir}/nodes.conf\ncluster-announce-ip " +
              announced + "\ncluster-require-full-coverage no\n");
    Daemon ready = once_up(
        "until redis-cli -h {a} CLUSTER ADDSLOTSRANGE 0 16383 2>/dev/null | grep -q OK; do sleep 0.1; done; echo up; "
        "sleep 3600");
    return scene(name, why, {std::move(node), std::move(ready)}, {"redis", port}, std::move(expected));
}

/// `diagnose` without a word on TLS.
Row diagnosed() {
    Row row = scene("redis_diagnose", "diagnose tries TLS, and finds that Redis speaks plain text",
                    {redis(open)}, {"redis", port});
    row.arguments = {"diagnose", "{a}:6379", "--timeout", "900ms"};
    row.target = "{a}:6379";
    return row;
}

}  // namespace

std::vector<Row> redis_rows() {
    return {
        scene("redis_open", "Redis serves", {redis(open)}, {"redis", port}, reached()),
        scene("redis_password", "Redis wants a password", {redis(open + "requirepass x\n")}, {"redis", port},
              reached()),
        scene("redis_protected", "Redis is in protected mode", {redis("protected-mode yes\n")},
              {"redis", port}, told("forbidden", "access_forbidden", "protected mode")),
        scene("redis_master_down", "Redis is a replica without its master",
              {redis(open + "replicaof {b} 1\nreplica-serve-stale-data no\n")}, {"redis", port},
              told("unexpected_reply", "service_failing", "MASTERDOWN")),
        out_of_clients(),
        cluster("redis_cluster", "the node of a cluster sends clients to itself", "{a}", reached()),
        cluster("redis_cluster_elsewhere", "the node of a cluster sends clients to an address that refuses",
                "{b}",
                {.cause = "one_address_failing",
                 .at_least = "high",
                 .severity = "warning",
                 .healthy = true,
                 .probes = {{"tcp", "{b}", "refused", "next_hop"}},
                 .exit_status = 0}),
        cluster("redis_cluster_at_home",
                "the node of a cluster in a container announces its loopback address", "127.0.0.1",
                {.cause = "one_address_failing",
                 .at_least = "high",
                 .severity = "warning",
                 .healthy = true,
                 .evidence = {},
                 .summary = {"only its own host can use"},
                 .exit_status = 0}),
        scene("redis_tls", "Redis serves inside TLS", {redis(tls_only)}, {"redis", port, {}, with_tls},
              reached()),
        scene("redis_tls_password", "Redis wants a password inside TLS",
              {redis(tls_only + "requirepass x\n")}, {"redis", port, {}, with_tls}, reached()),
        scene("redis_tls_client_certificate", "Redis wants a client certificate",
              {redis(tls_only + "tls-auth-clients yes\n")}, {"redis", port, {}, with_tls},
              {.cause = "client_certificate_required"}),
        scene("redis_tls_to_plain", "TLS to Redis without it", {redis(open)},
              {"redis", port, "timeout = \"2s\"\n", with_tls},
              {.cause = "wrong_service",
               .at_least = "high",
               .probes = {{"tls", "{a}", "timeout"}, {"app", "{a}", "ok", "plain_text"}}}),
        // It resets without a word, as whoever keeps an allow-list does.
        scene("redis_plain_to_tls", "plain text to Redis with TLS", {redis(tls_only)}, {"redis", port},
              {.cause = "not_on_allowlist",
               .at_most = "medium",
               .probes = {{"app", "{a}", "pending_allowlist"}},
               .alternatives = {"wrong_service"}}),
        // "Host:" makes it take the request for an attack from a browser, and it closes.
        scene("redis_http", "HTTP to Redis", {redis(open)}, {"http", port},
              {.cause = "not_on_allowlist",
               .at_most = "medium",
               .probes = {{"app", "{a}", "pending_allowlist"}},
               .alternatives = {"wrong_service"}}),
        diagnosed(),
    };
}

}  // namespace whylink::netns_test
