"""usage: kill_test.py WHYLINK [--kills N] [--endpoints N]: kills the daemon at random moments while it checks that many
endpoints a second and writes its history. What any reader has seen on the disk before is there afterwards, the file is whole,
and evidence is complete or absent."""

import argparse
import os
import random
import signal
import socket
import struct
import sys
import tempfile
import threading
import time

import host
import running

FLAPPING = 10
COUNTS = {"rounds": "SELECT ifnull(max(id), 0) FROM round", "changes": "SELECT count(*) FROM change",
          "outages": "SELECT count(*) FROM outage", "standings": "SELECT count(*) FROM target WHERE run_since IS NOT NULL"}

NAMED = "SELECT count(DISTINCT file) FROM outage_evidence"
RATE = "SELECT max(rounds) FROM (SELECT count(*) AS rounds FROM round GROUP BY at / 1000)"


class Accepting:
    """Accepts and closes, while it works."""

    def __init__(self, port=0):
        self._listener = socket.create_server(("127.0.0.1", port), backlog=4096)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                self._listener.accept()[0].close()
            except OSError:
                return

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class Flapping:
    """Comes and goes on one port."""

    def __init__(self):
        server = Accepting()
        self.port = server.port
        threading.Thread(target=self._run, args=(server,), daemon=True).start()

    def _run(self, server):
        while True:
            time.sleep(random.uniform(0.2, 1.5))
            server.close()
            time.sleep(random.uniform(0.2, 1.5))
            server = running.wait_until("the port is free", self._again)

    def _again(self):
        try:
            return Accepting(self.port)
        except OSError:
            return None


def is_whole_pcapng(content):
    """Blocks follow one another to the end, each with its length before and behind it."""
    at = 0
    while at < len(content):
        if at + 12 > len(content):
            return False
        length, = struct.unpack_from("<I", content, at + 4)
        if length < 12 or at + length > len(content) or struct.unpack_from("<I", content, at + length - 4)[0] != length:
            return False
        at += length
    return content[:4] == b"\x0a\x0d\x0d\x0a"


def evidence_in(folder):
    return [folder / name for name in os.listdir(folder) if name.endswith(".pcapng")] if folder.is_dir() else []


class Kills:
    def __init__(self, program, place):
        self._program, self._place = program, place
        self.problems = []
        self.seen = dict.fromkeys(COUNTS, 0)
        self.evidence = set()

    def counts(self):
        return {what: self._place.number(query) for what, query in COUNTS.items()}

    def one(self, number):
        daemon = host.running.start_daemon(self._program, str(self._place.config), str(self._place.log))
        if not self.seen["rounds"]:
            # The first one not before there is something to lose, however slow the machine is.
            running.wait_until("rounds are written", self.written)
        end = time.monotonic() + random.uniform(0.1, 2.5)
        while time.monotonic() < end:
            if (self._place.state / "history.db").exists():
                self.seen = self.counts_or(self.seen)
            time.sleep(random.uniform(0, 0.2))
        status = daemon.end(signal.SIGKILL)
        if status != -signal.SIGKILL:
            self.problems.append(f"kill {number}: it ended with {status} by itself: {daemon.log()[-2000:]}")
        self.look(number)

    def written(self):
        return (self._place.state / "history.db").exists() and self.counts_or(self.seen)["rounds"] > 0

    def counts_or(self, before):
        try:
            return self.counts()
        except host.sqlite3.OperationalError:  # the file has no tables yet
            return before

    def look(self, number):
        # A reader that may write recovers the journal, as the next start does.
        connection = host.sqlite3.connect(self._place.state / "history.db")
        whole = connection.execute("PRAGMA integrity_check").fetchone()[0]
        connection.close()
        if whole != "ok":
            self.problems.append(f"kill {number}: {whole}")
        now = self.counts_or(dict.fromkeys(COUNTS, 0))
        lost = {what: (count, now[what]) for what, count in self.seen.items() if now[what] < count}
        if lost:
            self.problems.append(f"kill {number}: seen before, and less of it afterwards: {lost}")
        aside = [name for name in os.listdir(self._place.state) if name.startswith(("history.db.corrupt", "history.db.newer"))]
        if aside:
            self.problems.append(f"kill {number}: set aside: {aside}")
        self.look_at_evidence(number)

    def look_at_evidence(self, number):
        """What was there stays, and is whole."""
        files = evidence_in(self._place.state / "evidence")
        damaged = [file.name for file in files if not is_whole_pcapng(file.read_bytes())]
        if damaged:
            self.problems.append(f"kill {number}: damaged evidence: {damaged}")
        lost = self.evidence - set(files)
        if lost:
            self.problems.append(f"kill {number}: evidence is gone: {lost}")
        self.evidence.update(files)


def main():
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("program")
    options.add_argument("--kills", type=int, default=5)
    options.add_argument("--endpoints", type=int, default=200)
    given = options.parse_args()
    running.enter_own_namespaces()
    seed = random.randrange(1 << 32)
    random.seed(seed)
    steady, flapping = Accepting(), Flapping()
    with tempfile.TemporaryDirectory() as folder:
        place = host.Place(folder)
        place.configure(*(host.endpoint(f"steady-{i}", steady.port) for i in range(given.endpoints)),
                        *(host.endpoint(f"flapping-{i}", flapping.port) for i in range(FLAPPING)))
        kills = Kills(given.program, place)
        for number in range(given.kills):
            kills.one(number)
        print(f"seed {seed}, {given.kills} kills, on the disk at the end: {kills.counts()}, at most {place.number(RATE)} "
              f"rounds in a second, {len(kills.evidence)} evidence files, {place.number(NAMED)} of them named by outages")
        if not all(kills.seen.values()):
            kills.problems.append(f"the kills came before anything was written: {kills.seen}")
        if not kills.evidence:
            kills.problems.append("no packets were kept")
        print("\n".join(kills.problems))
        return 1 if kills.problems else 0


if __name__ == "__main__":
    sys.exit(main())
