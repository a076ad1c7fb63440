"""How ./quickstart shows a build: silent when all is well, whole when the compiler has something to say. CMake is a
script here."""

import os
import pty
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

QUICKSTART = Path(__file__).resolve().parents[2] / "quickstart"

CMAKE = """#!/bin/sh
[ "$1" != --preset ] || { mkdir -p "build/$2"; exit 0; }
echo "[1/2] Building CXX object one.o"
echo "[2/2] Building CXX object two.o"
"""
WARNS = 'echo "two.cpp:1:1: warning: odd [-Wodd]"\n'
FAILS = 'echo "FAILED: two.o"; echo "two.cpp:1:1: error: wrong"; echo "ninja: build stopped"; exit 1\n'


class Build(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        shutil.copy(QUICKSTART, self.folder)
        self.program("dpkg-query", "#!/bin/sh\necho 'ii '\n")

    def program(self, name, text):
        (self.folder / "bin").mkdir(exist_ok=True)
        file = self.folder / "bin" / name
        file.write_text(text)
        file.chmod(0o755)

    def build(self, cmake, stderr=subprocess.PIPE, **environment):
        self.program("cmake", cmake)
        return subprocess.run([self.folder / "quickstart", "build"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr,
                              text=True, check=False,
                              env={**os.environ, "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", **environment})

    def test_a_build_is_a_line_at_its_start_and_one_at_its_end(self):
        done = self.build(CMAKE)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout, "built: build/release/daemon/whylink\n")
        self.assertRegex(done.stderr, r"^quickstart: building \S+ \(release\)\nquickstart: built \S+ \(release\) in \d+ s\n$")

    def test_a_terminal_gets_one_line_that_is_redrawn(self):
        master, slave = pty.openpty()
        self.build(CMAKE, stderr=slave, TERM="xterm")
        os.close(slave)
        written = os.read(master, 65536).decode()
        os.close(master)
        self.assertIn("\r\x1b[Kquickstart: building whylink (release): 2/2", written)
        self.assertEqual(written.count("\n"), 1)

    def test_a_warning_is_shown(self):
        done = self.build(CMAKE + WARNS)
        self.assertEqual(done.returncode, 0)
        self.assertIn("two.cpp:1:1: warning: odd [-Wodd]\n", done.stderr)
        self.assertNotIn("Building CXX", done.stderr)

    def test_a_failure_shows_what_the_compiler_said_and_is_one(self):
        done = self.build(CMAKE + FAILS)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("two.cpp:1:1: error: wrong\n", done.stderr)
        self.assertNotIn("built:", done.stdout)
        self.assertIn("[2/2] Building CXX object two.o\n", (self.folder / "build/release/build.log").read_text())


if __name__ == "__main__":
    unittest.main()
