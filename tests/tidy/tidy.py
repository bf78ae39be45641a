#!/usr/bin/env python3
"""The house rules that a program can check. Run: tests/tidy/tidy.py [--root DIR] [--longest N]

Each rule is a function that gets the Tree and yields findings. A finding can be waived by a line in
waivers.txt, with its reason; a waiver that waives nothing any more is itself a finding, and there
may never be more of them than MOST_WAIVERS.
"""
import argparse
import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import cpp_scan  # noqa: E402

MOST_WAIVERS = 1  # lower it when a waiver goes; never raise it
FILE_LINES, FUNCTION_LINES, COLUMNS, README_LINES = 800, 70, 120, 120

NOT_OURS = {".git", "build", "data", "dist", "node_modules", ".cache", "__pycache__", "schema.gen.ts"}
CODE = {".h", ".cpp"}
SCRIPTS = {".py", ".rb", ".php", ".js", ".mjs", ".ts", ".tsx", ".sh"}

# What the engine must get through its ports, and the floors that build those ports.
ENGINE_FREE = {"base", "net", "app", "sink"}
PORTS_ONLY = [
    # words, where they are allowed, what to use instead, whether tests may
    (r"\bsystem_clock\b", {"base"}, "the Clock port", False),
    (r"\b(?:steady_clock|high_resolution_clock)\b", ENGINE_FREE, "the Clock port", True),
    (r"\bstd::j?thread\b", ENGINE_FREE, "an Executor", True),
    (r"\b(?:rand|srand|rand_r|drand48)\s*\(", {"base"}, "the Random port", False),
    (r"\brandom_device\b", {"base"}, "the Random port", False),
    (r"\b(?:secure_)?getenv\s*\(", {"base", "app"}, "a parameter", True),
    (r"\b(?:sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(", ENGINE_FREE, "Executor::after", False),
]
NOWHERE = [
    (r"\busing\s+namespace\s+std\s*;", "no `using namespace std`"),
    (r"\bget_instance\b|\bgetInstance\b", "no singletons"),
]
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
SLEEP = re.compile(r"\b(?:usleep|nanosleep|sleep_for|sleep_until|sleep)\s*\(|^[ \t]*sleep[ \t]+[\d$.]", re.MULTILINE)


@dataclass(frozen=True)
class Finding:
    rule: str
    path: str
    line: int
    text: str

    @property
    def key(self):
        return f"{self.rule} {self.path}"

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


class Tree:
    """The project's own files, read once."""

    def __init__(self, root):
        self.root = Path(root)
        self._texts = {}
        self.paths = sorted(self._walk(self.root))

    def _walk(self, folder):
        for entry in folder.iterdir():
            if entry.name in NOT_OURS or entry.is_symlink():
                continue
            if entry.is_dir():
                yield from self._walk(entry)
            else:
                yield entry.relative_to(self.root).as_posix()

    def text(self, path):
        if path not in self._texts:
            self._texts[path] = (self.root / path).read_text(encoding="utf-8", errors="replace")
        return self._texts[path]

    def with_suffix(self, suffixes, under=""):
        return [p for p in self.paths if Path(p).suffix in suffixes and p.startswith(under)]


def is_test(path):
    return path.endswith("_test.cpp") or path.startswith("tests/")


def is_tidy_itself(path):
    return path.startswith("tests/tidy/")


def matching_lines(pattern, text):
    for match in re.finditer(pattern, text):
        yield text.count("\n", 0, match.start()) + 1, match.group(0)


# --- floors -------------------------------------------------------------------------------------


def floors(tree):
    """CMakeLists.txt's belay_floor(NAME LINKS ...) as {floor: floors it may include}."""
    if "CMakeLists.txt" not in tree.paths:
        return {}
    stands_on = {}
    for name, links in re.findall(r"^belay_floor\((\w+)([^)]*)\)", tree.text("CMakeLists.txt"), re.MULTILINE):
        below = {name}
        for link in re.findall(r"\bbelay_(\w+)", links):
            below |= stands_on.get(link, {link})
        stands_on[name] = below
    return stands_on


