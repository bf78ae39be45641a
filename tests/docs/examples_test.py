#!/usr/bin/env python3
"""The documentation's tests tested: what they find in a page, and what they take for a match."""
import unittest

import examples

PAGE = """\
# A page

<!-- file: belay.toml -->
```toml
data = "data"
```

```console vary again
$ belay stop 1457432766 \\
    --reason "x"
Stopped in 773 us. 2,152 handed over.

$ echo
```

<!-- example: server ends -->
```sh
not run
```
"""


def command(output, vary=False, text="belay stop 1457432766"):
    return examples.Command(1, text, output, vary)


class Pages(unittest.TestCase):
    def test_have_files_commands_and_events(self):
        file, stop, echo, event = examples.steps(PAGE)
        self.assertEqual((file.name, file.content), ("belay.toml", 'data = "data"\n'))
        self.assertEqual(stop.text, 'belay stop 1457432766 \\\n    --reason "x"')
        self.assertEqual(stop.output, ["Stopped in 773 us. 2,152 handed over."])
        self.assertTrue(stop.vary and stop.again)
        self.assertEqual((echo.text, echo.output), ("echo", []))
        self.assertEqual(event.what, "server ends")

    def test_with_an_unknown_word_are_refused(self):
        with self.assertRaises(ValueError):
            examples.steps("```console sometimes\n$ true\n```\n")


class Output(unittest.TestCase):
    def test_is_exact_unless_said_otherwise(self):
        self.assertIsNotNone(examples.matches(command(["a 1"]), "a 1\n"))
        self.assertIsNone(examples.matches(command(["a 1"]), "a 2\n"))
        self.assertIsNone(examples.matches(command(["a 1"]), "a 1\nb\n"))
        self.assertIsNone(examples.matches(command([]), "something\n"))

    def test_may_leave_out_parts_and_lines(self):
        self.assertIsNotNone(examples.matches(command(["{…}"]), '{"a": [1]}\n'))
        self.assertIsNotNone(examples.matches(command(["a", "…", "z"]), "a\nb\nc\nz\n"))
        self.assertIsNotNone(examples.matches(command(["a", "…", "z"]), "a\nz\n"))
        self.assertIsNone(examples.matches(command(["a…"]), "b\n"))

    def test_with_numbers_that_vary_keeps_its_words_and_the_numbers_of_the_command(self):
        shown = command(["Stopped in 773 us. 2,152 of 1457432766  handed over"], vary=True)
        self.assertIsNotNone(examples.matches(shown, "Stopped in 1.2 ms. 9 of 1457432766 handed over\n"))
        self.assertIsNone(examples.matches(shown, "Stopped in 773 us. 2,152 of 1457432767 handed over\n"))
        self.assertIsNone(examples.matches(shown, "Stopped in 773 us. 2,152 of 1457432766 sent\n"))
        self.assertIsNone(examples.matches(shown, "Stopped in none us. 2,152 of 1457432766 handed over\n"))

    def test_teaches_the_ids_in_it(self):
        shown = command(['{"id":1795422601,"again":1795422601}'], vary=True, text="curl")
        self.assertEqual(examples.matches(shown, '{"id":1800000001,"again":1800000001}'),
                         {"1795422601": "1800000001"})
        self.assertIsNone(examples.matches(shown, '{"id":1800000001,"again":1800000002}'))


if __name__ == "__main__":
    unittest.main()
