"""The reader of definitions: what it finds in two files, and what may stand in both."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import one_definition_test as checker


def repeated(first, second, namespace="a::b"):
    """What two files define, each with its text in `namespace`."""
    files = [(path, f"namespace {namespace} {{\n{text}\n}}\n") for path, text in (("x.cpp", first), ("y.cpp", second))]
    return [line.split(": ")[0] for line in checker.repeated(files)]


def names(text):
    return [name for _, name, _ in checker.definitions_of(text)]


class TwoDefinitions(unittest.TestCase):
    def test_types_are_found_whatever_is_in_them(self):
        for first, second in (("struct Seen { int a; };", "struct Seen final : Base { bool b; };"),
                              ("class Seen { void f() { g(); } };", "struct alignas(8) Seen { };"),
                              ("enum class Seen : int { a };", "enum class Seen { b };"),
                              ("template <class T> struct Seen { };", "template <class U> struct Seen { U u; };")):
            self.assertEqual(repeated(first, second), ["a::b::Seen"], first)

    def test_functions_are_found_by_their_parameters(self):
        self.assertEqual(repeated("inline int f(const T& a, int b = 1) { return b; }", "int f(const T& x, int) { return 2; }"),
                         ["a::b::f(const T &, int)"])
        self.assertEqual(repeated("A::A() : a_{1}, b_(2) { x(); }", "A::A() { }"), ["a::b::A::A()"])
        self.assertEqual(repeated("bool operator==(A a, A b) { return true; }", "bool operator==(A c, A d) { return 1; }"),
                         ["a::b::operator==(A, A)"])

    def test_overloads_and_specializations_are_others(self):
        self.assertEqual(repeated("int f(int a) { return 1; }", "int f(char a) { return 1; }"), [])
        self.assertEqual(repeated("template <> A f() { return {}; }", "template <> B f() { return {}; }"), [])
        self.assertEqual(repeated("template <> struct S<int> { };", "template <> struct S<char> { };"), [])

    def test_what_is_of_one_file_may_have_the_name_of_another(self):
        for own in ("namespace { struct Seen { }; }", "namespace { namespace inner { struct Seen { }; } }"):
            self.assertEqual(repeated(own, "struct Seen { };"), [], own)
        self.assertEqual(repeated("static int f() { return 1; }", "static int f() { return 2; }"), [])
        self.assertEqual(repeated("int main() { }", "int main() { }", ""), [])

    def test_declarations_are_no_definitions(self):
        self.assertEqual(repeated("struct Seen; int f(A a = {}); extern int x; using T = A<int>;",
                                  "struct Seen { }; int f(A a) { return 1; } int x = 1; struct T;"), [])

    def test_what_is_no_code_is_passed_over(self):
        for text in ('const char* t = "struct Seen {";', "// struct Seen {", "/* struct Seen { */", 'auto t = R"(struct Seen {)";',
                     "#define M struct Seen { \\\n }", "auto c = '{'; int n = 1'000;", "int f(A a = {}, B b = {1, {2}});"):
            self.assertEqual(names(text + "\nstruct Last { };"), ["Last"], text)

    def test_the_namespace_counts_however_it_is_written(self):
        files = [("x.cpp", "namespace a::b { struct S { }; }"), ("y.cpp", "namespace a { namespace b { struct S { }; } }"),
                 ("z.cpp", "namespace a { struct S { }; }")]
        self.assertEqual(list(checker.repeated(files)), ["a::b::S: x.cpp:1, y.cpp:1"])


class Tree(unittest.TestCase):
    def test_a_planted_definition_fails(self):
        program = [sys.executable, "-B", checker.__file__]
        with tempfile.TemporaryDirectory() as folder:
            for name in ("one", "two"):
                (Path(folder) / f"{name}.cpp").write_text("namespace w {\nstruct Day { int of; };\n}\n", encoding="utf-8")
            planted = subprocess.run([*program, folder], capture_output=True, text=True, check=False)
            (Path(folder) / "two.cpp").unlink()
            alone = subprocess.run([*program, folder], capture_output=True, text=True, check=False)
            (Path(folder) / "one.cpp").unlink()
            empty = subprocess.run([*program, folder], capture_output=True, text=True, check=False)
        self.assertEqual((planted.returncode, planted.stdout),
                         (1, "two definitions of w::Day: one.cpp:2, two.cpp:2\n2 files read\n"))
        self.assertEqual((alone.returncode, empty.returncode), (0, 1), "nothing read is no success")


if __name__ == "__main__":
    unittest.main()
