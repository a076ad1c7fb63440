"""Where the documents of a recording are: in OUT/raw, as they came; they are masked when they are compared, so that a
mask may change without another run. A part in which chance plays is recorded more than once; each of its takes has all
of its documents."""

import shutil
from pathlib import Path

import masks

ONLY = "only"


class Recording:
    def __init__(self, out):
        self.out = Path(out)
        self.raw = self.out / "raw"

    def begin(self, part):
        """The empty directory of a part; what an earlier run wrote there is gone."""
        directory = self.raw / ONLY / part
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        return directory

    def begin_take(self, part):
        """The directory of one more take of a part."""
        number = 1
        while (self.raw / f"take-{number}" / part).exists():
            number += 1
        directory = self.raw / f"take-{number}" / part
        directory.mkdir(parents=True)
        return directory

    def names(self):
        """Without the takes."""
        return {str(Path(*path.relative_to(self.raw).parts[1:])) for path in self.raw.rglob("*") if path.is_file()}

    def documents(self):
        """By name, the different texts of the takes, masked."""
        texts = {}
        for path in sorted(self.raw.rglob("*")):
            if path.is_file():
                name = Path(*path.relative_to(self.raw).parts[1:])
                text = masks.mask(name, path.read_text(encoding="utf-8", errors="backslashreplace"))
                known = texts.setdefault(str(name), [])
                if text not in known:
                    known.append(text)
        return texts
