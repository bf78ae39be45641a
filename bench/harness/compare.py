"""The peers and Belay side by side."""
import time

from harness import machine, peers, programs, report, stop, throughput
from harness.programs import wait_until

DELAY_MS = 50  # a receiver that answers like a real provider


def belay_whole(bench, count, folder):
    sink = programs.Sink(bench.belay, folder)
    server = programs.Server(bench.belay, folder, sink).start()
    memory = peers.MemoryWatch(lambda: machine.pss_bytes(server.pid))
    try:
        one = throughput.one_campaign(server, sink, "plain", count)
    finally:
        most = memory.stop()
        server.end()
        sink.end()
    return {"rate": one["rate"], "cpu_us": one["cpu_us"] - one["plan_cpu_us"], "plan_cpu_us": one["plan_cpu_us"],
            "memory": most}


def belay_stopped(bench, count, delay, folder):
    sink = programs.Sink(bench.belay, folder)
    server = programs.Server(bench.belay, folder, sink).start()
    try:
        sink.behave(delay_ms=delay)
        campaign = server.create()
        enough = peers.mid_run(count)
        wait_until("Belay in mid-run", lambda: sink.messages(campaign) >= enough, 120, 0.002)
        caller = stop.StopCaller(server.port)
        called = machine.steady_micros()
        _, stop_id = caller.stop(campaign)
        returned = machine.steady_micros()
        answered = server.receipt(stop_id)
        peers.settle(sink, campaign)
        got = sink.messages(campaign)
        late, last = sink.arrivals_after(campaign, returned)
        return {"call_ms": (returned - called) / 1000, "late": late, "last_ms": last / 1000,
                "late_since_call": sink.arrivals_after(campaign, called)[0],
                "handed_over_late": got - answered["handed_over"], "left": count - got}
    finally:
        server.end()
        sink.end()


def measure_belay(bench, count):
    home = programs.people(bench, count)
    out = {"whole": [], "stops": {0: [], DELAY_MS: []}}
    for _ in range(1 if bench.quick else 3):
        out["whole"].append(belay_whole(bench, count, programs.fresh_folder(bench, "compare", home)))
        for delay in (0, DELAY_MS):
            folder = programs.fresh_folder(bench, "compare", home)
            out["stops"][delay].append(belay_stopped(bench, count, delay, folder))
    return out


def run(bench):
    peers.npm_install()
    count = 20_000 if bench.quick else 100_000
    results = {"Belay": measure_belay(bench, 200_000 if bench.quick else 1_000_000)} if bench.belay_runs else {}
    for name in peers.PEERS:
        began = time.monotonic()
        results[name] = peers.measure_peer(bench, name, count, DELAY_MS)
        bench.say(f"{name}: {report.median([r['rate'] for r in results[name]['whole']]):,.0f}/s "
                  f"({time.monotonic() - began:.0f} s)")
    speed_table(results, count)
    stop_table(results)
    return results


def speed_table(results, count):
    rows = []

    def mid(runs, key):
        return report.median([r[key] for r in runs]) if runs else 0.0

    ours = results.get("Belay")
    for name, one in results.items():
        whole = one["whole"]
        prepare = mid(one.get("fill"), "cpu_us") if "fill" in one else mid(whole, "plan_cpu_us")
        cpu = mid(whole, "cpu_us")
        row = [name, mid(whole, "rate"), cpu, prepare, cpu + prepare, mid(whole, "memory") / 1024 / 1024]
        if ours:
            ours_cpu = mid(ours["whole"], "cpu_us") + mid(ours["whole"], "plan_cpu_us")
            row += [f"{mid(ours['whole'], 'rate') / row[1]:.1f}x", f"{row[4] / ours_cpu:.0f}x"]
        rows.append(row)
    head = ["", "messages/s", "CPU us sending", "CPU us preparing", "CPU us in all", "memory MiB"]
    report.table(f"The same messages to the same receiver over HTTP/2 cleartext (peers: {count:,} messages; CPU and "
                 "memory of client and broker)",
                 head + (["Belay is faster", "Belay needs less CPU"] if ours else []), rows)


def stop_table(results):
    rows = []
    for name, one in results.items():
        for delay, runs in one["stops"].items():
            late = [r["late"] for r in runs]
            rows.append([f"{name}, answers after {delay} ms" if delay else f"{name}, answers at once",
                         report.median([r["call_ms"] for r in runs]), " / ".join(f"{n:,}" for n in late),
                         report.median([r["last_ms"] for r in runs]),
                         " / ".join(f"{r['handed_over_late']:,}" for r in runs) if name == "Belay" else "not known"])
    report.table("Stop from another process in mid-run: messages that reach the receiver after the stop had returned",
                 ["", "call ms", "arrived after, each run", "last one after ms", "of them handed over after"], rows)
    if "Belay" in results:
        handed = sum(abs(r["handed_over_late"]) for runs in results["Belay"]["stops"].values() for r in runs)
        report.goal("Belay: hand-overs after the stop's answer", handed, 0, True)
