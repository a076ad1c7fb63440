"""Twenty hosts in four availability zones, each a network namespace, and the services that they reach over one router: the
namespace of the test, where Prometheus runs too. Faults are rules of the router, and interfaces that go down."""

import os
import subprocess
from dataclasses import dataclass

SERVICES = "10.200.0"


def run(*command):
    done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stdout}")
    return done.stdout


@dataclass(frozen=True)
class Host:
    zone: int
    part: int   # a subnet of the zone
    number: int

    @property
    def az(self):
        return f"az-{self.zone}"

    @property
    def subnet(self):
        return f"10.{self.zone}.{self.part}.0/24"

    @property
    def address(self):
        return f"10.{self.zone}.{self.part}.{10 + self.number}"

    @property
    def namespace(self):
        return f"h{self.zone}{self.part}{self.number}"


# Three hosts in the first subnet of each zone, two in the second.
HOSTS = [Host(zone, part, number) for zone in (1, 2, 3, 4) for part, count in ((1, 3), (2, 2)) for number in range(count)]


class Network:
    def __init__(self):
        # The names of namespaces are this test's, too.
        os.makedirs("/run/netns", exist_ok=True)
        run("mount", "-t", "tmpfs", "whylink-fleet", "/run/netns")
        run("sysctl", "-qw", "net.ipv4.ip_forward=1")
        run("nft", "add table inet faults; add chain inet faults forward { type filter hook forward priority 0; }")
        self._add_namespace("services", f"{SERVICES}.1", [f"{SERVICES}.2", f"{SERVICES}.3"], "services")
        for host in HOSTS:
            bridge = f"br{host.zone}{host.part}"
            gateway = f"10.{host.zone}.{host.part}.1"
            if host.number == 0:
                run("ip", "link", "add", bridge, "type", "bridge")
                run("ip", "address", "add", f"{gateway}/24", "dev", bridge)
                run("ip", "link", "set", bridge, "up")
            self._add_namespace(host.namespace, gateway, [host.address], None)
            run("ip", "link", "set", host.namespace, "master", bridge)

    @staticmethod
    def _add_namespace(name, gateway, addresses, routed):
        """Behind an interface of that name in the router; with `routed`, the gateway is that interface."""
        run("ip", "netns", "add", name)
        run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
        run("ip", "link", "set", name, "up")
        if routed:
            run("ip", "address", "add", f"{gateway}/24", "dev", name)
        for address in addresses:
            run("ip", "-n", name, "address", "add", f"{address}/24", "dev", "eth0")
        for link in ("lo", "eth0"):
            run("ip", "-n", name, "link", "set", link, "up")
        run("ip", "-n", name, "route", "add", "default", "via", gateway)

    @staticmethod
    def drop(source, destination):
        """Packets from there to there, as a route or a firewall does that lost them."""
        run("nft", f"add rule inet faults forward ip saddr {source} ip daddr {destination} drop")

    @staticmethod
    def mend():
        run("nft", "flush chain inet faults forward")

    @staticmethod
    def set_link(host, state):
        run("ip", "link", "set", host.namespace, state)
