"""A package with its version replaced, for tests of upgrades and downgrades. Needs dpkg alone."""

import re
import subprocess
import tempfile
from pathlib import Path


def repack(package, version, out, change=lambda root: None):
    """Writes `package` to `out` with that version; `change` may edit the files in the folder that it is given."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        subprocess.run(["dpkg-deb", "--raw-extract", package, root], check=True)
        control = root / "DEBIAN/control"
        control.write_text(re.sub(r"(?m)^Version: .*$", f"Version: {version}", control.read_text()))
        change(root)
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", root, out], check=True,
                       stdout=subprocess.DEVNULL)
    return Path(out)
