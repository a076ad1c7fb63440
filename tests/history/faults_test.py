"""usage: faults_test.py WHYLINK [BACK_A_DAY]: a disk that is full or read-only, a damaged file, and a clock that goes back a
day. No round is missed, one line says it, and the metric is 0 for as long as it lasts. BACK_A_DAY is the library that moves
the clock (back_a_day.cpp)."""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

import host
import running
import servers

WHYLINK = sys.argv[1] if len(sys.argv) > 1 else ""
BACK_A_DAY = sys.argv[2] if len(sys.argv) > 2 else ""
TARGETS = 20


class Faults(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.place = host.Place(self.enterContext(tempfile.TemporaryDirectory()))
        # The log is no part of what is wrong.
        self.place.log = self.place.folder / "log"
        server = servers.Silent()
        self.addCleanup(server.close)
        self.place.configure(*(host.endpoint(f"t{i}", server.port) for i in range(TARGETS)))

    def mount(self, options):
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "whylink-test", self.place.state], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.place.state], check=True)

    def start(self, **changes):
        before = {key: os.environ.get(key) for key in changes}
        os.environ.update(STATE_DIRECTORY=str(self.place.state), **changes)
        try:
            daemon = self.place.start(WHYLINK)
        finally:
            for key, value in before.items():
                os.environ.pop(key) if value is None else os.environ.update({key: value})
        self.addCleanup(lambda: daemon.running() and daemon.end())
        return daemon

    def some_rounds(self, of_each=12):
        """Batches of rounds go to the disk every 10 s."""
        begun = host.metric("whylink_rounds_total")
        running.wait_until("rounds end", lambda: host.metric("whylink_rounds_total") >= begun + of_each * TARGETS)

    def no_round_was_missed(self):
        self.assertEqual(host.metric("whylink_scheduler_missed_rounds_total"), 0)
        self.assertTrue(all(entry["healthy"] for entry in host.report().values()))

    def test_a_full_disk(self):
        self.mount("size=1m")
        with open(self.place.state / "somebody else's", "wb", buffering=0) as file, self.assertRaises(OSError):
            while True:
                file.write(bytes(4096))
        self.start()
        self.some_rounds()
        self.assertEqual(host.metric("whylink_history_up"), 0)
        self.assertEqual(len(self.place.complaints()), 1, self.place.complaints())
        self.no_round_was_missed()

    def fill(self, rounds):
        """With so many rounds of the last day, of the targets that it has."""
        connection = sqlite3.connect(self.place.state / "history.db")
        now = int(time.time() * 1000)
        targets = [row[0] for row in connection.execute("SELECT id FROM target")]
        cause = connection.execute("SELECT id FROM word").fetchone()[0]
        connection.executemany("INSERT INTO round (at, target, passed, cause, took) VALUES (?, ?, 1, ?, 1000)",
                               ((now - 86_000_000 + 86_000_000 * i // rounds, targets[i % len(targets)], cause)
                                for i in range(rounds)))
        connection.commit()
        connection.close()

    def test_a_large_file_is_read_where_there_is_no_place_for_temporary_files(self):
        self.mount("size=200m")
        self.place.log = self.place.state / "log"
        self.assertEqual(self.start().end(), 0)
        self.fill(500_000)
        # SQLite looks for a folder in all of them, and at last in the current one.
        for folder in filter(os.path.ismount, ("/", "/tmp", "/var/tmp")):
            subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
            self.addCleanup(subprocess.run, ["mount", "-o", "remount,bind,rw", folder], check=True)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir("/")
        self.start()
        history = running.Page("/api/v1/history?since=7d")
        self.assertEqual(history.status, 200, history.body[:300])
        self.assertEqual({target["availability"] for target in json.loads(history.body)["targets"]}, {1})
        self.assertEqual(self.place.complaints(), [])
        page = running.Page("/?name=t1", Accept="text/html")
        self.assertEqual(page.status, 200)

    def test_a_read_only_disk(self):
        self.mount("ro")
        self.start()
        self.some_rounds()
        self.assertEqual(host.metric("whylink_history_up"), 0)
        self.assertEqual(len(self.place.complaints()), 1, self.place.complaints())
        self.no_round_was_missed()

    def test_a_disk_that_has_room_again_gets_what_waited(self):
        self.mount("ro")
        self.start()
        self.some_rounds(3)
        subprocess.run(["mount", "-o", "remount,rw", self.place.state], check=True)
        # It is tried again every 30 s.
        running.wait_until("the history is written", lambda: host.metric("whylink_history_up") == 1, deadline=120)
        self.assertGreaterEqual(self.place.number("SELECT count(*) FROM round"), 3 * TARGETS)
        self.no_round_was_missed()

    def test_a_damaged_file_is_set_aside(self):
        damaged = b"no database at all\n" * 1000
        (self.place.state / "history.db").write_bytes(damaged)
        self.start()
        running.wait_until("the new file has rounds", lambda: self.place.number("SELECT count(*) FROM round"))
        aside = [name for name in os.listdir(self.place.state) if name.startswith("history.db.corrupt-")]
        self.assertEqual(len(aside), 1)
        self.assertEqual((self.place.state / aside[0]).read_bytes(), damaged)
        self.assertEqual(len(self.place.complaints()), 1, self.place.complaints())
        self.assertEqual(host.metric("whylink_history_up"), 1)
        self.no_round_was_missed()

    @unittest.skipUnless(BACK_A_DAY, "needs the library that moves the clock")
    def test_a_clock_that_goes_back_a_day(self):
        offset = self.place.folder / "offset"
        offset.write_text("0", encoding="ascii")
        daemon = self.start(LD_PRELOAD=BACK_A_DAY, WHYLINK_TEST_OFFSET=str(offset),
                            ASAN_OPTIONS="verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", ""))
        running.wait_until("rounds are on the disk", lambda: self.written())
        before = self.place.number("SELECT max(id) FROM round")
        offset.write_text("-86400", encoding="ascii")
        self.some_rounds()
        self.no_round_was_missed()
        running.wait_until("rounds are written again", lambda: self.place.number("SELECT max(id) FROM round") > before)
        self.assertEqual(self.place.complaints(), [])
        changes = running.wait_until("the step is known", lambda: self.place.read("SELECT after FROM change WHERE what = 'clock'"))
        self.assertEqual(len(changes), 1)
        self.assertRegex(changes[0][0], r"^-8(6399|6400|6401) s$")
        self.assertEqual(daemon.end(), 0, daemon.log())
        connection = sqlite3.connect(self.place.state / "history.db")
        self.assertEqual(connection.execute("PRAGMA integrity_check").fetchone()[0], "ok")
        connection.close()

    def written(self):
        try:
            return self.place.number("SELECT count(*) FROM round")
        except sqlite3.OperationalError:
            return 0


if __name__ == "__main__":
    running.enter_own_namespaces()
    unittest.main(argv=sys.argv[:1])
