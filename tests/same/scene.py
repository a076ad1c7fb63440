"""Two scripted runs of the daemon among servers of its own, in namespaces of its own. In the first every target has a
single round, so that every counter is exact. In the second a server ends and comes back and configurations are
reloaded; there rounds go on, and how many there are until a moment is chance.

usage: scene.py WHYLINK DIRECTORY"""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

sys.path[1:1] = [str(Path(__file__).resolve().parents[1] / folder) for folder in ("support", "cli")]
import running  # noqa: E402
import servers  # noqa: E402

OPENMETRICS = "application/openmetrics-text;version=1.0.0"
HOST = "good.link.example"
RULES = """table inet same { chain input { type filter hook input priority 0;
tcp dport 5999 drop
tcp dport 5998 reject with icmpx type admin-prohibited
}; }
"""
# By name: what is watched, and whether it has to be healthy.
TARGETS = {
    "good": (True, f'host = "{HOST}"\nport = 9440\nexpect = ["127.0.0.1"]\nlabels = {{ team = "red" }}\n{{trust}}'),
    "plain": (True, 'host = "127.0.0.1"\nport = 5432\ntls = false\nsettle = "50ms"\n'),
    "web": (True, f'host = "{HOST}"\nport = 8080\ntls = false\nexpect = ["127.0.0.1"]\napp = "http"\n'
            'http_path = "/ok"\n'),
    "web-broken": (False, f'host = "{HOST}"\nport = 8080\ntls = false\nexpect = ["127.0.0.1"]\napp = "http"\n'
                   'http_path = "/down"\n'),
    "expiring": (True, f'host = "{HOST}"\nport = 9441\nexpect = ["127.0.0.1"]\n{{trust_soon}}'),
    "other-name": (False, 'host = "other.link.example"\nport = 9440\nexpect = ["127.0.0.1"]\n{trust_other}'),
    "untrusted": (False, f'host = "{HOST}"\nport = 9440\nexpect = ["127.0.0.1"]\n'),
    "not-allowed": (False, f'profile = "clickhouse-aws"\nhost = "{HOST}"\nport = 9442\napp = "none"\n'
                    'expect = ["127.0.0.1"]\n{trust}'),
    "not-tls": (False, f'host = "{HOST}"\nport = 2222\nexpect = ["127.0.0.1"]\n{{trust}}'),
    "refused": (False, 'host = "127.0.0.1"\nport = 81\ntls = false\n'),
    "dropped": (False, 'host = "127.0.0.1"\nport = 5999\ntls = false\ntimeout = "500ms"\n'),
    "prohibited": (False, 'host = "127.0.0.1"\nport = 5998\ntls = false\n'),
    "silent": (False, 'host = "127.0.0.1"\nport = 5432\ntls = false\napp = "postgres"\ntimeout = "500ms"\n'),
    "unnamed": (False, 'host = "gone.link.example"\nport = 9440\ntls = false\nexpect = ["127.0.0.1"]\n'),
    "elsewhere": (False, 'host = "moved.link.example"\nport = 5432\ntls = false\nexpect = ["10.0.0.0/8"]\n'),
    "switching": (True, 'host = "127.0.0.1"\nport = 5433\ntls = false\nsettle = "50ms"\n'),
}
ZONES = {
    "zone": (True, 'zone = "wild.link.example"\nexpect = ["127.0.0.1"]\nprivate = false\nknown_labels = ["abcd"]\n'),
    "zone-without-wildcard": (False, 'zone = "link.example"\nprivate = false\nknown_labels = ["good"]\n'),
}
WATCHES = {
    "visited": (True, 'direction = "inbound"\nport = 5432\nwindow = "1s"\n'),
    "nobody-listens": (False, 'direction = "inbound"\nport = 82\nwindow = "1s"\nexpect_traffic = "1s"\n'),
}
RECORDS = {HOST: "127.0.0.1", "other.link.example": "127.0.0.1", "moved.link.example": "127.0.0.1"}


class Records(dict):
    """With a wildcard."""

    def get(self, name, default=None):
        return "127.0.0.1" if name.endswith(".wild.link.example") else super().get(name, default)


class Web(servers.Server):
    """One answer for each connection, by the path."""

    def serve(self, connection):
        request = b""
        while b"\r\n\r\n" not in request:
            piece = connection.recv(4096)
            if not piece:
                return
            request += piece
        status = b"200 OK" if b" /ok " in request else b"503 Service Unavailable"
        connection.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


