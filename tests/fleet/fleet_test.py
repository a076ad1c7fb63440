"""Twenty whylinks, a real Prometheus and a real Alertmanager with the settings of docs/fleet: each failure is exactly one
page, whose text has the right scope, and no ticket. The queries of the dashboard run against that Prometheus.

usage: fleet_test.py WHYLINK DOCS"""

import http.server
import json
import re
import sys
import tempfile
import threading
import unittest
import urllib.parse
from pathlib import Path

sys.path[1:1] = [str(Path(__file__).resolve().parents[1] / folder) for folder in ("support", "cli")]
import network  # noqa: E402
import running  # noqa: E402
import servers  # noqa: E402

WHYLINK, DOCS = sys.argv[1], Path(sys.argv[2])
PROMETHEUS, ALERTMANAGER, RECEIVER = ("127.0.0.1", 9090), ("127.0.0.1", 9093), ("127.0.0.1", 9099)
ORDERS, BILLING = (f"{network.SERVICES}.2", 5001), (f"{network.SERVICES}.3", 5002)
NAME = "billing.link.example"
# A minute of the rules takes as long here; it keeps their order. Twenty sanitizers need more time to see the same failure.
SECONDS_OF_A_MINUTE = 10 if running.instrumented(WHYLINK) else 4
DEADLINE = 180
# These look back at half an hour, and so at the tests before.
LOOKS_BACK = {"WhylinkIntermittent"}

CONFIG = f"""[daemon]
listen = "0.0.0.0:9797"
[capture]
enabled = false
[defaults]
interval = "2s"
timeout = "1s"
[[endpoint]]
name = "orders"
host = "{ORDERS[0]}"
port = {ORDERS[1]}
tls = false
settle = "0s"
[[endpoint]]
name = "billing"
host = "{BILLING[0]}"
port = {BILLING[1]}
settle = "0s"
tls = {{ server_name = "{NAME}", ca_file = "%s" }}
"""


class Inbox(http.server.ThreadingHTTPServer):
    """What Alertmanager sends, by path."""

    def __init__(self):
        super().__init__(RECEIVER, Letter)
        self.received = {"/pages": [], "/tickets": []}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def firing(self, path):
        """The alerts that fire in each message that has some."""
        alerts = [[each for each in message["alerts"] if each["status"] == "firing" and concerns_the_test(each)]
                  for message in list(self.received[path])]
        return [found for found in alerts if found]

    def clear(self):
        for letters in self.received.values():
            letters.clear()


