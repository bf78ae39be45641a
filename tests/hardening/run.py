#!/usr/bin/env python3
"""Raw HTTP bytes against the running server: tests/hardening/run.py --belay build/release/belay [CASE...]

Every case of cases/*.cases is sent whole and in single bytes. Held against it: the answers, what becomes of
the connection, the server's own count of requests, the paths it was asked for, and that others are served."""
import argparse
import contextlib
import json
import re
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
sys.path.insert(0, str(HERE))
import cases  # noqa: E402
import program  # noqa: E402
import raw  # noqa: E402

SINGLE_BYTES_UP_TO = 2000
PROBE = b"GET /probe HTTP/1.1\r\nHost: h\r\n\r\n"


class Failed(Exception):
    """A case went otherwise than its file says."""


class Server:
    """Belay with every request in its log."""

    def __init__(self, belay, folder, lines=(), change=lambda text: text):
        config = change(program.config_text("127.0.0.1:1", ['log_level = "debug"', 'log_format = "json"', *lines]))
        self.belay = program.Belay(belay, folder, config)
        self.belay.start()
        self.address = self.belay.ready["listen"]
        self.log_read = 0

    def count(self):
        """Requests answered, whether they could be read or not, but for looks at /metrics."""
        text = self.belay.ask("GET", "/metrics", account=None, via="socket").text
        rows = re.findall(r'^belay_http_requests_total\{route="([^"]*)",status="\d+"\} (\d+)', text, re.M)
        return sum(int(count) for route, count in rows if route != "/metrics")

    def calls(self):
        """What the log has of calls since the last look: [(method, path, status)]."""
        data = self.belay.process.log.read_bytes()
        end = data.rfind(b"\n") + 1
        lines, self.log_read = data[self.log_read : end].decode("utf-8", "replace").splitlines(), end
        read = [json.loads(line, strict=False) for line in lines if '"http.call"' in line]
        return [(c["method"], c["path"], c["status"]) for c in read if c["path"] != "/metrics"]

    def end(self):
        self.belay.end()


def check_path(answer, call):
    """A 404 names the path: the answer belongs to that request."""
    named = re.search(rb"No such resource: (/[^\"\\]*)", answer.body)
    if named and named[1].decode("utf-8", "replace") != call[1]:
        raise Failed(f"the answer for {named[1]!r} came where {call[1]} was asked for")


def check_fate(connection, case):
    if connection.ended and not connection.buffer:
        if case.fate == "open":
            raise Failed("the connection was closed")
        return
    if case.fate == "open":
        connection.send(PROBE)
        answer = connection.answer()
        if answer is None or answer.status != 404 or b"/probe" not in answer.body:
            raise Failed(f"a further request on the connection was answered {answer}")
        if connection.buffer:
            raise Failed(f"more came than was asked for: {connection.buffer[:200]!r}")
    else:
        rest = connection.rest()
        if rest:
            raise Failed(f"instead of the end came {rest[:200]!r}")


def check_case(server, case, piece):
    server.calls()
    before = server.count()
    with raw.Connection(server.address) as connection:
        answers = raw.play(connection, case, piece)
        got = [a.status for a in answers]
        if got != case.statuses:
            raise Failed(f"answers {got}, expected {case.statuses}; the last: {answers[-1:]}")
        check_fate(connection, case)
    with raw.Connection(server.address) as another:
        another.send(PROBE)
        answer = another.answer()
        if answer is None or answer.status != 404 or b"/probe" not in answer.body:
            raise Failed(f"afterwards a new connection was answered {answer}")
    counted, calls = server.count() - before, server.calls()
    expected = len(case.statuses) + 1 + (case.fate == "open")
    if counted != expected:
        raise Failed(f"the server counted {counted} requests, expected {expected}: {calls}")
    if any("smuggled" in path for _, path, _ in calls):
        raise Failed(f"the server was asked for /smuggled: {calls}")
    for answer, call in zip(answers, calls):
        check_path(answer, call)


def play_all(server, wanted):
    played = failures = 0
    for group, listed in cases.read_all().items():
        for case in listed:
            if wanted and case.name not in wanted and group not in wanted:
                continue
            pieces = [0] if case.whole or len(case.bytes) > SINGLE_BYTES_UP_TO else [0, 1]
            for piece in pieces:
                played += 1
                try:
                    check_case(server, case, piece)
                except (Failed, raw.Silent, OSError) as error:
                    failures += 1
                    print(f"{group}.{case.name}{' in single bytes' if piece else ''}: {error}", flush=True)
    return played, failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--belay", required=True, type=Path)
    parser.add_argument("wanted", nargs="*", help="names of cases or files; all without")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        server = Server(options.belay.resolve(), folder)
        stack.callback(server.end)
        played, failures = play_all(server, options.wanted)
    total = sum(len(listed) for listed in cases.read_all().values())
    print(f"{played} runs of {total} cases, {failures} failed")
    return 1 if failures or not played else 0


if __name__ == "__main__":
    sys.exit(main())
