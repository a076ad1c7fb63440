"""The table: each row is a peer, what is configured of it, and the budgets that it must keep."""

import dataclasses
import subprocess
from collections.abc import Callable

import app_peers as app
import disk
import dns_peers as dns
import peer
import tls_peers as tls
from daemon_pages import percentile
from engine import NAME, Network

ADDRESS = "10.0.0.1"


# What trickles costs more the longer it is waited for: the default time-out.
TRICKLE = {"timeout": 5000, "interval": 6, "rounds": 2}


@dataclasses.dataclass
class Row:
    name: str
    peer: Callable  # of the run; makes the servers
    targets: Callable  # of the run; their part of the config
    cause: tuple = ()  # one of these, where it matters
    rounds: int = 3
    interval: int = 1  # seconds
    timeout: int = 700  # milliseconds for each stage
    deadline: int = 60  # seconds for all rounds
    daemon: str = ""  # more keys of [daemon] and [capture]
    capture: str = ""
    beside: Callable = None  # of the run; makes servers on the daemon's own host
    under: tuple = ()  # the command that starts the daemon
    checks: tuple = ()
    alone: bool = False  # a busy machine would be part of what it measures
    counts_rounds: bool = True  # all rounds are of the hostile target
    skipped: int = 0  # rounds at the start that pay for what is there and not for the peer
    # The budgets. CPU and loop in milliseconds; memory in MiB beyond what the healthy row of the kind has; page in KiB,
    # log line in bytes.
    cpu: float = 100
    stall: float = 50
    memory: float = 1
    files: int = 100
    addresses: int = 16
    page: int = 1024
    log_line: int = 32 << 10  # of a record in JSON; lines of text have 8 KiB at most (unit tests)

    def kind(self):
        return self.name.partition(":")[0]

    def is_healthy(self):
        """What the others of its kind are held against."""
        return self.name == f"{self.kind()}: healthy"


def endpoint(port, rest="", host=ADDRESS):
    return f'[[endpoint]]\nname = "{NAME}"\nhost = "{host}"\nport = {port}\n{rest}\n'


def trusting(authority):
    return f'[endpoint.tls]\nserver_name = "{tls.LEAF}"\nca_file = "{authority.certificate}"'


def tls_row(name, peer, **kept):
    """By address, so that there is nothing but the handshake. Some authority is trusted, and not the peer's."""
    def make(run):
        run.authority = tls.Authority(run.directory)
        return peer()

    return Row(f"tls: {name}", make, lambda run: endpoint(run.peer.port, trusting(run.authority)), **kept)


def real_tls_row(name, peer, rest="", **kept):
    """With an authority that is trusted: the handshake succeeds."""
    def make(run):
        run.authority = tls.Authority(run.directory)
        return peer(run.authority)

    return Row(f"tls: {name}", make, lambda run: endpoint(run.peer.port, rest + trusting(run.authority)), **kept)



