"""The running daemon, for programs in Python that watch it: a corner of the machine of their own, the daemon itself,
its pages, what it takes of the machine, and conditions that come true."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

DEADLINE = 60
LISTEN = ("127.0.0.1", 9797)
SKIPPED = 77  # what CTest takes for "not run"
INSIDE = "WHYLINK_TEST_INSIDE"  # tells the program that it runs inside


def enter_own_namespaces():
    """Starts the calling program again in network, mount and PID namespaces of its own; returns inside only. When the
    outer process is killed, the kernel ends everything inside."""
    if os.environ.pop(INSIDE, None):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        # Temporary files go with the namespace too, whatever ends the program.
        subprocess.run(["mount", "-t", "tmpfs", "whylink-test", "/dev/shm"], check=True)
        os.environ["TMPDIR"] = tempfile.tempdir = "/dev/shm"
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        return
    if os.geteuid() != 0:
        if os.environ.get("CI") or os.environ.get("WHYLINK_REQUIRE_NETNS"):
            sys.exit("needs root")
        print("needs root; skipped")
        sys.exit(SKIPPED)
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                          sys.executable, "-B", *sys.argv])


def wait_until(what, condition, deadline=DEADLINE, pause=0.05):
    """The first true value of `condition`."""
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(pause)
    raise TimeoutError(f"waited {deadline} s in vain until {what}")


def instrumented(program):
    """By a sanitizer: memory, speed and some descriptors are its own then."""
    with open(program, "rb") as file:
        content = file.read()
    return b"__asan_init" in content or b"__tsan_init" in content


class Page:
    """An answer over HTTP, read to its end."""

    def __init__(self, path, address=LISTEN, method="GET", deadline=DEADLINE, **headers):
        connection = http.client.HTTPConnection(*address, timeout=deadline)
        try:
            begun = time.monotonic()
            connection.request(method, path, headers={key.replace("_", "-"): value for key, value in headers.items()})
            answer = connection.getresponse()
            self.body = answer.read()
            self.seconds = time.monotonic() - begun
            self.status = answer.status
            self.content_type = answer.getheader("Content-Type", "")
        finally:
            connection.close()


class Process:
    """A program in the background, with what it takes by proc(5). Standard output and error go to `log`."""

    def __init__(self, argv, log):
        self._log_path = log
        # The history of a daemon is its own.
        environment = {"STATE_DIRECTORY": os.path.dirname(os.path.abspath(log)), **os.environ}
        with open(log, "wb") as file:
            self._process = subprocess.Popen(argv, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        self.pid = self._process.pid

    def running(self):
        return self._process.poll() is None

    def send(self, number):
        self._process.send_signal(number)

    def end(self, number=signal.SIGTERM):
        """The exit status, negative after a signal."""
        self.send(number)
        return self._process.wait(DEADLINE)

    def log(self):
        with open(self._log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def listens(self, address):
        if not self.running():
            raise RuntimeError(f"ended with {self._process.returncode}: {self.log()}")
        try:
            socket.create_connection(address, timeout=DEADLINE).close()
        except ConnectionRefusedError:
            return False
        return True

    def _proc(self, name):
        with open(f"/proc/{self.pid}/{name}", encoding="ascii", errors="replace") as file:
            return file.read()

    def cpu_seconds(self):
        """User and system time so far."""
        return self._ticks("stat")

    def cpu_by_thread(self):
        """Seconds by the threads' names; threads of one name are added up."""
        used = {}
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            try:
                name = self._proc(f"task/{thread}/comm").strip()
                used[name] = used.get(name, 0) + self._ticks(f"task/{thread}/stat")
            except OSError:
                pass  # it has ended
        return used

    def _ticks(self, name):
        # The name in parentheses may hold anything; utime and stime are the fields 14 and 15.
        fields = self._proc(name).rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def status(self):
        """The numbers of /proc/PID/status: VmRSS and VmHWM in kB, Threads, ..."""
        lines = (line.split() for line in self._proc("status").splitlines())
        return {line[0].rstrip(":"): int(line[1]) for line in lines if len(line) > 1 and line[1].isdigit()}

    def written_bytes(self):
        """To files, by write(2) and its kin."""
        lines = dict(line.split(": ") for line in self._proc("io").splitlines())
        return int(lines["wchar"])

    def open_files(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))


def start_daemon(program, config, log):
    """`whylink run`; returns once it answers."""
    daemon = Process([program, "run", "--config", config], log)
    wait_until("whylink listens", lambda: daemon.listens(LISTEN))
    return daemon


def is_ready():
    return Page("/-/ready").status == 200
