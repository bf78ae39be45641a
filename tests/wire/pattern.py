"""JSON patterns: what a wire test expects of an answer.

A pattern is JSON, plus
  ...                     further keys (in an object) or elements (in a list) may follow
  <int> <number> <text> <bool> <list> <object> <time> <any>   anything of that kind
  <int >= 5> <number in 1..9> <text /^S[0-9]+/>               ... that also satisfies this
  <absent>                the key must not be there
  <int as name>           keeps the value under that name; of a text, what stands in the expression's first ( )
  [each PATTERN]          every element matches (an empty list does too)
  $name                   the value kept under that name; in texts "${name}"
  ${day+1d} ${stamp+2h}   times from now on the server's clock: see README.md
Without `...` an object has exactly the keys of the pattern. 1, 1.0, true and "1" are all different.
"""
import copy
import json
import re


class PatternError(Exception):
    """The pattern itself is wrong."""


class Ellipsis_:
    def __repr__(self):
        return "..."


FURTHER = Ellipsis_()
MISSING = object()
KINDS = {
    "int": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "text": lambda v: isinstance(v, str),
    "bool": lambda v: isinstance(v, bool),
    "list": lambda v: isinstance(v, list),
    "object": lambda v: isinstance(v, dict),
    "time": lambda v: isinstance(v, str) and TIME.match(v) is not None,
    "any": lambda v: v is not MISSING,
    "absent": lambda v: v is MISSING,
}
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
MATCHER = re.compile(
    r"<(?P<kind>[a-z]+)"
    r"(?:\s+(?P<compare>>=|<=|!=|==|>|<)\s*(?P<operand>-?[\d.]+|\$\w+)"
    r"|\s+in\s+(?P<low>-?\d+|\$\w+)\.\.(?P<high>-?\d+|\$\w+)"
    r"|\s+/(?P<regex>(?:\\.|[^/\\])+)/)?"
    r"(?:\s+as\s+(?P<name>\w+))?\s*>"
)
COMPARE = {
    ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b,
    "<": lambda a, b: a < b, "!=": lambda a, b: a != b, "==": lambda a, b: a == b,
}


class Matcher:
    def __init__(self, found, text):
        self.text = text
        self.parts = found.groupdict()
        if self.parts["kind"] not in KINDS:
            raise PatternError(f"no kind <{self.parts['kind']}>; there are {', '.join(KINDS)}")

    def __repr__(self):
        return self.text

    def accepts(self, value, names):
        parts = self.parts
        if not KINDS[parts["kind"]](value):
            return False
        if parts["compare"] and not COMPARE[parts["compare"]](value, operand(parts["operand"], names)):
            return False
        if parts["low"] and not operand(parts["low"], names) <= value <= operand(parts["high"], names):
            return False
        found = re.search(parts["regex"], value) if parts["regex"] else None
        if parts["regex"] and not found:
            return False
        if parts["name"]:
            names[parts["name"]] = found[1] if found and found.groups() else value
        return True


class Each:
    def __init__(self, pattern):
        self.pattern = pattern

    def __repr__(self):
        return f"[each {show(self.pattern)}]"


class Name:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return f"${self.name}"


def operand(text, names):
    if text.startswith("$"):
        return look_up(text[1:], names)
    return float(text) if "." in text else int(text)


def look_up(name, names):
    if name not in names:
        raise PatternError(f"nothing is kept under ${name}")
    return names[name]


NAME = r"\w+(?:\+\d+[mhd])?"  # of a kept value, or of a time such as when+90m


def fill_text(text, names):
    """Puts kept values for ${name}."""
    return re.sub(rf"\$\{{({NAME})\}}", lambda m: plain(look_up(m.group(1), names)), text)


def plain(value):
    return value if isinstance(value, str) else json.dumps(value)


STRING = r'"(?:[^"\\]|\\.)*"'


def fill_body(text, names):
    """For a body to send: ${name} anywhere, and $name as a JSON value outside of texts."""

    def one(match):
        if match.group("string") is not None:
            return fill_text(match.group("string"), names)
        if match.group("braced"):
            return plain(look_up(match.group("braced"), names))
        return json.dumps(look_up(match.group("bare"), names))

    return re.sub(rf"(?P<string>{STRING})|\$\{{(?P<braced>{NAME})\}}|\$(?P<bare>[A-Za-z_]\w*)", one, text)


