"""Cycles in which somebody does not run for a while: the server is halted by SIGSTOP, as a virtual
machine or a debugger would, or the receiver is, so that messages pile up half written."""
import json
import signal
import subprocess

import stage as stages
from cycles import Cycle
from stage import Failed

FOREVER = 600 * stages.comparison.SECOND  # what lies in a halted receiver's sockets is read when it goes on


class PauseCycle(Cycle):
    def halted(self, process, low=0.02, high=0.25):
        """SIGSTOP, a while, and the caller sends SIGCONT."""
        process.send_signal(signal.SIGSTOP)
        try:
            process.wait(self.chance.uniform(low, high))
        except subprocess.TimeoutExpired:
            return
        raise Failed(f"a halted process ended with {process.returncode}")

    def server(self):
        return self.stage.server.process.process

    def receiver(self):
        return self.stage.sink.process.process

    def pause(self):
        """Up to three halts; nobody is in doubt, nobody is sent to twice (S24)."""
        for _ in range(self.chance.randint(1, 3)):
            self.somewhere_inside(high=0.4)
            self.halted(self.server())
            self.server().send_signal(signal.SIGCONT)
        return self.completed(doubt_may_be_unsent=False)

    def pause_kill(self):
        """A halted process is killed where it stands."""
        self.somewhere_inside()
        self.halted(self.server(), high=0.1)
        self.stage.kill()
        self.stage.wait_quiet()
        return self.end()

    def answer_of(self, connection, **grace):
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise Failed(f"a stop answered {answer.status}: {text}")
        receipt = self.answered(json.loads(text), **grace)
        connection.close()
        return receipt

    def pause_stop(self):
        """Asked while the server is halted, answered when it goes on; then killed or not."""
        self.somewhere_inside()
        self.halted(self.server(), high=0.05)
        connection = self.asked()
        self.stage.let_run(self.chance.uniform(0, 0.1))
        self.server().send_signal(signal.SIGCONT)
        return self.stop_here(lambda: self.answer_of(connection))

    def pause_stop_kill(self):
        """Asked while it is halted, and killed before it goes on, or just after: done whole or not at all."""
        self.somewhere_inside()
        self.halted(self.server(), high=0.05)
        connection = self.asked()
        if self.chance.random() < 0.5:
            self.server().send_signal(signal.SIGCONT)
            self.stage.let_run(self.chance.uniform(0, 0.004))
        return self.killed_meanwhile(connection)

    def sink_pause(self):
        """The receiver is halted; whatever piles up, all arrive once."""
        self.somewhere_inside(high=0.5)
        self.halted(self.receiver())
        self.receiver().send_signal(signal.SIGCONT)
        return self.completed(doubt_may_be_unsent=False)

    def sink_pause_stop(self):
        """A stop while the receiver takes nothing: half a message is given 50 ms, then its connection is
        closed. The stop is answered without the receiver; what it reads later was handed over before."""
        self.somewhere_inside(high=0.5)
        self.halted(self.receiver(), high=0.15)
        self.stage.breaks += 1
        try:
            receipt = self.answer_of(self.asked(), grace=FOREVER)
            if self.chance.random() < 0.5:
                self.stage.kill()
        finally:
            self.receiver().send_signal(signal.SIGCONT)
        self.stage.wait_quiet()
        self.stage.start()
        return self.after_stop(receipt["id"], receipt, crashed_before=True)


KINDS = {name: PauseCycle for name in ("pause", "pause_kill", "pause_stop", "pause_stop_kill", "sink_pause",
                                       "sink_pause_stop")}
