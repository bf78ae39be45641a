#!/usr/bin/env python3
"""The wire tests' own test: patterns, the file format, and a run against a stand-in for the server."""
import json
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))
import pattern  # noqa: E402
import program  # noqa: E402
import run  # noqa: E402
import script  # noqa: E402


def unlike(text, value, names=None):
    return pattern.differences(pattern.parse(text), value, {} if names is None else names)


class Patterns(unittest.TestCase):
    def matches(self, text, value, names=None):
        self.assertEqual(unlike(text, value, names), [])

    def differs(self, text, value, *sentences):
        self.assertEqual(unlike(text, value), list(sentences))

    def test_exact_values(self):
        value = {"a": [1, 2.5, "x", True, None], "b": {}}
        self.matches(json.dumps(value), value)
        self.differs('{"a": 1}', {"a": 1.0}, "the answer.a is 1.0, expected 1")
        self.differs('{"a": 1}', {"a": True}, "the answer.a is true, expected 1")
        self.differs('{"a": 1}', {"a": "1"}, 'the answer.a is "1", expected 1')
        self.differs('{"a": null}', {}, "the answer.a is missing, expected null")

    def test_no_further_keys_unless_dots(self):
        self.differs('{"a": 1}', {"a": 1, "b": 2}, "the answer.b is there too: 2")
        self.matches('{"a": 1, ...}', {"a": 1, "b": 2})
        self.matches("{...}", {"b": 2})
        self.differs("[1, 2]", [1, 2, 3], "the answer[2] is there too: 3")
        self.differs("[1, 2]", [1], "the answer[1] is missing, expected 2")
        self.matches("[1, ...]", [1, 2, 3])
        self.matches("[..., 3]", [1, 2, 3])
        self.matches("[..., {\"a\": 2, ...}, ...]", [{"a": 1}, {"a": 2}, {"a": 3}])
        self.differs("[..., 4]", [1], "the answer is [1], expected [..., 4]")

    def test_kinds(self):
        good = {"<int>": 3, "<number>": 3.5, "<text>": "", "<bool>": False, "<list>": [], "<object>": {}, "<any>": None,
                "<time>": "2026-01-02T03:04:05.678Z"}
        bad = {"<int>": 3.0, "<number>": True, "<text>": 3, "<bool>": 0, "<list>": {}, "<object>": [],
               "<time>": "2026-01-02 03:04"}
        for text, value in good.items():
            self.matches(text, value)
        for text, value in bad.items():
            self.assertEqual(len(unlike(text, value)), 1, (text, value))

    def test_constraints(self):
        for text, good, bad in (("<int >= 3>", 3, 2), ("<int != 3>", 4, 3), ("<number in 1..9>", 9, 10),
                                ("<text /^a.c$/>", "abc", "abcd"), ("<int < $n>", 4, 5)):
            self.matches(text, good, {"n": 5})
            self.assertNotEqual(unlike(text, bad, {"n": 5}), [], text)

    def test_absent(self):
        self.matches('{"a": <absent>, ...}', {"b": 1})
        self.differs('{"a": <absent>, ...}', {"a": 1}, "the answer.a is 1, expected <absent>")

    def test_each(self):
        self.matches('[each {"n": <int>}]', [{"n": 1}, {"n": 2}])
        self.matches("[each <int>]", [])
        self.differs("[each <int>]", [1, "2"], 'the answer[1] is "2", expected <int>')

    def test_names_are_kept_and_used(self):
        names = {}
        value = {"id": 7, "copy": 7, "text": "no 7"}
        self.matches('{"id": <int as id>, "copy": $id, "text": "no ${id}"}', value, names)
        self.assertEqual(names, {"id": 7})
        self.matches('{"by_id": {"${id}": 1}}', {"by_id": {"7": 1}}, names)
        self.assertEqual(unlike("$id", "7", names), ['the answer is "7", expected 7'])
        with self.assertRaises(pattern.PatternError):
            unlike("$other", 1)

    def test_wrong_patterns_are_refused(self):
        for text in ("{", '{"a" 1}', "[1 2]", "<integer>", "{} {}", '{"a": 1, "a": 2}', "nil"):
            with self.assertRaises(pattern.PatternError, msg=text):
                pattern.parse(text)

    def test_bodies_are_filled_but_dates_are_left_alone(self):
        names = {"id": 7, "name": "x\"y"}
        self.assertEqual(pattern.fill_body('{"id": $id, "s": "${id}", "n": $name, "d": "$D_12"}', names),
                         '{"id": 7, "s": "7", "n": "x\\"y", "d": "$D_12"}')
        self.assertEqual(pattern.fill_body('{"id": ', names), '{"id": ')

    def test_answers_are_read_strictly(self):
        for text in ('{"a":1,"a":2}', "NaN", "{"):
            with self.assertRaises(ValueError):
                pattern.parse_answer(text)


