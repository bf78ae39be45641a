#!/usr/bin/env python3
"""Secrets stay where they belong: no passcode, key, token or webhook secret in a log at any level, an answer, a
command's output, an export of the audit trail, a crash report or a backup's loose files.

tests/guard/secrets_test.py --belay build/release/belay
"""
import json
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
PEOPLE = 10
READS = ("/healthz", "/readyz", "/metrics", "/api/v1/status", "/api/v1/accounts", "/api/v1/campaigns", "/api/v1/stops",
         "/api/v1/latches", "/api/v1/webhooks", "/api/v1/audit", f"/api/v1/accounts/{program.ACCOUNT[0]}/passcodes",
         f"/api/v1/accounts/{program.ACCOUNT[0]}/providers")
COMMANDS = (["status"], ["account", "list"], ["passcode", "list", program.ACCOUNT[0]],
            ["provider", "list", program.ACCOUNT[0]], ["webhook", "list"], ["audit", "list"], ["campaigns"],
            ["receipt"], ["latch", "list"])


class Secrets(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="belay-secrets-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.sink = program.Sink(BELAY, self.folder)
        self.addCleanup(self.sink.end)
        text = program.config_text(self.sink.address, ['log_level = "debug"']).replace(
            'kind = "fcm"', 'kind = "fcm"\n  service_account = "account.json"', 1)
        self.private_key = self.write_service_account()
        self.server = program.Belay(BELAY, self.folder, text)
        self.addCleanup(self.server.end, signal.SIGKILL)
        self.server.start()

    def write_service_account(self):
        key = subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
                             capture_output=True, text=True, check=True).stdout
        (self.folder / "account.json").write_text(json.dumps({
            "type": "service_account", "project_id": "p", "private_key_id": "k", "private_key": key,
            "client_email": "a@p.example.com", "client_id": "1", "token_uri": f"http://{self.sink.address}/token"}))
        return key

    def test_are_in_no_log_answer_or_output(self):
        made = json.loads(self.server.cli(["passcode", "add", program.ACCOUNT[0], "--json"]).stdout)["passcode"]
        added = self.server.ask("POST", "/api/v1/webhooks", {"url": f"http://{self.sink.address}/hook"})
        hook = json.loads(added.body)["secret"]
        key_file = (self.server.data / "secret.key").read_text().strip()
        secrets = {"passcode of the configuration": program.ACCOUNT[1], "passcode that was made": made,
                   "webhook's secret": hook, "key of the hashes": key_file,
                   "another account's passcode": program.OTHER_ACCOUNT[1], "attempted passcode": "WRONG-PASSCODE-1",
                   **{f"private key, line {n}": line for n, line in enumerate(self.private_key.splitlines()[1:-1])}}
        seen = {path: self.server.ask("GET", path, account=None, via="socket").text for path in READS}
        seen |= {path + " of an account": self.server.ask("GET", path).text for path in READS}
        self.use_everything()
        stranger = (program.ACCOUNT[0], "WRONG-PASSCODE-1")
        seen["refusal"] = self.server.ask("GET", "/api/v1/campaigns", account=stranger).text
        for command in COMMANDS:
            for form in ([], ["--json"]):
                done = self.server.cli([*command, *form])
                seen[" ".join([*command, *form])] = (done.stdout + done.stderr).decode()
        self.server.end()
        seen["a configuration that is wrong"] = self.wrong_configuration()
        seen["log"] = (self.folder / "server.log").read_text(errors="replace")
        self.assertIn("http.call", seen["log"], "the log is at its most talkative")
        for place, text in seen.items():
            for what, secret in secrets.items():
                self.assertNotIn(secret, text, f"{what} in {place}")
            self.assertNotIn("Bearer ", text, place)

    def use_everything(self):
        for records in program.profile_batches(0, PEOPLE, tokens=True):
            self.server.ask("POST", "/1/upload", {"d": records})
        campaign = {"name": "n", "where": {}, "content": {"title": "t", "body": "b"}, "devices": ["android"],
                    "when": "now"}
        self.assertEqual(self.server.ask("POST", "/1/targets/create.json", campaign).status, 200)
        until("everybody has theirs",
              lambda: True if json.loads(self.sink.control("GET", "counts").body)["total"] >= PEOPLE else None)
        self.server.ask("POST", "/api/v1/stops", {"scope": {"all": True}, "latch": True})
        self.server.ask("POST", "/1/targets/create.json", {"name": 7})

    def wrong_configuration(self):
        good = (self.folder / "belay.toml").read_text()
        out = ""
        for wrong in (good.replace('timezone = "UTC"', 'timezone = "Nowhere/AtAll"'), good + "\nnonsense = [",
                      good.replace('passcode = "QWE-RTY-UIOP"', 'passcode = ["QWE-RTY-UIOP"]')):
            (self.folder / "belay.toml").write_text(wrong)
            done = self.server.cli(["serve", "--config", "belay.toml"])
            self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
            out += (done.stdout + done.stderr).decode()
        return out

    def test_in_files_are_readable_by_their_owner_only(self):
        self.assertEqual((self.server.data / "secret.key").stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.server.data.stat().st_mode & 0o777, 0o700)
        archive, where = self.folder / "backup.tar", self.folder / "restored"
        self.assertEqual(self.server.cli(["backup", str(archive)]).returncode, 0)
        self.assertEqual(archive.stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.server.cli(["restore", str(archive), str(where)]).returncode, 0)
        self.assertEqual(where.stat().st_mode & 0o777, 0o700)
        self.assertEqual((where / "secret.key").stat().st_mode & 0o777, 0o600)
        for database in where.glob("*.db"):
            self.assertNotIn(program.ACCOUNT[1].encode(), database.read_bytes(), "passcodes are kept as hashes")


def main():
    global BELAY
    BELAY, rest = program.belay_given(__doc__)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
