#!/usr/bin/env python3
"""Runs wire tests: tests/wire/run.py --belay build/release/belay tests/wire/stop.test ...

Every file gets a server and a sink of its own. Ends with 0 when every expectation held. The first
that did not is shown with the step, what was expected and what came, and the end of the server's log.
"""
import argparse
import ast
import datetime
import json
import operator
import re
import shlex
import shutil
import signal
import sys
import tempfile
import time
import zoneinfo
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import pattern  # noqa: E402
import program  # noqa: E402
import script  # noqa: E402


class Failed(Exception):
    """An expectation did not hold."""


CALCULATE = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt,
    ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}


ZONE = zoneinfo.ZoneInfo("Asia/Kolkata")  # of the default account
TIMES = {  # how the API writes a time in the account's zone
    "when": lambda t: t.strftime("%Y%m%d %H:%M"),
    "day": lambda t: int(t.strftime("%Y%m%d")),
    "stamp": lambda t: int(t.strftime("%Y%m%d%H%M")),
    "weekday": lambda t: t.isoweekday() % 7 + 1,  # 1: Sunday
}


class Names(dict):
    """The kept values, and times: `when+90m` is 90 minutes from now on the server's clock."""

    def __init__(self, **values):
        super().__init__(values)
        self.ahead = 0.0  # seconds that the test has moved the clock

    def __contains__(self, name):
        return super().__contains__(name) or self._time(name) is not None

    def __getitem__(self, name):
        return super().__getitem__(name) if super().__contains__(name) else self._time(name)

    def _time(self, name):
        form, plus, later = str(name).partition("+")
        if form not in TIMES or not plus:
            return None
        return TIMES[form](datetime.datetime.fromtimestamp(time.time() + self.ahead + script.seconds(later), ZONE))


def calculate(text, names):
    """A `check`: sums and comparisons of kept values, whole numbers and texts."""

    def value(node):
        if isinstance(node, ast.Expression):
            return value(node.body)
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return pattern.look_up(node.id, names)
        if isinstance(node, ast.BinOp) and type(node.op) in CALCULATE:
            return CALCULATE[type(node.op)](value(node.left), value(node.right))
        if isinstance(node, ast.Compare):
            sides = [value(n) for n in [node.left, *node.comparators]]
            return all(CALCULATE[type(op)](a, b) for op, a, b in zip(node.ops, sides, sides[1:]))
        raise pattern.PatternError(f"check can't do this: {text}")

    return value(ast.parse(re.sub(r"\$\{?(\w+)\}?", r"\1", text), mode="eval"))


def at_path(document, path):
    """`targets[0].id` of a parsed answer; a negative index counts from the end."""
    for key, index in re.findall(r"([^.\[\]]+)|\[(-?\d+)\]", path):
        try:
            document = document[int(index)] if index else document[key]
        except (KeyError, IndexError, TypeError):
            raise Failed(f"the answer has nothing at {path}") from None
    return document


