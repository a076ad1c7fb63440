// Services in plain text that are given TLS.
#include <utility>

#include "confounder.hpp"

namespace whylink::confounders {
namespace {

using netns_test::Daemon;

Daemon at(Daemon daemon, std::uint16_t port) {
    daemon.ready_address = "{a}";
    daemon.ready_port = port;
    return daemon;
}

Daemon redis() {
    return at({.argv = {"redis-server", "--bind", "{a}", "--port", "6379", "--save", "", "--dir", "/dev/shm",
                        "--protected-mode", "no"},
               .files = {}},
              6379);
}

Daemon mosquitto() {
    return at({.argv = {"mosquitto", "-c", "{dir}/mosquitto.conf"},
               .files = {{"{dir}/mosquitto.conf",
                          "user root\nlistener 1883 {a}\nallow_anonymous true\npersistence false\n"}}},
              1883);
}

// It refuses to run as root.
Daemon postgres() {
    return at({.argv = {"sh", "-c",
                        "cd {dir} && chown postgres . && exec setpriv --reuid postgres --regid postgres "
                        "--clear-groups sh -c 'bin=/usr/lib/postgresql/15/bin; $bin/initdb -N -A trust data "
                        "&& exec $bin/postgres -D data -h {a} -p 5432 -k {dir} -F'"},
               .files = {{"{dir}/why", "a place of its own\n"}}},
              5432);
}

Daemon mariadb() {
    return at({.argv = {"sh", "-c",
                        "mkdir -p {dir}/data && exec mariadbd --no-defaults --user=root --skip-grant-tables "
                        "--skip-name-resolve "
                        "--datadir={dir}/data --socket={dir}/s --pid-file={dir}/p --port=3306 "
                        "--bind-address={a} --innodb-buffer-pool-size=8M --innodb-log-file-size=4M"},
               .files = {{"{dir}/why", "a place of its own\n"}}},
              3306);
}

Confounder given_tls(const std::string& name, const std::string& why, Daemon daemon,
                     const std::string& more) {
    const std::string port = "port = " + std::to_string(daemon.ready_port) + "\n";
    return served(name, why, "wrong_service", std::move(daemon), secure(port + more));
}

}  // namespace

std::vector<Confounder> plain_text_services() {
    // TLS begins inside its protocol.
    Confounder no_tls_inside = given_tls("mysql_without_tls", "MySQL (MariaDB) without TLS (app = \"mysql\")",
                                         mariadb(), "app = \"mysql\"\n");
    no_tls_inside.truth = "tls_incompatible";
    // It closes for the header alone, with FIN when it has read all that came, with RST when the ClientHello was
    // there before.
    Confounder no_app =
        given_tls("postgres_given_tls", "PostgreSQL given TLS at once, no app configured", postgres(), "");
    no_app.by_chance = {"proxy_v2"};
    return {
        given_tls("redis_given_tls", "Redis in plain text, given TLS (app = \"redis\")", redis(),
                  "app = \"redis\"\n"),
        given_tls("redis_given_tls_no_app", "the same, no app configured", redis(), ""),
        given_tls("mosquitto_given_tls", "mosquitto in plain text, given TLS (app = \"mqtt\")", mosquitto(),
                  "app = \"mqtt\"\n"),
        given_tls("mosquitto_given_tls_no_app", "the same, no app configured", mosquitto(), ""),
        no_app,
        given_tls("mysql_given_tls", "MySQL (MariaDB) given TLS at once, no app configured", mariadb(), ""),
        no_tls_inside,
    };
}

}  // namespace whylink::confounders
