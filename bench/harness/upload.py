"""Upload: profiles and events a second through POST /1/upload, in batches of 1000, with the audience index kept up
beside it as it always is, against PostgreSQL taking the same batches of profiles with one INSERT ... ON CONFLICT
each."""
from harness import peers, programs, report


def run(bench):
    count = 200_000 if bench.quick else 1_000_000
    runs = []
    for _ in range(1 if bench.quick else 3):
        folder = programs.fresh_folder(bench, "upload")
        sink = programs.Sink(bench.belay, folder)
        server = programs.Server(bench.belay, folder, sink).start()
        try:
            for what, connections in (("new", 2), ("again", 2), ("new, one connection", 1)):
                first = count if connections == 1 else 0
                cpu = server.cpu()
                done = server.load(bench.batch_load, "profiles", count, 1000, connections, "identity", first,
                                   1 if what == "again" else 0)
                done.update(what=what, rate=count / done["seconds"], cpu_us=(server.cpu() - cpu) / count * 1e6)
                bench.say(f"{what}: {done['rate']:,.0f} profiles/s, {done['cpu_us']:.1f} us of server CPU each")
                runs.append(done)
            runs.append(events(bench, server, count))
        finally:
            server.end()
            sink.end()
    postgres = peers.postgres_upserts(bench, count // 5)
    return summary(runs, postgres, count)


def events(bench, server, count):
    cpu = server.cpu()
    done = server.load(bench.batch_load, "events", count, 1000, 2, "identity", 0, 0)
    done.update(what="events", rate=count / done["seconds"], cpu_us=(server.cpu() - cpu) / count * 1e6)
    bench.say(f"events: {done['rate']:,.0f}/s, {done['cpu_us']:.1f} us of server CPU each")
    return done


def summary(runs, postgres, count):
    def mid(what, key):
        return report.median([r[key] for r in runs if r["what"] == what])

    rows, out = [], {"profiles": count, "runs": runs, "postgres": postgres}
    for what in ("new", "again", "new, one connection"):
        rows.append([f"Belay, {what}", mid(what, "rate"), mid(what, "cpu_us"), mid(what, "p50_us") / 1000,
                     mid(what, "p99_us") / 1000, mid(what, "client_cpu_seconds") / mid(what, "seconds")])
    for what, one in postgres.items():
        rows.append([f"PostgreSQL, {what}", one["rate"], one["cpu_us"], one["p50_ms"], one["p99_ms"], ""])
    rows.append(["ratio, new", f"{mid('new', 'rate') / postgres['new']['rate']:.1f}x",
                 f"{mid('new', 'cpu_us') / postgres['new']['cpu_us']:.2f}x", "", "", ""])
    report.table("Profiles uploaded in batches of 1000, two in flight",
                 ["", "profiles/s", "CPU us each", "p50 ms", "p99 ms", "client cores"], rows)
    report.table("Events of these people uploaded in the same way",
                 ["", "events/s", "CPU us each", "p50 ms", "p99 ms", "client cores"],
                 [["Belay", mid("events", "rate"), mid("events", "cpu_us"), mid("events", "p50_us") / 1000,
                   mid("events", "p99_us") / 1000, mid("events", "client_cpu_seconds") / mid("events", "seconds")]])
    report.goal("upload, events", mid("events", "rate"), 100_000, False, "/s")
    report.goal("upload, new profiles", mid("new", "rate"), 50_000, False, "/s")
    report.goal("upload, profiles that are there", mid("again", "rate"), 50_000, False, "/s")
    return out