class Run:
    """One file's run."""

    def __init__(self, belay, path, folder, verbose=False):
        self.belay, self.path, self.folder, self.verbose = belay, Path(path), Path(folder), verbose
        self.steps = script.parse(self.path.read_text(), str(path))
        self.names = Names(dir=str(folder))
        self.account, self.via = program.ACCOUNT, "tcp"
        self.sink = self.server = self.answer = None
        self.config, self.tls = [], False

    def run(self):
        wrong = []
        try:
            for step in self.steps:
                if self.verbose:
                    print(f"{self.path.name}:{step.line}: {step.kind} {step.text}", flush=True)
                self.do(step)
        except Failed as failed:
            wrong.append(str(failed))
        try:
            self.end()
        except (Failed, program.ProgramError) as failed:
            wrong.append(str(failed))
        if wrong:
            raise Failed("\n".join(wrong))

    def do(self, step):
        deadline = time.monotonic() + step.within * program.PATIENCE
        while True:
            try:
                getattr(self, "do_" + step.kind)(step)
                for expect in step.expects:
                    self.check_expect(expect)
                return
            except Failed as failed:
                if time.monotonic() < deadline:
                    program.pause_between_looks()
                    continue
                patience = f" (tried for {step.within * program.PATIENCE:g} s)" if step.within else ""
                raise Failed(self.report(step, f"{failed}{patience}")) from None
            except (pattern.PatternError, program.ProgramError, OSError) as error:
                raise Failed(self.report(step, f"{type(error).__name__}: {error}")) from None

    def report(self, step, text):
        lines = [f"{self.path}:{step.line}: {step.kind} {step.text}"]
        if step.body:
            lines.append(indented(step.body[:1000], "    sent: "))
        lines.append(indented(text, "    "))
        if self.answer is not None:
            lines.append(indented(self.answer.text[:4000], "    the whole answer: "))
        if self.server is not None and self.server.process is not None:
            lines.append(indented(self.server.process.tail(15), "    server log: "))
        return "\n".join(lines)

    # --- programs ---

    def ensure_server(self):
        if self.server is not None:
            return
        self.sink = program.Sink(self.belay, self.folder)
        self.names["sink"] = self.sink.address
        text = program.config_text(self.sink.address, [self.fill(line) for line in self.config])
        self.server = program.Belay(self.belay, self.folder, text, tls=self.tls)
        self.do_start(None)

    def running(self):
        self.ensure_server()
        if self.server.process is None:
            raise program.ProgramError("the server does not run here: a `start` is missing")
        return self.server

    def end(self):
        try:
            if self.server is not None and self.server.process is not None:
                self.end_cleanly()
        finally:
            if self.sink is not None:
                self.sink.end()

    def end_cleanly(self):
        log = self.server.process
        code = self.server.end(signal.SIGTERM)
        if code != 0:
            raise Failed(f"after SIGTERM the server ended with {code}, expected 0\n{log.tail()}")

    def do_start(self, _step):
        if self.server is None:
            return self.ensure_server()
        self.server.start()
        self.names.ahead = 0.0
        ready = self.server.ready
        self.names.update(url=f"http://{ready['listen']}", data=str(self.server.data),
                          socket=ready["socket"], config=str(self.server.folder / "belay.toml"))
        return None

    def do_restart(self, _step):
        self.running()
        self.end_cleanly()
        self.do_start(None)

    def do_kill(self, _step):
        self.running().end(signal.SIGKILL)

    def do_terminate(self, _step):
        self.running()
        self.end_cleanly()

    def do_signal(self, step):
        self.running().process.process.send_signal(getattr(signal, "SIG" + step.text))

    def do_touch(self, step):
        self.ensure_server()
        (self.server.data / step.text).touch()

    def do_write(self, step):
        self.ensure_server()
        (self.folder / step.text).write_text(self.fill(step.body))

    # --- settings ---

    def do_covers(self, _step):
        pass

    def do_config(self, step):
        if self.server is not None:
            raise program.ProgramError("config comes before the first request")
        self.config.append(step.text)

    def do_tls(self, _step):
        self.tls = True

    def do_use(self, step):
        _, account, _, passcode = self.fill(step.text).split()
        self.account = (account, passcode)

    def do_no(self, _step):
        self.account = None

    def do_via(self, step):
        self.via = step.text

    # --- requests ---

    def fill(self, text):
        return pattern.fill_text(re.sub(r"\$(\w+)", r"${\1}", text), self.names)

    def do_request(self, step):
        headers = {}
        if self.account:
            headers = {"X-CleverTap-Account-Id": self.account[0], "X-CleverTap-Passcode": self.account[1]}
        if step.body is not None:
            headers["Content-Type"] = "application/json"
        for name, value in step.headers:
            for known in [k for k in headers if k.lower() == name.lower()]:
                del headers[known]
            if value != "none":
                headers[name] = self.fill(value)
        if "expect-continue" in step.modes:
            headers["Expect"] = "100-continue"
        client = self.running().client(self.via)
        self.answer = client.ask(step.method, self.fill(step.path), list(headers.items()),
                                 self.body_of(step), "chunked" in step.modes, self.fill(step.until))

    def body_of(self, step):
        if step.body is None:
            return None
        if step.body.startswith("@"):
            return (self.path.parent / step.body[1:]).read_bytes()
        size = re.fullmatch(r"body of (\d+) bytes", step.body)
        if size:
            return b"x" * int(size.group(1))
        return pattern.fill_body(step.body, self.names).encode()

    def do_cli(self, step):
        self.ensure_server()
        words = [self.fill(word) for word in shlex.split(step.text)]
        given = None
        if len(words) > 2 and words[-2] == "<":
            given = (self.folder / words[-1]).read_bytes()
            words = words[:-2]
        done = self.server.cli(words, given=given)
        self.answer = program.Answer(done.returncode, [], done.stdout)
        self.answer.everything = (done.stdout + done.stderr).decode(errors="replace")

    def do_sink(self, step):
        self.ensure_server()
        body = None if step.body is None else pattern.fill_body(step.body, self.names).encode()
        method = "GET" if step.text == "counts" else "POST"
        self.answer = self.sink.control(method, step.text + self.fill(step.path), body)
        if self.answer.status >= 300:
            raise Failed(f"the sink answered {self.answer.status}")

    def do_upload(self, step):
        count, first = int(step.text.split()[0]), int((re.findall(r"from (\d+)", step.text) or ["0"])[0])
        server = self.running()
        for records in program.profile_batches(first, count, "with tokens" in step.text):
            self.answer = server.ask("POST", "/1/upload", {"d": records}, account=self.account)
            wanted = {"status": "success", "processed": len(records), "unprocessed": []}
            wrong = pattern.differences(wanted, self.parsed(), self.names)
            if self.answer.status != 200 or wrong:
                raise Failed("\n".join([f"upload answered {self.answer.status}", *wrong]))

    def do_advance(self, step):
        self.running().advance(round(script.seconds(step.text) * 1000))
        self.names.ahead += script.seconds(step.text)

    def do_let(self, step):
        name, _, path = step.text.partition(" = ")
        self.names[name] = at_path(self.parsed(), path.strip())

    def do_check(self, step):
        if calculate(step.text, self.names) is not True:
            known = {n: self.names[n] for n in re.findall(r"\w+", step.text) if n in self.names}
            raise Failed(f"does not hold with {known}")

    # --- expectations ---

    def parsed(self):
        try:
            return pattern.parse_answer(self.answer.text)
        except ValueError as error:
            raise Failed(f"the answer is not JSON: {error}") from None

    def check_expect(self, expect):
        if expect.kind in ("status", "exit"):
            if self.answer.status != int(expect.what):
                raise Failed(f"the {expect.kind} is {self.answer.status}, expected {expect.what}")
        elif expect.kind == "json":
            self.check_json(expect.what)
        elif expect.kind == "header":
            self.check_header(expect.what, expect.argument)
        else:
            self.check_text(expect.what, self.fill(expect.argument) if expect.what != "matches" else expect.argument)

    def check_json(self, text):
        wrong = pattern.differences(pattern.parse(text), self.parsed(), self.names)
        if wrong:
            raise Failed("\n".join(wrong))

    def check_header(self, name, wanted):
        values = [v for k, v in self.answer.headers if k.lower() == name.lower()]
        got = ", ".join(values) if values else pattern.MISSING
        matcher = pattern.MATCHER.fullmatch(wanted)
        expected = pattern.Matcher(matcher, wanted) if matcher else self.fill(wanted)
        wrong = pattern.differences(expected, got, self.names, f"header {name}")
        if wrong:
            raise Failed(wrong[0])

    def check_text(self, how, argument):
        text = getattr(self.answer, "everything", self.answer.text)
        holds = {
            "is": lambda: text.strip() == argument,
            "contains": lambda: argument in text,
            "lacks": lambda: argument not in text,
            "matches": lambda: re.search(argument.strip("/"), text, re.MULTILINE) is not None,
        }[how]
        if not holds():
            raise Failed(f"the text does not hold: {how} {argument}\n{text[:4000]}")


def indented(text, first):
    blank = " " * len(first)
    return "\n".join((first if i == 0 else blank) + line for i, line in enumerate(text.split("\n")))


def run_file(belay, path, keep, verbose):
    folder = Path(tempfile.mkdtemp(prefix="belay-wire-"))
    try:
        Run(belay, path, folder, verbose).run()
    except (Failed, program.ProgramError, script.ScriptError) as failed:
        print(f"FAILED {failed}" + (f"\n    kept: {folder}" if keep else ""))
        return False
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"passed {path}")
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--belay", help="the program to test")
    parser.add_argument("--keep", action="store_true", help="leave the server's folder there to look at")
    parser.add_argument("--verbose", action="store_true", help="name every step")
    parser.add_argument("--check", action="store_true", help="only read the files, run nothing")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    if options.check:
        for path in options.files:
            print(json.dumps({"file": path, "steps": len(script.parse(Path(path).read_text(), path))}))
        return 0
    if not options.belay:
        parser.error("--belay PROGRAM is needed to run tests")
    belay = Path(options.belay).resolve()
    results = [run_file(belay, path, options.keep, options.verbose) for path in options.files]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
