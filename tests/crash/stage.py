"""What a crash test plays on: a server with a copy of a prepared data folder, and a receiver of its
own. The server runs the release program; nothing in it knows that it is being tested."""
import http.client
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
sys.path.insert(0, str(HERE))
import comparison  # noqa: E402
import program  # noqa: E402

ACCOUNT = ("TEST-CRA-SHES", "CRA-SHES-HERE")
PEOPLE = 15000  # in the prepared folder: planning looks at each of them
PATIENCE = 60.0
QUIET_LOOKS = 12  # as many looks in a row without a change count as quiet

CONFIG = """\
past_due_grace = "1h"
[[account]]
id = "TEST-CRA-SHES"
passcode = "CRA-SHES-HERE"
timezone = "UTC"
[[account.provider]]
nick_name = "push"
mode = "push"
kind = "fcm"
url = "http://{sink}"
max_per_second = {max_per_second}
[[account.provider]]
nick_name = "webhook"
mode = "webhook"
kind = "webhook"
url = "http://{sink}/webhook"
http_version = "{http_version}"
[dispatch]
window = {window}
loops = {loops}
retry_initial_ms = 20
answer_timeout_ms = 60000
"""
SETTINGS = {"window": 256, "loops": 1, "max_per_second": 0, "http_version": "2"}


class Failed(Exception):
    """The program broke a promise."""


def prepare(belay, folder):
    """A data folder with PEOPLE in it; returns its path."""
    folder.mkdir()
    # No message is sent while preparing: no receiver is needed, only an address for the configuration.
    text = program.config_text("127.0.0.1:9", CONFIG.format(sink="127.0.0.1:9", **SETTINGS).splitlines())
    server = program.Belay(belay, folder, text)
    with open(folder / "people.jsonl", "w", encoding="utf-8") as out:
        for n in range(PEOPLE):
            out.write(json.dumps({"type": "profile", "objectId": f"obj-{n:07}",
                                  "profileData": {"Name": f"Person {n}", "Number": n},
                                  "tokens": [{"id": f"token-{n:07}", "type": "fcm"}]}) + "\n")
    server.start()
    loaded = server.cli(["load", "people.jsonl", "--account", ACCOUNT[0], "--json"])
    code = server.end()
    if loaded.returncode != 0 or code != 0:
        raise program.ProgramError(f"loading people: {loaded.stdout}{loaded.stderr}, the server ended with {code}")
    return server.data


