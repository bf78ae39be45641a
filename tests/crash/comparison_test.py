#!/usr/bin/env python3
"""Every rule of comparison.py notices what it is there for."""
import copy
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import comparison  # noqa: E402


def person(ordinal, outcome, reason=None, attempts=1):
    return {"ordinal": ordinal, "recipient": {"identity": "", "objectId": f"o{ordinal}", "token": f"t{ordinal}"},
            "outcome": outcome, "reason": reason, "attempts": attempts}


RIGHT = {
    "audience": [f"t{n}" for n in range(6)],
    "people": [person(0, "accepted"), person(1, "accepted", attempts=2), person(2, "failed", "stopped_in_retry"),
               person(3, "withheld", attempts=0), person(4, "in_doubt", "crash"),
               person(5, "skipped", "address_dead")],
    "counts": {"audience": 6, "handed_over": 4, "accepted": 2, "failed": 1, "skipped": {"address_dead": 1},
               "withheld": 1, "in_doubt": 1, "in_flight": 0, "pending": 0, "attempts": 5},
    "arrivals": [{"order": 0, "recipient": "t0", "status": 200}, {"order": 1, "recipient": "t1", "status": 503},
                 {"order": 2, "recipient": "t2", "status": 503}, {"order": 3, "recipient": "t1", "status": 200},
                 {"order": 4, "recipient": "t4", "status": 200}],
}


