"""What the demo's tests look at from outside: processes, their namespaces, and conditions that come true."""

import os
import sys
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
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
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
        with open(f"/proc/{pid}/comm", encoding="utf-8") as comm:
            return comm.read().strip()
    except OSError:
        return ""


def wait_until(what, condition):
    """The first true value of `condition`."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    sys.exit(f"waited {DEADLINE} s in vain until {what}")


def need_root():
    if os.geteuid() == 0:
        return
    if os.environ.get("CI") or os.environ.get("WHYLINK_REQUIRE_NETNS"):
        sys.exit("needs root")
    print("needs root; skipped")
    sys.exit(77)
