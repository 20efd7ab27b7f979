#!/usr/bin/env python3
"""C and Python read what the other wrote: cross_check.py FORMAT_TOOL [SEED]. See docs/format.md.

Question: do two programs, written separately from the same page, agree on every size near a border, on one object and on
objects from parts, and do both refuse the same damage? FMT-30
"""
import hashlib
import os
import random
import subprocess
import sys
import tempfile

import sealgate_format as f

UNIT, REFUSED = f.UNIT, 3
SIZES = [0, 1, 65535, 65536, 65537, 131072, UNIT - 1, UNIT, UNIT + 1]
PART_LISTS = [[0], [1], [65536], [UNIT, 0], [UNIT, 1], [UNIT + 1, UNIT, 65537]]
BUCKET, KEY, KEK_ID = "photos", "a b/\u00e9;=, +%", "main:2"
USER = {"colour": "blue, green", "empty": "", "name": "J\u00fcrgen"}


class Check:
    def __init__(self, tool: str, folder: str, seed: int):
        self.tool, self.folder, self.random, self.count = tool, folder, random.Random(seed), 0
        self.kek = self.random.randbytes(32)
        self.keyring = {KEK_ID: ("active", self.kek)}
        self.put("keyring", ("%s active %s\n" % (KEK_ID, f.b64(self.kek))).encode())

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def put(self, name: str, data: bytes) -> str:
        f.write_file(self.path(name), data)
        return self.path(name)

    def run_tool(self, *args: str) -> subprocess.CompletedProcess:
        return subprocess.run([self.tool, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)

    # --- one writes, the other reads -----------------------------------------------------------------------------
    def seal_in_c(self, plain: bytes, lengths, sealed_meta: bool):
        parts = ",".join(map(str, lengths)) if lengths else "one"
        user = ["%s=%s" % pair for pair in USER.items()] if sealed_meta else ["-"]
        done = self.run_tool("seal", self.path("keyring"), KEK_ID, BUCKET, KEY, parts, self.put("plain", plain),
                             self.path("body"), self.path("headers"), *user)
        assert done.returncode == 0, done.stderr
        lines = f.read_file(self.path("headers")).decode("ascii").splitlines()
        return f.read_file(self.path("body")), dict(line.split(": ", 1) for line in lines)

    def open_in_c(self, body: bytes, headers) -> "tuple[int, bytes, dict]":
        text = "".join("%s: %s\n" % pair for pair in headers.items())
        out = self.put("out", b"nothing")
        done = self.run_tool("open", self.path("keyring"), BUCKET, KEY, self.put("body", body),
                             self.put("headers", text.encode("utf-8")), out)
        assert done.returncode in (0, REFUSED), done.stderr  # anything else is a crash
        user = dict(line.split("=", 1) for line in done.stdout.decode().splitlines())
        return done.returncode, f.read_file(out), user

    def parts_of(self, plain: bytes, lengths):
        parts, at = [], 0
        for number, length in enumerate(lengths or [], 1):
            parts.append((number, plain[at:at + length]))
            at += length
        return parts or [(0, plain)]

    def seal_in_python(self, plain: bytes, lengths, sealed_meta: bool):
        entries = [(1, name, value.encode()) for name, value in USER.items()] if sealed_meta else None
        checksum = [(5, hashlib.sha256(plain).digest())]
        return f.write_object(KEK_ID, self.kek, BUCKET, KEY, self.parts_of(plain, lengths), bool(lengths), entries,
                              checksum, hashlib.sha256(b"H").digest() if lengths else bytes(32))

    def both_ways(self, length: int, lengths, sealed_meta: bool) -> None:
        plain = self.random.randbytes(length)
        expected = USER if sealed_meta else {}
        body, headers = self.seal_in_c(plain, lengths, sealed_meta)
        assert len(body) == f.sealed_size(length)
        result = f.read_object(body, headers, self.keyring, BUCKET, KEY)
        assert result.plain == plain
        assert {name: value.decode() for _, name, value in result.metadata} == expected
        assert [(n, l) for n, l, _ in result.footer.parts] == [(n, len(p)) for n, p in self.parts_of(plain, lengths) if n]

        body, headers = self.seal_in_python(plain, lengths, sealed_meta)
        assert self.open_in_c(body, headers) == (0, plain, expected)
        self.count += 2

    # --- both refuse the same ------------------------------------------------------------------------------------
    def refused(self, what: str, body: bytes, headers) -> None:
        try:
            f.read_object(body, headers, self.keyring, BUCKET, KEY)
        except f.FormatError:
            code, out, _ = self.open_in_c(body, headers)
            assert code == REFUSED and out == b"nothing", "C accepts: " + what
        else:
            raise AssertionError("Python accepts: " + what)
        self.count += 1

    def damage(self, lengths) -> None:
        plain = self.random.randbytes(sum(lengths) if lengths else 70000)
        body, headers = self.seal_in_c(plain, lengths, True)
        for _ in range(25):
            bit = self.random.randrange(8 * len(body))
            changed = bytearray(body)
            changed[bit // 8] ^= 1 << bit % 8
            self.refused("bit %d of the body" % bit, bytes(changed), headers)
        for name, text in headers.items():
            self.refused(name + " missing", body, {other: headers[other] for other in headers if other != name})
            for _ in range(15):
                at = self.random.randrange(len(text))
                other = self.random.choice([c for c in "AZaz09-_;= x" if c != text[at]])
                self.refused("%s[%d] = %s" % (name, at, other), body,
                             {**headers, name: text[:at] + other + text[at + 1:]})
        for cut in (1, 28, 204, 65564, len(body) - 1):
            self.refused("cut by %d" % cut, body[:len(body) - cut], headers)
            self.refused("cut by %d in front" % cut, body[cut:], headers)
        self.refused("a byte behind", body + b"\0", headers)
        self.refused("the whole twice", body + body, headers)
        other_body, other_headers = self.seal_in_python(plain, lengths, True)
        self.refused("body of another object", other_body, headers)
        self.refused("footer of another object", body[:-204] + other_body[-204:], headers)
        meta = {**headers, f.METADATA_HEADER: other_headers[f.METADATA_HEADER]}
        self.refused("metadata of another object", body, meta)


def main() -> int:
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder:
        check = Check(sys.argv[1], folder, seed)
        for size in SIZES:
            check.both_ways(size, None, True)
        check.both_ways(100, None, False)
        for lengths in PART_LISTS:
            check.both_ways(sum(lengths), lengths, True)
        check.damage(None)
        check.damage([UNIT, 300])
        print("%d objects compared, seed %d" % (check.count, seed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