class Comparison(unittest.TestCase):
    def judge(self, change=None, most=1, unsent=True, broke=False):
        case = copy.deepcopy(RIGHT)
        if change:
            change(case)
        judge = comparison.Comparison(**case)
        judge.check(most, unsent, broke)
        return judge

    def wrong(self, *how, **more):
        return "\n".join(self.judge(*how, **more).wrong)

    def test_says_nothing_when_both_sides_agree(self):
        self.assertEqual(self.wrong(), "")
        self.assertEqual(self.wrong(unsent=False), "")

    def test_a_second_message_after_one_that_was_taken(self):
        more = {"order": 9, "recipient": "t0", "status": 200}
        self.assertIn("twice: t0", self.wrong(lambda c: c["arrivals"].append(more)))

    def test_a_second_message_after_one_without_an_answer(self):
        def change(case):
            case["arrivals"][1]["status"] = 0
        self.assertIn("twice: t1", self.wrong(change))

    def test_more_messages_than_attempts(self):
        more = {"order": 9, "recipient": "t2", "status": 503}
        self.assertIn("more often", self.wrong(lambda c: c["arrivals"].append(more)))

    def test_a_message_to_somebody_withheld_or_skipped(self):
        for ordinal in (3, 5):
            def change(case, n=ordinal):
                case["people"][n]["attempts"] = 1
                case["arrivals"].append({"order": 9, "recipient": f"t{n}", "status": 200})
            self.assertIn("never sent to, and yet", self.wrong(change))

    def test_accepted_without_a_message(self):
        self.assertIn("accepted by nobody: t0", self.wrong(lambda c: c["arrivals"].pop(0)))

    def test_accepted_after_nothing_but_503(self):
        def change(case):
            case["arrivals"][0]["status"] = 503
        self.assertIn("accepted by nobody: t0", self.wrong(change))

    def test_failed_although_it_was_taken(self):
        def change(case):
            case["arrivals"][2]["status"] = 200
        self.assertIn("no failure: t2", self.wrong(change))

    def test_failed_without_a_message_only_where_messages_are_disclaimed(self):
        def change(case):
            case["arrivals"].pop(2)
        self.assertIn("no failure: t2", self.wrong(change))
        self.assertIn("handed_over is 4", self.wrong(change))

        def disclaimed(case):
            change(case)
            case["disclaims"] = True
        self.assertEqual(self.wrong(disclaimed), "")

    def test_a_stranger(self):
        more = {"order": 9, "recipient": "t77", "status": 200}
        self.assertIn("t77 got a message", self.wrong(lambda c: c["arrivals"].append(more)))

    def test_somebody_missing_and_somebody_else_there(self):
        self.assertIn("the audience", self.wrong(lambda c: c["audience"].append("t6")))
        self.assertIn("the audience", self.wrong(lambda c: c["audience"].remove("t3")))

    def test_somebody_twice_in_the_account(self):
        self.assertIn("name 6 people", self.wrong(lambda c: c["people"].append(person(0, "accepted"))))
        self.assertIn("0..n-1", self.wrong(lambda c: c["people"][0].update(ordinal=7)))

    def test_counts_and_list_that_disagree(self):
        self.assertIn("and counts", self.wrong(lambda c: c["counts"].update(accepted=3)))
        self.assertIn("do not add up", self.wrong(lambda c: c["counts"].update(audience=7)))

    def test_people_without_an_outcome_at_the_end(self):
        def change(case):
            case["people"][3]["outcome"] = "pending"
            case["counts"].update(withheld=0, pending=1)
        self.assertIn("people pending at the end", self.wrong(change))

    def test_more_in_doubt_than_were_on_their_way(self):
        self.assertIn("at most 0", self.wrong(most=0))

    def test_the_bound_of_doubt(self):
        self.assertEqual(comparison.most_in_doubt(window=8192), 0)
        self.assertEqual(comparison.most_in_doubt(window=64, kills=2, breaks=1), 192)
        self.assertEqual(comparison.most_in_doubt(window=8192, kills=1), 8192)
        # after an answered stop only the wire is left: 2 loops of 2 connections of 512 streams
        self.assertEqual(comparison.most_in_doubt(window=8192, kills=1, loops=2), 2048)
        self.assertEqual(comparison.most_in_doubt(window=64, kills=1, loops=2), 64)
        self.assertEqual(comparison.most_in_doubt(window=64, loops=2), 0)

    def test_doubt_of_a_cause_that_was_not_there(self):
        def change(case):
            case["people"][4]["reason"] = "connection_lost"
        self.assertIn("did not happen: connection_lost", self.wrong(change))
        self.assertEqual(self.wrong(change, broke=True), "")

    def test_what_is_wrong_is_counted_by_kind(self):
        def change(case):
            case["arrivals"].append({"order": 9, "recipient": "t0", "status": 200})
            case["arrivals"].append({"order": 10, "recipient": "t3", "status": 200})
            case["people"][3]["attempts"] = 1
            case["arrivals"].pop(3)
        tally = self.judge(change).tally
        self.assertEqual((tally["duplicates"], tally["escapes"], tally["lost"]), (1, 1, 1))
        self.assertEqual(sum(self.judge().tally.values()), 0)

    def test_a_message_after_a_stop_was_answered(self):
        came = [{"recipient": "t0", "steady_us": 5_000_000}, {"recipient": "t1", "steady_us": 7_500_000}]
        self.assertEqual(comparison.arrived_after(came, 7_000_000), [])
        self.assertIn("t1 got a message 1.500 s after", comparison.arrived_after(came, 6_000_000)[0])
        self.assertEqual(len(comparison.arrived_after(came, 3_000_000)), 2)

    def test_in_doubt_without_a_message_only_after_a_crash(self):
        def change(case):
            case["arrivals"].pop()
        self.assertEqual(self.wrong(change), "")
        self.assertIn("never had a message", self.wrong(change, unsent=False))

    def test_handed_over_that_the_receiver_does_not_bear_out(self):
        self.assertIn("handed_over is 5", self.wrong(lambda c: c["counts"].update(handed_over=5)))
        self.assertIn("handed_over is 3", self.wrong(lambda c: c["counts"].update(handed_over=3)))

    def test_a_receipt_that_changed(self):
        first = {key: 1 for key in comparison.KEPT}
        self.assertEqual(comparison.compare_receipts(first, dict(first)), [])
        for key in comparison.KEPT:
            self.assertIn(f"receipt's {key} ", comparison.compare_receipts(first, {**first, key: 2})[0])


if __name__ == "__main__":
    unittest.main()
