#!/usr/bin/env python3
"""Crash tests of the real program. Campaigns are delivered to `belay sink`; in the middle of each the
program is killed, at a random moment or in a system call, halted, starved of disk, descriptors or
connections, and stopped in every way there is. Then every recipient of the store's account is
compared with the receiver's list.

  tests/crash/run.py --belay build/release/belay --cycles 2000 --seed 7
  tests/crash/run.py --belay build/release/belay --kinds stop_native syscall_kill
  tests/crash/run.py --belay build/release/belay --replay kill:123 stop_file:456     one stage again

The number of cycles is BELAY_CRASH_CYCLES, else --cycles, else 200. Several cycles are played on one
stage: one data folder and one receiver. A cycle that fails prints the command that plays its stage
again, and its folder (configuration, data, logs, the receiver's list) is kept. The same seed makes the
same choices; which instruction a signal meets is up to the machine.

Exit code 0: every promise was kept, 1: not, 77: nothing asked for can be done on this machine.
"""
import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import cycles  # noqa: E402
import pauses  # noqa: E402
import shortages  # noqa: E402
import stage as stages  # noqa: E402
import syscalls  # noqa: E402
from disk import SmallDisk  # noqa: E402

CYCLES = 200
PER_STAGE = 8
PEOPLE = 4000
SKIPPED = 77
# Name: kinds, and what tells whether this machine lets us play them.
GROUPS = {"signals": ({**cycles.KINDS, **pauses.KINDS}, None), "descriptors": (shortages.DESCRIPTORS, None),
          "syscalls": (syscalls.KINDS, syscalls.probe), "disk": (shortages.DISK, shortages.probe)}
KINDS = {kind: maker for kinds, _ in GROUPS.values() for kind, maker in kinds.items()}
FIGURES = ("kills", "stops", "unanswered", "compared", "in_doubt", "most_in_doubt", "duplicates", "escapes", "lost",
           "other")


def surroundings(seed):
    """What stays the same as long as a stage lives."""
    chance = random.Random(f"stage:{seed}")
    settings = {"window": chance.choice((64, 256, 1024, 8192)), "loops": chance.choice((1, 2)),
                "http_version": chance.choice(("1.1", "2"))}
    if chance.random() < 0.4:
        settings["max_per_second"] = chance.randint(3, 9) * 1000
    return settings


def scene(chance):
    """The campaign of a cycle and how its receiver behaves."""
    mode, size, behave = "push", chance.randint(500, 3000), {"delay_ms": chance.choice((0, 0, 2, 10, 30))}
    if chance.random() < 0.25:
        mode, size = "webhook", chance.randint(200, 700)
        behave["delay_ms"] = chance.choice((0, 1, 2))
    if chance.random() < 0.4:
        behave["fail_every"] = chance.randint(3, 40)
    if chance.random() < 0.2:
        behave["goaway_every"] = chance.randint(50, 500)
    return behave, mode, size


class Play:
    """One stage and its cycles, in order."""

    def __init__(self, options, prepared, words):
        self.options, self.prepared, self.words = options, prepared, words
        self.figures, self.passed, self.failed, self.lines = Counter(), 0, 0, []

    def run(self):
        folder = Path(tempfile.mkdtemp(prefix="belay-crash-", dir=self.options.folder))
        stage = disk = None
        self.doing, self.at = self.words[0], 0
        try:
            if any(word.startswith("disk_") for word in self.words):
                disk = SmallDisk(folder / "data")
            stage = stages.Stage(self.options.belay, folder, self.prepared, surroundings(self.words[0]))
            stage.disk = disk
            for self.at, self.doing in enumerate(self.words):
                self.cycle(stage)
                self.passed += 1
            self.doing = "the last look"
            stage.finish()
        except Exception as error:  # whatever it is, it is shown with its seed, and the data is kept
            self.failed = 1
            self.tell_failure(error, stage, folder)
        finally:
            if stage is not None:
                self.figures = stage.figures
                self.close(stage)
            if disk is not None:
                disk.close(keep=folder / "data-kept" if self.failed else None)
        if not self.failed and not self.options.keep:
            shutil.rmtree(folder, ignore_errors=True)
        return self

    def close(self, stage):
        try:
            stage.close()
        except Exception as error:  # a process that would not end fails this stage and no other
            self.failed = 1
            print(f"FAILED to end a stage: {error}", flush=True)

    def cycle(self, stage):
        kind = self.doing.split(":")[0]
        chance = random.Random(self.doing)
        behave, mode, size = scene(chance)
        began = time.monotonic()
        stage.begin(behave)
        stage.start()
        cycle = KINDS[kind](stage, chance, size)
        cycle.campaign(mode)
        counts = getattr(cycle, kind)()
        shown = ("accepted", "failed", "withheld", "in_doubt")
        numbers = " ".join(f"{key}={counts[key]}" for key in shown if counts.get(key))
        behaves = " ".join(f"{key}={value}" for key, value in behave.items())
        if not self.options.quiet:
            print(f"passed {self.doing} in {time.monotonic() - began:.2f} s ({mode} to {size} {behaves}): "
                  f"{numbers or 'nobody'}", flush=True)

    def tell_failure(self, error, stage, folder):
        done = " ".join(self.words[:self.at + 1])
        text = (f"FAILED {self.doing} ({describe(surroundings(self.words[0]))}): {type(error).__name__}: {error}\n"
                f"kept: {folder}\nagain: {Path(__file__).name} --belay {self.options.belay} --replay {done}")
        print(text.replace("\n", "\n    "), flush=True)
        if stage is None or stage.campaign is None:
            return
        try:
            (folder / "arrivals.jsonl").write_text("\n".join(json.dumps(a) for a in stage.arrivals()))
        except Exception as unheard:  # the receiver may be what does not answer; the other stages go on
            print(f"    the receiver's list could not be kept: {unheard}", flush=True)


