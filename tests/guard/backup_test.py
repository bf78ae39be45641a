#!/usr/bin/env python3
"""Backups: of one moment whatever the server does meanwhile, one file, and restored whole or not at all.

tests/guard/backup_test.py --belay build/release/belay [CASE ...]
"""
import contextlib
import hashlib
import io
import json
import shutil
import signal
import sqlite3
import sys
import tarfile
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "wire"))
import program  # noqa: E402

BELAY = None
PEOPLE = 500
BACKUPS = 4
CAMPAIGN = {"name": "n", "where": {}, "content": {"title": "t", "body": "b"}, "devices": ["android"], "when": "now"}


def make_link(member):
    member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"


class Backups(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="belay-backup-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.sink = program.Sink(BELAY, self.folder)
        self.addCleanup(self.sink.end)
        self.server = program.Belay(BELAY, self.folder, program.config_text(self.sink.address, []))
        self.addCleanup(self.server.end, signal.SIGKILL)
        self.server.start()
        self.upload(self.server, 0, PEOPLE)

    def upload(self, server, first, count):
        for records in program.profile_batches(first, count, tokens=True):
            answer = server.ask("POST", "/1/upload", {"d": records})
            self.assertEqual(answer.status, 200, answer.text)

    def cli(self, *arguments, expect=0):
        done = self.server.cli([str(a) for a in arguments])
        self.assertEqual(done.returncode, expect, f"{arguments}: {done.stdout}{done.stderr}")
        return (done.stdout + done.stderr).decode()

    def another_client(self):
        """For a thread of its own."""
        other = program.Belay(BELAY, self.folder, (self.folder / "belay.toml").read_text())
        other.ready = self.server.ready
        self.addCleanup(lambda: [client.close() for client in other.clients.values()])
        return other

    @contextlib.contextmanager
    def goes_on(self, act):
        """`act(n)` again and again meanwhile, in a thread; gives the list of what it returned so far."""
        done, over, broken = [], threading.Event(), []

        def work():
            try:
                while not over.is_set():
                    done.append(act(len(done)))
            except Exception as error:  # shown by the test itself
                broken.append(error)
        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield done
        finally:
            over.set()
            thread.join()
        self.assertEqual(broken, [])

    # --- one moment ---

    def test_of_a_server_at_full_speed_is_of_one_moment(self):
        uploader, caller = self.another_client(), self.another_client()

        def add_people(n):
            first = PEOPLE + n * 100
            self.upload(uploader, first, 100)
            return first + 100  # so many there are

        def send(_):
            answer = caller.ask("POST", "/1/targets/create.json", CAMPAIGN)
            self.assertEqual(answer.status, 200, answer.text)
            return json.loads(answer.body)["id"]
        taken = []
        with self.goes_on(add_people) as people, self.goes_on(send) as campaigns:
            for n in range(BACKUPS):
                program.until("something new", lambda seen=len(campaigns): True if len(campaigns) > seen + 1 else None)
                before = (people[-1] if people else PEOPLE, list(campaigns))
                self.cli("backup", f"b{n}.tar")
                taken.append((n, *before))
        self.server.end()
        for n, people_before, campaigns_before in taken:
            self.check_restored(n, people_before, campaigns_before)

    def check_restored(self, n, people_before, campaigns_before):
        where = self.folder / f"r{n}"
        self.cli("restore", f"b{n}.tar", where)
        with contextlib.closing(sqlite3.connect(where / "belay.db")) as control, \
                contextlib.closing(sqlite3.connect(where / "profiles.db")) as profiles:
            for database in (control, profiles):
                self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
                self.assertEqual(database.execute("PRAGMA foreign_key_check").fetchall(), [])
            there = profiles.execute("SELECT count(*) FROM address").fetchone()[0]
            self.assertGreaterEqual(there, people_before, "whoever was uploaded before is in it")
            self.assertEqual(there % 100, 0, "a batch of tokens is in it whole or not at all")
            kept = {row[0] for row in control.execute("SELECT id FROM campaign")}
            self.assertLessEqual(set(campaigns_before), kept, "whatever was made before is in it")
            planned = control.execute("SELECT campaign, audience FROM run WHERE frozen = 1").fetchall()
        self.assertTrue(planned)
        self.assertIn("whole", self.cli("audit", "verify", "--data", where))
        for campaign, audience in planned:
            rows = self.cli("recipients", campaign, "--format", "jsonl", "--data", where).splitlines()
            everybody = [json.loads(line) for line in rows]
            self.assertEqual(len(everybody), audience)
            for person in everybody:
                self.assertTrue(person["recipient"]["objectId"], f"in belay.db, and not in profiles.db: {person}")

    # --- one file ---

    def test_is_an_archive_that_any_tar_reads(self):
        self.assertIn("MB are in b.tar", self.cli("backup", "b.tar"))
        with tarfile.open(self.folder / "b.tar") as archive:
            self.assertEqual(archive.getnames(), ["manifest.json", "belay.db", "profiles.db", "secret.key"])
            said = json.load(archive.extractfile("manifest.json"))
            for file in said["files"]:
                content = archive.extractfile(file["name"]).read()
                self.assertEqual((len(content), hashlib.sha256(content).hexdigest()), (file["bytes"], file["sha256"]))
        self.assertEqual(self.leftovers(), [])

    def test_compressed_is_smaller_and_restored_the_same(self):
        self.cli("backup", "b.tar")
        self.cli("backup", "b.tar.zst")
        self.assertLess((self.folder / "b.tar.zst").stat().st_size, (self.folder / "b.tar").stat().st_size / 2)
        self.cli("restore", "b.tar.zst", "restored")
        self.assertTrue((self.folder / "restored" / "profiles.db").exists())

    def test_never_goes_over_what_is_there(self):
        (self.folder / "mine").write_text("precious")
        self.assertIn("is there already", self.cli("backup", "mine", expect=5))
        (self.folder / "link").symlink_to("nowhere")
        self.assertIn("is there already", self.cli("backup", "link", expect=5))
        (self.folder / "full").mkdir()
        (self.folder / "full" / "x").write_text("precious")
        (self.folder / "empty").mkdir()
        self.cli("backup", "b.tar")
        self.assertIn("is there already", self.cli("restore", "b.tar", "full", expect=5))
        self.assertIn("is there already", self.cli("restore", "b.tar", "mine", expect=5))
        self.assertIn("is there already", self.cli("restore", "b.tar", "data", expect=5))
        self.assertIn("belay adopt --data empty", self.cli("restore", "b.tar", "empty"))
        self.assertEqual((self.folder / "mine").read_text(), "precious")
        self.assertEqual([file.name for file in (self.folder / "full").iterdir()], ["x"])
        self.assertIn("name one", self.cli("backup", "new/", expect=2))
        self.assertEqual(self.leftovers(), [])

    # --- whole or not at all ---

    def leftovers(self):
        return [path.name for path in self.folder.iterdir() if "partial" in path.name]

    def assert_not_restored(self, file, why):
        told = self.cli("restore", file, "restored", expect=1)
        self.assertIn(why, told)
        self.assertIn(str(file), told)
        self.assertFalse((self.folder / "restored").exists(), "half a data folder")
        self.assertEqual(self.leftovers(), [])

    def test_damaged_or_hostile_leaves_nothing_behind(self):
        self.cli("backup", "b.tar")
        whole = (self.folder / "b.tar").read_bytes()
        for size in (0, 100, 512, 2000, len(whole) // 2, len(whole) - 12_000):
            (self.folder / "cut.tar").write_bytes(whole[:size])
            self.assert_not_restored("cut.tar", "can't be restored")
        for at in (len(whole) // 3, len(whole) // 2):
            (self.folder / "flip.tar").write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
            self.assert_not_restored("flip.tar", "checksum")
        with tarfile.open(self.folder / "b.tar") as archive:
            members = [(member, archive.extractfile(member).read()) for member in archive]
        for change, why in ((lambda m: m.__setattr__("name", "../" + m.name), "not in its manifest"),
                            (lambda m: m.__setattr__("name", str(self.folder / "outside")), "not in its manifest"),
                            (make_link, "not a plain file")):
            with tarfile.open(self.folder / "evil.tar", "w") as evil:
                for member, content in members:
                    member = tarfile.TarInfo(member.name)
                    member.size = len(content)
                    if member.name == "profiles.db":
                        change(member)
                    evil.addfile(member, io.BytesIO(content) if member.isreg() else None)
            self.assert_not_restored("evil.tar", why)
        self.assertFalse((self.folder / "outside").exists())
        self.assert_not_restored("nowhere.tar", "No such file")

    def test_that_is_killed_half_way_has_no_name(self):
        for _ in range(3):
            process = program.subprocess.Popen([str(BELAY), "backup", "k.tar"], cwd=self.folder,
                                               stdout=program.subprocess.DEVNULL)
            program.until("it has begun", lambda: True if self.leftovers() or process.poll() is not None else None)
            process.kill()
            process.wait()
            if (self.folder / "k.tar").exists():  # it was quicker
                self.cli("restore", "k.tar", "k")
                return
        self.cli("backup", "k.tar")
        self.cli("restore", "k.tar", "k")


def main():
    global BELAY
    BELAY, rest = program.belay_given(__doc__)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
