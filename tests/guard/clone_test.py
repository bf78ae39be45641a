#!/usr/bin/env python3
"""Copies of a data folder, restored backups, and folders that only moved: which of them send.

tests/guard/clone_test.py --belay build/release/belay [CASE ...]
"""
import json
import shutil
import signal
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "wire"))
import program  # noqa: E402
from program import until  # noqa: E402

BELAY = None
PEOPLE = 300


class Clones(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="belay-clone-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.sink = program.Sink(BELAY, self.folder)
        self.addCleanup(self.sink.end)
        self.original = self.server("original")
        self.original.start()
        for records in program.profile_batches(0, PEOPLE, tokens=True):
            answer = self.original.ask("POST", "/1/upload", {"d": records})
            self.assertEqual(answer.status, 200, answer.text)

    def server(self, name):
        folder = self.folder / name
        folder.mkdir()
        server = program.Belay(BELAY, folder, program.config_text(self.sink.address, []))
        self.addCleanup(server.end, signal.SIGKILL)
        return server

    def create(self, server, when="now"):
        answer = server.ask("POST", "/1/targets/create.json", {
            "name": "clone test", "where": {}, "content": {"title": "t", "body": "b"}, "devices": ["android"],
            "when": when})
        self.assertEqual(answer.status, 200, answer.text)
        return json.loads(answer.body)["id"]

    def campaign(self, server, campaign):
        answer = server.ask("GET", f"/api/v1/campaigns/{campaign}", via="socket", account=None)
        self.assertEqual(answer.status, 200, answer.text)
        return json.loads(answer.body)

    def wait_state(self, server, campaign, state):
        def look():
            now = self.campaign(server, campaign)
            return now if now["state"] == state else None
        return until(f"campaign {state}", look)

    def arrived(self):
        return json.loads(self.sink.control("GET", "counts").body)["total"]

    def cli(self, server, *arguments, expect=0):
        done = server.cli([*arguments, "--data", str(server.data)])
        self.assertEqual(done.returncode, expect, f"{arguments}: {done.stdout}{done.stderr}")
        return (done.stdout + done.stderr).decode()

    def readiness(self, server):
        answer = server.ask("GET", "/readyz", account=None)
        return answer.status, answer.text

    def assert_held(self, server, why):
        status, text = self.readiness(server)
        self.assertEqual(status, 503, text)
        self.assertIn(why, text)
        self.assertIn("belay adopt", text)
        told = json.loads(self.cli(server, "status", "--json"))
        self.assertEqual(told["state"], "held", told)

    def assert_nothing_leaves(self, server):
        """The held server had its chance: it is asked to look at the schedule, and its clock is moved."""
        before = self.arrived()
        server.advance(1000)
        new = self.create(server)
        server.advance(1000)
        self.assertEqual(self.campaign(server, new)["state"], "scheduled")
        self.assertEqual(self.arrived(), before)
        return new

    def running_campaign(self):
        """One that hangs at its provider: some are on the wire, the rest waits."""
        self.sink.control("POST", "behave", b'{"hang_every": 1}')
        campaign = self.create(self.original)
        until("something arrived", lambda: self.arrived() or None)
        return campaign

    def copy_of_original(self, name="copy"):
        """As a snapshot of the machine would take it: all files of one moment."""
        copy, process = self.server(name), self.original.process
        if process is not None:
            process.process.send_signal(signal.SIGSTOP)
        try:
            shutil.copytree(self.original.data, copy.data, ignore=shutil.ignore_patterns("*.sock", "lock"))
        finally:
            if process is not None:
                process.process.send_signal(signal.SIGCONT)
        return copy

    # --- what is at home ---

    def test_restart_rename_and_kill_go_on(self):
        self.original.end()
        moved = self.server("moved")
        self.original.data.rename(moved.data)
        for how in (signal.SIGTERM, signal.SIGKILL, signal.SIGTERM):
            moved.start()
            self.assertEqual(self.readiness(moved)[0], 200)
            moved.end(how)
        moved.start()
        campaign = self.create(moved)
        self.assertEqual(self.wait_state(moved, campaign, "completed")["counts"]["accepted"], PEOPLE)

    # --- what is not (S56, S58) ---

    def test_copy_beside_its_running_original_sends_nothing(self):
        campaign = self.running_campaign()
        copy = self.copy_of_original()
        copy.start()
        self.assert_held(copy, "copy")
        self.assert_nothing_leaves(copy)
        # It can be read and stopped.
        self.assertEqual(self.campaign(copy, campaign)["state"], "running")
        self.cli(copy, "stop", str(campaign))
        self.assertEqual(self.campaign(copy, campaign)["state"], "stopped")
        self.assertEqual(self.campaign(self.original, campaign)["state"], "running")
        # Nobody can say that the original is gone while it is being served here.
        self.assertIn("original is being served", self.cli(copy, "adopt", expect=5))
        self.assert_held(copy, "copy")

    def test_adopted_copy_stops_what_had_begun_and_sends_what_is_to_come(self):
        begun = self.running_campaign()
        later = self.create(self.original, {"type": "later", "delivery_date_time": ["20990101 10:00"]})
        copy = self.copy_of_original()
        self.original.end(signal.SIGKILL)
        self.sink.control("POST", "behave", b'{"hang_every": 0}')
        before = self.arrived()
        copy.start()
        overdue = self.assert_nothing_leaves(copy)
        told = json.loads(self.cli(copy, "adopt", "--json"))
        self.assertEqual((told["adopted"], sorted(told["stopped"])), (True, sorted([begun, overdue])))
        self.assertEqual(self.readiness(copy)[0], 200)
        new = self.create(copy)
        self.wait_state(copy, new, "completed")
        self.assertEqual(self.campaign(copy, begun)["state"], "stopped")
        self.assertEqual(self.campaign(copy, later)["state"], "scheduled")
        self.assertEqual(self.arrived(), before + PEOPLE)
        copy.end()
        copy.start()
        self.assertEqual(self.readiness(copy)[0], 200, "adopted once is enough")

    def test_resumed_copy_of_a_folder_at_rest_goes_on_exactly(self):
        begun = self.running_campaign()
        self.original.end(signal.SIGKILL)
        self.sink.control("POST", "behave", b'{"hang_every": 0}')
        copy = self.copy_of_original()
        self.assertIn("not running", self.cli(copy, "status"))
        self.cli(copy, "adopt", "--resume")
        copy.start()
        done = self.wait_state(copy, begun, "completed")
        self.assertEqual(done["counts"]["accepted"] + done["counts"]["in_doubt"], PEOPLE)
        counts = json.loads(self.sink.control("GET", "counts").body)
        self.assertEqual(counts["by_campaign"][str(begun)]["duplicates"], 0)

    def test_past_due_follows_its_policy_when_adopted_with_resume(self):
        soon = self.create(self.original, {"type": "later", "delivery_date_time": ["20990101 10:00"]})
        copy = self.copy_of_original()
        self.original.end(signal.SIGKILL)
        copy.start()
        copy.advance(399 * 24 * 3600 * 1000)
        for _ in range(75):
            copy.advance(399 * 24 * 3600 * 1000)
        self.assertEqual(self.campaign(copy, soon)["state"], "scheduled")
        self.cli(copy, "adopt", "--resume")
        self.wait_state(copy, soon, "missed")
        self.assertEqual(self.arrived(), 0)

    def test_serve_adopt_is_adopt_and_start(self):
        begun = self.running_campaign()
        copy = self.copy_of_original()
        self.original.end(signal.SIGKILL)
        copy.arguments.append("--adopt")
        copy.start()
        self.assertEqual(self.readiness(copy)[0], 200)
        self.assertEqual(self.campaign(copy, begun)["state"], "stopped")

    def deliveries(self, server, hook):
        answer = server.ask("GET", f"/api/v1/webhooks/{hook}/deliveries", via="socket", account=None)
        self.assertEqual(answer.status, 200, answer.text)
        return {d["id"]: d for d in json.loads(answer.body)["deliveries"]}

    def test_adopted_copy_does_not_repeat_the_originals_notices(self):
        url = f"http://{self.sink.address}/webhook"
        hook = json.loads(self.original.ask("POST", "/api/v1/webhooks", {"url": url}).body)["id"]
        self.sink.control("POST", "behave", b'{"fail_every": 1, "fail_status": 503}')
        later = {"type": "later", "delivery_date_time": ["20990101 10:00"]}
        self.cli(self.original, "stop", str(self.create(self.original, later)))
        waiting = until("notices that wait", lambda: self.deliveries(self.original, hook) or None)
        copy = self.copy_of_original()
        self.original.end(signal.SIGKILL)
        self.cli(copy, "adopt")
        copy.start()
        tried_before = {known: self.deliveries(copy, hook)[known]["attempts"] for known in waiting}
        self.cli(copy, "stop", str(self.create(copy, later)))

        def tried_again():
            fresh = [d for d in self.deliveries(copy, hook).values() if d["id"] not in waiting]
            return True if fresh and all(d["attempts"] > 0 for d in fresh) else None
        until("an attempt to tell of what is new", tried_again)
        for known, attempts in tried_before.items():
            now = self.deliveries(copy, hook)[known]
            self.assertEqual((now["state"], now["attempts"]), ("in_doubt", attempts), now)

    def test_older_copy_put_back_in_place_is_held(self):
        copy = self.copy_of_original()
        self.original.end()
        for file in copy.data.iterdir():
            if file.is_file():
                shutil.copy(file, self.original.data / file.name)  # the same names, the same inodes
        for log in ("belay.db-wal", "belay.db-shm"):
            if not (copy.data / log).exists():
                (self.original.data / log).unlink(missing_ok=True)
        self.original.start()
        self.assert_held(self.original, "copy")
        self.assert_nothing_leaves(self.original)

    # --- backups ---

    def test_backup_of_a_running_server_is_whole_and_held(self):
        begun = self.running_campaign()
        where = self.folder / "backup.tar"
        told = json.loads(self.cli(self.original, "backup", str(where), "--json"))
        self.assertEqual(told["unfinished_campaigns"], 1)
        self.assertIn("is there already", self.cli(self.original, "backup", str(where), expect=5))
        later = self.create(self.original)
        self.original.end(signal.SIGKILL)
        self.sink.control("POST", "behave", b'{"hang_every": 0}')
        before = self.arrived()
        restored = self.server("restored")
        told = self.original.cli(["restore", str(where), str(restored.data), "--json"])
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertEqual(json.loads(told.stdout)["unfinished_campaigns"], 1)
        restored.start()
        self.assert_held(restored, "backup")
        self.assertEqual(restored.ask("GET", f"/api/v1/campaigns/{later}").status, 404, "made after the backup")
        self.assert_nothing_leaves(restored)
        listed = restored.ask("GET", f"/api/v1/campaigns/{begun}/recipients?limit=1000")
        self.assertEqual(listed.status, 200, "the passcodes are in the backup")
        everybody = json.loads(listed.body)["recipients"]
        self.assertEqual(len(everybody), PEOPLE)
        self.assertTrue(all(person["recipient"]["objectId"] for person in everybody), "all are in profiles.db")
        self.cli(restored, "adopt")
        self.assertEqual(self.arrived(), before)
        self.assertEqual(self.campaign(restored, begun)["state"], "stopped")

    def test_backup_without_a_server_changes_nothing(self):
        self.original.end()
        files = {f.name: f.read_bytes() for f in self.original.data.iterdir() if f.name.endswith(".db")}
        self.cli(self.original, "backup", str(self.folder / "backup.tar"))
        for name, content in files.items():
            self.assertEqual((self.original.data / name).read_bytes(), content, name)
        self.original.start()
        self.assertEqual(self.readiness(self.original)[0], 200)


def main():
    global BELAY
    BELAY, rest = program.belay_given(__doc__)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
