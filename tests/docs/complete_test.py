#!/usr/bin/env python3
"""Nothing that a user meets is missing from the documentation, and nothing is there that is not so:
commands and flags, configuration keys, metrics, log events, routes, and the tests that are named."""
import json
import os
import re
import subprocess
import unittest
from pathlib import Path

from sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
BELAY = os.environ.get("BELAY", str(ROOT / "build/release/belay"))
COMMON = {"--data", "--config", "--json", "--help"}


def page(name):
    return (ROOT / name).read_text()


def sources(pattern="*.cpp"):
    return {path: path.read_text() for path in (ROOT / "src").rglob(pattern)}


def sections(markdown):
    """What stands under each heading, up to the next one."""
    parts = re.split(r"^#+ +(.+)$", markdown, flags=re.MULTILINE)
    return dict(zip((title.strip("` ") for title in parts[1::2]), parts[2::2]))


def in_code(markdown):
    """The texts between single backticks, outside of fences."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", markdown, flags=re.MULTILINE | re.DOTALL))


def help_of(command):
    done = subprocess.run([BELAY, *command, "--help"], capture_output=True, text=True, check=True)
    return done.stdout


def flags_in(help_text):
    return set(re.findall(r"^ +(?:-\w,)?(--[a-z-]+)", help_text, re.MULTILINE))


def commands(above=()):
    """Every command with its flags, as (words, flags)."""
    text = help_of(above)
    if above:
        yield above, flags_in(text)
    listed = re.search(r"^Subcommands:\n((?:  .+\n)+)", text, re.MULTILINE)
    for name in re.findall(r"^  (\w+)", listed[1], re.MULTILINE) if listed else []:
        yield from commands((*above, name))


class CommandLine(unittest.TestCase):
    def test_has_every_command_and_flag_in_its_section_and_no_other(self):
        described = sections(page("docs/command-line.md"))
        there = {" ".join(("belay", *words)): flags for words, flags in commands()}
        self.assertGreater(len(there), 12)
        self.assertEqual(set(there), {title for title in described if title.startswith("belay ")})
        for title, flags in there.items():
            said = {flag for code in in_code(described[title]) for flag in re.findall(r"--[a-z][a-z-]+", code)}
            with self.subTest(title):
                self.assertEqual(flags - COMMON - said, set(), "flags that are not described")
                others = set().union(*there.values())
                self.assertEqual(said & others - flags - COMMON - {"--tls-listen"}, set(), "described, but not there")
                self.assertEqual(said - others, set(), "described, but nowhere")
        self.assertLessEqual(COMMON, set(in_code(described["Common options"])) | {"--data", "--config"})


class Configuration(unittest.TestCase):
    def test_has_every_key(self):
        source = page("src/app/config.cpp")
        calls = r"\.(?:text|path|number|millis|duration|choice(?:<[\w:]+>)?|tables?)\(\s*\"(\w+)\""
        keys = set(re.findall(calls, source))
        self.assertGreater(len(keys), 20)
        markdown = page("docs/configuration.md")
        example = re.search(r"<!-- file: all.toml -->\n```toml\n(.*?)```", markdown, re.DOTALL)[1]
        in_example = set(re.findall(r"^ *(\w+) =|^ *\[+(?:\w+\.)*(\w+)\]+", example, re.MULTILINE))
        # The example is run by run.py, so that a key of it which does not exist is noticed there.
        self.assertEqual(keys - {a or b for a, b in in_example}, set(), "keys that the whole example lacks")
        described = {name.rpartition(".")[2] for name in in_code(markdown)}
        tables = {"tls", "http", "outbound", "dispatch", "compatibility", "audience", "upload", "dashboard", "account",
                  "provider"}
        self.assertEqual(keys - described - tables, set(), "not described")


class Operations(unittest.TestCase):
    def test_has_every_metric(self):
        box = Sandbox(BELAY)
        self.addCleanup(box.close)
        box.start_server(["--data", "data", "--config", "/dev/null"])
        text = box.run("curl http://127.0.0.1:8080/metrics")
        there = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
        self.assertGreater(len(there), 10)
        said = {code for code in in_code(page("docs/operations.md")) if re.fullmatch(r"(belay|process)_\w+", code)}
        self.assertEqual(said, there)

    def test_has_every_log_event_and_no_other(self):
        pattern = r"log_(?:info|warning|error|event)\(\s*(?:level,\s*)?\"([a-z_.]+)\""
        there = {event for path, text in sources().items()
                 if "_test" not in path.name for event in re.findall(pattern, text)}
        rows = re.findall(r"^\| (.+?) \|", sections(page("docs/operations.md"))["Logs"], re.MULTILINE)
        said = {code for row in rows[1:] for code in in_code(row)}
        self.assertEqual(said, there)


class Routes(unittest.TestCase):
    def test_are_all_in_the_api_page_and_the_vendors_in_the_compatibility_page(self):
        paths = json.loads(page("docs/openapi.json"))["paths"]
        there = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
        vendors = {route for route in there if re.match(r"\w+ /(1|2|v1)/", route)}
        for name, wanted in (("docs/api.md", there), ("docs/compatibility.md", vendors)):
            with self.subTest(name):
                text = page(name)
                said = set(re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) /[^`\s]+)`", text))
                self.assertEqual(wanted - said, set(), "routes that are not described")
                self.assertEqual({s for s in said if not s.startswith(("GET /_", "POST /_"))} - there, set(),
                                 "described, but not there")


class Proofs(unittest.TestCase):
    def test_that_are_named_exist(self):
        tests = set()
        for text in sources("*_test.cpp").values():
            tests |= {f"{suite}.{name}" for suite, name in re.findall(r"^TEST(?:_[FP])?\((\w+), (\w+)\)", text,
                                                                      re.MULTILINE)}
        for name in ("README.md", "docs/compatibility.md", "docs/proof.md"):
            for code in in_code(page(name)):
                with self.subTest(f"{name}: {code}"):
                    if re.fullmatch(r"[A-Z]\w+\.[A-Za-z0-9]+_\w+", code):
                        self.assertIn(code, tests)
                    elif re.fullmatch(r"\w+\.test", code):
                        self.assertTrue((ROOT / "tests/wire" / code).exists())
                    elif code.startswith(("tests/", "bench/", "src/", "docs/")):
                        self.assertTrue((ROOT / code.split()[0]).exists())

    def test_cover_every_scenario_of_restarts_crashes_and_clocks(self):
        rows = dict(re.findall(r"^\| S(\d\d) \|(.*)\|$", page("docs/proof.md"), re.MULTILINE))
        wanted = {*range(20, 57), 59, 60, 66, 67, 68}
        self.assertEqual(wanted - {int(number) for number in rows}, set())
        for number, row in rows.items():
            with self.subTest(f"S{number}"):
                self.assertTrue(in_code(row), "no test is named")


if __name__ == "__main__":
    unittest.main()
