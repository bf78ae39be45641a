#!/usr/bin/env python3
"""Where the server connects to by itself: private addresses only when they are allowed by name, whatever a
name server says.

tests/guard/outbound_test.py --belay build/release/belay [CASE ...]
"""
import json
import os
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
PEOPLE = 20
NAME = "provider.example.com"


class Outbound(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="belay-outbound-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.sink = program.Sink(BELAY, self.folder)
        self.addCleanup(self.sink.end)
        self.port = self.sink.address.rpartition(":")[2]

    def serve(self, url_host, allow, environment=None, arguments=()):
        text = program.config_text(self.sink.address, []).replace(
            f'allow = ["{self.sink.address}"]', f"allow = {json.dumps(allow)}")
        self.assertIn(f"allow = {json.dumps(allow)}", text)
        text = text.replace(f"http://{self.sink.address}", f"http://{url_host}:{self.port}")
        server = program.Belay(BELAY, self.folder, text, arguments=arguments)
        self.addCleanup(server.end, signal.SIGKILL)
        before = dict(os.environ)
        os.environ.update(environment or {})
        try:
            server.start()
        finally:
            os.environ.clear()
            os.environ.update(before)
        for records in program.profile_batches(0, PEOPLE, tokens=True):
            self.assertEqual(server.ask("POST", "/1/upload", {"d": records}).status, 200)
        return server

    def send(self, server):
        answer = server.ask("POST", "/1/targets/create.json", {
            "name": "n", "where": {}, "content": {"title": "t", "body": "b"}, "devices": ["android"], "when": "now"})
        self.assertEqual(answer.status, 200, answer.text)
        return json.loads(answer.body)["id"]

    def arrived(self):
        return json.loads(self.sink.control("GET", "counts").body)["total"]

    def assert_refused(self, server):
        campaign = self.send(server)
        log = self.folder / "server.log"
        until("a refusal in the log", lambda: "not connected: " in log.read_text() or None)
        self.assertIn("under [outbound]: allow = [", log.read_text())
        self.assertEqual(self.arrived(), 0)
        counts = json.loads(server.ask("GET", f"/api/v1/campaigns/{campaign}").body)["counts"]
        self.assertEqual((counts["accepted"], counts["failed"], counts["in_doubt"]), (0, 0, 0), "nobody is lost by it")

    def assert_delivered(self, server):
        self.send(server)
        until("everybody has theirs", lambda: True if self.arrived() == PEOPLE else None)

    def rebinding(self, *answers):
        library = self.folder / "rebind.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, HERE / "rebind.c", "-ldl"], check=True)
        return {"LD_PRELOAD": str(library), "BELAY_REBIND_NAME": NAME, "BELAY_REBIND_TO": ",".join(answers)}

    def test_address_that_is_not_allowed_is_refused_before_the_server_starts(self):
        with self.assertRaises(program.ProgramError) as refused:
            self.serve("127.0.0.1", [])
        self.assertIn(f'allow = ["127.0.0.1:{self.port}"]', str(refused.exception))

    def test_provider_at_a_private_address_is_refused_when_it_is_made(self):
        server = self.serve("127.0.0.1", ["127.0.0.1"])
        for url in ("http://10.0.0.1/", "http://169.254.169.254/latest", "http://[::1]:80/", "http://[fd00::1]/",
                    "http://[::ffff:10.0.0.1]/", "http://0.0.0.0:80/"):
            done = server.cli(["provider", "add", program.ACCOUNT[0], "inside", "--kind", "webhook", "--url", url])
            self.assertEqual(done.returncode, 2, f"{url}: {done.stdout}{done.stderr}")
            self.assertIn(b"[outbound]", done.stderr)

    def test_name_that_leads_inside_is_refused_when_it_is_resolved(self):
        self.assert_refused(self.serve("localhost", ["127.0.0.9"]))

    def test_name_in_other_clothes_is_refused(self):
        self.assert_refused(self.serve("127.1", ["127.0.0.9"]))

    def test_allowed_name_is_reached(self):
        self.assert_delivered(self.serve("localhost", [f"localhost:{self.port}"]))

    def test_flag_allows_too(self):
        self.assert_delivered(self.serve("127.0.0.1", [], arguments=["--allow-outbound", "127.0.0.0/8"]))

    def test_name_that_is_rebound_is_refused(self):
        server = self.serve(NAME, ["127.0.0.2"], self.rebinding("127.0.0.1"))
        self.assert_refused(server)

    def test_name_is_resolved_once_for_check_and_connection(self):
        """Asked twice, it would be checked as the allowed address and connected to as the other one."""
        other = program.Process([BELAY, "sink", "--listen", f"127.0.0.2:{self.port}"], self.folder, "other.log")
        self.addCleanup(other.end)
        other.wait_ready()
        environment = self.rebinding(*["127.0.0.2", "127.0.0.1"] * 50)
        server = self.serve(NAME, ["127.0.0.2"], environment)
        self.send(server)
        address = f"http://127.0.0.2:{self.port}/_sink/counts"
        until("everybody has theirs, at the allowed address",
              lambda: True if self.total_at(address) == PEOPLE else None)
        self.assertEqual(self.arrived(), 0, "connected to another address than the one that was checked")

    @staticmethod
    def total_at(address):
        done = subprocess.run(["curl", "--noproxy", "*", "-s", address], capture_output=True, check=True)
        return json.loads(done.stdout)["total"]


def main():
    global BELAY
    BELAY, rest = program.belay_given(__doc__)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
