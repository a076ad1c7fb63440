#!/usr/bin/python3
"""Interrupts the demo in the middle: no process, namespace, mount or file of it may be left.

usage: interrupt_test.py WHYLINK_DEMO SIGNAL [ARGUMENT...]
"""
import os
import signal
import subprocess
import sys
import tempfile

from lab_watch import DEADLINE, descendants_of, name_of, namespaces_of, need_root, processes, wait_until


def main():
    program, number, arguments = sys.argv[1], getattr(signal, sys.argv[2]), sys.argv[3:]
    need_root()
    own = namespaces_of(os.getpid())
    shared_memory = set(os.listdir("/dev/shm"))
    with tempfile.TemporaryDirectory() as temporary:
        demo = subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                env={**os.environ, "TMPDIR": temporary})
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
