"""usage: commands_test.py WHYLINK: runs what the documentation tells its readers to run.

Nothing can be reached from here: the commands run in a network namespace with nothing but loopback, and in a folder of
their own. So a check may fail, and does. What no command may do is be refused by the command line, or name a target that
the page's configuration does not have."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

import pages
import running

WHYLINK = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ""

# Commands of others, or that change the host. A block with any other command fails the test.
NOT_RUN = {"./quickstart", "systemctl", "journalctl", "systemd-analyze", "install", "adduser", "cd", "scp", "tshark", "promtool",
           "aws", "az", "gcloud", "dig", "nslookup", "openssl", "tests/systemd/boot", "apt-get", "sha256sum", "tests/fleet/boot",
           "ansible-playbook", "cloud-init", "amtool", "docker", "env"}

REPORTS = {"check", "diagnose", "zone", "status"}
NOT_HEALTHY = {0, 1, 3}  # 2 is a wrong command line, a wrong configuration or an unknown name

SOME_ENDPOINT = '\n[[endpoint]]\nname = "docs-test"\nhost = "127.0.0.1"\nport = 9\n'


def commands(block):
    """The lines of a block, continued ones joined, without comments and blank lines."""
    for line in block.text.replace("\\\n", " ").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.strip()


def words(line):
    return shlex.split(line, comments=True)


def is_run(line):
    first = words(line)[0]
    return first == "whylink" or (first == "curl" and "127.0.0.1" in line)


class Folder:
    """What a page's commands find around them."""

    def __init__(self, path):
        self.path = Path(path)
        self.files = self.path / "files"
        self.files.mkdir()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-subj", "/CN=docs.test", "-days", "2", "-keyout", "key.pem", "-out", "cert.pem"],
                       cwd=self.files, check=True, capture_output=True)

    def config(self, name, text):
        """A main file of that text; the certificates and keys that it names are there."""
        folder = self.path / name
        folder.mkdir(parents=True)

        def there(match):
            return f'{match[1]}"{self.files / ("key.pem" if match[2] == "key" else "cert.pem")}"'

        file = folder / "whylink.toml"
        file.write_text(re.sub(r'(\b(ca|cert|key)_file\s*=\s*)"[^"]*"', there, text), encoding="utf-8")
        return file

    def shell(self, config):
        """An environment in which `whylink` reads that config, unless the command names another."""
        bin_folder = config.parent / "bin"
        bin_folder.mkdir()
        program = bin_folder / "whylink"
        program.write_text('#!/bin/sh\ncase " $* " in *" --config "*) ;; *) set -- "$@" --config ' + shlex.quote(str(config)) +
                           " ;; esac\nexec " + shlex.quote(WHYLINK) + ' "$@"\n')
        program.chmod(0o755)
        return {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"}


def with_a_target(text):
    return text if re.search(r"^\[\[(endpoint|zone|watch)\]\]", text, re.MULTILINE) else text + SOME_ENDPOINT


def config_of(page):
    """All its config blocks as one file; those of the README where the page has none."""
    blocks = page.of("toml") or pages.read(pages.ROOT / "README.md").of("toml")
    return with_a_target("\n".join(re.sub(r"^include\s*=.*\n", "", block.text, flags=re.MULTILINE) for block in blocks))


class Docs(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = Folder(self.enterContext(tempfile.TemporaryDirectory()))

    def accepts(self, config):
        done = subprocess.run([WHYLINK, "config", "check", "--config", config], capture_output=True, text=True,
                              timeout=running.DEADLINE, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_config_blocks_are_valid(self):
        for page in pages.manual():
            for block in page.of("toml"):
                with self.subTest(page=page.name, line=block.line):
                    self.accepts(self.folder.config(f"{page.path.stem}-{block.line}", with_a_target(block.text)))

    def test_profile_blocks_are_valid(self):
        for page in pages.manual():
            for block in page.of("toml profile"):
                with self.subTest(page=page.name, line=block.line):
                    config = self.folder.config(f"{page.path.stem}-{block.line}", SOME_ENDPOINT)
                    (config.parent / "profiles.d").mkdir()
                    (config.parent / "profiles.d/example.toml").write_text(block.text, encoding="utf-8")
                    self.accepts(config)

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed")
    def test_prometheus_blocks_are_valid(self):
        for page in pages.manual():
            for block in page.of("yaml"):
                kind = "config" if block.text.startswith("scrape_configs:") else "rules"
                if not block.text.startswith(("scrape_configs:", "groups:")):
                    continue  # of Alertmanager
                with self.subTest(page=page.name, line=block.line):
                    file = self.folder.path / f"{page.path.stem}-{block.line}.yml"
                    file.write_text(block.text, encoding="utf-8")
                    done = subprocess.run(["promtool", "check", kind, file], capture_output=True, text=True, check=False)
                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_blocks_have_known_commands_only(self):
        for page in pages.manual():
            for block in page.of("sh"):
                for line in commands(block):
                    with self.subTest(page=page.name, line=block.line, command=line):
                        first = words(line)[0]
                        self.assertTrue(is_run(line) or first in NOT_RUN or first == "curl", f"{first}: run it, or list it")

    def test_commands_are_accepted(self):
        for page in pages.manual():
            lines = [line for block in page.of("sh") for line in commands(block) if is_run(line)]
            if lines:
                self.run_page(page, lines)

    def run_page(self, page, lines):
        config = self.folder.config("page-" + re.sub(r"\W", "-", page.name), config_of(page))
        environment = self.folder.shell(config)
        daemon = None
        if any(words(line)[:2] in (["whylink", "run"], ["whylink", "status"]) or words(line)[0] == "curl" for line in lines):
            daemon = running.start_daemon(WHYLINK, str(config), str(config.parent / "log"))
        try:
            for line in lines:
                if words(line)[:2] != ["whylink", "run"]:
                    with self.subTest(page=page.name, command=line):
                        self.run_line(line, config.parent, environment)
        finally:
            if daemon is not None:
                self.assertEqual(daemon.end(), 0, daemon.log())

    def run_line(self, line, folder, environment):
        done = subprocess.run(["bash", "-c", line], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=running.DEADLINE, check=False)
        given = words(line)
        allowed = {0}
        if "nagios" in given:
            allowed = {0, 1, 2, 3}  # 3: not every target had a round
        elif given[0] == "whylink" and given[1] in REPORTS:
            allowed = NOT_HEALTHY
        elif given[:2] == ["whylink", "compare"]:
            allowed = {0, 1}
        self.assertIn(done.returncode, allowed, done.stdout + done.stderr)


if __name__ == "__main__":
    running.enter_own_namespaces()
    # Evidence and the like of the daemon stays in here, too.
    subprocess.run(["mount", "-t", "tmpfs", "whylink-docs", "/var/lib"], check=True)
    unittest.main(argv=sys.argv[:1])
