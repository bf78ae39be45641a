#!/usr/bin/env python3
"""Webhooks at a real receiver: what happens is told, signed, tried again when it is refused, and marked as
delivered once; also when the server is killed between the stop and its delivery.

tests/guard/notices_test.py --belay build/release/belay [CASE ...]
"""
import hashlib
import hmac
import http.server
import json
import shutil
import signal
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "wire"))
import program  # noqa: E402
from program import until  # noqa: E402

BELAY = None
PEOPLE = 50
AN_HOUR = 3_600_000


class Receiver:
    """Keeps what comes; `answer(delivery, attempt)` says with which status, or waits."""

    def __init__(self):
        self.lock, self.came, self.answer = threading.Lock(), [], lambda delivery, attempt: 200
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.take(self.path, dict(self.headers.items()), body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        # Bound, so that its address is known, and not listening yet: connections are refused.
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self.server.daemon_threads = True
        self.server.server_bind()
        self.url = "http://127.0.0.1:%d/hook" % self.server.server_port
        self.thread = None

    def listen(self):
        self.server.server_activate()
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def end(self):
        if self.thread:
            self.server.shutdown()
            self.thread.join()
        self.server.server_close()

    def take(self, path, headers, body):
        headers = {name.lower(): value for name, value in headers.items()}
        delivery = headers["belay-delivery"]
        with self.lock:
            self.came.append({"path": path, "headers": headers, "body": body, "delivery": delivery,
                              "notice": json.loads(body)})
            attempt = sum(one["delivery"] == delivery for one in self.came)
        return self.answer(delivery, attempt)

    def all(self):
        with self.lock:
            return list(self.came)

    def by_delivery(self):
        found = {}
        for one in self.all():
            found.setdefault(one["delivery"], []).append(one)
        return found


class Notices(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="belay-notices-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.sink = program.Sink(BELAY, self.folder)
        self.addCleanup(self.sink.end)
        self.receiver = Receiver()
        self.addCleanup(self.receiver.end)
        text = program.config_text(self.sink.address, ["[dispatch]", "answer_timeout_ms = 500"])
        self.server = program.Belay(BELAY, self.folder, text, arguments=["--allow-outbound", "127.0.0.1"])
        self.addCleanup(self.server.end, signal.SIGKILL)
        self.server.start()
        for records in program.profile_batches(0, PEOPLE, tokens=True):
            self.assertEqual(self.server.ask("POST", "/1/upload", {"d": records}).status, 200)

    def post(self, path, document, status=200):
        answer = self.server.ask("POST", path, document)
        self.assertEqual(answer.status, status, answer.text)
        return json.loads(answer.body)

    def subscribe(self):
        added = self.post("/api/v1/webhooks", {"url": self.receiver.url}, 201)
        self.hook, self.secret = added["id"], added["secret"]

    def create(self, when):
        return self.post("/1/targets/create.json", {
            "name": "told of", "where": {}, "content": {"title": "t", "body": "b"}, "devices": ["android"],
            "when": when})["id"]

    def create_later(self):
        return self.create({"type": "later", "delivery_date_time": ["20990101 10:00"]})

    def deliveries(self):
        answer = self.server.ask("GET", f"/api/v1/webhooks/{self.hook}/deliveries")
        self.assertEqual(answer.status, 200, answer.text)
        return {d["id"]: d for d in json.loads(answer.body)["deliveries"]}

    def wait_delivered(self, count):
        def look():
            now = self.deliveries()
            return now if len(now) == count and all(d["state"] == "delivered" for d in now.values()) else None
        return until(f"{count} deliveries delivered", look)

    def check_signature(self, one):
        """As docs/operations.md says, with nothing of Belay's."""
        parts = dict(part.split("=", 1) for part in one["headers"]["belay-signature"].split(","))
        expected = hmac.new(self.secret.encode(), parts["t"].encode() + b"." + one["body"], hashlib.sha256)
        self.assertEqual(parts["v1"], expected.hexdigest())
        self.assertEqual(one["headers"]["content-type"], "application/json")
        self.assertEqual(one["headers"]["belay-notice"], one["notice"]["id"])
        return int(parts["t"])

    def check_audit(self, hash_in_notice):
        done = self.server.cli(["audit", "verify", "--expect-head", hash_in_notice])
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_stop_pause_and_states_are_told_and_signed(self):
        self.receiver.listen()
        self.subscribe()
        self.sink.control("POST", "behave", b'{"hang_every": 1}')
        campaign = self.create("now")
        until("something on the wire",
              lambda: json.loads(self.sink.control("GET", "counts").body)["total"] or None)
        self.post(f"/api/v1/campaigns/{campaign}/pause", {"reason": "wait"})
        stop = self.post("/api/v1/stops", {"scope": {"campaign": campaign}, "reason": "wrong text"})
        until("the last notice", lambda: True if any(one["notice"]["kind"] == "settled"
                                                     for one in self.receiver.all()) else None)
        self.wait_delivered(len(self.receiver.by_delivery()))
        told = [one["notice"] for one in sorted(self.receiver.all(), key=lambda one: int(one["notice"]["id"][7:]))]
        self.assertEqual([(n["kind"], n["before"], n["after"]) for n in told],
                         [("state", "scheduled", "planning"), ("state", "planning", "running"),
                          ("state", "running", "paused"), ("stop", "paused", "stopped"),
                          ("settled", "answered", "settled")])
        self.assertEqual({n["campaign"] for n in told}, {campaign})
        self.assertEqual({n["account"] for n in told}, {program.ACCOUNT[0]})
        self.assertEqual((told[2]["actor"], told[2]["reason"]), (f"api:{program.ACCOUNT[0]}", "wait"))
        self.assertEqual((told[3]["stop"], told[3]["reason"]), (stop["id"], "wrong text"))
        self.assertEqual(told[3]["receipt"], {key: stop[key] for key in told[3]["receipt"]})
        for one in self.receiver.all():
            self.assertEqual(one["path"], "/hook")
            self.assertLess(abs(self.check_signature(one) - time.time()), 300)
            self.check_audit(one["notice"]["audit"])
        # A body that somebody changed is not signed any more.
        forged = dict(self.receiver.all()[0])
        forged["body"] = forged["body"].replace(b"planning", b"stopped!")
        with self.assertRaises(AssertionError):
            self.check_signature(forged)

    def test_refused_twice_is_delivered_once(self):
        self.receiver.answer = lambda delivery, attempt: 500 if attempt <= 2 else 200
        self.receiver.listen()
        self.subscribe()
        self.post("/api/v1/stops", {"scope": {"campaign": self.create_later()}})
        self.post("/api/v1/stops", {"scope": {"campaign": self.create_later()}})
        for attempts in (1, 2):
            def look(attempts=attempts):
                now = self.deliveries().values()
                return True if len(now) == 2 and all(
                    (d["attempts"], d["state"], d["detail"]) == (attempts, "pending", "answered 500")
                    for d in now) else None
            until(f"refused {attempts} times", look)
            self.server.advance(AN_HOUR)
        done = self.wait_delivered(2)
        self.assertEqual([d["attempts"] for d in done.values()], [3, 3])
        self.server.advance(AN_HOUR)
        self.post("/api/v1/stops", {"scope": {"campaign": self.create_later()}})
        until("a later one", lambda: True if len(self.receiver.by_delivery()) == 3 else None)
        for delivery, requests in self.receiver.by_delivery().items():
            if delivery in done:
                self.assertEqual(len(requests), 3, "delivered, and sent no more")
                self.assertEqual(len({one["body"] for one in requests}), 1)
                times = [self.check_signature(one) for one in requests]
                self.assertEqual(sorted(set(times)), times, "each is signed anew")

    def test_killed_between_stop_and_delivery_still_tells(self):
        self.subscribe()  # nobody listens there yet
        campaign = self.create_later()
        stop = self.post("/api/v1/stops", {"scope": {"campaign": campaign}})
        self.server.end(signal.SIGKILL)
        self.receiver.listen()
        self.server.start()
        self.server.advance(AN_HOUR)
        done = self.wait_delivered(1)
        self.assertEqual([d["campaign"] for d in done.values()], [campaign])
        (one,) = self.receiver.all()
        self.check_signature(one)
        self.assertEqual((one["notice"]["stop"], one["notice"]["kind"]), (stop["id"], "stop"))
        self.check_audit(one["notice"]["audit"])
        self.server.end(signal.SIGKILL)
        self.server.start()
        self.server.advance(AN_HOUR)
        self.post("/api/v1/stops", {"scope": {"campaign": self.create_later()}})
        self.wait_delivered(2)
        self.assertEqual(len(self.receiver.by_delivery()[one["delivery"]]), 1, "delivered is delivered")

    def test_killed_while_it_is_sent_is_in_doubt_until_somebody_asks(self):
        arrived, go_on = threading.Event(), threading.Event()
        self.addCleanup(go_on.set)

        def hold(_delivery, attempt):
            arrived.set()
            if attempt == 1:
                go_on.wait(program.ANSWER_WITHIN)
            return 200
        self.receiver.answer = hold
        self.receiver.listen()
        self.subscribe()
        self.post("/api/v1/stops", {"scope": {"campaign": self.create_later()}})
        self.assertTrue(arrived.wait(program.SEEN_WITHIN))
        self.server.end(signal.SIGKILL)
        go_on.set()
        self.server.start()
        self.server.advance(AN_HOUR)
        delivery = until("in doubt", lambda: next(
            (d for d in self.deliveries().values() if d["state"] == "in_doubt"), None))
        self.assertEqual(len(self.receiver.all()), 1, "not repeated by itself")
        self.post(f"/api/v1/deliveries/{delivery['id']}/resend", {})
        self.wait_delivered(1)
        self.assertEqual(len(self.receiver.all()), 2)


def main():
    global BELAY
    BELAY, rest = program.belay_given(__doc__)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
