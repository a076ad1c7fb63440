"""Runs the real program: command lines, configs, reports in every format, exit statuses, streams and signals."""

import contextlib
import hashlib
import io
import json
import os
import pty
import re
import resource
import select
import signal
import socket
import subprocess
import tarfile
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import jsonschema

import servers

WHYLINK = os.environ["WHYLINK"]
DEADLINE = 60
# bcrypt, at its least cost.
HASH_OF_SECRET = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"

with open(os.environ["WHYLINK_SCHEMA"], encoding="utf-8") as schema_file:
    SCHEMA = json.load(schema_file)


def environment(**changes):
    inherited = {key: value for key, value in os.environ.items()
                 if key not in ("NO_COLOR", "CLICOLOR_FORCE", "LC_ALL", "LC_CTYPE", "LANG", "COLUMNS")}
    return {**inherited, "LANG": "C.UTF-8", "TERM": "xterm", **changes}


def whylink(*arguments, **options):
    options.setdefault("env", environment())
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    return subprocess.run([WHYLINK, *arguments], text=True, encoding="utf-8", timeout=DEADLINE, check=False,
                          stdin=subprocess.DEVNULL, **options)


def on_terminal(*arguments, stream, **changes):
    """What the program writes to a terminal that is its standard output or error."""
    master, slave = pty.openpty()
    other = "stderr" if stream == "stdout" else "stdout"
    process = subprocess.Popen([WHYLINK, *arguments], env=environment(**changes), stdin=subprocess.DEVNULL,
                               **{stream: slave, other: subprocess.DEVNULL})
    os.close(slave)
    written = b""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if not select.select([master], [], [], 0.2)[0]:
            continue
        try:
            piece = os.read(master, 65536)
        except OSError:  # EIO: the other end is closed
            break
        if not piece:
            break
        written += piece
    os.close(master)
    process.wait(DEADLINE)
    return written.decode("utf-8")


def sanitized():
    """Instrumented programs need descriptors of their own."""
    with open(WHYLINK, "rb") as program:
        return b"__asan_init" in program.read()


class Case(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="whylink-cli-")
        cls.addClassCleanup(subprocess.run, ["rm", "-rf", cls.directory], check=True)

    def serve(self, server):
        self.addCleanup(server.close)
        return server

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def report(self, *arguments, status):
        """The JSON report, valid by the schema, with nothing else on any stream."""
        done = whylink(*arguments, "--format", "json")
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.returncode, status, done.stdout)
        document = json.loads(done.stdout)
        jsonschema.Draft202012Validator(SCHEMA).validate(document)
        return document

    def outcomes(self, entry):
        """Of the ordinary probes."""
        return [(probe["stage"], probe["outcome"]) for probe in entry["probes"] if "experiment" not in probe]


class CommandLine(Case):
    def test_help_is_everywhere(self):
        for command in ([], ["check"], ["diagnose"], ["zone"], ["history"], ["bundle"], ["compare"], ["explain"], ["profiles"],
                        ["config"], ["config", "check"], ["config", "show"], ["import"], ["import", "blackbox"],
                        ["account"], ["account", "check"]):
            with self.subTest(command):
                done = whylink(*command, "--help")
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertIn("Usage: " + " ".join(["whylink", *command]), done.stdout)

    def test_version(self):
        for command in ([], ["check"], ["config", "show"]):
            with self.subTest(command):
                done = whylink(*command, "--version")
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertRegex(done.stdout, r"^whylink \d+\.\d+\.\d+\n$")

    def test_mistakes_are_status_2_and_say_what(self):
        for arguments, said in (
                ([], "a command is needed"),
                (["chekc"], 'did you mean "check"'),
                (["run", "now"], "now"),
                (["status", "--record", "x"], "--record"),
                (["status", "--url", "vm:9797"], "http://"),
                (["check", "--bogus"], 'unknown option "--bogus"'),
                (["check", "--colr", "never"], 'did you mean "--color"?'),
                (["check", "--format", "xml"], "xml"),
                (["diagnose"], "TARGET"),
                (["diagnose", "example", "--resolver", "127.0.0.1:1"], "port"),
                (["diagnose", "127.0.0.1:0"], "127.0.0.1:0"),
                (["diagnose", "127.0.0.1:65536"], "127.0.0.1:65536"),
                (["diagnose", "a..b:1"], "a..b"),
                (["diagnose", "127.0.0.1:1", "--expect", "10.0.0.1/8"], "10.0.0.1/8"),
                (["diagnose", "127.0.0.1:1", "--resolver", "nobody"], "nobody"),
                (["diagnose", "127.0.0.1:1", "--profile", "clickhous-aws"], "clickhouse-aws"),
                (["diagnose", "127.0.0.1:1", "--timeout", "5"], "duration"),
                (["diagnose", "127.0.0.1:1", "--ca-file", "/nonexistent"], "/nonexistent"),
                (["diagnose", "127.0.0.1:1", "--app", "gopher"], "gopher"),
                (["diagnose", "127.0.0.1:1", "--proxy-protocol", "v3"], "v3"),
                (["diagnose", "127.0.0.1:1", "--tls", "--no-tls"], "contradict"),
                (["zone", "-"], "-"),
                (["zone", "z.example", "--random-labels", "100000"], "--random-labels"),
                (["explain", "not_on_allowlst"], '"not_on_allowlist"')):
            with self.subTest(arguments):
                done = whylink(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
                self.assertIn(said, done.stderr)
                self.assertTrue(all(line.startswith("whylink: ") for line in done.stderr.splitlines()), done.stderr)

    def test_packets_go_to_a_file(self):
        path = os.path.join(self.directory, "p.pcapng")
        done = whylink("diagnose", f"127.0.0.1:{servers.closed_port()}", "--no-tls", "--pcap", path, "-v")
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertRegex(done.stdout, r"(?m)^  pkt   - 127\.0\.0\.1:\d+: 1 SYN, no SYN-ACK, RST TTL 64$")
        self.assertIn(f"\n  Packets: {path}\n", done.stdout)
        with open(path, "rb") as file:
            self.assertEqual(file.read(4), b"\n\r\r\n")

    def test_the_file_for_packets_holds_every_connection(self):
        path = os.path.join(self.directory, "all.pcapng")
        server = servers.Silent()
        self.addCleanup(server.close)
        done = whylink("diagnose", f"127.0.0.1:{server.port}", "--tls", "--timeout", "700ms", "--pcap", path,
                       "--format", "json")
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        tests = {probe["experiment"]: probe["port"] for probe in json.loads(done.stdout)["endpoints"][0]["probes"]
                 if "experiment" in probe}
        self.assertIn("tls12_only", tests)
        comments = subprocess.run(["tshark", "-r", path, "-T", "fields", "-e", "frame.comment"], check=True,
                                  capture_output=True, text=True).stdout.split("\n")
        self.assertEqual(sorted(comment for comment in comments if comment),
                         sorted([f"connection to 127.0.0.1:{server.port}"] +
                                [f"follow-up test {test}: connection to 127.0.0.1:{port}"
                                 for test, port in tests.items()]))
        streams = subprocess.run(["tshark", "-r", path, "-T", "fields", "-e", "tcp.stream"], check=True,
                                 capture_output=True, text=True).stdout.split()
        self.assertEqual(len(set(streams)), 1 + len(tests))

    def test_a_file_for_packets_that_cannot_be_written(self):
        done = whylink("diagnose", f"127.0.0.1:{servers.closed_port()}", "--no-tls", "--pcap", "/nonexistent/p.pcapng")
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn("/nonexistent/p.pcapng", done.stderr)

    def test_profiles_lists_and_shows(self):
        done = whylink("profiles")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("clickhouse-azure", done.stdout)
        one = whylink("profiles", "clickhouse-azure")
        self.assertEqual((one.returncode, one.stderr), (0, ""))
        self.assertIn("resourceGuid", one.stdout)
        unknown = whylink("profiles", "clickhous-azure")
        self.assertEqual((unknown.returncode, unknown.stdout), (2, ""))
        self.assertIn('"clickhouse-azure"', unknown.stderr)

    def test_a_profile_printed_as_toml_is_one_of_ones_own_under_another_name(self):
        config = self.write("own/whylink.toml", "daemon.allow_empty = true\n")
        text = whylink("profiles", "emqx-aws", "--toml").stdout
        self.write("own/profiles.d/mine.toml", text.replace('name = "emqx-aws"', 'name = "mine"'))
        checked = whylink("config", "check", "--config", config)
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))
        self.assertIn("1 profile of profiles.d", checked.stdout)
        self.assertIn("mine", whylink("profiles", "--config", config).stdout)
        self.write("own/profiles.d/taken.toml", text)
        for arguments in (["config", "check"], ["profiles"], ["diagnose", "127.0.0.1:1", "--profile", "mine"]):
            with self.subTest(arguments):
                done = whylink(*arguments, "--config", config)
                self.assertEqual(done.returncode, 2)
                self.assertIn("taken.toml:2:8: ", done.stderr)

    def test_diagnose_says_which_profile_it_picked(self):
        host = "abcd.westus3.privatelink.azure.clickhouse.cloud"
        common = ["diagnose", host, "--resolver", f"127.0.0.1:{servers.closed_port()}", "--timeout", "100ms"]
        done = whylink(*common, "--format", "json")
        self.assertEqual(done.stderr, "whylink: using profile clickhouse-azure (matched by host name; --profile none "
                                      "leaves it out)\n")
        entry = json.loads(done.stdout)["endpoints"][0]
        self.assertEqual((entry["profile"], entry["port"]), ("clickhouse-azure", 9440))
        without = whylink(*common, "--profile", "none")
        self.assertEqual(without.returncode, 2)
        self.assertIn("port", without.stderr)

    def test_explain_takes_what_reports_and_metrics_print(self):
        for slug in ("proxy_v2", "repeat", "hold", "dns", "packets", "whylink_probes_total", "nxdomain", "healthy",
                     "critical", "high", "rst", "max_concurrent", "reminder", "connection_pending",
                     "whylink_connection_state"):
            with self.subTest(slug):
                one = whylink("explain", slug)
                self.assertEqual((one.returncode, one.stderr), (0, ""))
                self.assertTrue(one.stdout.startswith(slug + " ("), one.stdout)
        unknown = whylink("explain", "nosuch")
        self.assertEqual((unknown.returncode, unknown.stdout, unknown.stderr),
                         (2, "", 'whylink: unknown word "nosuch"; `whylink explain` lists the known ones\n'))

    def test_zone_steps_are_commands_that_work(self):
        done = whylink("zone", "westus3.privatelink.azure.clickhouse.cloud", "--resolver",
                       f"127.0.0.1:{self.serve(servers.Dns({})).port}", "--timeout", "500ms")
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("nslookup *", done.stdout)
        self.assertNotIn("the public name (the public name)", done.stdout)

    def test_explain_lists_and_explains(self):
        everything = whylink("explain")
        self.assertEqual((everything.returncode, everything.stderr), (0, ""))
        for kind in ("outcome", "cause"):
            for slug in SCHEMA["$defs"][kind]["enum"]:
                with self.subTest(slug):
                    self.assertRegex(everything.stdout, rf"(?m)^  {slug} ")
                    one = whylink("explain", slug)
                    self.assertEqual((one.returncode, one.stderr), (0, ""))
                    self.assertTrue(one.stdout.startswith(slug + " ("), one.stdout)


