#!/usr/bin/python3 -B
"""Records what whylink says, to prove that a change of its code changes nothing: recorded before the first change and
after the last, the documents must be identical.

usage: record.py BUILD_DIR OUT_DIR [--cases] [--cli] [--daemon] [--tables] [--takes N]

  --cases   the report of every recorded case in every format, the report and the metrics page of made-up targets
  --cli     help, explanations, profiles, and what is said of good and bad configurations and of command lines
  --daemon  log, pages, metrics and evidence files of a scripted run of the daemon; needs root
  --tables  the report of every row of the kernel tables, by the tables' own programs; needs root
  --takes   how many takes of the last two are added to those that are there, 3 without it

Without any of them all parts are recorded. BUILD_DIR is of the preset `dev` and must be built; the inputs are those of
the tree that this program is in. OUT_DIR/raw gets the documents as they came; compare.py compares them after times,
ephemeral ports, random names and costs have been replaced by words, as masks.py has it."""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

import cli
import daemon
from documents import Recording


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=False, stdin=subprocess.DEVNULL, **options)


def must(*command, **options):
    done = run(*command, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}")
    return done


def record_cases(build, recording):
    must(build / "tests/same/whylink-case-reports", recording.begin("cases"))
    made_up = recording.begin("made-up")
    for name, command in (("report.json", ["tests/cli/whylink-full-report"]),
                          ("metrics.txt", ["tests/metrics/whylink-metrics-page", "prometheus"]),
                          ("metrics.openmetrics", ["tests/metrics/whylink-metrics-page", "openmetrics"])):
        with open(made_up / name, "wb") as file:
            must(build / command[0], *command[1:], stdout=file)


def record_tables(build, recording):
    """One program after the other: each row has time limits, and the machine only so many cores."""
    take = recording.begin_take("tables")
    for table in ("netns", "applications", "confounders", "walkthrough"):
        directory = take / table
        directory.mkdir()
        log = recording.out / f"{table}.log"
        environment = {**os.environ, "WHYLINK_KEEP_REPORTS": str(directory.resolve()), "WHYLINK_REQUIRE_NETNS": "1"}
        with open(log, "wb") as file:
            done = run(build / f"tests/{table}/whylink_{table}_tests", "--gtest_brief=1", stdout=file,
                       stderr=subprocess.STDOUT, env=environment)
        if done.returncode != 0:
            print(f"{table}: the test itself ended with {done.returncode}; see {log}", flush=True)


# In the first two there is no chance.
PARTS = {"cases": record_cases, "cli": cli.record}
PARTS_IN_TAKES = {"daemon": daemon.record, "tables": record_tables}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path, metavar="BUILD_DIR")
    parser.add_argument("out", type=Path, metavar="OUT_DIR")
    parser.add_argument("--takes", type=int, default=3)
    for part in (*PARTS, *PARTS_IN_TAKES):
        parser.add_argument(f"--{part}", dest="parts", action="append_const", const=part)
    arguments = parser.parse_args()
    recording = Recording(arguments.out)
    wanted = arguments.parts or [*PARTS, *PARTS_IN_TAKES]
    steps = [(part, PARTS[part]) for part in PARTS if part in wanted]
    for _ in range(arguments.takes):
        steps += [(part, PARTS_IN_TAKES[part]) for part in PARTS_IN_TAKES if part in wanted]
    for part, record in steps:
        begun = time.monotonic()
        record(arguments.build.resolve(), recording)
        print(f"{part}: {time.monotonic() - begun:.0f} s", flush=True)
    print(f"{len(recording.names())} documents in {recording.raw}")


if __name__ == "__main__":
    main()
