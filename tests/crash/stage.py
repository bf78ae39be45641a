"""What a crash test plays on: a server with a copy of a prepared data folder, and a receiver of its
own. Several campaigns may be played on it, one after the other. The server runs the release program;
nothing in it knows that it is being tested."""
import http.client
import json
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
sys.path.insert(0, str(HERE))
import comparison  # noqa: E402
import program  # noqa: E402

ACCOUNT = ("TEST-CRA-SHES", "CRA-SHES-HERE")
PEOPLE = 15000  # in the prepared folder, unless said: planning looks at each of them
PATIENCE = 60.0 * program.PATIENCE
QUIET_LOOKS = 5  # as many looks in a row without a change count as quiet; finish() looks once more
BEHAVIOUR = {"delay_ms": 0, "fail_every": 0, "goaway_every": 0, "stop_reading": False}

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


class Skipped(Exception):
    """This machine does not let us do it."""


def now_us():
    """By the clock of the receiver's steady_us."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000


def prepare(belay, folder, people=PEOPLE):
    """A data folder with so many people in it; returns its path."""
    folder.mkdir()
    # No message is sent while preparing: no receiver is needed, only an address for the configuration.
    text = program.config_text("127.0.0.1:9", CONFIG.format(sink="127.0.0.1:9", **SETTINGS).splitlines())
    server = program.Belay(belay, folder, text)
    with open(folder / "people.jsonl", "w", encoding="utf-8") as out:
        for n in range(people):
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
        text = CONFIG.format(sink=self.sink.address, **self.settings)
        self.server = program.Belay(belay, self.folder, program.config_text(self.sink.address, text.splitlines()))
        shutil.copytree(prepared, self.server.data, dirs_exist_ok=True)
        self.server.adopt_copy()
        self.figures, self.played = Counter(), []
        self.begin(behave or {})
        self.server.start()

    def begin(self, behave):
        """The next campaign's turn."""
        self.kills = 0  # crashes in the life of this campaign
        self.breaks = 0  # how often all its connections were broken, or answers did not come
        self.campaign, self.audience = None, []
        self.answered = None  # when a stop's answer was here, and the grace for what was on its way by then
        self.wire_only = False  # a stop was answered before the first crash
        self.disclaims = bool(behave.get("goaway_every"))
        self.behave({**BEHAVIOUR, **behave})

    def close(self):
        try:
            self.server.end(signal.SIGKILL)
        finally:
            self.sink.end()

    # --- the server's life ---

    @property
    def pid(self):
        return self.server.process.process.pid

    def kill(self):
        self.server.end(signal.SIGKILL)
        self.kills += 1
        self.figures["kills"] += 1

    def start(self):
        if self.server.process is None or not self.server.process.running():
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

    def let_run_or_die(self, seconds):
        """The same where an end is what is being tried."""
        try:
            self.server.process.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass

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
        name = f"Crash {len(self.played)}"
        wanted = {"name": name, "target_mode": mode, "provider_nick_name": mode, "where": where, "when": "now",
                  "skip_estimate": True}
        if mode == "push":
            wanted |= {"content": {"title": "Hi {{Profile.Name}}", "body": "b"}, "devices": ["android"]}
            self.audience = [f"token-{n:07}" for n in range(size)]
        else:
            wanted |= {"webhook_key_value": {"shop": "Pune"}}
            self.audience = [f"obj-{n:07}" for n in range(size)]
        try:
            self.campaign = self.ask("POST", "/1/targets/create.json", wanted).json["id"]
        except (OSError, http.client.HTTPException):
            if self.server.process.running():
                raise
            self.campaign = None  # the server died meanwhile: find_campaign() tells whether it is there
        return name

    def find_campaign(self, name):
        """Whether the campaign is there whose creation had no answer."""
        found = [c["id"] for c in self.ask("GET", "/api/v1/campaigns").json["campaigns"] if c["name"] == name]
        if len(found) > 1:
            raise Failed(f"{name} was created once and is there {len(found)} times")
        self.campaign = found[0] if found else None
        return self.campaign is not None

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
        arrivals, people = self.arrivals(), self.people()
        judge = comparison.Comparison(self.audience if planned else [], people, counts, arrivals, self.disclaims)
        loops = self.settings["loops"] if self.wire_only else 0
        most = comparison.most_in_doubt(self.settings["window"], self.kills, self.breaks, loops)
        wrong = judge.check(most, doubt_may_be_unsent, self.breaks > 0)
        late = comparison.arrived_after(arrivals, *self.answered) if self.answered else []
        self.note(judge.tally, counts, len(people), len(late))
        self.played.append((self.campaign, shown["state"], shown["counts"], len(arrivals)))
        tell(wrong + late)
        return counts

    def note(self, tally, counts, people, late):
        for kind in ("duplicates", "escapes", "lost", "other"):
            self.figures[kind] += tally[kind]
        self.figures["escapes"] += late
        self.figures["compared"] += people
        doubt = counts.get("in_doubt", 0)
        self.figures["in_doubt"] += doubt
        self.figures["most_in_doubt"] = max(self.figures["most_in_doubt"], doubt)

    def finish(self):
        """An hour later nothing has come back: no campaign of this stage has sent or changed since."""
        self.start()
        self.server.advance(3_600_000)
        program.pause_between_looks()
        counts = json.loads(self.sink.control("GET", "counts").text)["by_campaign"]
        wrong = []
        for campaign, state, before, messages in self.played:
            now = self.ask("GET", f"/api/v1/campaigns/{campaign}").json
            came = counts.get(str(campaign), {"messages": 0})["messages"]
            if came != messages:
                self.figures["escapes"] += came - messages
                wrong.append(f"campaign {campaign} ({state}) had sent {messages} messages, and {came} later")
            if (now["state"], now["counts"]) != (state, before):
                wrong.append(f"campaign {campaign} was {state} {before}, and later {now['state']} {now['counts']}")
        tell(wrong)


def tell(wrong):
    if wrong:
        more = f"\n... and {len(wrong) - 10} more" if len(wrong) > 10 else ""
        raise Failed("\n".join(wrong[:10]) + more)


def connection(server):
    host, _, port = server.ready["listen"].rpartition(":")
    return http.client.HTTPConnection(host, int(port), timeout=program.ANSWER_WITHIN)
