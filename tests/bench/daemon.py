#!/usr/bin/python3
"""usage: tests/bench/daemon.py BUILD_DIR [--minutes N] [--endpoints N] [--no-prober] [--no-tls] [--history [FOLDER] [--turns N]]

What the daemon takes for 10,000 endpoints by address every 10 s, in a network namespace of its own, and beside it a bare
loop at the same pace, and the same targets through prometheus-blackbox-exporter. With --history it is the daemon without and
with its history instead, N times in turn because the machine may be shared; the file is in FOLDER on a real disk, else in
memory. The servers' CPU time is not counted. Nothing is asserted: the table says which targets are met on this machine."""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import running  # noqa: E402
from daemon_pages import Counters, percentile  # noqa: E402

INTERVAL = 10  # seconds
SCRAPE_INTERVAL = 15
OPENMETRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
PROBER = "prometheus-blackbox-exporter"
PROBER_ADDRESS = ("127.0.0.1", 9115)
TLS_NAME = "bench.example"
PROBER_CONFIG = """
modules:
  tcp_connect: {{prober: tcp, timeout: 5s}}
  tcp_tls: {{prober: tcp, timeout: 5s, tcp: {{tls: true, tls_config: {{ca_file: "{ca}", server_name: "%s"}}}}}}
""" % TLS_NAME


def addresses(count):
    return [f"127.{1 + i // 62500}.{i // 250 % 250}.{i % 250 + 1}" for i in range(count)]


def config_text(count, port, tls, evidence, capture, history="true"):
    lines = [f'[daemon]\nlisten = "{running.LISTEN[0]}:{running.LISTEN[1]}"\n'
             f'[capture]\nenabled = {capture}\nevidence_dir = "{evidence}"\n[history]\nenabled = {history}\n[defaults]\ninterval = "{INTERVAL}s"\n']
    for i, address in enumerate(addresses(count)):
        lines.append(f'[[endpoint]]\nname = "endpoint-{i:05}"\nhost = "{address}"\nport = {port}\nsettle = "0s"\n{tls}\n')
    return "".join(lines)


def say(what, value, target="", met=None):
    verdict = "" if met is None else "pass" if met else "FAIL"
    print(f"  {what:<52} {value:>26}  {target:<12} {verdict}".rstrip(), flush=True)


class Peer:
    """The program with the servers and the load; see peer.cpp."""

    def __init__(self, program, *arguments):
        self._process = subprocess.Popen([program, *arguments], stdout=subprocess.PIPE, text=True)
        words = self._process.stdout.readline().split()
        self.port, self.rest = int(words[0]), words[1:]

    def close(self):
        self._process.kill()
        self._process.wait()


class Scraper:
    """Fetches pages until a moment has come, as a Prometheus server does it."""

    def __init__(self):
        self.pages = []

    def until(self, end):
        due = time.monotonic() + SCRAPE_INTERVAL / 2
        while due < end:
            time.sleep(max(0.0, due - time.monotonic()))
            self.pages.append(running.Page("/metrics", Accept=OPENMETRICS, Accept_Encoding="gzip"))
            due += SCRAPE_INTERVAL
        time.sleep(max(0.0, end - time.monotonic()))


class Span:
    """What happens to the daemon between two moments."""

    def __init__(self, daemon):
        self._daemon = daemon
        self._begun = time.monotonic()
        self._counters = Counters()
        self._cpu = daemon.cpu_seconds()
        self._threads = daemon.cpu_by_thread()

    def end(self):
        self.seconds = time.monotonic() - self._begun
        self.cpu = self._daemon.cpu_seconds() - self._cpu
        self.threads = {name: used - self._threads.get(name, 0) for name, used in self._daemon.cpu_by_thread().items()}
        self.counters = Counters() - self._counters
        return self

    def percent_of_a_core(self):
        return 100 * self.cpu / self.seconds

    def lag(self, quantile):
        """Milliseconds."""
        return 1000 * percentile(self.counters.histogram("whylink_scheduler_lag_seconds"), quantile)


