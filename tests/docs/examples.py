"""The runnable examples of a Markdown page, and what counts as the output they show.

A fence ```console holds commands, each behind "$ ", and what they print. A command goes on in the next
line when its line ends with a backslash or within single quotes. Behind "console" may stand

  vary    every number may be another one, and blanks may be wider or narrower. Exact stay numbers
          that the command itself names. A number of ten digits (a campaign's id) is learned: where
          the page writes it again, the real one is meant.
  again   the command is tried again until its output is the one shown, or 20 s have passed.

In the output "…" stands for anything within a line; a line with nothing else, for any lines.

Comments say what a reader need not see:

  <!-- file: NAME -->         the next fence is the content of this file
  <!-- example: server ends -->    SIGTERM, and the exit code must be 0
  <!-- example: server dies -->    SIGKILL
  <!-- example: await REGEX in COMMAND -->    goes on when the command's output has it
"""
import re
from dataclasses import dataclass, field

NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
DURATION = NUMBER + r" (?:us|ms|s)\b"
ID = re.compile(r"(?<!\d)\d{10}(?!\d)")


@dataclass
class Command:
    line: int
    text: str
    output: list = field(default_factory=list)
    vary: bool = False
    again: bool = False


@dataclass
class File:
    line: int
    name: str
    content: str


@dataclass
class Event:
    line: int
    what: str


def steps(markdown):
    """The page's commands, files and events in their order."""
    found, name, fence, body, start = [], None, None, [], 0
    for number, line in enumerate(markdown.splitlines(), 1):
        if fence is None and line.startswith("```"):
            fence, body, start = line[3:].split(), [], number
        elif fence is None:
            comment = re.fullmatch(r"<!-- (file|example): (.+?) -->", line.strip())
            if comment and comment[1] == "file":
                name = comment[2]
            elif comment:
                found.append(Event(number, comment[2]))
        elif line.startswith("```"):
            if name:
                found.append(File(start, name, "\n".join(body) + "\n"))
            elif fence[:1] == ["console"]:
                found += commands(body, start + 1, fence[1:])
            fence = name = None
        else:
            body.append(line)
    return found


def commands(body, first_line, words):
    unknown = set(words) - {"vary", "again"}
    if unknown:
        raise ValueError(f"line {first_line - 1}: console {' '.join(sorted(unknown))} is not known")
    found, going_on = [], False
    for number, line in enumerate(body, first_line):
        if going_on:
            found[-1].text += "\n" + line
        elif line.startswith("$ "):
            found.append(Command(number, line[2:], [], "vary" in words, "again" in words))
        elif found:
            found[-1].output.append(line)
        else:
            raise ValueError(f"line {number}: output before any command")
        going_on = (going_on or line.startswith("$ ")) and (
            line.endswith("\\") or found[-1].text.count("'") % 2 == 1)
    for command in found:
        while command.output and not command.output[-1].strip():
            command.output.pop()
    return found


def learned_name(number):
    return f"id_{number}"


def pattern(command, known=()):
    """A regular expression for the whole output. `known` are ids whose real value stands in the text."""
    exact = set(re.findall(NUMBER, command.text)) | set(known)
    seen, out = set(), ""
    for line in command.output:
        if line.strip() == "…":
            out += r"(?:.*\n)*?"
        elif command.vary:
            out += varying(line.strip(), exact, seen) + r"[ \t]*\n"
        else:
            out += ".*?".join(re.escape(part) for part in line.rstrip().split("…")) + r"[ \t]*\n"
    return re.compile(out)


def varying(line, exact, seen):
    """One line in which numbers vary; ids are captured at their first place."""
    out = r"[ \t]*"
    for token in re.findall(rf"{DURATION}|{NUMBER}|…|\s+|[^\d…\s]+", line):
        if token == "…":
            out += ".*?"
        elif re.fullmatch(DURATION, token):
            out += DURATION
        elif token.isspace():
            out += r"[ \t]+"
        elif not token[0].isdigit() or token in exact:
            out += re.escape(token)
        elif not ID.fullmatch(token):
            out += NUMBER
        elif token in seen:
            out += f"(?P={learned_name(token)})"
        else:
            seen.add(token)
            out += rf"(?P<{learned_name(token)}>\d{{10}})"
    return out


def matches(command, output, known=()):
    """The ids learned from an output that is the one shown, or None."""
    text = "".join(line.rstrip() + "\n" for line in output.strip("\n").splitlines())
    if not command.output:
        return {} if not text.strip() else None
    found = pattern(command, known).fullmatch(text)
    if not found:
        return None
    return {name.removeprefix("id_"): value for name, value in found.groupdict().items()}
