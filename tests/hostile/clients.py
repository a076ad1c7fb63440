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
HASH_OF_SECRET = "$2y$10$abcdefghijklmnopqrstuuD2Y7q2fZ2r8dK0W0m0Hq4yV5zQ1n9l6"  # nobody knows of what
LEGITIMATE = "127.0.0.2"
MAX_SCRAPE = 2.0  # seconds
MAX_MEMORY = 400 << 10  # kB: what the daemon has with 1,000 endpoints, and 64 MiB of answers, and the kernel's share
WATCHED = 8  # seconds for each attack


def connect(source="127.0.0.1"):
    return socket.create_connection(running.LISTEN, timeout=5, source_address=(source, 0))


class Attack:
    """Goes on by itself, on threads of its own, until it is ended."""

    threads = 4

    def __init__(self):
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


class WrongPasswords(Attack):
    users = True
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
           "malformed": Malformed, "slow_readers": SlowReaders, "wrong_passwords": WrongPasswords,
           "handshakes_left": HandshakesLeft, "reloads": Reloads}


class Accepting:
    """What the endpoints lead to."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            self._listener.accept()[0].close()


def config_text(port, directory, attack):
    text = f'[daemon]\nlisten = "{running.LISTEN[0]}:{running.LISTEN[1]}"\n'
    if getattr(attack, "tls", False):
        certificate = f"{directory}/localhost.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{directory}/key.pem",
                        "-out", certificate, "-days", "9", "-subj", "/CN=localhost"], check=True, capture_output=True)
        text += f'[daemon.tls]\ncert_file = "{certificate}"\nkey_file = "{directory}/key.pem"\n'
    if getattr(attack, "users", False):
        text += f'[daemon.users]\nadmin = "{HASH_OF_SECRET}"\n'
    text += '[defaults]\ninterval = "5s"\n[capture]\nenabled = false\n'
    return text + "".join(f'[[endpoint]]\nname = "t{i}"\nhost = "127.0.0.1"\nport = {port}\ntls = false\nsettle = "0s"\n'
                          for i in range(ENDPOINTS))


def scrape(attack):
    """Seconds, and the page; an attack on users leaves no page, only the refusal in time."""
    begun = time.monotonic()
    connection = connect(LEGITIMATE)
    if getattr(attack, "tls", False):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = context.wrap_socket(connection)
    with connection:
        connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        page = b""
        while piece := connection.recv(65536):
            page += piece
    expected = b"HTTP/1.1 401" if getattr(attack, "users", False) else b"HTTP/1.1 200"
    if not page.startswith(expected):
        raise RuntimeError(f"the legitimate client got {page[:100]}")
    return time.monotonic() - begun, page.decode()


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
    _, before = scrape(attack_type)
    slowest, scrapes, problems = 0.0, 0, []
    with attack_type():
        end = time.monotonic() + WATCHED
        while time.monotonic() < end:
            try:
                seconds, after = scrape(attack_type)
                slowest, scrapes = max(slowest, seconds), scrapes + 1
            except (OSError, RuntimeError) as fault:
                problems.append(f"a scrape failed: {fault}")
            time.sleep(0.2)
    _, after = scrape(attack_type)
    memory = daemon.status()["VmHWM"]
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
