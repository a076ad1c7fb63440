"""usage: manual_test.py FOLDER: has man, mandoc and the shells read what whylink-manual wrote there."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

FOLDER = Path(sys.argv[1])
PAGES = sorted(path for path in FOLDER.iterdir() if path.suffix in (".1", ".5", ".7"))


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"{program} is not installed")


def run(*command, **environment):
    return subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
                          check=False, env={**os.environ, "LC_ALL": "C.UTF-8", **environment})


class Pages(unittest.TestCase):
    def test_there_are_three(self):
        self.assertEqual([page.name for page in PAGES], ["whylink-metrics.7", "whylink.1", "whylink.toml.5"])

    @needs("man")
    def test_man_warns_of_nothing(self):
        for page in PAGES:
            with self.subTest(page=page.name):
                done = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page, MANROFFSEQ="", MANWIDTH="80")
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    @needs("mandoc")
    def test_mandoc_warns_of_nothing(self):
        for page in PAGES:
            with self.subTest(page=page.name):
                done = run("mandoc", "-T", "lint", "-W", "warning", page)
                self.assertEqual((done.returncode, done.stdout), (0, ""))


# What is typed, its last word unfinished; some of what has to be offered.
TYPED = [
    (["whylink", ""], {"check", "diagnose", "config", "explain"}),
    (["whylink", "config", ""], {"check", "show"}),
    (["whylink", "check", "--for"], {"--format"}),
    (["whylink", "check", "--format", ""], {"human", "json", "nagios"}),
    (["whylink", "compare", "--format", ""], {"human", "json"}),
    (["whylink", "config", "check", "--con"], {"--config"}),
    (["whylink", "explain", "not_on"], {"not_on_allowlist"}),
    (["whylink", "diagnose", "--profile", "clickhouse-az"], {"clickhouse-azure"}),
    (["whylink", "status", "ord"], {"orders api", "orders-db"}),
    (["whylink", "account", "check", "ac"], {"acme-aws"}),
    (["whylink", "account", "check", "--format", ""], {"human", "json"}),
    (["whylink", "diagnose", "--account", "ac"], {"acme-aws"}),
    (["whylink", "status", "ac"], set()),
]
NOT_OFFERED = {("whylink", "compare", "--format", ""): "nagios", ("whylink", "config", ""): "diagnose",
               ("whylink", "account", "check", "ac"): "acorn", ("whylink", "status", "ac"): "acme-aws"}


class Completions(unittest.TestCase):
    def setUp(self):
        """A program that knows targets and an account; one name would be run where a shell expands names."""
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.trap = folder / "expanded"
        program = folder / "whylink"
        names = ("orders api", "orders-db", "acorn", f"ord$(touch {self.trap})")
        lines = [line for name in names for line in ("[[endpoint]]", f'name = "{name}"', "[endpoint.tls]")]
        lines += ["[[account]]", 'name = "acme-aws"', 'provider = "aws"']
        program.write_text("#!/bin/sh\n" + "".join(f"printf '%s\\n' '{line}'\n" for line in lines))
        program.chmod(0o755)
        self.environment = {"PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(folder)}

    def check(self, offer):
        for words, wanted in TYPED:
            with self.subTest(words=words):
                offered = offer(words)
                self.assertLessEqual(wanted, offered)
                self.assertNotIn(NOT_OFFERED.get(tuple(words)), offered)
        self.assertFalse(self.trap.exists(), "a name was expanded")

    def test_bash_completes(self):
        def offer(words):
            done = run("bash", "-c", 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _whylink; '
                       "printf '%s\\n' \"${COMPREPLY[@]}\"", FOLDER / "whylink.bash", *words, **self.environment)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            return set(done.stdout.splitlines())

        self.check(offer)

    @needs("fish")
    def test_fish_completes(self):
        def offer(words):
            done = run("fish", "-c", 'source $argv[1]; complete -C "$argv[2]"', FOLDER / "whylink.fish", " ".join(words),
                       **self.environment)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            return {line.split("\t")[0] for line in done.stdout.splitlines()}

        self.check(offer)

    @needs("zsh")
    def test_zsh_reads_it(self):
        done = run("zsh", "-f", "-n", FOLDER / "_whylink", **self.environment)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
