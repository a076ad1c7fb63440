#!/usr/bin/python3
"""usage: tests/soak/soak.py WHYLINK [--minutes N]

The daemon under everything at once, in a network namespace of its own: some 200 targets, healthy and broken in many
ways, each every second; pages fetched in both formats all the time; good and bad reloads every few seconds; links that
break and are mended. Fails when anything is left behind.

What is held to:
- Descriptors and threads: with no target configured the daemon has exactly as many at the end as it had at the start.
  (While rounds run their number goes up and down with the time-outs that are under way; one that leaks at each reload
  would hide in that.)
- Memory: the medians of the second and of the last quarter of the time. At 200 rounds a
  second a leak of 100 bytes a round is 1.2 MB a minute, and half of the run lies between the two. From ten minutes on
  the last may be 3 % and 2 MB above the second: 6 MB would be. In a shorter run the heap still settles, as the largest
  pages and the rarer rounds come by for the first time: 10 % and 4 MB, which only coarse leaks exceed.
  Sanitizers keep freed memory back, so the rule does not hold for instrumented programs.
- No defect in the log, nothing from a sanitizer, each page whole, each reload judged as it should be, each link's state
  noticed, and exit status 0 at SIGTERM in the middle of it all."""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path[1:1] = [str(Path(__file__).resolve().parents[1] / folder) for folder in ("support", "cli")]
import running  # noqa: E402
from faults import Faults  # noqa: E402
from pages import Readers  # noqa: E402
from reloads import Reloads  # noqa: E402
from samples import Samples  # noqa: E402
from targets import Targets  # noqa: E402

LONG_RUN = 10  # minutes


def open_history(daemon):
    """The first status page has the daemon open its history a second time, for reading, and keep it open."""
    def times_open():
        links = Path(f"/proc/{daemon.pid}/fd").iterdir()
        return sum(name == "history.db" for name in (os.path.basename(os.path.realpath(link)) for link in links))

    running.wait_until("the history is open", lambda: times_open() == 1)
    running.Page("/")
    running.wait_until("the history is read", lambda: times_open() == 2)


def soak(whylink, directory, minutes):
    targets = Targets(directory)
    config = Path(directory, "whylink.toml")
    config.write_text(targets.config(), encoding="utf-8")
    daemon = running.start_daemon(whylink, config, Path(directory, "log"))
    problems = []
    try:
        reloads = Reloads(daemon, config, targets)
        samples = Samples(daemon)
        open_history(daemon)
        samples.at_rest_before()
        live(daemon, (reloads, samples, Readers(), Faults(targets)), minutes, problems)
        reloads.watch_nothing()
        problems += samples.at_rest_after()
        problems += samples.memory(held=not running.instrumented(whylink), long=minutes >= LONG_RUN)
        reloads.watch_everything()
        problems += end(daemon)
    except (TimeoutError, RuntimeError, OSError) as fault:
        problems.append(str(fault))
    finally:
        if daemon.running():
            daemon.end(9)
    return problems + faults_in(daemon.log())


def live(daemon, parts, minutes, problems):
    """Everything at once, each part in steps of its own, on one thread but for the readers."""
    reloads, samples, readers, faults = parts
    reloads.watch_everything()
    with readers, samples:
        begun = time.monotonic()
        while (passed := time.monotonic() - begun) < 60 * minutes:
            if not daemon.running():
                raise RuntimeError("the daemon has ended by itself")
            reloads.step(passed)
            faults.step(passed)
            time.sleep(0.2)
    problems += readers.problems() + reloads.problems() + faults.problems()
    print(f"  {readers.summary()}\n  {reloads.summary()}\n  {faults.summary()}\n  {samples.summary()}", flush=True)


def end(daemon):
    status = daemon.end()
    return [] if status == 0 else [f"exit status {status} at SIGTERM"]


def is_sound(line):
    """A record, and of no defect; a sanitizer's report is no record."""
    try:
        return json.loads(line)["event"] != "defect"
    except (ValueError, KeyError):
        return False


def faults_in(log):
    lines = log.splitlines()
    bad = [number for number, line in enumerate(lines) if not is_sound(line)]
    if not lines:
        return ["nothing was logged"]
    return [f"{len(bad)} lines of the log tell of a defect:", *lines[bad[0]:bad[0] + 60]] if bad else []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("whylink")
    parser.add_argument("--minutes", type=float, default=60)
    options = parser.parse_args()
    running.enter_own_namespaces()
    with tempfile.TemporaryDirectory() as directory:
        print(f"soak: {options.minutes:g} minutes", flush=True)
        problems = soak(options.whylink, directory, options.minutes)
    for problem in problems:
        print(f"  FAIL {problem}", flush=True)
    print("soak: failed" if problems else "soak: nothing is left behind", flush=True)
    sys.exit(1 if problems else 0)


main()