def rule_floors(tree):
    allowed = floors(tree)
    for path in tree.with_suffix(CODE, "src/"):
        floor = path.split("/")[1]
        if floor not in allowed:
            yield Finding("floors", path, 1, f"src/{floor} is no floor of CMakeLists.txt")
            continue
        code = cpp_scan.blank(tree.text(path), keep_strings=True)
        for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', code, re.MULTILINE):
            line = code.count("\n", 0, match.start()) + 1
            target = match.group(1)
            if f"src/{target}" not in tree.paths:
                yield Finding("floors", path, line, f'"{target}" is not a path from src/')
            elif target.split("/")[0] not in allowed[floor]:
                yield Finding("floors", path, line, f"{floor} does not stand on {target.split('/')[0]} ({target})")


# --- sizes --------------------------------------------------------------------------------------


def rule_file_size(tree):
    for path in tree.with_suffix(CODE | SCRIPTS):
        lines = tree.text(path).count("\n")
        if lines > FILE_LINES:
            yield Finding("file-size", path, 1, f"{lines} lines, at most {FILE_LINES}")


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield cpp_scan.Function(node.name, node.lineno, node.end_lineno)


def rule_function_size(tree):
    for path in tree.with_suffix(CODE | {".py"}):
        found = cpp_scan.functions(tree.text(path)) if path.endswith(tuple(CODE)) else python_functions(tree.text(path))
        for function in found:
            if function.lines > FUNCTION_LINES:
                text = f"{function.name} has {function.lines} lines, at most {FUNCTION_LINES}"
                yield Finding("function-size", path, function.first_line, text)


def rule_lines(tree):
    for path in tree.with_suffix(CODE | SCRIPTS):
        for number, line in enumerate(tree.text(path).split("\n"), 1):
            if "\t" in line:
                yield Finding("tabs", path, number, "a tab")
            if len(line) > COLUMNS:
                yield Finding("columns", path, number, f"{len(line)} columns, at most {COLUMNS}")


# --- words --------------------------------------------------------------------------------------


def rule_ports(tree):
    """Time, randomness, threads and the environment come in through the ports."""
    for path in tree.with_suffix(CODE, "src/"):
        floor = path.split("/")[1]
        code = cpp_scan.blank(tree.text(path))
        for pattern, where, instead, tests_may in PORTS_ONLY:
            if floor in where or (tests_may and is_test(path)):
                continue
            for line, word in matching_lines(pattern, code):
                yield Finding("ports", path, line, f"{word.strip()} in {floor}/: use {instead}")


def rule_nowhere(tree):
    for path in tree.with_suffix(CODE):
        code = cpp_scan.blank(tree.text(path))
        for pattern, text in NOWHERE:
            for line, _ in matching_lines(pattern, code):
                yield Finding("nowhere", path, line, text)


def rule_unfinished(tree):
    for path in tree.with_suffix(CODE | SCRIPTS | {".md", ".txt", ".cmake", ".toml", ".yaml", ".test"}):
        if is_tidy_itself(path):
            continue
        for line, word in matching_lines(UNFINISHED, tree.text(path)):
            yield Finding("unfinished", path, line, f"{word}: finish it or file it")


def rule_sleeps(tree):
    """Tests wait for what they want to see, with a deadline; they do not sleep."""
    for path in tree.with_suffix(CODE | SCRIPTS):
        if not is_test(path) or is_tidy_itself(path):
            continue
        code = cpp_scan.blank(tree.text(path)) if path.endswith(tuple(CODE)) else tree.text(path)
        for line, word in matching_lines(SLEEP, code):
            yield Finding("sleeps", path, line, f"{word.strip()}: wait for a condition with a deadline")


# --- form ---------------------------------------------------------------------------------------


def rule_headers(tree):
    for path in tree.with_suffix({".h"}):
        text = tree.text(path)
        if not text.startswith(("//", "/*")):
            yield Finding("headers", path, 1, "does not begin with a comment that says what it is")
        if not re.search(r"^#pragma once$", text, re.MULTILINE):
            yield Finding("headers", path, 1, "has no #pragma once")


def rule_folders(tree):
    for folder in sorted({part for p in tree.paths for part in [Path(p).parent]}):
        if {"utils", "util", "helpers", "misc"} & {part.lower() for part in folder.parts}:
            yield Finding("folders", folder.as_posix(), 1, "name the folder after what is in it")


