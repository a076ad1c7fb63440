"""Inside a booted Debian: whether the installed service does what docs/guides/service.md says. Started by `boot`."""

import json
import os
import re
import signal
import subprocess
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

import repacked

DEADLINE = 60
CONFIG = Path("/etc/whylink/whylink.toml")
DROP_INS = Path("/etc/systemd/system/whylink.service.d")
SHIPPED_DROP_INS = Path("/usr/share/doc/whylink/drop-ins")
EVIDENCE = Path("/var/lib/whylink/evidence")
URL = "http://127.0.0.1:9797"
# There where the package was installed.
PACKAGE = Path("/whylink.deb")
READER_PACKAGE = Path("/whylink-control.deb")
SECRET = Path("/etc/whylink-control/clickhouse-key")
READER_DROP_INS = Path("/etc/systemd/system/whylink-control.service.d")
NEWER = Path("/newer.deb")
# Bits of capabilities(7).
CAP_NET_BIND_SERVICE = 1 << 10
CAP_NET_RAW = 1 << 13
# The first block's type (draft-ietf-opsawg-pcapng).
PCAPNG = b"\x0a\x0d\x0d\x0a"

# The daemon's own HTTP port is what works, port 1 what does not.
BASE = """
[daemon]
listen = "127.0.0.1:9797"
[defaults]
interval = "1s"
timeout = "1s"
[[endpoint]]
name = "works"
host = "127.0.0.1"
port = 9797
tls = false
[[endpoint]]
name = "refused"
host = "127.0.0.1"
port = 1
tls = false
"""
WITH_KEY = """
[[endpoint]]
name = "with-key"
host = "127.0.0.1"
port = 1
tls = { cert_file = "/etc/whylink/keys/client.pem", key_file = "/etc/whylink/keys/client.key" }
"""
WITH_MARK = """
[[endpoint]]
name = "marked"
host = "127.0.0.1"
port = 9797
tls = false
mark = 7
"""
# docs/guides/accounts.md. The endpoint is one that the account fits.
WITH_ACCOUNT = """
[[account]]
name = "clickhouse"
provider = "clickhouse"
key_id = "abcdefghijklmnopqrst"
key_secret_file = "clickhouse-key"
[[endpoint]]
name = "in-the-cloud"
host = "127.0.0.1"
port = 1
profile = "clickhouse-azure"
"""
LOAD_SECRET = f"[Service]\nLoadCredential=clickhouse-key:{SECRET}\n"


def run(*command):
    return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=DEADLINE,
                          stdin=subprocess.DEVNULL, check=False)


def systemctl(*arguments):
    return run("systemctl", *arguments)


def shown(name, unit="whylink"):
    return systemctl("show", "--value", "--property", name, unit).stdout.strip()


