"""What check_layers.py, check_rules.py and gen_docs.py share: finding C files and reading them without a compiler."""

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(os.environ.get("SG_SOURCE_DIR", Path(__file__).resolve().parent.parent))


def files(*patterns):
    """Project files that match, new ones included, ignored ones not; paths relative to ROOT."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    try:
        names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\n")
    except (OSError, subprocess.CalledProcessError):  # not a git tree: an unpacked archive
        names = [str(p.relative_to(ROOT)) for pattern in patterns for p in ROOT.glob("**/" + pattern)]
    return sorted({Path(n) for n in names if n and (ROOT / n).is_file() and not n.startswith("build/")})


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


TOKEN = re.compile(
    r"""(?P<block>/\*.*?\*/)|(?P<line>//[^\n]*)|(?P<string>"(?:\\.|[^"\\\n])*")|(?P<char>'(?:\\.|[^'\\\n])*')""", re.S
)


def blank(text, keep_strings=False):
    """The code with comments (and string contents) replaced by blanks; every line keeps its number and length."""

    def hide(match):
        if match.lastgroup in ("string", "char"):
            if keep_strings:
                return match.group()
            quote = match.group()[0]
            return quote + " " * (len(match.group()) - 2) + quote
        return re.sub(r"[^\n]", " ", match.group())

    return TOKEN.sub(hide, text)


def comments(text):
    """(offset, kind, text) of every comment; kind is "block" or "line"."""
    for match in TOKEN.finditer(text):
        if match.lastgroup in ("block", "line"):
            yield match.start(), match.lastgroup, match.group()


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def includes(text):
    """(line, is_system_form, name) of every #include."""
    code = blank(text, keep_strings=True)
    for match in INCLUDE.finditer(code):
        yield line_of(code, match.start()), match.group(1) == "<", match.group(2)


class Function:
    def __init__(self, name, is_static, first_line, last_line, body):
        self.name, self.is_static, self.first_line, self.last_line, self.body = name, is_static, first_line, last_line, body

    @property
    def lines(self):
        return self.last_line - self.first_line + 1


HEAD = re.compile(r"(?P<name>[A-Za-z_]\w*)\s*\((?P<args>[^;{}]*)\)\s*(?:__attribute__\s*\(\(.*?\)\)\s*)?$", re.S)


def functions(text):
    """Function definitions of a file in the project's format: the body's brace stands in column 0, or behind a head
    that ends in a parenthesis at the top level."""
    code = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", lambda m: re.sub(r"[^\n]", " ", m.group()), blank(text), flags=re.M)
    depth, start, head_start = 0, 0, 0
    head = None
    for match in re.finditer(r"[{};]", code):
        mark, at = match.group(), match.start()
        if mark == "{":
            if depth == 0:
                found = HEAD.search(code[head_start:at])
                head = None
                if found and "=" not in code[head_start:at].split("(")[0]:
                    head = (found, head_start)
                start = at
            depth += 1
        elif mark == "}":
            depth -= 1
            if depth == 0:
                if head:
                    found, base = head
                    declaration = code[base:start]
                    first = base + len(declaration) - len(declaration.lstrip())
                    yield Function(
                        found.group("name"),
                        re.search(r"\bstatic\b", declaration) is not None,
                        line_of(code, first),
                        line_of(code, at),
                        code[start : at + 1],
                    )
                head_start = at + 1
        elif depth == 0:
            head_start = at + 1
