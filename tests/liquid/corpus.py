#!/usr/bin/env python3
"""Templates against npm liquidjs: tests/liquid/corpus.py --render .../liquid_render --prepared FOLDER

Every template of corpus.txt, for every profile of profiles.json, must come out the same from both. Where it does not,
differences.json holds what each makes of it and why, and the table in docs/templates.md has that reason.
--write renews differences.json: it keeps the reasons that stand there; a new one has to be filled in by hand."""
import argparse
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
DIFFERENCES = HERE / "differences.json"
DOCS = HERE.parents[1] / "docs/templates.md"
FEWEST = 200


def templates():
    lines = (HERE / "corpus.txt").read_text().splitlines()
    return [line.replace("\\n", "\n") for line in lines if line and not line.startswith("# ")]


def run(command, inputs):
    text = "".join(f"{json.dumps(t)}\t{json.dumps(p)}\n" for t, p in inputs)
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(inputs), f"{command[0]}: {len(answers)} answers to {len(inputs)} questions"
    return answers


def same(ours, theirs):
    """The words of a refusal are each one's own."""
    return ours == theirs or ("refused" in ours and "refused" in theirs)


def shown(answer):
    return answer.get("out", "(refused)" if "refused" in answer else "(failed)")


def compare(render, prepared):
    profiles = json.loads((HERE / "profiles.json").read_text())
    questions = [(t, name) for t in templates() for name in profiles]
    inputs = [[t, profiles[name]] for t, name in questions]
    ours, theirs = run([render], inputs), run(["node", str(HERE / "theirs.mjs"), prepared], inputs)
    found = {}
    for (template, profile), a, b in zip(questions, ours, theirs):
        if not same(a, b):
            found.setdefault(template, {})[profile] = {"ours": shown(a), "liquidjs": shown(b)}
    return len(questions), found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--render", required=True)
    parser.add_argument("--prepared", required=True)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    assert len(templates()) >= FEWEST, "the corpus has shrunk"
    compared, found = compare(options.render, options.prepared)
    known = json.loads(DIFFERENCES.read_text()) if DIFFERENCES.exists() else {}
    if options.write:
        new = {t: {"why": known.get(t, {}).get("why", ""), "profiles": p} for t, p in found.items()}
        DIFFERENCES.write_text(json.dumps(new, indent=1, ensure_ascii=False) + "\n")
        known = new
    wrong = [f"{t!r}\n  now    {found.get(t)}\n  pinned {known.get(t, {}).get('profiles')}"
             for t in sorted({*found, *known}) if found.get(t) != known.get(t, {}).get("profiles")]
    page = DOCS.read_text()
    wrong += [f"{t!r}: its reason {d['why']!r} is not in docs/templates.md" for t, d in known.items()
              if not d["why"] or f"| {d['why']} |" not in page]
    print(f"{compared} renderings of {len(templates())} templates compared, {len(known)} templates known to differ")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
