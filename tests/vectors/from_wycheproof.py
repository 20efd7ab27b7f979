#!/usr/bin/env python3
"""Turns files of Project Wycheproof into the blocks of `name = value` that tests/support/vectors.h reads.

usage: from_wycheproof.py FOLDER-WITH-THE-JSON-FILES

Writes aes_gcm_wycheproof/, hmac_sha256_wycheproof/ and hkdf_sha256_wycheproof/ beside this script. Only what the
program uses is kept: AES-256-GCM with IVs of 12 and tags of 16 bytes, HMAC-SHA-256 with whole tags, HKDF-SHA-256.
"""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent

TABLES = [
    # source, result, which groups, fields
    ("aes_gcm_test.json", "aes_gcm_wycheproof", {"keySize": 256, "ivSize": 96, "tagSize": 128},
     ["key", "iv", "aad", "msg", "ct", "tag"]),
    ("hmac_sha256_test.json", "hmac_sha256_wycheproof", {"tagSize": 256}, ["key", "msg", "tag"]),
    ("hkdf_sha256_test.json", "hkdf_sha256_wycheproof", {}, ["ikm", "salt", "info", "size", "okm"]),
]


def convert(source, result, wanted, fields):
    data = json.loads(source.read_text())
    groups = [g for g in data["testGroups"] if all(g[name] == value for name, value in wanted.items())]
    tests = [test for group in groups for test in group["tests"]]
    lines = [f"# {data['algorithm']} of Project Wycheproof; see README.md here. {len(tests)} vectors."]
    for test in tests:
        comment = ", ".join(test["flags"] + ([test["comment"]] if test["comment"] else []))
        lines += ["", f"# {comment}" if comment else "#", f"id = {test['tcId']}", f"result = {test['result']}"]
        lines += [f"{name} = {test[name]}".rstrip() for name in fields]
    (HERE / result / "vectors.txt").write_text("\n".join(lines) + "\n")
    print(f"{result}: {len(tests)} vectors")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for source, result, wanted, fields in TABLES:
        convert(pathlib.Path(sys.argv[1]) / source, result, wanted, fields)


main()