class Visitor:
    """Connects again and again, so that a watch has something to see."""

    def __init__(self, port):
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(port,), daemon=True)
        self._thread.start()

    def _run(self, port):
        while not self._stop.wait(0.1):
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(b"hello")

    def close(self):
        self._stop.set()
        self._thread.join()


class Scene:
    def __init__(self, program, out, directory):
        self.program, self.out, self.directory = program, out, directory
        subprocess.run(["nft", "-f", "-"], input=RULES, text=True, check=True)
        self.good = servers.make_certificate(str(directory), HOST, 365)
        soon_directory = directory / "soon"
        soon_directory.mkdir()
        self.soon = servers.make_certificate(str(soon_directory), HOST, 3)
        self._servers = [servers.Dns(Records(RECORDS), 53), servers.Tls(*self.good, 9440),
                         servers.Tls(*self.soon, 9441), servers.Resetting(9442), servers.Silent(5432), Web(8080),
                         servers.Banner(b"SSH-2.0-OpenSSH_9.2\r\n", 2222)]
        self.start_switching()

    def start_switching(self):
        self._switching = servers.Silent(5433)

    def stop_switching(self):
        self._switching.close()

    def config(self, head, interval, changes=None, watches=False):
        """`changes` replaces the text of a target; an empty one leaves it out."""
        text = head + (f'[capture]\nevidence_dir = "{self.directory}/evidence"\n[defaults]\ninterval = "{interval}"\n'
                       f'timeout = "2s"\nresolvers = ["127.0.0.1"]\n')
        trust = f'[endpoint.tls]\nca_file = "{self.good[0]}"\n'
        values = {"trust": trust, "trust_soon": f'[endpoint.tls]\nca_file = "{self.soon[0]}"\n',
                  "trust_other": trust + 'server_name = "other.link.example"\n'}
        for kind, targets in (("endpoint", TARGETS), ("zone", ZONES), ("watch", WATCHES if watches else {})):
            for name, (_, body) in targets.items():
                body = (changes or {}).get(name, body)
                for key, value in values.items():
                    body = body.replace("{" + key + "}", value)
                if body:
                    text += f'[[{kind}]]\nname = "{name}"\n{body}'
        path = self.directory / "whylink.toml"
        path.write_text(text, encoding="utf-8")
        return path

    # ---- what is recorded ----

    def write(self, name, text):
        path = self.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def page(self, name, path, method="GET", **headers):
        """The whole answer."""
        connection = http.client.HTTPConnection(*running.LISTEN, timeout=running.DEADLINE)
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            body = answer.read().decode("utf-8")
            head = [f"{method} {path} {json.dumps(headers)}", f"{answer.status} {answer.reason}",
                    *(f"{key}: {value}" for key, value in answer.getheaders())]
        finally:
            connection.close()
        self.write(f"{name}.http", "\n".join(head) + "\n")
        self.write(name, body)
        return body

    def pages(self, moment):
        self.page(f"{moment}/metrics.txt", "/metrics")
        self.page(f"{moment}/metrics.openmetrics", "/metrics", Accept=OPENMETRICS)
        self.page(f"{moment}/report.json", "/api/v1/report")
        self.page(f"{moment}/report.nagios", "/api/v1/report?format=nagios")
        self.page(f"{moment}/report.txt", "/api/v1/report?format=human&columns=80&utf8=0&colour=1")
        self.page(f"{moment}/page.txt", "/")

    def status(self, name, *arguments):
        done = subprocess.run([self.program, "status", *arguments, "--config", self.directory / "whylink.toml"],
                              capture_output=True, text=True, check=False, env={**os.environ, "LANG": "C.UTF-8"})
        self.write(name, done.stdout + done.stderr + f"exit status {done.returncode}\n")

    def evidence(self, moment):
        """The names of the files with packets."""
        files = sorted(os.listdir(self.directory / "evidence"))
        self.write(f"{moment}/evidence.txt", "".join(f"{name}\n" for name in files))

    # ---- what is waited for ----

    def healthy(self):
        """By name, as the metrics page has it."""
        body = running.Page("/metrics").body.decode("utf-8")
        return {name: value == "1" for name, value in
                re.findall(r'(?m)^whylink_healthy\{[^}]*name="([^"]+)"[^}]*\} (\d)$', body)}

    def wait_for_health(self, **changes):
        expected = {name: healthy for name, (healthy, _) in {**TARGETS, **ZONES}.items()}
        expected.update(changes)
        try:
            running.wait_until("all are as they have to be", lambda: expected.items() <= self.healthy().items())
        except TimeoutError:
            found = self.healthy()
            sys.exit("unexpected health: " + str({name: found.get(name) for name in expected
                                                  if found.get(name) != expected[name]}))


