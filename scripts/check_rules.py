#!/usr/bin/env python3
"""The house rules that a compiler does not check. Each rule is one function; docs/style or the rule's text says why."""

import re
import sys
from pathlib import Path

from csource import ROOT, blank, comments, files, functions, includes, line_of, read

FILE_LINES = 600
FUNCTION_LINES = 60
COLUMNS = 120

# Files that compare public bytes with memcmp, or wrap it. Secrets are compared with sgc_ct_equal().
MEMCMP_FILES = {"include/common/bytes.h"}
# The only files that touch the heap.
HEAP_FILES = {"crypto/buf.c", "crypto/secret.c", "crypto/xalloc.c"}
# Modules without a unit test of their own, and what tests them instead.
TESTED_ELSEWHERE = {
    "gateway/main.c": "every integration test starts it",
    "s3client/multi.c": "tests/unit/s3client/test_transfer*.c drive it",
    "s3client/pool.c": "tests/unit/s3client/test_transfer*.c drive it",
    "s3client/wire.c": "tests/unit/s3client/test_transfer.c reads what is sent",
}
PREFIX = {"crypto": "sgc_", "s3client": "sgs_", "gateway": "sg_", "include": "sg"}
BAD_WORDS = {"make", "handle", "process", "do", "util"}
LABEL = re.compile(r"^ \* (Idea|Format|Ownership|Lifetime|Threads|Units|Errors|Secrets|Source|Not here|Tests|Usage) {2,}", re.M)

problems = []
warnings = []


def problem(path, line, text):
    problems.append(f"{path}:{line}: {text}")


def is_own(path):
    return path.parts[0] in ("include", "crypto", "s3client", "gateway")


def rule_comments(path, text):
    for offset, kind, comment in comments(text):
        if kind == "line":
            problem(path, line_of(text, offset), "comments are written /* */")
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", comment):
            problem(path, line_of(text, offset), "finish it, or describe the limit")


def each(path, code, pattern, text):
    for match in re.finditer(pattern, code):
        problem(path, line_of(code, match.start()), text)


def rule_words(path, code):
    each(path, code, r"\bgoto\b", "no goto: return early, clean up with SG_CLEANUP")
    if not is_own(path):
        return
    if str(path) not in MEMCMP_FILES:
        each(path, code, r"\bmemcmp\s*\(", "memcmp: use sg_bytes_eq() for public bytes, sgc_ct_equal() for secrets")
    if str(path) not in HEAP_FILES:
        each(path, code, r"\b(malloc|calloc|realloc|reallocarray|free|strdup|strndup|asprintf|vasprintf)\s*\(",
             "the heap is used through sgc_buf, sgc_xalloc() or the arena")
    if path.parts[0] in ("crypto", "s3client") or str(path).startswith(("include/crypto", "include/s3client")):
        each(path, code, r"\b(sg_log\w*|printf|fprintf|vfprintf|perror|syslog|puts|fputs)\s*\(",
             "this layer does not log: return an error")
        each(path, code, r"\bgetenv\s*\(", "this layer reads no configuration")


def rule_typedefs(path, code):
    for match in re.finditer(r"\btypedef\s+(struct|union|enum)\b[^;{]*(\{)?", code):
        if "sg_err" not in code[match.start() : match.start() + 60] and "enum sg_code code" not in code[match.start() : match.start() + 60]:
            problem(path, line_of(code, match.start()), "structs, unions and enums are not typedef'd")


def rule_size(path, text):
    lines = text.count("\n")
    if lines > FILE_LINES:
        problem(path, lines, f"{lines} lines; a file has at most {FILE_LINES}")
    is_table = False  # tables under "clang-format off" may be wider
    for number, line in enumerate(text.split("\n"), 1):
        if "clang-format o" in line:
            is_table = "clang-format off" in line
        if len(line) > COLUMNS and not is_table and "://" not in line:
            problem(path, number, f"{len(line)} columns; a line has at most {COLUMNS}")
        if line != line.rstrip():
            problem(path, number, "blanks at the end of the line")


def rule_functions(path, text):
    for function in functions(text):
        if function.lines > FUNCTION_LINES:
            problem(path, function.first_line, f"{function.name}() has {function.lines} lines; at most {FUNCTION_LINES}")
        for match in re.finditer(r"\bstatic\b([^;={]*)", function.body if is_own(path) else ""):
            declaration = match.group(1)
            pointer_tail = declaration.rsplit("*", 1)[-1]
            if "_Static_assert" in declaration or declaration.startswith("_assert"):
                continue
            if "const" not in declaration or ("*" in declaration and "const" not in pointer_tail):
                problem(path, function.first_line + function.body.count("\n", 0, match.start()),
                        f"{function.name}() keeps state in a static variable")
        if not is_own(path):
            continue
        bad = BAD_WORDS & set(function.name.split("_"))
        if bad:
            problem(path, function.first_line, f"{function.name}(): '{bad.pop()}' says nothing; name what it does")
        prefix = PREFIX[path.parts[0]]
        if not function.is_static and function.name != "main" and not function.name.startswith(prefix):
            problem(path, function.first_line, f"{function.name}() is public and does not begin with {prefix}")
        if function.is_static and path.suffix == ".c" and re.match(r"sg[cs]?_", function.name):
            problem(path, function.first_line, f"{function.name}() is static and needs no prefix")


