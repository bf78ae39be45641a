#!/usr/bin/env python3
"""The tidy test's own test: each rule fires on a small offender, and stays quiet on what is right."""
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import cpp_scan  # noqa: E402
import tidy  # noqa: E402

CMAKE = """\
belay_floor(base LINKS fmt::fmt)
belay_floor(campaign LINKS belay_base)
belay_floor(net LINKS belay_base)
belay_floor(store LINKS belay_campaign)
"""
CLEAN = {
    "CMakeLists.txt": CMAKE,
    "README.md": "# A\n[the docs](docs/a.md#two-words) [out](https://example.org/x)\n",
    "docs/a.md": "# Two words\n[back](../README.md) [here](#two-words)\n",
    "LICENSE": "Apache\n",
    "CHANGELOG.md": "# Changes\n",
    "src/base/a.h": "// A.\n#pragma once\n",
}


def findings(files, waivers="", most_waivers=0):
    with tempfile.TemporaryDirectory() as folder:
        for path, text in {**CLEAN, **files}.items():
            if text is None:
                continue
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return tidy.check(tidy.Tree(folder), waivers, most_waivers)


def names(source):
    return [(f.name, f.lines) for f in cpp_scan.functions(textwrap.dedent(source))]


class Rules(unittest.TestCase):
    def fires(self, rule, files, line=None, **more):
        found = findings(files, **more)
        self.assertEqual({f.rule for f in found}, {rule}, found)
        if line is not None:
            self.assertEqual([f.line for f in found], [line])

    def quiet(self, files, **more):
        self.assertEqual(findings(files, **more), [])

    def test_a_clean_tree_has_no_findings(self):
        self.quiet({})

    def test_floors(self):
        above = {"src/net/n.h": "// N.\n#pragma once\n"}
        self.fires("floors", {"src/base/b.cpp": '#include "net/n.h"\n', **above}, line=1)
        self.fires("floors", {"src/store/s.cpp": '\n#include "net/n.h"\n', **above}, line=2)
        self.fires("floors", {"src/base/b.cpp": '#include "a.h"\n'})
        self.fires("floors", {"src/attic/b.cpp": "int x;\n"})
        self.quiet({"src/store/s.cpp": '#include "base/a.h"\n#include <vector>\n'})
        self.quiet({"src/base/b.cpp": '// #include "net/n.h"\n', **above})

    def test_sizes(self):
        self.fires("file-size", {"src/base/b.cpp": "int x;\n" * 801})
        self.quiet({"src/base/b.cpp": "int x;\n" * 800})
        body = lambda lines: "void f() {\n" + "  g();\n" * (lines - 2) + "}\n"  # noqa: E731
        self.fires("function-size", {"src/base/b.cpp": "\n" + body(71)}, line=2)
        self.quiet({"src/base/b.cpp": body(70)})
        python = "def f():\n" + "    g()\n" * 70
        self.fires("function-size", {"tests/t.py": python})

    def test_form_of_lines(self):
        self.fires("tabs", {"src/base/b.cpp": "int\tx;\n"})
        self.fires("columns", {"src/base/b.cpp": "// " + "x" * 118 + "\n"})
        self.quiet({"src/base/b.cpp": "// " + "x" * 117 + "\n"})

    def test_ports(self):
        for word in ("std::chrono::system_clock::now()", "std::chrono::steady_clock::now()", "std::thread t",
                     "std::jthread t", "rand()", "srand(1)", "std::random_device d", 'getenv("X")', "sleep(1)",
                     "std::this_thread::sleep_for(x)"):
            with self.subTest(word):
                self.fires("ports", {"src/store/s.cpp": f"void f() {{ {word}; }}\n"})
                self.quiet({"src/base/s.cpp": f"void f() {{ {word}; }}\n"})
                self.quiet({"src/store/s.cpp": f"// {word}\nconst char* s = R\"({word})\";\n"})
        self.quiet({"src/net/n.cpp": "std::thread t;\n", "src/store/s_test.cpp": "std::thread t;\n"})
        self.fires("ports", {"src/net/n.cpp": "int x = rand();\n"})
        self.quiet({"src/store/s.cpp": "int x = operand(1) + strand(2);\n"})

    def test_nowhere(self):
        self.fires("nowhere", {"src/base/b.cpp": "using namespace std;\n"})
        self.fires("nowhere", {"src/base/b.cpp": "auto& x = Thing::get_instance();\n"})
        self.quiet({"src/base/b.cpp": "using namespace std::literals;\n"})

    def test_unfinished(self):
        for word in ("TODO", "FIXME", "XXX"):
            self.fires("unfinished", {"src/base/b.cpp": f"// {word}: later\n"})
        self.fires("unfinished", {"docs/b.md": "TODO\n"})

    def test_sleeps_in_tests(self):
        self.fires("sleeps", {"src/base/b_test.cpp": "void f() { std::this_thread::sleep_for(x); }\n"})
        self.fires("sleeps", {"tests/t.py": "time.sleep(1)\n"})
        self.fires("sleeps", {"tests/t.sh": "sleep 1\n"})
        self.quiet({"src/base/b.cpp": "void f() { usleep(1); }\n"})

    def test_headers(self):
        self.fires("headers", {"src/base/b.h": "#pragma once\n"})
        self.fires("headers", {"src/base/b.h": "// B.\n"})

    def test_folders(self):
        self.fires("folders", {"src/base/utils/b.cpp": "int x;\n"})

    def test_front(self):
        self.fires("front", {"README.md": "line\n" * 121})
        for path in ("LICENSE", "CHANGELOG.md"):
            self.fires("front", {path: None})

    def test_links(self):
        self.fires("links", {"docs/b.md": "\n[x](c.md)\n"}, line=2)
        self.fires("links", {"docs/b.md": "[x](a.md#three)\n"})
        self.fires("links", {"docs/b.md": "[x](/docs/a.md)\n"})
        self.quiet({"docs/b.md": "[x](a.md) [y](../src/base/) `[z](no.md)`\n```\n[z](no.md)\n```\n"})

    def test_lock_files(self):
        self.fires("lock-files", {"web/package-lock.json": '{ "resolved": "https://example.org/x.tgz" }\n'})

    def test_waivers_cover_what_they_name_and_may_only_shrink(self):
        offender = {"src/base/b.cpp": "int\tx;\n"}
        waiver = "# why\ntabs src/base/b.cpp: generated\n"
        self.quiet(offender, waivers=waiver, most_waivers=1)
        self.fires("waivers", {}, waivers=waiver, most_waivers=1)
        self.fires("waivers", offender, waivers=waiver, most_waivers=0)
        self.fires("waivers", {}, waivers="tabs src/base/b.cpp\n")


