#!/usr/bin/python3
"""usage: tests/bench/page.py BUILD_DIR [--targets N] [--loads N]

How long the status page of N targets (5,000) takes from the daemon to the eye: a running daemon with its history on, in a
network namespace of its own, and Chromium. The times are those of the browser's performance entries, from the start of the
navigation. Nothing is asserted: the table says whether the target is met on this machine."""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

for folder in ("support", "cli", "page"):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / folder))
import browser  # noqa: E402
import running  # noqa: E402
import servers  # noqa: E402

WALL = 1920
FAILING = 40  # of them nothing listens
INTERVAL = 10  # seconds
HEAD = f"""[daemon]
listen = "{running.LISTEN[0]}:{running.LISTEN[1]}"
[capture]
enabled = false
[defaults]
interval = "{INTERVAL}s"
"""
TIMES = """(() => {
  const navigation = performance.getEntriesByType('navigation')[0];
  return [navigation.responseStart, navigation.responseEnd, navigation.decodedBodySize,
          performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null];
})()"""


def config_text(count, open_port, closed_port):
    tables = []
    for i in range(count):
        port = closed_port if i < FAILING else open_port
        tables.append(f'[[endpoint]]\nname = "service-{i:05}"\nhost = "127.{i // 250 // 250}.{i // 250 % 250}.{i % 250 + 1}"\n'
                      f'port = {port}\ntls = false\nsettle = "0s"\nlabels = {{ team = "team-{i % 20}" }}\n')
    return HEAD + "".join(tables)


def load(chromium, url):
    """Milliseconds to the first byte, to the last, and to the first paint; bytes."""
    with chromium.page(WALL) as page:
        page.go(url)
        page.wait_until("performance.getEntriesByName('first-contentful-paint').length > 0")
        first, last, size, painted = page.evaluate(TIMES)
        return first, last, painted, size


def say(what, times):
    print(f"  {what:<32} {statistics.median(times):>7.0f} ms, at most {max(times):.0f} ms", flush=True)


def measure(url, loads):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        chromium = browser.Browser(profile)
        try:
            load(chromium, url)  # what a browser does once
            first, last, painted, sizes = zip(*(load(chromium, url) for _ in range(loads)))
        finally:
            chromium.__exit__()
    say("first byte", first)
    say("last byte", last)
    say("first contentful paint", painted)
    print(f"  {'HTML':<32} {sizes[-1] / 1000:>7.0f} kB", flush=True)
    print(f"  first paint under 1 s: {'pass' if statistics.median(painted) < 1000 else 'FAIL'}", flush=True)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build")
    parser.add_argument("--targets", type=int, default=5000)
    parser.add_argument("--loads", type=int, default=10)
    options = parser.parse_args()
    if browser.program() is None:
        sys.exit("no Chromium")
    running.enter_own_namespaces()
    open_server = servers.Silent(host="0.0.0.0")
    with tempfile.TemporaryDirectory() as directory:
        os.environ["STATE_DIRECTORY"] = directory
        config = Path(directory, "whylink.toml")
        config.write_text(config_text(options.targets, open_server.port, servers.closed_port()), encoding="utf-8")
        daemon = running.start_daemon(Path(options.build, "daemon/whylink"), config, Path(directory, "log"))
        try:
            running.wait_until("every target had its first round", running.is_ready)
            time.sleep(2 * INTERVAL)  # the history has rounds of everybody
            print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}; {options.targets} targets every {INTERVAL} s", flush=True)
            measure("http://%s:%d/" % running.LISTEN, options.loads)
        finally:
            daemon.end()


main()
