"""Links that break and are mended, again and again; the daemon has to notice each time."""

import subprocess

import pages

PERIOD = 1  # seconds between two looks
NOTICED = 60  # seconds

DROPPING = """table inet soak {{
  chain input {{ type filter hook input priority 0; tcp dport {{ {ports} }} drop; }}
}}
"""


def nft(ruleset):
    subprocess.run(["nft", "-f", "-"], input=ruleset, text=True, check=True)


class Faults:
    def __init__(self, targets):
        self._targets = targets
        self._drop(targets.dropped.port)
        self._breakers = {"lively-path": self._path, "lively-name": self._name, "lively-server": self._server}
        self._awaited = {}  # name → (healthy, since when)
        self._changes = dict.fromkeys(self._breakers, 0)
        self._next = 0
        self._problems = []

    def _drop(self, *ports):
        # Incoming, so that the SYN is lost as it would be on a path, and not refused to its sender.
        nft("table inet soak\ndelete table inet soak\n" + DROPPING.format(ports=", ".join(map(str, ports))))

    def _path(self, works):
        self._drop(self._targets.dropped.port, *([] if works else [self._targets.lively_port.port]))

    def _name(self, works):
        if works:
            self._targets.records["lively.link.example"] = "127.0.0.1"
        else:
            self._targets.records.pop("lively.link.example")

    def _server(self, works):
        self._targets.switchable.works = works

    def step(self, passed):
        if passed < self._next:
            return
        self._next = passed + PERIOD
        healthy = pages.metric("whylink_healthy")
        for name, breaker in self._breakers.items():
            wanted, since = self._awaited.get(name, (1, passed))
            if healthy.get(name) == wanted:
                self._changes[name] += 1
                breaker(not wanted)
                self._awaited[name] = (1 - wanted, passed)
            elif passed - since > NOTICED:
                self._problems.append(f"{name} is not {'healthy' if wanted else 'unhealthy'} after {NOTICED} s")
                self._awaited[name] = (wanted, passed)

    def problems(self):
        # The first change of each needs no breaking: everything works at the start.
        return self._problems + [f"{name} was never seen to break" for name, count in self._changes.items() if count < 2]

    def summary(self):
        return "links broken and mended: " + ", ".join(f"{name} {count}" for name, count in self._changes.items())
