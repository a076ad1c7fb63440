// What public reports of broken (and of working) links describe, staged again.
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "config_text.hpp"
#include "rows.hpp"
#include "support/test_ca.hpp"
#include "web_servers.hpp"

namespace whylink::netns_test {
namespace {

const std::string good_zone = "db.corp.test A {a}\n";
const std::string resolv_conf = "nameserver {dns}\n";
const std::string hosts_file = "127.0.0.1 localhost\n";

/// The name leads to {a}, where a plain-text server listens.
Row reported(const std::string& name, const std::string& why, Expected expected) {
    return {.name = "field_" + name,
            .why = why,
            .resolvers = {{"{dns}", good_zone}},
            .servers = {{.address = "{a}", .port = 5432}},
            .config = plain(impatient),
            .expected = std::move(expected)};
}

/// Healthy, and the line says who is not served.
Expected works_with_a_warning(std::vector<std::string> evidence) {
    return {.severity = "warning", .healthy = true, .evidence = std::move(evidence)};
}

/// Runs shell commands in a namespace, then listens at `address`, port `port`, to say that they are done.
Daemon once_done(const std::string& commands, const std::string& address, std::uint16_t port) {
    return {.argv = {"sh", "-c",
                     "set -e; " + commands +
                         "\nexec python3 -c 'import socket, signal; s = socket.create_server((\"" + address +
                         "\", " + std::to_string(port) + ")); signal.pause()'"},
            .files = {},
            .ready_address = address,
            .ready_port = port};
}

// ---- what resolvers do with private names ----

Row rebinding_filter() {
    Row row = reported("rebinding_filter",
                       "the record is there, and a forwarder removes private addresses from public names",
                       {.cause = "private_dns_missing",
                        .at_most = "medium",
                        .evidence = {"EDE 15"},
                        .remediation = {"rebind-domain-ok"},
                        .summary = {"DNS rebinding"}});
    row.resolvers = {{"{dns2}", good_zone}};
    row.daemons = {{.argv = {"dnsmasq", "-k", "-C", "{dir}/dnsmasq.conf"},
                    .files = {{"{dir}/dnsmasq.conf",
                               "no-resolv\nno-hosts\nuser=root\nbind-interfaces\nlisten-address={dns}\n"
                               "pid-file=\nstop-dns-rebind\nserver={dns2}\n"}},
                    .ready_address = "{dns}",
                    .ready_port = 53}};
    row.server_ip = "addr add {dns}/32 dev lo";
    return row;
}

/// Answers over UDP from {c} what was asked of {dns}; over TCP as it should.
const std::string other_source =
    "import socket, socketserver, threading\n"
    "def answer(query):\n"
    "    end = query.index(0, 12) + 5\n"
    "    ipv4 = query[end - 4:end - 2] == b'\\0\\1'\n"
    "    header = query[:2] + b'\\x81\\x80\\0\\1' + (b'\\0\\1' if ipv4 else b'\\0\\0') + b'\\0\\0\\0\\0'\n"
    "    record = b'\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\x3c\\0\\4' + socket.inet_aton('{a}')\n"
    "    return header + query[12:end] + (record if ipv4 else b'')\n"
    "class Tcp(socketserver.StreamRequestHandler):\n"
    "    def handle(self):\n"
    "        while len(size := self.rfile.read(2)) == 2:\n"
    "            reply = answer(self.rfile.read(int.from_bytes(size, 'big')))\n"
    "            self.wfile.write(len(reply).to_bytes(2, 'big') + reply)\n"
    "receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
    "receiver.bind(('{dns}', 53))\n"
    "sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
    "sender.bind(('{c}', 53))\n"
    "server = socketserver.ThreadingTCPServer(('{dns}', 53), Tcp)\n"
    "threading.Thread(target=server.serve_forever, daemon=True).start()\n"
    "while True:\n"
    "    query, client = receiver.recvfrom(4096)\n"
    "    sender.sendto(answer(query), client)\n";

Row reply_from_elsewhere() {
    Row row =
        reported("reply_from_elsewhere", "the DNS server has two addresses and answers from the other one",
                 {.cause = "resolver_unreachable", .evidence = {"a reply came from {c}"}});
    row.resolvers.clear();
    row.daemons = {{.argv = {"python3", "{dir}/dns.py"},
                    .files = {{"{dir}/dns.py", other_source}},
                    .ready_address = "{dns}",
                    .ready_port = 53}};
    return row;
}

Row fake_address() {
    Row row =
        reported("fake_address", "a local proxy client answers every name with an address of 198.18.0.0/15",
                 {.cause = "resolver_rewrites", .evidence = {"198.18."}});
    row.resolvers = {{"{dns}", "* A 198.18.0.7"}};
    row.servers = {{.address = "198.18.0.7", .port = 5432}};
    row.client_ip = "route add 198.18.0.0/15 via 10.77.0.1";
    row.router_ip = "route add 198.18.0.0/15 via 10.99.0.2";
    row.server_ip = "route add local 198.18.0.0/15 dev lo";
    return row;
}

Row mesh_address() {
    Row row = reported("mesh_address",
                       "a mesh's sidecar answers the name with an address of its own, and cannot connect",
                       {.cause = "local_interception", .evidence = {"240.240."}});
    row.resolvers = {{"{dns}", "db.corp.test A 240.240.0.9"}};
    row.servers.clear();
    row.own_servers = {{.address = "127.0.0.1", .port = 15191, .behaviour = lab::reset_after_read()}};
    row.own_daemons = {
        once_done("nft 'table ip field_mesh { chain out { type nat hook output priority -100; "
                  "ip daddr 240.240.0.0/16 meta l4proto tcp redirect to :15191; }; }'",
                  "127.0.0.1", 9101)};
    row.client_ip = "route add 240.240.0.0/16 via 10.77.0.1";
    row.config = secure(impatient);
    return row;
}

Row lattice_address() {
    Row row =
        reported("lattice_address", "a service network of AWS gives its services link-local addresses",
                 {.cause = "wrong_dns_record", .at_most = "medium", .remediation = {"169.254.171.0/24"}});
    row.resolvers = {{"{dns}", "db.corp.test A 169.254.171.32"}};
    row.servers.clear();
    return row;
}

Row google_address() {
    Row row =
        reported("google_address", "Google's private VIP lies in public address space",
                 {.cause = "private_dns_bypassed", .at_most = "medium", .remediation = {"199.36.153.8"}});
    row.resolvers = {{"{dns}", "db.corp.test A 199.36.153.8"}};
    row.servers = {{.address = "199.36.153.8", .port = 5432}};
    row.client_ip = "route add 199.36.153.8/30 via 10.77.0.1";
    row.router_ip = "route add 199.36.153.8/30 via 10.99.0.2";
    row.server_ip = "route add local 199.36.153.8/30 dev lo";
    return row;
}

Row referral() {
    Row row = reported("referral", "a server that does not recurse answers with a referral",
                       {.cause = "resolver_failing", .evidence = {"referral"}});
    row.resolvers.clear();
    row.daemons = {
        {.argv = {"named", "-g", "-n", "1", "-c", "{dir}/named.conf"},
         .files = {{"{dir}/named.conf",
                    "options { directory \"{dir}\"; listen-on { {dns}; }; listen-on-v6 { none; };\n"
                    " pid-file none; session-keyfile none; dnssec-validation no; recursion no;\n"
                    " allow-query { any; }; };\ncontrols { };\n"
                    "zone \"test\" { type master; file \"test.db\"; };\n"},
                   {"{dir}/test.db",
                    "$TTL 300\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A {dns}\ncorp NS ns.corp\n"
                    "ns.corp A {dns2}\n"}},
         .ready_address = "{dns}",
         .ready_port = 53}};
    row.server_ip = "addr add {dns}/32 dev lo";
    return row;
}

Row blocklist() {
    Row row = reported("blocklist", "a filter list of the resolver answers 0.0.0.0",
                       {.cause = "wrong_dns_record", .at_most = "medium", .remediation = {"blocklist"}});
    row.resolvers = {{"{dns}", "db.corp.test A 0.0.0.0"}};
    return row;
}

// ---- programs ask otherwise ----

/// The forwarder takes the address out and says nothing of it: no extended error, no SOA.
Row filter_without_a_word() {
    Row row =
        reported("filter_without_a_word",
                 "a forwarder empties answers with private addresses; this host's own resolver has them",
                 {.cause = "private_dns_missing",
                  .at_most = "medium",
                  .alternatives = {"resolver_rewrites"},
                  .remediation = {"rebinding"}});
    row.resolvers = {{"{dns}", "db.corp.test TXT x\n"}, {"{dns2}", good_zone}};
    row.files = {{"/etc/resolv.conf", "nameserver {dns2}\n"}};
    return row;
}

Row aaaa_nxdomain() {
    Row row = reported("aaaa_nxdomain",
                       "NXDOMAIN for AAAA beside an A record: programs on musl cannot resolve the name",
                       works_with_a_warning({"NXDOMAIN"}));
    row.resolvers = {{"{dns}", good_zone + "db.corp.test FAULT nxdomain AAAA"}};
    return row;
}

Row two_queries_of_a_socket() {
    Row row = reported("two_queries_of_a_socket",
                       "of an A and an AAAA query of one socket the second is lost: 5 s for each name",
                       works_with_a_warning({"A answered, no reply to AAAA"}));
    row.router_rules =
        "forward ip daddr {dns} udp dport 53 meter field_socket { udp sport limit rate over 1/second burst 1 "
        "packets } drop";
    row.config = plain("resolvers = [\"system\"]\n");
    row.files = {{"/etc/resolv.conf", resolv_conf}, {"/etc/hosts", hosts_file}};
    return row;
}

Row search_list() {
    Row row =
        reported("search_list", "a wildcard of the search list answers first: programs go to another address",
                 works_with_a_warning({"use the search list"}));
    row.resolvers = {{"{dns}", good_zone + "*.lan.test A {c}"}};
    row.servers.push_back({.address = "{c}", .port = 5432});
    row.config = plain("resolvers = [\"system\"]\n");
    row.files = {{"/etc/resolv.conf", resolv_conf + "search lan.test\noptions ndots:5\n"},
                 {"/etc/hosts", hosts_file}};
    return row;
}

Row multicast_names() {
    Row row = reported("multicast_names", "nsswitch.conf gives .local to multicast DNS and stops there",
                       works_with_a_warning({"nsswitch"}));
    row.resolvers = {{"{dns}", "db.local A {a}"}};
    row.config = plain("host = \"db.local\"\nresolvers = [\"system\"]\n");
    row.files = {{"/etc/resolv.conf", resolv_conf},
                 {"/etc/hosts", hosts_file},
                 {"/etc/nsswitch.conf", "hosts: files mdns4_minimal [NOTFOUND=return] dns\n"}};
    return row;
}

Row stub_of_another_namespace() {
    Row row =
        reported("stub_of_another_namespace",
                 "a container has the host's resolv.conf, whose stub resolver is not in this namespace",
                 {.cause = "resolver_unreachable", .remediation = {"/run/systemd/resolve/resolv.conf"}});
    row.config = plain("resolvers = [\"system\"]\n" + impatient);
    row.files = {{"/etc/resolv.conf", "nameserver 127.0.0.53\noptions edns0 trust-ad\n"},
                 {"/etc/hosts", hosts_file}};
    return row;
}

// ---- routes of this host ----

Row blackhole_here() {
    Row row = reported(
        "blackhole_here", "this host has a blackhole route: connect() says EINVAL",
        {.cause = "no_route", .probes = {{"tcp", "{a}", "unreachable"}}, .remediation = {"ip route get"}});
    row.client_ip = "route add blackhole {a}/32";
    return row;
}

// ---- the path ----

Row reverse_path_filter() {
    Row row = reported("reverse_path_filter",
                       "two interfaces: the answer comes in by another one than the route back leads through",
                       {.cause = "local_firewall", .evidence = {"field0"}, .remediation = {"rp_filter"}});
    row.client_ip =
        "link add field0 type veth peer name field1\naddr add 10.78.0.2/24 dev field0\n"
        "link set field0 up\nlink set field1 up\n"
        "route add {a}/32 dev field0\nroute add {a}/32 via 10.77.0.1 src 10.77.0.2 table {table}\n"
        "rule add fwmark 7 to {a} lookup {table}";
    row.config = plain(impatient + "mark = 7\n");
    row.own_daemons = {once_done("echo 1 >/proc/sys/net/ipv4/conf/eth0/rp_filter", "127.0.0.1", 9102)};
    return row;
}

/// Answers each SYN to {a} with a SYN-ACK of this window, and with nothing after it. Its checksum is wrong
/// where the first argument says so.
const std::string syn_answers =
    "import socket, struct, sys\n"
    "tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.ntohs(0x0800))\n"
    "out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)\n"
    "ready = socket.create_server(('{b}', 9))\n"
    "here = socket.inet_aton('{a}')\n"
    "window = int(sys.argv[2])\n"
    "def checksum(data):\n"
    "    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))\n"
    "    while total >> 16:\n"
    "        total = (total & 0xffff) + (total >> 16)\n"
    "    return ~total & 0xffff\n"
    "while True:\n"
    "    packet, sender = tap.recvfrom(65535)\n"
    "    if packet[9] != 6 or packet[16:20] != here:\n"
    "        continue\n"
    "    tcp = packet[(packet[0] & 15) * 4:]\n"
    "    source, port, sequence = struct.unpack('!HHI', tcp[:8])\n"
    "    if tcp[13] & 0x3f != 2:\n"
    "        continue\n"
    "    client = packet[12:16]\n"
    "    fields = [port, source, 7, sequence + 1 & 0xffffffff, 0x60, 0x12, window, 0, 0, 2, 4, 1460]\n"
    "    answer = struct.pack('!HHIIBBHHHBBH', *fields)\n"
    "    good = checksum(here + client + struct.pack('!HH', 6, len(answer)) + answer)\n"
    "    fields[7] = good ^ 0x5555 if sys.argv[1] == 'wrong' else good\n"
    "    header = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 44, 0, 0, 64, 6, 0, here, client)\n"
    "    out.sendto(header + struct.pack('!HHIIBBHHHBBH', *fields), (socket.inet_ntoa(client), 0))\n";

/// Nothing of the server's kernel answers at {a}: the script does.
Row answered_by_script(Row row, const std::string& checksums, const std::string& window) {
    row.servers.clear();
    row.server_rules = "input ip daddr {a} tcp dport 5432 drop";
    row.daemons = {{.argv = {"python3", "{dir}/answer.py", checksums, window},
                    .files = {{"{dir}/answer.py", syn_answers}},
                    .ready_address = "{b}",
                    .ready_port = 9}};
    return row;
}

Row wrong_checksum() {
    return answered_by_script(
        reported("wrong_checksum",
                 "an overlay's offload spoils the checksums: the SYN-ACK arrives and the kernel drops it",
                 {.cause = "syn_unanswered",
                  .at_most = "medium",
                  .evidence = {"wrong checksum"},
                  .remediation = {"ethtool -K", "TcpInCsumErrors"},
                  .summary = {"wrong checksum"}}),
        "wrong", "64000");
}

lab::StreamBehaviour good_tls() {
    return lab::speaks(certificates().service("good"));
}

/// With TLS at {a}.
Row reported_tls(const std::string& name, const std::string& why, lab::StreamBehaviour behaviour,
                 Expected expected, const std::string& more = "", const std::string& tls = "") {
    Row row = reported(name, why, std::move(expected));
    row.servers[0].behaviour = std::move(behaviour);
    row.config = secure(more, tls);
    return row;
}

Row zero_window() {
    Row row =
        reported("zero_window",
                 "a SYN proxy accepts with a window of 0 and does not reach the server: nothing is sent",
                 {.cause = "backend_silent",
                  .at_most = "medium",
                  .excluded = {"path_mtu_black_hole", "filtered_in_path", "local_firewall"},
                  .evidence = {"the peer's window is 0", "window is 0 here too"},
                  .remediation = {"SYN proxy"}});
    row.config = secure("timeout = \"3s\"\n");
    return answered_by_script(std::move(row), "right", "0");
}

Row half_seen_connection() {
    Row row =
        reported_tls("half_seen_connection",
                     "the SYN-ACK takes another way, and a stateful firewall drops the ACK and all that "
                     "follows: the server repeats its SYN-ACK",
                     good_tls(),
                     {.cause = "filtered_in_path",
                      .at_most = "medium",
                      .excluded = {"path_mtu_black_hole"},
                      .evidence = {"SYN-ACK"}},
                     "timeout = \"3s\"\n");
    row.router_rules = "forward ip daddr {a} tcp flags & (syn | ack) == ack drop";
    return row;
}

Row first_syn_lost() {
    Row row = reported("first_syn_lost", "a NAT drops the first SYN of each connection: a second for each",
                       works_with_a_warning({"SYN"}));
    row.router_rules =
        "forward ip daddr {a} tcp flags & (syn | ack) == syn meter field_syn { tcp sport limit rate 1/hour "
        "burst 1 packets } drop";
    row.config = plain("timeout = \"4s\"\n");
    return row;
}

Row web(const std::string& name, const std::string& why, const std::string& server, Expected expected) {
    Row row = reported(name, why, std::move(expected));
    row.servers.clear();
    row.daemons = {nginx("listen {a}:5432; " + server)};
    row.config = plain("app = \"http\"\ntimeout = \"2s\"\n");
    return row;
}

Row large_answer_lost() {
    Row row = web("large_answer_lost", "the tunnel loses full-sized packets: requests pass, answers do not",
                  "return 200 \"" + std::string(4000, 'x') + "\";",
                  {.cause = "path_mtu_black_hole", .probes = {{"app", "{a}", "timeout"}}});
    row.router_ip =
        "rule add from {a} lookup {table}\nroute add 10.77.0.0/24 dev client0 mtu lock 1000 table {table}\n";
    row.server_ip = "rule add from {a} lookup {table}\nroute add default via 10.99.0.1 table {table}\n";
    row.router_rules = "output ip daddr {a} icmp type destination-unreachable icmp code frag-needed drop";
    return row;
}

// ---- certificates, and how TLS is spoken ----

lab::TestCa& partner_ca() {
    static lab::TestCa ca("Partner CA");
    return ca;
}

lab::StreamBehaviour served_by(const lab::IssuedCertificate& issued) {
    lab::TlsService service;
    service.certificate = issued.certificate;
    service.key = issued.key;
    return lab::speaks(service);
}

/// The server wants a client certificate of partner_ca(), and is shown this one.
Row shown(const std::string& name, const std::string& why, const lab::IssuedCertificate& client,
          Expected expected) {
    lab::TlsService service = certificates().service("good");
    service.client_ca = partner_ca().certificate();
    return reported_tls(
        name, why, lab::speaks(service), std::move(expected), "",
        "cert_file = \"" + client.certificate_file + "\"\nkey_file = \"" + client.key_file + "\"\n");
}

Row expired_client() {
    lab::CertificateOptions options;
    options.common_name = "reporting job";
    options.use = lab::CertificateUse::client;
    options.not_before = std::chrono::hours(-24 * 60);
    options.not_after = std::chrono::hours(-24 * 3);
    return shown("client_certificate_expired", "this host's client certificate has expired: alert 45",
                 partner_ca().issue(options),
                 {.cause = "client_certificate_required", .evidence = {"reporting job"}});
}

Row purpose() {
    Row row = reported_tls("certificate_purpose", "the server's certificate is for clients only",
                           served_by(partner_ca().issue_client("db.corp.test")),
                           {.cause = "certificate_problem", .remediation = {"serverAuth"}}, "",
                           "ca_file = \"" + partner_ca().certificate_file() + "\"\n");
    return row;
}

Row by_address() {
    return reported_tls("by_address", "the endpoint is addressed by its IP address, which no certificate has",
                        good_tls(), {.cause = "wrong_server_name", .remediation = {"server_name"}},
                        "host = \"{a}\"\n");
}

Row default_certificate() {
    static lab::TestCa ca("Kubernetes Ingress Controller Fake Certificate");
    lab::CertificateOptions options;
    options.common_name = "Kubernetes Ingress Controller Fake Certificate";
    options.dns_names = {"ingress.local"};
    options.self_signed = true;
    return reported_tls(
        "default_certificate", "the ingress does not know the name: its default certificate",
        served_by(ca.issue(options)),
        {.cause = "wrong_server_name", .at_most = "medium", .evidence = {"Fake Certificate"}});
}

/// Speaks TLS 1.2, and does `refusal` at a ClientHello with this extension (RFC 8446 section 4.2).
Row intolerant(const std::string& name, const std::string& why, int extension, const std::string& refusal,
               Expected expected) {
    const std::string program =
        "import socket, ssl, struct\n"
        "def extensions(hello):\n"
        "    at = 44 + hello[43]\n"
        "    at += 2 + int.from_bytes(hello[at:at + 2], 'big')\n"
        "    at += 1 + hello[at] + 2\n"
        "    while at + 4 <= len(hello):\n"
        "        yield int.from_bytes(hello[at:at + 2], 'big')\n"
        "        at += 4 + int.from_bytes(hello[at + 2:at + 4], 'big')\n"
        "context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n"
        "context.maximum_version = ssl.TLSVersion.TLSv1_2\n"
        "context.load_cert_chain('{server_cert}', '{server_key}')\n"
        "server = socket.create_server(('{a}', 5432))\n"
        "while True:\n"
        "    client = server.accept()[0]\n"
        "    client.settimeout(1)\n"
        "    try:\n"
        "        hello = client.recv(4096, socket.MSG_PEEK)\n"
        "        if hello[0] == 22 and " +
        std::to_string(extension) +
        " in extensions(hello):\n"
        "            client.recv(4096)\n"
        "            " +
        refusal +
        "\n"
        "        else:\n"
        "            context.wrap_socket(client, server_side=True).close()\n"
        "    except (OSError, IndexError):\n"
        "        pass\n"
        "    client.close()\n";
    Row row = reported_tls(name, why, {}, std::move(expected));
    row.servers.clear();
    row.daemons = {{.argv = {"python3", "{dir}/server.py"},
                    .files = {{"{dir}/server.py", program}},
                    .ready_address = "{a}",
                    .ready_port = 5432}};
    return row;
}

constexpr int supported_versions = 43;
constexpr int key_share = 51;
const std::string with_reset =
    "client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))";
const std::string with_protocol_version = "client.sendall(b'\\x15\\3\\3\\0\\2\\2\\x46')";

Expected rejects_tls13() {
    return {.cause = "tls_incompatible", .at_most = "medium", .evidence = {"TLS 1.2"}};
}

Row version_intolerant() {
    return intolerant("version_intolerant", "whatever offers TLS 1.3 is reset; TLS 1.2 works",
                      supported_versions, with_reset, rejects_tls13());
}

Row key_share_intolerant() {
    return intolerant("key_share_intolerant", "a ClientHello with a key share is reset; TLS 1.2 works",
                      key_share, with_reset, rejects_tls13());
}

Row version_refused_by_alert() {
    Expected expected = rejects_tls13();
    expected.remediation = {"RFC 8446"};
    return intolerant("version_refused_by_alert",
                      "whatever offers TLS 1.3 gets protocol_version, where TLS 1.2 is to be chosen",
                      supported_versions, with_protocol_version, std::move(expected));
}

/// What it answers to whoever sends no server name, as front ends of many names do.
Row refused_without_name(const std::string& name, const std::string& why, char alert) {
    return reported_tls(name, why, lab::replies(std::string("\x15\x03\x03\x00\x02\x02", 6) + alert),
                        {.cause = "tls_incompatible",
                         .at_most = "medium",
                         .alternatives = {"wrong_server_name"},
                         .remediation = {"server_name"}},
                        "host = \"{a}\"\n");
}

constexpr char protocol_version = 70;
constexpr char internal_error = 80;

// ---- applications ----

Row no_permission() {
    Row row = reported("redis_no_permission",
                       "the default user may not even PING; programs have users of their own",
                       {.probes = {{"app", "{a}", "ok"}}});
    row.servers.clear();
    row.daemons = {{.argv = {"redis-server", "{dir}/redis.conf"},
                    .files = {{"{dir}/redis.conf",
                               "bind {a}\nport 5432\ndir {dir}\nsave \"\"\nappendonly no\nprotected-mode no\n"
                               "user default on nopass -@all\nuser app on >secret ~* +@all\n"}},
                    .ready_address = "{a}",
                    .ready_port = 5432}};
    row.config = plain("app = \"redis\"\n" + impatient);
    return row;
}

Row missing_token() {
    return web("http_missing_token", "an API of a cloud answers 403 to whoever shows no token: it works",
               "add_header x-amzn-ErrorType MissingAuthenticationTokenException always; default_type "
               "application/json; return 403 '{\"message\":\"Missing Authentication Token\"}';",
               {.probes = {{"app", "{a}", "ok"}}});
}

/// SQL Server: a TDS pre-login is answered, anything else is reset.
const std::string tds =
    "import socket, struct\n"
    "server = socket.create_server(('{a}', 1433))\n"
    "while True:\n"
    "    client = server.accept()[0]\n"
    "    client.settimeout(1)\n"
    "    try:\n"
    "        if client.recv(4096)[:1] == b'\\x12':\n"
    "            options = b'\\0\\0\\x0b\\0\\6\\1\\0\\x11\\0\\1\\xff' + b'\\x10\\0\\7\\xd0\\0\\0' + b'\\3'\n"
    "            client.sendall(b'\\4\\1' + struct.pack('!H', 8 + len(options)) + b'\\0\\0\\1\\0' + options)\n"
    "            client.recv(4096)\n"
    "        else:\n"
    "            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))\n"
    "    except OSError:\n"
    "        pass\n"
    "    client.close()\n";

Row sql_server() {
    Row row = reported("sql_server", "SQL Server on 1433 resets whatever is no TDS: it works", {});
    row.servers.clear();
    row.daemons = {{.argv = {"python3", "{dir}/tds.py"},
                    .files = {{"{dir}/tds.py", tds}},
                    .ready_address = "{a}",
                    .ready_port = 1433}};
    row.arguments = {"diagnose", "db.corp.test:1433", "--resolver", "{dns}", "--timeout", "900ms"};
    row.target = "db.corp.test:1433";
    return row;
}

Row tls_wanted_by_proxy() {
    Row row =
        reported("postgres_tls_wanted", "a database proxy lets nobody in without TLS",
                 {.cause = "access_forbidden", .evidence = {"requires TLS"}, .remediation = {"tls = true"}});
    const std::string fields("SFATAL\0VFATAL\0C28000\0MThis proxy requires TLS connections\0\0", 57);
    std::string reply("E\0\0\0", 4);
    reply += static_cast<char>(4 + fields.size());
    row.servers[0].behaviour = lab::replies(reply + fields);
    row.config = plain("app = \"postgres\"\n" + impatient);
    return row;
}

Row protocol_level() {
    Row row = reported("mqtt_version", "the broker takes MQTT 5 only: it works, for programs that speak it",
                       {.cause = "healthy", .severity = "warning", .evidence = {"MQTT 5"}});
    row.servers[0].behaviour = lab::replies(std::string("\x20\x02\x00\x01", 4));
    row.config = plain("app = \"mqtt\"\n" + impatient);
    return row;
}

std::vector<Row> names() {
    return {
        rebinding_filter(),
        reply_from_elsewhere(),
        fake_address(),
        mesh_address(),
        lattice_address(),
        google_address(),
        referral(),
        blocklist(),
        filter_without_a_word(),
        aaaa_nxdomain(),
        two_queries_of_a_socket(),
        search_list(),
        multicast_names(),
        stub_of_another_namespace(),
    };
}

std::vector<Row> paths() {
    return {
        blackhole_here(),       reverse_path_filter(), wrong_checksum(),    zero_window(),
        half_seen_connection(), first_syn_lost(),      large_answer_lost(),
    };
}

std::vector<Row> services() {
    return {
        expired_client(),
        purpose(),
        by_address(),
        default_certificate(),
        version_intolerant(),
        key_share_intolerant(),
        version_refused_by_alert(),
        refused_without_name("protocol_version_without_name",
                             "a front end says protocol_version to whoever sends no server name",
                             protocol_version),
        refused_without_name("internal_error_without_name",
                             "a front end says internal_error to whoever sends no server name",
                             internal_error),
        no_permission(),
        missing_token(),
        sql_server(),
        tls_wanted_by_proxy(),
        protocol_level(),
    };
}

}  // namespace

std::vector<Row> field_report_rows() {
    std::vector<Row> rows;
    for (auto& part : {names(), paths(), services()}) {
        rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
}

}  // namespace whylink::netns_test