def print_rounds(span, count):
    due = count * span.seconds / INTERVAL
    rounds = span.counters.value("whylink_rounds_total")
    say("rounds made of those due", f"{rounds:.0f} of {due:.0f}")
    left_out = [span.counters.value(f"whylink_scheduler_{name}_total") for name in ("overruns", "missed_rounds")]
    say("left out: overruns, missed", f"{left_out[0]:.0f}, {left_out[1]:.0f}", "0, 0", not any(left_out))


def print_lag(when, span):
    say(f"scheduler lag p50, p99 {when}", f"{span.lag(0.5):.2f} ms, {span.lag(0.99):.2f} ms", "p99 < 10 ms",
        span.lag(0.99) < 10)


def print_memory(daemon, when):
    status = daemon.status()
    resident, peak = status["VmRSS"] / 1024, status["VmHWM"] / 1024
    say(f"memory resident, at most {when}", f"{resident:.1f} MiB, {peak:.1f} MiB", "< 100 MB", peak * 1.048576 < 100)


def lag_beside_rendering(daemon):
    """p99 of the rounds that start while a page is rendered and sent: those between two requests of which the second
    follows the first at once. Milliseconds."""
    total = None
    for _ in range(10):
        before = Counters()
        running.Page("/metrics", Accept=OPENMETRICS, Accept_Encoding="gzip")
        difference = Counters() - before
        total = difference if total is None else total + difference
    return 1000 * percentile(total.histogram("whylink_scheduler_lag_seconds"), 0.99)


def print_pages():
    forms = [("text", "/metrics", {}), ("text, gzip", "/metrics", {"Accept_Encoding": "gzip"}),
             ("OpenMetrics", "/metrics", {"Accept": OPENMETRICS}),
             ("OpenMetrics, gzip", "/metrics", {"Accept": OPENMETRICS, "Accept_Encoding": "gzip"}),
             ("JSON", "/api/v1/report", {}), ("JSON, gzip", "/api/v1/report", {"Accept_Encoding": "gzip"})]
    for name, path, headers in forms:
        pages = [running.Page(path, **headers) for _ in range(5)]
        took = statistics.median(page.seconds for page in pages)
        say(f"{path} ({name}): time, size", f"{1000 * took:.0f} ms, {len(pages[-1].body) / 1e6:.2f} MB")


def measure_daemon(program, config, log, options, count):
    daemon = running.start_daemon(program, config, log)
    try:
        running.wait_until("every endpoint had its first round", running.is_ready)
        time.sleep(INTERVAL)  # warm-up: the first regular round of everybody
        quiet = Span(daemon)
        time.sleep(60 * options.minutes)
        quiet.end()
        scraped, scraper = Span(daemon), Scraper()
        scraper.until(time.monotonic() + 60 * options.minutes)
        scraped.end()
        beside = lag_beside_rendering(daemon)
        report_daemon(daemon, quiet, scraped, scraper, beside, count)
        if daemon.end() != 0:
            say("exit status at SIGTERM", "not 0", "0", False)
    finally:
        if daemon.running():
            daemon.end(9)


def report_daemon(daemon, quiet, scraped, scraper, beside, count):
    tcp = count == 10_000
    for when, span in (("not scraped", quiet), (f"scraped each {SCRAPE_INTERVAL} s", scraped)):
        used = span.percent_of_a_core()
        say(f"CPU {when}, {span.seconds:.0f} s", f"{used:.1f} % of a core", "< 10 %" if tcp else "", used < 10 if tcp else None)
        say("  of that for each round", f"{1e6 * span.cpu / span.counters.value('whylink_rounds_total'):.1f} µs")
    threads = sorted(scraped.threads.items(), key=lambda item: -item[1])
    say("  of that by thread", ", ".join(f"{name.removeprefix('whylink-')} {100 * used / scraped.seconds:.1f} %"
                                         for name, used in threads))
    print_rounds(scraped, count)
    print_lag("not scraped", quiet)
    print_lag("scraped", scraped)
    say("scheduler lag p99 beside scrape after scrape", f"{beside:.2f} ms")
    print_memory(daemon, "while scraped")
    took = [page.seconds for page in scraper.pages]
    if took:
        say("scrapes (OpenMetrics, gzip): median, slowest",
            f"{1000 * statistics.median(took):.0f} ms, {1000 * max(took):.0f} ms")
    print_pages()
    print_memory(daemon, "after reports")