class Compare(Case):
    """Reports of one target by two resolvers, as two hosts have them."""

    def reported(self, name, port, *options, form="report"):
        path = os.path.join(self.directory, f"{self._testMethodName}-{name}.json")
        done = whylink("diagnose", f"orders.link.example:{port}", "--no-tls", "--timeout", "1s", *options,
                       *(("--record", path) if form == "record" else ()), "--format", "json")
        if form == "report":
            with open(path, "w", encoding="utf-8") as file:
                file.write(done.stdout)
        return path

    def resolver(self, address):
        return ("--resolver", self.serve(servers.Dns({"orders.link.example": address})).resolver)

    def test_equal_reports(self):
        port = self.serve(servers.Silent()).port
        options = (*self.resolver("127.0.0.1"), "--expect", "127.0.0.1")
        for form in ("report", "record"):
            with self.subTest(form):
                good = self.reported("good", port, *options, form=form)
                done = whylink("compare", good, good)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "1 of 1 equal\n", ""))

    def test_the_decisive_difference_comes_first(self):
        port = self.serve(servers.Silent()).port
        good = self.reported("good", port, *self.resolver("127.0.0.1"), "--expect", "127.0.0.1")
        bad = self.reported("bad", port, *self.resolver("127.0.0.2"), "--expect", "127.0.0.1")
        done = whylink("compare", good, bad)
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertIn("Decisive: DNS addresses of orders.link.example", done.stdout)
        document = json.loads(whylink("compare", good, bad, "--format", "json").stdout)
        first = document["targets"][0]["differences"][0]
        self.assertEqual((first["layer"], first["good"], first["bad"], first["decisive"]),
                         ("dns", "127.0.0.1", "127.0.0.2", True))

    def test_files_that_are_no_report(self):
        good = self.reported("good", self.serve(servers.Silent()).port, *self.resolver("127.0.0.1"))
        other = self.reported("other", servers.closed_port(), *self.resolver("127.0.0.1"))
        for bad, said in (("/nonexistent", "/nonexistent"), (self.directory, "directory"),
                          (self.write("text.json", "no JSON"), "text.json: not JSON"),
                          (self.write("list.json", "[1, 2]"), "list.json: neither a report nor a record"),
                          (self.write("schema.json", '{"schema": "other/1"}'), "schema.json: not a report of whylink"),
                          (other, "different targets")):
            with self.subTest(said):
                done = whylink("compare", good, bad)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(said, done.stderr)
        self.assertEqual(whylink("compare", good).returncode, 2)


