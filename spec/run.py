#!/usr/bin/env python3
"""Runs the models with spin: what is right passes whole, every broken variant fails as it should.

  spec/run.py                  all of it, as a table
  spec/run.py --model stop     one model
  spec/run.py --json           the same for a program
  spec/run.py --trail NAME     how that broken variant goes wrong, step by step
  spec/run.py --deep           larger sizes too: minutes, and up to 6 GB of memory
"""
import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cases import CASES, MODELS, UNREACHED

HERE = Path(__file__).resolve().parent
MEGABYTES = 6000
STEPS = 2_000_000
# Any of these in the verifier's output means that it has not looked everywhere.
TRUNCATED = ("max search depth too small", "out of memory", "MEMLIM", "Search not completed", "hash conflict table",
             "VECTORSZ is too small", "search was truncated")


class Unusable(Exception):
    """spin or gcc could not make a verifier of the model."""


def command(folder, *words):
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise Unusable(f"{' '.join(words)}\n{done.stdout}{done.stderr}")
    return done.stdout


def make_verifier(folder, case, changed=None):
    """Every verifier keeps every state whole: no bit states, no hash compaction. What must fail is searched
    breadth first, which gives the shortest way to the fault. `changed`: other texts for some of the models."""
    for source in HERE.glob("*.pml"):
        (folder / source.name).write_text((changed or {}).get(source.name, source.read_text()))
    command(folder, "spin", "-a", *(f"-D{d}" for d in case.defines), f"{case.model}.pml")
    how = ["-DBFS", "-O0"] if case.fails else ["-DCOLLAPSE", "-O2"]
    command(folder, "gcc", *how, "-DSAFETY", "-DNOFAIR", f"-DMEMLIM={MEGABYTES}", "-w", "-o", "pan", "pan.c")


def number(pattern, text):
    found = re.search(pattern, text)
    return int(float(found.group(1))) if found else None


def unreached(text):
    """{(process, step)} that the verifier never took."""
    result = set()
    for block in re.split(r"\nunreached in ", text)[1:]:
        process = block.split("\n", 1)[0].strip()
        for step in re.findall(r"\n\t[\w.]+:(\d+), state \d+, \"(.*)\"", block):
            result.add((process, int(step[0]), step[1]))
    return result


def verify(case, folder, steps=STEPS, changed=None):
    began = time.monotonic()
    make_verifier(folder, case, changed)
    built = time.monotonic()
    # -E: that nothing more happens is no error by itself; the models assert what must have happened by then.
    words = ["./pan", "-E", f"-m{steps}"]
    out = subprocess.run(words, cwd=folder, capture_output=True, text=True)
    text = out.stdout + out.stderr
    violated = re.search(r"pan:\d+: (.*) \(at depth (\d+)\)", text)
    return {
        "model": case.model, "name": case.name, "must": "fail" if case.fails else "pass",
        "states": number(r"([\d.e+]+) states, stored", text),
        "transitions": number(r"([\d.e+]+) transitions", text),
        "depth": number(r"depth reached (\d+)", text),
        "errors": number(r"errors: (\d+)", text),
        "violated": violated.group(1).replace("assertion violated ", "") if violated else None,
        "steps": int(violated.group(2)) if violated else None,
        "seconds": round(time.monotonic() - built, 2), "compile_seconds": round(built - began, 2),
        "truncated": [t for t in TRUNCATED if t.lower() in text.lower()],
        "finished": out.returncode == 0 and "errors:" in text,
        "unreached": unreached(text), "output": text,
    }


def flat(text):
    return re.sub(r"[\s()]", "", text)


def objection(case, r):
    """Why this result is not what it has to be; "" if it is."""
    if case.fails:
        if not r["violated"]:
            return "it was not found to be broken"
        if flat(case.fails) not in flat(r["violated"]):
            return f"it failed at another assertion: {r['violated']}"
        return ""
    if r["violated"] or r["errors"] != 0:
        return f"violated: {r['violated']}"
    if r["truncated"] or not r["finished"]:
        return f"not searched to the end: {', '.join(r['truncated']) or r['output'][-300:]}"
    if not r["states"]:
        return "the verifier has looked at nothing"
    return ""


def never_taken(results, models):
    """What no passing case of a model ever does: a promise that holds because nothing happens is none."""
    complaints = []
    for model in models:
        passing = [r["unreached"] for r in results if r["model"] == model and r["must"] == "pass"]
        if not passing:
            continue
        for process, line, step in sorted(set.intersection(*passing)):
            if step != "-end-" and not any(step.startswith(known) for known in UNREACHED):
                complaints.append(f"{model}.pml:{line}: no case ever does this ({process}): {step}")
    return complaints


def show_trail(case, folder):
    make_verifier(folder, case)
    subprocess.run(["./pan", "-E", f"-m{STEPS}"], cwd=folder, capture_output=True)
    text = command(folder, "spin", *(f"-D{d}" for d in case.defines), "-t", "-p", "-g", f"{case.model}.pml")
    print(text)


def line(r, complaint):
    what = f"{r['states'] or 0:>9} states  {r['seconds']:6.2f} s  depth {r['depth'] or 0}"
    if r["must"] == "fail":
        what = f"{r['states'] or 0:>9} states  {r['seconds']:6.2f} s  {r['steps']} steps to: {r['violated']}"
    verdict = "WRONG" if complaint else "ok   "
    return f"{verdict} {r['model']:9} {r['name']:24} must {r['must']}  {what}" + (
        f"\n      {complaint}" if complaint else "")


def run(cases, models, quiet):
    results, complaints = [], []
    for case in cases:
        with tempfile.TemporaryDirectory(prefix="belay-spec-") as folder:
            r = verify(case, Path(folder))
        complaint = objection(case, r)
        results.append(r)
        if complaint:
            complaints.append(f"{case.model}/{case.name}: {complaint}")
        if not quiet:
            print(line(r, complaint), flush=True)
    complaints += never_taken(results, models)
    return results, complaints


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", choices=MODELS)
    options.add_argument("--json", action="store_true")
    options.add_argument("--trail", metavar="NAME")
    options.add_argument("--deep", action="store_true")
    asked = options.parse_args()
    models = [asked.model] if asked.model else list(MODELS)
    if asked.trail:
        found = [c for c in CASES if c.name == asked.trail and c.fails]
        if not found:
            options.error(f"no broken variant {asked.trail}: {', '.join(c.name for c in CASES if c.fails)}")
        with tempfile.TemporaryDirectory(prefix="belay-spec-") as folder:
            show_trail(found[0], Path(folder))
        return 0
    cases = [c for c in CASES if c.model in models and (asked.deep or not c.deep)]
    results, complaints = run(cases, models, asked.json)
    total = {"passed": sum(r["must"] == "pass" for r in results), "broken": sum(r["must"] == "fail" for r in results),
             "states": sum(r["states"] or 0 for r in results if r["must"] == "pass"),
             "seconds": round(sum(r["seconds"] + r["compile_seconds"] for r in results), 1)}
    if asked.json:
        for r in results:
            del r["output"], r["unreached"]
        print(json.dumps({"cases": results, "total": total, "complaints": complaints}, indent=1))
    else:
        print(f"{total['passed']} models hold over {total['states']} states, {total['broken']} broken variants tried; "
              f"{total['seconds']} s")
        for c in complaints:
            print(f"WRONG {c}")
    return 1 if complaints else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Unusable as e:
        sys.exit(f"spec: {e}")
    except FileNotFoundError as e:
        sys.exit(f"spec: {e.filename} is missing: scripts/packages.sh build test")
