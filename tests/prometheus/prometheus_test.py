"""Debian's Prometheus scrapes the running daemon, and the shipped alert rules fire by cause and resolve when the fault
is mended. In a network namespace of its own.

usage: prometheus_test.py WHYLINK ALERTS_YML"""

import json
import re
import socket
import sys
import tempfile
import threading
import unittest
import urllib.parse
from pathlib import Path

sys.path[1:1] = [str(Path(__file__).resolve().parents[1] / folder) for folder in ("support", "cli")]
import running  # noqa: E402
import servers  # noqa: E402

PROMETHEUS = ("127.0.0.1", 9090)
OPENMETRICS = "application/openmetrics-text;version=1.0.0"
NAME = "good.link.example"

SETTINGS = """global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
scrape_configs: [{{job_name: whylink, static_configs: [{{targets: ["{target}"]}}]}}]
"""

CONFIG = """[daemon]
listen = "{listen}"
[capture]
evidence_dir = "{evidence}"
[defaults]
interval = "1s"
resolvers = ["{resolver}"]
[[endpoint]]
name = "good"
host = "good.link.example"
port = {tls}
expect = ["127.0.0.1"]
[endpoint.labels]
team = "data"
[endpoint.tls]
ca_file = "{ca}"
[[endpoint]]
name = "refused"
host = "127.0.0.1"
port = {refused}
tls = false
settle = "0s"
[[endpoint]]
name = "not-allowed"
profile = "clickhouse-aws"
host = "good.link.example"
port = {switchable}
app = "none"
expect = ["127.0.0.1"]
[endpoint.tls]
ca_file = "{ca}"
[[endpoint]]
name = "unnamed"
host = "later.link.example"
port = {tls}
expect = ["127.0.0.1"]
tls = false
"""

# The target, its alert by the shipped rules, and the cause that the alert's text has to name.
EXPECTED = (("refused", "WhylinkUnreachable", "connection_refused"),
            ("not-allowed", "WhylinkNotOnAllowlist", "not_on_allowlist"),
            ("unnamed", "WhylinkPrivateDns", "private_dns_missing"))


class Startable:
    """A port that refuses until somebody listens."""

    def __init__(self):
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]

    def start(self):
        self._socket.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            self._socket.accept()[0].close()


def text_of(address):
    return f"{address[0]}:{address[1]}"


def without_waiting(rules):
    """The shipped rules, but that each alert fires after a second: only the time behind `for:` is replaced, and ranges
    and expressions stay as they are."""
    shortened, count = re.subn(r"(?m)^(\s+for:) \w+$", r"\1 1s", rules)
    if count == 0 or count != rules.count("- alert:"):
        raise ValueError(f"{count} of {rules.count('- alert:')} alerts have a line `for:`")
    return shortened


def ask(path, **query):
    """The `data` of an answer of Prometheus' API."""
    page = running.Page(f"/api/v1/{path}?{urllib.parse.urlencode(query)}", PROMETHEUS)
    answer = json.loads(page.body)
    if answer["status"] != "success":
        raise RuntimeError(f"{path}: {answer}")
    return answer["data"]


def value_of(expression):
    """The value of an expression with one result; nothing while there is none."""
    result = ask("query", query=expression)["result"]
    return float(result[0]["value"][1]) if result else None


def firing(alert, name):
    """The alert that fires for a target."""
    for found in ask("alerts")["alerts"]:
        labels = found["labels"]
        if found["state"] == "firing" and (labels["alertname"], labels.get("name")) == (alert, name):
            return found
    return None


class PrometheusTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.start_servers()
        config = cls.write("whylink.toml", CONFIG.format(
            listen=text_of(running.LISTEN), evidence=cls.directory / "evidence", resolver=cls.dns.resolver, ca=cls.certificate[0], tls=cls.tls.port,
            refused=cls.startable.port, switchable=cls.switchable.port))
        cls.whylink = running.start_daemon(sys.argv[1], config, cls.directory / "whylink.log")
        cls.addClassCleanup(cls.whylink.end)
        rules = cls.write("alerts.yml", without_waiting(Path(sys.argv[2]).read_text(encoding="utf-8")))
        settings = cls.write("prometheus.yml", SETTINGS.format(rules=rules, target=text_of(running.LISTEN)))
        cls.prometheus = running.Process(
            ["prometheus", f"--config.file={settings}", f"--storage.tsdb.path={cls.directory / 'tsdb'}",
             f"--web.listen-address={text_of(PROMETHEUS)}"], cls.directory / "prometheus.log")
        cls.addClassCleanup(cls.prometheus.end)
        running.wait_until("Prometheus listens", lambda: cls.prometheus.listens(PROMETHEUS))
        running.wait_until("Prometheus is ready", lambda: running.Page("/-/ready", PROMETHEUS).status == 200)

    @classmethod
    def start_servers(cls):
        cls.certificate = servers.make_certificate(str(cls.directory), NAME, 365)
        cls.records = {NAME: "127.0.0.1"}
        cls.dns = servers.Dns(cls.records)
        cls.tls, cls.switchable = servers.Tls(*cls.certificate), servers.Switchable(*cls.certificate)
        cls.switchable.works = False
        cls.startable = Startable()

    @classmethod
    def write(cls, name, text):
        path = cls.directory / name
        path.write_text(text, encoding="utf-8")
        return path

    def mend_everything(self):
        self.startable.start()
        self.switchable.works = True
        self.records["later.link.example"] = "127.0.0.1"

    def test_1_it_is_scraped_without_a_fault(self):
        running.wait_until("the daemon is up", lambda: value_of("up") == 1)
        # Prometheus knows a counter by its family's name only where it read OpenMetrics.
        metadata = running.wait_until("the counter's family is known", lambda: ask("metadata", metric="whylink_probes"))
        self.assertEqual(metadata["whylink_probes"][0]["type"], "counter")
        running.wait_until("every sample of the page is scraped",
                           lambda: value_of("scrape_samples_scraped") == self.samples_on_page())
        target, = ask("targets")["activeTargets"]
        self.assertEqual((target["health"], target["lastError"]), ("up", ""))

    def samples_on_page(self):
        page = running.Page("/metrics", Accept=OPENMETRICS)
        self.assertIn("openmetrics", page.content_type)
        return sum(not line.startswith(b"#") for line in page.body.splitlines())

    def test_2_alerts_fire_by_cause(self):
        for name, alert, cause in EXPECTED:
            with self.subTest(name):
                found = running.wait_until(f"{alert} fires for {name}", lambda: firing(alert, name))
                self.assertEqual(found["labels"], {
                    "alertname": alert, "job": "whylink", "instance": text_of(running.LISTEN), "kind": "endpoint",
                    "name": name, "severity": "critical"})
                annotations = found["annotations"]
                self.assertIn(name, annotations["summary"])
                self.assertIn(cause, annotations["summary"])
                self.assertIn(f"`whylink explain {cause}`", annotations["fix"])
                self.assertEqual(annotations["link"], f"http://{text_of(running.LISTEN)}/?name={name}")
                page = running.Page(f"/?name={name}")
                self.assertEqual(page.status, 200)
                self.assertIn(name.encode(), page.body)
        self.assertEqual(value_of('whylink_healthy{name="good"}'), 1)
        self.assertEqual(self.alerts(), sorted((alert, name) for name, alert, _ in EXPECTED))

    def alerts(self):
        return sorted((found["labels"]["alertname"], found["labels"].get("name")) for found in ask("alerts")["alerts"])

    def test_3_alerts_resolve_when_the_fault_is_mended(self):
        self.assertTrue(self.alerts())
        self.mend_everything()
        running.wait_until("no alert is left", lambda: not self.alerts())
        for name, _, _ in EXPECTED:
            self.assertEqual(value_of(f'whylink_healthy{{name="{name}"}}'), 1)

    def test_4_no_scrape_failed_ever(self):
        self.assertEqual(value_of("min_over_time(up[10m])"), 1)
        complaints = [line for line in self.prometheus.log().splitlines() if re.search("level=(warn|error)", line)]
        self.assertEqual(complaints, [])
        self.assertNotIn("defect", self.whylink.log())


if __name__ == "__main__":
    running.enter_own_namespaces()
    unittest.main(argv=sys.argv[:1], failfast=True)
