#!/usr/bin/python3
"""usage: install_test.py PACKAGE.deb [OLDER.deb]: installs, upgrades, downgrades, removes and purges it, and looks at what is
there after each. It does so for the package of the reader of accounts too, which lies beside it. The upgrade is from OLDER.deb; without it, to the same package under a newer version.

It does so in a Debian of its own (tests/support/debian-tree), under an overlay in a mount namespace: nothing of this system
changes. It needs root and debootstrap."""

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SUPPORT = Path(__file__).resolve().parents[1] / "support"
sys.path.append(str(SUPPORT))

import repacked
import running

PACKAGE = Path(sys.argv[1]).resolve()
OLDER = Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None
READER = PACKAGE.with_name(PACKAGE.name.replace("whylink_", "whylink-control_"))
DBGSYM = PACKAGE.with_name(PACKAGE.name.replace("whylink_", "whylink-dbgsym_"))
TREE = "WHYLINK_TEST_TREE"
CONFIG = "etc/whylink/whylink.toml"
HISTORY = "var/lib/whylink/history.db"
MINE = """[daemon]
listen = "127.0.0.1:9797"
[defaults]
interval = "1s"
[[endpoint]]
name = "itself"
host = "127.0.0.1"
port = 9797
tls = false
"""
ACCOUNT = """[[account]]
name = "clickhouse"
provider = "clickhouse"
key_id = "abcdefghijklmnopqrst"
key_secret_file = "clickhouse-key"
"""
# As setpriv(1) has it: the account of the service without a capability, and root with one.
AS_WHYLINK = ["--reuid=whylink", "--regid=whylink", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
AS_ROOT_WITH_NET_RAW = ["--bounding-set=-all,+net_raw", "--inh-caps=-all", "--no-new-privs"]
AS_ANYBODY = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"]
NEWER_CONFFILE = "\n# of the newer version\n"


def run(*command):
    return subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=120, check=False, env={
                              **os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"})


def newer(out):
    """The package as a later version with another configuration file."""
    def change(root):
        with (root / CONFIG).open("a", encoding="utf-8") as file:
            file.write(NEWER_CONFFILE)

    return repacked.repack(PACKAGE, "99.0", out, change)


class Install(unittest.TestCase):
    def setUp(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.mount("-t", "tmpfs", "whylink-package", folder)
        self.root = folder / "root"
        for name in ("root", "changes", "work"):
            (folder / name).mkdir()
        self.mount("-t", "overlay", "overlay", "-o",
                   f"lowerdir={os.environ[TREE]},upperdir={folder}/changes,workdir={folder}/work", self.root)
        # systemd-tmpfiles makes nothing without it.
        self.mount("-t", "proc", "proc", self.root / "proc")
        self.mount("--bind", "/dev", self.root / "dev")
        self.place(PACKAGE, "whylink.deb")
        self.place(READER, "whylink-control.deb")

    def mount(self, *arguments):
        done = run("mount", *arguments)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.addCleanup(run, "umount", "--lazy", arguments[-1])

    def place(self, package, name):
        (self.root / name).write_bytes(package.read_bytes())

    def in_root(self, *command):
        return run("chroot", self.root, *command)

    def dpkg(self, *arguments):
        done = self.in_root("dpkg", *arguments)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def install(self, name="whylink.deb"):
        return self.dpkg("--force-confold", "-i", f"/{name}")

    def install_newer(self):
        newer(self.root / "newer.deb")
        return self.install("newer.deb")

    def version(self):
        return self.in_root("dpkg-query", "-W", "-f=${Version} ${Status}", "whylink").stdout

    def write(self, name, text=""):
        (self.root / name).write_text(text, encoding="utf-8")

    def read(self, name):
        return (self.root / name).read_text(encoding="utf-8")

    def owners(self, *names):
        """`2755 root:whylink` of each, by the accounts of the copy."""
        done = self.in_root("stat", "--format=%a %U:%G", *names)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout.splitlines()

    def named_whylink(self):
        """Every file of the copy whose path says that it is the program's."""
        found = self.in_root("find", "/etc", "/usr", "/lib", "/var", "-xdev", "-path", "*whylink*")
        return {name for name in found.stdout.splitlines() if name.startswith("/")}

    def run_daemon(self, setpriv=AS_WHYLINK, state="/var/lib/whylink"):
        """Until it has judged a round and is asked to end. Returns its log, and keeps its metrics."""
        log = self.root.parent / "daemon.log"
        daemon = running.Process(["chroot", str(self.root), "setpriv", *setpriv, "env", f"STATE_DIRECTORY={state}",
                                  "/usr/bin/whylink", "run"], str(log))
        try:
            running.wait_until("whylink listens", lambda: daemon.listens(running.LISTEN))
            running.wait_until("a round has ended", running.is_ready)
            self.metrics = running.Page("/metrics").body.decode()
        finally:
            status = daemon.end(signal.SIGTERM)
        self.assertEqual(status, 0, daemon.log())
        return daemon.log()

    # ---- install ----

    def test_it_is_installed_with_its_folders_and_enabled(self):
        self.install()
        self.assertEqual(self.owners("/etc/whylink", "/etc/whylink/conf.d", "/etc/whylink/profiles.d", "/etc/whylink/keys",
                                     f"/{CONFIG}", "/var/lib/whylink", "/var/lib/whylink/evidence"),
                         ["2755 root:whylink"] * 3 + ["2750 root:whylink", "644 root:root"] + ["750 whylink:whylink"] * 2)
        self.assertTrue((self.root / "etc/systemd/system/multi-user.target.wants/whylink.service").is_symlink())

    def test_it_has_what_people_look_for(self):
        # The tree has no /usr/share/doc of other packages, and dpkg installs everything here.
        self.install()
        for name in ("man/man1/whylink.1.gz", "man/man5/whylink.toml.5.gz", "man/man7/whylink-metrics.7.gz",
                     "bash-completion/completions/whylink", "zsh/vendor-completions/_whylink",
                     "fish/vendor_completions.d/whylink.fish", "doc/whylink/copyright", "doc/whylink/index.md",
                     "doc/whylink/alerts.yml", "doc/whylink/fleet/rules.yml", "doc/whylink/fleet/dashboard.json",
                     "whylink/report.schema.json"):
            self.assertTrue((self.root / "usr/share" / name).is_file(), name)

    def test_it_runs_and_takes_its_own_configuration(self):
        self.install()
        done = self.in_root("whylink", "config", "check")
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_debug_symbols_are_those_of_the_program(self):
        self.assertTrue(DBGSYM.is_file(), DBGSYM)
        self.install()
        self.place(DBGSYM, "dbgsym.deb")
        self.dpkg("-i", "/dbgsym.deb")
        program = self.root / "usr/bin/whylink"
        self.assertNotIn(".symtab", run("readelf", "--sections", "--wide", program).stdout)
        said = run("readelf", "--notes", "--wide", program).stdout
        build_id = said.partition("Build ID: ")[2].split()[0]
        self.assertTrue((self.root / f"usr/lib/debug/.build-id/{build_id[:2]}/{build_id[2:]}.debug").is_file(), said)

    # ---- the reader of accounts ----

    def account_check(self):
        """With an account that needs a secret of the service, which is not asked here."""
        self.write(CONFIG, MINE + ACCOUNT)
        return self.in_root("whylink", "account", "check")

    def test_without_the_reader_it_says_so(self):
        self.install()
        done = self.account_check()
        self.assertEqual(done.returncode, 1)
        self.assertIn("whylink-control is not installed", done.stdout)
        self.assertNotIn("whylink-control", self.in_root("getent", "passwd").stdout)
        self.run_daemon()
        self.assertIn('whylink_healthy{kind="endpoint",name="itself"} 1\n', self.metrics)

    def test_the_reader_is_installed_with_its_account_and_socket(self):
        self.install()
        self.install("whylink-control.deb")
        self.assertEqual(self.owners("/etc/whylink-control"), ["750 root:whylink-control"])
        self.assertTrue((self.root / "etc/systemd/system/sockets.target.wants/whylink-control.socket").is_symlink())
        self.assertIn("\nwhylink-control:", self.in_root("getent", "passwd").stdout)
        done = self.in_root("/usr/libexec/whylink/whylink-control", "--version")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotIn("not installed", self.account_check().stdout)

    def test_purge_of_the_reader_leaves_only_its_account(self):
        self.install()
        before = self.named_whylink()
        self.install("whylink-control.deb")
        self.write("etc/whylink-control/clickhouse-key")
        self.dpkg("--remove", "whylink-control")
        self.assertTrue((self.root / "etc/whylink-control/clickhouse-key").exists())
        self.dpkg("--purge", "whylink-control")
        self.assertEqual(self.named_whylink() - before, set())
        self.assertEqual(self.in_root("id", "-un", "whylink-control").stdout, "whylink-control\n")

    # ---- docs/guides/hardening.md ----

    def make_read_only(self):
        """All but the state."""
        state = self.root / "var/lib/whylink"
        self.mount("--bind", state, state)
        done = run("mount", "-o", "remount,bind,ro", self.root)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotEqual(run("touch", self.root / "etc/whylink/new").returncode, 0)

    def captures(self):
        return 'whylink_capture_up{interface="any"} 1\n' in self.metrics

    def test_a_container_without_a_capability(self):
        self.install()
        self.write(CONFIG, MINE)
        self.make_read_only()
        self.run_daemon()
        self.assertFalse(self.captures())
        self.assertIn('whylink_healthy{kind="endpoint",name="itself"} 1\n', self.metrics)
        self.assertIn("whylink_history_up 1\n", self.metrics)

    def test_a_container_with_one_capability(self):
        self.install()
        self.write(CONFIG, MINE)
        # What root without CAP_DAC_OVERRIDE may write is its own.
        self.in_root("chown", "-R", "root:root", "/var/lib/whylink")
        self.make_read_only()
        self.run_daemon(AS_ROOT_WITH_NET_RAW)
        self.assertTrue(self.captures(), self.metrics)
        self.assertIn("whylink_history_up 1\n", self.metrics)

    def test_a_user_without_root(self):
        self.install()
        self.write(CONFIG, MINE)
        self.in_root("install", "-d", "-o", "nobody", "-m", "0750", "/srv/state")
        self.run_daemon(AS_ANYBODY, "/srv/state")
        self.assertTrue((self.root / "srv/state/history.db").is_file())
        done = self.in_root("setpriv", *AS_ANYBODY, "whylink", "diagnose", "127.0.0.1:9797", "--no-tls")
        self.assertEqual(done.returncode, 1, done.stdout)

    # ---- upgrade and downgrade ----

    def test_an_upgrade_keeps_configuration_state_and_permissions(self):
        if OLDER:
            self.place(OLDER, "older.deb")
            self.install("older.deb")
        else:
            self.install()
        self.write(CONFIG, MINE)
        self.run_daemon()
        self.write("etc/whylink/conf.d/mine.toml")
        self.write("var/lib/whylink/evidence/kept.pcapng")
        (self.root / "etc/whylink/keys").chmod(0o700)
        (self.root / "etc/whylink").chmod(0o750)
        said = self.install() if OLDER else self.install_newer()
        self.assertRegex(said, r"Unpacking whylink \(\S+\) over \(\S+\)")
        self.assertEqual(self.read(CONFIG), MINE)
        self.assertTrue((self.root / "etc/whylink/conf.d/mine.toml").exists())
        self.assertTrue((self.root / "var/lib/whylink/evidence/kept.pcapng").exists())
        self.assertEqual([(self.root / name).stat().st_mode & 0o777 for name in ("etc/whylink/keys", "etc/whylink")],
                         [0o700, 0o750])
        self.assertNotIn("the history begins again", self.run_daemon())
        said = self.in_root("whylink", "history", "itself").stdout
        self.assertIn("100", said)
        self.assertEqual(list((self.root / "var/lib/whylink").glob("history.db.*-[0-9]*")), [])

    def test_a_file_that_was_not_changed_is_replaced_by_an_upgrade(self):
        self.install()
        self.install_newer()
        self.assertTrue(self.read(CONFIG).endswith(NEWER_CONFFILE))
        self.assertEqual(sorted(path.name for path in (self.root / "etc/whylink").glob("whylink.toml*")), ["whylink.toml"])

    def test_a_file_that_was_changed_stays_beside_the_new_one(self):
        self.install()
        self.write(CONFIG, MINE)
        self.install_newer()
        self.assertEqual(self.read(CONFIG), MINE)
        self.assertTrue(self.read(f"{CONFIG}.dpkg-dist").endswith(NEWER_CONFFILE))

    def test_a_file_that_was_removed_stays_removed(self):
        self.install()
        (self.root / CONFIG).unlink()
        self.install_newer()
        self.assertFalse((self.root / CONFIG).exists())

    def test_a_downgrade_sets_a_newer_history_aside(self):
        self.install_newer()
        self.write(CONFIG, MINE)
        self.run_daemon()
        file = self.root / HISTORY
        with sqlite3.connect(file) as database:
            database.execute("PRAGMA journal_mode = DELETE")
            database.execute("PRAGMA user_version = 1000")
        database.close()
        self.assertRegex(self.install(), r"downgrading whylink (from 99\.0|\(99\.0\))")
        self.assertNotIn("99.0", self.version())
        self.assertEqual(self.read(CONFIG), MINE)
        self.assertIn("the history begins again", self.run_daemon())
        aside, = (self.root / "var/lib/whylink").glob("history.db.newer-*")
        with sqlite3.connect(aside) as database:
            self.assertEqual(database.execute("PRAGMA user_version").fetchone(), (1000,))
        database.close()
        self.assertTrue(file.exists())

    # ---- remove and purge ----

    def test_remove_keeps_configuration_and_state(self):
        self.install()
        self.dpkg("--remove", "whylink")
        self.assertFalse((self.root / "usr/bin/whylink").exists())
        self.assertTrue((self.root / CONFIG).exists())
        self.assertTrue((self.root / "var/lib/whylink").exists())

    def test_it_is_installed_again_after_remove_with_what_was_kept(self):
        self.install()
        self.write(CONFIG, MINE)
        self.dpkg("--remove", "whylink")
        self.install()
        self.assertEqual(self.read(CONFIG), MINE)
        self.assertIn("install ok installed", self.version())

    def test_purge_leaves_only_the_account(self):
        before = self.named_whylink()
        self.install()
        self.write(CONFIG, MINE)
        self.install_newer()
        self.write("etc/whylink/keys/client.key")
        self.write("var/lib/whylink/evidence/old.pcapng")
        self.dpkg("--purge", "whylink")
        self.assertEqual(self.named_whylink() - before, set())
        self.assertEqual(self.in_root("id", "-un", "whylink").stdout, "whylink\n")


def dependencies(package):
    """The first of each alternative."""
    field = subprocess.run(["dpkg-deb", "--field", package, "Depends"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return [entry.split()[0] for entry in field.split(",")]


def make_tree():
    """Before the namespaces, which have no network. An older package may need libraries that this one does not."""
    older = ["older", *dependencies(OLDER)] if OLDER else []
    done = subprocess.run([SUPPORT / "debian-tree", PACKAGE, *older], stdout=subprocess.PIPE, text=True, check=True)
    os.environ[TREE] = done.stdout.strip()


if __name__ == "__main__":
    if os.environ.get(TREE) is None:
        make_tree()
    running.enter_own_namespaces()
    unittest.main(argv=sys.argv[:1])
