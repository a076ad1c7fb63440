"""A scrape job written for blackbox_exporter, and the same job with the daemon's address: Debian's Prometheus finds the
same `probe_success` for each target, good and bad. In namespaces of its own.

usage: side_by_side_test.py WHYLINK"""

import json
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path[1:1] = [str(Path(__file__).resolve().parents[1] / folder) for folder in ("support", "cli")]
import running  # noqa: E402
import servers  # noqa: E402

PROMETHEUS = ("127.0.0.1", 9090)
EXPORTER = ("127.0.0.1", 9115)
GOOD, OTHER, MISSING = "good.link.example", "other.link.example", "missing.link.example"
NO_ROUTE = "198.51.100.7"
DROPPED_PORT = 4444

MODULES = f"""modules:
  tcp_connect: {{prober: tcp}}
  tcp_tls: {{prober: tcp, tcp: {{tls: true}}}}
  http_2xx: {{prober: http}}
  dns: {{prober: dns, dns: {{query_name: {GOOD}, query_type: A}}}}
"""

CONFIG = f"""[daemon]
listen = "{running.LISTEN[0]}:{running.LISTEN[1]}"
[history]
enabled = false
[probe]
allow = ["127.0.0.0/8", "{NO_ROUTE}/32"]
"""

JOB = """  - job_name: {prober}-{module}
    metrics_path: /probe
    params: {{module: [{module}], query_name: ["{name}"]}}
    static_configs: [{{targets: {targets}, labels: {{prober: {prober}, module: {module}}}}}]
    relabel_configs:
      - {{source_labels: [__address__], target_label: __param_target}}
      - {{source_labels: [__param_target], target_label: instance}}
      - {{target_label: __address__, replacement: "{address}"}}
"""


class Site(BaseHTTPRequestHandler):
    """/CODE answers with that status, /to/URL leads there."""

    def do_GET(self):
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
        else:
            self.send_response(int(self.path.strip("/") or 200))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Sites(ThreadingHTTPServer):
    def handle_error(self, *_):
        """A client that does not trust the certificate ends the handshake: as it is meant."""


