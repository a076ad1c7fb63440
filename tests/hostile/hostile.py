#!/usr/bin/python3
"""usage: tests/hostile/hostile.py WHYLINK [NAME...] [--jobs N] [--once] [--list]

What a server, a resolver or a disk can cost the program as it ships. Each row (rows.py) runs the daemon beside one
hostile peer, in network namespaces of their own, and holds it to budgets: CPU time of a round, the longest computation
of the event loop, memory, descriptors, series, log lines. All of them are CPU time and counts, which a busy machine
does not change; what is measured by the clock is shown and held to nothing.

Rows run beside each other; those that a busy machine would disturb come last and alone."""

import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path[1:1] = [str(Path(__file__).resolve().parents[1] / folder) for folder in ("support", "bench")]
import engine  # noqa: E402
import running  # noqa: E402
from rows import ROWS  # noqa: E402

DEADLINE = 120  # seconds for one row, whatever happens


COPIES = 5  # of a target, where one takes more memory than the healthy row has


def run_here(row, program, at_rest, copies):
    """In a namespace of its own already; prints what came of it for the other process."""
    # Files are gone with the namespace, whatever ends it.
    subprocess.run(["mount", "-t", "tmpfs", "whylink-test", "/dev/shm"], check=True)
    run = engine.Run(row, tempfile.mkdtemp(dir="/dev/shm"), at_rest, copies)
    try:
        run.run(program)
    except (OSError, RuntimeError, TimeoutError, LookupError, ValueError, subprocess.SubprocessError) as fault:
        run.problems.append(f"{type(fault).__name__}: {fault}")
    print(json.dumps({"figures": run.figures, "problems": run.problems}))
    sys.stdout.flush()
    os._exit(0)  # servers are still at it


def run_elsewhere(row, program, at_rest=None, copies=1):
    argv = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
            sys.executable, "-B", __file__, program, "--here", row.name, "--copies", str(copies)]
    if at_rest is not None:
        argv += ["--at-rest", str(at_rest)]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=DEADLINE, check=False)
        return json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return {"figures": {}, "problems": [f"not over after {DEADLINE} s"]}
    except (IndexError, ValueError):
        return {"figures": {}, "problems": [f"no result: {done.stderr[-1500:]}"]}


def show(row, result, verdict):
    figures = ", ".join(f"{what} {value}" for what, value in result["figures"].items())
    print(f"{verdict}  {row.name}: {figures}", flush=True)
    for problem in result["problems"]:
        print(f"      {problem}", flush=True)


class Suite:
    def __init__(self, program, options):
        self._program, self._jobs, self._again = program, options.jobs, not options.once
        self._at_rest = {}  # memory, by kind
        self.failed = []

    def run(self, rows):
        """The healthy row of each kind comes first: others begin with its memory."""
        kinds = {row.kind() for row in rows}
        healthy = [row for row in ROWS if row.kind() in kinds and row.is_healthy()]
        for row, result in self._run_group(healthy, self._jobs):
            self._at_rest[row.kind()] = result["figures"].get("memory")
        others = [row for row in rows if row not in healthy]
        self._run_group([row for row in others if not row.alone], self._jobs)
        self._run_group([row for row in others if row.alone], 1)

    def _run_group(self, rows, jobs):
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            results = list(zip(rows, pool.map(self._run_and_show, rows)))
        again = self._again and jobs > 1
        return [(row, self._run_again(row) if again and result["problems"] else self._note(row, result))
                for row, result in results]

    def _run_and_show(self, row):
        result = run_elsewhere(row, self._program, self._at_rest.get(row.kind()))
        if any(problem.startswith("memory") for problem in result["problems"]):
            self._measure_each(row, result)
        show(row, result, "FAIL" if result["problems"] else "pass")
        return result

    def _measure_each(self, row, result):
        """The process has buffers of its own, which grow to what one computation needs: several targets tell what each
        holds."""
        more = run_elsewhere(row, self._program, None, COPIES)["figures"].get("memory")
        if more is None:
            return
        each = round((more - result["figures"]["memory"]) / (COPIES - 1), 2)
        result["figures"]["memory each"] = each
        if each <= row.memory:
            result["problems"] = [problem for problem in result["problems"] if not problem.startswith("memory")]

    def _run_again(self, row):
        """Alone: the kernel charges work for other rows' packets to whoever runs at the moment."""
        print("repeated alone:", flush=True)
        return self._note(row, self._run_and_show(row))

    def _note(self, row, result):
        self.failed += [row.name] if result["problems"] else []
        return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("whylink")
    parser.add_argument("names", nargs="*", help="rows whose name has one of these in it")
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--once", action="store_true", help="what fails is not run again alone")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--here")
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--at-rest", type=float)
    options = parser.parse_args()
    if options.list:
        print("\n".join(row.name for row in ROWS))
        return
    if options.here:
        run_here(next(row for row in ROWS if row.name == options.here), options.whylink, options.at_rest,
                 options.copies)
    rows = [row for row in ROWS if not options.names or any(name in row.name for name in options.names)]
    running.enter_own_namespaces()
    begun = time.monotonic()
    suite = Suite(options.whylink, options)
    suite.run(rows)
    print(f"hostile: {len(rows)} rows in {time.monotonic() - begun:.0f} s, "
          + (f"{len(suite.failed)} exceed a budget" if suite.failed else "each within its budget"), flush=True)
    sys.exit(1 if suite.failed else 0)


main()
