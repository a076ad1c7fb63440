#!/usr/bin/python3
"""usage: install_test.py PACKAGE.deb: installs, upgrades, removes and purges it, and looks at what is there after each.

It does so in a copy of this system that is an overlay in a mount namespace of its own: nothing of this system changes. It
needs root, and the libraries that the package depends on."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

import running

PACKAGE = Path(sys.argv[1]).resolve()
CONFIG = "etc/whylink/whylink.toml"


def run(*command):
    return subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=120, check=False, env={
                              **os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"})


class Install(unittest.TestCase):
    def setUp(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.mount("-t", "tmpfs", "whylink-package", folder)
        self.root = folder / "root"
        for name in ("root", "changes", "work"):
            (folder / name).mkdir()
        self.mount("-t", "overlay", "overlay", "-o", f"lowerdir=/,upperdir={folder}/changes,workdir={folder}/work", self.root)
        # systemd-tmpfiles makes nothing without it.
        self.mount("-t", "proc", "proc", self.root / "proc")
        self.mount("--bind", "/dev", self.root / "dev")
        (self.root / "whylink.deb").write_bytes(PACKAGE.read_bytes())
        # What an installation of this system itself left is none of the test's.
        self.in_root("sh", "-c", "rm -rf /etc/whylink /var/lib/whylink; userdel whylink; groupdel whylink; mkdir -p /run; "
                     "rm -rf /run/systemd/system")

    def mount(self, *arguments):
        done = run("mount", *arguments)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.addCleanup(run, "umount", "--lazy", arguments[-1])

    def in_root(self, *command):
        return run("chroot", self.root, *command)

    def dpkg(self, *arguments):
        done = self.in_root("dpkg", *arguments)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def install(self):
        return self.dpkg("--force-confold", "-i", "/whylink.deb")

    def owners(self, *names):
        """`2755 root:whylink` of each, by the accounts of the copy."""
        done = self.in_root("stat", "--format=%a %U:%G", *names)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout.splitlines()

    def test_it_is_installed_with_its_folders_and_enabled(self):
        self.install()
        self.assertEqual(self.owners("/etc/whylink", "/etc/whylink/conf.d", "/etc/whylink/profiles.d", "/etc/whylink/keys",
                                     f"/{CONFIG}", "/var/lib/whylink", "/var/lib/whylink/evidence"),
                         ["2755 root:whylink"] * 3 + ["2750 root:whylink", "644 root:root"] + ["750 whylink:whylink"] * 2)
        self.assertTrue((self.root / "etc/systemd/system/multi-user.target.wants/whylink.service").is_symlink())
        for name in ("man1/whylink.1.gz", "man5/whylink.toml.5.gz", "man7/whylink-metrics.7.gz"):
            self.assertTrue((self.root / "usr/share/man" / name).is_file(), name)

    def test_it_runs_and_takes_its_own_configuration(self):
        self.install()
        done = self.in_root("whylink", "config", "check")
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_an_upgrade_keeps_configuration_state_and_permissions(self):
        self.install()
        (self.root / CONFIG).write_text("[daemon]\nallow_empty = true\n", encoding="utf-8")
        (self.root / "etc/whylink/conf.d/mine.toml").touch()
        (self.root / "var/lib/whylink/evidence/kept.pcapng").touch()
        (self.root / "etc/whylink/keys").chmod(0o700)
        (self.root / "etc/whylink").chmod(0o750)
        self.install()
        self.assertEqual((self.root / CONFIG).read_text(encoding="utf-8"), "[daemon]\nallow_empty = true\n")
        self.assertTrue((self.root / "etc/whylink/conf.d/mine.toml").exists())
        self.assertTrue((self.root / "var/lib/whylink/evidence/kept.pcapng").exists())
        self.assertEqual([(self.root / name).stat().st_mode & 0o777 for name in ("etc/whylink/keys", "etc/whylink")],
                         [0o700, 0o750])

    def test_remove_keeps_configuration_and_state(self):
        self.install()
        self.dpkg("--remove", "whylink")
        self.assertFalse((self.root / "usr/bin/whylink").exists())
        self.assertTrue((self.root / CONFIG).exists())
        self.assertTrue((self.root / "var/lib/whylink").exists())

    def test_purge_leaves_only_the_account(self):
        before = self.named_whylink()
        self.install()
        (self.root / "etc/whylink/keys/client.key").touch()
        (self.root / "var/lib/whylink/evidence/old.pcapng").touch()
        self.dpkg("--purge", "whylink")
        self.assertEqual(self.named_whylink() - before, set())
        self.assertEqual(self.in_root("id", "-un", "whylink").stdout, "whylink\n")

    def named_whylink(self):
        """Every file of the copy whose path says that it is the program's."""
        found = self.in_root("find", "/etc", "/usr", "/lib", "/var", "-xdev", "-path", "*whylink*")
        return {name for name in found.stdout.splitlines() if name.startswith("/")}


if __name__ == "__main__":
    running.enter_own_namespaces()
    unittest.main(argv=sys.argv[:1])
