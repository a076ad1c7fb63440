// MySQL's protocol: MariaDB.
#include "databases.hpp"
#include "rows.hpp"
#include "scene.hpp"
#include "web_servers.hpp"

namespace whylink::netns_test {
namespace {

const std::string a_user = "CREATE USER app@'%' IDENTIFIED BY 'x';";
const std::string tls_on = "--ssl-cert={server_cert} --ssl-key={server_key}";

// Whoever has not logged in takes a place too.
const std::string occupier =
    "import socket, time\n"
    "held = []\n"
    "while True:\n"
    "    s = socket.create_connection(('{a}', 3306))\n"
    "    if s.recv(512)[4:5] == b'\\xff':\n"
    "        break\n"
    "    held.append(s)\n"
    "print('up', flush=True)\n"
    "time.sleep(3600)\n";

Row out_of_connections() {
    Daemon holds = once_up("python3 {dir}/occupier.py");
    holds.files["{dir}/occupier.py"] = occupier;
    return scene("mariadb_out_of_connections", "MariaDB has as many connections as it may",
                 {mariadb("--max-connections=10 --connect-timeout=3600", a_user), holds},
                 {"mysql", mysql_port}, told("unexpected_reply", "service_failing", "Too many connections"));
}

Daemon postgres_at_mysql_port() {
    Daemon daemon = postgres("host all all all trust\n", "port = 3306\n");
    daemon.ready_port = mysql_port;
    return daemon;
}

}  // namespace

std::vector<Row> mysql_rows() {
    const Asked plain{"mysql", mysql_port};
    const Asked secure{"mysql", mysql_port, {}, with_tls};
    return {
        scene("mariadb_login", "MariaDB refuses the login: it has been reached", {mariadb("", a_user)}, plain,
              reached()),
        scene("mariadb_host_not_allowed", "MariaDB has no user who may come from this address", {mariadb("")},
              plain, told("forbidden", "access_forbidden", "is not allowed to connect")),
        scene("mariadb_tls", "MariaDB refuses the login inside TLS", {mariadb(tls_on, a_user)}, secure,
              reached()),
        scene("mariadb_without_tls", "TLS asked of MariaDB without it", {mariadb("--skip-ssl", a_user)},
              secure, told("unexpected_reply", "tls_incompatible", "offers none")),
        // It looks at the transport once the password is right.
        scene("mariadb_tls_only", "MariaDB wants TLS, and tells that to its own users only",
              {mariadb(tls_on + " --require-secure-transport=1", a_user)}, plain, reached()),
        out_of_connections(),
        scene("mariadb_wrong_name", "the certificate inside MariaDB's protocol is of another host",
              {mariadb(tls_on, a_user)},
              {"mysql", mysql_port, {}, with_tls + "server_name = \"other.corp.test\"\n"},
              {.cause = "wrong_service", .probes = {{"tls", "{a}", "certificate_name_mismatch"}}}),
        scene("mariadb_is_postgres", "PostgreSQL where MariaDB is expected: both wait",
              {postgres_at_mysql_port()}, {"mysql", mysql_port, "timeout = \"900ms\"\n"},
              {.cause = "backend_silent",
               .at_most = "medium",
               .probes = {{"app", "{a}", "timeout"}},
               .alternatives = {"wrong_service"}}),
        scene("postgres_is_mariadb", "MariaDB where PostgreSQL is expected", {mariadb("", a_user)},
              {"postgres", mysql_port}, {.cause = "wrong_service", .evidence = {"MySQL"}}),
    };
}

}  // namespace whylink::netns_test