def measure_prober(peer, directory, module, targets, options, ca=""):
    config = Path(directory, "prober.yml")
    config.write_text(PROBER_CONFIG.format(ca=ca), encoding="utf-8")
    prober = running.Process([PROBER, f"--config.file={config}",
                              f"--web.listen-address={PROBER_ADDRESS[0]}:{PROBER_ADDRESS[1]}"], Path(directory, "prober.log"))
    try:
        running.wait_until("the prober listens", lambda: prober.listens(PROBER_ADDRESS))
        begun = prober.cpu_seconds()
        seconds = 60 * options.minutes
        done = subprocess.run([peer, "ask", *map(str, PROBER_ADDRESS), module, str(len(targets) / INTERVAL), str(seconds)],
                              input="\n".join(targets) + "\n", stdout=subprocess.PIPE, text=True, check=True)
        asked, succeeded, median, slow = done.stdout.split()
        used = prober.cpu_seconds() - begun
        say("probes that succeeded of those asked for", f"{succeeded} of {asked}")
        say(f"CPU, {seconds:.0f} s", f"{100 * used / seconds:.1f} % of a core")
        say("CPU for each probe", f"{1e6 * used / int(asked):.0f} µs")
        say("answer after it was due p50, p99", f"{1000 * float(median):.2f} ms, {1000 * float(slow):.2f} ms")
        status = prober.status()
        say("memory resident, at most", f"{status['VmRSS'] / 1024:.1f} MiB, {status['VmHWM'] / 1024:.1f} MiB")
    finally:
        prober.end(9)


def measure_bare_loop(peer, port, count, options, tls):
    """The least that the same connections can cost at the same pace: system calls, and OpenSSL, alone."""
    print("\nbare loop: the same, one connection after the other at the same pace", flush=True)
    seconds = 60 * options.minutes
    done = subprocess.run([peer, "bare", str(port), str(count / INTERVAL), str(seconds), *tls],
                          input="\n".join(addresses(count)) + "\n", stdout=subprocess.PIPE, text=True, check=True)
    say("CPU for each connection", f"{float(done.stdout):.1f} µs")


def compare(programs, directory, options, count, name, server, tls, ca):
    whylink, peer = programs
    port = server.port
    config = Path(directory, f"{name}.toml")
    config.write_text(config_text(count, port, tls, Path(directory, "evidence"), '"auto"' if options.capture else "false"),
                      encoding="utf-8")
    print(f"\nwhylink: {count} endpoints by address every {INTERVAL} s, {name}", flush=True)
    measure_daemon(whylink, config, Path(directory, f"{name}.log"), options, count)
    measure_bare_loop(peer, port, count, options, [TLS_NAME, ca] if ca else [])
    if options.prober:
        print(f"\n{PROBER}: the same, module tcp_{'tls' if ca else 'connect'}", flush=True)
        measure_prober(peer, directory, "tcp_tls" if ca else "tcp_connect",
                       [f"{address}:{port}" for address in addresses(count)], options, ca)


