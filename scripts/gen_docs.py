#!/usr/bin/env python3
"""Writes the pages, and parts of pages, that are made from the tables in the code, so that they cannot disagree.

  docs/errors.md         from include/common/err.def
  docs/compat.md         from gateway/ops/ops_table.c, headers.def and params.def
  docs/configuration.md  the part between its two markers, from gateway/core/config.def

usage: scripts/gen_docs.py [--check]     --check writes nothing and fails when a page is out of date
"""

import re
import sys

from csource import ROOT, TOKEN, read

HEAD = "<!-- Made by scripts/gen_docs.py from {}. Change the table, not this page. -->\n"
BEGIN = "<!-- options: begin (made by scripts/gen_docs.py from gateway/core/config.def) -->\n"
END = "<!-- options: end -->\n"


def strip_comments(text):
    return TOKEN.sub(lambda m: m.group() if m.lastgroup in ("string", "char") else " ", text)


def arguments(text):
    """The arguments of a macro call or initialiser, split at top-level commas; strings are joined and unquoted."""
    parts, depth, current, i = [], 0, "", 0
    while i < len(text):
        match = TOKEN.match(text, i)
        if match and match.lastgroup in ("string", "char"):
            current += match.group()
            i = match.end()
            continue
        char = text[i]
        depth += char in "({[" and 1 or char in ")}]" and -1 or 0
        if char == "," and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += char
        i += 1
    parts.append(current)
    return [unquote(p.strip()) for p in parts]


def unquote(text):
    pieces = re.findall(r'"((?:\\.|[^"\\])*)"', text)
    if pieces and re.fullmatch(r'(?:\s*"(?:\\.|[^"\\])*"\s*)+', text):
        return "".join(pieces).replace('\\"', '"').replace("\\\\", "\\").replace("\\n", " ")
    return text


def rows(path, macro):
    """Every call MACRO(a, b, ...) of a .def file, and the section comments `/* --- text --- */` between them."""
    text = read(path)
    for match in re.finditer(r"/\* -{2,} (.+?) -{2,} \*/|^(" + macro + r")\(", text, re.M):
        if match.group(1):
            yield "section", [match.group(1).strip()]
            continue
        depth, i = 1, match.end()
        while depth:
            token = TOKEN.match(text, i)
            if token:
                i = token.end()
                continue
            depth += {"(": 1, ")": -1}.get(text[i], 0)
            i += 1
        yield match.group(2), arguments(strip_comments(text[match.end() : i - 1]))


def table(head, body):
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for row in body:
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |")
    return "\n".join(lines) + "\n"


def sections(title_level, found, head, to_row):
    """A table for each section of a .def file."""
    out, body = "", []
    for kind, cells in list(found) + [("section", [None])]:
        if kind != "section":
            body.append(to_row(kind, cells))
            continue
        if body:
            out += "\n" + table(head, body)
            body = []
        if cells[0]:
            out += f"\n{title_level} {cells[0][0].upper() + cells[0][1:]}\n"
    return out


CLASSES = """
What a class means:

| Class | Cause | Told to the client |
| --- | --- | --- |
| CLIENT | the request | what is wrong |
| AUTH | credentials or signature | that it is refused, never why it nearly fitted |
| UPSTREAM | the storage behind the gateway | to retry, or that the storage failed; never its address |
| BUSY | a limit of this instance | to retry |
| INTEGRITY | stored bytes that cannot be trusted | that the object is refused, never why; the log names the reason |
| INTERNAL | the gateway itself | nothing but the request id |

An S3 error of the storage about the request itself (`BucketNotEmpty`, `NoSuchKey`, ...) is passed on with its status, code and
message. Redirects, and errors about the gateway's own credentials, are not.
"""


def errors_page():
    page = HEAD.format("include/common/err.def") + "# Errors\n\n"
    page += "Every error a client can get, with the name that the gateway's log uses for it.\n" + CLASSES
    return page + sections(
        "##",
        rows("include/common/err.def", "SG_ERR"),
        ["In the log", "Class", "HTTP", "S3 code", "Text"],
        lambda kind, c: [f"`{c[0]}`", c[1], c[2], f"`{c[3]}`", c[4]],
    )


def operations():
    text = strip_comments(read("gateway/ops/ops_table.c"))
    for match in re.finditer(r"\[\s*SG_OP_(?!COUNT)\w+\s*\]\s*=\s*\{", text):
        end = text.index("}", match.end())
        yield arguments(text[match.end() : end])