def cause_of(name):
    for entry in json.loads(running.Page("/api/v1/report").body)["endpoints"]:
        if entry["name"] == name:
            return entry["diagnosis"]["cause"]
    return None


def listen():
    return f'[daemon]\nlisten = "{running.LISTEN[0]}:{running.LISTEN[1]}"\n'


def run_once(scene):
    config = scene.config(listen() + 'log_level = "debug"\n', "1h")
    daemon = running.start_daemon(scene.program, config, scene.out / "once.log")
    running.wait_until("every target had its round", running.is_ready)
    scene.wait_for_health()
    evidence = scene.directory / "evidence"
    wanted = running.Page("/api/v1/report").body.count(b'"evidence_file"')
    running.wait_until("the packets are kept", lambda: len(os.listdir(evidence)) == wanted)
    scene.pages("once")
    scene.evidence("once")
    for name, path, method in (("healthy", "/-/healthy", "GET"), ("ready", "/-/ready", "GET"),
                               ("head", "/metrics", "HEAD"), ("nowhere", "/nowhere", "GET"),
                               ("not-allowed", "/metrics", "POST"), ("reload-by-get", "/-/reload", "GET"),
                               ("bad-format", "/api/v1/report?format=xml", "GET"),
                               ("bad-columns", "/api/v1/report?columns=10", "GET"),
                               ("bad-key", "/api/v1/report?nme=good", "GET"),
                               ("unknown-name", "/api/v1/report?name=god", "GET"),
                               ("named.json", "/api/v1/report?name=good&name=zone", "GET")):
        scene.page(f"http/{name}", path, method)
    for form in ("human", "json", "nagios"):
        scene.status(f"status/all.{form}", "--format", form)
        scene.status(f"status/good.{form}", "good", "--format", form)
    scene.status("status/unknown", "god")
    scene.write("once.end", f"exit status {daemon.end()}\n")


def run_with_changes(scene):
    head = listen() + 'log_level = "debug"\nlog_format = "json"\n'
    config = scene.config(head, "1s", watches=True)
    daemon = running.start_daemon(scene.program, config, scene.out / "changes.log")
    visitor = Visitor(5432)
    running.wait_until("every target had a round", running.is_ready)
    scene.wait_for_health(visited=True)

    scene.stop_switching()
    scene.wait_for_health(switching=False)
    running.wait_until("its cause is known", lambda: cause_of("switching") == "connection_refused")
    scene.config(head, "1s", watches=True, changes={
        "good": TARGETS["good"][1].replace("red", "blue"),
        "web-broken": TARGETS["web-broken"][1].replace("/down", "/ok"), "refused": ""})
    daemon.send(signal.SIGHUP)
    running.wait_until("the label is another", lambda: b'team="blue"' in running.Page("/metrics").body)
    expected = {name: healthy for name, (healthy, _) in {**TARGETS, **ZONES}.items() if name != "refused"}
    expected.update({"switching": False, "web-broken": True})
    running.wait_until("all are as they have to be", lambda: expected.items() <= scene.healthy().items())
    scene.pages("broken")
    good_text = config.read_text(encoding="utf-8")
    config.write_text(good_text + "[[endpoint]]\nname = \"bad\"\nintervall = \"1s\"\n", encoding="utf-8")
    scene.page("http/reload-refused", "/-/reload", "POST")
    config.write_text(good_text, encoding="utf-8")
    scene.page("http/reload", "/-/reload", "POST")

    scene.start_switching()
    expected["switching"] = True
    running.wait_until("all are as they have to be", lambda: expected.items() <= scene.healthy().items())
    scene.pages("mended")
    visitor.close()
    scene.write("changes.end", f"exit status {daemon.end()}\n")


def main():
    program, out = Path(sys.argv[1]), Path(sys.argv[2])
    running.enter_own_namespaces()
    with tempfile.TemporaryDirectory() as directory:
        scene = Scene(program, out, Path(directory))
        run_once(scene)
        run_with_changes(scene)


if __name__ == "__main__":
    main()