class Remembering:
    """The same span of a daemon with its history, or without."""

    def __init__(self, program, server, directory, options, enabled):
        self.enabled = enabled
        config = Path(directory, f"history-{enabled}.toml")
        config.write_text(config_text(options.endpoints, server.port, "tls = false", Path(directory, "evidence"), "false", enabled),
                          encoding="utf-8")
        daemon = running.start_daemon(program, config, Path(directory, f"history-{enabled}.log"))
        try:
            running.wait_until("every endpoint had its first round", running.is_ready)
            time.sleep(INTERVAL)
            written, span = daemon.written_bytes(), Span(daemon)
            time.sleep(60 * options.minutes)
            self.span = span.end()
            self.written = daemon.written_bytes() - written
            self.resident = daemon.status()["VmRSS"] / 1024
        finally:
            daemon.end()

    def of_thread(self, name):
        """Percent of a core."""
        return 100 * self.span.threads.get(name, 0) / self.span.seconds


def report_history(runs, state):
    without, having = ([run for run in runs if run.enabled == enabled] for enabled in ("false", "true"))
    cpu = [statistics.median(run.span.percent_of_a_core() for run in some) for some in (without, having)]
    say("CPU without, with: medians", f"{cpu[0]:.2f} %, {cpu[1]:.2f} % of a core", "+ 1 %", cpu[1] - cpu[0] <= 1)
    for thread in ("whylink", "whylink-hist"):
        used = [statistics.median(run.of_thread(thread) for run in some) for some in (without, having)]
        say(f"  of that the thread {thread}", f"{used[0]:.2f} %, {used[1]:.2f} % of a core")
    memory = [statistics.median(run.resident for run in some) for some in (without, having)]
    say("memory resident without, with: medians", f"{memory[0]:.1f} MiB, {memory[1]:.1f} MiB", "+ 20 MB",
        1.048576 * (memory[1] - memory[0]) <= 20)
    latest = having[-1]
    rounds = latest.span.counters.value("whylink_rounds_total")
    say("written to files", f"{latest.written / latest.span.seconds * 3600 / 1e6:.0f} MB/h, {latest.written / rounds:.0f} B a round")
    files = sum(file.stat().st_size for file in state.glob("history.db*"))
    say("the files of the history, after all turns", f"{files / 2 ** 20:.1f} MiB")
    print_lag("with the history", latest.span)


def compare_history(program, peer, directory, options):
    server = Peer(peer, "tcp")
    state = tempfile.TemporaryDirectory(dir=options.history or None)
    with state:
        os.environ["STATE_DIRECTORY"] = state.name
        print(f"\nwhylink: {options.endpoints} endpoints by address every {INTERVAL} s, without and with its history", flush=True)
        runs = []
        for turn in range(2 * options.turns):
            runs.append(Remembering(program, server, directory, options, ("false", "true")[turn % 2]))
            say(f"turn {turn + 1}, history {runs[-1].enabled}",
                f"{runs[-1].span.percent_of_a_core():.2f} %, {runs[-1].resident:.1f} MiB")
        report_history(runs, Path(state.name))
    server.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--endpoints", type=int, default=10_000)
    parser.add_argument("--no-capture", dest="capture", action="store_false")
    parser.add_argument("--no-prober", dest="prober", action="store_false")
    parser.add_argument("--no-tls", dest="tls", action="store_false")
    parser.add_argument("--history", nargs="?", const="", metavar="FOLDER")
    parser.add_argument("--turns", type=int, default=1)
    options = parser.parse_args()
    running.enter_own_namespaces()
    programs = Path(options.build, "daemon/whylink"), Path(options.build, "tests/bench/whylink-bench-peer")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f} before", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        if options.history is not None:
            compare_history(*programs, directory, options)
            return
        server = Peer(programs[1], "tcp")
        compare(programs, directory, options, options.endpoints, "TCP", server, "tls = false", "")
        server.close()
        if options.tls:
            server = Peer(programs[1], "tls", TLS_NAME)
            ca = server.rest[0]
            compare(programs, directory, options, options.endpoints // 10, "TLS", server,
                    f'[endpoint.tls]\nserver_name = "{TLS_NAME}"\nca_file = "{ca}"', ca)
            server.close()
    print(f"\nload {os.getloadavg()[0]:.2f} after", flush=True)


main()
