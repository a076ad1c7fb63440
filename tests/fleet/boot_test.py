"""Inside a booted Debian: what cloud-init made of docs/fleet/cloud-init.yml, and what the Ansible role does. Started by `boot`."""

import json
import re
import subprocess
import time
import unittest
from pathlib import Path

CONFIG = Path("/etc/whylink/whylink.toml")
DROP_IN = Path("/etc/systemd/system/whylink.service.d/capture-off.conf")
SOME_ENDPOINT = '[[endpoint]]\nname = "%s"\nhost = "127.0.0.1"\nport = 9797\ntls = false\n'


def run(*command):
    return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
                          stdin=subprocess.DEVNULL, check=False)


def state():
    return run("systemctl", "is-active", "whylink").stdout.strip(), run("systemctl", "is-enabled", "whylink").stdout.strip()


def targets():
    """That the daemon has."""
    report = json.loads(run("whylink", "status", "--format", "json").stdout)
    return [each["name"] for each in report["endpoints"]]


class Deployment(unittest.TestCase):
    maxDiff = None

    def targets_are(self, expected):
        """After a reload they are in the report once their first round has ended."""
        end = time.monotonic() + 60
        while targets() != expected and time.monotonic() < end:
            time.sleep(0.1)
        self.assertEqual(targets(), expected)

    def play(self, **values):
        """What the playbook reports; with the package and these variables."""
        values = {"whylink_package": "/whylink.deb", **values}
        done = run("ansible-playbook", "--inventory", "localhost,", "--connection", "local", "--extra-vars", json.dumps(
            {"ansible_python_interpreter": "/usr/bin/python3", **values}), "/ansible/local.yml")
        found = dict(re.findall(r"(\w+)=(\d+)", done.stdout.rpartition("PLAY RECAP")[2]))
        return {name: int(value) for name, value in found.items()}, done.stdout

    def test_0_cloud_init_accepts_the_file(self):
        self.assertIn("Valid", run("cloud-init", "schema", "--config-file", "/cloud-init.yml").stdout)

    def test_1_cloud_init_installs_and_configures_it(self):
        done = run("cloud-init", "status", "--wait", "--long")
        log = Path("/var/log/cloud-init-output.log").read_text(errors="replace")
        self.assertIn("status: done", done.stdout, log)
        self.assertEqual(state(), ("active", "enabled"), log)
        self.targets_are(["clickhouse-prod"])
        self.assertEqual(run("stat", "--format=%a %U:%G", "/etc/whylink", "/etc/whylink/keys").stdout,
                         "2755 root:whylink\n2750 root:whylink\n")

    def test_2_the_role_takes_a_host_over_that_has_it(self):
        Path("/ansible/local.yml").write_text(Path("/ansible/site.yml").read_text().replace("hosts: whylink", "hosts: all"))
        recap, said = self.play(whylink_config=SOME_ENDPOINT % "first")
        self.assertEqual(recap["failed"], 0, said)
        self.targets_are(["first"])

    def test_3_the_role_installs_it_where_it_is_not(self):
        self.assertEqual(run("dpkg", "--purge", "whylink").returncode, 0)
        recap, said = self.play(whylink_config=SOME_ENDPOINT % "first")
        self.assertEqual(recap["failed"], 0, said)
        self.assertEqual(state(), ("active", "enabled"))
        self.targets_are(["first"])

    def test_4_a_second_run_changes_nothing(self):
        recap, said = self.play(whylink_config=SOME_ENDPOINT % "first")
        self.assertEqual((recap["failed"], recap["changed"]), (0, 0), said)

    def test_5_a_change_is_reloaded(self):
        before = run("systemctl", "show", "--value", "--property=MainPID", "whylink").stdout
        recap, said = self.play(whylink_config=SOME_ENDPOINT % "second")
        self.assertEqual(recap["failed"], 0, said)
        self.targets_are(["second"])
        self.assertEqual(run("systemctl", "show", "--value", "--property=MainPID", "whylink").stdout, before)

    def test_6_an_invalid_configuration_is_not_written(self):
        before = CONFIG.read_text()
        recap, said = self.play(whylink_config="surprise = 1\n")
        self.assertEqual(recap["failed"], 1, said)
        self.assertIn("surprise", said)
        self.assertEqual(CONFIG.read_text(), before)
        self.targets_are(["second"])

    def test_7_drop_ins_are_added(self):
        recap, said = self.play(whylink_config=SOME_ENDPOINT % "second", whylink_drop_ins=["capture-off"])
        self.assertEqual(recap["failed"], 0, said)
        self.assertTrue(DROP_IN.is_file())
        self.assertEqual(run("systemctl", "show", "--value", "--property=AmbientCapabilities", "whylink").stdout.strip(), "")


if __name__ == "__main__":
    unittest.main(failfast=True)