class Save(Case):
    def test_the_entry_checks_as_was_diagnosed(self):
        dns = self.serve(servers.Dns({"orders.link.example": "127.0.0.1"}))
        done = whylink("diagnose", f"orders.link.example:{servers.closed_port()}", "--no-tls", "--timeout", "300ms",
                       "--resolver", dns.resolver, "--expect", "127.0.0.1", "--save", "orders")
        entry = done.stdout[done.stdout.index("[[endpoint]]"):]
        path = self.write("saved.toml", entry)
        checked = whylink("config", "check", "--config", path)
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))
        self.assertIn("1 endpoint", checked.stdout)

    def test_the_report_for_programs_stays_alone(self):
        done = whylink("diagnose", f"127.0.0.1:{servers.closed_port()}", "--no-tls", "--save", "x", "--format", "json")
        json.loads(done.stdout)
        self.assertIn('[[endpoint]]\nname = "x"\n', done.stderr)

    def test_a_name_that_is_none(self):
        done = whylink("diagnose", "127.0.0.1:1", "--save", "a\nb")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("--save", done.stderr)


class Config(Case):
    def test_the_shipped_one_is_good(self):
        done = whylink("config", "check", "--config", os.environ["WHYLINK_EXAMPLE"])
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_show_prints_what_loads_to_the_same(self):
        path = self.write("show.toml", '[[endpoint]]\nname = "a"\nhost = "127.0.0.1"\nport = 1\n')
        shown = whylink("config", "show", "--config", path)
        self.assertEqual((shown.returncode, shown.stderr), (0, ""))
        again = whylink("config", "show", "--config", self.write("again.toml", shown.stdout))
        self.assertEqual(again.stdout, shown.stdout)

    def test_every_error_is_printed_with_its_place(self):
        path = self.write("bad.toml", '[[endpoint]]\nname = "a"\nhost = "127.0.0.1"\nport = 70000\nintervall = "5s"\n')
        for command in (["config", "check"], ["config", "show"], ["check"]):
            with self.subTest(command):
                done = whylink(*command, "--config", path)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                lines = done.stderr.splitlines()
                self.assertEqual(len(lines), 2, done.stderr)
                self.assertTrue(lines[0].startswith(f"{path}:4:"), lines[0])
                self.assertTrue(lines[1].startswith(f"{path}:5:1:"), lines[1])
                self.assertIn('"interval"', lines[1])

    def test_a_missing_file(self):
        done = whylink("check", "--config", "/nonexistent/whylink.toml")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("/nonexistent/whylink.toml", done.stderr)

    def test_a_mistake_is_unknown_to_nagios(self):
        done = whylink("check", "--config", "/nonexistent/whylink.toml", "--format", "nagios")
        self.assertEqual(done.returncode, 3)
        self.assertTrue(done.stdout.startswith("WHYLINK UNKNOWN - "), done.stdout)

    def test_capture_is_refused(self):
        path = self.write("capture.toml", '[capture]\nenabled = true\ninterface = "nosuch0"\n[[endpoint]]\nname = "a"\n'
                          f'host = "127.0.0.1"\nport = {servers.closed_port()}\ntls = false\n')
        done = whylink("check", "--config", path)
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn("capture.enabled", done.stderr)
        self.assertIn("nosuch0", done.stderr)


class Import(Case):
    BLACKBOX = """modules:
  tcp_tls:
    prober: tcp
    tcp:
      tls: true
      tls_config: {ca_file: ca.pem}
  http_2xx: {prober: http, http: {headers: {X-Key: s3cr3t}}}
  ping: {prober: icmp}
"""
    PROMETHEUS = """global: {scrape_interval: 15s}
scrape_configs:
- job_name: databases
  metrics_path: /probe
  params: {module: [tcp_tls]}
  static_configs:
  - targets: ["db.corp.test:5432", "10.0.0.4:5432"]
    labels: {team: data}
  relabel_configs: &classic
    - {source_labels: [__address__], target_label: __param_target}
    - {source_labels: [__param_target], target_label: instance}
    - {target_label: __address__, replacement: "127.0.0.1:9115"}
- job_name: pages
  metrics_path: /probe
  params: {module: [http_2xx]}
  static_configs: [{targets: ["https://db.corp.test/ping"]}]
  relabel_configs: *classic
"""

    def test_what_is_made_is_a_configuration(self):
        blackbox = self.write("blackbox.yml", self.BLACKBOX)
        prometheus = self.write("prometheus.yml", self.PROMETHEUS)
        self.write("ca.pem", "")
        done = whylink("import", "blackbox", blackbox, "--prometheus", prometheus)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr.splitlines(), [
            f'{blackbox}:7: module "http_2xx": "headers" of http has no equivalent',
            f'{blackbox}:8: module "ping": prober "icmp" has no equivalent'])
        self.assertNotIn("s3cr3t", done.stdout)
        made = self.write("made.toml", done.stdout)
        checked = whylink("config", "check", "--config", made)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertIn("3 endpoints", checked.stdout)
        shown = whylink("config", "show", "--config", made).stdout
        for line in ('name = "databases: 10.0.0.4:5432"', 'http_path = "/ping"', 'interval = "15s"',
                     f'ca_file = "{os.path.join(os.path.dirname(blackbox), "ca.pem")}"', 'labels = { team = "data" }'):
            self.assertIn(line, shown)

    def test_the_modules_alone_are_a_configuration_too(self):
        done = whylink("import", "blackbox", self.write("blackbox.yml", self.BLACKBOX))
        self.assertEqual(done.returncode, 0, done.stderr)
        checked = whylink("config", "check", "--config", self.write("made.toml", done.stdout))
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))

    def test_what_cannot_be_read_is_said(self):
        good = self.write("blackbox.yml", self.BLACKBOX)
        bad = self.write("bad.yml", "modules:\n  a: [\n")
        for arguments, said in (([bad], f"{bad}:"), (["/nonexistent.yml"], "/nonexistent.yml"),
                                ([good, "--prometheus", bad], "scrape_configs"),
                                ([good, "--prometheus", "/nonexistent.yml"], "/nonexistent.yml")):
            with self.subTest(arguments):
                done = whylink("import", "blackbox", *arguments)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertTrue(said in done.stderr or f"{bad}:" in done.stderr, done.stderr)


