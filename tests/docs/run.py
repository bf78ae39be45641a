#!/usr/bin/env python3
"""run.py PAGE...: runs the examples of Markdown pages and fails where one shows what is not so."""
import argparse
import os
import re
import sys
import time
from pathlib import Path

import examples
from sandbox import Sandbox, look_again_until, program

ROOT = Path(__file__).resolve().parents[2]
HOLDS_WITHIN = 20.0 * program.PATIENCE


class Drift(Exception):
    """An example that does not do what the page says."""


def run_command(box, command):
    real = examples.Command(command.line, command.text, [box.to_real(line) for line in command.output],
                            command.vary, command.again)
    real.output = [box.to_page(line) for line in real.output]
    deadline = time.monotonic() + (HOLDS_WITHIN if command.again else 0)
    output, learned = "", None
    for _ in look_again_until(deadline):
        output = box.run(command.text)
        learned = examples.matches(real, output, box.ids.values())
        if learned is not None:
            break
    if learned is None:
        raise Drift(f"$ {command.text}\nprints\n{output.rstrip()}\nand not\n" + "\n".join(command.output))
    box.ids.update(learned)


def await_output(box, what):
    """`await REGEX in COMMAND`: what a reader sees by being slower than a test."""
    expression, command = re.fullmatch(r"await (.+?) in (.+)", what).groups()
    for _ in look_again_until(time.monotonic() + HOLDS_WITHIN):
        output = box.run(command)
        if re.search(expression, output):
            return
    raise Drift(f"waited for {expression} in\n{output}")


def run_page(path, belay, verbose):
    box = Sandbox(belay)
    count = 0
    try:
        for step in examples.steps(path.read_text()):
            if verbose:
                print(f"{path.name}:{step.line}", flush=True)
            try:
                if isinstance(step, examples.File):
                    box.write(step.name, step.content)
                elif isinstance(step, examples.Event) and step.what.startswith("await "):
                    await_output(box, step.what)
                elif isinstance(step, examples.Event):
                    box.event(step.what)
                else:
                    run_command(box, step)
                    count += 1
            except (Drift, program.ProgramError) as e:
                raise Drift(f"{path.name}:{step.line}: {e}") from e
        box.end_server()
    finally:
        box.close()
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="+", metavar="PAGE", help="from the project's folder, as docs/api.md")
    parser.add_argument("--belay", default=os.environ.get("BELAY", "build/release/belay"))
    parser.add_argument("--verbose", action="store_true", help="show each step's line")
    options = parser.parse_args()
    for page in options.pages:
        try:
            count = run_page(ROOT / page, options.belay, options.verbose)
        except (Drift, program.ProgramError) as e:
            print(e)
            return 1
        if count == 0:
            print(f"{page}: no examples were found")
            return 1
        print(f"{page}: {count} examples hold")
    return 0


if __name__ == "__main__":
    sys.exit(main())