def get(path, url=URL):
    try:
        with urllib.request.urlopen(url + path, timeout=DEADLINE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def cause_of(name, url=URL):
    endpoints = json.loads(get("/api/v1/report", url)[1])["endpoints"]
    return next((each["diagnosis"]["cause"] for each in endpoints if each["name"] == name), None)


def reads_of(name):
    """What accounts said of it, as far as something was asked."""
    endpoints = json.loads(get("/api/v1/report")[1])["endpoints"]
    return next(each.get("control", []) for each in endpoints if each["name"] == name)


def since_of(name):
    endpoints = json.loads(get("/api/v1/report")[1])["endpoints"]
    return next(each["health_since"] for each in endpoints if each["name"] == name)


class Service(unittest.TestCase):
    def setUp(self):
        systemctl("stop", "whylink", "whylink-control.service")
        systemctl("reset-failed", "whylink")
        for drop_in in DROP_INS.glob("*.conf"):
            drop_in.unlink()
        for file in EVIDENCE.glob("*"):
            file.unlink()
        systemctl("daemon-reload")
        CONFIG.write_text(BASE)
        self.begin = time.time()

    def start(self):
        done = systemctl("start", "whylink")
        self.assertEqual(done.returncode, 0, done.stdout + run("journalctl", "-u", "whylink", "-n", "30").stdout)

    def add_drop_in(self, name, text):
        DROP_INS.mkdir(exist_ok=True)
        (DROP_INS / name).write_text(text)
        self.assertEqual(systemctl("daemon-reload").returncode, 0)

    def add_shipped_drop_in(self, name):
        self.add_drop_in(name, (SHIPPED_DROP_INS / name).read_text())

    def journal(self, *arguments):
        """Of this test: message and priority of each line."""
        text = run("journalctl", "-u", "whylink", "-o", "json", f"--since=@{self.begin:.6f}", *arguments).stdout
        entries = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        return [(entry["MESSAGE"], int(entry["PRIORITY"])) for entry in entries if entry.get("_COMM") == "whylink"]

    def wait_until(self, what, condition):
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            value = condition()
            if value:
                return value
            time.sleep(0.05)
        self.fail(f"waited {DEADLINE} s in vain until {what}; status is {shown('StatusText')!r}, the journal has\n" +
                  run("journalctl", "-u", "whylink", f"--since=@{self.begin:.6f}").stdout)

    def status_is(self, begin):
        self.wait_until(f"the status is {begin!r}", lambda: shown("StatusText").startswith(begin))

    # ---- start and stop ----

    def test_started_means_that_it_answers(self):
        self.start()
        self.assertEqual((shown("ActiveState"), shown("SubState")), ("active", "running"))
        self.assertEqual(get("/-/healthy")[0], 200)
        self.wait_until("it is ready", lambda: get("/-/ready")[0] == 200)

    def test_the_status_line_counts(self):
        self.start()
        self.status_is("1 of 2 healthy")

    def test_it_stops_at_once_and_cleanly(self):
        self.start()
        self.status_is("1 of 2 healthy")
        self.assertEqual(systemctl("stop", "whylink").returncode, 0)
        self.assertEqual((shown("Result"), shown("ExecMainStatus")), ("success", "0"))
        took = int(shown("InactiveEnterTimestampMonotonic")) - int(shown("ActiveExitTimestampMonotonic"))
        self.assertLess(took, 1_000_000)

    def test_an_error_in_the_configuration_is_not_tried_again(self):
        CONFIG.write_text(BASE + "surprise = 1\n")
        self.assertNotEqual(systemctl("start", "whylink").returncode, 0)
        self.assertEqual((shown("ActiveState"), shown("SubState"), shown("ExecMainStatus"), shown("NRestarts")),
                         ("failed", "failed", "2", "0"))
        self.wait_until("the journal has the error",
                        lambda: [text for text, _ in self.journal("-p", "err") if "surprise" in text])

    def test_what_this_machine_cannot_do_is_not_tried_again(self):
        self.add_shipped_drop_in("capture-off.conf")
        CONFIG.write_text(BASE + "[capture]\nenabled = true\n")
        self.assertNotEqual(systemctl("start", "whylink").returncode, 0)
        self.assertEqual((shown("SubState"), shown("ExecMainStatus"), shown("NRestarts")), ("failed", "3", "0"))

    # ---- reload ----

    def test_a_reload_takes_effect(self):
        self.start()
        before = shown("MainPID")
        CONFIG.write_text(BASE + WITH_KEY)
        done = systemctl("reload", "whylink")
        self.assertEqual(done.returncode, 0, run("journalctl", "-u", "whylink", "-n", "30").stdout)
        self.status_is("1 of 3 healthy")
        self.assertEqual(shown("MainPID"), before)
        # The key was read: what failed is the connection.
        self.wait_until("the endpoint with a key is judged", lambda: cause_of("with-key") == "connection_refused")

    def test_a_reload_with_errors_fails_and_changes_nothing(self):
        self.start()
        self.status_is("1 of 2 healthy")
        before = shown("MainPID")
        CONFIG.write_text(BASE + "surprise = 1\n")
        self.assertNotEqual(systemctl("reload", "whylink").returncode, 0)
        self.status_is("1 of 2 healthy")
        self.assertEqual((shown("MainPID"), shown("ActiveState")), (before, "active"))
        self.wait_until("the metrics have it",
                        lambda: "\nwhylink_config_last_reload_successful 0\n" in get("/metrics")[1])
        self.wait_until("the journal has it as an error",
                        lambda: [text for text, _ in self.journal("-p", "err") if "surprise" in text])

    # ---- logs ----

    def test_each_line_has_its_priority(self):
        self.start()
        self.wait_until("the broken endpoint is told",
                        lambda: [text for text, _ in self.journal("-p", "warning") if "refused" in text])
        lines = self.journal()
        self.assertIn(6, [priority for _, priority in lines], lines)
        self.assertFalse([text for text, _ in lines if text.startswith("<")], lines)
        self.assertFalse([text for text, _ in self.journal("-p", "warning") if " started: " in text])

    # ---- watchdog ----

    def test_a_daemon_that_hangs_is_replaced(self):
        self.add_drop_in("watchdog.conf", "[Service]\nWatchdogSec=2\nRestartSec=100ms\n")
        self.start()
        before = int(shown("MainPID"))
        os.kill(before, signal.SIGSTOP)
        self.wait_until("another one runs",
                        lambda: shown("NRestarts") == "1" and shown("SubState") == "running")
        self.assertNotEqual(int(shown("MainPID")), before)
        self.status_is("1 of 2 healthy")

    def test_a_daemon_that_works_is_left_alone(self):
        self.add_drop_in("watchdog.conf", "[Service]\nWatchdogSec=1\n")
        self.start()
        began = time.monotonic()
        # Two time-outs' worth of rounds: the daemon that does not feed the watchdog is dead by then.
        self.wait_until("some rounds are over", lambda: time.monotonic() - began > 3 and cause_of("works"))
        self.assertEqual((shown("NRestarts"), shown("SubState")), ("0", "running"))

    def test_a_daemon_that_is_killed_is_replaced(self):
        self.add_drop_in("restart.conf", "[Service]\nRestartSec=100ms\n")
        self.start()
        self.status_is("1 of 2 healthy")
        before = int(shown("MainPID"))
        os.kill(before, signal.SIGKILL)
        self.wait_until("another one runs",
                        lambda: shown("NRestarts") == "1" and shown("SubState") == "running")
        self.assertNotEqual(int(shown("MainPID")), before)
        self.status_is("1 of 2 healthy")

    # ---- upgrade ----

    @unittest.skipUnless(PACKAGE.exists(), "whylink was not installed from a package")
    def test_it_runs_on_during_an_upgrade(self):
        self.addCleanup(run, "dpkg", "-i", str(PACKAGE))
        repacked.repack(PACKAGE, "99.0", NEWER)
        self.start()
        self.status_is("1 of 2 healthy")
        before, since = shown("MainPID"), since_of("refused")
        done = run("dpkg", "--unpack", str(NEWER))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual((shown("MainPID"), get("/-/healthy")[0]), (before, 200))
        done = run("dpkg", "--force-confold", "--configure", "whylink")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.wait_until("another one runs", lambda: shown("MainPID") not in ("0", before))
        self.status_is("1 of 2 healthy")
        self.assertEqual(CONFIG.read_text(), BASE)
        # The history says since when, and has the second of it at least.
        self.assertEqual(since_of("refused")[:19], since[:19])

    # ---- the reader of accounts ----

    def read_accounts(self):
        SECRET.write_text("a secret of this test\n")
        SECRET.chmod(0o600)
        READER_DROP_INS.mkdir(exist_ok=True)
        (READER_DROP_INS / "secret.conf").write_text(LOAD_SECRET)
        systemctl("daemon-reload")
        CONFIG.write_text(BASE + WITH_ACCOUNT)

    def reader_runs(self):
        return shown("ActiveState", "whylink-control.service") == "active"

    def test_the_first_question_starts_the_reader(self):
        self.read_accounts()
        self.assertEqual(shown("ActiveState", "whylink-control.socket"), "active")
        self.assertFalse(self.reader_runs())
        self.start()
        self.wait_until("the reader runs", self.reader_runs)
        self.assertEqual(set(self.capabilities("whylink-control").values()), {0})
        reads = self.wait_until("the account was asked", lambda: reads_of("in-the-cloud"))
        # It read its secret, and from here nothing can be reached.
        self.assertEqual({read["result"] for read in reads}, {"unreachable"}, reads)
        self.assertNotEqual({read["read"] for read in reads}, {"account"}, reads)

    def test_secrets_of_accounts_are_not_for_the_daemon(self):
        self.read_accounts()
        SECRET.chmod(0o644)
        for user, status in (("whylink", 1), ("whylink-control", 0)):
            done = run("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "test", "-r", str(SECRET))
            self.assertEqual(done.returncode, status, user)
        # Nor is the socket for anybody else.
        socket = os.stat("/run/whylink/control.sock")
        self.assertEqual((oct(socket.st_mode & 0o7777), str(socket.st_gid)),
                         ("0o660", run("id", "-g", "whylink").stdout.strip()))

    @unittest.skipUnless(PACKAGE.exists(), "whylink was not installed from a package")
    def test_without_the_package_of_the_reader_everything_else_works(self):
        self.read_accounts()
        self.addCleanup(run, "dpkg", "-i", str(READER_PACKAGE))
        self.assertEqual(run("dpkg", "--remove", "whylink-control").returncode, 0)
        self.start()
        self.wait_until("the journal says why", lambda: [
            text for text, _ in self.journal() if "accounts are not read: whylink-control is not installed" in text])
        self.status_is("1 of 3 healthy")
        self.assertEqual(cause_of("in-the-cloud"), "connection_refused")
        done = run("dpkg", "-i", str(READER_PACKAGE))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(shown("ActiveState", "whylink-control.socket"), "active")
        self.assertEqual(systemctl("restart", "whylink").returncode, 0)
        self.wait_until("the reader runs", self.reader_runs)

    @unittest.skipUnless(PACKAGE.exists(), "whylink was not installed from a package")
    def test_an_upgrade_replaces_the_reader(self):
        self.addCleanup(run, "dpkg", "-i", str(READER_PACKAGE))
        repacked.repack(READER_PACKAGE, "99.0", NEWER)
        self.read_accounts()
        self.start()
        self.wait_until("the reader runs", self.reader_runs)
        before = shown("MainPID", "whylink-control.service")
        done = run("dpkg", "-i", str(NEWER))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotEqual(shown("MainPID", "whylink-control.service"), before)
        self.assertEqual(shown("ActiveState", "whylink-control.socket"), "active")

    # ---- confinement ----

    def capabilities(self, unit="whylink"):
        """Of the running program, by the names of proc(5)."""
        status = dict(line.split(":\t", 1)
                      for line in Path(f"/proc/{shown('MainPID', unit)}/status").read_text().splitlines())
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
        self.assertEqual(status["Uid"].split(), [run("id", "-u", unit).stdout.strip()] * 4)
        return {name: int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}

    def test_it_is_confined(self):
        self.start()
        self.assertEqual(set(self.capabilities().values()), {CAP_NET_RAW})
        state = os.stat("/var/lib/whylink")
        self.assertEqual((oct(state.st_mode & 0o7777), str(state.st_uid)),
                         ("0o750", run("id", "-u", "whylink").stdout.strip()))

    def test_without_capture_it_has_no_capability(self):
        self.add_shipped_drop_in("capture-off.conf")
        self.start()
        self.assertEqual(set(self.capabilities().values()), {0})
        self.assertNotEqual(os.readlink(f"/proc/{shown('MainPID')}/ns/user"), os.readlink("/proc/self/ns/user"))
        # Everything else goes on, with the same verdicts.
        self.wait_until("the broken endpoint is judged", lambda: cause_of("refused") == "connection_refused")
        self.status_is("1 of 2 healthy")
        self.assertRegex(get("/metrics")[1], r'(?m)^whylink_capture_up\{interface="any"\} 0$')
        self.assertEqual(len([text for text, _ in self.journal() if "packets are not captured" in text]), 1)

    # ---- packets ----

    def test_it_captures(self):
        self.start()
        self.wait_until("packets are counted", lambda: re.search(
            r'(?m)^whylink_capture_packets_total\{interface="any"\} [1-9]', get("/metrics")[1]))
        self.assertRegex(get("/metrics")[1], r'(?m)^whylink_capture_up\{interface="any"\} 1$')

    def may_read(self, path, group):
        # It is no text.
        return run("setpriv", "--reuid=nobody", f"--regid={group}", "--clear-groups", "cmp", str(path), str(path)).returncode == 0

    def test_evidence_is_for_the_group(self):
        self.start()
        self.assertTrue(EVIDENCE.is_dir())
        file = self.wait_until("there is evidence",
                               lambda: next(EVIDENCE.glob("*_refused_connection_refused.pcapng"), None))
        self.assertEqual(file.read_bytes()[:4], PCAPNG)
        self.assertEqual((file.owner(), file.group(), oct(file.stat().st_mode & 0o777)),
                         ("whylink", "whylink", "0o640"))
        self.assertEqual(oct(EVIDENCE.stat().st_mode & 0o7777), "0o750")
        self.assertTrue(self.may_read(file, "whylink"))
        self.assertFalse(self.may_read(file, "nogroup"))

    def test_evidence_elsewhere_takes_a_drop_in(self):
        elsewhere = Path("/srv/evidence")
        run("install", "-d", "-o", "whylink", "-g", "whylink", "-m", "0750", str(elsewhere))
        CONFIG.write_text(BASE + f'[capture]\nevidence_dir = "{elsewhere}"\n')
        self.start()
        self.wait_until("the journal says that it cannot be written",
                        lambda: [text for text, _ in self.journal("-p", "warning") if str(elsewhere) in text])
        self.status_is("1 of 2 healthy")
        self.add_drop_in("evidence.conf", f"[Service]\nReadWritePaths={elsewhere}\n")
        self.assertEqual(systemctl("restart", "whylink").returncode, 0)
        self.wait_until("there is evidence", lambda: list(elsewhere.glob("*.pcapng")))

    def test_nothing_is_refused_that_it_needs(self):
        self.start()
        pid = shown("MainPID")
        # The metrics' thread has lowered its priority: field 19 of proc(5).
        self.wait_until("a thread has nice 10", lambda: "10" in [
            task.read_text().rsplit(")", 1)[1].split()[16] for task in Path(f"/proc/{pid}/task").glob("*/stat")])
        # The container's own limit may be lower than the unit's.
        soft, hard = re.search(r"Max open files +(\d+) +(\d+)", Path(f"/proc/{pid}/limits").read_text()).groups()
        self.assertEqual(soft, hard)
        self.assertGreaterEqual(int(shown("LimitNOFILE")), 65536)
        page = get("/metrics")[1]
        for metric in ("process_start_time_seconds", "process_open_fds", "process_resident_memory_bytes",
                       "process_cpu_seconds_total", "process_max_fds"):
            self.assertRegex(page, rf"(?m)^{metric} [0-9.e+]+$")
        began = float(re.search(r"(?m)^process_start_time_seconds (\S+)$", page)[1])
        self.assertLess(abs(began - self.begin), DEADLINE)

    def exposes_at_most(self, bound, unit="whylink"):
        done = run("systemd-analyze", "security", "--no-pager", unit)
        exposure = re.search(r"Overall exposure level for \S+: (\S+)", done.stdout)[1]
        print(f"exposure of {unit}: {exposure}, at most {bound}")
        self.assertLessEqual(float(exposure), bound, done.stdout)

    def test_it_exposes_little(self):
        self.exposes_at_most(1.7)
        self.exposes_at_most(1.3, "whylink-control")
        self.add_shipped_drop_in("capture-off.conf")
        self.exposes_at_most(1.3)

    def test_it_can_write_to_its_state_only(self):
        self.start()
        self.status_is("1 of 2 healthy")
        found = run("nsenter", f"--target={shown('MainPID')}", "--mount", "setpriv", "--reuid=whylink", "--regid=whylink",
                    "--clear-groups", "find", "/", "-path", "/proc", "-prune", "-o", "(", "-type", "f", "-o", "-type", "d", ")",
                    "-writable", "-print").stdout
        elsewhere = [path for path in found.splitlines()
                     if not path.startswith("find: ") and not path.startswith("/var/lib/whylink")]
        self.assertEqual(elsewhere, [])

    def test_a_system_call_that_it_does_not_need_is_refused(self):
        """In the same filter as the daemon: making a namespace, and reading the kernel's log."""
        self.add_drop_in("other.conf", "[Service]\nType=oneshot\nWatchdogSec=0\nRestart=no\nExecStart=\n"
                         "ExecStart=/usr/bin/unshare --user true\n")
        self.assertNotEqual(systemctl("start", "whylink").returncode, 0)
        self.assertIn("Operation not permitted", run("journalctl", "-u", "whylink", f"--since=@{self.begin:.6f}").stdout)

    def test_the_journal_selects_by_cause(self):
        self.start()
        self.wait_until("the cause is a field", lambda: self.journal("WHYLINK_CAUSE=connection_refused"))
        lines = self.journal("WHYLINK_CAUSE=connection_refused", "WHYLINK_TARGET=refused")
        self.assertRegex(lines[0][0], r"refused: connection refused")
        self.assertEqual(self.journal("WHYLINK_CAUSE=connection_refused", "WHYLINK_TARGET=works"), [])

    def test_what_it_may_take_is_bounded(self):
        self.start()
        self.assertEqual([shown(name) for name in ("MemoryMax", "TasksMax", "LimitCORE")], [str(1 << 30), "64", "0"])
        tasks = len(os.listdir(f"/proc/{shown('MainPID')}/task"))
        self.assertLess(tasks, 32)

    # ---- drop-ins ----

    def test_a_low_port_takes_its_drop_in(self):
        CONFIG.write_text(BASE.replace('listen = "127.0.0.1:9797"', 'listen = "127.0.0.1:80"'))
        self.assertNotEqual(systemctl("start", "whylink").returncode, 0)
        self.assertEqual(shown("ExecMainStatus"), "1")
        systemctl("stop", "whylink")
        self.add_shipped_drop_in("low-port.conf")
        self.start()
        self.assertEqual(get("/-/healthy", "http://127.0.0.1:80")[0], 200)
        self.assertEqual(set(self.capabilities().values()), {CAP_NET_RAW | CAP_NET_BIND_SERVICE})
        systemctl("stop", "whylink")
        self.add_shipped_drop_in("capture-off.conf")
        self.start()
        self.assertEqual(get("/-/healthy", "http://127.0.0.1:80")[0], 200)
        self.assertEqual(set(self.capabilities().values()), {CAP_NET_BIND_SERVICE})

    def test_a_mark_takes_its_drop_in_without_capture(self):
        CONFIG.write_text(BASE + WITH_MARK)
        self.start()
        self.wait_until("the mark is set", lambda: cause_of("marked") == "healthy")
        self.add_shipped_drop_in("capture-off.conf")
        self.assertEqual(systemctl("restart", "whylink").returncode, 0)
        self.wait_until("the mark is refused", lambda: cause_of("marked") == "local_limit")
        self.add_shipped_drop_in("mark.conf")
        self.assertEqual(systemctl("restart", "whylink").returncode, 0)
        self.wait_until("the mark is set again", lambda: cause_of("marked") == "healthy")


if __name__ == "__main__":
    unittest.main()
