#!/usr/bin/env python3
"""Mutants of the engine: src/sim/mutants/*.mutant, each a few replacements in one source file.

mutant.py apply MUTANT --root DIR --out FILE   writes the broken copy of the source file
mutant.py check --root DIR                     every mutant still applies
mutant.py hunt MUTANT --program PROGRAM        the simulator must catch it within its number of seeds
mutant.py replay MUTANT --program PROGRAM      the command that its failing seed prints plays that seed again
"""
import argparse
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Mutant:
    name: str
    what: str = ""
    file: str = ""
    workload: str = ""
    seeds: int = 0
    replacements: list = field(default_factory=list)


def parse(path):
    mutant = Mutant(Path(path).stem)
    head, *blocks = Path(path).read_text().split("<<<<\n")
    for line in head.splitlines():
        key, value = line.split(": ", 1)
        setattr(mutant, key, int(value) if key == "seeds" else value)
    for block in blocks:
        old, new = block.removesuffix(">>>>\n").split("\n====\n")
        mutant.replacements.append((old, new.removesuffix("\n")))
    return mutant


def applied(mutant, root):
    text = (Path(root) / mutant.file).read_text()
    for old, new in mutant.replacements:
        if text.count(old) != 1:
            raise SystemExit(
                f"{mutant.name}: {mutant.file} has changed; this must be in it exactly once, adapt the mutant:\n{old}"
            )
        text = text.replace(old, new)
    return text


def searched(mutant, program):
    command = [program, "--until-violation", "--quiet", "--workload", mutant.workload, "--seeds", str(mutant.seeds)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


def replay(mutant, program):
    """In two processes more, so that nothing of an address or a hash seed may be in it."""
    found = searched(mutant, program).stdout
    violations = re.findall(r"^seed \d+: line .*$", found, re.MULTILINE)
    line = re.search(r"^replay: belay-sim (.*)$", found, re.MULTILINE)
    if not violations or not line:
        print(f"{mutant.name}: no failing seed, or no command to replay it:\n{found[-2000:]}")
        return 1
    again = [subprocess.run([program, *shlex.split(line[1])], capture_output=True, text=True, timeout=600)
             for _ in range(2)]
    texts = [done.stdout for done in again]
    if any(done.returncode != 1 for done in again) or texts[0] != texts[1]:
        print(f"{mutant.name}: {line[0]} does not fail in the same way twice")
        return 1
    if re.findall(r"^seed \d+: line .*$", texts[0], re.MULTILINE) != violations or "history" not in texts[0]:
        print(f"{mutant.name}: {line[0]} finds something else than the search:\n{violations}\n{texts[0][-2000:]}")
        return 1
    print(f"{mutant.name}: {line[0]}: the same {len(violations)} violations and {len(texts[0])} bytes, twice")
    return 0


def hunt(mutant, program):
    done = searched(mutant, program)
    seeds = sum(1 for line in done.stdout.splitlines() if line.startswith("seed ") and ":" not in line)
    if done.returncode == 0:
        print(f"{mutant.name}: NOT CAUGHT in {seeds} seeds of {mutant.workload} ({mutant.what})")
        return 1
    seen = next((line for line in done.stdout.splitlines() if line.startswith("seed ") and ": " in line), "")
    how = seen or f"the engine's own checks: {done.stderr.strip().splitlines()[-1:]}"
    print(f"{mutant.name}: caught after {seeds} of at most {mutant.seeds} seeds of {mutant.workload}: {how}")
    return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=["apply", "check", "hunt", "replay"])
    parser.add_argument("mutant", nargs="?")
    parser.add_argument("--root")
    parser.add_argument("--out")
    parser.add_argument("--program")
    options = parser.parse_args()
    if options.action == "check":
        paths = sorted((Path(options.root) / "src/sim/mutants").glob("*.mutant"))
        for path in paths:
            applied(parse(path), options.root)
        print(f"{len(paths)} mutants apply")
        return 0 if len(paths) >= 12 else 1
    mutant = parse(options.mutant)
    if options.action == "apply":
        Path(options.out).write_text(applied(mutant, options.root))
        return 0
    return (hunt if options.action == "hunt" else replay)(mutant, options.program)


if __name__ == "__main__":
    sys.exit(main())
