"""Cycles in which a system call of the server is its last, or fails: strace stops the threads that are
chosen at the n-th call of a kind, and kills the process or gives the call an error instead."""
import functools
import http.client
import shutil
import signal
import subprocess
import time
from pathlib import Path

import stage as stages
from cycles import Cycle
from stage import Failed, Skipped, program

WITHIN = 20.0 * program.PATIENCE
# Who makes which calls while a campaign goes on, and how many at most are worth counting to.
STORE_CALLS = {"runner": {"fdatasync": 14, "pwrite64": 40}, "planner": {"fdatasync": 4, "pwrite64": 22},
               "brake": {"fdatasync": 2, "pwrite64": 8}}
KILL_CALLS = {**STORE_CALLS, "sender": {"sendto": 24, "recvfrom": 24, "epoll_wait": 60, "timerfd_settime": 8},
              "runner": {**STORE_CALLS["runner"], "pread64": 120, "futex": 40, "epoll_wait": 30}}
START_CALLS = {"fdatasync": 4, "pwrite64": 30, "openat": 90, "pread64": 60, "unlink": 3, "fcntl": 120, "listen": 2,
               "mmap": 60, "clone3": 14, "ftruncate": 3, "rename": 1}


def threads(pid, name):
    """The thread ids of that name; a name's number may be left out."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().strip().split("-")[0] == name:
            found.append(int(task.name))
    return found


class Injection:
    """strace on some threads, from attaching to end()."""

    def __init__(self, pid, names, what):
        self.tasks = [task for name in names for task in threads(pid, name)]
        calls = what.split(":")[0]
        command = ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={what}"]
        for task in self.tasks:
            command += ["-p", str(task)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE)
        deadline = time.monotonic() + WITHIN
        while not all(self.attached(pid, task) for task in self.tasks):
            if self.process.poll() is not None or time.monotonic() > deadline:
                said = self.end()
                raise Skipped(f"strace can't attach here: {said}")
            program.pause_between_looks()

    @staticmethod
    def attached(pid, task):
        try:
            status = Path(f"/proc/{pid}/task/{task}/status").read_text()
        except FileNotFoundError:
            return True  # it is dead already, of what was injected
        return "TracerPid:\t0\n" not in status

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # it lets go of its threads
        return self.process.communicate(timeout=WITHIN)[1].decode(errors="replace").strip()


@functools.cache
def probe():
    """Raises Skipped where nothing can be injected."""
    if shutil.which("strace") is None:
        raise Skipped("there is no strace (Debian package strace)")
    victim = subprocess.Popen(["sleep", "60"])
    try:
        Injection(victim.pid, [Path(f"/proc/{victim.pid}/comm").read_text().strip()], "fdatasync:error=EIO").end()
    finally:
        victim.kill()
        victim.wait()


class SyscallCycle(Cycle):
    def campaign(self, mode):
        """These begin before the campaign does, so that its planning can be met, too."""
        self.mode = mode

    def inject(self, names, what):
        return Injection(self.stage.pid, names, what)

    def inject_while_halted(self, names, what):
        """Attaching takes longer than a small campaign: it does not go on meanwhile."""
        process = self.stage.server.process.process
        process.send_signal(signal.SIGSTOP)
        try:
            return self.inject(names, what)
        finally:
            process.send_signal(signal.SIGCONT)

    def choose(self, of):
        thread = self.chance.choice(sorted(of))
        call = self.chance.choice(sorted(of[thread]))
        return thread, call, self.chance.randint(1, of[thread][call])

    def created_or_dead(self):
        """Creates the campaign. False: the server died first."""
        self.name = self.stage.create(self.size, self.mode)
        return self.stage.campaign is not None

    def died(self):
        return self.stage.server.process.process.poll() is not None

    def over_or_dead(self, states=("completed", "stopped")):
        try:
            return self.died() or self.stage.look()["state"] in states
        except (OSError, http.client.HTTPException):
            return self.wait_death()

    def wait_death(self):
        """A connection broke: nothing but the end of the server may do that."""
        try:
            self.stage.server.process.process.wait(WITHIN)
        except subprocess.TimeoutExpired:
            raise Failed("the server closed a connection in the middle of a request and lives") from None
        return True

    def wait_over_or_dead(self):
        deadline = time.monotonic() + stages.PATIENCE
        while not self.over_or_dead():
            if time.monotonic() > deadline:
                raise Failed(f"neither over nor dead: {self.stage.look()}")
            program.pause_between_looks()

    def bury(self, injection):
        """The server has died of what was injected, or did not meet it and is killed now."""
        if self.died():
            code = self.stage.server.process.process.returncode
            if code != -signal.SIGKILL:
                raise Failed(f"the server ended with {code}:\n{self.stage.server.process.tail()}")
            self.stage.figures["in_syscalls"] += 1
        injection.end()
        self.stage.kill()

    def found(self):
        """Whether there is a campaign to look at; an unanswered creation may have come to nothing."""
        self.stage.start()
        if self.stage.campaign is None and not self.stage.find_campaign(self.name):
            return False
        return True

    def nobody(self):
        self.stage.wait_quiet()
        return {}

    # --- the last call ---

    def syscall_kill(self):
        thread, call, count = self.choose(KILL_CALLS)
        injection = self.inject([thread], f"{call}:signal=SIGKILL:when={count}")
        if self.created_or_dead():
            self.wait_over_or_dead()
        self.bury(injection)
        self.stage.wait_quiet()
        return self.end() if self.found() else self.nobody()

    def syscall_kill_stop(self):
        """A stop, and the server dies in a call that the stop makes: answered, it holds."""
        self.stage.create(self.size, self.mode)
        self.somewhere_inside(high=0.5)
        names, call, most = self.chance.choice(((["brake"], "fdatasync", 1), (["brake"], "pwrite64", 6),
                                                (["brake"], "futex", 6), (["api"], "sendmsg", 1),
                                                (["api"], "epoll_wait", 5), (["runner"], "fdatasync", 2),
                                                (["sender"], "sendto", 4), (["sender"], "epoll_wait", 4)))
        injection = self.inject_while_halted(names, f"{call}:signal=SIGKILL:when={self.chance.randint(1, most)}")
        receipts = []
        try:
            answer = self.stage.server.ask("POST", "/api/v1/stops", {"scope": {"campaign": self.stage.campaign}},
                                           account=stages.ACCOUNT)
            receipts.append(self.answered(stages.json.loads(answer.text)))
        except (OSError, http.client.HTTPException):
            self.wait_death()
            self.stage.figures["unanswered"] += 1
        self.stage.let_run_or_die(self.chance.uniform(0, 0.03))
        self.bury(injection)
        self.stage.wait_quiet()
        return self.end(receipts)

    def syscall_kill_start(self):
        """Killed, and the next starts are killed in their own calls, while they recover."""
        self.stage.create(self.size, self.mode)
        self.somewhere_inside()
        self.stage.kill()
        for _ in range(self.chance.randint(1, 3)):
            call = self.chance.choice(sorted(START_CALLS))
            what = f"{call}:signal=SIGKILL:when={self.chance.randint(1, START_CALLS[call])}"
            self.stage.server.prefix = ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "--seccomp-bpf", "-e",
                                        f"trace={call}", "-e", f"inject={what}"]
            try:
                self.stage.server.launch()
            finally:
                self.stage.server.prefix = []
            self.stage.let_run_or_die(0.25)
            self.stage.figures["in_syscalls"] += self.died()
            self.stage.kill()
        self.stage.wait_quiet()
        return self.end()

    # --- a call that fails ---

    def failing_calls(self):
        thread = self.chance.choice(("runner", "runner", "planner"))
        call = self.chance.choice(("fdatasync", "pwrite64"))
        first = self.chance.randint(1, 12 if thread == "runner" else 3)
        last = first + self.chance.choice((0, 0, 1, 5))
        error = self.chance.choice(("EIO", "ENOSPC", "EIO", "EDQUOT"))
        return self.inject([thread], f"{call}:error={error}:when={first}..{last}")

    def io_error(self):
        """The disk fails for some calls and is well again: all are sent to, once."""
        injection = self.failing_calls()
        self.stage.create(self.size, self.mode)
        self.stage.wait_state("completed")
        injection.end()
        return self.completed(doubt_may_be_unsent=False)

    def io_error_kill(self):
        """What could not be written as it should have been is found so after a crash."""
        injection = self.failing_calls()
        self.stage.create(self.size, self.mode)
        self.somewhere_inside()
        self.stage.kill()
        injection.end()
        self.stage.wait_quiet()
        return self.end()

    def io_error_stop(self):
        """A stop whose own writing fails says so; asked again, it is answered, and then it holds."""
        self.stage.create(self.size, self.mode)
        self.somewhere_inside(high=0.5)
        last = self.chance.randint(1, 3)
        call = self.chance.choice(("fdatasync", "pwrite64"))
        error = self.chance.choice(("EIO", "ENOSPC"))
        injection = self.inject_while_halted(["brake"], f"{call}:error={error}:when=1..{last}")
        for _ in range(8):
            answer = self.stage.server.ask("POST", "/api/v1/stops", {"scope": {"campaign": self.stage.campaign}},
                                           account=stages.ACCOUNT)
            if answer.status == 200:
                break
            if answer.status < 500:
                raise Failed(f"a stop that can't be written down answered {answer.status} {answer.text}")
            self.stage.figures["refused"] += 1
        else:
            raise Failed(f"a stop was still refused after the disk was well again: {answer.text}")
        receipt = self.answered(stages.json.loads(answer.text))
        injection.end()
        return self.stop_here(lambda: receipt, crashed_before=False)

    def socket_error(self):
        """Writing to the provider fails: the connection is gone, and who was on it is in doubt or sent to
        again, never both."""
        self.stage.breaks += 4
        first = self.chance.randint(1, 15)
        error = self.chance.choice(("ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOBUFS"))
        call = self.chance.choice(("sendto", "recvfrom", "connect"))
        injection = self.inject(["sender"], f"{call}:error={error}:when={first}..{first + self.chance.randint(0, 2)}")
        self.stage.create(self.size, self.mode)
        self.stage.wait_state("completed")
        injection.end()
        return self.completed()


KINDS = {name: SyscallCycle for name in ("syscall_kill", "syscall_kill_stop", "syscall_kill_start", "io_error",
                                         "io_error_kill", "io_error_stop", "socket_error")}