TLS_ROWS = [
    real_tls_row("healthy", tls.Real, cause=("healthy",)),
    tls_row("chain of 102 certificates", tls.long_chain),
    tls_row("chain of costly exponents", tls.costly_exponents),
    tls_row("worst chain within the bounds", tls.worst_within_bounds),
    tls_row("RSA modulus of 16384 bits", tls.giant_modulus(16_384)),
    tls_row("RSA modulus of 100000 bits", tls.giant_modulus(100_000)),
    tls_row("RSA modulus of 16384 bits to encrypt to", tls.giant_modulus_encrypted_to),
    tls_row("DSA of 10000 bits", tls.dsa_chain),
    tls_row("brainpool curves", tls.curve_chain("brainpoolP512r1", 512)),
    tls_row("binary curves", tls.curve_chain("sect571r1", 570)),
    tls_row("binary curve, not offered", tls.binary_curve),
    tls_row("chain of P-384 within the bounds", tls.curve_chain("secp384r1", 384, count=16)),
    tls_row("compressed points of P-224", tls.curve_chain("secp224r1", 224, "compressed")),
    tls_row("compressed points of P-521", tls.curve_chain("secp521r1", 521, "compressed")),
    tls_row("compressed points of a binary curve", tls.curve_chain("sect571r1", 570, "compressed")),
    tls_row("explicit curve, one key", lambda: tls.explicit_curve(1)),
    tls_row("explicit curve, a chain", tls.explicit_curve),
    tls_row("5000 names", tls.many_names),
    tls_row("name of 90 kB with line feeds", tls.giant_name),
    tls_row("subject of 90 kB", tls.giant_subject),
    tls_row("subject of 4500 attributes", tls.many_attributes),
    tls_row("name constraints", tls.constrained_names),
    tls_row("5500 policies", tls.many_policies),
    tls_row("object identifier of 60 kB", tls.giant_identifier),
    tls_row("issuers of one another", tls.issuers_of_one_another),
    tls_row("3500 authorities asked for", tls.certificate_authorities),
    tls_row("DHE of 10000 bits, not offered", lambda: tls.FiniteField(10_000, ignores_offer=True)),
    tls_row("DHE of 10000 bits, when offered", lambda: tls.FiniteField(10_000)),
    tls_row("DHE of 8192 bits, when offered", lambda: tls.FiniteField(8192)),
    tls_row("retry with ffdhe8192", tls.HelloRetry),
    tls_row("records of one byte", tls.drip_of_records),
    tls_row("one byte after the other", tls.drip_in_time, **TRICKLE),
    tls_row("alerts without end", tls.endless_alerts),
    tls_row("HelloRequests without end", tls.endless_hello_requests),
    tls_row("ChangeCipherSpec without end", tls.endless_cipher_changes),
    tls_row("empty records without end", tls.endless_empty_records),
    tls_row("a megabyte of handshake", tls.megabyte_of_handshake),
    tls_row("compression chosen", tls.compressed_records),
    tls_row("ticket of 64 kB", tls.HugeTicket),
    real_tls_row("tickets without end", tls.endless_tickets),
    real_tls_row("data without end", tls.endless_data),
    real_tls_row("renegotiation without end", tls.renegotiation, 'app = "redis"\n', **TRICKLE),
    real_tls_row("key updates without end", tls.key_updates, 'app = "redis"\n', **TRICKLE),
    tls_row("banner without end instead", app.endless(b"220 again\r\n" * 1000, first=False)),
]


# ---- names ----

def dns_row(name, resolver, rest="tls = false\nsettle = \"0s\"", expect=("10.0.0.0/8",), server=None, **kept):
    """By name; a server that takes every connection is at each address of 10.0.0.0/8."""
    def make(run):
        run.server = (server or (lambda: peer.Peer(lambda self, connection: self.drain(connection))))()
        return resolver()

    def targets(run):
        listed = ", ".join(f'"{each}"' for each in expect)
        return endpoint(run.server.port, f'resolvers = ["{run.peer.resolver}"]\nexpect = [{listed}]\n{rest}', tls.LEAF)

    return Row(f"dns: {name}", make, targets, **kept)


TLS_ROWS.append(dataclasses.replace(
    dns_row("", lambda: dns.many_addresses(256), rest="", server=tls.costly_exponents),
    # 64 of them are tried, each of which costs 2 to 3 ms and 16 KiB where its server is a good one.
    name="tls: 256 addresses of the worst", files=150, timeout=5000, interval=6, cpu=100 + 3 * 64, memory=2))


def listen_at_home(run):
    """Where nothing should come: on the daemon's own host, at the same port."""
    run.home = peer.Peer(lambda self, connection: self.drain(connection), run.server.port)


def special_addresses_are_left_alone(run):
    reached = [*run.home.connections, *(address for address in run.server.connections if not address.startswith("10."))]
    if reached:
        run.problems.append(f"connected to {', '.join(reached)}")


def others_are_tried(run):
    if not run.server.connections[ADDRESS]:
        run.problems.append("no address was tried at all")


