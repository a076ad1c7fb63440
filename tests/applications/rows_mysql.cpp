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

/// Rounds before the one that is looked at, of a server that blocks a host after two errors. It counts only where it looks
/// up the names of its clients, and greets them behind that: a file of its own has this one's.
Row counted(const std::string& name, const std::string& why, const Asked& asked, Expected expected) {
    Daemon server = mariadb("--skip-name-resolve=0 --max-connect-errors=2", a_user);
    server.argv.back().insert(0, "mount --bind {dir}/hosts /etc/hosts || exit; ");
    server.argv.insert(server.argv.begin(), {"unshare", "--mount"});
    server.files["{dir}/hosts"] = "10.77.0.2 client.corp.test\n";
    Row row = scene(name, why, {std::move(server)}, asked, std::move(expected));
    row.under = {"sh", "-c", "for i in 1 2 3 4 5; do \"$@\" >/dev/null 2>&1; done; exec \"$@\"", "sh"};
    return row;
}

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
              secure, told("unexpected_reply", "tls_incompatible", "offers no TLS")),
        // It looks at the transport once the password is right.
        scene("mariadb_tls_only", "MariaDB wants TLS, and tells that to its own users only",
              {mariadb(tls_on + " --require-secure-transport=1", a_user)}, plain, reached()),
        out_of_connections(),
        counted("mariadb_bare_rounds", "rounds without an application do not block the host",
                {"none", mysql_port},
                {.at_least = "high",
                 .probes = {{"tcp", "{a}", "ok"}},
                 .evidence = {"counts no error of this host"}}),
        counted("mariadb_tls_rounds", "nor do rounds that would begin with a ClientHello",
                {"none", mysql_port, "timeout = \"2s\"\n", with_tls},
                {.cause = "wrong_service", .at_least = "high", .evidence = {"MySQL"}}),
        scene("mariadb_wrong_name", "the certificate inside MariaDB's protocol is of another host",
              {mariadb(tls_on, a_user)},
              {"mysql", mysql_port, {}, with_tls + "server_name = \"other.corp.test\"\n"},
              {.cause = "wrong_server_name", .probes = {{"tls", "{a}", "certificate_name_mismatch"}}}),
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