def describe(settings):
    return " ".join(f"{key}={value}" for key, value in settings.items())


def available(names):
    """The kinds that can be played here, and why others can't."""
    kinds, missing = [], []
    for name in names:
        its, probe = GROUPS[name]
        try:
            if probe:
                probe()
            kinds += its
        except stages.Skipped as why:
            missing.append(f"SKIPPED {name} ({', '.join(its)}): {why}")
    return kinds, missing


def plan(kinds, number, seed):
    """The stages, each a list of KIND:SEED: every kind in turn, so that a short run has them all. What
    fills a disk gets stages of its own, on a small one."""
    chance = random.Random(seed)
    words = []
    while len(words) < number:
        turn = [f"{kind}:{chance.randrange(1 << 32)}" for kind in kinds]
        chance.shuffle(turn)
        words += turn
    words = words[:number]
    made = []
    for part in ([w for w in words if w.startswith("disk_")], [w for w in words if not w.startswith("disk_")]):
        made += [part[at:at + PER_STAGE] for at in range(0, len(part), PER_STAGE)]
    chance.shuffle(made)
    return made


def play_all(options, work):
    deadline = time.monotonic() + options.budget
    with tempfile.TemporaryDirectory(prefix="belay-crash-people-") as folder:
        prepared = stages.prepare(options.belay, Path(folder) / "prepared", PEOPLE)

        def one(words):
            return Play(options, prepared, words).run() if time.monotonic() < deadline else None
        with ThreadPoolExecutor(options.parallel) as pool:
            return [play for play in pool.map(one, work) if play]


def report(options, plays, wanted, seconds):
    figures = sum((play.figures for play in plays), Counter())
    figures["most_in_doubt"] = max((play.figures["most_in_doubt"] for play in plays), default=0)
    passed, failed = sum(play.passed for play in plays), sum(play.failed for play in plays)
    numbers = {"cycles": passed, "failed": failed, "seed": options.seed, "seconds": round(seconds, 1),
               **{key: figures[key] for key in FIGURES}}
    if passed + failed < wanted and not failed:
        print(f"the budget of {options.budget:.0f} s ended the run after {passed} of {wanted} cycles")
    print(f"{passed} cycles passed, {failed} failed, seed {options.seed}, {seconds:.0f} s: {figures['kills']} kills, "
          f"{figures['stops']} answered stops, {figures['compared']} recipients compared, "
          f"{figures['in_doubt']} in doubt (at most {figures['most_in_doubt']} of a campaign); "
          f"{figures['duplicates']} duplicates, "
          f"{figures['escapes']} escapes, {figures['lost']} lost")
    if options.json:
        Path(options.json).write_text(json.dumps(numbers) + "\n")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--belay", required=True, type=lambda text: Path(text).resolve(), help="the program to test")
    parser.add_argument("--cycles", type=int, default=CYCLES)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--groups", nargs="+", choices=GROUPS, default=list(GROUPS))
    parser.add_argument("--kinds", nargs="+", metavar="KIND", choices=KINDS, help=f"of {', '.join(KINDS)}")
    parser.add_argument("--replay", nargs="+", metavar="KIND:SEED", help="one stage with these cycles")
    parser.add_argument("--parallel", type=int, default=2, help="stages at a time")
    parser.add_argument("--budget", type=float, default=1200 * stages.program.PATIENCE, metavar="SECONDS",
                        help="begin no stage after so long")
    parser.add_argument("--json", metavar="FILE", help="write the figures there")
    parser.add_argument("--folder", type=Path, help="where the stages' folders are made")
    parser.add_argument("--keep", action="store_true", help="keep the folders of stages that pass, too")
    parser.add_argument("--quiet", action="store_true", help="say nothing of cycles that pass")
    options = parser.parse_args()
    options.cycles = int(os.environ.get("BELAY_CRASH_CYCLES") or options.cycles)
    if any(word.split(":")[0] not in KINDS for word in options.replay or ()):
        parser.error(f"the kinds of a cycle are {', '.join(KINDS)}")
    return options


def main():
    options = arguments()
    kinds, missing = available(options.groups)
    for line in missing:
        print(line, flush=True)
    if options.kinds:
        kinds = [kind for kind in kinds if kind in options.kinds]
    work = [options.replay] if options.replay else plan(kinds, options.cycles, options.seed) if kinds else []
    if not work:
        return SKIPPED
    wanted, began = sum(map(len, work)), time.monotonic()
    print(f"{wanted} cycles on {len(work)} stages, seed {options.seed}", flush=True)
    plays = play_all(options, work)
    report(options, plays, wanted, time.monotonic() - began)
    return 1 if any(play.failed for play in plays) else 0


if __name__ == "__main__":
    sys.exit(main())
