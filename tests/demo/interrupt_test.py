#!/usr/bin/python3
"""Interrupts the demo in the middle: no process, namespace, mount or file of it may be left.

usage: interrupt_test.py WHYLINK_DEMO SIGNAL
"""
import os
import signal
import subprocess
import sys
import tempfile
import time

DEADLINE = 60


def processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def namespaces_of(pid):
    found = set()
    for kind in ("net", "pid", "mnt"):
        try:
            found.add(os.readlink(f"/proc/{pid}/ns/{kind}"))
        except OSError:
            pass  # it has ended
    return found


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as children:
            return [int(child) for child in children.read().split()]
    except OSError:
        return []


def descendants_of(pid):
    found = []
    for child in children_of(pid):
        found += [child] + descendants_of(child)
    return found


def name_of(pid):
    try:
        with open(f"/proc/{pid}/comm") as comm:
            return comm.read().strip()
    except OSError:
        return ""


def wait_until(what, condition):
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.01)
    sys.exit(f"waited {DEADLINE} s in vain until {what}")


def main():
    program, number = sys.argv[1], getattr(signal, sys.argv[2])
    if os.geteuid() != 0:
        if os.environ.get("CI") or os.environ.get("WHYLINK_REQUIRE_NETNS"):
            sys.exit("needs root")
        print("needs root; skipped")
        sys.exit(77)
    own = namespaces_of(os.getpid())
    shared_memory = set(os.listdir("/dev/shm"))
    with tempfile.TemporaryDirectory() as temporary:
        demo = subprocess.Popen([program], stdout=subprocess.DEVNULL, env={**os.environ, "TMPDIR": temporary})
        wait_until("the demo runs whylink",
                   lambda: "whylink" in map(name_of, descendants_of(demo.pid)) or demo.poll() is not None)
        if demo.poll() is not None:
            sys.exit("the demo ended before it could be interrupted")
        inside = set().union(*(namespaces_of(pid) for pid in descendants_of(demo.pid))) - own
        if len(inside) < 3:
            sys.exit(f"the demo runs in no namespaces of its own: {inside}")
        demo.send_signal(number)
        status = demo.wait(DEADLINE)
        if status != -number:
            sys.exit(f"the demo ended with {status}, not by the signal")
        wait_until("nothing is left in the demo's namespaces",
                   lambda: not any(namespaces_of(pid) & inside for pid in processes()))
        left = os.listdir(temporary)
    left += sorted(name for name in set(os.listdir("/dev/shm")) - shared_memory if name.startswith(("whylink", "file-")))
    if left:
        sys.exit(f"files are left: {left}")


main()
