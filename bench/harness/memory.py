"""Memory and start-up with a campaign to five million people on its way."""
import http.client
import signal
import time

from harness import machine, programs, report
from harness.programs import BenchError, wait_until

MIB = 1024 * 1024


def start_timed(server):
    """From exec to the first good answer of /healthz, and to the ready file."""
    began = time.monotonic()
    server.program = programs.Program([server.belay, "serve", "--config", server.config], server.folder, server.log)
    healthy = ready = None
    while healthy is None or ready is None:
        if time.monotonic() - began > 120 or server.program.process.poll() is not None:
            raise BenchError(f"the server did not start:\n{server.program.tail()}")
        if ready is None and server.program.ready_file.exists():
            ready = time.monotonic() - began
        if healthy is None and is_healthy(server.port):
            healthy = time.monotonic() - began
        time.sleep(0.0005)
    server.http = server.connect()
    return {"healthz_ms": healthy * 1000, "ready_ms": ready * 1000}


def is_healthy(port):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
        connection.close()
        return status == 200
    except OSError:
        return False


def sample_memory(server, sink, campaign, seconds):
    """The most memory seen while messages leave, and how fast they did."""
    pss = rss = 0
    before, began = sink.messages(campaign), time.monotonic()
    while time.monotonic() - began < seconds:
        pss = max(pss, machine.pss_bytes(server.pid))
        rss = max(rss, machine.rss_bytes(server.pid))
        time.sleep(0.2)
    rate = (sink.messages(campaign) - before) / (time.monotonic() - began)
    return {"pss": pss, "rss": rss, "peak": machine.rss_bytes(server.pid, "VmHWM"), "rate": rate}


def run(bench):
    audience = 1_000_000 if bench.quick else 5_000_000
    folder = programs.fresh_folder(bench, "memory", programs.people(bench, audience))
    sink = programs.Sink(bench.belay, folder)
    server = programs.Server(bench.belay, folder, sink)
    starts = {}
    try:
        empty = start_timed(server)
        base = machine.pss_bytes(server.pid)
        created = time.monotonic()
        campaign = server.create()
        wait_until("messages on their way", lambda: sink.messages(campaign) > 0, 300, 0.01)
        planned = time.monotonic() - created
        memory = sample_memory(server, sink, campaign, 2 if bench.quick else 15)
        starts["nothing running"] = [empty]
        for how in (signal.SIGTERM, signal.SIGKILL):
            starts[f"after {how.name} in mid-run"] = restarts(bench, server, sink, campaign, how)
        memory["peak_after_restart"] = machine.rss_bytes(server.pid, "VmHWM")
        still = sink.messages(campaign) < audience
    finally:
        server.end()
        sink.end()
    if not still:
        bench.say("note: the campaign ended before the last restart")
    return summary(audience, base, planned, memory, starts)


def restarts(bench, server, sink, campaign, how):
    out = []
    for _ in range(2 if bench.quick else 7):
        server.end(how)
        time.sleep(0.1)  # the receiver reads what was on its way
        before = sink.messages(campaign)
        began = time.monotonic()
        out.append(start_timed(server))
        wait_until("the campaign going on", lambda: sink.messages(campaign) > before, 60, 0.001)
        out[-1]["going_on_ms"] = (time.monotonic() - began) * 1000
        wait_until("the campaign in flow", lambda: sink.messages(campaign) > before + 20_000, 60, 0.01)
    return out


def summary(audience, base, planned, memory, starts):
    report.table(f"Memory of the server, a campaign to {audience:,} people running at {memory['rate']:,.0f} messages/s",
                 ["", "MiB"],
                 [["just started", base / MIB], ["running, proportional (PSS)", memory["pss"] / MIB],
                  ["running, resident (RSS)", memory["rss"] / MIB],
                  ["most ever, planning included (VmHWM)", memory["peak"] / MIB],
                  ["most ever after a restart in mid-run", memory["peak_after_restart"] / MIB]])
    rows = []
    for name, runs in starts.items():
        going_on = [r["going_on_ms"] for r in runs if "going_on_ms" in r]
        rows.append([name, len(runs), report.median([r["ready_ms"] for r in runs]),
                     report.median([r["healthz_ms"] for r in runs]), max(r["healthz_ms"] for r in runs),
                     report.median(going_on) if going_on else "-"])
    report.table("Start-up, from exec (ms)",
                 ["", "count", "ready file", "/healthz", "/healthz, slowest", "next message"], rows)
    report.say(f"from create to the first message of {audience:,}: {planned:.2f} s")
    report.goal(f"resident with {audience:,} running", max(memory["rss"], memory["peak"]) / MIB, 400, True, "MiB")
    for name, runs in starts.items():
        report.goal(f"start-up, {name}", report.median([r["healthz_ms"] for r in runs]), 200, True, "ms")
    return {"audience": audience, "base": base, "memory": memory, "starts": starts, "planned_seconds": planned}
