#!/usr/bin/env python3
"""What is tried and what is wrong with providers: a stop takes back a test message that is under way, and a service
account file that can't be used is told before a campaign needs it.

tests/guard/providers_test.py --belay build/release/belay
"""
import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "wire"), str(HERE)]
import program  # noqa: E402
from program import until  # noqa: E402

BELAY = None
TEST = f"/api/v1/accounts/{program.ACCOUNT[0]}/providers/tried/test"


class Slow:
    """A server of somebody else's: takes connections, keeps what it reads, and answers when it is told to."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.connections, self.bytes = [], []
        threading.Thread(target=self.take, daemon=True).start()

    def take(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.bytes.append(b"")
            self.connections.append(connection)
            threading.Thread(target=self.read, args=(len(self.bytes) - 1, connection), daemon=True).start()

    def read(self, number, connection):
        while True:
            try:
                part = connection.recv(65536)
            except OSError:
                return
            if not part:
                return
            self.bytes[number] += part

    def answer(self, number, body):
        self.connections[number].sendall(
            f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())

    def close(self):
        self.listener.close()
        for connection in self.connections:
            connection.close()


class Providers(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="belay-providers-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.provider, self.tokens = Slow(), Slow()
        self.addCleanup(self.provider.close)
        self.addCleanup(self.tokens.close)

    def serve(self):
        text = program.config_text("127.0.0.1:9", []).replace('allow = ["127.0.0.1:9"]', 'allow = ["127.0.0.1"]')
        server = program.Belay(BELAY, self.folder, text)
        self.addCleanup(server.end, signal.SIGKILL)
        server.start()
        return server

    def write_service_account(self):
        key = subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
                             capture_output=True, text=True, check=True).stdout
        file = self.folder / "account.json"
        file.write_text(json.dumps({
            "type": "service_account", "project_id": "p", "private_key_id": "k", "private_key": key,
            "client_email": "a@p.example.com", "token_uri": f"http://127.0.0.1:{self.tokens.port}/token"}))
        return file

    def add(self, server, **more):
        body = {"nick_name": "tried", "kind": "webhook", "url": f"http://127.0.0.1:{self.provider.port}/hook", **more}
        done = server.ask("POST", f"/api/v1/accounts/{program.ACCOUNT[0]}/providers", body, account=None, via="socket")
        self.assertEqual(done.status, 200, done.text)

    def begin_test(self, server):
        answers = []
        client = program.Client(lambda: program.UnixConnection(str(server.folder / server.ready["socket"]),
                                                               program.ANSWER_WITHIN))
        headers = [("Content-Type", "application/json")]
        asking = threading.Thread(
            target=lambda: answers.append(client.ask("POST", TEST, headers, b'{"to": "somebody"}')))
        asking.start()
        self.addCleanup(client.close)
        self.addCleanup(asking.join)
        return answers

    def latch(self, server, scope):
        stopped = server.ask("POST", "/api/v1/stops", {"scope": scope, "latch": True}, account=None, via="socket")
        self.assertEqual(stopped.status, 200, stopped.text)

    def test_message_on_the_wire_is_taken_back_by_a_latch(self):
        server = self.serve()
        self.add(server)
        answers = self.begin_test(server)
        until("the message is on its way", lambda: self.provider.connections or None)
        self.latch(server, {"all": True})
        answer = until("the test is over", lambda: answers[0] if answers else None, within=3 * program.PATIENCE)
        self.assertEqual(answer.status, 409, answer.text)
        self.assertIn("A stop took the test message back", answer.text)

    def test_message_that_waits_for_its_token_does_not_leave_after_a_latch(self):
        server = self.serve()
        self.add(server, kind="fcm", mode="push", service_account=str(self.write_service_account()),
                 url=f"http://127.0.0.1:{self.provider.port}")
        answers = self.begin_test(server)
        until("a token is asked for", lambda: self.tokens.bytes and self.tokens.bytes[0] or None)
        self.latch(server, {"provider": "tried", "account": program.ACCOUNT[0]})
        self.tokens.answer(0, '{"access_token":"t","expires_in":3600}')
        answer = until("the test is over", lambda: answers[0] if answers else None)
        self.assertEqual(answer.status, 409, answer.text)
        self.assertEqual(self.provider.bytes, [], "nothing was sent")

    def test_message_of_another_scope_is_left_alone(self):
        server = self.serve()
        self.add(server)
        answers = self.begin_test(server)
        until("the message has come", lambda: self.provider.bytes and self.provider.bytes[0] or None)
        self.latch(server, {"channel": "push"})
        self.provider.answer(0, "{}")
        answer = until("the test is over", lambda: answers[0] if answers else None)
        self.assertEqual((answer.status, json.loads(answer.body)["verdict"]), (200, "accepted"), answer.text)

    def test_service_account_that_cannot_be_used_is_told_at_the_start(self):
        server = self.serve()
        file = self.write_service_account()
        self.add(server, kind="fcm", mode="push", service_account=str(file), url="https://fcm.example.com")
        log = self.folder / "server.log"
        self.assertNotIn("provider.unusable", log.read_text())
        self.assertEqual(server.end(), 0)
        file.write_text("{}")
        server.start()
        text = log.read_text()
        self.assertIn("provider.unusable", text)
        self.assertIn(str(file), text)


def main():
    global BELAY
    BELAY, rest = program.belay_given(__doc__)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
