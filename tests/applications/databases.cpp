#include "databases.hpp"

namespace whylink::netns_test {
namespace {

/// What takes longest, made once and copied. {dir} is beside the folders of the other rows.
const std::string postgres_files =
    "set -e\n"
    "cd /\n"
    "as_postgres() { setpriv --reuid postgres --regid postgres --clear-groups \"$@\"; }\n"
    "bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)\n"
    "made={dir}/../.postgres\n"
    "if [ ! -d $made ]; then\n"
    "  install -d -o postgres $made.new\n"
    "  as_postgres $bin/initdb -D $made.new/data -U postgres --no-sync -A trust >/dev/null\n"
    "  mv $made.new $made\n"
    "fi\n"
    "cp -a $made/data {dir}/data\n"
    "cat {dir}/settings >>{dir}/data/postgresql.conf\n"
    "cp {dir}/access {dir}/data/pg_hba.conf\n"
    "cp {server_cert} {dir}/data/server.crt\n"
    "install -o postgres -m 600 {server_key} {dir}/data/server.key\n"
    "chown postgres {dir}/data/server.crt {dir}/data/pg_hba.conf\n";

/// What PostgreSQL shares by System V IPC would outlive its kill, but for a namespace of its own.
const std::string postgres_start =
    "exec unshare --ipc setpriv --reuid postgres --regid postgres --clear-groups $bin/postgres -D "
    "{dir}/data\n";

const std::string mariadb_files =
    "set -e\n"
    "made={dir}/../.mariadb\n"
    "if [ ! -d $made ]; then\n"
    "  mariadb-install-db --no-defaults --user=root --datadir=$made.new --skip-test-db "
    "--innodb-log-file-size=4M --auth-root-authentication-method=normal >/dev/null\n"
    "  mv $made.new $made\n"
    "fi\n"
    "cp -a $made {dir}/data\n";

}  // namespace

Daemon postgres(const std::string& access, const std::string& settings) {
    return {.argv = {"sh", "-c", postgres_files + postgres_start},
            .files = {{"{dir}/access", access},
                      {"{dir}/settings",
                       "listen_addresses = '{a}'\nunix_socket_directories = ''\nfsync = off\n"
                       "dynamic_shared_memory_type = mmap\nshared_buffers = 1MB\nautovacuum = off\n" +
                           settings}},
            .ready_address = "{a}",
            .ready_port = postgres_port};
}

Daemon mariadb(const std::string& options, const std::string& statements) {
    return {.argv = {"sh", "-c",
                     mariadb_files +
                         "exec mariadbd --no-defaults --user=root --datadir={dir}/data --bind-address={a} "
                         "--port=3306 --socket={dir}/socket --pid-file={dir}/pid "
                         "--innodb-log-file-size=4M --innodb-buffer-pool-size=8M --skip-name-resolve "
                         "--init-file={dir}/statements " +
                         options},
            .files = {{"{dir}/statements", statements + "\n"}},
            .ready_address = "{a}",
            .ready_port = mysql_port};
}

}  // namespace whylink::netns_test
