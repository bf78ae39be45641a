"""The case files of raw HTTP bytes. A file is read line by line; `#` begins a comment line.

  case NAME           begins a case
  > TEXT              TEXT and CR LF            >> TEXT   TEXT alone
  H> TEXT             the header of a chunked POST to /a, then TEXT;  S> the same to /smuggled
  wait 100            reads a "100 Continue" before what follows is sent
  whole               not tried in single bytes as well
  shut, reset         after the last byte: ends the sending side, or resets the connection
  = STATUS... FATE    the final answers in their order (404*100: a hundred of them; nothing: none) and what
                      becomes of the connection: open (a further request on it is answered), or close

TEXT knows \\r \\n \\t \\\\ \\xHH, and {[TEXT*COUNT]}. In every case: /smuggled is never asked for, the server counts
as many requests as it answered, and a new connection is served.
"""
import re
from dataclasses import dataclass, field
from pathlib import Path

CHUNKED = "POST {} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "\\": b"\\"}


class CaseError(Exception):
    """A case file that can't be read."""


@dataclass
class Case:
    name: str
    parts: list = field(default_factory=list)  # bytes, or "wait"
    whole: bool = False
    end: str = ""  # "", "shut" or "reset"
    statuses: list = None
    fate: str = ""

    @property
    def bytes(self):
        return b"".join(part for part in self.parts if part != "wait")

    def send(self, data):
        if self.parts and self.parts[-1] != "wait":
            self.parts[-1] += data
        else:
            self.parts.append(data)


def unescape(text):
    repeated = re.search(r"\{\[(.*?)\*(\d+)\]\}", text)
    if repeated:
        return (unescape(text[: repeated.start()]) + unescape(repeated[1]) * int(repeated[2])
                + unescape(text[repeated.end() :]))
    out, at = b"", 0
    for found in re.finditer(r"\\(x[0-9a-fA-F]{2}|.)", text):
        out += text[at : found.start()].encode()
        code, at = found[1], found.end()
        if code in ESCAPES:
            out += ESCAPES[code]
        elif len(code) == 3:
            out += bytes([int(code[1:], 16)])
        else:
            raise CaseError(f"no such escape: \\{code}")
    return out + text[at:].encode()


def read_end(case, words):
    *statuses, case.fate = words
    if case.fate not in ("open", "close") or not statuses:
        raise CaseError("an end reads: = STATUS... open|close")
    case.statuses = []
    for word in statuses if statuses != ["nothing"] else []:
        status, _, times = word.partition("*")
        case.statuses += [int(status)] * int(times or 1)


def read_line(case, line):
    word, _, text = line.partition(" ")
    if word == ">":
        case.send(unescape(text) + b"\r\n")
    elif word == ">>":
        case.send(unescape(text))
    elif word in ("H>", "S>"):
        case.send(CHUNKED.format("/a" if word == "H>" else "/smuggled").encode() + unescape(text))
    elif line == "wait 100":
        case.parts.append("wait")
    elif line == "whole":
        case.whole = True
    elif line in ("shut", "reset"):
        case.end = line
    elif word == "=":
        read_end(case, text.split())
    else:
        raise CaseError("not understood")


def parse(text, name="cases"):
    cases = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            if line.startswith("case "):
                cases.append(Case(line[5:].strip()))
            else:
                if not cases:
                    raise CaseError("no case has begun")
                if cases[-1].statuses is not None:
                    raise CaseError("the case has its end already")
                read_line(cases[-1], line)
        except (CaseError, ValueError) as error:
            raise CaseError(f"{name}:{number}: {error}") from None
    for case in cases:
        if case.statuses is None:
            raise CaseError(f"{name}: case {case.name} has no end")
    names = [case.name for case in cases]
    if len(set(names)) != len(names):
        raise CaseError(f"{name}: two cases share a name")
    return cases


def read_all(folder=Path(__file__).resolve().parent / "cases"):
    return {path.stem: parse(path.read_text(), path.name) for path in sorted(Path(folder).glob("*.cases"))}
