#!/usr/bin/env python3
"""The models of spec/ speak of the code's own states and moves, and their runner can say no."""
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "spec"
sys.path.insert(0, str(SPEC))
import moves  # noqa: E402
import run  # noqa: E402
from cases import CASES, MODELS, Case  # noqa: E402

STATE_H = moves.SOURCE.read_text()


def without_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def model_text(name):
    return without_comments((SPEC / f"{name}.pml").read_text())


def verify(case, **options):
    with tempfile.TemporaryDirectory(prefix="belay-spec-") as folder:
        return run.verify(case, Path(folder), **options)


class ModelsAndCode(unittest.TestCase):
    def test_the_moves_of_the_models_are_those_of_the_code(self):
        self.assertEqual(moves.TARGET.read_text(), moves.made(),
                         "src/campaign/state.h has changed: run spec/moves.py, and see what it means for the models")

    def test_any_change_of_the_code_s_table_changes_the_models(self):
        changes = [("{State::running, Move::stop, State::stopped},", ""),
                   ("{State::running, Move::stop, State::stopped}", "{State::running, Move::stop, State::missed}"),
                   ('{State::missed, "missed", "completed", true}', '{State::missed, "missed", "completed", false}')]
        for old, new in changes:
            self.assertIn(old, STATE_H)
            self.assertNotEqual(moves.promela(*moves.read(STATE_H.replace(old, new))), moves.made(), old)

    def test_a_table_that_contradicts_the_enums_is_refused(self):
        for old, new in [('"missed"', '"mist"'), ("Move::launch", "Move::lunch"),
                         ("{State::planning, Move::stop,", "{State::running, Move::stop,")]:
            self.assertIn(old, STATE_H)
            with self.assertRaises(ValueError, msg=old):
                moves.read(STATE_H.replace(old, new))

    def test_every_state_and_every_move_is_modelled(self):
        text = "".join(model_text(m) for m in MODELS)
        states, _, names, _ = moves.read(STATE_H)
        for name in states + names:
            self.assertRegex(text, rf"\b{name}\b", f"no model knows {name}")

    def test_models_have_no_states_of_their_own(self):
        for model in MODELS:
            self.assertNotRegex(model_text(model), r"mtype:(state|move)\s*=\s*\{")

    def test_what_holds_moves_only_through_the_table(self):
        for case in CASES:
            if case.fails:
                continue
            flags = [f"-D{d}" for d in case.defines]
            text = subprocess.run(["gcc", "-E", "-P", "-x", "c", *flags, str(SPEC / f"{case.model}.pml")],
                                  capture_output=True, text=True, check=True).stdout
            by_hand = re.findall(r"(?<!mtype:state )(?<!mtype:)\b(?:state|series)(?:\[\w+\])*\s=\s[^;}]*", text)
            self.assertEqual(by_hand, [], case.name)

    def test_outcomes_are_the_journal_s(self):
        known = moves.enum((ROOT / "src/campaign/outcome.h").read_text(), "Entry")
        used = re.search(r"mtype:entry = \{(.*?)\}", model_text("stop")).group(1).replace(" ", "").split(",")
        self.assertEqual(used[0], "no_entry")
        self.assertLessEqual(set(used[1:]), set(known))


class Runner(unittest.TestCase):
    small = Case("stop", "small", ("NODES=1", "RECIPIENTS=2"))
    broken = Case("stop", "broken", ("NODES=1", "RECIPIENTS=2", "PROMISES_ONLY", "FLAG_ONLY"))

    def test_a_model_that_holds_is_accepted(self):
        result = verify(self.small)
        self.assertEqual(run.objection(self.small, result), "")
        self.assertGreater(result["states"], 1000)

    def test_a_model_that_is_broken_on_purpose_is_not(self):
        text = (SPEC / "stop.pml").read_text()
        barrier = "stopping[n] == asking && stop_answers[n] == EVERY_LOOP ->\n       stop_answers[n] = 0;"
        self.assertIn(barrier, text)
        # One loop is believed before it has answered.
        changed = {"stop.pml": text.replace(barrier, barrier.replace("== EVERY_LOOP", "> 0"))}
        self.assertIn("violated", run.objection(self.small, verify(self.small, changed=changed)))

    def test_a_move_that_the_code_s_table_loses_is_noticed(self):
        rows = moves.read(STATE_H)
        poorer = rows[:3] + ([r for r in rows[3] if r != ("running", "stop", "stopped")],)
        result = verify(self.small, changed={"moves.pml": moves.promela(*poorer)})
        self.assertIn("violated", run.objection(self.small, result))

    def test_a_search_that_was_cut_short_is_no_proof(self):
        self.assertIn("not searched to the end", run.objection(self.small, verify(self.small, steps=20)))

    def test_a_broken_variant_must_fail_and_at_its_own_assertion(self):
        wanted = Case("stop", "wanted", self.small.defines, "!stop_answered")
        self.assertIn("not found to be broken", run.objection(wanted, verify(wanted)))
        other = Case("stop", "other", self.broken.defines, "!quiet")
        self.assertIn("another assertion", run.objection(other, verify(other)))

    def test_a_step_that_no_case_takes_is_told(self):
        idle = {"model": "stop", "must": "pass", "unreached": {("brake", 7, "D_STEP7"), ("brake", 9, "-end-")}}
        self.assertEqual(len(run.never_taken([idle], ["stop"])), 1)
        busy = {"model": "stop", "must": "pass", "unreached": set()}
        self.assertEqual(run.never_taken([idle, busy], ["stop"]), [])


if __name__ == "__main__":
    unittest.main()
