"""Just enough of C++'s grammar to measure functions and to look for words in code.

blank() replaces comments, string and character literals by blanks, so that a word found afterwards
is code. functions() finds every function body (lambdas count as part of the function around them).
"""
import re
from dataclasses import dataclass

RAW_STRING = re.compile(r'(?:u8|[uUL])?R"([^()\\\s]{0,16})\(')
COMMENT_OR_LITERAL = re.compile(
    r"""(?P<line>//(?:[^\n\\]|\\.|\\\n)*)
      | (?P<block>/\*.*?\*/)
      | (?P<raw>(?:u8|[uUL])?R"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)")
      | (?P<text>"(?:[^"\\\n]|\\.|\\\n)*")
      | (?P<number>\b\d[\w.']*)
      | (?P<char>'(?:[^'\\\n]|\\.)+')
    """,
    re.VERBOSE | re.DOTALL,
)


def _spaces(text):
    return "".join("\n" if c == "\n" else " " for c in text)


def blank(source, keep_strings=False):
    """The source with comments (and literals) as blanks; every character keeps its line and column."""

    def cover(match):
        text = match.group(0)
        if match.lastgroup == "number" or match.group("number"):
            return text  # swallowed whole, so that 1'000 does not open a character literal
        if keep_strings and (match.group("text") or match.group("raw") or match.group("char")):
            return text
        return _spaces(text)

    return COMMENT_OR_LITERAL.sub(cover, source)


def _without_preprocessor(code):
    return re.sub(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", lambda m: _spaces(m.group(0)), code, flags=re.MULTILINE)


@dataclass
class Function:
    name: str
    first_line: int
    last_line: int

    @property
    def lines(self):
        return self.last_line - self.first_line + 1


ATTRIBUTES = re.compile(r"\[\[[^\]]*\]\]|\balignas\s*\([^)]*\)|\b__attribute__\s*\(\([^)]*\)\)")
ACCESS = re.compile(r"^\s*(?:public|protected|private)\s*:(?!:)")
TYPE_HEAD = re.compile(r"^(?:(?:typedef|static|inline|constexpr|const|extern)\s+)*(?:class|struct|union|enum)\b")


def _without_template(head):
    """Drops a leading template<...> (its arguments may nest)."""
    head = head.strip()
    while head.startswith("template"):
        start = head.find("<")
        if start < 0:
            return head
        depth = 0
        for i in range(start, len(head)):
            depth += {"<": 1, ">": -1}.get(head[i], 0)
            if depth == 0:
                head = head[i + 1 :].strip()
                break
        else:
            return head
    return head


def _opens(head):
    """What a brace after these words, outside of functions, opens: scope, function or value."""
    head = ATTRIBUTES.sub(" ", head)
    while ACCESS.match(head):
        head = ACCESS.sub("", head)
    head = _without_template(head).strip()
    if re.search(r"\bnamespace\b[^()=]*$", head) or re.fullmatch(r"extern\s*", head):
        return "scope"
    if TYPE_HEAD.match(head) and "(" not in head.split(":")[0]:
        return "scope"
    if re.search(r"\[[^\[\]]*\]\s*(?:\(|$|mutable|->|<)", head) and "=" in head:
        return "function"  # a lambda as the value of a variable
    if re.search(r"\boperator\b", head):
        return "function"
    if "(" in head and not re.search(r"[^=!<>]=\s*[\w:<>, ]*$", head):
        return "function"
    return "value"


def _name(head):
    head = _without_template(ATTRIBUTES.sub(" ", head)).strip()
    gtest = re.match(r"(?:TEST|TEST_F|TEST_P|TYPED_TEST|RC_GTEST_PROP)\s*\(\s*(\w+)\s*,\s*(\w+)", head)
    if gtest:
        return ".".join(gtest.groups())
    operator = re.search(r"[\w:]*operator\s*(?:\(\)|[^\s(]+)", head)
    found = operator or re.search(r"(~?[\w:~]+)\s*\(", head) or re.search(r"(\w+)\s*=", head)
    return found.group(found.lastindex or 0) if found else "(unnamed)"


def functions(source):
    """Every function of a C++ source with the lines from its name to its closing brace."""
    code = _without_preprocessor(blank(source))
    found, stack = [], []  # stack: what each open brace outside of functions opened
    head_start, parens, i = 0, 0, 0
    while i < len(code):
        c = code[i]
        if c == "(":
            parens += 1
        elif c == ")":
            parens = max(0, parens - 1)
        elif c == ";" and parens == 0:
            head_start = i + 1
        elif c == "{" and parens > 0:
            i = _matching(code, i)  # a default argument or an initializer inside parentheses
        elif c == "{":
            head = code[head_start:i]
            kind = _opens(head)
            if kind == "scope":
                stack.append(kind)
                head_start = i + 1
            else:
                end = _matching(code, i)
                after = code[end + 1 :].lstrip()[:1]
                if kind == "function" and not (after in (",", "{") and _in_initializers(head)):
                    found.append(_function(code, head_start, head, end))
                    head_start = end + 1
                i = end
        elif c == "}":
            if stack:
                stack.pop()
            head_start = i + 1
        i += 1
    return found


def _in_initializers(head):
    """True in a constructor's `: a_{1}, b_(2)`: the brace belongs to a member, not to the body."""
    return re.search(r"\)[\w\s]*:(?!:)", head) is not None


def _matching(code, start):
    depth = 0
    for i in range(start, len(code)):
        if code[i] == "{":
            depth += 1
        elif code[i] == "}":
            depth -= 1
            if depth == 0:
                return i
    return len(code) - 1


def _function(code, head_start, head, end):
    stripped = head
    while ACCESS.match(stripped):
        stripped = ACCESS.sub("", stripped)
    begin = head_start + len(head) - len(stripped.lstrip())
    return Function(_name(stripped), code.count("\n", 0, begin) + 1, code.count("\n", 0, end) + 1)