SPECIAL = ("127.0.0.1", "127.1.2.3", "0.0.0.0", "169.254.169.254", "224.0.0.1", "255.255.255.255", Network.OWN, ADDRESS)

DNS_ROWS = [
    dns_row("healthy", lambda: dns.addresses(ADDRESS), cause=("healthy",)),
    dns_row("4000 addresses", dns.many_addresses, files=150),
    # 16 at a time, and 64 in an hour that had none before.
    dns_row("16 other addresses at each query", dns.changing_addresses, rounds=8, addresses=80),
    dns_row("special addresses", lambda: dns.addresses(*SPECIAL), expect=(), beside=listen_at_home,
            checks=(special_addresses_are_left_alone, others_are_tried)),
    dns_row("chain of 3000 CNAMEs", dns.cname_storm),
    dns_row("CNAMEs in a circle", dns.cname_loop),
    dns_row("names of control characters", dns.cname_of_controls),
    dns_row("pointers to pointers", dns.pointer_chains),
    dns_row("pointers to themselves", dns.pointer_to_itself),
    dns_row("names of 120 labels", dns.long_names),
    dns_row("labels without end", dns.endless_labels),
    dns_row("NSEC without end", dns.nsec_flood),
    dns_row("5800 OPT records", dns.opt_flood),
    dns_row("extended errors without end", dns.extended_errors),
    dns_row("truncated over TCP as well", dns.truncated_forever),
    dns_row("one byte after the other over TCP", dns.drip_over_tcp, **TRICKLE),
    dns_row("other messages without end over TCP", dns.endless_over_tcp),
    dns_row("flood of datagrams", dns.flood_of_datagrams),
    Row("dns: zone whose names are storms", lambda run: dns.cname_storm(),
        lambda run: f'[[zone]]\nname = "{NAME}"\nzone = "link.example"\nexpect = ["10.0.0.0/8"]\nrandom_labels = 8\n'
                    f'resolvers = ["{run.peer.resolver}"]\n'),
]


# ---- applications ----

def app_row(name, word, server, rest="", **kept):
    return Row(f"app: {name}", lambda run: server(),
               lambda run: endpoint(run.peer.port, f'tls = false\napp = "{word}"\n{rest}'), **kept)


SCRIPT = """[[endpoint.expect_script]]
send = "PASS %s\\r\\n"
expect = "^250 "
"""

