"""One row: the daemon beside one hostile peer in a network namespace of their own, for some rounds; what it cost, and
which budget that exceeds."""

import ctypes
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import cost
import running

SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
LABEL = re.compile(r'(\w+)="([^"]*)"')
NAME = "hostile"
ROUNDS = "whylink_rounds_total"
PATIENCE = 20  # seconds for a page, which the event loop serves
STALLS = "whylink_loop_stall_seconds"
LISTEN = f"{running.LISTEN[0]}:{running.LISTEN[1]}"


class Metrics:
    def __init__(self):
        self._samples = [(name, dict(LABEL.findall(labels)), float(value)) for name, labels, value in
                         SAMPLE.findall(running.Page("/metrics", deadline=PATIENCE).body.decode())]

    def value(self, name):
        """Of all series of that name together; nothing where there is none."""
        values = [value for sample, _, value in self._samples if sample == name]
        return sum(values) if values else None

    def buckets(self, name):
        """Upper bounds and cumulative counts, ascending."""
        return sorted((float(labels["le"]), value) for sample, labels, value in self._samples
                      if sample == name + "_bucket")

    def addresses(self):
        return {labels["address"] for _, labels, _ in self._samples if "address" in labels}

    def cause(self):
        return next((labels["cause"] for sample, labels, _ in self._samples
                     if sample == "whylink_diagnosis" and labels["name"] == NAME), "none")

    def outcomes(self, outcome):
        """How many probes came out so."""
        return sum(value for sample, labels, value in self._samples
                   if sample == "whylink_probes_total" and labels["outcome"] == outcome)


def stalls_beyond(metrics, bound):
    """How many stalls of the event loop were longer, by the daemon's own metric; nothing where it has none."""
    buckets = metrics.buckets(STALLS)
    if not buckets:
        return None
    return int(buckets[-1][1] - max((count for le, count in buckets if le <= bound), default=0))


class Network:
    """Two namespaces and a link: the daemon's, in which nothing else is, and the peers'. There every address of
    10.0.0.0/8, and the one of the clouds' metadata services, is answered. A socket stays where it was made; so the
    calling thread makes the servers in one and starts the daemon in the other."""

    OWN = "10.255.0.2"  # the daemon's side

    def __init__(self):
        """In a namespace of the caller's own."""
        self._peers = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        with subprocess.Popen(["sleep", "infinity"]) as anchor:
            _check(_libc.unshare(_NEW_NETWORK))
            self._daemon = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
            _run(f"ip link add inner type veth peer name outer netns {anchor.pid}")
            anchor.kill()
        for command in ("link set lo up", "link set inner up", f"addr add {self.OWN}/30 dev inner",
                        "route add default via 10.255.0.1"):
            _run(f"ip {command}")
        self.enter_peers()
        for command in ("link set lo up", "link set outer up", "addr add 10.255.0.1/30 dev outer",
                        "route add local 10.0.0.0/8 dev lo", "route add local 169.254.169.254/32 dev lo",
                        f"route add {self.OWN}/32 dev outer"):
            _run(f"ip {command}")

    def enter_peers(self):
        _check(_libc.setns(self._peers, _NEW_NETWORK))

    def enter_daemon(self):
        _check(_libc.setns(self._daemon, _NEW_NETWORK))


_libc = ctypes.CDLL(None, use_errno=True)  # Python 3.12 has os.setns
_NEW_NETWORK = 0x40000000


