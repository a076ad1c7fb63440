"""usage: one_definition_test.py [FOLDER]: names every class, enum and function that two files define in one namespace.

Two classes of one name break the one-definition rule: neither the compiler nor the linker says so, and the program calls
the members of the wrong one. A name of one file belongs into an anonymous namespace, one of several into a header. The
sources are read as tokens, without a compiler: what a macro makes is not seen, and every branch of an #if is."""

import collections
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Programs of one file each, which are never linked with another: folder, and what the file's name begins with.
PROGRAMS = ("tests/fuzz/", "tests/bench/")
# What each program has one of.
OF_A_PROGRAM = {"main", "LLVMFuzzerTestOneInput", "certificates", "all_rows"}

TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?\*/|^[ \t]*\#(?:[^\n\\]|\\\n|\\.)*)
      | (?P<raw>(?:u8|[uUL])?R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)")
      | (?P<text>(?:u8|[uUL])?"(?:[^"\\\n]|\\.)*"|(?:u8|[uUL])?'(?:[^'\\\n]|\\.)+')
      | (?P<number>\.?\d(?:[\w.]|'(?=\w)|(?<=[eEpP])[+-])*)
      | (?P<word>[A-Za-z_]\w*)
      | (?P<sign>::|->|<=>|<<|[=!<>+*/%^|&-]=|\[\[|\]\]|.)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE)
TYPES = {"struct", "class", "union", "enum"}
CLOSING = {"(": ")", "{": "}", "[": "]", "[[": "]]"}


def tokens_of(source):
    """(token, line); strings and numbers are one sign each."""
    line = 1
    for match in TOKEN.finditer(source):
        if not match["skip"]:
            yield ('""' if match["raw"] or match["text"] else match[0]), line
        line += match[0].count("\n")


def end_of(tokens, at):
    """Behind the bracket that closes the one at `at`."""
    opening, closing, depth = tokens[at][0], CLOSING[tokens[at][0]], 0
    while at < len(tokens):
        depth += (tokens[at][0] == opening) - (tokens[at][0] == closing)
        at += 1
        if depth == 0:
            break
    return at


def without_template(words):
    """The declaration without `template <…>` and attributes."""
    while words and words[0] in ("template", "[["):
        if words[0] == "[[":
            words = words[words.index("]]") + 1:]
            continue
        depth = 0
        for at, word in enumerate(words[1:], 1):
            depth += (word == "<") - (word == ">")
            if depth == 0:
                words = words[at + 1:]
                break
        else:
            return []
    return words


def type_name(words):
    """Of `struct alignas(8) [[x]] Name<T> final : Base`: "Name<T>"; nothing for what has no name."""
    name, depth = [], 0
    for word in words:
        depth += (word in ("(", "[[")) - (word in (")", "]]"))
        if word in TYPES or word in ("alignas", ")", "]]") or depth > 0:
            continue
        if word in ("final", ":"):
            break
        name.append(word)
    return "".join(name)


def parameter_type(words):
    """Without its default and, where it has one, its name."""
    words = words[:words.index("=")] if "=" in words else words
    named = len(words) > 1 and re.match(r"[A-Za-z_]", words[-1]) and words[-2] not in ("::", "const", "unsigned", "struct")
    return " ".join(words[:-1] if named else words)


def beginning_of_name(words, last):
    """Where the name that ends at `last` begins: at `f` of `f<int>`."""
    depth = 0
    for at in range(last, -1, -1):
        depth += (words[at] == ">") - (words[at] == "<")
        if depth == 0 and words[at] != "<":
            return at
    return last


def function_name(words, is_template):
    """Of `std::string A::f(const B& b, int = 1) const`: "A::f(const B &, int)"; nothing for what each file has of its own.
    Templates, whose specialisations may differ in it alone, keep what they return."""
    at = words.index("operator") + 1 if "operator" in words else 0
    at = words.index("(", at + 1 if words[at:at + 2] == ["(", ")"] else at)
    begin = words.index("operator") if "operator" in words else beginning_of_name(words, at - 1)
    while begin > 1 and words[begin - 1] == "::" and re.match(r"\w", words[begin - 2]):
        begin -= 2
    if "static" in words[:at]:
        return ""
    parameters, one, depth, end = [], [], 0, at + 1
    for end, word in enumerate(words[at + 1:], at + 1):
        depth += (word in ("(", "<", "[", "{")) - (word in (")", ">", "]", "}"))
        if depth < 0:
            break
        if word == "," and depth == 0:
            parameters.append(parameter_type(one))
            one = []
        else:
            one.append(word)
    parameters.append(parameter_type(one))
    const = " const" if words[end + 1:end + 2] == ["const"] else ""
    of_template = f"{' '.join(words[:begin])} " if is_template else ""
    return f"{of_template}{''.join(words[begin:at])}({', '.join(parameters)}){const}"


def is_initializer(words):
    """Whether a brace here is one of a constructor's `: member_{…}`."""
    return ":" in words and "(" in words[:words.index(":")] and bool(re.match(r"\w|>", words[-1]))


def definitions_of(source):
    """(namespace, name, line) of what is defined at the scope of a namespace; "" in the namespace: it is anonymous."""
    tokens = list(tokens_of(source))
    scopes, words, begun, at = [], [], 0, 0
    while at < len(tokens):
        token, line = tokens[at]
        begun = begun if words else line
        if token == "{" and words.count("(") > words.count(")"):  # the default of a parameter
            at = end_of(tokens, at)
            words.append("}")
            continue
        if token == "{":
            is_template = words[:1] == ["template"]
            words = without_template(words)
            if "namespace" in words[:2]:
                name = "".join(words[words.index("namespace") + 1:])
                scopes.append(name.split("::") if name else [""])
                words, at = [], at + 1
                continue
            if words[:1] == ["extern"]:
                scopes.append([])
                words, at = [], at + 1
                continue
            namespace = "::".join(part for scope in scopes for part in scope)
            anonymous = [""] in scopes
            at = end_of(tokens, at)
            if words and words[0] in TYPES and "(" not in words[:1]:
                if name := type_name(words):
                    yield (None if anonymous else namespace), name, begun
                words = ["type"]
            elif "(" in words and "=" not in words[:words.index("(")] and words[0] != "using":
                if is_initializer(words):
                    words.append("}")
                    continue
                if name := function_name(words, is_template):
                    yield (None if anonymous else namespace), name, begun
                words = []
            else:
                words.append("}")
            continue
        if token == "}":
            scopes = scopes[:-1]
            words = []
        elif token == ";":
            words = []
        else:
            words.append(token)
        at += 1


def repeated(files):
    """Lines that name what more than one of `files` ((path, text) each) defines."""
    places = collections.defaultdict(dict)
    for path, text in files:
        for namespace, name, line in definitions_of(text):
            if namespace is not None and name.split("(")[0] not in OF_A_PROGRAM:
                places[namespace, name].setdefault(path, line)
    for (namespace, name), where in sorted(places.items()):
        if len(where) > 1:
            yield f"{namespace}::{name}: " + ", ".join(f"{path}:{line}" for path, line in sorted(where.items()))


def sources(folder):
    listed = subprocess.run(["git", "-C", folder, "ls-files", "-z", "-co", "--exclude-standard", "*.cpp", "*.hpp"],
                            capture_output=True, check=False).stdout.decode().split("\0")
    paths = [path for path in listed if path] or [str(path.relative_to(folder)) for path in folder.rglob("*.[ch]pp")]
    for path in sorted(paths):
        if not (folder / path).is_file() or path.startswith("build/"):
            continue
        yield path, (folder / path).read_text(encoding="utf-8")


def main():
    folder = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT
    files = [(path, text) for path, text in sources(folder) if not (path.endswith(".cpp") and path.startswith(PROGRAMS))]
    found = list(repeated(files))
    for line in found:
        print(f"two definitions of {line}")
    print(f"{len(files)} files read")
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main())
