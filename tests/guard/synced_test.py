#!/usr/bin/env python3
"""The real program under strace: when a stop's answer leaves, and when a message leaves, what they stand on
has been synced (S46).

tests/guard/synced_test.py --belay build/release/belay
"""
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "wire"), str(HERE)]
import program  # noqa: E402
from program import until  # noqa: E402

BELAY = None
CALLS = "pwrite64,fdatasync,fsync,sendto,sendmsg,write,writev"
PEOPLE = 40
LINE = re.compile(r"^(\d+) +([\d.]+) (?:<\.\.\. )?(\w+)(.*)$")


def can_trace():
    done = subprocess.run(["strace", "-f", "-o", "/dev/null", "true"], capture_output=True, check=False)
    return done.returncode == 0


class Call:
    """One system call: whose it was, when it began, when it was over."""

    def __init__(self, thread, name, text, began):
        self.thread, self.name, self.text, self.began, self.ended = thread, name, text, began, None


def calls_of(path):
    """strace -f splits a call that others overtake into two lines; the times tell which came first."""
    open_calls, calls = {}, []
    for number, line in enumerate(path.read_text(errors="replace").splitlines()):
        found = LINE.match(line)
        if not found:
            continue
        thread, _, name, rest = found.groups()
        if " resumed>" in rest:
            if thread in open_calls:
                open_calls.pop(thread).ended = number
            continue
        call = Call(int(thread), name, rest, number)
        calls.append(call)
        if "<unfinished ...>" in rest:
            open_calls[thread] = call
        else:
            call.ended = number
    return calls


class Synced(unittest.TestCase):
    def setUp(self):
        if not shutil.which("strace") or not can_trace():
            self.skipTest("strace can't trace here")
        self.folder = Path(tempfile.mkdtemp(prefix="belay-synced-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.sink = program.Sink(BELAY, self.folder)
        self.addCleanup(self.sink.end)
        self.server = program.Belay(BELAY, self.folder, program.config_text(self.sink.address, []))
        self.addCleanup(self.server.end, signal.SIGKILL)
        self.server.start()
        for records in program.profile_batches(0, PEOPLE, tokens=True):
            self.assertEqual(self.server.ask("POST", "/1/upload", {"d": records}).status, 200)

    def traced(self, act):
        """What the server calls while `act` runs."""
        out = self.folder / "trace"
        trace = subprocess.Popen(["strace", "-f", "-ttt", "-yy", "-s", "300", "-e", f"trace={CALLS}", "-o", out, "-p",
                                  str(self.server.process.process.pid)], stderr=subprocess.PIPE)
        try:
            for line in trace.stderr:
                if b"attached" in line:
                    break
            act()
        finally:
            trace.send_signal(signal.SIGINT)
            trace.communicate(timeout=20 * program.PATIENCE)
        return calls_of(out)

    def create(self, when):
        answer = self.server.ask("POST", "/1/targets/create.json", {
            "name": "n", "where": {}, "content": {"title": "t", "body": "b"}, "devices": ["android"], "when": when})
        self.assertEqual(answer.status, 200, answer.text)
        return json.loads(answer.body)["id"]

    def thread(self, name):
        tasks = Path(f"/proc/{self.server.process.process.pid}/task").iterdir()
        return next(int(task.name) for task in tasks if (task / "comm").read_text().strip() == name)

    def assert_all_synced_before(self, calls, leaves, writer, what):
        """What the thread `writer` wrote first to the log of belay.db was synced before `leaves`. What it writes
        next, such as how long the stop took, and what others write meanwhile, is not what this answer stands on."""
        tid = self.thread(writer)
        log = [c for c in calls if c.thread == tid and "/belay.db-wal>" in c.text and c.began < leaves.began]
        writes = [c for c in log if c.name == "pwrite64"]
        self.assertTrue(writes, f"{what}: the {writer} wrote nothing before it")
        syncs = [c for c in log if c.name in ("fdatasync", "fsync")
                 and c.ended is not None and c.ended < leaves.began and c.began >= writes[0].ended]
        self.assertTrue(syncs, f"{what}: line {leaves.began}, first write {writes[0].began}, no sync between")

    def test_stop_is_on_disk_before_its_answer_leaves(self):
        campaign = self.create({"type": "later", "delivery_date_time": ["20990101 10:00"]})
        def stop():
            self.assertEqual(self.server.ask("POST", "/1/targets/stop.json", {"id": campaign}).status, 200)
        calls = self.traced(stop)
        answer = next(c for c in calls if c.name in ("sendto", "sendmsg", "write", "writev")
                      and "Belay-Stop" in c.text)
        self.assert_all_synced_before(calls, answer, "brake", "the stop's answer")

    def test_admission_is_on_disk_before_the_first_message_leaves(self):
        def send():
            self.create("now")
            until("everybody has theirs",
                  lambda: True if json.loads(self.sink.control("GET", "counts").body)["total"] == PEOPLE else None)
        calls = self.traced(send)
        port = self.sink.address.rpartition(":")[2]
        first = next(c for c in calls if c.name in ("sendto", "sendmsg", "write", "writev")
                     and f"127.0.0.1:{port}]>" in c.text and "message" in c.text)
        self.assert_all_synced_before(calls, first, "runner", "the first message")


def main():
    global BELAY
    BELAY, rest = program.belay_given(__doc__)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
