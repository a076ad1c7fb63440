"""Holds the table of folders in ARCHITECTURE.md to the tree: a row for each folder, which names each folder in it once."""

import re
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_RUN = 77  # for CTest


def rows(page):
    """Of the table with the heading "folder": {name: what it says}."""
    table = page.split("| folder |", 1)[1].split("\n\n", 1)[0]
    return {match[1]: match[2] for match in re.finditer(r"^\| `([^`]+)/` \|(.*)$", table, re.MULTILINE)}


def folders(paths):
    """{folder: the folders in it}"""
    found = {}
    for path in paths:
        first, *rest = path.split("/")
        if rest:
            found.setdefault(first, set()).update(rest[:-1][:1])
    return found


class Folders(unittest.TestCase):
    def setUp(self):
        listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, check=False)
        if listed.returncode != 0:
            sys.exit(NOT_RUN)
        self.tree = folders(listed.stdout.decode().strip("\0").split("\0"))
        self.rows = rows((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"))

    def test_each_folder_has_a_row(self):
        self.assertEqual(sorted(self.rows), sorted(self.tree))

    def test_each_row_names_the_folders_in_it_once(self):
        for folder, text in self.rows.items():
            with self.subTest(folder):
                self.assertEqual(sorted(re.findall(r"`([\w.-]+)/`", text)), sorted(self.tree.get(folder, ())))


if __name__ == "__main__":
    unittest.main()
