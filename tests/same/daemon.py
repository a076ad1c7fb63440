"""What the daemon says in a scripted run: its log, its pages and the files that it writes. The run is scene.py."""

import subprocess
import sys
from pathlib import Path

SCENE = Path(__file__).with_name("scene.py")


def record(build, recording):
    directory = recording.begin_take("daemon").resolve()
    subprocess.run([sys.executable, "-B", SCENE, build / "daemon/whylink", directory], check=True)
