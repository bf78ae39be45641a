"""What others make of the same job: BullMQ on Redis, graphile-worker on PostgreSQL, firebase-admin, and
Belay, each sending the same messages over HTTP/2 to the same receiver; once to the end, and then with
a stop from another process in mid-run."""
import json
import os
import random
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

from harness import machine, programs, report
from harness.programs import BenchError, free_port, wait_until

SCRIPTS = Path(__file__).resolve().parent.parent / "peers"
POSTGRES_BIN = Path("/usr/lib/postgresql/15/bin")


def npm_install():
    """The packages of package-lock.json, where they are not there yet. Not `npm ci`: that refuses a lock
    file without the optional packages of other platforms."""
    mark = SCRIPTS / "node_modules" / "installed-lock.json"
    lock = (SCRIPTS / "package-lock.json").read_text()
    if not mark.exists() or mark.read_text() != lock:
        subprocess.run(["npm", "install", "--no-save"], cwd=SCRIPTS, check=True)
        mark.write_text(lock)


class Redis:
    """Append-only file, synced every second: what BullMQ's documentation asks for."""

    def __init__(self, folder):
        self.port = free_port()
        self.program = programs.Program(
            ["redis-server", "--port", self.port, "--bind", "127.0.0.1", "--appendonly", "yes", "--appendfsync",
             "everysec", "--save", "", "--maxmemory-policy", "noeviction"], folder, "redis.log", ready_file=False)
        wait_until("redis", lambda: b"Ready to accept" in self.program.log.read_bytes(), 20)
        self.environment = {"REDIS_PORT": str(self.port)}

    def cpu(self):
        return machine.tree_cpu_seconds(self.program.pid)

    def memory(self):
        return machine.pss_bytes(self.program.pid)

    def end(self):
        self.program.end()


class Postgres:
    """fsync and synchronous_commit on, as it comes; memory settings for a small machine."""

    def __init__(self, folder):
        self.port, self.folder = free_port(), Path(folder) / "postgres"
        self.as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self.folder.mkdir()
        if self.as_user:
            shutil.chown(self.folder, "postgres", "postgres")
            for parent in self.folder.parents:
                if parent != Path("/") and not parent.stat().st_mode & 0o001:
                    raise BenchError(f"user postgres can't enter {parent}: give --work a folder that it can")
        subprocess.run([*self.as_user, POSTGRES_BIN / "initdb", "-A", "trust", "-U", "bench",
                        "-D", self.folder / "data"],
                       stdout=subprocess.DEVNULL, check=True, cwd="/")
        with open(Path(folder) / "postgres.log", "ab") as log:
            self.process = subprocess.Popen(
                [*self.as_user, POSTGRES_BIN / "postgres", "-D", self.folder / "data", "-p", str(self.port),
                 "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}",
                 "-c", "shared_buffers=1GB", "-c", "max_wal_size=8GB"], stdout=log, stderr=log, cwd="/")
        self.pid_file = self.folder / "data" / "postmaster.pid"
        wait_until("postgres", lambda: self.pid_file.exists() and "ready" in self.pid_file.read_text(), 30)
        self.pid = int(self.pid_file.read_text().split()[0])
        self.environment = {"DATABASE_URL": f"postgres://bench@127.0.0.1:{self.port}/postgres"}

    def cpu(self):
        return machine.tree_cpu_seconds(self.pid)

    def memory(self):
        return machine.pss_bytes(self.pid, True)

    def end(self):
        os.kill(self.pid, signal.SIGINT)
        self.process.wait(60)


class Nothing:
    """The broker of a peer that has none."""

    def __init__(self, _folder):
        self.environment = {"CONTROL_PORT": str(free_port())}

    def cpu(self):
        return 0.0

    def memory(self):
        return 0

    def end(self):
        pass


PEERS = {
    # name: (script, broker, has a queue to fill first)
    "BullMQ on Redis, one message a job": ("bullmq.js", Redis, True),
    "graphile-worker on PostgreSQL": ("graphile.js", Postgres, True),
    "firebase-admin sendEach, no queue": ("firebase.js", Nothing, False),
}


class Node:
    """One Node process; its standard input and output are a line protocol where it has one."""

    def __init__(self, script, arguments, environment, folder):
        with open(Path(folder) / "node.log", "ab") as errors:
            self.process = subprocess.Popen(["node", SCRIPTS / script, *(str(a) for a in arguments)], text=True,
                                            env={**os.environ, **environment}, stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=errors)
        self.pid = self.process.pid

    def line(self):
        text = self.process.stdout.readline()
        if not text:
            raise BenchError("a peer's process ended without a word; its node.log says why")
        return text

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class MemoryWatch:
    """The most memory of a few processes together, looked at twice a second."""

    def __init__(self, read):
        self.read, self.most, self.over = read, 0, threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self):
        while not self.over.is_set():
            self.most = max(self.most, self.read())
            self.over.wait(0.5)

    def stop(self):
        self.over.set()
        self.thread.join()
        return self.most