class Scanner(unittest.TestCase):
    def test_literals_and_comments_are_blank_and_keep_their_place(self):
        source = 'int a = 1\'000; /* { */ char c = \'{\'; // {\nauto s = R"x({)")x" "\\"{";\n'
        code = cpp_scan.blank(source)
        self.assertEqual(len(code), len(source))
        self.assertNotIn("{", code)
        self.assertIn("1'000;", code)
        self.assertEqual(code.count("\n"), 2)

    def test_functions_in_namespaces_classes_and_templates(self):
        self.assertEqual(names("""\
            namespace a::b {
            class alignas(64) Thing final : public Other<int(int)> {
             public:
              explicit Thing(int x) : x_{x}, y_(make(x)), z_{1, 2} {
                go();
              }
              ~Thing();
              bool operator==(const Thing&) const = default;
              bool operator()(int) const { return true; }
             private:
              int x_{0};
            };
            template <class T, std::enable_if_t<(sizeof(T) > 1)>* = nullptr>
            auto f(T t, int n = 3) -> std::vector<T>
            {
              auto g = [&](int) { return 1; };
              return {t, g(n)};
            }
            }
            """), [("Thing", 3), ("operator()", 1), ("f", 6)])

    def test_values_are_no_functions(self):
        self.assertEqual(names("""\
            const std::array<int, 2> kTable = {1, 2};
            const std::map<int, std::function<void(int)>> kMap = {{1, {}}, {2, {}}};
            enum class E : int { a, b };
            struct P { int x{1}; std::string s = {"x"}; };
            constexpr auto g = [](int a) {
              return a;
            };
            """), [("g", 3)])

    def test_macros_of_the_test_framework(self):
        self.assertEqual(names("TEST(Brake, stops_now) {\n  EXPECT_TRUE(f({1, 2}));\n}\n"), [("Brake.stops_now", 3)])

    def test_preprocessor_lines_do_not_count_as_braces(self):
        self.assertEqual(names("#define OPEN {  \\\n  {\nvoid f() {\n}\n"), [("f", 2)])


class RealTable(unittest.TestCase):
    def test_the_projects_own_floors(self):
        table = tidy.floors(tidy.Tree(Path(__file__).resolve().parents[2]))
        self.assertEqual(table["base"], {"base"})
        self.assertEqual(table["campaign"], {"base", "campaign"})
        self.assertNotIn("dispatch", table["store"] | table["audience"] | table["content"] | table["channel"])
        self.assertNotIn("app", table["api"])
        self.assertNotIn("store", table["sink"])


if __name__ == "__main__":
    unittest.main()
