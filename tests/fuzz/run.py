#!/usr/bin/env python3
"""Fuzzes: tests/fuzz/run.py [--seconds 60] [--jobs 2] [--json FILE] [--grow] [TARGET...]

Builds the preset "fuzz" (clang) and runs every *_fuzz.cpp of src/ for that long over a copy of its corpus in
tests/fuzz/corpus. Reports executions and findings; what broke a target is left in build/fuzz/findings."""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CORPUS = ROOT / "tests" / "fuzz" / "corpus"
MOST_BYTES, MOST_FILES = 48 << 10, 60  # of a target's committed corpus
ENVIRONMENT = {**os.environ, "TZ": "UTC"}


def fuzz(build, target, seconds, longest):
    work, findings = build / "corpus" / target, build / "findings"
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(CORPUS / target, work) if (CORPUS / target).is_dir() else work.mkdir(parents=True)
    findings.mkdir(exist_ok=True)
    prefix = findings / f"{target}-"
    for old in findings.glob(f"{target}-*"):
        old.unlink()
    command = [build / target, f"-max_total_time={seconds}", f"-max_len={longest}", "-timeout=10", "-rss_limit_mb=2048",
               "-print_final_stats=1", f"-artifact_prefix={prefix}", work]
    done = subprocess.run(command, capture_output=True, cwd=build, check=False, env=ENVIRONMENT)
    output = done.stderr.decode("utf-8", "replace")
    counted = re.search(r"number_of_executed_units:\s*(\d+)", output) or re.findall(r"^#(\d+)", output, re.M)[-1:]
    executions = int(counted[1] if isinstance(counted, re.Match) else counted[0] if counted else 0)
    found = [str(path.relative_to(build)) for path in findings.glob(f"{target}-*")]
    if done.returncode:
        print(output[-3000:])
    print(f"{target}: {executions} executions, {len(found)} findings", flush=True)
    return {"target": target, "seconds": seconds, "executions": executions, "findings": found,
            "ended": done.returncode, "corpus": len(list((CORPUS / target).glob("*")))}


def grow(build, target):
    """Of what a run has come upon, the little that reaches code which the committed corpus does not, the smallest
    first and within bounds: whoever replays the corpus gets there without searching."""
    kept, merged = CORPUS / target, build / "merged" / target
    shutil.rmtree(merged, ignore_errors=True)
    shutil.copytree(kept, merged)
    subprocess.run([build / target, "-set_cover_merge=1", "-timeout=10", merged, build / "corpus" / target],
                   capture_output=True, cwd=build, check=True, env=ENVIRONMENT)
    before = {path.read_bytes() for path in kept.iterdir()}
    size, files = sum(map(len, before)), len(before)
    for path in sorted(merged.iterdir(), key=lambda path: path.stat().st_size):
        content = path.read_bytes()
        if content in before:
            continue
        size, files = size + len(content), files + 1
        if size > MOST_BYTES or files > MOST_FILES:
            break
        (kept / path.name[:12]).write_bytes(content)
    print(f"{target}: {len(before)} inputs before, {len(list(kept.iterdir()))} now", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=1, help="targets at a time")
    parser.add_argument("--max-len", type=int, default=4096)
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "fuzz")
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--grow", action="store_true", help="add to the committed corpus what reaches new code")
    parser.add_argument("targets", nargs="*")
    options = parser.parse_args()
    targets = options.targets or sorted(path.stem for path in (ROOT / "src").rglob("*_fuzz.cpp"))
    subprocess.run(["cmake", "-S", ROOT, "--preset", "fuzz", "-B", options.build], check=True, cwd=ROOT,
                   stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", options.build, "--target", *targets], check=True, cwd=ROOT)
    with ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(lambda target: fuzz(options.build, target, options.seconds, options.max_len), targets))
    if options.grow:
        for one in results:
            if not one["ended"]:
                grow(options.build, one["target"])
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")
    total = sum(one["executions"] for one in results)
    broken = sum(one["ended"] != 0 for one in results)
    print(f"{len(results)} targets, {total} executions, {broken} with findings")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