def fill(script, broker, environment, count, folder):
    """Puts the jobs in; returns CPU a message, client and broker together."""
    cpu = broker.cpu()
    began = time.monotonic()
    node = Node(script, ["enqueue", count], environment, folder)
    node.process.stdin.close()
    _, status, usage = os.wait4(node.pid, 0)
    node.process.returncode = os.waitstatus_to_exitcode(status)
    if node.process.returncode != 0:
        raise BenchError(f"{script} enqueue failed: see node.log")
    used = usage.ru_utime + usage.ru_stime + broker.cpu() - cpu
    return {"seconds": time.monotonic() - began, "cpu_us": used / count * 1e6}


def whole_run(script, broker, environment, sink, campaign, count, folder):
    """Sends everything; messages a second by the receiver's clock."""
    cpu = broker.cpu()
    node = Node(script, ["work", count], environment, folder)
    memory = MemoryWatch(lambda: machine.pss_bytes(node.pid) + broker.memory())
    try:
        wait_until("all messages of a peer", lambda: sink.messages(campaign) >= count or node.process.poll(), 600, 0.05)
        time.sleep(1.0)  # the last jobs are marked done in the broker
        used = machine.cpu_seconds(node.pid) + broker.cpu() - cpu
        most = memory.stop()
    finally:
        node.end()
    got = sink.counts()["by_campaign"][str(campaign)]
    if got["recipients"] != count:
        raise BenchError(f"{script}: the receiver got {got}")
    return {"rate": count / ((got["last_at"] - got["first_at"]) / 1e6), "cpu_us": used / count * 1e6, "memory": most}


def stopped_run(script, broker, environment, sink, campaign, count, folder):
    """Stops it from another process after 25 to 35 % and counts what arrives after the stop returned."""
    stopper = Node(script, ["stop"], environment, folder)
    node = None
    try:
        stopper.line()
        node = Node(script, ["work", count], environment, folder)
        enough = mid_run(count)
        wait_until("a peer in mid-run", lambda: sink.messages(campaign) >= enough, 300, 0.005)
        stopper.process.stdin.write("stop\n")
        stopper.process.stdin.flush()
        said = json.loads(stopper.line())
        settle(sink, campaign)
    finally:
        stopper.end()
        if node:
            node.end()
    late, last = sink.arrivals_after(campaign, said["returned"])
    return {"call_ms": (said["returned"] - said["called"]) / 1000, "late": late, "last_ms": last / 1000,
            "late_since_call": sink.arrivals_after(campaign, said["called"])[0]}


def mid_run(count):
    """A number of messages that is no multiple of anybody's batch."""
    return int(count * random.uniform(0.25, 0.35))


def settle(sink, campaign, quiet=2.0):
    """Until nothing has arrived for `quiet` seconds."""
    before, since = sink.messages(campaign), time.monotonic()
    while time.monotonic() - since < quiet:
        time.sleep(0.1)
        now = sink.messages(campaign)
        if now != before:
            before, since = now, time.monotonic()


def measure_peer(bench, name, count, delay_ms):
    script, make_broker, queued = PEERS[name]
    out = {"whole": [], "fill": [], "stops": {0: [], delay_ms: []}}
    serial = 0
    plan = [None] * (1 if bench.quick else 3) + [0] * (1 if bench.quick else 3) + [delay_ms] * (1 if bench.quick else 3)
    for delay in plan:
        folder = programs.fresh_folder(bench, "peer")
        sink, broker = programs.Sink(bench.belay, folder), make_broker(folder)
        serial += 1
        campaign = 1457432766 + serial
        environment = {**broker.environment, "SINK": sink.url, "CAMPAIGN": str(campaign)}
        try:
            if queued:
                out["fill"].append(fill(script, broker, environment, count, folder))
            if delay is None:
                out["whole"].append(whole_run(script, broker, environment, sink, campaign, count, folder))
            else:
                sink.behave(delay_ms=delay)
                out["stops"][delay].append(stopped_run(script, broker, environment, sink, campaign, count, folder))
        finally:
            broker.end()
            sink.end()
    return out


def postgres_upserts(bench, count):
    """PostgreSQL taking the upload benchmark's batches: jsonb rows, one statement a batch."""
    npm_install()
    folder = programs.fresh_folder(bench, "peer")
    broker = Postgres(folder)
    out = {}
    try:
        for round_no, what in enumerate(("new", "again")):
            cpu = broker.cpu()
            done = subprocess.run(["node", SCRIPTS / "upsert.js", str(count), str(round_no)], text=True,
                                  env={**os.environ, **broker.environment}, capture_output=True, check=False)
            if done.returncode != 0:
                raise BenchError(f"upsert.js: {done.stderr}")
            out[what] = json.loads(done.stdout)
            out[what]["cpu_us"] = (broker.cpu() - cpu) / count * 1e6
    finally:
        broker.end()
    return out
