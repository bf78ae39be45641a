"""How many does a query of five conditions reach: Belay's index against the same question as SQL in SQLite and in
PostgreSQL, over the same people and events (bench/audience_data.h), made in the same run."""
import json
import re
import subprocess
import time

from harness import machine, peers, programs, report


def program(bench, name="audience_bench"):
    path = peers.SCRIPTS.parent.parent / "build/bench/bench" / name
    build = path.parent.parent
    if bench.audience_bench and name == "audience_bench":
        return bench.audience_bench
    root = peers.SCRIPTS.parent.parent
    subprocess.run(["cmake", "--preset", "bench", "-DBELAY_DASHBOARD=OFF"], cwd=root, check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", build, name], check=True, stdout=subprocess.DEVNULL)
    return path


def out_of(command):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise programs.BenchError(f"{command[1]}: ended with {done.returncode}")
    return json.loads(done.stdout)


# People, events, the goal for the slowest question in ms, and whether SQL is asked, too: at ten million that takes
# longer than all else.
FULL = [(1_000_000, 20_000_000, 20, True), (10_000_000, 20_000_000, 150, False)]
QUICK = [(100_000, 2_000_000, 20, True), (200_000, 400_000, 150, False)]


def run(bench):
    exe = program(bench)
    out = {}
    for people, events, goal_ms, with_sql in QUICK if bench.quick else FULL:
        folder = programs.fresh_folder(bench, "audience")
        try:
            bench.say(f"{people:,} people with 20 properties, {events:,} events; Belay")
            (folder / "belay").mkdir()
            belay = out_of([exe, "belay", people, events, folder / "belay"])
            out[str(people)] = against_sql(bench, exe, people, events, folder, belay) if with_sql else {"belay": belay}
            if not with_sql:
                tables_alone(people, events, belay)
            goals(people, belay, goal_ms)
        finally:
            subprocess.run(["rm", "-rf", str(folder)], check=True)
    return out


def against_sql(bench, exe, people, events, folder, belay):
    bench.say("going through everybody")
    scanned = out_of([exe, "scan", folder / "belay"])
    subprocess.run(["rm", "-rf", str(folder / "belay")], check=True)
    bench.say("SQLite")
    sqlite = out_of([exe, "sqlite", people, events, folder])
    (folder / "sql.db").unlink()
    bench.say("PostgreSQL")
    postgres = in_postgres(exe, people, events, folder)
    for name, one in belay["questions"].items():
        for other in (scanned, sqlite["questions"], postgres["questions"]):
            if other[name]["found"] != one["found"]:
                raise programs.BenchError(f"{name}: {one['found']} in Belay, {other[name]['found']} elsewhere")
    tables(people, events, belay, scanned, sqlite, postgres)
    return {"belay": belay, "scan": scanned, "sqlite": sqlite, "postgres": postgres}


def in_postgres(exe, people, events, folder):
    server = peers.Postgres(folder)
    try:
        described = out_of([exe, "questions"])
        columns = ", ".join(f"{c['name']} {c['type']}" for c in described["columns"])
        began = time.monotonic()
        sql(server, f"CREATE TABLE person (id integer, platform integer, {columns});"
                    "CREATE TABLE event (person integer, name integer, at bigint)")
        for table, what in (("person", "people"), ("event", "events")):
            rows = subprocess.Popen([str(exe), "rows", what, str(people), str(events)], stdout=subprocess.PIPE)
            sql(server, f"COPY {table} FROM STDIN", stdin=rows.stdout)
            rows.wait()
        sql(server, "SET maintenance_work_mem = '512MB'; ALTER TABLE person ADD PRIMARY KEY (id)")
        for column in described["columns"]:
            sql(server, f"CREATE INDEX ON person ({column['name']})")
        sql(server, "SET maintenance_work_mem = '512MB'; CREATE INDEX ON event (person, name, at);"
                    "CREATE INDEX ON event (name, at, person)")
        sql(server, "VACUUM ANALYZE")
        out = {"fill_seconds": time.monotonic() - began, "questions": {}}
        for question in described["questions"]:
            out["questions"][question["name"]] = ask_postgres(server, question["sql"])
        out["store_mib"] = float(sql(server, "SELECT pg_database_size('postgres') / 1048576.0"))
        out["rss_mib"] = machine.pss_bytes(server.pid, True) / 2**20
        return out
    finally:
        server.end()


def sql(server, text, stdin=None):
    done = subprocess.run(["psql", "-qAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(server.port), "-U",
                           "bench", "-d", "postgres", "-c", text], stdin=stdin, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise programs.BenchError(f"psql: {done.stderr}")
    return done.stdout.strip()


def ask_postgres(server, question, times=11):
    """Timed by psql, as a client sees it, in one session."""
    script = "SET work_mem = '256MB';\n\\timing on\n" + f"{question};\n" * times
    done = subprocess.run(["psql", "-qAt", "-F", " ", "-h", "127.0.0.1", "-p", str(server.port), "-U", "bench", "-d",
                           "postgres"], input=script, capture_output=True, text=True, check=True)
    each = [float(ms) for ms in re.findall(r"Time: ([0-9.]+) ms", done.stdout)][1:]  # the first is cold
    found = [0, 0]
    for platform, count in re.findall(r"^(\d) (\d+)$", done.stdout, re.M):
        found[int(platform)] = int(count)
    return {"p50_ms": report.median(each), "best_ms": min(each), "worst_ms": max(each), "found": found}


def tables(people, events, belay, scanned, sqlite, postgres):
    rows, ratios = [], []
    for name, one in belay["questions"].items():
        lite, post = sqlite["questions"][name]["p50_ms"], postgres["questions"][name]["p50_ms"]
        ratio = min(lite, post) / one["p50_ms"]
        rows.append([name, sum(one["found"]), one["p50_ms"], one["first_ms"], scanned[name]["ms"], lite, post,
                     f"{ratio:.1f}x"])
        if not name.startswith("one person"):
            ratios.append(ratio)
    report.table(f"{people:,} people, {events:,} events: five conditions, p50 in ms",
                 ["", "people found", "Belay", "its first", "without index", "SQLite", "PostgreSQL",
                  "better of the two / Belay"], rows)
    report.table("Memory, disk and filling",
                 ["", "MiB of memory", "MiB on disk", "of it index", "profiles/s", "events/s"],
                 [["Belay", belay["rss_mib"], belay["store_mib"], belay.get("index_mib"), belay["profiles_per_second"],
                   belay["events_per_second"]],
                  ["SQLite", sqlite["rss_mib"], sqlite["store_mib"], None, None, None],
                  ["PostgreSQL", postgres["rss_mib"], postgres["store_mib"], None, None, None]])
    report.goal(f"estimate of {people:,}, median of the ratios to SQL", report.median(ratios), 20, False, "x")


def tables_alone(people, events, belay):
    rows = [[name, sum(one["found"]), one["p50_ms"], one["first_ms"]] for name, one in belay["questions"].items()]
    report.table(f"{people:,} people, {events:,} events: five conditions, p50 in ms",
                 ["", "people found", "Belay", "its first"], rows)
    report.table("Memory, disk and filling",
                 ["", "MiB of memory", "MiB on disk", "of it index", "profiles/s", "events/s"],
                 [["Belay", belay["rss_mib"], belay["store_mib"], belay.get("index_mib"), belay["profiles_per_second"],
                   belay["events_per_second"]]])


def goals(people, belay, goal_ms):
    slowest = max(one["p50_ms"] for one in belay["questions"].values())
    report.goal(f"estimate of {people:,}, slowest question's p50", slowest, goal_ms, True, "ms")
    report.goal(f"profiles stored with the index on, to {people:,}", belay["profiles_per_second"], 50_000, False, "/s")
    report.goal(f"events stored with the index on, {people:,} people", belay["events_per_second"], 100_000, False, "/s")