class Letter(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.received[self.path].append(message)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def concerns_the_test(alert):
    return alert["labels"]["alertname"] not in LOOKS_BACK


def ask(path, **query):
    """The `data` of an answer of Prometheus' API."""
    page = running.Page(f"/api/v1/{path}?{urllib.parse.urlencode(query)}", PROMETHEUS)
    answer = json.loads(page.body)
    if answer["status"] != "success":
        raise RuntimeError(f"{path} {query}: {answer}")
    return answer["data"]


def result_of(expression):
    return ask("query", query=expression)["result"]


def alerts_of_prometheus():
    """Those that wait included."""
    return [each for each in ask("alerts")["alerts"] if concerns_the_test(each)]


def alerts_of_alertmanager():
    return [each for each in json.loads(running.Page("/api/v2/alerts", ALERTMANAGER).body) if concerns_the_test(each)]


def scopes():
    return sorted(each["labels"]["scope"] for each in alerts_of_prometheus() if "scope" in each["labels"])


def quickened(settings):
    """The shipped settings in the time of the test: ranges and expressions stay as they are."""
    def seconds(match):
        return f"{match[1]} {int(match[2]) * SECONDS_OF_A_MINUTE}s"

    settings = re.sub(r"(?m)^(\s+for:) (\d+)m$", seconds, settings)
    settings = re.sub(r"(?m)^(\s+scrape_interval:) 15s$", r"\1 2s", settings)
    settings = re.sub(r"(?m)^(\s+evaluation_interval:) 15s$", r"\1 1s", settings)
    settings = re.sub(r"(?m)^(\s+group_wait:) 30s$", rf"\1 {SECONDS_OF_A_MINUTE // 2}s", settings)
    return re.sub(r"(?m)^(\s+group_interval:) 5m$", rf"\1 {5 * SECONDS_OF_A_MINUTE}s", settings)


class Fleet(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.network = network.Network()
        cls.inbox = Inbox()
        certificate = servers.make_certificate(str(cls.folder), NAME, 365)
        cls.orders = cls.start_service(ORDERS)
        cls.start_service(BILLING, *certificate)
        for host in network.HOSTS:
            cls.start_whylink(host, certificate[0])
        cls.start_prometheus()
        try:
            running.wait_until("all targets of all hosts are healthy",
                               lambda: len(result_of("whylink_healthy == 1")) == 2 * len(network.HOSTS), DEADLINE)
        except TimeoutError:
            logs = "\n".join(path.read_text(errors="replace")[-2000:] for path in sorted(cls.folder.glob("*/log"))[-6:])
            raise RuntimeError(f"not all is healthy: {result_of('whylink_diagnosis')}\n{logs}") from None

    @classmethod
    def start(cls, name, *argv):
        # State and log are those of one process.
        (cls.folder / name).mkdir(exist_ok=True)
        process = running.Process([str(part) for part in argv], cls.folder / name / "log")
        cls.addClassCleanup(lambda: process.running() and process.end())
        return process

    @classmethod
    def start_service(cls, address, *certificate):
        return cls.start(f"service-{address[1]}", "ip", "netns", "exec", "services", sys.executable, "-B",
                         Path(__file__).with_name("service.py"), *address, *certificate)

    @classmethod
    def start_whylink(cls, host, ca):
        folder = cls.folder / host.namespace
        folder.mkdir()
        (folder / "whylink.toml").write_text(CONFIG % ca)
        cls.start(host.namespace, "ip", "netns", "exec", host.namespace, WHYLINK, "run", "--config", folder / "whylink.toml")

    @classmethod
    def start_prometheus(cls):
        """With the example's files at the example's places."""
        for source, target in (("fleet/prometheus.yml", "prometheus.yml"), ("fleet/alertmanager.yml", "alertmanager.yml"),
                               ("alerts.yml", "rules/whylink-alerts.yml"), ("fleet/rules.yml", "rules/whylink-fleet.yml")):
            (cls.folder / target).parent.mkdir(exist_ok=True)
            (cls.folder / target).write_text(quickened((DOCS / source).read_text(encoding="utf-8")))
        groups = json.loads((DOCS / "fleet/targets.json").read_text())
        (cls.folder / "whylink").mkdir()
        (cls.folder / "whylink/hosts.json").write_text(json.dumps([
            {"targets": [f"{host.address}:9797"], "labels": dict(zip(groups[0]["labels"], (host.az, host.subnet)))}
            for host in network.HOSTS]))
        cls.start("alertmanager", "prometheus-alertmanager", f"--config.file={cls.folder / 'alertmanager.yml'}",
                  f"--storage.path={cls.folder / 'alertmanager'}", "--web.listen-address=127.0.0.1:9093",
                  "--cluster.listen-address=")
        prometheus = cls.start("prometheus", "prometheus", f"--config.file={cls.folder / 'prometheus.yml'}",
                               f"--storage.tsdb.path={cls.folder / 'tsdb'}", "--web.listen-address=127.0.0.1:9090")
        running.wait_until("Prometheus listens", lambda: prometheus.listens(PROMETHEUS))
        running.wait_until("Prometheus is ready", lambda: running.Page("/-/ready", PROMETHEUS).status == 200)

    def tearDown(self):
        self.network.mend()
        for host in network.HOSTS:
            self.network.set_link(host, "up")
        if not self.orders.running():
            type(self).orders = self.start_service(ORDERS)
        running.wait_until("all is well", lambda: not alerts_of_prometheus() and not result_of("whylink:failing == 1"), DEADLINE)
        running.wait_until("Alertmanager has no alert", lambda: not alerts_of_alertmanager(), DEADLINE)

    def expect_page(self, scope, alert, *texts):
        """Exactly one, and no ticket. A host that failed in a test before may also say `intermittent`."""
        running.wait_until("there is a page", lambda: self.inbox.firing("/pages"), DEADLINE)
        # Nothing waits that would be the next one. On a busy machine a single scrape may fail, which waits for a moment.
        running.wait_until("nothing else is about to fire", lambda: scopes() == [scope], DEADLINE)
        # By now what alerts.yml says of each target would have been sent.
        running.wait_until("the details are known to Alertmanager", self.details_are_inhibited, DEADLINE)
        page, = self.inbox.firing("/pages")
        found, = page
        self.assertEqual((found["labels"]["alertname"], found["labels"]["scope"]), (alert, scope))
        for text in texts:
            self.assertIn(text, found["annotations"]["summary"])
        self.assertEqual(self.inbox.firing("/tickets"), [])

    @staticmethod
    def details_are_inhibited():
        details = [each for each in alerts_of_alertmanager() if "scope" not in each["labels"]]
        return details and all(each["status"]["inhibitedBy"] for each in details)

    def setUp(self):
        self.inbox.clear()

    def test_one_host_loses_a_service(self):
        host = network.HOSTS[0]
        self.network.drop(host.address, ORDERS[0])
        self.expect_page("host", "WhylinkFleetHost", f"Host {host.address}:9797: 1 of 4 checks fail", "endpoint orders",
                         "syn_unanswered")
        # While an alert fires, every panel has something to show.
        self.run_dashboard()

    def test_one_host_is_gone(self):
        host = network.HOSTS[7]
        self.network.set_link(host, "down")
        self.expect_page("host", "WhylinkFleetHost", f"Host {host.address}:9797", "scrape whylink")

    def test_a_subnet_loses_a_service(self):
        subnet = network.HOSTS[0].subnet
        self.network.drop(subnet, ORDERS[0])
        self.expect_page("subnet", "WhylinkFleetSubnet", f"Subnet {subnet}: 3 of 3 hosts lose endpoint orders", "syn_unanswered")

    def test_a_zone_loses_everything(self):
        self.network.drop("10.2.0.0/16", f"{network.SERVICES}.0/24")
        self.expect_page("az", "WhylinkFleetAvailabilityZone", "Availability zone az-2: 5 of 5 hosts lose",
                         "endpoint billing, endpoint orders")

    def test_the_service_fails(self):
        self.orders.end()
        self.expect_page("service", "WhylinkFleetService",
                         "The service: endpoint orders fails on 20 of 20 hosts", "connection_refused")

    def test_every_host_loses_everything(self):
        self.network.drop("10.0.0.0/8", f"{network.SERVICES}.0/24")
        self.expect_page("every_host", "WhylinkFleetEveryHost",
                         "Every host: 20 of 20 hosts lose all of their targets", "syn_unanswered")

    def run_dashboard(self):
        dashboard = json.loads((DOCS / "fleet/dashboard.json").read_text(encoding="utf-8"))
        values = {"$job": "whylink", "$name": ".*", "$__rate_interval": "1m"}
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                query = target["expr"]
                for name, value in values.items():
                    query = query.replace(name, value)
                with self.subTest(panel=panel["title"], query=query):
                    self.assertNotIn("$", query)
                    self.assertTrue(result_of(query), "it shows nothing")


if __name__ == "__main__":
    running.enter_own_namespaces()
    unittest.main(argv=sys.argv[:1])
