#!/usr/bin/env python3
"""Includes point downwards, and every third-party library has one home. The picture is in docs/architecture.md."""

import sys
from pathlib import Path

from csource import files, includes, read

# What each folder may include besides itself. A folder of include/ is the public face of the library of the same name.
BELOW = {
    "include/common": [],
    "include/crypto": ["include/common"],
    "crypto": ["include/crypto", "include/common"],
    "include/s3client": ["include/crypto", "include/common"],
    "s3client": ["include/s3client", "include/crypto", "include/common"],
}
GATEWAY = ["core", "auth", "pipe", "ops", "engine", "server", "cli"]
SIBLINGS = {("auth", "pipe"), ("pipe", "auth")}
for number, layer in enumerate(GATEWAY):
    BELOW[f"gateway/{layer}"] = ["include/s3client", "include/crypto", "include/common"] + [
        f"gateway/{lower}" for lower in GATEWAY[:number] if (layer, lower) not in SIBLINGS
    ]
BELOW["gateway"] = ["include/s3client", "include/crypto", "include/common"] + [f"gateway/{layer}" for layer in GATEWAY]

# Beginning of the name in <...>, and where it may stand. Headers are listed only where their own users need the type.
HOMES = {
    "openssl/": ["crypto/", "gateway/server/tls.c"],
    "curl/": ["s3client/"],
    "libxml/": ["s3client/"],
    "h2o": ["gateway/server/"],
    "picohttpparser": ["gateway/server/"],
    "cyaml/": ["gateway/core/"],
    "yaml.h": ["gateway/core/"],
    "jansson": ["gateway/core/"],
}
# Folders whose headers show no third-party type at all.
PURE_HEADERS = ["include/", "gateway/core/", "gateway/auth/", "gateway/pipe/", "gateway/ops/", "gateway/engine/"]
# Own includes are written from one of these roots: "crypto/buf.h" is include/crypto/buf.h or crypto/buf.h.
SEARCH = ["include", ".", "gateway"]


def resolve(name, from_path, known):
    candidates = [from_path.parent / name] + [Path(root) / name for root in SEARCH]
    return next((c for c in candidates if c in known), None)


def check(path, known, problems):
    folder = str(path.parent)
    for line, is_system, name in includes(read(path)):
        target = None if is_system else resolve(name, path, known)
        if target is not None:
            home = str(target.parent)
            if home != folder and home not in BELOW.get(folder, [home]):
                problems.append(f"{path}:{line}: {folder} may not include {target}: it is not below")
            continue
        if not is_system:
            problems.append(f"{path}:{line}: {name} is not a file of the project; third-party headers are written <{name}>")
        for prefix, homes in HOMES.items():
            if not name.startswith(prefix):
                continue
            if not any(str(path).startswith(h) for h in homes):
                problems.append(f"{path}:{line}: <{name}> belongs in {' or '.join(homes)}")
            elif path.suffix == ".h" and any(str(path).startswith(p) for p in PURE_HEADERS):
                problems.append(f"{path}:{line}: a third-party header in a header of {path.parent}")


def cycles(known):
    """Headers that include each other, however many are between them."""
    graph = {}
    for path in known:
        if path.suffix == ".h":
            found = (resolve(name, path, known) for _, system, name in includes(read(path)) if not system)
            graph[path] = [f for f in found if f is not None and f.suffix == ".h"]
    state = {}

    def visit(path, trail):
        state[path] = "open"
        for lower in graph.get(path, []):
            if state.get(lower) == "open":
                chain = trail[trail.index(lower) :] if lower in trail else [lower]
                yield " -> ".join(str(p) for p in chain + [lower])
            elif lower not in state:
                yield from visit(lower, trail + [lower])
        state[path] = "done"

    for path in graph:
        if path not in state:
            yield from visit(path, [path])


def main():
    known = set(files("*.c", "*.h", "*.def"))
    own = sorted(p for p in known if str(p).split("/")[0] in ("include", "crypto", "s3client", "gateway"))
    problems = []
    for path in own:
        if str(path.parent) not in BELOW:
            problems.append(f"{path}: {path.parent} is no layer")
        check(path, known, problems)
    problems += [f"headers include each other: {cycle}" for cycle in cycles(set(own))]
    for problem in problems:
        print(problem)
    print(f"layers: {len(own)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
