#!/usr/bin/env python3
"""Fuzzes: tests/fuzz/run.py [--seconds 60] [--json FILE] [TARGET...]

Builds the preset "fuzz" (clang) and runs every *_fuzz.cpp of src/ for that long over a copy of its corpus in
tests/fuzz/corpus. Reports executions and findings; what broke a target is left in build/fuzz/findings."""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CORPUS = ROOT / "tests" / "fuzz" / "corpus"


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
    done = subprocess.run(command, capture_output=True, cwd=build, check=False, env={**os.environ, "TZ": "UTC"})
    output = done.stderr.decode("utf-8", "replace")
    counted = re.search(r"number_of_executed_units:\s*(\d+)", output) or re.findall(r"^#(\d+)", output, re.M)[-1:]
    executions = int(counted[1] if isinstance(counted, re.Match) else counted[0] if counted else 0)
    found = [str(path.relative_to(build)) for path in findings.glob(f"{target}-*")]
    if done.returncode:
        print(output[-3000:])
    return {"target": target, "seconds": seconds, "executions": executions, "findings": found,
            "ended": done.returncode, "corpus": len(list((CORPUS / target).glob("*")))}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--max-len", type=int, default=4096)
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "fuzz")
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("targets", nargs="*")
    options = parser.parse_args()
    targets = options.targets or sorted(path.stem for path in (ROOT / "src").rglob("*_fuzz.cpp"))
    subprocess.run(["cmake", "-S", ROOT, "--preset", "fuzz", "-B", options.build], check=True, cwd=ROOT,
                   stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", options.build, "--target", *targets], check=True, cwd=ROOT)
    results = []
    for target in targets:
        results.append(fuzz(options.build, target, options.seconds, options.max_len))
        print(f"{target}: {results[-1]['executions']} executions, {len(results[-1]['findings'])} findings", flush=True)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")
    total = sum(one["executions"] for one in results)
    broken = sum(one["ended"] != 0 for one in results)
    print(f"{len(results)} targets, {total} executions, {broken} with findings")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