class _Parser:
    def __init__(self, text):
        self.text, self.at = text, 0

    def blank(self):
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def fail(self, what):
        line = self.text.count("\n", 0, self.at) + 1
        raise PatternError(f"{what} at line {line} of the pattern: …{self.text[self.at:self.at + 30]!r}")

    def take(self, token):
        self.blank()
        if not self.text.startswith(token, self.at):
            return False
        self.at += len(token)
        return True

    def whole(self):
        value = self.value()
        self.blank()
        if self.at != len(self.text):
            self.fail("something follows")
        return value

    def value(self):
        self.blank()
        if self.take("..."):
            return FURTHER
        if self.take("{"):
            return self.members()
        if self.take("["):
            return self.elements()
        for pattern, make in TOKENS:
            found = pattern.match(self.text, self.at)
            if found:
                self.at = found.end()
                return make(found)
        return self.fail("no value")

    def members(self):
        members = {}
        while not self.take("}"):
            if self.take("..."):
                members[FURTHER] = FURTHER
            else:
                key = self.value()
                if not isinstance(key, str) or key in members or not self.take(":"):
                    self.fail("no new key with a colon")
                members[key] = self.value()
            self.comma("}")
        return members

    def elements(self):
        if self.take("each "):
            each = Each(self.value())
            return each if self.take("]") else self.fail("no ] after each")
        elements = []
        while not self.take("]"):
            elements.append(self.value())
            self.comma("]")
        return elements

    def comma(self, closing):
        if not self.take(","):
            self.blank()
            if not self.text.startswith(closing, self.at):
                self.fail(f"no comma and no {closing}")


TOKENS = [
    (re.compile(STRING), lambda m: json.loads(m.group(0))),
    (re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"), lambda m: json.loads(m.group(0))),
    (re.compile(r"true\b"), lambda m: True),
    (re.compile(r"false\b"), lambda m: False),
    (re.compile(r"null\b"), lambda m: None),
    (re.compile(rf"\$\{{({NAME})\}}"), lambda m: Name(m.group(1))),
    (re.compile(r"\$(\w+)"), lambda m: Name(m.group(1))),
    (MATCHER, lambda m: Matcher(m, m.group(0))),
]


def parse(text):
    return _Parser(text).whole()


def parse_answer(text):
    """Strict about what the server sends: no duplicate keys, no NaN."""

    def members(pairs):
        keys = [key for key, _ in pairs]
        if len(keys) != len(set(keys)):
            raise ValueError(f"duplicate key among {keys}")
        return dict(pairs)

    def constant(name):
        raise ValueError(f"{name} is not JSON")

    return json.loads(text, object_pairs_hook=members, parse_constant=constant)


def differences(pattern, value, names, where="the answer"):
    """What does not match, as sentences; an empty list is a match. Keeps values under their names."""
    if isinstance(pattern, Name):
        pattern = look_up(pattern.name, names)
    if isinstance(pattern, Matcher):
        return [] if pattern.accepts(value, names) else [unlike(where, pattern, value)]
    if isinstance(pattern, Each):
        if not isinstance(value, list):
            return [unlike(where, pattern, value)]
        return [d for i, v in enumerate(value) for d in differences(pattern.pattern, v, names, f"{where}[{i}]")]
    if isinstance(pattern, dict):
        return object_differences(pattern, value, names, where)
    if isinstance(pattern, list):
        return list_differences(pattern, value, names, where)
    if isinstance(pattern, str):
        pattern = fill_text(pattern, names)
    same = type(pattern) is type(value) and pattern == value
    return [] if same else [unlike(where, pattern, value)]


def object_differences(pattern, value, names, where):
    if not isinstance(value, dict):
        return [unlike(where, pattern, value)]
    further = FURTHER in pattern
    pattern = {fill_text(key, names): expected for key, expected in pattern.items() if key is not FURTHER}
    found = []
    for key, expected in pattern.items():
        got = value.get(key, MISSING)
        inside = f"{where}.{key}"
        if got is MISSING and not (isinstance(expected, Matcher) and expected.parts["kind"] == "absent"):
            found.append(f"{inside} is missing, expected {show(expected)}")
        else:
            found += differences(expected, got, names, inside)
    if not further:
        found += [f"{where}.{key} is there too: {show(value[key])}" for key in value if key not in pattern]
    return found


def list_differences(pattern, value, names, where):
    if not isinstance(value, list):
        return [unlike(where, pattern, value)]
    fixed = pattern[: pattern.index(FURTHER)] if FURTHER in pattern else pattern
    after = pattern[len(fixed) + 1 :]
    if after:
        return gap_differences(fixed, after, value, names, where)
    found = []
    for i, expected in enumerate(fixed):
        if i >= len(value):
            found.append(f"{where}[{i}] is missing, expected {show(expected)}")
        else:
            found += differences(expected, value[i], names, f"{where}[{i}]")
    if FURTHER not in pattern:
        found += [f"{where}[{i}] is there too: {show(value[i])}" for i in range(len(fixed), len(value))]
    return found


def gap_differences(head, after, value, names, where):
    """`...` with something behind it: any number of elements may lie in the gap."""
    for start in range(len(head), len(value) + 1):
        trial = copy.copy(names)
        if not differences(head, value[: len(head)], trial) and not differences(after, value[start:], trial):
            names.update(trial)
            return []
    return [unlike(where, head + [FURTHER] + after, value)]


def unlike(where, expected, got):
    return f"{where} is {show(got)}, expected {show(expected)}"


def show(value):
    if value is MISSING:
        return "missing"
    if isinstance(value, dict):
        return "{" + ", ".join("..." if k is FURTHER else f"{json.dumps(k)}: {show(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(show(v) for v in value) + "]"
    if isinstance(value, (Matcher, Each, Name, Ellipsis_)):
        return repr(value)
    return json.dumps(value, ensure_ascii=False)
