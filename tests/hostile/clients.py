#!/usr/bin/python3
"""usage: tests/hostile/clients.py WHYLINK [NAME...]

What hostile clients of the HTTP port can do while 1,000 endpoints keep their schedule. Each attack goes on while a
legitimate client asks for the metrics: it must get them within 2 s, each time. Shown besides: how late rounds began
(99th percentile), and the most memory that the process had."""

import base64
import http.client
import itertools
import os
import re
import resource
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "support"))
import running  # noqa: E402

ENDPOINTS = 1000
HASH_OF_NOTHING = "$2y$10$abcdefghijklmnopqrstuuD2Y7q2fZ2r8dK0W0m0Hq4yV5zQ1n9l6"  # nobody knows of what
HASH_OF_SECRET = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"
LEGITIMATE = "127.0.0.2"
MAX_SCRAPE = 2.0  # seconds
MAX_MEMORY = 400 << 10  # kB: what the daemon has with 1,000 endpoints, and 64 MiB of answers, and the kernel's share
WATCHED = 8  # seconds for each attack


def connect(source="127.0.0.1"):
    return socket.create_connection(running.LISTEN, timeout=5, source_address=(source, 0))


class Attack:
    """Goes on by itself, on threads of its own, until it is ended."""

    threads = 4
    tls = False
    user = None  # (name, hash, password); without a password the legitimate client is refused, in time
    probes = False  # whether `silent` may be probed
    silent = None
    watched = WATCHED

    def __init__(self, directory):
        self.directory = directory
        self._end = threading.Event()
        self._held = []
        self._numbers = itertools.count()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(self.threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        for thread in self._threads:
            thread.join()
        for connection in self._held:
            connection.close()

    def _run(self):
        while not self._end.is_set():
            try:
                self.strike()
            except (OSError, http.client.HTTPException):
                time.sleep(0.001)  # it was cut, or refused, as it may be

    def faults(self, certificates):
        """What was wrong besides the scrapes; `certificates` are those that they saw."""
        del certificates
        return []

    def hold(self, connection, most=10_000):
        self._held.append(connection)
        if len(self._held) > most:
            self._held.pop(0).close()

    def next_source(self):
        """Addresses of loopback, one after the other."""
        number = next(self._numbers)
        return f"127.{1 + number // 64516 % 100}.{number // 254 % 254}.{1 + number % 254}"


class Nothing(Attack):
    threads = 0


class IdleOfOne(Attack):
    def strike(self):
        self.hold(connect())


class IdleOfMany(Attack):
    threads = 1

    def strike(self):
        self.hold(connect(self.next_source()))


class SlowHeaders(Attack):
    threads = 1

    def strike(self):
        connection = connect(self.next_source())
        connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: local")
        self.hold(connection)


class Malformed(Attack):
    TEXTS = (b"\0" * 9000, b"GET /" + b"x" * 20_000, b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
             b"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET /%2e%2e/%00 HTTP/1.1\r\nHost: x\r\n\r\n",
             b"POST /-/reload HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\nContent-Length: 0\r\n\r\n",
             b"GET /%0d%0aX:%20y HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"y" * 100_000,
             b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")

    def strike(self):
        for text in self.TEXTS:
            with connect(self.next_source()) as connection:
                connection.sendall(text)
                connection.recv(4096)


class SlowReaders(Attack):
    threads = 1

    def strike(self):
        connection = connect(self.next_source())
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(b"GET /api/v1/report HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.hold(connection, 200)
        time.sleep(0.01)


class Pipelined(Attack):
    """Asks for a thousand answers and reads none."""

    threads = 2
    TEXT = b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1000

    def strike(self):
        connection = connect(self.next_source())
        connection.setblocking(False)
        connection.send(self.TEXT)
        self.hold(connection, 500)
        time.sleep(0.005)


class Probes(Attack):
    """As many as there may be, of a server that says nothing."""

    threads = 40
    probes = True

    def strike(self):
        with connect(self.next_source()) as connection:
            connection.sendall(probe_request(self.silent.port))
            connection.recv(4096)


class ProbesLeft(Probes):
    threads = 4

    def strike(self):
        with connect(self.next_source()) as connection:
            connection.sendall(probe_request(self.silent.port))


class Exchanges(Attack):
    """No attack: certificate, key and users become others all the time."""

    threads = 1
    tls = True
    user = ("admin", HASH_OF_SECRET, "secret")
    watched = 35  # they are looked at every ten seconds
    turn = 0

    def strike(self):
        self.turn += 1
        make_certificate(self.directory)
        with open(f"{self.directory}/whylink.toml", encoding="utf-8") as file:
            text = re.sub(r"^other = .*\n", "", file.read(), flags=re.MULTILINE)
        text = text.replace("[daemon.users]\n", f'[daemon.users]\nother = "$2y$04${self.turn:022}{HASH_OF_SECRET[29:]}"\n')
        write_whole(f"{self.directory}/whylink.toml", text)
        time.sleep(1)

    def faults(self, certificates):
        return [] if len(certificates) > 2 else [f"only {len(certificates)} certificates were seen"]


class OversizedReload(Attack):
    """No attack either: a config of 50,000 endpoints that is taken back."""

    threads = 1
    watched = 40
    statuses = ()

    def strike(self):
        path = f"{self.directory}/whylink.toml"
        with open(path, encoding="utf-8") as file:
            text = file.read()
        endpoint = '[[endpoint]]\nname = "more{}"\nhost = "127.0.0.1"\nport = 1\nenabled = false\n'
        write_whole(path, text + "".join(endpoint.format(i) for i in range(50_000)))
        large = running.Page("/-/reload", method="POST").status
        write_whole(path, text)
        self.statuses = large, running.Page("/-/reload", method="POST").status
        self._end.wait()

    def faults(self, certificates):
        return [] if self.statuses == (200, 200) else [f"the reloads were answered by {self.statuses}"]


class WrongPasswords(Attack):
    user = ("admin", HASH_OF_NOTHING, None)
    guess = 0

    def strike(self):
        self.guess += 1
        credentials = base64.b64encode(f"admin:guess {self.guess}".encode()).decode()
        with connect(self.next_source()) as connection:
            connection.sendall(f"GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {credentials}\r\n\r\n".encode())
            connection.recv(4096)


class HandshakesLeft(Attack):
    tls = True
    threads = 2

    def strike(self):
        context = ssl.create_default_context()
        outgoing = ssl.MemoryBIO()
        half = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
        try:
            half.do_handshake()
        except ssl.SSLWantReadError:
            pass
        connection = connect(self.next_source())
        connection.sendall(outgoing.read())
        self.hold(connection)


class Reloads(Attack):
    threads = 2

    def strike(self):
        running.Page("/-/reload", method="POST")


ATTACKS = {"nothing": Nothing, "idle_of_one": IdleOfOne, "idle_of_many": IdleOfMany, "slow_headers": SlowHeaders,
           "malformed": Malformed, "slow_readers": SlowReaders, "pipelined": Pipelined, "wrong_passwords": WrongPasswords,
           "handshakes_left": HandshakesLeft, "reloads": Reloads, "probes": Probes, "probes_left": ProbesLeft,
           "exchanges": Exchanges, "oversized_reload": OversizedReload}


class Accepting:
    """What the endpoints lead to; with `keeps` it holds each connection and says nothing."""

    def __init__(self, keeps=False):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self._keeps = keeps
        self._kept = []
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            connection = self._listener.accept()[0]
            if self._keeps:
                self._kept = [*self._kept[-200:], connection]
            else:
                connection.close()


def probe_request(port):
    return (f"GET /probe?module=tcp_tls&target=127.0.0.1:{port} HTTP/1.1\r\nHost: localhost\r\n"
            "X-Prometheus-Scrape-Timeout-Seconds: 5\r\n\r\n").encode()


def write_whole(path, text):
    """At once, as configuration management does."""
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        file.write(text)
    os.rename(f"{path}.new", path)


def make_certificate(directory):
    """Key and certificate are in one file, so that they are never of different pairs."""
    made = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "-", "-days", "9",
                           "-subj", "/CN=localhost"], check=True, capture_output=True, text=True).stdout
    write_whole(f"{directory}/localhost.pem", made)


def config_text(port, directory, attack):
    text = f'[daemon]\nlisten = "{running.LISTEN[0]}:{running.LISTEN[1]}"\n'
    if attack.tls:
        make_certificate(directory)
        text += f'[daemon.tls]\ncert_file = "{directory}/localhost.pem"\nkey_file = "{directory}/localhost.pem"\n'
    if attack.user:
        text += f'[daemon.users]\n{attack.user[0]} = "{attack.user[1]}"\n'
    if attack.probes:
        text += '[probe]\nallow = ["127.0.0.0/8"]\n'
    text += '[defaults]\ninterval = "5s"\n[capture]\nenabled = false\n'
    return text + "".join(f'[[endpoint]]\nname = "t{i}"\nhost = "127.0.0.1"\nport = {port}\ntls = false\nsettle = "0s"\n'
                          for i in range(ENDPOINTS))


def scrape(attack):
    """Seconds, the page, and the server's certificate."""
    begun = time.monotonic()
    connection = connect(LEGITIMATE)
    certificate = None
    if attack.tls:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = context.wrap_socket(connection)
        certificate = connection.getpeercert(binary_form=True)
    name, _, password = attack.user or (None, None, None)
    credentials = base64.b64encode(f"{name}:{password}".encode()).decode() if password else None
    authorization = f"Authorization: Basic {credentials}\r\n" if credentials else ""
    with connection:
        connection.sendall(f"GET /metrics HTTP/1.1\r\nHost: localhost\r\n{authorization}Connection: close\r\n\r\n".encode())
        page = b""
        while piece := connection.recv(65536):
            page += piece
    expected = b"HTTP/1.1 401" if attack.user and not password else b"HTTP/1.1 200"
    if not page.startswith(expected):
        raise RuntimeError(f"the legitimate client got {page[:100]}")
    return time.monotonic() - begun, page.decode(), certificate


def buckets(page):
    found = re.findall(r'^whylink_scheduler_lag_seconds_bucket\{le="([^"]+)"\} (\S+)$', page, re.MULTILINE)
    return {float(bound.replace("+Inf", "inf")): float(count) for bound, count in found}


def percentile(before, after, share):
    """The bound of the bucket that it lies in."""
    counts = {bound: count - before.get(bound, 0) for bound, count in after.items()}
    total = counts.get(float("inf"), 0)
    return next((bound for bound, count in sorted(counts.items()) if count >= share * total), None)


def run(name, program):
    attack_type = ATTACKS[name]
    directory = tempfile.mkdtemp()
    config = f"{directory}/whylink.toml"
    with open(config, "w", encoding="utf-8") as file:
        file.write(config_text(Accepting().port, directory, attack_type))
    daemon = running.start_daemon(program, config, f"{directory}/log")
    time.sleep(6)  # every endpoint has had a round
    _, before, certificate = scrape(attack_type)
    certificates = {certificate}
    slowest, scrapes, problems = 0.0, 0, []
    attack_type.silent = Accepting(keeps=True)
    with attack_type(directory) as attack:
        end = time.monotonic() + attack_type.watched
        while time.monotonic() < end:
            try:
                seconds, after, certificate = scrape(attack_type)
                certificates.add(certificate)
                slowest, scrapes = max(slowest, seconds), scrapes + 1
            except (OSError, RuntimeError) as fault:
                problems.append(f"a scrape failed: {fault}")
            time.sleep(0.2)
    _, after, _ = scrape(attack_type)
    problems += attack.faults(certificates)
    # What a large config takes while it is read may be given back.
    memory = daemon.status()["VmRSS" if attack_type is OversizedReload else "VmHWM"]
    if slowest > MAX_SCRAPE:
        problems.append(f"a scrape took {slowest:.2f} s")
    if memory > MAX_MEMORY and not running.instrumented(program):
        problems.append(f"the process had {memory // 1024} MiB")
    lag = percentile(buckets(before), buckets(after), 0.99) if buckets(after) else None
    print(f"{'FAIL' if problems else 'ok'}  {name}: {scrapes} scrapes, the slowest {slowest * 1000:.0f} ms; lag p99 "
          f"{'not shown' if lag is None else f'at most {lag * 1000:g} ms'}; {memory // 1024} MiB at most", flush=True)
    for problem in sorted(set(problems)):
        print(f"      {problem}", flush=True)
    daemon.end()
    return not problems


def main():
    if len(sys.argv) < 2 or not set(sys.argv[2:]) <= set(ATTACKS):
        sys.exit(__doc__ + "\nattacks: " + ", ".join(ATTACKS))
    sys.argv[0] = os.path.abspath(sys.argv[0])
    running.enter_own_namespaces()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    good = [run(name, sys.argv[1]) for name in sys.argv[2:] or ATTACKS]
    sys.stdout.flush()
    os._exit(0 if all(good) else 1)  # threads may still wait for an answer


if __name__ == "__main__":
    main()
