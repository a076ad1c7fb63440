"""What the daemon takes of the machine, sampled, and whether it grows."""

import statistics
import threading
import time

import running

PERIOD = 1  # seconds
STARTING = 10  # seconds until samples count
# Share of and beyond the second quarter that the last may take; soak.py argues them.
LONG_TOLERANCE = (0.03, 2048)  # kB
SHORT_TOLERANCE = (0.10, 4096)
FEWEST = 20  # samples, below which quarters say nothing


class Samples:
    """Takes them in a thread of its own while it is entered: pages may be slow to come, and time goes on."""

    def __init__(self, daemon):
        self._daemon = daemon
        self._taken = []
        self._rest = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._take)

    def __enter__(self):
        self._thread.start()

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _take(self):
        pause = STARTING
        while not self._stop.wait(pause) and self._daemon.running():
            try:
                self._taken.append(self._now())
            except OSError:
                return  # it has ended, which soak.py notices
            pause = PERIOD

    def _now(self):
        status = self._daemon.status()
        return {"VmRSS": status["VmRSS"], "files": self._daemon.open_files(), "threads": status["Threads"]}

    def _at_rest(self):
        now = self._now()
        return {"files": now["files"], "threads": now["threads"]}

    def at_rest_before(self):
        """What ten looks in a row agree upon: at first a connection that asked whether the daemon listens may be open,
        or what the daemon opens in its first second may not be open yet."""
        looks = []

        def agree():
            looks.append(self._at_rest())
            return len(looks) >= 10 and all(look == looks[-1] for look in looks[-10:])

        running.wait_until("it is at rest", agree, pause=0.1)
        self._rest = looks[-1]

    def at_rest_after(self):
        try:
            running.wait_until("it is at rest again", lambda: self._at_rest() == self._rest)
            print(f"  at rest before and after: {self._rest}", flush=True)
            return []
        except TimeoutError:
            return [f"at rest it had {self._rest} at the start, and has {self._at_rest()} at the end"]

    def _quarter(self, number, key):
        size = len(self._taken) // 4
        return [sample[key] for sample in self._taken[size * (number - 1):size * number]]

    def memory(self, held, long):
        if len(self._taken) < FEWEST:
            return [f"{len(self._taken)} samples are too few to judge by"]
        before, after = (statistics.median(self._quarter(number, "VmRSS")) for number in (2, 4))
        share, beyond = LONG_TOLERANCE if long else SHORT_TOLERANCE
        allowed = before * (1 + share) + beyond
        print(f"  memory: median {before:.0f} kB in the second quarter, {after:.0f} kB in the last, allowed {allowed:.0f} kB"
              + ("" if held else " (not held to it: instrumented)"), flush=True)
        return [f"memory grows from {before:.0f} to {after:.0f} kB"] if held and after > allowed else []

    def summary(self):
        if len(self._taken) < FEWEST:
            return "too few samples"
        lines = [f"{len(self._taken)} samples; least, median, most by quarter:"]
        for key in ("VmRSS", "files", "threads"):
            parts = [self._quarter(number, key) for number in (1, 2, 3, 4)]
            lines.append(f"    {key:<8}" + "".join(f"{min(part):>9}{statistics.median(part):>9.0f}{max(part):>9}  |"
                                                    for part in parts).rstrip(" |"))
        return "\n".join(lines)
