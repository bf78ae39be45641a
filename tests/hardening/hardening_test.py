#!/usr/bin/env python3
"""The hardening tests' own test: the case files, and that a wrong answer is noticed."""
import socket
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import cases  # noqa: E402
import raw  # noqa: E402
import run  # noqa: E402


class Files(unittest.TestCase):
    def test_a_case_with_everything(self):
        one, two = cases.parse("# x\ncase a\n> GET\\x20/ {[ab*3]}\nwait 100\n>> \\r\\n\\\\\n"
                               "whole\nshut\n= 100 404*2 close\n"
                               "case b\nH> 0\\r\\n\n= nothing open\n")
        self.assertEqual(one.parts, [b"GET / ababab\r\n", "wait", b"\r\n\\"])
        self.assertEqual((one.whole, one.end, one.statuses, one.fate), (True, "shut", [100, 404, 404], "close"))
        self.assertTrue(two.bytes.startswith(b"POST /a HTTP/1.1\r\n"))
        self.assertTrue(two.bytes.endswith(b"\r\n\r\n0\r\n"))
        self.assertEqual(two.statuses, [])

    def test_mistakes_are_named_with_their_line(self):
        for text, line in (("> x\n", 1), ("case a\n? x\n", 2), ("case a\n> \\q\n", 2), ("case a\n= 200\n", 2),
                           ("case a\n= 200 open\n> x\n", 3), ("case a\n= two open\n", 2)):
            with self.assertRaisesRegex(cases.CaseError, f"^f:{line}: ", msg=text):
                cases.parse(text, "f")
        for text in ("case a\n> x\n", "case a\n= 200 open\ncase a\n= 200 open\n"):
            with self.assertRaises(cases.CaseError, msg=text):
                cases.parse(text, "f")

    def test_there_are_at_least_150(self):
        self.assertGreaterEqual(sum(len(group) for group in cases.read_all().values()), 150)


class Answers(unittest.TestCase):
    def serve(self, data):
        """A connection to something that says `data` and closes."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def answer():
            peer, _ = listener.accept()
            with peer:
                peer.sendall(data)

        thread = threading.Thread(target=answer)
        thread.start()
        self.addCleanup(thread.join)
        connection = raw.Connection("127.0.0.1:%d" % listener.getsockname()[1])
        self.addCleanup(connection.socket.close)
        return connection

    def test_answers_are_read_one_by_one(self):
        connection = self.serve(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 404 No\r\n"
                                b"Transfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\nrest")
        self.assertEqual(connection.answer().body, b"ok")
        self.assertEqual((connection.answer().body, connection.rest()), (b"no", b"rest"))
        self.assertIsNone(connection.answer())

    def test_another_fate_is_noticed(self):
        case, = cases.parse("case a\n= nothing open\n")
        with self.assertRaises(run.Failed):
            run.check_fate(self.serve(b""), case)
        case.fate = "close"
        with self.assertRaisesRegex(run.Failed, "HTTP/1.1 200"):
            run.check_fate(self.serve(b"HTTP/1.1 200 OK\r\n\r\n"), case)

    def test_an_answer_of_another_request_is_noticed(self):
        with self.assertRaises(run.Failed):
            run.check_path(raw.Answer(404, "", b'{"error":"No such resource: /b"}'), ("GET", "/a", 404))


if __name__ == "__main__":
    unittest.main()
