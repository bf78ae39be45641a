#!/usr/bin/env python3
"""Crash tests of the real program: it is killed, ended and stopped at random moments of a campaign, and
then every recipient of the store's account is compared with the receiver's list.

  tests/crash/run.py --belay build/release/belay --cycles 200 --seed 7
  tests/crash/run.py --belay build/release/belay --only stop_native:123456    one cycle again

The number of cycles is --cycles, else BELAY_CRASH_CYCLES, else 25. A cycle that fails prints its
seed, and its folder (configuration, data, logs, the receiver's list) is kept.
"""
import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import cycles  # noqa: E402
import stage as stages  # noqa: E402


def scene(chance):
    """The size and the surroundings of a cycle."""
    settings = {"window": chance.choice((64, 256, 1024)), "loops": chance.choice((1, 2))}
    behave = {"delay_ms": chance.choice((0, 0, 2, 10, 30))}
    mode, size = "push", chance.randint(1500, 3500)
    if chance.random() < 0.25:
        mode, size = "webhook", chance.randint(300, 900)
        settings["http_version"] = chance.choice(("1.1", "2"))
        behave["delay_ms"] = chance.choice((0, 1, 2))
    elif chance.random() < 0.4:
        settings["max_per_second"] = chance.randint(2, 8) * 1000
    if chance.random() < 0.4:
        behave["fail_every"] = chance.randint(3, 40)
    if chance.random() < 0.2:
        behave["goaway_every"] = chance.randint(50, 500)
    return settings, behave, mode, size


def describe(settings, behave, mode, size):
    changed = {**settings, **behave}
    return f"{mode} to {size}, " + " ".join(f"{key}={value}" for key, value in changed.items())


def run_cycle(belay, kind, seed, prepared, keep):
    """True when the cycle kept every promise."""
    chance = random.Random(f"{kind}:{seed}")
    settings, behave, mode, size = scene(chance)
    folder = Path(tempfile.mkdtemp(prefix=f"belay-crash-{kind}-"))
    began, stage = time.monotonic(), None
    try:
        stage = stages.Stage(belay, folder, prepared, settings, behave)
        stage.create(size, mode)
        counts = getattr(cycles.Cycle(stage, chance, size), kind)()
    except Exception as error:  # whatever it is, it is shown with its seed, and the data is kept
        print(f"FAILED {kind}:{seed} ({describe(settings, behave, mode, size)})\n"
              f"    {type(error).__name__}: {str(error)}\n    kept: {folder}".replace("\n", "\n    "), flush=True)
        if stage is not None and stage.campaign is not None:
            (folder / "arrivals.jsonl").write_text("\n".join(json.dumps(a) for a in stage.arrivals()))
        return False
    finally:
        if stage is not None:
            stage.close()
    if not keep:
        shutil.rmtree(folder, ignore_errors=True)
    shown = ("accepted", "failed", "withheld", "in_doubt")
    numbers = " ".join(f"{key}={counts[key]}" for key in shown if counts.get(key))
    print(f"passed {kind}:{seed} in {time.monotonic() - began:.1f} s ({describe(settings, behave, mode, size)}): "
          f"{numbers or 'nobody'}{' kept: ' + str(folder) if keep else ''}", flush=True)
    return True


def plan(options):
    """[(kind, seed)]: every kind in turn, so that a short run has them all."""
    if options.only and all(":" in word for word in options.only):
        return [(word.split(":")[0], int(word.split(":")[1])) for word in options.only]
    chance = random.Random(options.seed)
    kinds = options.only or cycles.KINDS
    return [(kinds[i % len(kinds)], chance.randrange(1 << 32)) for i in range(options.cycles)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--belay", required=True, type=Path, help="the program to test")
    parser.add_argument("--cycles", type=int, default=int(os.environ.get("BELAY_CRASH_CYCLES") or 25))
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--only", nargs="+", metavar="KIND[:SEED]", help=f"of {', '.join(cycles.KINDS)}")
    parser.add_argument("--keep", action="store_true", help="keep the folders of cycles that pass, too")
    options = parser.parse_args()
    unknown = {word.split(":")[0] for word in options.only or ()} - set(cycles.KINDS)
    if unknown:
        parser.error(f"no kind of cycle: {', '.join(sorted(unknown))}")
    work = plan(options)
    print(f"{len(work)} cycles, seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="belay-crash-people-") as folder:
        prepared = stages.prepare(options.belay.resolve(), Path(folder) / "prepared")
        results = [run_cycle(options.belay.resolve(), kind, seed, prepared, options.keep) for kind, seed in work]
    failed = results.count(False)
    print(f"{len(results) - failed} of {len(results)} cycles passed, seed {options.seed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
