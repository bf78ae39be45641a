"""One cycle of each kind: a campaign, something violent in the middle of it, and in the end the
comparison of every single recipient. All chance comes from the cycle's own seed; the machine's
speed is the only thing that a repetition does not repeat. Here are the kinds that need nothing but
signals; syscalls.py, pauses.py and shortages.py have more."""
import http.client
import json
import signal

import stage as stages
from stage import Failed


class Cycle:
    def __init__(self, stage, chance, size):
        self.stage, self.chance, self.size = stage, chance, size

    def campaign(self, mode):
        """Most kinds begin with a campaign that is under way."""
        self.mode = mode
        self.stage.create(self.size, mode)

    # --- random moments ---

    def somewhere_inside(self, low=0.02, high=0.9):
        self.stage.wait_received(max(1, round(self.size * self.chance.uniform(low, high))))
        if self.chance.random() < 0.5:
            self.stage.let_run(self.chance.uniform(0, 0.02))

    def completed(self, doubt_may_be_unsent=True):
        self.stage.wait_state("completed")
        return self.stage.compare(doubt_may_be_unsent)

    # --- crashes: the rest goes out, nobody gets a second one (S20 S22 S23 S46) ---

    def kill(self):
        self.somewhere_inside()
        self.stage.kill()
        self.stage.start()
        return self.completed()

    def kill_twice(self):
        """The second one while the first is being recovered, or soon after."""
        self.somewhere_inside(high=0.5)
        self.stage.kill()
        self.stage.server.launch()
        self.stage.let_run(self.chance.uniform(0, 0.3))
        self.stage.kill()
        self.stage.start()
        return self.completed()

    def kill_planning(self):
        """While the audience is being chosen, up to three times in a row."""
        for _ in range(self.chance.randint(1, 3)):
            self.stage.let_run(self.chance.uniform(0, 0.06))
            self.stage.kill()
            self.stage.start()
        return self.completed()

    def kill_draining(self):
        """SIGTERM, and the patience of whoever sent it runs out."""
        self.somewhere_inside()
        process = self.stage.server.process.process
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(self.chance.uniform(0, 0.04))
        except stages.subprocess.TimeoutExpired:
            self.stage.kill()
        else:
            if code != 0:
                raise Failed(f"after SIGTERM the server ended with {code}")
            self.stage.server.end()
        self.stage.start()
        return self.completed()

    def terminate(self):
        """A clean end leaves nobody in doubt, and the next start completes."""
        self.somewhere_inside()
        self.stage.terminate()
        self.stage.start()
        counts = self.completed(doubt_may_be_unsent=False)
        if counts["in_doubt"] != 0:
            raise Failed(f"{counts['in_doubt']} people are in doubt after a clean end")
        return counts

    # --- stops: what was answered holds, whatever happens then (S02 S05 S16 S22) ---

    def stop_native(self):
        return self.stop_and_kill(self.ask_native)

    def stop_clevertap(self):
        return self.stop_and_kill(self.ask_clevertap)

    def stop_cli(self):
        return self.stop_and_kill(self.ask_cli)

    def stop_signal(self):
        return self.stop_and_kill(self.ask_signal)

    def stop_file(self):
        return self.stop_and_kill(self.ask_file)

    def stop_planning(self):
        self.stage.let_run(self.chance.uniform(0, 0.06))
        return self.stop_here(self.ask_native)

    def stop_after_crash(self):
        self.somewhere_inside(high=0.4)
        self.stage.kill()
        self.stage.start()
        self.stage.wait_received(round(self.size * self.chance.uniform(0.3, 0.8)))
        return self.stop_here(self.ask_native, crashed_before=True)

    def stop_offline(self):
        """The server is dead; `belay stop` marks the store, and the next start sends nothing."""
        self.somewhere_inside()
        self.stage.kill()
        receipt = self.ask_cli()
        if not receipt["settled"]:
            raise Failed("a stop without a server is not settled")
        self.stage.start()
        return self.after_stop(receipt["id"], receipt, crashed_before=True)

    def stop_unanswered(self):
        """Killed while a stop is on its way: it is done whole or not at all; if it was answered, it holds."""
        self.somewhere_inside()
        asked = self.asked()
        self.stage.let_run(self.chance.uniform(0, 0.006))
        return self.killed_meanwhile(asked)

    def stop_race(self):
        """Up to six stops of the same campaign at once, and a kill among their answers: those that were
        answered are one stop with one receipt, and it holds."""
        self.somewhere_inside()
        asked = [self.asked() for _ in range(self.chance.randint(2, 6))]
        self.stage.let_run(self.chance.uniform(0, 0.008))
        return self.killed_meanwhile(*asked)

    def asked(self):
        """A stop is on its way on a connection of its own; its answer is not awaited."""
        connection = stages.connection(self.stage.server)
        connection.request("POST", "/api/v1/stops", json.dumps({"scope": {"campaign": self.stage.campaign}}),
                           {"Content-Type": "application/json", "X-CleverTap-Account-Id": stages.ACCOUNT[0],
                            "X-CleverTap-Passcode": stages.ACCOUNT[1]})
        return connection

    def killed_meanwhile(self, *asked):
        """The answer to a stop may have left before the kill, or may not."""
        self.stage.kill()
        receipts = []
        for connection in asked:
            try:
                answer = connection.getresponse()
                if answer.status == 200:
                    receipts.append(self.answered(json.loads(answer.read())))
            except (OSError, http.client.HTTPException, ValueError):
                self.stage.figures["unanswered"] += 1
            connection.close()
        if any(stages.comparison.compare_receipts(receipts[0], other) for other in receipts[1:]):
            raise Failed(f"stops of one campaign at once were answered differently: {receipts}")
        self.stage.wait_quiet()
        return self.end(receipts)

    def stop_and_kill(self, ask):
        self.somewhere_inside()
        return self.stop_here(ask)

    def stop_here(self, ask, crashed_before=False):
        receipt = ask()
        self.stage.let_run(self.chance.uniform(0, 0.02))
        self.stage.kill()
        landed = self.stage.wait_quiet()
        self.stage.start()
        counts = self.after_stop(receipt["id"], receipt if "audience" in receipt else None, crashed_before)
        if self.stage.received() != landed:
            raise Failed(f"the receiver had {landed} messages at the stop and has {self.stage.received()} now")
        return counts

    def after_stop(self, stop, first, crashed_before=False):
        """The stop was answered; whatever came then, the server is here again."""
        later = self.stage.wait_settled(stop)
        shown = self.stage.look()
        if shown["state"] not in ("stopped", "completed"):
            raise Failed(f"after a stop was answered the campaign is {shown['state']}")
        self.stage.wire_only = first is not None and not crashed_before and self.stage.breaks == 0
        counts = self.stage.compare(crashed_before)
        wrong = stages.comparison.compare_receipts(first, later) if first else []
        for key in counts:
            if key != "pending" and counts[key] != later[key] and shown["counts"] is not None:
                wrong.append(f"the receipt says {key} {later[key]}, the campaign {counts[key]}")
        stages.tell(wrong)
        self.release_latches()
        return counts

    def release_latches(self):
        """SIGUSR1 and the file STOP leave one; releasing it starts nothing, as finish() makes sure."""
        latches = self.stage.server.ask("GET", "/api/v1/latches", account=None, via="socket")
        for latch in json.loads(latches.text)["latches"]:
            done = self.stage.server.ask("DELETE", f"/api/v1/latches/{latch['id']}", account=None, via="socket")
            if done.status != 200:
                raise Failed(f"releasing {latch['id']} answered {done.status} {done.text}")

    def end(self, receipts=(), doubt_may_be_unsent=True):
        """Whatever the campaign has come to, it holds; what stops were answered are in `receipts`."""
        self.stage.start()
        if receipts:
            return self.after_stop(receipts[0]["id"], receipts[0] if "audience" in receipts[0] else None, True)
        ended = self.stage.wait_state("completed", "stopped")
        if ended["state"] == "stopped":
            return self.after_stop(ended["stop"], None, doubt_may_be_unsent)
        return self.completed(doubt_may_be_unsent)

    # --- the ways to stop; each returns once the stop has been answered ---

    def answered(self, receipt, grace=stages.comparison.SECOND * stages.program.PATIENCE):
        self.stage.answered = (stages.now_us(), grace)
        self.stage.figures["stops"] += 1
        return receipt

    def ask_native(self):
        asked = {"scope": {"campaign": self.stage.campaign}}
        return self.answered(self.stage.ask("POST", "/api/v1/stops", asked).json)

    def ask_clevertap(self):
        answer = self.stage.ask("POST", "/1/targets/stop.json", {"id": self.stage.campaign})
        return self.answered({"id": dict((k.lower(), v) for k, v in answer.headers)["belay-stop"]})

    def ask_cli(self):
        return self.answered(self.stage.cli_json("stop", str(self.stage.campaign)))

    def ask_signal(self):
        self.stage.server.process.process.send_signal(signal.SIGUSR1)
        return self.stop_seen()

    def ask_file(self):
        (self.stage.server.data / "STOP").touch()
        return self.stop_seen()

    def stop_seen(self):
        """Neither a file nor a signal has an answer: it is done when the campaign says so."""
        shown = self.stage.wait_for("the stop", lambda: (c := self.stage.look())["state"] in ("stopped", "completed")
                                    and c, pause=False)
        if shown["state"] == "completed":  # it was quicker; nothing of it is stopped
            return self.ask_native()
        return self.answered({"id": shown["stop"]})


KINDS = {name: Cycle for name in (
    "kill", "stop_native", "kill_twice", "stop_cli", "kill_planning", "stop_signal", "terminate", "stop_offline",
    "kill_draining", "stop_clevertap", "stop_unanswered", "stop_race", "stop_planning", "stop_file",
    "stop_after_crash")}
