"""Cycles in which the server runs out of something: descriptors, or the disk it writes to."""
import http.client
import os
import resource
import subprocess

import stage as stages
from cycles import Cycle
from disk import SmallDisk
from stage import Failed


class DescriptorCycle(Cycle):
    """The limit of a running process is lowered so that it gets no further descriptor, or hardly one."""

    def starve(self):
        self.first_free = next(n for n in range(1 << 16) if not os.path.islink(f"/proc/{self.stage.pid}/fd/{n}"))
        self.before = resource.prlimit(self.stage.pid, resource.RLIMIT_NOFILE)
        few = self.first_free + self.chance.choice((0, 0, 1, 2))
        resource.prlimit(self.stage.pid, resource.RLIMIT_NOFILE, (few, self.before[1]))

    def feed(self):
        resource.prlimit(self.stage.pid, resource.RLIMIT_NOFILE, self.before)

    def knock(self, times):
        """Connections that the server can't take; they wait in the kernel or are closed."""
        knocking = []
        for _ in range(times):
            connection = stages.connection(self.stage.server)
            connection.timeout = stages.program.ANSWER_WITHIN
            connection.request("GET", "/healthz")
            knocking.append(connection)
        return knocking

    def answer_all(self, knocking):
        for connection in knocking:
            try:
                status = connection.getresponse().status
            except (OSError, http.client.HTTPException) as error:
                raise Failed(f"a connection that came in the shortage was never served: {error!r}") from None
            connection.close()
            if status != 200:
                raise Failed(f"/healthz answered {status} after the shortage")

    def descriptors(self):
        """Whoever knocks waits; the campaign goes on with what there is, and ends as it should."""
        self.stage.look()  # one connection is there already
        self.somewhere_inside(high=0.4)
        self.starve()
        knocking = self.knock(self.chance.randint(1, 5))
        self.stage.let_run(self.chance.uniform(0.05, 0.3))
        self.feed()
        self.answer_all(knocking)
        return self.completed(doubt_may_be_unsent=False)

    def descriptors_from_the_start(self):
        """Starved before the campaign is there: not even the first connection to the provider can be made."""
        self.stage.wait_state("completed")
        self.stage.compare()
        self.stage.look()
        self.starve()
        self.stage.create(self.size, self.mode)
        self.stage.let_run(self.chance.uniform(0.05, 0.3))
        self.feed()
        return self.completed(doubt_may_be_unsent=False)

    def descriptors_stop(self):
        """A stop works without a descriptor: on a connection that is there, by signal, by file."""
        self.stage.look()
        self.somewhere_inside(high=0.7)
        self.starve()
        knocking = self.knock(self.chance.randint(0, 3))
        ask = self.chance.choice((self.ask_native, self.ask_clevertap, self.ask_signal, self.ask_file))
        receipt = ask()
        at_answer = self.stage.wait_quiet()
        self.feed()
        self.answer_all(knocking)
        return self.stop_here_or_live(receipt, at_answer)

    def stop_here_or_live(self, receipt, at_answer):
        if self.chance.random() < 0.5:
            return self.stop_here(lambda: receipt)
        counts = self.after_stop(receipt["id"], receipt if "audience" in receipt else None)
        if self.stage.received() != at_answer:
            raise Failed(f"the receiver had {at_answer} messages after the stop and has {self.stage.received()} now")
        return counts

    def descriptors_start(self):
        """A start with too few is refused in words or works; the next one with enough goes on."""
        self.somewhere_inside()
        self.stage.kill()
        self.stage.server.prefix = ["prlimit", f"--nofile={(few := self.chance.randint(8, 200))}:{few}"]
        try:
            self.stage.server.launch()
        finally:
            self.stage.server.prefix = []
        process = self.stage.server.process
        try:
            code = process.process.wait(0.3)
        except subprocess.TimeoutExpired:
            self.stage.kill()  # it came up, with what it had
        else:
            if code < 0 or code in (0, 134, 139) or "belay serve:" not in process.tail():
                raise Failed(f"with few descriptors the server ended with {code}:\n{process.tail()}")
            self.stage.server.end()
        return self.end()


class DiskCycle(Cycle):
    """On a small disk, filled to the last byte in the middle of a campaign."""

    def fill(self):
        self.disk = self.stage.disk
        self.somewhere_inside(high=0.5)
        self.disk.fill()
        self.stage.let_run(self.chance.uniform(0.02, 0.3))

    def disk_full(self):
        """With room again the campaign goes on; nobody is in doubt."""
        self.fill()
        self.disk.free()
        return self.completed(doubt_may_be_unsent=False)

    def disk_full_kill(self):
        """Killed on a full disk; a start there is refused in words or works, and the next one goes on."""
        self.fill()
        self.stage.kill()
        self.stage.server.launch()
        process = self.stage.server.process
        try:
            code = process.process.wait(self.chance.uniform(0.05, 0.4))
        except subprocess.TimeoutExpired:
            self.stage.kill()
        else:
            if code <= 0 or "belay serve:" not in process.tail():
                raise Failed(f"on a full disk the server ended with {code}:\n{process.tail()}")
            self.stage.server.end()
        self.disk.free()
        self.stage.wait_quiet()
        return self.end()

    def disk_full_stop(self):
        """A stop on a full disk is answered with its receipt or says that it is not written down. Refused,
        it holds as long as the server lives; asked again when there is room, it is answered."""
        self.fill()
        asked = {"scope": {"campaign": self.stage.campaign}}
        answer = self.stage.server.ask("POST", "/api/v1/stops", asked, account=stages.ACCOUNT)
        at_answer = self.stage.wait_quiet()
        self.disk.free()
        if answer.status != 200:
            if answer.status < 500:
                raise Failed(f"a stop on a full disk answered {answer.status} {answer.text}")
            self.stage.figures["refused"] += 1
            answer = self.stage.ask("POST", "/api/v1/stops", asked)
        receipt = self.answered(stages.json.loads(answer.text))
        counts = self.stop_here(lambda: receipt)
        if self.stage.received() != at_answer:
            raise Failed(f"the receiver had {at_answer} messages at the first answer, {self.stage.received()} now")
        return counts

    def disk_full_stop_kill(self):
        """A stop refused on a full disk, and a crash: it may be gone, and then the campaign goes on."""
        self.fill()
        answer = self.stage.server.ask("POST", "/api/v1/stops", {"scope": {"campaign": self.stage.campaign}},
                                       account=stages.ACCOUNT)
        receipts = [self.answered(stages.json.loads(answer.text))] if answer.status == 200 else []
        self.stage.figures["refused"] += not receipts
        self.stage.kill()
        self.disk.free()
        self.stage.wait_quiet()
        return self.end(receipts)


def probe():
    SmallDisk.probe()


DESCRIPTORS = {name: DescriptorCycle for name in ("descriptors", "descriptors_from_the_start", "descriptors_stop",
                                                  "descriptors_start")}
DISK = {name: DiskCycle for name in ("disk_full", "disk_full_kill", "disk_full_stop", "disk_full_stop_kill")}
