"""What is watched: servers on loopback that behave and misbehave, and the configurations that name them."""

import socket
import threading

import running
import servers

TIMEOUT = "300ms"  # for each stage: what times out still ends within its interval
GOOD_NAME = "good.link.example"


class Closed:
    """A port on which nothing listens, and nobody else will."""

    def __init__(self, kind):
        self._socket = socket.socket(socket.AF_INET, kind)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]


class Absorbing:
    """Takes whatever datagram comes and answers none."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.resolver = f"127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while self._socket.recv(4096):
            pass


class Targets:
    """About 200 of them; `lively` ones break and are mended, and are in every configuration."""

    def __init__(self, directory):
        self._evidence = f"{directory}/evidence"
        good = servers.make_certificate(directory, GOOD_NAME, 365)
        expiring = servers.make_certificate(directory, "expiring.link.example", 2)
        self._ca, self._expiring_ca = good[0], expiring[0]
        self.records = {GOOD_NAME: "127.0.0.1", "lively.link.example": "127.0.0.1",
                        "elsewhere.link.example": "203.0.113.9", "*.zone.example": "10.0.0.4",
                        "*.deep.zone.example": "10.0.0.4"}
        self._dns = servers.Dns(self.records)
        self.silent, self.dropped, self.lively_port = servers.Silent(), servers.Silent(), servers.Silent()
        self.tls, self.switchable = servers.Tls(*good), servers.Switchable(*good)
        self._expiring, self._resetting = servers.Tls(*expiring), servers.Resetting()
        self._banner = servers.Banner(b"220 ready\r\n")
        self._closed, self._closed_dns = Closed(socket.SOCK_STREAM), Closed(socket.SOCK_DGRAM)
        self._absorbing = Absorbing()
        self.count = 0

    def _trusting(self, name=GOOD_NAME, ca=None):
        return f'[endpoint.tls]\nserver_name = "{name}"\nca_file = "{ca or self._ca}"'

    def _kinds(self):
        """Name, how many, host, port and the rest of an endpoint."""
        plain, here = 'tls = false\nsettle = "0s"', "127.0.0.1"
        named = f'tls = false\nexpect = ["127.0.0.1"]\nresolvers = ["{self._dns.resolver}"]'
        return (("tcp", 30, here, self.silent.port, plain), ("settled", 10, here, self.silent.port, 'tls = false\nsettle = "50ms"'),
                ("refused", 20, here, self._closed.port, plain), ("dropped", 20, here, self.dropped.port, plain),
                ("silent", 15, here, self.silent.port, ""), ("banner", 10, here, self._banner.port, ""),
                ("reset", 20, here, self._resetting.port, 'profile = "clickhouse-aws"\napp = "none"'),
                ("tls", 15, here, self.tls.port, self._trusting()),
                ("tls-other-name", 5, here, self.tls.port, self._trusting("other.link.example")),
                ("tls-untrusted", 5, here, self.tls.port, f'[endpoint.tls]\nserver_name = "{GOOD_NAME}"'),
                ("tls-expiring", 5, here, self._expiring.port, self._trusting("expiring.link.example", self._expiring_ca)),
                ("named", 15, GOOD_NAME, self.silent.port, named), ("missing", 10, "missing.link.example", 9, named),
                ("public", 5, "elsewhere.link.example", 9, named),
                ("resolver-refuses", 5, GOOD_NAME, 9, f'resolvers = ["127.0.0.1:{self._closed_dns.port}"]'),
                ("resolver-silent", 5, GOOD_NAME, 9, f'resolvers = ["{self._absorbing.resolver}"]'))

    def _lively(self):
        named = f'tls = false\nexpect = ["127.0.0.1"]\nresolvers = ["{self._dns.resolver}"]'
        return (("lively-path", "127.0.0.1", self.lively_port.port, 'tls = false\nsettle = "0s"'),
                ("lively-name", "lively.link.example", self.silent.port, named),
                ("lively-server", "127.0.0.1", self.switchable.port, self._trusting()))

    def _zones(self):
        return (("zone", 5, "zone.example"), ("zone-missing", 3, "nowhere.example"))

    def config(self, variant=None):
        """Without a variant nothing is watched. Variant 1 leaves every seventh target out and changes others."""
        text = [f'[daemon]\nlisten = "{running.LISTEN[0]}:{running.LISTEN[1]}"\nlog_format = "json"\n'
                f'allow_empty = true\n[capture]\nevidence_dir = "{self._evidence}"\n'
                f'[defaults]\ninterval = "1s"\ntimeout = "{TIMEOUT}"\n']
        if variant is None:
            return text[0]
        entries = [("endpoint", name, f'host = "{host}"\nport = {port}\n', rest) for name, host, port, rest in self._lively()]
        for name, count, host, port, rest in self._kinds():
            entries += [("endpoint", f"{name}-{i}", f'host = "{host}"\nport = {port}\n', rest) for i in range(count)]
        for name, count, zone in self._zones():
            entries += [("zone", f"{name}-{i}", f'zone = "{zone}"\n', f'resolvers = ["{self._dns.resolver}"]')
                        for i in range(count)]
        self.count = 0
        for number, (kind, name, first, rest) in enumerate(entries):
            if variant and not name.startswith("lively") and number % 7 == 0:
                continue
            self.count += 1
            label = f"[{kind}.labels]\nrelease = \"{variant}\"\n" if number % 5 == 0 else ""
            changed = 'family = "ipv4"\n' if variant and number % 11 == 0 else ""
            text.append(f'[[{kind}]]\nname = "{name}"\n{first}{changed}{rest}\n{label}')
        return "".join(text)
