"""C and Python check each other on whole objects: what the gateway stored can be opened by the independent reader and by
`sealgate open`, and what the independent writer stored can be read through the gateway."""

import os
import subprocess
from pathlib import Path

import pytest

from support.format import sealgate_format

SIZES = [0, 1, 65536, 65537, 300_000, 5 << 20]


@pytest.fixture(scope="module")
def keyring(stack):
    return sealgate_format.parse_keyring(Path(stack.keyring).read_text())


def fetch(upstream, bucket, key):
    """The stored bytes, and its metadata as headers."""
    answer = upstream.get_object(Bucket=bucket, Key=key)
    return answer["Body"].read(), {"x-amz-meta-" + name: value for name, value in answer["Metadata"].items()}


def store(client, upstream, bucket, size):
    body, key = os.urandom(size), f"elsewhere/{size}"
    headers = [("x-amz-meta-colour", "blue"), ("Content-Type", "text/x-test")]
    assert client.put(bucket, key, body, headers=headers).status == 200
    return body, key, *fetch(upstream, bucket, key)


@pytest.mark.parametrize("size", SIZES)
def test_the_python_reader_opens_it(client, upstream, bucket, keyring, size):
    body, key, sealed, headers = store(client, upstream, bucket, size)
    opened = sealgate_format.read_object(sealed, headers, keyring, bucket, key)
    assert opened.plain == body
    assert sorted(opened.metadata) == [(1, "colour", b"blue"), (2, "content-type", b"text/x-test")]


@pytest.mark.parametrize("size, parts", [(size, "one") for size in SIZES] + [(size, "many") for size in SIZES if size])
def test_the_gateway_opens_what_python_wrote(client, upstream, bucket, keyring, size, parts):
    body, key = os.urandom(size), f"written-by-python/{parts}/{size}"
    cut = [(0, body)] if parts == "one" else [(3, body)]
    entries = [(1, "colour", b"blue"), (2, "content-type", b"text/x-test")]
    sealed, headers = sealgate_format.write_object("main:1", keyring["main:1"][1], bucket, key, cut, parts == "many", entries, [])
    upstream.put_object(Bucket=bucket, Key=key, Body=sealed,
                        Metadata={n[len("x-amz-meta-"):]: v for n, v in headers.items() if n.startswith("x-amz-meta-")})
    if parts == "many":
        # Objects made of parts come with multipart uploads; until then they are refused, never misread.
        answer = client.get(bucket, key)
        assert answer.status != 200 or answer.body == body
        return
    answer = client.get(bucket, key)
    assert (answer.status, answer.body == body) == (200, True), answer
    assert (answer["x-amz-meta-colour"], answer["content-type"]) == ("blue", "text/x-test")
    if size > 2:
        part = client.get(bucket, key, headers=[("Range", f"bytes=1-{size - 2}")])
        assert (part.status, part.body == body[1:-1]) == (206, True)


def sealgate_open(stack, sealed, headers, bucket, key, folder):
    (folder / "sealed").write_bytes(sealed)
    return subprocess.run(
        [stack.program, "open", "--keyring", stack.keyring, "--bucket", bucket, "--object", key, "--body", folder / "sealed",
         "--envelope", headers["x-amz-meta-sealgate"], "--metadata", headers["x-amz-meta-sealgate-meta"], "--show-metadata"],
        capture_output=True)


@pytest.mark.parametrize("size", SIZES)
def test_sealgate_open_opens_it(stack, client, upstream, bucket, size, tmp_path):
    body, key, sealed, headers = store(client, upstream, bucket, size)
    result = sealgate_open(stack, sealed, headers, bucket, key, tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout == body
    assert b"blue" in result.stderr and b"text/x-test" in result.stderr


@pytest.mark.parametrize("change", ["key", "bucket", "bit", "cut", "envelope"])
def test_sealgate_open_refuses(stack, client, upstream, bucket, tmp_path, change):
    body, key, sealed, headers = store(client, upstream, bucket, 100_000)
    if change == "key":
        key += "x"
    elif change == "bucket":
        bucket += "x"
    elif change == "bit":
        sealed = bytes([sealed[0] ^ 1]) + sealed[1:]
    elif change == "cut":
        sealed = sealed[:-1]
    else:
        headers["x-amz-meta-sealgate"] = headers["x-amz-meta-sealgate"].replace("v=1", "v=2")
    result = sealgate_open(stack, sealed, headers, bucket, key, tmp_path)
    assert result.returncode == 3, result.stderr
    assert result.stderr
    assert body.startswith(result.stdout) and len(result.stdout) < len(body)
