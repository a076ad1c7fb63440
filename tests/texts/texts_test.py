"""usage: texts_test.py [WHYLINK]: holds every text to the rules in rules.toml and prints all that breaks one.

Texts are those of the program (checks/texts, config/profiles, the summaries of checks/table, what `--help` and `explain`
print) and of the documentation."""

import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "docs"))

import pages

ROOT = pages.ROOT
RULES = tomllib.loads(Path(__file__).with_name("rules.toml").read_text(encoding="utf-8"))

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
# Behind a full stop begins a sentence, unless what follows is a word in small letters ("e.g. a"). A slug is no such word,
# nor is the program's name.
SENTENCE_END = re.compile(r"(?<=[.!?])[\")]?\s+(?=[^a-z\s]|[a-z]+_|whylink\b)")


@dataclass
class Text:
    where: str
    text: str
    limit: int  # words in a sentence
    is_step: bool = False
    is_title: bool = False


# ---- where texts come from ----


def strings_of(value, keys=()):
    """(keys, string) of a TOML value, depth first."""
    if isinstance(value, str):
        yield keys, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from strings_of(inner, (*keys, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value, 1):
            yield from strings_of(inner, (*keys, index))


def texts_of_data():
    for path in sorted([*(ROOT / "checks/texts").glob("*.toml"), *(ROOT / "config/profiles").rglob("*.toml")]):
        for keys, text in strings_of(tomllib.loads(path.read_text(encoding="utf-8"))):
            named = [key for key in keys if isinstance(key, str)]
            if named[-1] in RULES["keys"]["skipped"] or (len(named) > 1 and named[-2] in RULES["keys"]["skipped"]):
                continue
            yield Text(f"{path.relative_to(ROOT)}: {'.'.join(map(str, keys))}", text, RULES["words"]["report"],
                       is_step=named[-1] in RULES["keys"]["steps"] or path.parent.name == "steps",
                       is_title=path.name == "causes.toml" and named[-1] == "title")


def texts_of_rules():
    """The string literals of the decision table, adjacent ones joined: summaries and what is said of oddities."""
    literal = r'"(?:[^"\\\n]|\\.)*"'
    for path in sorted((ROOT / "checks/table").rglob("*.?pp")):
        source = path.read_text(encoding="utf-8")
        for match in re.finditer(rf"{literal}(?:\s*{literal})*", source):
            line_start = source.rfind("\n", 0, match.start()) + 1
            if source[line_start:match.start()].lstrip().startswith(("#", "//")):
                continue
            text = "".join(part[1:-1] for part in re.findall(literal, match[0])).replace('\\"', '"')
            if len(text.split()) >= 3:
                yield Text(f"{path.relative_to(ROOT)}:{source.count(chr(10), 0, match.start()) + 1}", text, RULES["words"]["report"])


def paragraphs(page):
    """(line number, text) of paragraphs, list items, headings and table cells."""
    begun, lines = 0, []
    for number, line in [*page.prose, (0, "")]:
        stripped = line.strip()
        begins = not stripped or re.match(r"([-*+]|\d+\.|#{1,6}|>) ", stripped) or stripped.startswith(("|", "<!--"))
        # A line that does not follow the one before has a code block in between.
        if lines and (begins or number != begun + len(lines)):
            yield begun, " ".join(lines)
            lines = []
        if stripped.startswith("|"):
            for cell in re.split(r"(?<!\\)\|", stripped.strip("|")):
                if not re.fullmatch(r"[\s:-]*", cell):
                    yield number, cell.strip()
        elif stripped and not stripped.startswith("<!--"):
            if not lines and line.startswith("    "):
                continue  # an indented block of code
            if not lines:
                begun = number
            lines.append(re.sub(r"^([-*+]|\d+\.|#{1,6}|>) ", "", stripped))


def texts_of_docs():
    for page in pages.everything():
        for line, text in paragraphs(page):
            # Of a link its text counts, not its address.
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
            # Lists of values and results in a cell are not read as one sentence.
            yield from (Text(f"{page.name}:{line}", part, RULES["words"]["docs"]) for part in text.split("; "))


def texts_of_comments():
    """Of the configuration that is installed, and of the alert rules."""
    for name in ("config/whylink.toml", "docs/alerts.yml"):
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1):
            yield Text(f"{name}:{number}", line, 10**6)


