"""The documentation as data: pages, their headings, links and code blocks.

A fence says what its block is, and so what a test does with it:

  sh            commands: those of whylink are run
  toml          a configuration: `whylink config check` accepts it
  toml profile  a profile of one's own: likewise
  yaml          scrape settings or alert rules: promtool accepts them, where it is installed
  text          output, or anything else that nobody runs
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCES = ("sh", "toml", "toml profile", "yaml", "text")


@dataclass
class Block:
    fence: str
    line: int
    text: str


@dataclass
class Page:
    path: Path
    text: str
    prose: list = field(default_factory=list)  # (line number, text) outside of code blocks
    blocks: list = field(default_factory=list)

    @property
    def name(self):
        return str(self.path.relative_to(ROOT))

    def of(self, fence):
        return [block for block in self.blocks if block.fence == fence]

    def headings(self):
        return [text.lstrip("#").strip() for _, text in self.prose if re.match(r"#{1,6} ", text)]

    def anchors(self):
        """As GitHub makes them of headings."""
        made = set()
        for heading in self.headings():
            plain = re.sub(r"[`*]|\[|\]\([^)]*\)|\]", "", heading).lower()
            base = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
            anchor, number = base, 0
            while anchor in made:
                number += 1
                anchor = f"{base}-{number}"
            made.add(anchor)
        return made

    def links(self):
        """(line number, target) of each link that does not leave the repository."""
        for number, text in self.prose:
            for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", text)):
                if not re.match(r"[a-z]+:", target):
                    yield number, target


def read(path):
    page = Page(path, path.read_text(encoding="utf-8"))
    block = None
    for number, line in enumerate(page.text.splitlines(), 1):
        fence = re.match(r" *```(.*)$", line)
        if fence and block is None:
            block = Block(fence[1].strip(), number, "")
            page.blocks.append(block)
        elif fence:
            block = None
        elif block is not None:
            block.text += line + "\n"
        else:
            page.prose.append((number, line))
    return page


def manual():
    """What users read: the README and docs."""
    return [read(path) for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]]


def everything():
    """With what developers read besides."""
    return manual() + [read(path) for path in sorted(ROOT.glob("*.md")) if path.name != "README.md"]
