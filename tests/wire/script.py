"""Reads a *.test file into steps. README.md beside this file describes the format."""
import re
from dataclasses import dataclass, field
from typing import Optional

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
# Steps of one line, and what has to follow the word (as a regular expression over the rest).
SIMPLE = {
    "covers": r"S\d+(?:[ ,]+S\d+)*",
    "config": r".+",
    "tls": r"on",
    "use": r"account \S+ passcode \S+",
    "no": r"credentials",
    "via": r"tcp|tls|socket",
    "advance": r"(?:\d+(?:ms|s|m|h|d))+",
    "let": r"\w+ = .+",
    "check": r".+",
    "upload": r"\d+ profiles(?: with tokens)?(?: from \d+)?",
    "start": r"",
    "restart": r"",
    "kill": r"",
    "terminate": r"",
    "signal": r"[A-Z0-9]+",
    "touch": r"[\w.-]+",
}
ANSWERING = ("cli", "sink", "request")  # steps whose answer an expect may look at


class ScriptError(Exception):
    def __init__(self, path, line, text):
        super().__init__(f"{path}:{line}: {text}")


@dataclass
class Expect:
    line: int
    kind: str  # status, exit, json, header, text
    what: str
    argument: str = ""


@dataclass
class Step:
    line: int
    kind: str
    text: str  # what follows the word
    headers: list = field(default_factory=list)
    modes: list = field(default_factory=list)  # chunked, expect-continue
    until: str = ""  # an answer without an end is read until this matches
    body: Optional[str] = None
    expects: list = field(default_factory=list)
    within: float = 0.0  # seconds to try again until the expectations hold
    method: str = ""
    path: str = ""


def seconds(text):
    units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
    parts = re.findall(r"(\d+)(ms|s|m|h|d)", text)
    return sum(int(count) * units[unit] for count, unit in parts)


def balanced(text):
    """True once every bracket outside of texts is closed."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    return sum(map(bare.count, "{[")) <= sum(map(bare.count, "}]"))


class Reader:
    def __init__(self, text, path):
        self.lines, self.path, self.at = text.split("\n"), path, 0
        self.steps, self.within = [], 0.0

    def fail(self, text, line=None):
        raise ScriptError(self.path, line or self.at, text)

    def next_line(self):
        self.at += 1
        return self.lines[self.at - 1]

    def read(self):
        while self.at < len(self.lines):
            line = self.next_line().rstrip()
            if not line or line.startswith("#"):
                continue
            self.step(line.split("  #")[0].rstrip() if not line.startswith("config") else line)
        if self.within:
            self.fail("repeat-until without a step after it")
        return self.steps

    def step(self, line):
        word, _, rest = line.partition(" ")
        rest = rest.strip()
        if word in METHODS:
            self.request(word, rest)
        elif word == "cli":
            self.add("cli", rest)
        elif word == "sink":
            self.sink(rest)
        elif word == "write":
            self.write(rest)
        elif word == "repeat-until":
            if not re.fullmatch(r"(?:\d+(?:ms|s|m))+", rest):
                self.fail("repeat-until wants a time such as 10s")
            self.within = seconds(rest)
        elif word.startswith("expect"):
            self.expect(word, rest)
        elif word in SIMPLE:
            if not re.fullmatch(SIMPLE[word], rest):
                self.fail(f"`{word}` is not followed by what it needs ({SIMPLE[word]})")
            self.add(word, rest)
        else:
            self.fail(f"no step begins with `{word}`")

    def add(self, kind, text, **more):
        self.steps.append(Step(self.at, kind, text, within=self.within, **more))
        self.within = 0.0
        return self.steps[-1]

    def request(self, method, path):
        if not path.startswith("/"):
            self.fail(f"{method} wants a path that begins with /")
        step = self.add("request", f"{method} {path}", method=method, path=path)
        body = []
        while self.at < len(self.lines) and not self.lines[self.at].startswith("expect"):
            line = self.next_line()
            if not body and line.startswith("header "):
                name, colon, value = line[7:].partition(":")
                if not colon:
                    self.fail("header wants `Name: value`")
                step.headers.append((name.strip(), value.strip()))
            elif not body and line.startswith("send "):
                if line[5:].strip() not in ("chunked", "expect-continue"):
                    self.fail("send what? There are: chunked, expect-continue")
                step.modes.append(line[5:].strip())
            elif not body and line.startswith("read-until "):
                step.until = line[len("read-until "):].strip().strip("/")
            elif not body and line.startswith("#"):
                continue
            else:
                body.append(line)
        if self.at == len(self.lines):
            self.fail("the request has no expect", step.line)
        text = "\n".join(body).strip("\n")
        step.body = text if text else None

    def write(self, name):
        if not re.fullmatch(r"[\w.-]+", name):
            self.fail("write wants the name of a file")
        step = self.add("write", name, body="")
        while self.at < len(self.lines):
            line = self.next_line()
            if line == "end":
                return
            step.body += line + "\n"
        self.fail("the file is not ended by a line `end`", step.line)

    def sink(self, rest):
        word, _, argument = rest.partition(" ")
        if word not in ("behave", "reset", "counts"):
            self.fail("sink what? There are: behave {…}, reset, counts")
        if word == "counts":
            path, _, pattern = argument.partition("expect")
            step = self.add("sink", "counts", path=path.strip())
            if pattern.strip():
                step.expects.append(Expect(self.at, "json", self.rest_of_json(pattern.strip())))
        else:
            self.add("sink", word, body=self.rest_of_json(argument) if argument else None)

    def rest_of_json(self, text):
        start = self.at
        while not balanced(text):
            if self.at == len(self.lines):
                self.fail("a bracket is never closed", start)
            text += "\n" + self.next_line()
        return text

    def expect(self, word, rest):
        if not self.steps or self.steps[-1].kind not in ANSWERING:
            self.fail("nothing before this has an answer to look at")
        expects = self.steps[-1].expects
        if word == "expect":
            found = re.match(r"(exit )?(\d+)\s*(.*)", rest)
            if not found:
                self.fail("expect wants a status (expect 200 …) or an exit code (expect exit 0 …)")
            expects.append(Expect(self.at, "exit" if found.group(1) else "status", found.group(2)))
            if found.group(3):
                expects.append(Expect(self.at, "json", self.rest_of_json(found.group(3))))
        elif word == "expect-header":
            name, colon, value = rest.partition(":")
            if not colon:
                self.fail("expect-header wants `Name: value`")
            expects.append(Expect(self.at, "header", name.strip(), value.strip()))
        elif word == "expect-text":
            how, _, argument = rest.partition(" ")
            if how not in ("is", "contains", "lacks", "matches"):
                self.fail("expect-text wants is, contains, lacks or matches")
            expects.append(Expect(self.at, "text", how, argument))
        else:
            self.fail(f"no step begins with `{word}`")


def parse(text, path="test"):
    return Reader(text, path).read()