def compat_page():
    page = HEAD.format("gateway/ops/ops_table.c, headers.def and params.def") + "# Compatibility\n\n"
    page += "## Operations\n\nAn operation without a row is answered with `501 NotImplemented`.\n\n"
    body = []
    for name, method, scope, sub, header, payload, permission, *_ in operations():
        target = {"SERVICE": "/", "BUCKET": "/bucket", "OBJECT": "/bucket/key"}[scope.rsplit("_", 1)[-1]]
        if sub != "NULL":
            target += "?" + sub
        if header != "NULL":
            target += f" with {header}"
        kinds = {"NONE": "none", "XML": "XML", "STREAM": "streamed"}
        body.append([name, f"`{method} {target}`", kinds[payload.rsplit("_", 1)[-1]], f"`{permission}`"])
    page += table(["Operation", "Request", "Body", "Permission"], body)

    page += """
## Headers

What happens to a header of a request, and to the same header of the upstream's answer. A header without a row goes
nowhere.

- KEEP: passed on as it is. ETAG: passed on in the other side's form of the ETag.
- SEAL: part of the object's metadata; sealed when an object is written (or passed on where the bucket is configured
  `metadata: plain`).
- LOCAL: the gateway's own business; the other side does not see it. REFUSE: `501 NotImplemented`.
"""
    page += sections(
        "###",
        rows("gateway/ops/headers.def", r"SG_HEADER\w*"),
        ["Header", "Request", "Response", "Note"],
        lambda kind, c: [f"`{c[0]}{'*' if 'PREFIX' in kind else ''}`", c[1], c[2], c[3] if len(c) > 3 else ""],
    )
    page += """
## Query parameters

- ROUTE: selects an operation; without one that takes it the request is `501 NotImplemented`.
- KEEP: passed on where the operation passes parameters on. LOCAL: belongs to the signature or to the gateway.

A parameter without a row is refused with `501 NotImplemented`.
"""
    names = {}
    for kind, cells in rows("gateway/ops/params.def", "SG_PARAM"):
        if kind != "section":
            names.setdefault(cells[1], []).append(f"`{cells[0]}`")
    page += "\n" + table(["What", "Parameters"], [[what, ", ".join(found)] for what, found in names.items()])
    return page


def options_part():
    return sections("###", rows("gateway/core/config.def", r"SG_OPTION\w*"), ["Option", "Type", "Default", "Limits", "Meaning"],
                    option_row)


TYPES = {
    "LIST": "list", "FILE": "file", "ADDRESS": "address", "COUNT": "number", "DURATION": "duration", "TEXT": "text",
    "YES_NO": "`yes` or `no`", "SIZE": "size", "OUTPUT": "file", "CHOICE": "choice",
}


def option_row(kind, cells):
    name, type_, default, least, most, text = cells
    prefix = "" if kind == "SG_OPTION" else "buckets[]."
    default = {"REQUIRED": "required", "NULL": "none"}.get(default, f"`{default}`")
    limits = "" if least == "NULL" else f"`{least}` or `{most}`" if type_ == "CHOICE" else f"{least} to {most}"
    return [f"`{prefix}{name}`", TYPES[type_], default, limits, text]


def configuration_page():
    page = read("docs/configuration.md")
    if BEGIN not in page or END not in page:
        raise SystemExit("docs/configuration.md: the two option markers are missing")
    before, rest = page.split(BEGIN, 1)
    return before + BEGIN + options_part() + "\n" + END + rest.split(END, 1)[1]


PAGES = {
    "docs/errors.md": (errors_page, ["include/common/err.def"]),
    "docs/compat.md": (compat_page, ["gateway/ops/ops_table.c", "gateway/ops/headers.def", "gateway/ops/params.def"]),
    "docs/configuration.md": (configuration_page, ["gateway/core/config.def", "docs/configuration.md"]),
}


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        raise SystemExit(__doc__)
    stale = []
    for name, (page, sources) in PAGES.items():
        missing = [s for s in sources if not (ROOT / s).exists()]
        if missing:
            stale.append(f"{name}: cannot be made without {', '.join(missing)}")
            continue
        wanted, path = page(), ROOT / name
        if path.exists() and path.read_text(encoding="utf-8") == wanted:
            continue
        if check:
            stale.append(f"{name} is out of date: run scripts/gen_docs.py")
        else:
            path.write_text(wanted, encoding="utf-8")
            print(f"wrote {name}")
    for line in stale:
        print(line)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