APP_ROWS = [
    app_row("healthy", "http", app.answering(app.OK + b"Content-Length: 0\r\n\r\n"), cause=("healthy",)),
    app_row("headers without end", "http", app.endless(b"X-Header: " + b"x" * 100 + b"\r\n", app.OK)),
    app_row("header without end", "http", app.endless(b"x" * 4096, app.OK + b"X-Header: ")),
    app_row("status line without end", "http", app.endless(b"x" * 4096, b"HTTP/1.1 200 ")),
    app_row("empty lines without end", "http", app.endless(b"\r\n" * 2000)),
    app_row("body of a gigabyte", "http", app.endless(bytes(1 << 16), app.FAILING
                                                      + b"Content-Length: 1073741824\r\n\r\n", most=1 << 30)),
    app_row("chunks of one byte", "http", app.endless(b"1\r\nx\r\n" * 2000, app.FAILING
                                                      + b"Transfer-Encoding: chunked\r\n\r\n")),
    app_row("chunks one after the other", "http", app.dripping(app.FAILING + b"Transfer-Encoding: chunked\r\n\r\n",
                                                               b"1\r\nx\r\n"), **TRICKLE),
    app_row("100 Continue without end", "http", app.endless(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)),
    app_row("HTTP/2: PING without end", "http", app.endless(app.PING * 1000, app.SETTINGS)),
    app_row("HTTP/2: empty DATA without end", "http", app.endless(app.EMPTY_DATA * 1000, app.SETTINGS)),
    app_row("HTTP/2: header bomb", "http", app.endless(app.header_bomb(), app.header_bomb())),
    app_row("Redis: nested arrays", "redis", app.answering(app.NESTED)),
    app_row("Redis: a million integers", "redis", app.answering(app.WIDE)),
    app_row("Redis: arrays without end", "redis", app.endless(app.NESTED)),
    app_row("Redis: string of 512 MiB", "redis", app.endless(bytes(1 << 16), b"$536870912\r\n", most=600 << 20)),
    app_row("Redis: nested arrays for INFO", "redis", app.answering(b"+PONG\r\n", app.NESTED)),
    app_row("Redis: 16384 nodes", "redis", app.answering(b"+PONG\r\n", app.NODE_OF_CLUSTER, app.slots())),
    app_row("Kafka: 100000 brokers", "kafka", lambda: app.Kafka(app.api_versions(), app.brokers(100_000))),
    app_row("Kafka: counts that lie", "kafka", lambda: app.Kafka(app.api_versions(count=0x7FFFFFFF),
                                                                 app.brokers(1, said=0x7FFFFFFF))),
    app_row("Kafka: message of 2 GiB", "kafka", app.endless(bytes(1 << 16), b"\x7f\xff\xff\xff", most=256 << 20)),
    app_row("PostgreSQL: notices without end", "postgres", app.endless(app.NOTICE * 100)),
    app_row("PostgreSQL: parameters without end", "postgres", app.endless(app.PARAMETER * 100)),
    app_row("PostgreSQL: notice of 2 GiB", "postgres", app.endless(bytes(1 << 16), b"N\x7f\xff\xff\xff",
                                                                   most=256 << 20)),
    app_row("MySQL: greeting without end", "mysql", app.endless(b"x" * 4096, b"\xff\xff\xff\0\x0a", first=False)),
    app_row("MySQL: empty packets without end", "mysql", app.endless(bytes(4) * 4000, first=False)),
    app_row("MongoDB: nested documents", "mongodb", app.answering(app.mongodb(app.nested_document()))),
    app_row("MongoDB: 100000 members", "mongodb", app.answering(app.mongodb(app.many_members()))),
    app_row("MQTT: packets without end", "mqtt", app.endless(b"\xd0\0" * 4000)),
    app_row("TDS: packet after packet", "tds", app.endless(b"\x04\0\0\x08\0\0\0\0" * 1000)),
    app_row("ClickHouse: name without end", "clickhouse", app.endless(b"x" * 4096, b"\0\xff\xff\xff\xff\x07")),
    app_row("script: lines without end", "expect", app.endless(b"250-again\r\n" * 1000), SCRIPT % "x"),
    app_row("script: line without end", "expect", app.endless(b"x" * 65536), SCRIPT % "x"),
    app_row("banner without end", "none", app.endless(b"220 again\r\n" * 1000, first=False)),
]


def redirect_row(name, host):
    """Where the server itself sends its clients; the same port, so that a connection would be seen."""
    def make(run):
        server = peer.Peer(lambda self, connection: (self.hear(connection), connection.sendall(
            b"HTTP/1.1 302 Found\r\nLocation: http://%s:%d/latest/\r\nContent-Length: 0\r\n\r\n"
            % (host.encode(), self.port))))
        run.server = server
        return server

    return Row(f"app: redirect to {name}", make, lambda run: endpoint(run.peer.port, 'tls = false\napp = "http"'),
               beside=listen_at_home, checks=(special_addresses_are_left_alone, others_are_tried))


APP_ROWS += [redirect_row(name, host) for name, host in (
    ("loopback", "127.0.0.1"), ("the metadata service", "169.254.169.254"), ("no address", "0.0.0.0"),
    ("loopback in IPv6", "[::ffff:127.0.0.1]"), ("loopback as a number", "2130706433"), ("this host", Network.OWN))]


# ---- what is ours ----

PASSWORD = "correct-horse"


def password_stays(run):
    if PASSWORD.encode() in run.server.said:
        run.problems.append("the password of a script was sent to a wrong peer")


def password_is_nowhere(run):
    if any(PASSWORD in line for line in run.log_lines()):
        run.problems.append("the password of a script stands in the log")


