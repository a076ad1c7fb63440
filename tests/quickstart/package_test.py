"""The package without building it: what it needs, what it is called, and that its maintainer scripts are sound."""

import base64
import io
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
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


def functions():
    """Those of the script."""
    return re.sub(r"^cd .*", "", read("quickstart").partition('case "${1:-help}" in')[0], flags=re.MULTILINE)


def quickstart(command):
    """What a command prints that has them."""
    return subprocess.run(["bash", "-c", f"{functions()}\n{command}"], cwd=ROOT, text=True, capture_output=True, check=True)


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

    def test_the_reader_of_accounts_is_a_package_that_is_only_recommended(self):
        _, whylink, reader = paragraphs()
        self.assertEqual([whylink["Package"], reader["Package"]], ["whylink", "whylink-control"])
        self.assertIn("whylink-control", listed(whylink["Recommends"]))
        self.assertNotIn("whylink-control", whylink["Depends"])
        self.assertIn("whylink", listed(reader["Depends"]))

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

    @unittest.skipUnless((ROOT / ".git").exists(), "this is no git clone")
    def test_the_release_is_the_same_bytes_each_time_and_can_be_packaged(self):
        first, second = (quickstart("release_tarball whylink-1.2.3 1.2.3 1700000000 | base64").stdout for _ in range(2))
        self.assertEqual(first, second)
        with tarfile.open(fileobj=io.BytesIO(base64.b64decode(first))) as release:
            changelog = release.getmember("whylink-1.2.3/debian/changelog")
            self.assertEqual(release.extractfile(changelog).read().decode().split("\n")[0],
                             "whylink (1.2.3) unstable; urgency=medium")
            members = release.getmembers()
        self.assertEqual({member.mtime for member in members}, {changelog.mtime})
        self.assertEqual({member.mode & 0o022 for member in members if not member.issym()}, {0})
        self.assertTrue(all(member.name.startswith("whylink-1.2.3") for member in members))

    def test_without_git_it_says_what_to_run(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(["bash", "-c", f"{functions()}\ncd {folder}; build_package"], cwd=ROOT, text=True, capture_output=True,
                                  check=False, env={**os.environ, "GIT_CEILING_DIRECTORIES": str(Path(folder).parent)})
        self.assertEqual(done.returncode, 1)
        self.assertIn("dpkg-buildpackage", done.stderr)

    def test_maintainer_scripts_are_sound(self):
        for script in sorted((ROOT / "debian").glob("whylink*.p*")):
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
