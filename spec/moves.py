#!/usr/bin/env python3
"""spec/moves.pml: the states and moves of src/campaign/state.h, for the models.

  spec/moves.py          writes spec/moves.pml anew
  spec/moves.py --check  fails if it is not what state.h says now
"""
import argparse
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent / "src" / "campaign" / "state.h"
TARGET = HERE / "moves.pml"
HEAD = """\
/* The states of a campaign and the moves between them, as src/campaign/state.h has them.
   Made by spec/moves.py; a test fails when the two differ. */
"""


def enum(text, name):
    """The names of `enum class <name>`, in order."""
    body = re.search(r"enum class %s\b[^{]*\{(.*?)\};" % name, text, re.S)
    if not body:
        raise ValueError(f"state.h has no enum {name} any more")
    return re.findall(r"\w+", re.sub(r"//[^\n]*", "", body.group(1)))


def table(text, name):
    """The rows of the constexpr table `name`, as lists of their fields without `State::` and quotes."""
    body = re.search(r"\b%s\{\{(.*?)\n\}\};" % name, text, re.S)
    if not body:
        raise ValueError(f"state.h has no table {name} any more")
    rows = re.findall(r"\{([^{}]*)\}", re.sub(r"//[^\n]*", "", body.group(1)))
    return [[f.strip().strip('"').split("::")[-1] for f in row.split(",")] for row in rows]


def read(text):
    """(states, final states, moves, rows (from, move, to)) of state.h; complains about what does not fit."""
    states, moves = enum(text, "State"), enum(text, "Move")
    known = table(text, "state_table")
    rows = [tuple(row) for row in table(text, "move_table")]
    if [row[0] for row in known] != states or any(row[0] != row[1] for row in known):
        raise ValueError("state_table does not name every state of the enum, in order, by its own name")
    for before, move, then in rows:
        if before not in states or then not in states or move not in moves:
            raise ValueError(f"move_table has a row that the enums do not know: {before} {move} {then}")
    if len({row[:2] for row in rows}) != len(rows):
        raise ValueError("move_table has two rows for the same state and move")
    return states, [row[0] for row in known if row[-1] == "true"], moves, rows


def listing(kind, names):
    return f"mtype:{kind} = {{ {', '.join(names)} }};\n"


def promela(states, final, moves, rows):
    options = "".join(f"  :: s == {a} && m == {m} -> s = {b}\n" for a, m, b in rows)
    legal = " || \\\n   ".join(f"((s) == {a} && (m) == {m})" for a, m, _ in rows)
    return (
        HEAD + listing("state", states) + listing("move", moves) + "\n"
        f"#define is_final(s) ({' || '.join(f'(s) == {s}' for s in final)})\n"
        f"#define legal(s, m) \\\n  ({legal})\n\n"
        "/* What the table does not have does not happen. */\n"
        f"inline take(s, m) {{\n  if\n{options}  :: else -> assert(false)\n  fi\n}}\n"
    )


def made():
    return promela(*read(SOURCE.read_text()))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--check", action="store_true")
    if not options.parse_args().check:
        TARGET.write_text(made())
        return 0
    if not TARGET.exists() or TARGET.read_text() != made():
        print("spec/moves.pml is not what src/campaign/state.h says: run spec/moves.py, and look at what that "
              "means for the models")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
