// Applications, as public reports have them: who really answers, what a check does to a server, and where a server
// sends its clients. Servers that no distribution packages speak their bytes on a real socket.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "config_text.hpp"
#include "rows.hpp"

namespace whylink::netns_test {
namespace {

using std::string_literals::operator""s;

Row field(const std::string& name, const std::string& why, lab::StreamBehaviour behaviour, std::string config,
          Expected expected) {
    return {.name = "field_" + name,
            .why = why,
            .resolvers = {{"{dns}", "db.corp.test A {a}"}},
            .servers = {{.address = "{a}", .port = 5432, .behaviour = std::move(behaviour)}},
            .config = std::move(config),
            .expected = std::move(expected)};
}

const std::string expected_here = "expect = [\"{a}\"]\n";

Row at_port(Row row, std::uint16_t port) {
    for (Server& server : row.servers) {
        server.port = port;
    }
    return row;
}

/// A server in Python: `body` serves one connection `c`, which is accepted from `s`.
Daemon python(std::uint16_t port, const std::string& body) {
    const std::string number = std::to_string(port);
    return {.argv = {"python3", "{dir}/server" + number + ".py"},
            .files = {{"{dir}/server" + number + ".py",
                       "import socket, select, sys, time\n"
                       "s = socket.create_server(('{a}', " +
                           number +
                           "))\n"
                           "while True:\n"
                           "    c, _ = s.accept()\n"
                           "    try:\n" +
                           body + "    except OSError:\n        pass\n    c.close()\n"}},
            .ready_address = "{a}",
            .ready_port = port};
}

// ---- who really answers ----

/// SETTINGS without a setting, then WINDOW_UPDATE, as gRPC servers begin.
const std::string settings = "\0\0\0\x04\0\0\0\0\0"s + "\0\0\x04\x08\0\0\0\0\0\0\x0f\0\x01"s;

std::vector<Row> speakers() {
    const auto http = [](const std::string& more) {
        return plain(expected_here + "app = \"http\"\n" + more);
    };
    const auto stranger = [](const std::string& name, const std::string& what, std::string bytes) {
        return field("is_" + name, what + " where TLS is expected", lab::replies(std::move(bytes)),
                     secure(expected_here + impatient),
                     {.cause = "wrong_service", .at_least = "high", .evidence = {what}});
    };
    return {
        // A server of gRPC without TLS: `upstream sent invalid header`, "unexpected bytes" at the client.
        field("http2_only", "a gRPC server speaks HTTP/2 only, and ends whatever is no gRPC",
              lab::replies(settings), http(""),
              {.cause = "wrong_service",
               .at_most = "medium",
               .probes = {{"app", "{a}", "unexpected_reply"}},
               .alternatives = {"service_failing"},
               .evidence = {"HTTP/2"},
               .summary = {"HTTP/2 only"}}),
        stranger("amqp1", "an AMQP 1.0 broker", "AMQP\0\x01\0\0"s),
        stranger("ldap", "an LDAP server",
                 "\x30\x24\x02\x01\0\x78\x1f\x0a\x01\x02\x04\0\x04\0\x8a\x16"s + "1.3.6.1.4.1.1466.20036"),
        stranger("sqlserver", "a Microsoft SQL Server (TDS)",
                 "\x04\x01\0\x2b\0\0\x01\0\0\0\x1a\0\x06\x01\0\x20\0\x01\x02\0\x21\0\x01\xff"s),
        stranger("smb", "an SMB server", "\0\0\0\x55\xffSMBr\0\0\0\0\x98\x53\xc8"s),
        stranger("cassandra", "a Cassandra server (CQL)", "\x84\0\0\0\0\0\0\0\x3b\0\0\0\x0a\0\x35Invalid"s),
    };
}

// ---- what a follow-up test brings to light ----

/// Reads lines, so that a ClientHello without one leaves it waiting; Python's http.server does the same.
const std::string line_reader =
    "        got = b''\n"
    "        while b'\\n' not in got and len(got) < 4096:\n"
    "            more = c.recv(4096)\n"
    "            if not more: break\n"
    "            got += more.replace(b'\\n', b'\\n') if got or more[:1] != b'\\x16' else b'\\x16'\n"
    "        if b'\\n' in got:\n"
    "            ok = got.startswith(b'GET ')\n"
    "            c.sendall(b'HTTP/1.1 200 OK\\r\\n\\r\\n' if ok else b'HTTP/1.1 400 Bad request syntax\\r\\n\\r\\n')\n";

/// Follow-up tests come several at a time.
std::string in_threads(const std::string& body) {
    std::string indented;
    for (std::size_t begin = 0; begin < body.size();) {
        const std::size_t end = body.find('\n', begin) + 1;
        indented += "    " + body.substr(begin, end - begin);
        begin = end;
    }
    return "        import threading\n        def serve(c):\n" + indented +
           "            c.close()\n        threading.Thread(target=serve, args=(c,), daemon=True).start()\n"
           "        continue\n";
}

std::vector<Row> heard_in_tests() {
    const auto silent_http = [](const std::string& name, std::uint16_t port, std::vector<Seen> seen) {
        Row row = field(name, "plain HTTP where TLS is expected: it waits for the end of a line", {},
                        secure(expected_here + impatient + "port = " + std::to_string(port) + "\n"),
                        {.cause = "wrong_service",
                         .at_least = "high",
                         .probes = std::move(seen),
                         .excluded = {"path_mtu_black_hole"},
                         .evidence = {"HTTP"}});
        row.servers.clear();
        row.daemons = {python(port, in_threads(line_reader))};
        return row;
    };
    return {
        silent_http("plain_http_on_443", 443, {{"app", "{a}", "ok", "plain_text"}}),
        // No port says what may be spoken there: the PROXY header's test brings the answer.
        silent_http("plain_http_on_any_port", 5432, {{"tls", "{a}", "not_tls", "proxy_v2"}}),
    };
}

// ---- what a check does to a server, and what the server did before ----

/// Protocol::HandshakeV10 of a server without TLS; who leaves without a login is counted, and the third is blocked.
const std::string counting_mysql =
    "        import struct\n"
    "        def packet(n, body): return struct.pack('<I', len(body))[:3] + bytes([n]) + body\n"
    "        if errors >= 2:\n"
    "            c.sendall(packet(0, b'\\xff' + struct.pack('<H', 1129) + b\"Host '10.0.0.1' is blocked\"))\n"
    "        else:\n"
    "            c.sendall(packet(0, b'\\x0a8.0.36\\0' + b'\\1\\0\\0\\0' + b'A' * 8 + b'\\0' + struct.pack('<H', "
    "0xa200) + b'\\x21' + b'\\2\\0' + struct.pack('<H', 8) + b'\\x15' + b'\\0' * 10 + b'B' * 12 + b'\\0' +"
    " b'mysql_native_password\\0'))\n"
    "            c.settimeout(3)\n"
    "            try: login = c.recv(4096)\n"
    "            except OSError: login = b''\n"
    "            if b'whylink\\0' in login:\n"
    "                c.sendall(packet(2, b'\\xff' + struct.pack('<H', 1045) + b'#28000Access denied'))\n"
    "            elif not first:\n"
    "                errors += 1\n"
    "            first = False\n";

Daemon counting_server(std::uint16_t port) {
    Daemon daemon = python(port, counting_mysql);
    for (auto& [path, text] : daemon.files) {
        text = "errors = 0\nfirst = True  # the lab's own look whether it is up\n" + text;
    }
    return daemon;
}

/// Four rounds before the one that is looked at.
const std::vector<std::string> five_rounds{
    "sh", "-c", "for i in 1 2 3 4; do \"$@\" >/dev/null 2>&1; done; exec \"$@\"", "sh"};

std::vector<Row> histories() {
    const auto counted = [](const std::string& name, const std::string& why, const std::string& config,
                            Expected expected) {
        Row row = field(name, why, {}, config, std::move(expected));
        row.servers.clear();
        row.daemons = {counting_server(3306)};
        row.under = five_rounds;
        return row;
    };
    const auto greeted = [](const std::string& name, const std::string& why, std::uint16_t port,
                            const std::string& greeting, Expected expected) {
        return at_port(
            field(name, why, lab::greets(greeting),
                  plain(expected_here + "port = " + std::to_string(port) + "\n"), std::move(expected)),
            port);
    };
    Row early_talker = field("smtp_early_talker", "an SMTP server refuses who speaks before its greeting", {},
                             "", {.severity = "ok", .evidence = {"220 mail"}});
    early_talker.servers.clear();
    early_talker.daemons = {
        python(25,
               "        early, _, _ = select.select([c], [], [], 0.7)\n"
               "        c.sendall(b'521 5.5.1 Protocol error\\r\\n' if early and c.recv(64) else b'220 "
               "mail ESMTP\\r\\n')\n"
               "        c.settimeout(3)\n"
               "        c.recv(64)\n")};
    early_talker.arguments = {"diagnose", "{a}:25", "--timeout", "3s"};
    early_talker.target = "{a}:25";

    Row banned =
        field("ssh_banned", "fail2ban drops what comes from this host", {},
              plain(expected_here + "port = 22\n" + impatient),
              {.cause = "syn_unanswered", .at_most = "medium", .alternatives = {"access_forbidden"}});
    banned = at_port(std::move(banned), 22);
    banned.router_rules = "forward ip daddr {a} tcp dport 22 drop";
    return {
        counted("mysql_counts_bare_connections", "MySQL blocks a host after connections without a login",
                plain(expected_here + "port = 3306\n"),
                {.evidence = {"the server speaks first", "counts no error of this host"}}),
        counted("mysql_counts_handshakes", "MySQL counts a ClientHello as an error, and blocks the host",
                secure(expected_here + impatient + "port = 3306\n"),
                {.cause = "wrong_service", .at_least = "high", .evidence = {"a MySQL or MariaDB server"}}),
        greeted("mysql_blocked", "MySQL has blocked this host for its earlier connections", 3306,
                "\x45\0\0\0\xff\x69\x04Host '10.0.0.1' is blocked because of many connection errors"s,
                {.cause = "access_forbidden",
                 .at_least = "high",
                 .probes = {{"tcp", "{a}", "forbidden"}},
                 .summary = {"earlier connections"}}),
        greeted(
            "ssh_too_many", "an SSH server has as many unauthenticated connections as it takes", 22,
            "Exceeded MaxStartups\r\n",
            {.cause = "service_failing", .at_least = "high", .probes = {{"tcp", "{a}", "unexpected_reply"}}}),
        greeted("ssh_penalty", "an SSH server holds earlier connections against this host", 22,
                "Not allowed at this time\r\n",
                {.cause = "access_forbidden", .at_least = "high", .probes = {{"tcp", "{a}", "forbidden"}}}),
        greeted("smtp_refuses", "an SMTP server refuses this host", 25, "554 5.7.1 Service unavailable\r\n",
                {.cause = "access_forbidden", .at_least = "high", .probes = {{"tcp", "{a}", "forbidden"}}}),
        std::move(early_talker),
        std::move(banned),
    };
}

// ---- where a server sends its clients ----

std::string big_endian(std::uint32_t number, unsigned size) {
    std::string bytes;
    for (unsigned i = size; i > 0; --i) {
        bytes += static_cast<char>(number >> (8 * (i - 1)));
    }
    return bytes;
}

std::string little_endian(std::uint32_t number) {
    std::string bytes = big_endian(number, 4);
    return {bytes.rbegin(), bytes.rend()};
}

/// ApiVersions v0 that has Metadata 0 to 12, and Metadata v1 with one broker; in Python, for the hosts of a row are
/// known only when it runs.
Daemon kafka(const std::string& host, std::uint16_t broker_port) {
    return python(
        9092,
        "        import struct\n"
        "        def frame(body): return struct.pack('>I', len(body)) + body\n"
        "        c.recv(4096)\n"
        "        c.sendall(frame(b'whyl' + struct.pack('>hI', 0, 2) + struct.pack('>hhh', 3, 0, 12) +"
        " struct.pack('>hhh', 18, 0, 3)))\n"
        "        c.recv(4096)\n"
        "        host = b'" +
            host +
            "'\n"
            "        c.sendall(frame(b'whym' + struct.pack('>IIH', 1, 1, len(host)) + host +"
            " struct.pack('>IhII', " +
            std::to_string(broker_port) + ", -1, 1, 0)))\n        c.recv(64)\n");
}

std::string bson_text(const std::string& name, const std::string& value) {
    return "\x02"s + name + "\0"s + little_endian(static_cast<std::uint32_t>(value.size() + 1)) + value +
           "\0"s;
}

std::string bson_document(const std::string& elements) {
    return little_endian(static_cast<std::uint32_t>(elements.size() + 5)) + elements + "\0"s;
}

/// OP_MSG with the answer to `hello` of a primary of replica set rs0.
std::string mongodb_hello(const std::vector<std::string>& members) {
    std::string hosts;
    for (std::size_t i = 0; i < members.size(); ++i) {
        hosts += bson_text(std::to_string(i), members[i]);
    }
    const std::string document =
        bson_document("\x08isWritablePrimary\0\x01"s + "\x04hosts\0"s + bson_document(hosts) +
                      bson_text("setName", "rs0") + "\x10ok\0\x01\0\0\0"s);
    const std::string message =
        little_endian(7) + little_endian(1) + little_endian(2013) + "\0\0\0\0\0"s + document;
    return little_endian(static_cast<std::uint32_t>(message.size() + 4)) + message;
}

/// The first address works, and clients fail behind it.
Expected clients_fail(const std::string& at_least, const std::string& summary) {
    return {.cause = "one_address_failing",
            .at_most = at_least,
            .at_least = at_least,
            .severity = "warning",
            .healthy = true,
            .summary = {summary},
            .exit_status = 0};
}

Row kafka_row(const std::string& name, const std::string& why, const std::string& broker, std::uint16_t port,
              Expected expected) {
    Row row = field(name, why, {}, plain(expected_here + impatient + "port = 9092\napp = \"kafka\"\n"),
                    std::move(expected));
    row.servers.clear();
    row.daemons = {kafka(broker, port)};
    return row;
}

Row mongodb_row(const std::string& name, const std::string& why, const std::vector<std::string>& members,
                Expected expected) {
    return field(name, why, lab::replies(mongodb_hello(members)),
                 plain(expected_here + impatient + "app = \"mongodb\"\n"), std::move(expected));
}

Row http_row(const std::string& name, const std::string& why, const std::string& location,
             Expected expected) {
    return field(
        name, why,
        lab::replies("HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n"),
        plain(expected_here + impatient + "app = \"http\"\n"), std::move(expected));
}

std::vector<Row> next_hops() {
    const std::string unresolved = "a name that does not resolve";
    const std::string refused = "where they cannot connect";
    Row kafka_good =
        kafka_row("kafka_broker_reached", "Kafka advertises a listener that works", "broker.corp.test", 9093,
                  {.at_least = "high", .probes = {{"tcp", "{b}", "ok", "next_hop"}}});
    kafka_good.resolvers = {{"{dns}", "db.corp.test A {a}\nbroker.corp.test A {b}"}};
    kafka_good.servers = {{.address = "{b}", .port = 9093}};
    Row dropped = mongodb_row("mongodb_member_unreached", "a security group drops what goes to one member",
                              {"db.corp.test:5432", "member.corp.test:27018"},
                              clients_fail("medium", "sends no SYN-ACK"));
    dropped.resolvers = {{"{dns}", "db.corp.test A {a}\nmember.corp.test A {b}"}};
    dropped.router_rules = "forward ip daddr {b} tcp dport 27018 drop";
    Row local_name = kafka_row("kafka_broker_by_local_name", "the advertised name resolves to loopback only",
                               "broker.corp.test", 9092, clients_fail("high", "only its own host can use"));
    local_name.resolvers = {{"{dns}", "db.corp.test A {a}\nbroker.corp.test A 127.0.0.1"}};
    Row redirect_works =
        http_row("http_redirect_followed", "a redirect to another port of the host, which listens",
                 "http://db.corp.test:8080/", {.at_least = "high"});
    redirect_works.servers.push_back({.address = "{a}", .port = 8080});
    return {
        kafka_row("kafka_broker_unresolved", "Kafka advertises a name that this network does not have",
                  "kafka-1.internal.test", 9092, clients_fail("high", unresolved)),
        kafka_row("kafka_broker_is_localhost", "Kafka advertises localhost: the default of its listeners",
                  "localhost", 9092, clients_fail("high", "only its own host can use")),
        kafka_row("kafka_broker_refuses", "Kafka advertises a port on which nothing listens", "{a}", 9095,
                  clients_fail("high", refused)),
        std::move(kafka_good),
        std::move(local_name),
        mongodb_row("mongodb_itself_is_the_member", "a replica set of one, by the name that is configured",
                    {"db.corp.test:5432"}, {.at_least = "high"}),
        mongodb_row("mongodb_member_unresolved", "a member goes by the name of its own machine",
                    {"db.corp.test:5432", "ip-10-0-9-9:27017"}, clients_fail("high", unresolved)),
        std::move(dropped),
        http_row("http_redirect_to_https", "a redirect to HTTPS, whose port is closed",
                 "https://db.corp.test/", clients_fail("high", refused)),
        std::move(redirect_works),
        http_row("http_redirect_to_path", "a redirect to another path of the same server", "/login",
                 {.at_least = "high"}),
    };
}

// ---- a well-known port is spoken to in its own protocol at once ----

std::vector<Row> own_protocols() {
    // Whoever comes second, or with TLS, finds nothing.
    Row row = field("redis_at_once", "diagnose of a Redis that takes one connection", {}, "",
                    {.at_least = "high", .probes = {{"app", "{a}", "ok"}}, .summary = {"without TLS"}});
    row.servers.clear();
    Daemon once = python(6379,
                         "        if c.recv(64).startswith(b'*1'):\n"
                         "            c.sendall(b'+PONG\\r\\n')\n"
                         "            s.close()\n"
                         "            c.settimeout(3)\n"
                         "            c.recv(64)\n"
                         "            sys.exit(0)\n");
    row.daemons = {std::move(once)};
    row.arguments = {"diagnose", "{a}:6379", "--timeout", "900ms"};
    row.target = "{a}:6379";
    Row http = field("http_80_at_once", "diagnose of a web server on port 80",
                     lab::replies("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), "",
                     {.at_least = "high", .probes = {{"app", "{a}", "ok"}}});
    http = at_port(std::move(http), 80);
    http.arguments = {"diagnose", "{a}:80", "--timeout", "900ms"};
    http.target = "{a}:80";
    return {std::move(row), std::move(http)};
}

}  // namespace

std::vector<Row> field_application_rows() {
    std::vector<Row> rows;
    for (const std::vector<Row>& part :
         {speakers(), heard_in_tests(), histories(), next_hops(), own_protocols()}) {
        rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
}

}  // namespace whylink::netns_test