class Check(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good = servers.make_certificate(cls.directory, "good.example", 365)

    def config(self, *endpoints, extra=""):
        text = "".join(f'[[endpoint]]\nname = "{name}"\nhost = "127.0.0.1"\nport = {port}\n{rest}\n'
                       for name, port, rest in endpoints)
        return self.write(f"check-{self._testMethodName}.toml", text + extra)

    def trusting(self):
        return f'[endpoint.tls]\nserver_name = "good.example"\nca_file = "{self.good[0]}"\n'

    def test_healthy_and_failing_endpoints(self):
        path = self.config(("healthy", self.serve(servers.Tls(*self.good)).port, self.trusting()),
                           ("reset", self.serve(servers.Resetting()).port, 'profile = "clickhouse-aws"'),
                           ("refused", servers.closed_port(), "tls = false"),
                           ("plain", self.serve(servers.Banner(b"SSH-2.0-x\r\n")).port, ""),
                           ("silent", self.serve(servers.Silent()).port, 'timeout = "300ms"'))
        document = self.report("check", "--config", path, status=1)
        self.assertFalse(document["healthy"])
        self.assertEqual([(e["name"], e["healthy"], e["diagnosis"]["cause"]) for e in document["endpoints"]],
                         [("healthy", True, "healthy"), ("reset", False, "not_on_allowlist"),
                          ("refused", False, "connection_refused"), ("plain", False, "wrong_service"),
                          ("silent", False, "backend_silent")])
        reset = document["endpoints"][1]
        self.assertEqual(self.outcomes(reset), [("tcp", "ok"), ("tls", "pending_allowlist")])
        self.assertEqual(reset["probes"][1]["bytes_received"], 0)
        self.assertGreater(reset["probes"][1]["bytes_sent"], 0)

    def test_the_report_says_where_it_was_made(self):
        path = self.config(("up", self.serve(servers.Silent()).port, "tls = false\nsettle = \"0s\""),
                           extra="[capture]\nenabled = false\n")
        document = self.report("check", "--config", path, status=0)
        self.assertEqual(document["host"]["name"], document["vantage_point"])
        self.assertEqual(document["host"]["kernel"], os.uname().release)
        self.assertIs(document["host"]["capture"], False)
        done = whylink("check", "--config", path, "--format", "json",
                       env=environment(KUBERNETES_SERVICE_HOST="10.96.0.1"))
        self.assertIs(json.loads(done.stdout)["host"]["container"], True)

    def test_named_ones_only(self):
        path = self.config(("up", self.serve(servers.Silent()).port, "tls = false\nsettle = \"0s\""),
                           ("down", servers.closed_port(), "tls = false"))
        document = self.report("check", "up", "--config", path, status=0)
        self.assertEqual([e["name"] for e in document["endpoints"]], ["up"])
        unknown = whylink("check", "don", "--config", path)
        self.assertEqual((unknown.returncode, unknown.stdout), (2, ""))
        self.assertIn('"down"', unknown.stderr)
        nagios = whylink("check", "don", "--config", path, "--format", "nagios")
        self.assertEqual(nagios.returncode, 3)

    def test_those_with_a_label(self):
        team = 'tls = false\n[endpoint.labels]\nteam = "%s"'
        path = self.config(("a", servers.closed_port(), team % "data"), ("b", servers.closed_port(), team % "web"))
        document = self.report("check", "--label", "team=web", "--config", path, status=1)
        self.assertEqual([e["name"] for e in document["endpoints"]], ["b"])
        unknown = whylink("check", "--label", "team=wbe", "--config", path)
        self.assertEqual((unknown.returncode, unknown.stdout), (2, ""))
        self.assertIn('did you mean "web"?', unknown.stderr)

    def test_labels_and_profile_are_reported(self):
        path = self.config(("a", servers.closed_port(), 'profile = "aws"\n[endpoint.labels]\nteam = "data"'))
        entry = self.report("check", "--config", path, status=1)["endpoints"][0]
        self.assertEqual((entry["profile"], entry["labels"]), ("aws", {"team": "data"}))

    def test_an_empty_config_is_a_mistake_unless_it_may_be(self):
        path = self.write("empty.toml", "")
        for command in (["check"], ["config", "check"], ["config", "show"], ["run"]):
            with self.subTest(command):
                done = whylink(*command, "--config", path)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(f"{path}:1:1: nothing is configured", done.stderr)
        self.assertEqual(whylink("check", "--config", path, "--format", "nagios").returncode, 3)

    def test_where_nothing_is_configured_nothing_is_found_out(self):
        disabled = '[[endpoint]]\nname = "a"\nenabled = false\nhost = "127.0.0.1"\nport = 1\n'
        for name, text in (("allowed", "[daemon]\nallow_empty = true\n"), ("disabled", disabled)):
            path = self.write(f"{name}.toml", text)
            self.assertEqual(whylink("config", "check", "--config", path).returncode, 0)
            for form in ("human", "json", "nagios"):
                with self.subTest((name, form)):
                    done = whylink("check", "--config", path, "--format", form)
                    self.assertEqual(done.returncode, 3)
                    self.assertIn("nothing is checked", done.stderr)
            self.assertEqual(whylink("check", "nobody", "--config", path).returncode, 2)

    def test_watches(self):
        watch = ('[[watch]]\nname = "saas"\ndirection = "inbound"\nport = %d\nwindow = "200ms"\n'
                 '[watch.labels]\nteam = "data"\n')
        path = self.write("watch.toml", watch % servers.closed_port())
        entry = self.report("check", "saas", "--config", path, status=1)["watches"][0]
        self.assertEqual((entry["name"], entry["direction"], entry["labels"]), ("saas", "inbound", {"team": "data"}))
        self.assertEqual([(probe["stage"], probe["outcome"]) for probe in entry["probes"]],
                         [("listener", "not_listening"), ("packets", "ok")])
        human = whylink("check", "--config", path)
        self.assertEqual(human.returncode, 1)
        self.assertRegex(human.stdout, r"(?m)^✗ saas  inbound to port \d+$")

    def test_zones(self):
        dns = self.serve(servers.Dns({"*.z.example": "10.0.0.4", "abcd.z.example": "10.0.0.4"}))
        zone = f'[[zone]]\nname = "z"\nzone = "z.example"\nknown_labels = ["abcd"]\nresolvers = ["{dns.resolver}"]\n'
        document = self.report("check", "--config", self.write("zone.toml", zone), status=1)
        entry = document["zones"][0]
        self.assertEqual(entry["zone"], "z.example")
        roles = [probe["role"] for probe in entry["probes"]]
        self.assertEqual(sorted(roles), ["control", "known_label"] + 3 * ["random_label"] + ["random_two_labels"])
        # The name server's wildcard covers one label only.
        self.assertEqual(entry["diagnosis"]["cause"], "wildcard_overridden")

    def test_nagios(self):
        path = self.config(("down", servers.closed_port(), "tls = false"))
        done = whylink("check", "--config", path, "--format", "nagios")
        self.assertEqual((done.returncode, done.stderr), (2, ""))
        lines = done.stdout.splitlines()
        self.assertRegex(lines[0], r"^WHYLINK CRITICAL - 0 of 1 healthy: down connection_refused \| 'healthy'=0;")
        self.assertRegex(lines[1], r"^down: connection_refused \(critical, ")
        up = self.config(("up", self.serve(servers.Silent()).port, 'tls = false\nsettle = "0s"'))
        done = whylink("check", "--config", up, "--format", "nagios")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(done.stdout.startswith("WHYLINK OK - 1 of 1 healthy"), done.stdout)

    def test_all_are_under_way_at_once(self):
        server = self.serve(servers.Silent())
        path = self.config(*((f"e{i}", server.port, 'timeout = "2s"') for i in range(200)))
        self.report("check", "--config", path, status=1)
        self.assertGreater(server.max_open, 150)

    def test_max_concurrent_is_kept(self):
        server = self.serve(servers.Silent())
        path = self.config(*((f"e{i}", server.port, 'timeout = "50ms"\nexperiments = false') for i in range(12)),
                           extra="[daemon]\nmax_concurrent = 3\n")
        self.report("check", "--config", path, status=1)
        # The server may see an ending connection beside its successor.
        self.assertLessEqual(server.max_open, 6)

    @unittest.skipIf(sanitized(), "sanitizers open files of their own")
    def test_too_few_descriptors_are_our_own_fault(self):
        server = self.serve(servers.Silent())
        path = self.config(("a", server.port, 'tls = false\nsettle = "0s"'))
        statuses = set()
        for limit in range(4, 30):
            done = whylink("check", "--config", path, "--format", "json",
                           preexec_fn=lambda limit=limit: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
            self.assertIn(done.returncode, (0, 2, 3), (limit, done.stdout, done.stderr))
            statuses.add(done.returncode)
            if done.stdout and done.returncode == 3:
                self.assertEqual(json.loads(done.stdout)["endpoints"][0]["diagnosis"]["cause"], "local_limit")
        self.assertLessEqual({0, 3}, statuses)

    def test_record(self):
        path = self.config(("down", servers.closed_port(), "tls = false"), ("gone", servers.closed_port(), "tls = false"))
        record = os.path.join(self.directory, "record.json")
        whylink("check", "down", "--config", path, "--record", record)
        with open(record, encoding="utf-8") as file:
            # What was read of this host has no stage.
            self.assertEqual([seen["stage"] for seen in json.load(file) if "stage" in seen], ["tcp", "packets"])
        whylink("check", "--config", path, "--record", record)
        with open(record, encoding="utf-8") as file:
            self.assertEqual(sorted(json.load(file)), ["down", "gone"])
        refused = whylink("check", "--config", path, "--record", "/nonexistent/record.json")
        self.assertEqual((refused.returncode, refused.stdout), (3, ""))
        self.assertIn("/nonexistent/record.json", refused.stderr)


class Diagnose(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good = servers.make_certificate(cls.directory, "good.example", 365)
        cls.soon = servers.make_certificate(cls.directory, "soon.example", 3)

    def diagnose(self, port, *options, status):
        return self.report("diagnose", f"127.0.0.1:{port}", *options, status=status)["endpoints"][0]

    def test_a_healthy_service(self):
        port = self.serve(servers.Tls(*self.good)).port
        entry = self.diagnose(port, "--server-name", "good.example", "--ca-file", self.good[0], status=0)
        self.assertEqual(self.outcomes(entry), [("tcp", "ok"), ("tls", "ok")])
        self.assertIsNone(entry["profile"])
        handshake = entry["probes"][1]["tls"]
        self.assertEqual(handshake["version"], "TLSv1.3")
        self.assertEqual(handshake["server_name"], "good.example")
        self.assertEqual(handshake["chain"][0]["names"], ["good.example"])

    def test_certificate_faults_are_all_listed(self):
        port = self.serve(servers.Tls(*self.good)).port
        tls = self.diagnose(port, status=1)["probes"][1]
        self.assertEqual(tls["outcome"], "certificate_name_mismatch")
        self.assertEqual(tls["faults"], ["certificate_name_mismatch", "certificate_untrusted"])

    def test_an_expiring_certificate_is_a_healthy_warning(self):
        port = self.serve(servers.Tls(*self.soon)).port
        options = ("--server-name", "soon.example", "--ca-file", self.soon[0])
        entry = self.diagnose(port, *options, status=0)
        self.assertEqual((entry["healthy"], entry["diagnosis"]["cause"], entry["diagnosis"]["severity"]),
                         (True, "certificate_problem", "warning"))
        nagios = whylink("diagnose", f"127.0.0.1:{port}", *options, "--format", "nagios")
        self.assertEqual(nagios.returncode, 1)

    def test_plain_text_is_healthy_unless_tls_is_asked_for(self):
        port = self.serve(servers.Banner(b"SSH-2.0-OpenSSH_9.2\r\n")).port
        entry = self.diagnose(port, status=0)
        self.assertEqual((entry["healthy"], entry["diagnosis"]["cause"]), (True, "healthy"))
        self.assertEqual(self.diagnose(port, "--tls", status=1)["diagnosis"]["cause"], "wrong_service")
        self.assertEqual(self.outcomes(self.diagnose(port, "--no-tls", status=0)), [("tcp", "ok")])

    def test_what_the_application_says_is_judged(self):
        port = self.serve(servers.Banner(b"SSH-2.0-OpenSSH_9.2\r\n")).port
        entry = self.diagnose(port, "--no-tls", "--app", "redis", status=1)
        app = entry["probes"][1]
        self.assertEqual((app["stage"], app["outcome"], app["reply"]), ("app", "unexpected_reply", "other_protocol"))
        self.assertEqual(entry["diagnosis"]["cause"], "wrong_service")
        self.assertIn("an SSH server", entry["diagnosis"]["summary"])

    def test_a_silent_application_may_not_want_the_proxy_header(self):
        port = self.serve(servers.Silent()).port
        options = ("--no-tls", "--app", "postgres", "--proxy-protocol", "v2", "--timeout", "300ms")
        entry = self.diagnose(port, *options, status=1)
        self.assertEqual(entry["probes"][0]["proxy_header"], "v2")
        self.assertEqual((entry["probes"][1]["stage"], entry["probes"][1]["outcome"]), ("app", "timeout"))
        self.assertEqual(entry["diagnosis"]["cause"], "backend_silent")

    def test_a_name_is_asked_of_the_given_resolver(self):
        port = self.serve(servers.Silent()).port
        dns = self.serve(servers.Dns({"abcd.example": "127.0.0.1", "public.example": "127.0.0.1"}))
        options = ("--resolver", dns.resolver, "--no-tls", "--expect", "127.0.0.1")
        entry = self.report("diagnose", f"ABCD.example.:{port}", *options, status=0)["endpoints"][0]
        self.assertEqual(self.outcomes(entry), [("dns", "ok"), ("tcp", "ok")])
        dns_probe = entry["probes"][0]
        self.assertEqual((dns_probe["target"], dns_probe["resolver"]), ("abcd.example", dns.resolver))
        self.assertEqual(dns_probe["answers"], [{"address": "127.0.0.1", "ttl": 60}])
        self.assertEqual([query["outcome"] for query in dns_probe["queries"]], ["ok", "nodata"])

    def test_a_missing_name(self):
        dns = self.serve(servers.Dns({}))
        entry = self.report("diagnose", "gone.example:443", "--resolver", dns.resolver, status=1)["endpoints"][0]
        self.assertEqual(self.outcomes(entry), [("dns", "nxdomain")])
        self.assertEqual(entry["diagnosis"]["cause"], "private_dns_missing")

    def test_ipv6(self):
        entry = self.report("diagnose", f"[::1]:{servers.closed_port()}", "--no-tls", status=1)["endpoints"][0]
        self.assertEqual(entry["probes"][0]["address"], "::1")
        self.assertEqual(entry["diagnosis"]["cause"], "connection_refused")

    def test_zone_command(self):
        dns = self.serve(servers.Dns({"abcd.z.example": "10.0.0.4"}))
        document = self.report("zone", "z.example", "--resolver", dns.resolver, "--known-label", "abcd",
                               "--random-labels", "2", status=1)
        self.assertEqual(document["endpoints"], [])
        self.assertEqual(document["zones"][0]["diagnosis"]["cause"], "wildcard_missing")
        self.assertEqual(len(document["zones"][0]["probes"]), 5)


class Status(Case):
    """The daemon, run for real, and asked."""

    def daemon(self, *endpoints, rest=""):
        port = servers.closed_port()
        text = (f'[daemon]\nlisten = "127.0.0.1:{port}"\n[capture]\nevidence_dir = "{self.directory}/evidence"\n'
                ) + "".join(
            f'[[endpoint]]\nname = "{name}"\nhost = "127.0.0.1"\nport = {to}\ntls = false\n{rest}' for name, to in endpoints)
        path = self.run_daemon(text)
        url = f"http://127.0.0.1:{port}"
        self.await_true(lambda: self.ready(url), "the daemon is not ready")
        return path, url

    def run_daemon(self, text):
        path = self.write(f"{self._testMethodName}.toml", text)
        process = subprocess.Popen([WHYLINK, "run", "--config", path],
                                   env=environment(STATE_DIRECTORY=f"{self.directory}/{self._testMethodName}"),
                                   stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait, DEADLINE)
        self.addCleanup(process.terminate)
        return path

    def await_true(self, holds, what):
        end = time.monotonic() + DEADLINE
        while not holds():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.05)

    @staticmethod
    def ready(url):
        try:
            with urllib.request.urlopen(url + "/-/ready", timeout=DEADLINE) as answer:
                return answer.status == 200
        except OSError:  # refused, or HTTPError for 503
            return False

    def test_what_the_daemon_found(self):
        path, url = self.daemon(("good", self.serve(servers.Silent()).port), ("dead", servers.closed_port()))
        document = self.report("status", "--config", path, status=1)
        self.assertEqual([(e["name"], e["healthy"], e["diagnosis"]["cause"]) for e in document["endpoints"]],
                         [("good", True, "healthy"), ("dead", False, "connection_refused")])
        self.assertIn("health_since", document["endpoints"][0])
        self.assertEqual(len(self.report("status", "good", "--url", url, status=0)["endpoints"]), 1)
        human = whylink("status", "--url", url + "/")
        self.assertEqual((human.returncode, human.stderr), (1, ""))
        self.assertIn(" Checked ", human.stdout)
        self.assertIn("1 of 2 healthy, 1 critical", human.stdout)
        nagios = whylink("status", "--config", path, "--format", "nagios")
        self.assertEqual(nagios.returncode, 2)
        self.assertTrue(nagios.stdout.startswith("WHYLINK CRITICAL - 1 of 2 healthy: dead"), nagios.stdout)
        written = on_terminal("status", "--config", path, stream="stdout")
        self.assertIn("\x1b[31m", written)

    def test_the_history_has_what_the_daemon_saw(self):
        self.daemon(("good", self.serve(servers.Silent()).port), ("dead", servers.closed_port()))
        of_daemon = environment(STATE_DIRECTORY=f"{self.directory}/{self._testMethodName}")
        end = time.monotonic() + DEADLINE
        while True:
            done = whylink("history", "--format", "json", env=of_daemon)
            document = json.loads(done.stdout) if done.returncode == 0 else {"targets": []}
            outages = {target["name"]: target["outages"] for target in document["targets"]}
            if outages.get("dead") and "good" in outages:
                break
            self.assertLess(time.monotonic(), end, done.stderr)
            time.sleep(0.1)
        self.assertEqual(outages["good"], [])
        self.assertEqual([(o["until"], o["cause"], o["changes"]) for o in outages["dead"]],
                         [(None, "connection_refused", [])])
        human = whylink("history", "dead", "--since", "1h", env=of_daemon)
        self.assertEqual((human.returncode, human.stderr), (0, ""))
        self.assertIn("Never healthy before.", human.stdout)
        self.assertNotIn("good", human.stdout)
        unknown = whylink("history", "daed", env=of_daemon)
        self.assertEqual((unknown.returncode, unknown.stdout), (2, ""))
        self.assertIn('did you mean "dead"?', unknown.stderr)
        self.assertEqual(whylink("history", "--since", "soon", env=of_daemon).returncode, 2)

    def test_no_history(self):
        done = whylink("history", env=environment(STATE_DIRECTORY=f"{self.directory}/nowhere"))
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn("there is no history", done.stderr)

    def test_no_history_over_http(self):
        nobody = f"http://127.0.0.1:{servers.closed_port()}"
        for url, status, said in ((nobody, 3, f"no daemon answers at {nobody}"), ("vm:9797", 2, "--url: ")):
            with self.subTest(url):
                done = whylink("history", "--url", url)
                self.assertEqual((done.returncode, done.stdout), (status, ""))
                self.assertIn(said, done.stderr)

    def await_history(self, name):
        """Until the file has the target; the environment in which commands read it."""
        of_daemon = environment(STATE_DIRECTORY=f"{self.directory}/{self._testMethodName}")
        end = time.monotonic() + DEADLINE
        while whylink("history", name, env=of_daemon).returncode != 0:
            self.assertLess(time.monotonic(), end, "nothing is written")
            time.sleep(0.1)
        return of_daemon

    def unpacked(self, path):
        """Each file by its name below the archive's folder, in their order."""
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        with tarfile.open(path, "r:gz") as archive:
            members = archive.getmembers()
            folder = os.path.commonpath([member.name for member in members])
            self.assertTrue(all(member.isfile() and member.mode == 0o600 for member in members))
            return {os.path.relpath(member.name, folder): archive.extractfile(member).read() for member in members}

    def bundle(self, *arguments, **options):
        done = whylink("bundle", *arguments, **options)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(os.path.isabs(done.stdout.strip()), done.stdout)
        files = self.unpacked(done.stdout.strip())
        listed = [line.split(" ") for line in files["MANIFEST"].decode().splitlines()]
        self.assertEqual(listed, [[hashlib.sha256(content).hexdigest(), str(len(content)), name]
                                  for name, content in files.items() if name != "MANIFEST"])
        return files

    def test_a_bundle_has_what_its_manifest_lists(self):
        path, _ = self.daemon(("good", self.serve(servers.Silent()).port), ("dead", servers.closed_port()))
        of_daemon = self.await_history("dead")
        output = f"{self.directory}/ticket.tar.gz"
        files = self.bundle("dead", "--config", path, "-o", output, env=of_daemon)
        self.assertEqual(list(files)[:6],
                         ["SUMMARY.md", "MANIFEST", "report.json", "history.json", "config.toml", "versions.txt"])
        report = json.loads(files["report.json"])
        jsonschema.Draft202012Validator(SCHEMA).validate(report)
        self.assertEqual([entry["name"] for entry in report["endpoints"]], ["dead"])
        self.assertEqual([target["name"] for target in json.loads(files["history.json"])["targets"]], ["dead"])
        summary = files["SUMMARY.md"].decode()
        self.assertLessEqual(len(summary.splitlines()), 70)
        for said in ("# whylink bundle: dead fails", "(connection_refused), critical", "Never healthy before",
                     "Asked of the provider:"):
            self.assertIn(said, summary)
        self.assertNotIn(b"good", files["config.toml"])
        done = whylink("config", "check", "--config", self.write("effective.toml", files["config.toml"].decode()))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(files["versions.txt"].decode(), r"^whylink \d+\.\d+\.\d+\nkernel Linux ")

    def test_a_bundle_of_all_is_named_by_host_and_time(self):
        path, _ = self.daemon(("dead", servers.closed_port()))
        of_daemon = self.await_history("dead")
        done = whylink("bundle", "--config", path, env=of_daemon, cwd=self.directory)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(os.path.basename(done.stdout), r"^whylink-.+-\d{8}T\d{6}\.\d{3}Z\.tar\.gz\n$")
        self.assertEqual(os.path.dirname(done.stdout), os.path.realpath(self.directory))
        piped = subprocess.run([WHYLINK, "bundle", "--config", path, "-o", "/dev/stdout"], env=of_daemon,
                               stdout=subprocess.PIPE, timeout=DEADLINE, check=True)
        with tarfile.open(fileobj=io.BytesIO(piped.stdout)) as archive:
            self.assertTrue(archive.getnames()[0].endswith("/SUMMARY.md"))

    def test_a_bundle_without_a_daemon_has_the_history(self):
        path, _ = self.daemon(("dead", servers.closed_port()))
        of_daemon = self.await_history("dead")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        other = self.write("elsewhere.toml", re.sub(r"(listen = ).*", rf'\1"127.0.0.1:{servers.closed_port()}"', text))
        output = f"{self.directory}/history-only.tar.gz"
        files = self.bundle("dead", "--config", other, "-o", output, env=of_daemon)
        self.assertNotIn("report.json", files)
        summary = files["SUMMARY.md"].decode()
        self.assertIn("no daemon answered", summary)
        self.assertIn("report.json: no daemon answers at http://127.0.0.1:", summary)
        self.assertRegex(summary, r"- dead: .* to now: connection_refused")

    def test_a_bundle_has_no_secret(self):
        script = ('[[endpoint.expect_script]]\nsend = "LOGIN hunter2\\r\\n"\n'
                  '[[endpoint.expect_script]]\nexpect = "OK"\n')
        label = '[endpoint.labels]\nrunbook = "https://me:hunter3@wiki.example/mail"\n'
        path = self.write("script.toml", f'[daemon]\nlisten = "127.0.0.1:{servers.closed_port()}"\n'
                          f'[daemon.users]\nprometheus = "{HASH_OF_SECRET}"\n' +
                          '[[endpoint]]\nname = "mail"\nhost = "127.0.0.1"\nport = 9\napp = "expect"\n'
                          f'tls = false\n{label}' + script)
        _, url = self.daemon(("mail", servers.closed_port()), rest=label)
        of_daemon = self.await_history("mail")
        files = self.bundle("--config", path, "-o", f"{self.directory}/secret.tar.gz", env=of_daemon)
        for name, content in files.items():
            self.assertNotIn(b"hunter", content, name)
            self.assertNotIn(HASH_OF_SECRET.encode(), content, name)
        self.assertIn(b"https://***@wiki.example/mail", files["config.toml"])
        self.assertIn("evidence of mail: its packets may hold what a script sends", files["SUMMARY.md"].decode())
        self.assertEqual([name for name in files if name.startswith("evidence/")], [])
        there = self.bundle("--url", url, "-o", f"{self.directory}/there.tar.gz")
        self.assertNotIn("config.toml", there)
        self.assertNotIn(b"hunter", there["report.json"])
        self.assertIn(b"https://***@wiki.example/mail", there["report.json"])

    def test_no_bundle(self):
        path, url = self.daemon(("dead", servers.closed_port()))
        nowhere = environment(STATE_DIRECTORY=f"{self.directory}/nowhere")
        nobody = self.write("nobody.toml", f'[daemon]\nallow_empty = true\nlisten = "127.0.0.1:{servers.closed_port()}"\n')
        for arguments, status, said in (
                (["daed", "--config", path], 2, 'did you mean "dead"?'),
                (["--url", "vm:9797"], 2, "--url: "),
                (["--config", nobody], 3, "there is nothing to bundle"),
                (["--url", url, "-o", f"{self.directory}/no/such/folder"], 3, "cannot write")):
            with self.subTest(arguments):
                done = whylink("bundle", *arguments, env=nowhere, cwd=self.directory)
                self.assertEqual((done.returncode, done.stdout), (status, ""))
                self.assertIn(said, done.stderr)

    def test_by_tls_and_as_a_user(self):
        certificate, key = servers.make_certificate(self.directory, "localhost", 365)
        port = servers.closed_port()
        self.run_daemon(
            f'[daemon]\nlisten = "127.0.0.1:{port}"\nallow_empty = true\n[daemon.tls]\ncert_file = "{certificate}"\n'
            f'key_file = "{key}"\n[daemon.users]\nprometheus = "{HASH_OF_SECRET}"\n')
        password = self.write("password", "secret\n")
        url = f"https://prometheus@localhost:{port}"
        trusting = ("--ca-file", certificate)
        asked = ("status", "--url", url, *trusting, "--password-file", password, "--format", "json")
        self.await_true(lambda: "connection refused" not in whylink(*asked).stderr, "the daemon does not listen")
        done = whylink(*asked)
        self.assertEqual(done.stderr, "")
        self.assertEqual(json.loads(done.stdout)["endpoints"], [])
        for url, said in ((f"https://localhost:{port}", "the daemon needs another user or password"),
                          (f"https://prometheus:guess@localhost:{port}", "the daemon needs another user or password"),
                          (f"http://localhost:{port}", "no daemon answers")):
            with self.subTest(url):
                refused = whylink("status", "--url", url, *trusting)
                self.assertEqual((refused.returncode, refused.stdout), (3, ""))
                self.assertIn(said, refused.stderr)
        untrusted = whylink("status", "--url", f"https://localhost:{port}")
        self.assertIn("the certificate is not trusted", untrusted.stderr)

    def test_a_probe_on_demand(self):
        port = self.serve(servers.Silent()).port
        _, url = self.daemon(("good", port))

        def probe(target, **headers):
            asked = urllib.request.Request(f"{url}/probe?module=tcp_connect&target={target}", headers=headers)
            try:
                with urllib.request.urlopen(asked, timeout=DEADLINE) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as refused:
                with refused:
                    return refused.code, refused.read().decode()

        scrape_timeout = "X-Prometheus-Scrape-Timeout-Seconds"
        status, page = probe(f"127.0.0.1:{port}", **{scrape_timeout: "5"})
        self.assertEqual(status, 200)
        self.assertIn("\nprobe_success 1\n", page)
        self.assertIn("\nprobe_timeout_seconds 4.5\n", page)
        self.assertEqual(probe(f"127.0.0.1:{servers.closed_port()}")[0], 403)
        self.assertEqual(probe(f"127.0.0.1:{port}", **{scrape_timeout: "soon"})[0], 500)

    def test_clients_that_leave_their_probes_do_not_keep_others_from_theirs(self):
        port = self.serve(servers.Silent()).port
        _, url = self.daemon(("good", port))
        address = ("127.0.0.1", int(url.rsplit(":", 1)[1]))
        target = f"/probe?module=tcp_connect&target=127.0.0.1:{port}"
        for _ in range(100):
            # One client may hold so many connections, and no more.
            with contextlib.suppress(ConnectionError), socket.create_connection(address, timeout=DEADLINE) as client:
                client.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

        def succeeds():
            try:
                with urllib.request.urlopen(url + target, timeout=DEADLINE) as answer:
                    return b"\nprobe_success 1\n" in answer.read()
            except urllib.error.HTTPError as busy:
                with busy:
                    self.assertEqual(busy.code, 503)
                return False
            except (urllib.error.URLError, ConnectionError):
                return False

        self.await_true(succeeds, "probes are refused")

    def test_a_reload_of_an_empty_file_changes_nothing(self):
        path, url = self.daemon(("good", self.serve(servers.Silent()).port))
        self.write(os.path.basename(path), "")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(url + "/-/reload", method="POST"), timeout=DEADLINE)
        self.addCleanup(refused.exception.close)
        self.assertEqual(refused.exception.code, 500)
        self.assertIn("nothing is configured", refused.exception.read().decode())
        self.assertEqual(len(self.report("status", "--url", url, status=0)["endpoints"]), 1)

    def test_a_page_of_another_site_reloads_nothing(self):
        _, url = self.daemon(("good", self.serve(servers.Silent()).port))
        for headers in ({"Origin": "http://evil.example"}, {"Host": "rebound.example"}):
            with self.subTest(headers), self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(urllib.request.Request(url + "/-/reload", method="POST", headers=headers),
                                       timeout=DEADLINE)
            self.assertEqual(refused.exception.code, 403)
            refused.exception.close()

    def test_an_unknown_name(self):
        path, _ = self.daemon(("good", self.serve(servers.Silent()).port))
        done = whylink("status", "god", "--config", path)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn('did you mean "good"?', done.stderr)

    def test_no_daemon(self):
        path = self.write("nobody.toml", f'[daemon]\nallow_empty = true\nlisten = "127.0.0.1:{servers.closed_port()}"\n')
        done = whylink("status", "--config", path)
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn("connection refused", done.stderr)
        nagios = whylink("status", "--config", path, "--format", "nagios")
        self.assertEqual(nagios.returncode, 3)
        self.assertTrue(nagios.stdout.startswith("WHYLINK UNKNOWN - no daemon answers"), nagios.stdout)

    def test_something_else_there(self):
        port = self.serve(servers.Banner(b"SSH-2.0-x\r\n")).port
        done = whylink("status", "--url", f"http://127.0.0.1:{port}")
        self.assertEqual((done.returncode, done.stdout), (3, ""))


class Streams(Case):
    def closed(self):
        return ("diagnose", f"127.0.0.1:{servers.closed_port()}", "--no-tls")

    def test_no_colour_in_a_pipe(self):
        done = whylink(*self.closed())
        self.assertEqual(done.stderr, "")
        self.assertNotIn("\x1b", done.stdout)
        self.assertIn("✗", done.stdout)
        self.assertTrue(all(len(line) <= 100 for line in done.stdout.splitlines()))

    def test_ascii_without_a_utf8_locale(self):
        done = whylink(*self.closed(), env=environment(LANG="C"))
        self.assertTrue(done.stdout.isascii(), done.stdout)

    def test_colour_on_a_terminal_unless_unwanted(self):
        self.assertIn("\x1b[31m", on_terminal(*self.closed(), stream="stdout"))
        self.assertIn("\x1b[31m", on_terminal(*self.closed(), stream="stdout", NO_COLOR=""))
        self.assertNotIn("\x1b", on_terminal(*self.closed(), stream="stdout", NO_COLOR="1"))
        self.assertNotIn("\x1b", on_terminal(*self.closed(), stream="stdout", TERM="dumb"))
        self.assertNotIn("\x1b", on_terminal(*self.closed(), "--color", "never", stream="stdout"))
        self.assertIn("\x1b[31m", on_terminal(*self.closed(), "--color=always", stream="stdout", NO_COLOR="1"))

    def test_colour_in_a_pipe_where_it_is_asked_for(self):
        self.assertIn("\x1b[31m", whylink(*self.closed(), "--color", "always").stdout)
        self.assertIn("\x1b[31m", whylink(*self.closed(), env=environment(CLICOLOR_FORCE="1")).stdout)
        self.assertNotIn("\x1b", whylink(*self.closed(), env=environment(CLICOLOR_FORCE="0")).stdout)
        self.assertNotIn("\x1b", whylink(*self.closed(), env=environment(CLICOLOR_FORCE="1", NO_COLOR="1")).stdout)

    def test_what_a_server_says_cannot_reach_the_terminal(self):
        server = self.serve(servers.Banner(b"\x1b]0;owned\x07\x1b[2J\r\n"))
        done = whylink("diagnose", f"127.0.0.1:{server.port}", "--tls")
        self.assertNotIn("\x1b", done.stdout)
        self.assertNotIn("\x07", done.stdout)
        self.report("diagnose", f"127.0.0.1:{server.port}", "--tls", status=1)

    def test_progress_is_shown_on_a_terminal_and_erased(self):
        server = self.serve(servers.Silent())
        shown = on_terminal("diagnose", f"127.0.0.1:{server.port}", "--tls", "--timeout", "2s", stream="stderr")
        self.assertIn("\r\x1b[KTLS 127.0.0.1: handshake not complete, 1 of 2 s", shown)
        self.assertTrue(shown.endswith("\r\x1b[K"), repr(shown))

    def test_progress_is_for_terminals_that_can_erase(self):
        server = self.serve(servers.Silent())
        slow = ("diagnose", f"127.0.0.1:{server.port}", "--tls", "--timeout", "1500ms")
        self.assertEqual(on_terminal(*slow, stream="stderr", TERM="dumb"), "")
        self.assertEqual(whylink(*slow).stderr, "")

    def test_a_report_that_cannot_be_written_is_noticed(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = whylink(*self.closed(), stdout=full)
        self.assertEqual(done.returncode, 3)
        self.assertIn("No space left on device", done.stderr)
        reading, writing = os.pipe()
        os.close(reading)
        done = whylink(*self.closed(), stdout=writing)
        os.close(writing)
        self.assertEqual(done.returncode, 3)
        self.assertIn("Broken pipe", done.stderr)

    def test_a_closed_standard_output_is_not_a_socket(self):
        server = self.serve(servers.Silent())
        for closed in ((1,), (0, 1), (0, 1, 2)):
            with self.subTest(closed):
                done = whylink("diagnose", f"127.0.0.1:{server.port}", "--no-tls",
                               preexec_fn=lambda closed=closed: [os.close(fd) for fd in closed])
                self.assertEqual(done.returncode, 3)
        self.assertEqual(whylink("--help", preexec_fn=lambda: os.close(1)).returncode, 3)

    def test_interrupted(self):
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(number):
                server = self.serve(servers.Silent())
                process = subprocess.Popen(
                    [WHYLINK, "diagnose", f"127.0.0.1:{server.port}", "--tls", "--timeout", "5m"],
                    env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                self.assertTrue(server.wait_for_connection(DEADLINE))
                process.send_signal(number)
                out, error = process.communicate(timeout=DEADLINE)
                self.assertEqual((process.returncode, out, error), (status, b"", b""))


if __name__ == "__main__":
    unittest.main(verbosity=2)