class Files(unittest.TestCase):
    def test_a_request_with_everything(self):
        step, = script.parse("""\
# S05
repeat-until 1m30s
POST /1/targets/stop.json
header X-Other: a:b
send chunked
{
  "id": 1
}

expect 200 {"status": "success",
  "x": [1]}
expect-header Belay-Stop: <text as stop>
expect-text contains success
""")
        self.assertEqual((step.kind, step.method, step.path), ("request", "POST", "/1/targets/stop.json"))
        self.assertEqual(step.within, 90)
        self.assertEqual((step.headers, step.modes), ([("X-Other", "a:b")], ["chunked"]))
        self.assertEqual(json.loads(step.body), {"id": 1})
        self.assertEqual([(e.kind, e.what) for e in step.expects],
                         [("status", "200"), ("json", '{"status": "success",\n  "x": [1]}'), ("header", "Belay-Stop"),
                          ("text", "contains")])

    def test_steps_of_one_line(self):
        text = ("advance 1h30m  # later\nuse account A passcode B\nno credentials\nvia tls\nlet x = a[0].b\n"
                "kill\nstart\n")
        self.assertEqual([(s.kind, s.text) for s in script.parse(text)],
                         [("advance", "1h30m"), ("use", "account A passcode B"), ("no", "credentials"), ("via", "tls"),
                          ("let", "x = a[0].b"), ("kill", ""), ("start", "")])

    def test_sink_and_cli(self):
        steps = script.parse('sink behave {"delay_ms": 5}\nsink counts expect {"total":\n 3}\n'
                             "cli stop 1\nexpect exit 3\n")
        self.assertEqual([(s.kind, s.text) for s in steps], [("sink", "behave"), ("sink", "counts"), ("cli", "stop 1")])
        self.assertEqual(steps[1].expects[0].what, '{"total":\n 3}')
        self.assertEqual(steps[2].expects[0].kind, "exit")

    def test_a_file_to_write(self):
        step, = script.parse('write a.jsonl\n{"x": 1}\n\n# no comment\nend\n')
        self.assertEqual((step.text, step.body), ("a.jsonl", '{"x": 1}\n\n# no comment\n'))

    def test_mistakes_are_named_with_their_line(self):
        for text, line in (("jump\n", 1), ("\nadvance soon\n", 2), ("POST /x\n{}\n", 1), ("POST x\nexpect 200\n", 1),
                           ("kill\nexpect 200\n", 2), ("GET /\nexpect 200 {\n", 2), ("repeat-until 1s\n", 2),
                           ("write a\nx\n", 1)):
            with self.assertRaisesRegex(script.ScriptError, rf"^f:{line}: ", msg=text):
                script.parse(text, "f")

    def test_every_committed_test_can_be_read(self):
        for path in Path(__file__).resolve().parent.glob("*.test"):
            self.assertTrue(script.parse(path.read_text(), str(path)), path)


class StandIn:
    """Answers what it is given and remembers what it was asked."""

    def __init__(self, *answers):
        self.answers, self.asked, self.process = list(answers), [], None

    def client(self, _via):
        return self

    def ask(self, method, path, headers, body, chunked=False, until=""):
        self.asked.append((method, path, dict(headers), body, chunked, *([until] if until else [])))
        status, text = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return program.Answer(status, [("Belay-Stop", "s-1")], text.encode())


