"""What certainty costs: journal commits and stops with synchronous=FULL, beside NORMAL, OFF and a bare sync."""
import json
import subprocess
from pathlib import Path

from harness import report
from harness.programs import BenchError

ROOT = Path(__file__).resolve().parents[2]


def run(bench):
    program = ROOT / "build/bench/bench/durability_bench"
    subprocess.run([ROOT / "scripts/build.sh", "bench", "durability_bench"], check=True)
    done = subprocess.run([program, bench.work, "50" if bench.quick else "500"], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise BenchError(f"durability_bench: {done.stderr}")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    rows = [line for line in lines if line["what"] != "trail"]
    report.table("Microseconds, p50; each commit waits for the medium with FULL only",
                 ["commit", "batch", "FULL", "p99", "FULL, each", "NORMAL", "OFF", "bare sync", "FULL / bare"],
                 [[r["what"], r["batch"], r["full_us"], r["full_p99_us"], r["full_us"] / r["batch"], r["normal_us"],
                   r["off_us"], r["bare_us"], r["full_us"] / r["bare_us"]] for r in rows])
    stop = next(r for r in rows if r["what"] == "stop")
    report.goal("a durable stop at the store, against a bare sync of its size", stop["full_us"] / stop["bare_us"], 3,
                at_most=True, unit="x")
    trail = next(line for line in lines if line["what"] == "trail")
    report.table("A stop with its rows in the audit trail and without, in turn; microseconds, p50",
                 ["", "with", "without", "ratio"],
                 [["FULL", trail["full_us"], trail["full_without_us"], trail["full_ratio"]],
                  ["OFF: no sync, so CPU alone", trail["off_us"], trail["off_without_us"], trail["off_ratio"]]])
    report.goal("a stop with its audit rows, against one without", trail["full_ratio"], 1.5, at_most=True, unit="x")
    return lines
