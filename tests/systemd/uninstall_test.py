"""Installs into an empty folder as ./quickstart install does, and uninstalls it there."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

QUICKSTART = Path(__file__).resolve().parents[2] / "quickstart"


class Uninstall(unittest.TestCase):
    def setUp(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.stage = folder / "stage"
        programs = folder / "bin"
        programs.mkdir()
        # On this system the package may be installed.
        self.dpkg_query = programs / "dpkg-query"
        self.says_installed("un")
        self.environment = {**os.environ, "DESTDIR": str(self.stage), "PATH": f"{programs}:{os.environ['PATH']}"}
        self.run_here(os.environ["CMAKE"], "--install", os.environ["BUILD"])
        for name in ("etc/whylink/conf.d/mine.toml", "etc/whylink-control/key", "var/lib/whylink/evidence/kept.pcapng",
                     "usr/bin/other"):
            (self.stage / name).parent.mkdir(parents=True, exist_ok=True)
            (self.stage / name).touch()

    def says_installed(self, status):
        self.dpkg_query.write_text(f"#!/bin/sh\necho '{status} '\n")
        self.dpkg_query.chmod(0o755)

    def run_here(self, *command, status=0):
        done = subprocess.run(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, status, done.stdout)
        return done.stdout

    def files(self):
        return sorted(str(path.relative_to(self.stage)) for path in self.stage.rglob("*") if not path.is_dir())

    def test_it_removes_what_install_put_below_usr(self):
        self.assertIn("usr/bin/whylink", self.files())
        said = self.run_here(QUICKSTART, "uninstall")
        self.assertEqual(self.files(), ["etc/whylink-control/key", "etc/whylink/conf.d/mine.toml", "etc/whylink/whylink.toml",
                                        "usr/bin/other", "var/lib/whylink/evidence/kept.pcapng"])
        self.assertIn("/etc/whylink, /etc/whylink-control and /var/lib/whylink", said)

    def test_purge_removes_configuration_and_state_too(self):
        self.run_here(QUICKSTART, "uninstall", "--purge")
        self.assertEqual(self.files(), ["usr/bin/other"])

    def test_an_unknown_option_removes_nothing(self):
        before = self.files()
        self.run_here(QUICKSTART, "uninstall", "--all", status=2)
        self.assertEqual(self.files(), before)

    def test_it_leaves_the_files_of_a_package_alone(self):
        before = self.files()
        self.says_installed("ii")
        self.assertIn("apt-get remove whylink", self.run_here(QUICKSTART, "uninstall", status=1))
        self.assertEqual(self.files(), before)


if __name__ == "__main__":
    unittest.main()