def _check(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _run(command):
    subprocess.run(command.split(), check=True)


def copies_of(targets, count):
    """The same target so many times, each by a name of its own."""
    return "\n".join([targets] + [re.sub(r'^name = "(.*)"', rf'name = "\1-{i}"', targets, flags=re.MULTILINE)
                                  for i in range(1, count)])


def config_text(row, directory, targets):
    return (f'[daemon]\nlisten = "{LISTEN}"\nlog_format = "json"\n{row.daemon}\n[capture]\n'
            f'evidence_dir = "{directory}/evidence"\n{row.capture}\n[defaults]\ninterval = "{row.interval}s"\n'
            f'timeout = "{row.timeout}ms"\n{targets}\n')


class Run:
    """What came of a row; `figures` are for people, `problems` are what exceeds a budget."""

    def __init__(self, row, directory, at_rest=None, copies=1):
        """`at_rest`: MiB that the daemon has without a hostile peer. `copies`: targets of the row, for its memory."""
        self.row, self.directory, self._at_rest, self._copies = row, Path(directory), at_rest, copies
        self.evidence = self.directory / "evidence"
        self.figures, self.problems = {}, []
        self.addresses, self.round_costs = set(), []
        self.metrics = None  # the latest

    def hold(self, what, value, budget, unit=""):
        """Notes a figure, and that it is more than it may be."""
        self.figures[what] = value
        if budget is not None and value > budget:
            self.problems.append(f"{what} {value:g}{unit}, at most {budget:g}{unit}")

    def log_lines(self):
        return (self.directory / "log").read_text(encoding="utf-8", errors="replace").splitlines()

    # ---- the daemon ----

    def run(self, program):
        self.program = program
        network = Network()
        self.peer = self.row.peer(self)
        network.enter_daemon()
        if self.row.beside:
            self.row.beside(self)
        self.config = self.directory / "whylink.toml"
        targets = copies_of(self.row.targets(self), self._copies)
        self.config.write_text(config_text(self.row, self.directory, targets), encoding="utf-8")
        daemon = running.Process([*self.row.under, program, "run", "--config", self.config], self.directory / "log")
        try:
            running.wait_until("whylink listens", lambda: daemon.listens(running.LISTEN), pause=0.01)
            watch = cost.LoopWatch(daemon.pid)
            answers = self._live(daemon)
            self._hold_process(daemon, watch)
            if answers:
                self._hold_pages()
                self._hold_end(daemon)
        finally:
            if daemon.running():
                daemon.end(signal.SIGKILL)
        self._hold_log()
        if answers:
            for check in self.row.checks:
                check(self)

    def _live(self, daemon):
        """Until so many rounds have ended; notes what each cost. False: the event loop has no time for a page."""
        rounds, used = 0, cost.cpu_seconds(daemon.pid)
        until = time.monotonic() + self.row.deadline
        while rounds < self.row.rounds and time.monotonic() < until:
            time.sleep(self.row.interval / 5)  # more often, and the pages would cost more than the peer
            if not daemon.running():
                raise RuntimeError(f"the daemon has ended: {daemon.log()[-2000:]}")
            try:
                self.metrics = Metrics()
            except TimeoutError:
                self.problems.append(f"no page in {PATIENCE} s")
                return False
            self.addresses |= self.metrics.addresses()
            ended = int(self.metrics.value(ROUNDS))
            if ended > rounds:
                now = cost.cpu_seconds(daemon.pid)
                self.round_costs += [(now - used) / (ended - rounds)] * (ended - rounds)
                rounds, used = ended, now
        if rounds < self.row.rounds:
            self.problems.append(f"{rounds} rounds in {self.row.deadline} s, {self.row.rounds} are due")
        return True

    def _hold_process(self, daemon, watch):
        row = self.row
        longest, max_memory = watch.end()
        if row.counts_rounds and self.round_costs[row.skipped:]:
            self.hold("CPU a round", round(1000 * max(self.round_costs[row.skipped:]), 1), row.cpu, " ms")
        self.hold("loop", round(1000 * longest, 1), row.stall, " ms")
        self._compare_with_metric(longest)
        self.hold("memory", round(max_memory / 1024, 2),
                  None if self._at_rest is None else round(self._at_rest + row.memory, 2), " MiB")
        self.hold("files", daemon.open_files(), row.files)

    def _compare_with_metric(self, longest):
        """The daemon measures its stalls by the clock on the wall: a busy machine adds some; it may miss none."""
        stalls = stalls_beyond(self.metrics, self.row.stall / 1000) if self.metrics else None
        if stalls is None:
            return
        self.figures["stalls"] = stalls
        if stalls == 0 and 1000 * longest > 2 * self.row.stall:
            self.problems.append(f"{STALLS} shows none")

    def _hold_pages(self):
        self.hold("addresses", len(self.addresses), self.row.addresses)
        sizes = [len(running.Page(path).body) for path in ("/metrics", "/api/v1/report", "/")]
        self.hold("page", round(max(sizes) / 1024), self.row.page, " KiB")
        self.figures["cause"] = self.metrics.cause()
        if self.row.cause and self.figures["cause"] not in self.row.cause:
            self.problems.append(f"cause {self.figures['cause']}, not {' or '.join(self.row.cause)}")

    def _hold_end(self, daemon):
        status = daemon.end()
        if status != 0:
            self.problems.append(f"exit status {status} at SIGTERM")

    def _hold_log(self):
        """Each line is a record of bounded length, whatever the peer says."""
        lines = self.log_lines()
        self.hold("log line", max(map(len, (line.encode() for line in lines)), default=0), self.row.log_line, " B")
        for line in lines:
            try:
                json.loads(line)
            except ValueError:
                self.problems.append(f"no record in the log: {line[:100]!r}")
                return
