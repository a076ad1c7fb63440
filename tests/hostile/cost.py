"""What a process takes of the machine, by proc(5): CPU time of its threads in nanoseconds, memory, descriptors.

The longest computation of the event loop is found without a clock on the wall: a loop that has nothing to do sleeps,
and each sleep is a voluntary switch of the thread. CPU time that grows while the count of these stays is one
computation, or several without a pause. A machine that is busy with something else makes it no longer."""

import multiprocessing
import os
import time

PERIOD = 0.004  # seconds between two samples; the kernel brings its numbers up to date about as often


def _read(path):
    with open(path, encoding="ascii", errors="replace") as file:
        return file.read()


def cpu_seconds(pid):
    """Of all threads; those that have ended are left out."""
    used = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            used += _on_cpu(pid, thread)
        except OSError:
            pass  # it has ended just now
    return used


def _on_cpu(pid, thread):
    """Seconds (schedstat, Documentation/scheduler/sched-stats.rst)."""
    return int(_read(f"/proc/{pid}/task/{thread}/schedstat").split()[0]) / 1e9


def _number(text, key):
    at = text.index(key) + len(key)
    return int(text[at:text.index("\n", at)].split()[0])


class LoopWatch:
    """The longest computation of the event loop, which is the first thread, and the most memory of the process's own
    meanwhile, without the pages of its program and libraries."""

    def __init__(self, pid):
        self._result, child = multiprocessing.Pipe(duplex=False)
        self._stop = multiprocessing.Event()
        self._process = multiprocessing.Process(target=_watch, args=(pid, self._stop, child), daemon=True)
        self._process.start()

    def end(self):
        """Seconds, and KiB."""
        self._stop.set()
        result = self._result.recv()
        self._process.join()
        return result


def _watch(pid, stop, result):
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except OSError:
        pass  # it samples less often on a busy machine, then
    longest = max_memory = 0
    switches = began = used = None
    while not stop.is_set():
        try:
            status = _read(f"/proc/{pid}/status")
            now, before = _number(status, "\nvoluntary_ctxt_switches:"), switches
            max_memory = max(max_memory, _number(status, "RssAnon:"))
            if now == before:
                # It has not slept since, so what was read then is of the same computation.
                longest = max(longest, used - began)
            switches, used = now, _on_cpu(pid, pid)
            began = began if now == before else used
        except (OSError, ValueError):
            break  # it has ended
        time.sleep(PERIOD)
    result.send((longest, max_memory))
