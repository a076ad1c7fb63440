"""What is about many hosts, by the tools that read it: Ansible, Alertmanager and Prometheus. `boot` runs the role on a booted
Debian, and cloud-init.

usage: deployment_test.py FLEET"""

import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

FLEET = Path(sys.argv[1]).resolve()


class Deployment(unittest.TestCase):
    def accepts(self, *command, **options):
        done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False, **options)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def test_ansible_accepts_the_playbook(self):
        said = self.accepts("ansible-playbook", "--syntax-check", "--inventory", "inventory.yml", "site.yml", cwd=FLEET / "ansible")
        self.assertNotIn("WARNING", said)

    def test_alertmanager_accepts_its_settings(self):
        self.accepts("amtool", "check-config", FLEET / "alertmanager.yml")

    def route(self, *labels):
        """The receiver of an alert with these labels."""
        settings = f"--config.file={FLEET / 'alertmanager.yml'}"
        return self.accepts("amtool", "config", "routes", "test", settings, *labels).split()[-1]

    def test_an_alert_with_a_scope_is_a_page(self):
        for scope in ("host", "subnet", "az", "every_host", "service"):
            self.assertEqual(self.route("alertname=WhylinkFleetX", "job=whylink", f"scope={scope}"), "pages")
        self.assertEqual(self.route("alertname=WhylinkUnreachable", "job=whylink", "severity=critical"), "tickets")

    def test_prometheus_accepts_its_settings(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for part in ("rules", "whylink"):
                (folder / part).mkdir()
            shutil.copy(FLEET / "prometheus.yml", folder)
            shutil.copy(FLEET.parent / "alerts.yml", folder / "rules/whylink-alerts.yml")
            shutil.copy(FLEET / "rules.yml", folder / "rules/whylink-fleet.yml")
            shutil.copy(FLEET / "targets.json", folder / "whylink/hosts.json")
            said = self.accepts("promtool", "check", "config", folder / "prometheus.yml")
        self.assertIn("2 rule files found", said)

    def test_every_host_of_the_example_has_its_zone_and_subnet(self):
        for group in json.loads((FLEET / "targets.json").read_text(encoding="utf-8")):
            self.assertEqual(set(group["labels"]), {"az", "subnet"})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