def printed(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments)}: status {done.returncode}: {done.stderr}")
    return done.stdout


# ---- what they are held to ----


def without_code(text):
    return re.sub(r"`[^`]*`", "CODE", text)


def sentences(text):
    return SENTENCE_END.split(without_code(text))


def words_in(sentence):
    return sum(bool(re.search(r"\w", word)) for word in sentence.split())


def is_imperative(step):
    """A verb comes first, behind "AWS: " and the like or in the main clause behind "When …,"."""
    rules = RULES["steps"]
    verbs = {verb.lower() for verb in rules["verbs"]}
    if PLACEHOLDER.fullmatch(step):
        return True
    while True:
        step = step.removeprefix("Or ")
        first = re.match(r"[\w'-]*", step)[0].lower()
        if first in verbs:
            return True
        if first in (condition.lower() for condition in rules["conditions"]):
            clauses = re.split(r"[,:] ", sentences(step)[0])[1:]
            return any(re.match(r"\w*", clause)[0].lower() in verbs for clause in clauses)
        lead_in = re.match(r"[^.:]{1,60}: ", step)
        if not lead_in:
            return False
        step = step[lead_in.end():]


def known_placeholders():
    header = (ROOT / "checks/explain/wording.hpp").read_text(encoding="utf-8")
    return set(re.findall(r"///< \{([a-z_]+)\}", header)) | set(RULES["placeholders"]["known"])


def banned(text, is_title=False):
    plain = without_code(text)
    for rule in RULES["banned"]:
        if rule.get("titles_only") and not is_title:
            continue
        found = re.search(rule["pattern"], plain, 0 if rule.get("case") else re.IGNORECASE)
        if found:
            yield f'"{found[0]}": say "{rule["use"]}"'


def findings_of(text, placeholders):
    for sentence in sentences(text.text):
        if words_in(sentence) > text.limit:
            yield f"{words_in(sentence)} words, at most {text.limit}: {sentence}"
    if text.is_title and words_in(text.text) > RULES["words"]["title"]:
        yield f"{words_in(text.text)} words in a title, at most {RULES['words']['title']}: {text.text}"
    if text.is_step and not is_imperative(text.text):
        yield f"no imperative comes first: {text.text}"
    for reason in banned(text.text, text.is_title):
        yield reason
    if placeholders is not None:
        for name in PLACEHOLDER.findall(text.text):
            if name not in placeholders:
                yield f"unknown placeholder {{{name}}}"


def findings_in_sources():
    known = known_placeholders()
    for text in [*texts_of_data(), *texts_of_rules()]:
        for finding in findings_of(text, known):
            yield text.where, finding
    for text in [*texts_of_docs(), *texts_of_comments()]:
        for finding in findings_of(text, None):
            yield text.where, finding


def findings_in_output(program):
    for command in ["", *RULES["help"]["commands"]]:
        where = f"whylink {command} --help".replace("  ", " ")
        for line in printed(program, *command.split(), "--help").splitlines():
            if len(line) > RULES["columns"]["help"]:
                yield where, f"{len(line)} columns, at most {RULES['columns']['help']}: {line}"
            for reason in banned(line):
                yield where, reason
    for name in ("causes", "outcomes", "followups", "stages"):
        for slug in tomllib.loads((ROOT / f"checks/texts/{name}.toml").read_text(encoding="utf-8")):
            for placeholder in PLACEHOLDER.findall(printed(program, "explain", slug)):
                yield f"whylink explain {slug}", f"{{{placeholder}}} is not expanded"


def is_allowed(where, finding):
    return any(where.startswith(rule["file"]) and rule["text"] in finding for rule in RULES.get("allowed", []))


def main():
    found = list(findings_in_sources())
    if len(sys.argv) > 1:
        found += findings_in_output(sys.argv[1])
    found = [f"{where}: {finding}" for where, finding in found if not is_allowed(where, finding)]
    print(*found, sep="\n")
    if found:
        sys.exit(f"{len(found)} texts break a rule of tests/texts/rules.toml")


if __name__ == "__main__":
    main()