def rule_source_file(path, text):
    before_code = text[: text.find("#include")] if "#include" in text else text
    if not any(len(c) > 40 and "clang-format" not in c for _, _, c in comments(before_code)):
        problem(path, 1, "begins with a short paragraph on its idea")
    names = list(includes(text))
    head = [name for line, _, name in names]
    if is_own(path) and "common/banned.h" not in head:
        problem(path, 1, "the list of includes ends with common/banned.h")


def rule_header(path, text):
    if path.suffix == ".def":
        return
    if not re.match(r"/\*\n \* " + re.escape(path.name) + r" - \S", text):
        problem(path, 1, f"begins with '/*\\n * {path.name} - what it is for'")
        return
    head = text[: text.index("*/")]
    if not LABEL.search(head):
        problem(path, 1, "the head comment has no line of the template (Idea, Ownership, Errors, Tests, ...)")
    for name in re.findall(r"\b(tests/[\w./-]+\w)", head):
        if not (ROOT / name).exists():
            problem(path, 1, f"names {name}, which is not there")


def test_of(path):
    layer = path.parts[1] if path.parts[0] == "gateway" and len(path.parts) > 2 else path.parts[0]
    return Path("tests/unit") / layer / f"test_{path.stem}.c"


def rule_has_test(path):
    """test_MODULE.c, or test_MODULE_TOPIC.c, or what the module's head comment, or its header's, names."""
    test = test_of(path)
    if str(path) in TESTED_ELSEWHERE or (ROOT / test).exists() or list((ROOT / test.parent).glob(test.stem + "_*.c")):
        return
    for source in (path, path.with_suffix(".h"), Path("include") / path.with_suffix(".h")):
        if (ROOT / source).exists():
            head = read(source).split("*/", 1)[0]
            if any((ROOT / name).exists() for name in re.findall(r"\b(tests/[\w./-]+\w)", head)):
                return
    problem(path, 1, f"has no {test}, and its head comment names no other test")


def rule_error_names(sources):
    known = set(re.findall(r"^SG_ERR\((\w+)", read(Path("include/common/err.def")), re.M))
    for path, _, code in sources:
        for match in re.finditer(r"\bSG_FAIL\(\s*(\w+)\s*\)|\bSG_CHECK\((?:[^;]*?),\s*(\w+)\s*\)\s*;|\bck_fails\([^;]*,\s*(\w+)\s*\)\s*;", code):
            name = next(g for g in match.groups() if g)
            if name not in known and not name.islower() and name != "NAME":
                problem(path, line_of(code, match.start()), f"{name} is no row of include/common/err.def")


def rule_requirements(texts):
    """Every FMT-n of docs/format.md is named beside the code and beside a test that carry it."""
    page = ROOT / "docs/format.md"
    if not page.exists():
        return
    wanted = set(re.findall(r"\bFMT-\d+\b", page.read_text(encoding="utf-8")))
    code, tests = set(), set()
    for path, text in texts:
        (code if is_own(path) else tests).update(re.findall(r"\bFMT-\d+\b", text))
    for kind, found in (("code", code), ("a test", tests)):
        missing = sorted(wanted - found, key=lambda n: int(n[4:]))
        if missing:
            warnings.append(f"docs/format.md: not named in {kind}: {', '.join(missing)}")
        for name in sorted(found - wanted):
            problems.append(f"docs/format.md: {name} is named in {kind} but does not exist")


def rule_workplace(path, text):
    """The project speaks of itself only."""
    for match in re.finditer(r"(?<![\w.])/(work|root|home)/\w", text):
        problem(path, line_of(text, match.start()), "a path of one machine")


def main():
    c_files = [p for p in files("*.c", "*.h", "*.def") if p.parts[0] in ("include", "crypto", "s3client", "gateway", "tests")]
    sources = []
    for path in c_files:
        text = read(path)
        code = blank(text)
        sources.append((path, text, code))
        rule_comments(path, text)
        rule_words(path, code)
        rule_typedefs(path, code)
        rule_size(path, text)
        if path.suffix != ".def":
            rule_functions(path, text)
        if path.suffix == ".c":
            rule_source_file(path, text)
            if is_own(path):
                rule_has_test(path)
        elif is_own(path):
            rule_header(path, text)
    rule_error_names(sources)
    others = files("*.py", "*.md", "*.sh", "*.txt", "*.cmake", "*.yml", "*.yaml", "scripts/*", ".ci/*", "docker/*")
    for path in others:
        rule_workplace(path, (ROOT / path).read_text(encoding="utf-8", errors="replace"))
    rule_requirements([(p, t) for p, t, _ in sources] + [(p, read(p)) for p in files("tests/**/*.py", "tests/*.py")])

    for line in warnings:
        print(f"warning: {line}")
    for line in problems:
        print(line)
    print(f"rules: {len(c_files)} files, {len(problems)} problems, {len(warnings)} warnings")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