class Stage:
    def __init__(self, belay, folder, prepared, settings=None, behave=None):
        self.folder = Path(folder)
        self.settings = {**SETTINGS, **(settings or {})}
        self.sink = program.Sink(belay, self.folder)
        self.disclaims = bool((behave or {}).get("goaway_every"))
        self.behave(behave or {})
        text = CONFIG.format(sink=self.sink.address, **self.settings)
        self.server = program.Belay(belay, self.folder, program.config_text(self.sink.address, text.splitlines()))
        shutil.copytree(prepared, self.server.data, dirs_exist_ok=True)
        self.kills = 0
        self.campaign, self.audience = None, []
        self.server.start()

    def close(self):
        try:
            self.server.end(signal.SIGKILL)
        finally:
            self.sink.end()

    # --- the server's life ---

    def kill(self):
        self.server.end(signal.SIGKILL)
        self.kills += 1

    def start(self):
        self.server.start()

    def terminate(self):
        code = self.server.end(signal.SIGTERM)
        if code != 0:
            raise Failed(f"after SIGTERM the server ended with {code}, expected 0")

    def let_run(self, seconds):
        """Time passes for the server. Ending by itself in it is a failure."""
        process = self.server.process
        try:
            code = process.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return
        raise Failed(f"the server ended by itself with {code}:\n{process.tail()}")

    def wait_for(self, what, holds, patience=PATIENCE, pause=True):
        deadline = time.monotonic() + patience
        while not (found := holds()):
            if time.monotonic() > deadline:
                raise Failed(f"{what}: not within {patience:.0f} s, campaign {self.look() if self.campaign else None}")
            self.let_run(0)
            if pause:
                program.pause_between_looks()
        return found

    # --- requests ---

    def ask(self, method, path, document=None, wanted=200):
        answer = self.server.ask(method, path, document, account=ACCOUNT)
        if answer.status != wanted:
            raise Failed(f"{method} {path} answered {answer.status}, expected {wanted}: {answer.text}")
        answer.json = json.loads(answer.text)
        return answer

    def cli_json(self, *arguments):
        done = self.server.cli([*arguments, "--json"])
        if done.returncode != 0:
            raise Failed(f"belay {' '.join(arguments)} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def create(self, size, mode="push"):
        """A campaign to the first `size` people."""
        where = {"common_profile_properties": {"profile_fields": [
            {"name": "Number", "operator": "less_than", "value": size}]}}
        wanted = {"name": "Crash", "target_mode": mode, "provider_nick_name": mode, "where": where, "when": "now",
                  "skip_estimate": True}
        if mode == "push":
            wanted |= {"content": {"title": "Hi {{Profile.Name}}", "body": "b"}, "devices": ["android"]}
            self.audience = [f"token-{n:07}" for n in range(size)]
        else:
            wanted |= {"webhook_key_value": {"shop": "Pune"}}
            self.audience = [f"obj-{n:07}" for n in range(size)]
        self.campaign = self.ask("POST", "/1/targets/create.json", wanted).json["id"]

    def look(self):
        return self.ask("GET", f"/api/v1/campaigns/{self.campaign}").json

    def receipt(self, stop):
        return self.ask("GET", f"/api/v1/stops/{stop}").json

    def wait_state(self, *states):
        return self.wait_for(f"state {' or '.join(states)}", lambda: (c := self.look())["state"] in states and c)

    def wait_settled(self, stop):
        return self.wait_for(f"{stop} settled", lambda: (r := self.receipt(stop))["settled"] and r)

    # --- the receiver ---

    def behave(self, behaviour):
        answer = self.sink.control("POST", "behave", json.dumps(behaviour).encode())
        if answer.status != 200:
            raise program.ProgramError(f"the sink answered {answer.status} {answer.text}")

    def received(self):
        """Messages of the campaign so far."""
        counts = json.loads(self.sink.control("GET", "counts").text)
        return counts["by_campaign"].get(str(self.campaign), {"messages": 0})["messages"]

    def wait_received(self, messages):
        """As soon as the receiver has so many, or the campaign has come to its end with fewer."""
        looks = 0

        def enough():
            nonlocal looks
            looks += 1
            return self.received() >= messages or (looks % 200 == 0 and self.look()["state"] == "completed")
        self.wait_for(f"{messages} messages received", enough, pause=False)

    def wait_quiet(self):
        """What is on its way has landed: the receiver's count has stopped changing. Returns it."""
        before, same = self.received(), 0
        deadline = time.monotonic() + PATIENCE
        while same < QUIET_LOOKS:
            if time.monotonic() > deadline:
                raise Failed(f"messages were still coming after {PATIENCE:.0f} s")
            program.pause_between_looks()
            now = self.received()
            same = same + 1 if now == before else 0
            before = now
        return before

    def arrivals(self):
        text = self.sink.control("GET", f"list?campaign={self.campaign}&format=jsonl&what=arrivals").text
        return [json.loads(line) for line in text.splitlines()]

    # --- the account ---

    def people(self):
        done = self.server.cli(["recipients", str(self.campaign), "--format", "jsonl"])
        if done.returncode != 0:
            raise Failed(f"belay recipients ended with {done.returncode}: {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def compare(self, doubt_may_be_unsent=True):
        """Every person of the campaign, here and there. It must have come to its end."""
        self.wait_quiet()
        shown = self.look()
        planned = shown["counts"] is not None
        counts = shown["counts"] or {"audience": 0, "handed_over": 0, "skipped": {}}
        judge = comparison.Comparison(self.audience if planned else [], self.people(), counts, self.arrivals(),
                                      self.disclaims)
        wrong = judge.check(self.kills, self.settings["window"], doubt_may_be_unsent)
        if wrong:
            more = f"\n... and {len(wrong) - 10} more" if len(wrong) > 10 else ""
            raise Failed("\n".join(wrong[:10]) + more)
        return counts


def connection(server):
    host, _, port = server.ready["listen"].rpartition(":")
    return http.client.HTTPConnection(host, int(port), timeout=program.ANSWER_WITHIN)
