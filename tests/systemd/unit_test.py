"""Installs into an empty folder and has systemd's own tools judge the unit and the account that are found there."""

import configparser
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

# Of systemd-analyze security, in tenths; an editor who opens a door sees this fail.
MOST_EXPOSURE = 17
MOST_EXPOSURE_WITHOUT_CAPTURE = 12
MOST_EXPOSURE_OF_ACCOUNT_READER = 12


def run(*command, **options):
    return subprocess.run([str(part) for part in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, timeout=60, check=False, **options)


class Unit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.stage = Path(folder.name)
        done = run(os.environ["CMAKE"], "--install", os.environ["BUILD"], env={**os.environ, "DESTDIR": folder.name})
        if done.returncode != 0:
            raise RuntimeError(done.stdout)
        cls.installed = cls.stage / os.environ["PREFIX"].lstrip("/")
        cls.unit = cls.installed / "lib/systemd/system/whylink.service"
        cls.sysusers = [cls.installed / f"lib/sysusers.d/{name}.conf" for name in ("whylink", "whylink-control")]
        cls.tmpfiles = [cls.installed / f"lib/tmpfiles.d/{name}.conf" for name in ("whylink", "whylink-control")]
        cls.drop_ins = sorted((cls.installed / "share/doc/whylink/drop-ins").iterdir())

    def copy_of_unit(self, *drop_ins):
        """The unit where systemd-analyze finds its program, which is not at its final place."""
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        unit = folder / "whylink.service"
        unit.write_text(self.unit.read_text().replace(os.environ["PREFIX"] + "/bin/", str(self.installed / "bin") + "/"))
        for drop_in in drop_ins:
            (folder / "whylink.service.d").mkdir(exist_ok=True)
            shutil.copy(drop_in, folder / "whylink.service.d")
        return unit

    def verify(self, unit):
        return run("systemd-analyze", "verify", "--man=no", unit)

    def test_systemd_finds_no_fault_with_it(self):
        done = self.verify(self.copy_of_unit())
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_systemd_finds_no_fault_with_the_drop_ins(self):
        self.assertEqual([path.name for path in self.drop_ins], ["capture-off.conf", "low-port.conf", "mark.conf"])
        for drop_in in self.drop_ins:
            with self.subTest(drop_in=drop_in.name):
                done = self.verify(self.copy_of_unit(drop_in))
                self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_a_misspelt_setting_would_be_noticed(self):
        unit = self.copy_of_unit()
        unit.write_text(unit.read_text().replace("NoNewPrivileges=", "NoNewPrivilege="))
        self.assertIn("NoNewPrivilege", self.verify(unit).stdout)

    def drop_in(self, name):
        return next(path for path in self.drop_ins if path.name == name)

    def exposure(self, threshold, *drop_ins):
        return run("systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={threshold}",
                   self.copy_of_unit(*drop_ins))

    def account_reader(self):
        """Its unit and socket, likewise."""
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("whylink-control.service", "whylink-control.socket"):
            text = (self.unit.parent / name).read_text()
            (folder / name).write_text(text.replace(os.environ["PREFIX"] + "/libexec/", str(self.installed / "libexec") + "/"))
        return folder / "whylink-control.service", folder / "whylink-control.socket"

    def test_systemd_finds_no_fault_with_the_account_reader(self):
        done = run("systemd-analyze", "verify", "--man=no", *self.account_reader())
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_the_account_reader_exposes_little(self):
        done = run("systemd-analyze", "security", "--offline=true", "--no-pager",
                   f"--threshold={MOST_EXPOSURE_OF_ACCOUNT_READER}", self.account_reader()[0])
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_the_account_reader_has_no_capability_and_no_raw_sockets(self):
        lines = self.account_reader()[0].read_text().splitlines()
        for line in ("CapabilityBoundingSet=", "AmbientCapabilities=", "User=whylink-control",
                     "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX"):
            self.assertIn(line, lines)

    def test_it_exposes_little(self):
        done = self.exposure(MOST_EXPOSURE)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_it_exposes_less_without_capture(self):
        done = self.exposure(MOST_EXPOSURE_WITHOUT_CAPTURE, self.drop_in("capture-off.conf"))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotEqual(self.exposure(MOST_EXPOSURE_WITHOUT_CAPTURE).returncode, 0)

    def test_the_threshold_can_fail(self):
        self.assertNotEqual(self.exposure(1).returncode, 0)

    def test_it_starts_what_is_installed(self):
        # Keys come more than once in a unit: the last one of each is enough here.
        parser = configparser.RawConfigParser(strict=False)
        parser.optionxform = str
        parser.read(self.unit)
        program, *arguments = parser["Service"]["ExecStart"].split()
        self.assertEqual(arguments, ["run"])
        self.assertTrue(os.access(self.stage / program.lstrip("/"), os.X_OK), program)
        documentation = parser["Unit"]["Documentation"].removeprefix("file://")
        self.assertTrue((self.stage / documentation.lstrip("/")).is_file(), documentation)
        self.assertNotIn("@", self.unit.read_text().replace("@system-service", "").replace("@privileged", "")
                         .replace("@resources", ""))

    def service(self):
        """The last value of each setting of [Service]."""
        lines = self.unit.read_text().partition("[Service]")[2].partition("[Install]")[0].splitlines()
        return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    def test_what_it_may_take_is_bounded(self):
        service = self.service()
        self.assertEqual([service[name] for name in ("MemoryMax", "TasksMax", "LimitCORE")], ["1G", "64", "0"])

    def test_what_systemd_still_names_has_its_reason_in_the_unit(self):
        done = run("systemd-analyze", "security", "--offline=true", "--no-pager", "--json=short", self.copy_of_unit())
        reasons = self.unit.read_text().partition("still names")[2]
        for row in json.loads(done.stdout):
            if row["set"] is False and row["exposure"]:
                setting, _, value = row["name"].partition("=")
                word = re.search(r"@\w+|AF_[A-Z]+|CAP_NET", value.replace("(", ""))
                with self.subTest(setting=row["name"]):
                    self.assertIn(word[0] if word else f"{setting}=", reasons)

    def root_with_account(self):
        root = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (root / "etc").mkdir()
        done = run("systemd-sysusers", f"--root={root}", *self.sysusers)
        self.assertEqual(done.returncode, 0, done.stdout)
        return root

    def test_the_folders_are_made_once(self):
        root = self.root_with_account()
        modes = {"var/lib/whylink": 0o750, "var/lib/whylink/evidence": 0o750, "etc/whylink/conf.d": 0o2755,
                 "etc/whylink/profiles.d": 0o2755, "etc/whylink/keys": 0o2750, "etc/whylink-control": 0o750}

        def made():
            done = run("systemd-tmpfiles", f"--root={root}", "--create", *self.tmpfiles)
            self.assertEqual(done.returncode, 0, done.stdout)
            return {name: (root / name).stat().st_mode & 0o7777 for name in modes}

        self.assertEqual(made(), modes)
        (root / "etc/whylink/keys").chmod(0o700)
        self.assertEqual(made()["etc/whylink/keys"] & 0o777, 0o700)

    def test_the_account_is_made(self):
        root = self.root_with_account()
        accounts = {line.split(":")[0]: line.split(":") for line in (root / "etc/passwd").read_text().splitlines()}
        self.assertEqual(set(accounts), {"whylink", "whylink-control"})
        for account, home_of in (("whylink", "/var/lib/whylink"), ("whylink-control", "/")):
            name, _, uid, gid, _, home, shell = accounts[account]
            self.assertEqual((home, shell), (home_of, "/usr/sbin/nologin"))
            self.assertTrue(0 < int(uid) < 1000, uid)
            self.assertIn(f"{name}:x:{gid}:", (root / "etc/group").read_text())


if __name__ == "__main__":
    unittest.main()
