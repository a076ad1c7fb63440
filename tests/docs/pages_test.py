"""The documentation as its readers find it: links that lead somewhere, pages that say what they are for."""

import re
import unittest

import pages

DOCS = pages.ROOT / "docs"


class Pages(unittest.TestCase):
    def test_links_lead_to_files_and_headings(self):
        known = {page.path: page for page in pages.everything()}
        for page in known.values():
            for number, target in page.links():
                with self.subTest(page=page.name, line=number, target=target):
                    path, _, anchor = target.partition("#")
                    file = (page.path.parent / path).resolve() if path else page.path
                    self.assertTrue(file.exists(), "no such file")
                    if anchor and file in known:
                        self.assertIn(anchor, known[file].anchors(), "no such heading")

    def test_links_of_docs_stay_in_docs(self):
        """docs is installed without the files around it."""
        for page in pages.manual():
            for number, target in page.links():
                if DOCS in page.path.parents and not target.startswith("#"):
                    with self.subTest(page=page.name, line=number, target=target):
                        self.assertIn(DOCS, (page.path.parent / target.partition("#")[0]).resolve().parents)

    def test_the_index_leads_to_every_page(self):
        reached, waiting = set(), [pages.read(DOCS / "index.md")]
        while waiting:
            page = waiting.pop()
            reached.add(page.path)
            for _, target in page.links():
                file = (page.path.parent / target.partition("#")[0]).resolve()
                if file.suffix == ".md" and file.exists() and file not in reached:
                    waiting.append(pages.read(file))
        for path in DOCS.rglob("*.md"):
            self.assertIn(path, reached, f"no link leads from docs/index.md to {path}")

    def test_a_page_begins_with_its_heading_and_what_it_is_for(self):
        for page in pages.manual():
            with self.subTest(page=page.name):
                lines = [text for _, text in page.prose]
                self.assertRegex(lines[0], r"^# \S")
                self.assertEqual(sum(bool(re.match(r"# ", line)) for line in lines), 1, "one heading of the first level")
                paragraph = "\n".join(lines[1:]).strip().split("\n\n")[0]
                self.assertNotRegex(paragraph, r"^([|#>`*-] |<|\d+\.)", "prose comes first")
                first = re.split(r"(?<=[.:])\s", paragraph)[0]
                self.assertRegex(first, r"[.:]\**$")
                self.assertGreaterEqual(len(first.split()), 5)

    def test_blocks_say_what_they_are(self):
        for page in pages.manual():
            for block in page.blocks:
                with self.subTest(page=page.name, line=block.line):
                    self.assertIn(block.fence, pages.FENCES)

    def test_no_command_escapes_in_an_indented_block(self):
        for page in pages.manual():
            for number, line in page.prose:
                with self.subTest(page=page.name, line=number):
                    self.assertNotRegex(line, r"^ {4,}(\./quickstart|whylink|curl|systemctl) ")

    def test_the_changelog_has_the_version_of_the_build(self):
        version = re.search(r"project\(whylink VERSION (\S+)", (pages.ROOT / "CMakeLists.txt").read_text())[1]
        released = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", (pages.ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
        self.assertEqual(released[0], version)


if __name__ == "__main__":
    unittest.main()