def _greeting(self, connection):
    connection.sendall(b"250 come in\r\n")
    self.drain(connection)


def wrong_address(run):
    run.server = peer.Peer(_greeting)
    return dns.addresses("10.9.9.9")


def wrong_certificate(run):
    run.server = tls.Real(tls.Authority(run.directory), _greeting)
    run.directory.joinpath("other").mkdir()
    run.authority = tls.Authority(run.directory / "other")
    return run.server


def password_arrives(run):
    if PASSWORD.encode() not in run.server.said:
        run.problems.append("the script was not sent to the right peer")


def right_certificate(run):
    run.authority = tls.Authority(run.directory)
    run.server = tls.Real(run.authority, _greeting)
    return run.server


SECRET = 'app = "expect"\n' + SCRIPT % PASSWORD


def script_over_tls(run):
    return endpoint(run.peer.port, 'app = "expect"\n' + trusting(run.authority) + "\n" + SCRIPT % PASSWORD)


def certificate_stays(run):
    if run.server.shown:
        run.problems.append("the client certificate was shown to a server that does not verify")


def certificate_arrives(run):
    if not run.server.shown:
        run.problems.append("the client certificate was not shown to the right server")


def asked_for_certificate(run, is_right):
    """By the server that is trusted, or by another."""
    ours, other = (run.directory / name for name in ("ours", "other"))
    for directory in (ours, other):
        directory.mkdir()
    run.client, run.authority = tls.Authority(ours), tls.Authority(other)
    run.server = tls.Asking(run.authority if is_right else run.client, run.client)
    return run.server


def with_certificate(run):
    return endpoint(run.peer.port, trusting(run.authority)
                    + f'\ncert_file = "{run.client.certificate}"\nkey_file = "{run.client.key}"')


SECRET_ROWS = [
    Row("secret: healthy", right_certificate, script_over_tls, cause=("healthy",),
        checks=(password_arrives, password_is_nowhere)),
    Row("secret: script to a wrong address", wrong_address,
        lambda run: endpoint(run.server.port, f'resolvers = ["{run.peer.resolver}"]\nexpect = ["10.0.0.1"]\n'
                             'tls = false\n' + SECRET, tls.LEAF), checks=(password_stays, password_is_nowhere)),
    Row("secret: script over TLS that does not verify", wrong_certificate, script_over_tls,
        checks=(password_stays, password_is_nowhere)),
    Row("secret: client certificate", lambda run: asked_for_certificate(run, True), with_certificate,
        checks=(certificate_arrives,)),
    Row("secret: client certificate to a server that does not verify", lambda run: asked_for_certificate(run, False),
        with_certificate, checks=(certificate_stays,)),
]


# ---- the disk ----

def flapping(run, size, *addresses):
    run.server = disk.Flapping(size)
    return dns.turning(run.server.turn, *addresses)


def flapping_endpoint(run):
    return endpoint(run.server.port, f'resolvers = ["{run.peer.resolver}"]\nexpect = ["10.0.0.0/8"]\nfamily = "ipv4"',
                    tls.LEAF)


def disk_row(name, prepare, checks=(), **kept):
    def make(run):
        prepare(run)
        return flapping(run, 1000, ADDRESS)

    return Row(f"disk: {name}", make, flapping_endpoint, checks=checks, **{"rounds": 6, **kept})


def with_a_quiet_one(run):
    run.quiet = peer.Peer(lambda self, connection: peer.end_with_reset(connection))
    return flapping(run, 90_000, *(f"10.60.0.{i}" for i in range(1, 17)))


