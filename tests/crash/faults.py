#!/usr/bin/env python3
"""A full disk, and a second server on the same data folder, against the real program.

  tests/crash/faults.py --belay build/release/belay [disk_full] [stop_while_full] [second_server]
"""
import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import stage as stages  # noqa: E402
from disk import SmallDisk  # noqa: E402
from stage import Failed, Skipped  # noqa: E402

SKIPPED = 77  # CTest's word for a test that could not run here


def store_errors(stage):
    """How many commits have failed."""
    return stage.server.process.log.read_text(errors="replace").count("journal.commit_failed")


def fill_until_commits_fail(stage, disk):
    stage.wait_received(500)
    disk.fill()
    before = store_errors(stage)
    # Whatever room the store still had in its own files is used up first.
    stage.wait_for("a commit that fails", lambda: store_errors(stage) > before + 2 or disk.fill())
    full = stage.wait_quiet()
    if stage.look()["state"] != "running":
        raise Failed(f"with a full disk the campaign is {stage.look()['state']}")
    return full


def disk_full(stage, disk):
    """Commits fail: nobody new is sent to; once there is room again, everybody gets exactly one."""
    stage.create(12_000)
    full = fill_until_commits_fail(stage, disk)
    if full >= 12_000:
        raise Failed("the campaign went through although nothing could be written down")
    disk.free()
    stage.wait_state("completed")
    counts = stage.compare(doubt_may_be_unsent=False)
    return f"full after {full} messages, then {counts['accepted']} of {counts['audience']} accepted"


def stop_while_full(stage, disk):
    """A stop that can't be written down says so, and holds all the same while the server lives."""
    stage.create(12_000)
    fill_until_commits_fail(stage, disk)
    answer = stage.server.ask("POST", "/api/v1/stops", {"scope": {"campaign": stage.campaign}}, account=stages.ACCOUNT)
    if answer.status < 500 or "could not be written down" not in answer.text:
        raise Failed(f"a stop on a full disk answered {answer.status} {answer.text}")
    at_answer = stage.wait_quiet()
    disk.free()
    stage.behave({"delay_ms": 0})
    if stage.wait_quiet() != at_answer:
        raise Failed(f"{stage.received() - at_answer} messages left after a stop that had closed the gates")
    if stage.server.ask("GET", "/healthz", account=None).status != 200:
        raise Failed("the server is not well after there was room again")
    receipt = stage.ask("POST", "/api/v1/stops", {"scope": {"campaign": stage.campaign}}).json
    stage.kill()
    stage.start()
    later = stage.wait_settled(receipt["id"])
    stage.server.advance(3_600_000)
    counts = stage.compare(doubt_may_be_unsent=False)
    wrong = stages.comparison.compare_receipts(receipt, later)
    if stage.received() != at_answer or wrong:
        raise Failed("\n".join([f"{at_answer} messages at the first answer, {stage.received()} now", *wrong]))
    return f"refused once, then {counts['handed_over']} handed over, {counts['withheld']} withheld"


def second_server(stage, _disk):
    """A second server on the folder is refused, by name of the first; the first does not notice."""
    stage.create(3_000)
    done = stage.server.cli(["serve", "--config", "belay.toml"])
    said = (done.stdout + done.stderr).decode()
    first = stage.server.process.process.pid
    if done.returncode in (0, None) or done.returncode < 0:
        raise Failed(f"the second server ended with {done.returncode}: {said}")
    if "in use by" not in said or str(first) not in said:
        raise Failed(f"the second server does not name the first (pid {first}): {said}")
    stage.wait_state("completed")
    counts = stage.compare(doubt_may_be_unsent=False)
    return f"refused: {said.strip().splitlines()[-1]}; {counts['accepted']} accepted meanwhile"


TESTS = {"disk_full": (disk_full, {"max_per_second": 4000}),
         "stop_while_full": (stop_while_full, {"max_per_second": 4000}),
         "second_server": (second_server, {})}


def run(belay, name):
    """0 passed, 1 failed, SKIPPED."""
    test, settings = TESTS[name]
    folder = Path(tempfile.mkdtemp(prefix=f"belay-crash-{name}-"))
    disk = stage = None
    try:
        prepared = stages.prepare(belay, folder / "prepared")
        if test is not second_server:
            disk = SmallDisk(folder / "data")
        stage = stages.Stage(belay, folder, prepared, settings, {"delay_ms": 5})
        print(f"passed {name}: {test(stage, disk)}", flush=True)
        result = 0
    except Skipped as skipped:
        print(f"SKIPPED {name}: {skipped}", flush=True)
        result = SKIPPED
    except Exception as error:  # whatever it is, it is shown, and the folder is kept
        print(f"FAILED {name}: {type(error).__name__}: {error}\n    kept: {folder}", flush=True)
        result = 1
        if stage is not None and stage.campaign is not None:
            (folder / "arrivals.jsonl").write_text("\n".join(json.dumps(a) for a in stage.arrivals()))
    finally:
        if stage is not None:
            stage.close()
        if disk is not None:
            disk.close(keep=folder / "data-kept" if result == 1 else None)
    if result != 1:
        shutil.rmtree(folder, ignore_errors=True)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--belay", required=True, type=Path, help="the program to test")
    parser.add_argument("tests", nargs="*", metavar="TEST", help=f"of {', '.join(TESTS)}; all")
    options = parser.parse_args()
    if unknown := set(options.tests) - set(TESTS):
        parser.error(f"no such test: {', '.join(sorted(unknown))}")
    results = [run(options.belay.resolve(), name) for name in options.tests or TESTS]
    return 1 if 1 in results else max(results)


if __name__ == "__main__":
    sys.exit(main())