def rule_front(tree):
    for path in ("README.md", "LICENSE", "CHANGELOG.md"):
        if path not in tree.paths:
            yield Finding("front", path, 1, "missing")
    if "README.md" in tree.paths:
        lines = tree.text("README.md").count("\n")
        if lines > README_LINES:
            yield Finding("front", "README.md", README_LINES + 1, f"{lines} lines, at most {README_LINES}")


def rule_lock_files(tree):
    for path in tree.paths:
        if path.endswith("package-lock.json"):
            for line, _ in matching_lines(r'"resolved"\s*:\s*"http', tree.text(path)):
                yield Finding("lock-files", path, line, "records a download address: see .npmrc beside it")


def anchors(text):
    """The anchors that a Markdown file's headings make."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    found = set()
    for heading in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", text, re.MULTILINE):
        plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", plain).strip()))
    return found


def rule_links(tree):
    folders = {parent.as_posix() for p in tree.paths for parent in Path(p).parents}
    for path in tree.with_suffix({".md"}):
        text = re.sub(r"^```.*?^```|`[^`\n]*`", lambda m: cpp_scan._spaces(m.group(0)), tree.text(path),
                      flags=re.MULTILINE | re.DOTALL)
        for match in re.finditer(r"\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)", text):
            target, _, anchor = match.group(1).partition("#")
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            line = text.count("\n", 0, match.start()) + 1
            if target.startswith("/"):
                yield Finding("links", path, line, f"{target} is absolute")
                continue
            there = path if not target else _resolve(Path(path).parent, target)
            if there not in tree.paths and there not in folders:
                yield Finding("links", path, line, f"{target} does not exist")
            elif anchor and there.endswith(".md") and anchor not in anchors(tree.text(there)):
                yield Finding("links", path, line, f"{there} has no heading #{anchor}")


def _resolve(folder, target):
    parts = []
    for part in (folder / target).parts:
        if part == ".." and parts:
            parts.pop()
        elif part not in (".", ""):
            parts.append(part)
    return "/".join(parts) or "."


RULES = [rule_floors, rule_file_size, rule_function_size, rule_lines, rule_ports, rule_nowhere, rule_unfinished,
         rule_sleeps, rule_headers, rule_folders, rule_front, rule_lock_files, rule_links]


# --- waivers ------------------------------------------------------------------------------------


def read_waivers(text):
    """Lines `RULE PATH: reason`; # begins a comment."""
    waivers, findings = {}, []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(r"(\S+) (\S+): (\S.*)", line)
        if match:
            waivers[f"{match.group(1)} {match.group(2)}"] = number
        else:
            findings.append(Finding("waivers", "tests/tidy/waivers.txt", number, "is not `RULE PATH: reason`"))
    return waivers, findings


def check(tree, waivers_text="", most_waivers=MOST_WAIVERS):
    """All findings that no waiver covers."""
    waivers, findings = read_waivers(waivers_text)
    used = set()
    for rule in RULES:
        for finding in rule(tree):
            if finding.key in waivers:
                used.add(finding.key)
            else:
                findings.append(finding)
    for key in sorted(set(waivers) - used):
        text = f"`{key}` waives nothing any more: remove it and lower MOST_WAIVERS"
        findings.append(Finding("waivers", "tests/tidy/waivers.txt", waivers[key], text))
    if len(waivers) > most_waivers:
        text = f"{len(waivers)} waivers, at most {most_waivers}"
        findings.append(Finding("waivers", "tests/tidy/waivers.txt", 1, text))
    return findings


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", default=Path(__file__).resolve().parents[2], type=Path)
    parser.add_argument("--longest", type=int, metavar="N", help="show the N longest functions and end")
    options = parser.parse_args()
    tree = Tree(options.root)
    if options.longest:
        everything = [(f.lines, f"{p}:{f.first_line} {f.name}") for p in tree.with_suffix(CODE)
                      for f in cpp_scan.functions(tree.text(p))]
        for lines, where in sorted(everything, reverse=True)[: options.longest]:
            print(f"{lines:4} {where}")
        return 0
    waivers = options.root / "tests/tidy/waivers.txt"
    findings = check(tree, waivers.read_text() if waivers.exists() else "")
    for finding in findings:
        print(finding)
    print(f"{len(tree.paths)} files, {len(RULES)} rules, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