DISK_ROWS = [
    disk_row("healthy", lambda run: None, checks=(disk.kept_evidence,)),
    disk_row("60000 files", lambda run: disk.fill(run, 60_000), checks=(disk.kept_evidence, disk.few_files),
             counts_rounds=False, alone=True),  # what is too much is removed once, at the start
    disk_row("links, pipes and folders", disk.put_strange_ones,
             checks=(disk.kept_evidence, disk.precious_is_whole, disk.strange_ones_stay)),
    disk_row("read-only", disk.mount_read_only, checks=(disk.complained_once,)),
    disk_row("full", disk.mount_full, checks=(disk.complained_once,)),
    Row("disk: one that flaps beside a quiet one", with_a_quiet_one,
        lambda run: flapping_endpoint(run) + endpoint(run.quiet.port).replace(NAME, "quiet"),
        capture='evidence_limit = "256KiB"', rounds=20, counts_rounds=False, addresses=33,
        checks=(disk.kept_evidence, disk.quiet_kept_its_own)),
]


# ---- many at once ----

def silent_servers(run):
    return peer.Peer(lambda self, connection: self.drain(connection))


def overload_is_said(run):
    said = [line for line in run.log_lines() if '"event":"overload"' in line]
    run.figures["overload lines"] = len(said)
    if len(said) != 1 or "max_concurrent" not in said[0]:
        run.problems.append(f"{len(said)} lines of the log say that it is too much, 1 is due")
    checked = subprocess.run([run.program, "config", "check", "--config", run.config], capture_output=True, text=True,
                             check=False)
    if "max_concurrent" not in checked.stdout + checked.stderr:
        run.problems.append("config check does not warn of it")


def nobody_is_limited(run):
    """By this host's own descriptors, which a zone may not use up."""
    run.hold("local errors", run.metrics.outcomes("local_error"), 0)


def silent_beside_fifty(run):
    run.server, run.healthy = silent_servers(run), peer.Accepting()
    return dns.many_addresses(256)


def fifty(run):
    return healthy_endpoints(run, 50) + endpoint(
        run.server.port, f'resolvers = ["{run.peer.resolver}"]\nexpect = ["10.0.0.0/8"]', tls.LEAF)


def healthy_endpoints(run, count):
    return "".join(f'[[endpoint]]\nname = "healthy-{i}"\nhost = "10.50.{i // 250}.{i % 250 + 1}"\n'
                   f'port = {run.healthy.port}\ntls = false\nsettle = "0s"\n' for i in range(count))


def healthy_ones_miss_nothing(run):
    """By the scheduler's own counters: rounds that were due and not made."""
    for name in ("overruns", "missed_rounds"):
        run.hold(name, run.metrics.value(f"whylink_scheduler_{name}_total"), 0)
    run.figures["lag p99"] = f"{1000 * percentile(run.metrics.buckets('whylink_scheduler_lag_seconds'), 0.99):.1f} ms"
    run.figures["rounds"] = int(run.metrics.value("whylink_rounds_total"))


def beside_a_thousand(run):
    run.healthy = peer.Accepting()
    run.server = tls.costly_exponents()
    return dns.many_addresses(256)


def a_thousand(run):
    return healthy_endpoints(run, 1000) + endpoint(
        run.server.port, f'resolvers = ["{run.peer.resolver}"]\nexpect = ["10.0.0.0/8"]', tls.LEAF)


MANY_ROWS = [
    Row("many: more rounds than may be under way", silent_servers,
        lambda run: "".join(endpoint(run.peer.port).replace(NAME, f"silent-{i}") for i in range(200)),
        daemon="max_concurrent = 5", rounds=48, timeout=1500, counts_rounds=False, checks=(overload_is_said,)),
    Row("many: 256 silent addresses beside 50 endpoints, with 200 descriptors", silent_beside_fifty, fifty,
        under=("prlimit", "--nofile=200:200"), rounds=200, counts_rounds=False, files=200, addresses=66, page=2048,
        checks=(nobody_is_limited,)),
    Row("many: 256 addresses of the worst TLS peer beside 1000 healthy endpoints", beside_a_thousand, a_thousand,
        rounds=3000, interval=10, timeout=5000, deadline=100, counts_rounds=False, files=400, addresses=1016, page=8192,
        checks=(healthy_ones_miss_nothing,), alone=True),
]

ROWS = [*TLS_ROWS, *DNS_ROWS, *APP_ROWS, *SECRET_ROWS, *DISK_ROWS, *MANY_ROWS]
