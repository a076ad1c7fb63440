"""The package without building it: what it needs, what it is called, and that its maintainer scripts are sound."""

import re
import shutil
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Of quickstart's list: what every Debian build has, and what only helps a developer.
NOT_OF_THE_BUILD = {"g++", "git", "ccache", "ca-certificates"}
# Of the package's: its tools.
DEBHELPER = {"debhelper-compat", "dh-sequence-installsysusers"}


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def paragraphs():
    """Those of debian/control, each as a dictionary."""
    for text in read("debian/control").strip().split("\n\n"):
        yield {name: value.strip() for name, value in re.findall(r"^(\S+):((?:.*)(?:\n .*)*)", text, re.MULTILINE)}


def quickstart(command):
    """What a command prints that has the functions of the script."""
    functions = re.sub(r"^cd .*", "", read("quickstart").partition('case "${1:-help}" in')[0], flags=re.MULTILINE)
    return subprocess.run(["bash", "-c", f"{functions}\n{command}"], cwd=ROOT, text=True, capture_output=True, check=True)


def listed(value):
    return [entry.split()[0] for entry in value.split(",") if entry.strip()]


class Package(unittest.TestCase):
    def test_it_is_built_with_what_quickstart_installs(self):
        packages = set(re.search(r"^build_packages=\(([^)]*)\)", read("quickstart"), re.MULTILINE)[1].split())
        needed = set(listed(next(paragraphs())["Build-Depends"]))
        self.assertEqual(needed - DEBHELPER, packages - NOT_OF_THE_BUILD)

    def test_lists_are_sorted(self):
        build = listed(next(paragraphs())["Build-Depends"])
        self.assertEqual(build, sorted(build))

    def test_it_asks_for_no_compiler(self):
        for package in list(paragraphs())[1:]:
            self.assertNotRegex(package["Depends"] + package.get("Recommends", ""), r"g\+\+|cmake|ninja|-dev\b")

    def test_the_version_is_that_of_the_project_alone(self):
        self.assertFalse((ROOT / "debian/changelog").exists(), "quickstart writes it from CMakeLists.txt")
        done = quickstart("project_version; debian_changelog 1.2.3 1700000000")
        version, changelog = done.stdout.split("\n", 1)
        self.assertIn(f"project(whylink VERSION {version} ", read("CMakeLists.txt"))
        self.assertRegex(changelog, r"\Awhylink \(1\.2\.3\) unstable; urgency=medium\n\n  \* .*\n\n"
                                    r" -- .* <.*@.*>  Tue, 14 Nov 2023 22:13:20 \+0000\n\Z")

    @unittest.skipUnless(shutil.which("dpkg-parsechangelog"), "dpkg-dev is not installed")
    def test_debian_reads_the_changelog(self):
        done = quickstart("debian_changelog 1.2.3 1700000000 | dpkg-parsechangelog --file - --all --show-field Version")
        self.assertEqual((done.stdout, done.stderr), ("1.2.3\n", ""))

    def test_maintainer_scripts_are_sound(self):
        for script in sorted((ROOT / "debian").glob("whylink.p*")):
            with self.subTest(script=script.name):
                text = script.read_text(encoding="utf-8")
                self.assertRegex(text, r"\A#!/bin/sh\nset -e\n")
                self.assertIn("\n#DEBHELPER#\n", text)
                subprocess.run(["sh", "-n", script], check=True)

    def test_the_copyright_is_that_of_the_license(self):
        self.assertIn("Apache License", read("LICENSE"))
        self.assertIn("License: Apache-2.0", read("debian/copyright"))


if __name__ == "__main__":
    unittest.main()
