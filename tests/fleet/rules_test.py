"""The rules for many hosts, tested by promtool: which alert fires for which failure, and what it says. promtool gets a file
that is made here: the series of seven hosts for each case.

usage: rules_test.py RULES_YML"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from urllib.parse import quote_plus

RULES = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "docs/fleet/rules.yml"

# Host: zone and subnet.
HOSTS = {"h1": ("az-1", "s-1"), "h2": ("az-1", "s-1"), "h3": ("az-1", "s-2"), "h4": ("az-1", "s-2"),
         "h5": ("az-2", "s-3"), "h6": ("az-2", "s-3"), "h7": ("az-2", "s-3")}
ZONE_1, ZONE_2 = ("h1", "h2", "h3", "h4"), ("h5", "h6", "h7")
ALERTS = ("Service", "EveryHost", "NotScraped", "AvailabilityZone", "Subnet", "Host")


def labels(host, **more):
    zone, subnet = HOSTS[host]
    found = {"job": "whylink", "instance": f"{host}:9797", "az": zone, "subnet": subnet, **more}
    return "{" + ", ".join(f'{name}="{value}"' for name, value in found.items()) + "}"


def series(broken=(), down=(), no_network=(), checks=None, cause="syn_unanswered"):
    """Of all hosts. `broken` has (host, target); `checks` the hosts of each target."""
    found = {}
    for host in HOSTS:
        found["up" + labels(host)] = int(host not in down)
        if host in down:
            continue
        found["whylink_targets" + labels(host, kind="endpoint")] = 2
        for target, hosts in (checks or {"a": HOSTS, "b": HOSTS}).items():
            if host in hosts:
                fails = (host, target) in broken
                one = {"kind": "endpoint", "name": target}
                said = ("local_network_down", "critical") if host in no_network else (
                    (cause, "critical") if fails else ("healthy", "ok"))
                found["whylink_healthy" + labels(host, **one)] = int(not fails)
                found["whylink_diagnosis" + labels(host, **one, cause=said[0], severity=said[1])] = 1
    return [{"series": name, "values": f"{value}x20"} for name, value in found.items()]


def alert(scope, summary, fix, link, **more):
    return {"exp_labels": {"severity": "critical", "job": "whylink", "scope": scope, **more},
            "exp_annotations": {"summary": summary, "fix": fix, "link": link}}


def run_explain(cause):
    return f" Run `whylink explain {cause}`." if cause else ""


def graph(matchers):
    return "/graph?g0.expr=" + quote_plus("whylink:failing{" + matchers + "} == 1") + "&g0.tab=1"


def service(target, hosts, cause):
    return {"Service": [alert(
        "service", f"The service: endpoint {target} fails on {hosts} of {hosts} hosts ({cause}).",
        "Service side: check the service behind the endpoint, and whether it accepts this connection. Your network: check what "
        "all hosts share on the path to it." + run_explain(cause),
        graph(f'job="whylink", kind="endpoint", name="{target}"'), kind="endpoint", name=target)]}


def every_host(cause=None):
    named = f" ({cause})" if cause else ""
    return {"EveryHost": [alert(
        "every_host", f"Every host: 7 of 7 hosts lose all of their targets{named}.",
        "Your network: check what all hosts share: DNS servers, the hub, its firewall and its routes." + run_explain(cause),
        graph('job="whylink"'))]}


def not_scraped():
    return {"NotScraped": [alert(
        "every_host", "Prometheus: 7 of 7 hosts cannot be scraped; nothing is known of their links.",
        "Prometheus: check its network, and the firewall between it and the hosts.", "/targets")]}


def part(kind, name, title, hosts, lost, cause):
    named = f" ({cause})" if cause else ""
    return [alert(
        kind, f"{title} {name}: {hosts} of {hosts} hosts lose {lost}{named}; not every host elsewhere does.",
        "Your network: check the endpoint, the routes, the network ACL and the DNS servers of this "
        f"{'zone' if kind == 'az' else 'subnet'}." + run_explain(cause),
        graph(f'job="whylink", {kind}="{name}"'), **{kind: name})]


def zone(name, hosts, lost, cause="syn_unanswered"):
    return {"AvailabilityZone": part("az", name, "Availability zone", hosts, lost, cause)}


def subnet(name, hosts, lost):
    return {"Subnet": part("subnet", name, "Subnet", hosts, lost, "syn_unanswered")}


def host(name, checks, lost):
    return {"Host": [alert(
        "host", f"Host {name}:9797: {checks} checks fail: {lost}; its subnet and its zone do not fail as a whole.",
        "This host: check its interfaces, its routes, its security group and its DNS servers. Run `whylink status` on it.",
        f"http://{name}:9797/", az=HOSTS[name][0], subnet=HOSTS[name][1], instance=f"{name}:9797")]}


def broken(hosts, *targets):
    return {(each, target) for each in hosts for target in targets}


class Rules(unittest.TestCase):
    maxDiff = None

    def expect(self, given, *expected, at="9m"):
        """Exactly these alerts fire."""
        fire = {name: found for alerts in expected for name, found in alerts.items()}
        test = {"name": self.id(), "interval": "1m", "input_series": given, "alert_rule_test": [
            {"eval_time": at, "alertname": f"WhylinkFleet{name}", "exp_alerts": fire.get(name, [])} for name in ALERTS]}
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "test.yml"
            # JSON is YAML.
            file.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [test]}))
            done = subprocess.run(["promtool", "test", "rules", file], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  check=False)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_promtool_accepts_them(self):
        done = subprocess.run(["promtool", "check", "rules", RULES], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_every_alert_is_tested(self):
        written = [line.split(": ")[1] for line in RULES.read_text().splitlines() if line.strip().startswith("- alert:")]
        self.assertEqual(sorted(written), sorted(f"WhylinkFleet{name}" for name in ALERTS))

    def test_nothing_fires_while_all_is_well(self):
        self.expect(series())

    def test_one_host_loses_one_target(self):
        self.expect(series(broken(["h1"], "a")), host("h1", "1 of 4", "endpoint a (syn_unanswered)"))

    def test_one_host_loses_everything(self):
        self.expect(series(broken(["h1"], "a", "b")), host("h1", "2 of 4", "endpoint a, endpoint b (syn_unanswered)"))

    def test_one_host_cannot_be_scraped(self):
        self.expect(series(down=["h1"]), host("h1", "1 of 1", "scrape whylink"))

    def test_the_network_of_one_host_is_down(self):
        self.expect(series(no_network=["h1"]), host("h1", "1 of 4", "host network"))

    def test_a_host_waits_longer_than_what_is_larger(self):
        self.expect(series(broken(["h1"], "a")), at="4m")
        self.expect(series(broken(HOSTS, "a")), service("a", 7, "syn_unanswered"), at="3m")

    def test_a_subnet_loses_a_target(self):
        self.expect(series(broken(["h1", "h2"], "a")), subnet("s-1", 2, "endpoint a"))

    def test_a_zone_loses_a_target_and_its_subnets_with_it(self):
        self.expect(series(broken(ZONE_1, "a")), zone("az-1", 4, "endpoint a"))

    def test_a_zone_loses_two_targets_which_is_one_alert(self):
        self.expect(series(broken(ZONE_2, "a", "b")), zone("az-2", 3, "endpoint a, endpoint b"))

    def test_no_host_of_a_zone_can_be_scraped(self):
        self.expect(series(down=ZONE_2), zone("az-2", 3, "scrape whylink", None))

    def test_every_host_loses_one_target(self):
        self.expect(series(broken(HOSTS, "a"), cause="not_on_allowlist"), service("a", 7, "not_on_allowlist"))

    def test_every_host_loses_its_only_target(self):
        self.expect(series(broken(HOSTS, "a"), checks={"a": HOSTS}), service("a", 7, "syn_unanswered"))

    def test_every_host_loses_everything(self):
        self.expect(series(broken(HOSTS, "a", "b"), cause="private_dns_missing"), every_host("private_dns_missing"))

    def test_no_host_has_a_network(self):
        self.expect(series(no_network=HOSTS), every_host())

    def test_prometheus_reaches_no_host(self):
        self.expect(series(down=HOSTS), not_scraped())

    def test_a_zone_and_a_host_elsewhere(self):
        self.expect(series(broken([*ZONE_2, "h1"], "a")), zone("az-2", 3, "endpoint a"),
                    host("h1", "1 of 4", "endpoint a (syn_unanswered)"))

    def test_the_service_and_another_target_on_one_host(self):
        self.expect(series(broken(HOSTS, "a") | broken(["h1"], "b")), service("a", 7, "syn_unanswered"),
                    host("h1", "1 of 4", "endpoint b (syn_unanswered)"))

    def test_a_zone_fails_and_what_only_its_hosts_check_with_it(self):
        self.expect(series(broken(ZONE_2, "a", "c"), checks={"a": HOSTS, "c": ZONE_2}), zone("az-2", 3, "endpoint a"))

    def test_what_only_one_zone_checks_fails_there(self):
        self.expect(series(broken(ZONE_2, "c"), checks={"a": HOSTS, "c": ZONE_2}), service("c", 3, "syn_unanswered"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
