"""What a page of the list of campaigns takes when there are very many: every order, filter and search, asked of the
store as the API asks it. How soon a browser paints it is printed by the dashboard's own test (`./test -R web.many`)."""
import re
import subprocess

from harness import audience, programs, report

LINE = re.compile(r"^(.+?)\s+p50\s+([0-9.]+) ms\s+worst\s+([0-9.]+) ms")


def run(bench):
    exe = audience.program(bench, "list_bench")
    campaigns = 10_000 if bench.quick else 100_000
    folder = programs.fresh_folder(bench, "lists")
    try:
        bench.say(f"{campaigns:,} campaigns")
        done = subprocess.run([str(exe), str(campaigns), str(folder)], stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise programs.BenchError(f"list_bench: ended with {done.returncode}")
    finally:
        subprocess.run(["rm", "-rf", str(folder)], check=True)
    pages = {found[1]: {"p50_ms": float(found[2]), "worst_ms": float(found[3])}
             for found in map(LINE.match, done.stdout.splitlines()) if found}
    if not pages:
        raise programs.BenchError("list_bench printed no figures")
    report.table(f"A page of 50 out of {campaigns:,} campaigns, in ms", ["", "p50", "worst"],
                 [[name, page["p50_ms"], page["worst_ms"]] for name, page in pages.items()])
    return pages