def start_site(certificate=None):
    """The port of an HTTP server, with TLS where it has a certificate and key."""
    site = Sites(("127.0.0.1", 0), Site)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        site.socket = context.wrap_socket(site.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    return site.server_port


def own_files(directory):
    """Names by the test's own nameserver, and its CA the only one that is trusted."""
    for name, text in (("resolv.conf", "nameserver 127.0.0.1\n"), ("hosts", "127.0.0.1 localhost\n")):
        path = directory / name
        path.write_text(text, encoding="utf-8")
        subprocess.run(["mount", "--bind", path, f"/etc/{name}"], check=True)
    subprocess.run(["nft", "-f", "-"], check=True, text=True,
                   input=f"table inet own {{ chain in {{ type filter hook input priority 0; tcp dport {DROPPED_PORT} drop; }}; }}")


def expire(certificate, key):
    """A copy of the certificate whose time is over."""
    copy = f"{certificate}.expired"
    subprocess.run(["openssl", "x509", "-in", certificate, "-signkey", key, "-days", "-1", "-out", copy],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return copy, key


def make_targets(directory):
    """Module, target, and whether a probe of it succeeds."""
    good, other = (servers.make_certificate(str(directory), name, 365) for name in (GOOD, OTHER))
    expired, untrusted = expire(*good), servers.make_certificate(str(directory), f"not-trusted.{GOOD}", 365)
    bundle = directory / "trusted.pem"
    bundle.write_text("".join(Path(pem).read_text(encoding="utf-8") for pem, _ in (good, other, expired)), encoding="utf-8")
    os.environ["SSL_CERT_FILE"] = str(bundle)
    tls = {name: servers.Tls(*pair).port for name, pair in
           (("good", good), ("other", other), ("expired", expired), ("untrusted", untrusted))}
    plain, resetting = servers.Banner(b"hello\r\n").port, servers.Resetting().port
    site, secure = start_site(), start_site(good)
    gone = servers.closed_port()
    return [
        ("tcp_connect", f"127.0.0.1:{plain}", True),
        ("tcp_connect", f"{GOOD}:{plain}", True),
        ("tcp_connect", f"{GOOD}:{gone}", False),
        ("tcp_connect", f"{MISSING}:{plain}", False),
        ("tcp_connect", f"127.0.0.1:{DROPPED_PORT}", False),
        ("tcp_connect", f"{NO_ROUTE}:443", False),
        ("tcp_tls", f"{GOOD}:{tls['good']}", True),
        ("tcp_tls", f"{OTHER}:{tls['other']}", True),
        ("tcp_tls", f"{GOOD}:{tls['other']}", False),
        ("tcp_tls", f"{GOOD}:{tls['expired']}", False),
        ("tcp_tls", f"{GOOD}:{tls['untrusted']}", False),
        ("tcp_tls", f"{GOOD}:{plain}", False),
        ("tcp_tls", f"{GOOD}:{resetting}", False),
        ("tcp_tls", f"{GOOD}:{gone}", False),
        ("http_2xx", f"http://{GOOD}:{site}/", True),
        ("http_2xx", f"{GOOD}:{site}/204", True),
        ("http_2xx", f"http://{GOOD}:{site}/404", False),
        ("http_2xx", f"http://{GOOD}:{site}/503", False),
        ("http_2xx", f"http://{GOOD}:{site}/to/http://{GOOD}:{site}/200", True),
        ("http_2xx", f"http://{GOOD}:{site}/to/http://{GOOD}:{gone}/", False),
        ("http_2xx", f"http://{GOOD}:{site}/to/https://{GOOD}:{secure}/", True),
        ("http_2xx", f"https://{GOOD}:{secure}/", True),
        ("http_2xx", f"https://{OTHER}:{secure}/", False),
        ("dns", "127.0.0.1", True),
        ("dns", f"127.0.0.1:{servers.closed_port()}", False),
    ]


def settings(targets):
    jobs = []
    for prober, address in (("exporter", EXPORTER), ("whylink", running.LISTEN)):
        for module in sorted({module for module, _, _ in targets}):
            chosen = [target for of, target, _ in targets if of == module]
            jobs.append(JOB.format(prober=prober, module=module, name=GOOD, targets=json.dumps(chosen),
                                   address=f"{address[0]}:{address[1]}"))
    return "global: {scrape_interval: 4s, scrape_timeout: 3s}\nscrape_configs:\n" + "".join(jobs)


def successes(prober):
    """`probe_success` by module and target."""
    query = urllib.parse.urlencode({"query": f'probe_success{{prober="{prober}"}}'})
    result = json.loads(running.Page(f"/api/v1/query?{query}", PROMETHEUS).body)["data"]["result"]
    return {(found["metric"]["module"], found["metric"]["instance"]): found["value"][1] == "1" for found in result}


class SideBySideTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.directory = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        own_files(cls.directory)
        cls.dns = servers.Dns({GOOD: "127.0.0.1", OTHER: "127.0.0.1"}, 53)
        cls.targets = make_targets(cls.directory)
        config = cls.write("whylink.toml", CONFIG)
        cls.whylink = running.start_daemon(sys.argv[1], config, cls.directory / "whylink.log")
        cls.addClassCleanup(cls.whylink.end)
        modules = cls.write("blackbox.yml", MODULES)
        cls.start(EXPORTER, ["prometheus-blackbox-exporter", f"--config.file={modules}"])
        jobs = cls.write("prometheus.yml", settings(cls.targets))
        cls.start(PROMETHEUS, ["prometheus", f"--config.file={jobs}", f"--storage.tsdb.path={cls.directory / 'tsdb'}"])
        running.wait_until("Prometheus is ready", lambda: running.Page("/-/ready", PROMETHEUS).status == 200)

    @classmethod
    def start(cls, address, argv):
        process = running.Process([*argv, f"--web.listen-address={address[0]}:{address[1]}"], cls.directory / f"{argv[0]}.log")
        cls.addClassCleanup(process.end)
        running.wait_until(f"{argv[0]} listens", lambda: process.listens(address))

    @classmethod
    def write(cls, name, text):
        path = cls.directory / name
        path.write_text(text, encoding="utf-8")
        return path

    def test_each_target_has_the_same_success(self):
        expected = {(module, target): success for module, target, success in self.targets}
        self.assertGreaterEqual(len(expected), 20)
        found = {}
        for prober in ("exporter", "whylink"):
            found[prober] = running.wait_until(
                f"{prober} has probed every target",
                lambda: (values := successes(prober)) and len(values) == len(expected) and values)
        self.assertEqual(found["exporter"], expected)
        self.assertEqual(found["whylink"], expected)


if __name__ == "__main__":
    running.enter_own_namespaces()
    unittest.main(argv=sys.argv[:1])
