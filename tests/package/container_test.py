"""Inside a Debian with podman: whether the containers of docs/guides/hardening.md do what the page says. Started by
`container`.

usage: container_test.py VERSION"""

import json
import re
import shlex
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

DEADLINE = 60
PAGE = Path("/hardening.md")
CONFIG = Path("/etc/whylink/whylink.toml")
CAP_NET_RAW = 1 << 13  # capabilities(7)
# In a chroot there is neither systemd nor journald.
PODMAN = ["podman", "--cgroup-manager=cgroupfs", "--events-backend=none"]
# As docker has it: nothing can be written to, not even /tmp.
LIKE_DOCKER = ["--read-only-tmpfs=false"]
MINE = """[daemon]
listen = "127.0.0.1:9797"
[defaults]
interval = "1s"
timeout = "1s"
[[endpoint]]
name = "itself"
host = "127.0.0.1"
port = 9797
tls = false
"""


def blocks(fence):
    return re.findall(rf"^```{fence}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def run(*command):
    return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          timeout=600, check=False)


def podman(*arguments):
    done = run(*PODMAN, *arguments)
    if done.returncode != 0:
        raise RuntimeError(done.stdout)
    return done.stdout


def build_image(version):
    """With the network of this system, for apt."""
    podman("import", "/debian.tar", "docker.io/library/debian:12")
    text = next(block for block in blocks("text") if block.startswith("FROM "))
    Path("/image/Dockerfile").write_text(text.replace("VERSION", version), encoding="utf-8")
    podman("build", "--network", "host", "--isolation", "chroot", "--tag", "whylink", "/image")


def metrics():
    try:
        with urllib.request.urlopen("http://127.0.0.1:9797/metrics", timeout=DEADLINE) as answer:
            return answer.read().decode()
    except urllib.error.URLError:
        return ""


class Container(unittest.TestCase):
    def setUp(self):
        CONFIG.parent.mkdir(exist_ok=True)
        CONFIG.write_text(MINE, encoding="utf-8")
        self.addCleanup(run, *PODMAN, "rm", "--force", "--all")

    def run_block(self, wanted):
        """The commands of the block whose `docker run` has this option, or not; returns the process of the container."""
        block, = (block for block in blocks("sh") if "docker run" in block and ("--cap-add" in block) == wanted)
        for line in block.splitlines():
            words = shlex.split(line)
            if words[:2] == ["docker", "run"]:
                podman("run", "--detach", "--name", "one", *LIKE_DOCKER, *words[2:])
            else:
                self.assertEqual(run(*words).returncode, 0, line)
        end = time.monotonic() + DEADLINE
        while 'whylink_healthy{kind="endpoint",name="itself"} 1\n' not in metrics():
            self.assertLess(time.monotonic(), end, podman("logs", "one"))
            time.sleep(0.1)
        return json.loads(podman("inspect", "one"))[0]["State"]["Pid"]

    def confinement(self, pid):
        """User, capabilities and no-new-privileges, by the names of proc(5)."""
        status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        return status["Uid"].split()[0] == "0", int(status["CapEff"], 16), int(status["CapBnd"], 16), status["NoNewPrivs"]

    def ends_well(self):
        self.assertIn("whylink_history_up 1\n", metrics())
        podman("stop", "one")
        self.assertEqual(json.loads(podman("inspect", "one"))[0]["State"]["ExitCode"], 0)

    def test_without_capture(self):
        pid = self.run_block(False)
        self.assertEqual(self.confinement(pid), (False, 0, 0, "1"))
        self.assertIn('whylink_capture_up{interface="any"} 0\n', metrics())
        self.ends_well()

    def test_with_capture(self):
        pid = self.run_block(True)
        self.assertEqual(self.confinement(pid), (True, CAP_NET_RAW, CAP_NET_RAW, "1"))
        self.assertIn('whylink_capture_up{interface="any"} 1\n', metrics())
        self.ends_well()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        build_image(sys.argv[1])
        # A network of their own, as this system may have a whylink.
        sys.exit(subprocess.run(["unshare", "--net", sys.executable, "-B", __file__], check=False).returncode)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    unittest.main(verbosity=2)
