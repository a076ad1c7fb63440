// PostgreSQL.
#include "databases.hpp"
#include "rows.hpp"
#include "scene.hpp"
#include "web_servers.hpp"

namespace whylink::netns_test {
namespace {

const std::string everybody = "host all all all trust\n";
const std::string password = "host all all all scram-sha-256\n";
const std::string tls_on = "ssl = on\n";

Row out_of_connections() {
    const Daemon holds =
        once_up("psql -X -A -t -h {a} -U postgres -c \"select 'up'\" -c 'select pg_sleep(3600)' 2>&1");
    return scene("postgres_out_of_connections", "PostgreSQL has as many connections as it may",
                 {postgres(everybody, "max_connections = 1\nsuperuser_reserved_connections = 0\n"), holds},
                 {"postgres", postgres_port},
                 told("unexpected_reply", "service_failing", "too many clients"));
}

// Others may be let in from here: the rules are by address, user, database and TLS together.
Expected refused(const std::string& words) {
    return {.cause = "access_forbidden",
            .at_most = "medium",
            .at_least = "medium",
            .probes = {{"app", "{a}", "forbidden"}},
            .evidence = {words}};
}

std::vector<Row> plain_rows() {
    const Asked asked{"postgres", postgres_port};
    return {
        scene("postgres_trust", "PostgreSQL lets everybody in, and does not know the role",
              {postgres(everybody)}, asked, reached()),
        scene("postgres_scram", "PostgreSQL wants a password", {postgres(password)}, asked, reached()),
        scene("postgres_md5", "PostgreSQL wants a password, in the old way",
              {postgres("host all all all md5\n")}, asked, reached()),
        scene("postgres_reject", "a rule of pg_hba.conf rejects the address",
              {postgres("host all all 10.77.0.0/16 reject\n" + everybody)}, asked,
              refused("pg_hba.conf rejects connection")),
        scene("postgres_no_entry", "no rule of pg_hba.conf is for the address",
              {postgres("host all all 192.0.2.0/24 trust\n")}, asked,
              refused("no pg_hba.conf entry for host")),
        // The service works for those it lists: nothing in the answer tells that from a refused network.
        scene("postgres_other_user", "pg_hba.conf has the address, and lets in other users only",
              {postgres("host app app all scram-sha-256\n")}, asked,
              refused("user \"whylink\", database \"postgres\"")),
        scene("postgres_tls_only", "pg_hba.conf lets in those who speak TLS only",
              {postgres("hostssl all all all scram-sha-256\n", tls_on)}, asked, refused("no encryption")),
        out_of_connections(),
        scene("postgres_is_http", "a web server where PostgreSQL is expected",
              {nginx("listen {a}:5432; return 200 fine;", 5432)}, asked,
              {.cause = "wrong_service", .probes = {{"app", "{a}", "unexpected_reply"}}}),
    };
}

std::vector<Row> tls_rows() {
    const Asked asked{"postgres", postgres_port, {}, with_tls};
    return {
        scene("postgres_tls", "PostgreSQL wants a password inside TLS", {postgres(password, tls_on)}, asked,
              reached()),
        scene("postgres_hostssl", "PostgreSQL lets in those who speak TLS, which whylink does",
              {postgres("hostssl all all all scram-sha-256\n", tls_on)}, asked, reached()),
        scene("postgres_tls_reject", "a rule of pg_hba.conf rejects the address inside TLS",
              {postgres("host all all all reject\n", tls_on)}, asked,
              refused("pg_hba.conf rejects connection")),
        scene("postgres_without_tls", "TLS asked of PostgreSQL without it", {postgres(password)}, asked,
              told("unexpected_reply", "tls_incompatible", "offers no TLS")),
        scene("postgres_wrong_ca", "the certificate inside PostgreSQL's protocol is not trusted",
              {postgres(password, tls_on)},
              {"postgres", postgres_port, {}, "[endpoint.tls]\nca_file = \"{client_cert}\"\n"},
              {.cause = "certificate_problem", .probes = {{"tls", "{a}", "certificate_untrusted"}}}),
        scene("postgres_wrong_name", "the certificate inside PostgreSQL's protocol is of another host",
              {postgres(password, tls_on)},
              {"postgres", postgres_port, {}, with_tls + "server_name = \"other.corp.test\"\n"},
              {.cause = "wrong_server_name", .probes = {{"tls", "{a}", "certificate_name_mismatch"}}}),
    };
}

}  // namespace

std::vector<Row> postgres_rows() {
    std::vector<Row> rows = plain_rows();
    const auto more = tls_rows();
    rows.insert(rows.end(), more.begin(), more.end());
    return rows;
}

}  // namespace whylink::netns_test