class Runs(unittest.TestCase):
    def run_text(self, text, server):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x.test"
            path.write_text(text)
            one = run.Run("belay", path, folder)
            one.server = server
            with mock.patch.object(run.Run, "running", lambda self: server):
                one.run()
            return one

    def test_a_file_that_holds(self):
        server = StandIn((200, '{"id": 7}'), (200, '{"status":"success"}'))
        one = self.run_text('POST /a\n{}\nexpect 200 {"id": <int as id>}\nlet again = id\ncheck $id + 1 == 8\n'
                            'no credentials\nPOST /b/$id\n{"id": $id}\nexpect 200 {"status":"success"}\n'
                            "expect-header belay-stop: <text as stop>\n", server)
        self.assertEqual(one.names["stop"], "s-1")
        self.assertEqual(one.names["again"], 7)
        first, second = server.asked
        self.assertEqual(first[2]["X-CleverTap-Account-Id"], "TEST-123-4567")
        self.assertNotIn("X-CleverTap-Account-Id", second[2])
        self.assertEqual(second[1:2] + second[3:], ("/b/7", b'{"id": 7}', False))

    def test_each_kind_of_expectation_can_fail(self):
        for expectation in ("expect 201", 'expect 200 {"id": 8}', "expect 200\nexpect-header Belay-Stop: s-2",
                            "expect 200\nexpect-header Other: <text>", "expect 200\nexpect-text contains x",
                            "expect 200\nexpect-text lacks id", "expect 200\nexpect-text is 7",
                            "expect 200\nexpect-text matches /^7/", 'expect 200 {"id": <int as n>}\ncheck $n == 8',
                            "expect 200\nlet x = targets[0]"):
            with self.assertRaises(run.Failed, msg=expectation):
                self.run_text(f"GET /\n{expectation}\n", StandIn((200, '{"id": 7}')))

    def test_a_failure_says_where_what_and_what_came(self):
        with self.assertRaises(run.Failed) as caught:
            self.run_text('\nGET /1\nexpect 200 {"id": 8}\n', StandIn((200, '{"id": 7}')))
        self.assertRegex(str(caught.exception),
                         r"x\.test:2: request GET /1\n.*the answer\.id is 7, expected 8\n.*whole")

    def test_repeat_until_looks_again_and_gives_up_at_the_deadline(self):
        server = StandIn((200, "{}"), (200, "{}"), (200, '{"done": true}'))
        self.run_text('repeat-until 10s\nGET /\nexpect 200 {"done": true}\n', server)
        self.assertEqual(len(server.asked), 3)
        with self.assertRaisesRegex(run.Failed, f"tried for {0.05 * run.program.PATIENCE:g} s"):
            self.run_text('repeat-until 50ms\nGET /\nexpect 200 {"done": true}\n', StandIn((200, "{}")))


class Times(unittest.TestCase):
    def test_times_are_counted_from_the_servers_clock(self):
        names = run.Names(id=7)
        with mock.patch.object(run.time, "time", lambda: 1457432766):  # 2016-03-08 15:56:06 in Asia/Kolkata
            self.assertEqual(pattern.fill_text("${when+90m}", names), "20160308 17:26")
            names.ahead = 3600
            self.assertEqual(pattern.fill_body('{"from": ${day+1d}, "w": "${when+0m}", "id": $id}', names),
                             '{"from": 20160309, "w": "20160308 16:56", "id": 7}')
            self.assertEqual(unlike('{"at": ${stamp+0m}}', {"at": 201603081656}, names), [])
            self.assertEqual(pattern.fill_text("${weekday+0d} ${weekday+4d} ${weekday+5d}", names), "3 7 1")
        with self.assertRaises(pattern.PatternError):
            pattern.fill_text("${week+1d}", names)


class Configuration(unittest.TestCase):
    def test_a_tests_own_keys_come_before_the_first_table(self):
        text = program.config_text("127.0.0.1:9", ['past_due_grace = "1m"', "[dispatch]", "window = 64"])
        self.assertLess(text.index("past_due_grace"), text.index("[[account]]"))
        self.assertGreater(text.index("[dispatch]"), text.index("TEST-765-4321"))

    def test_generated_profiles_keep_to_the_limits_of_a_call(self):
        batches = list(program.profile_batches(5, 1001, tokens=True))
        self.assertEqual([len(b) for b in batches], [1000, 1] + [100] * 10 + [1])
        self.assertEqual(batches[0][0]["objectId"], batches[2][0]["objectId"])


if __name__ == "__main__":
    unittest.main()
