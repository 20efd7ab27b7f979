"""Clients as people use them, over TLS with the private CA: what went in comes out, and all sizes and ETags agree."""

import hashlib
import os
import secrets

import pytest

from support import layout
from support.clients import ALL, UNSIGNED, Missing

MIB = 1 << 20
SIZES = [0, 1, 65535, 65536, 65537, MIB, 5 * MIB - 1, 5 * MIB, 5 * MIB + 1, 100 * MIB]
KEYS = ["with space", "plus+plus", "percent%41%", "ümläut/日本語/🙂", "a&b=c;d?e#f", "deep/er/path/x.txt", "quote'(x)!"]
RAW_KEYS = ["/leading", "double//slash", "a/../b", "..", "./here", "trailing/"]


def set_up(stack, work, name):
    try:
        return ALL[name](stack, work / "homes" / name)
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module", params=sorted(ALL))
def tool(request, stack, work):
    made = set_up(stack, work, request.param)
    print(f"\n{request.param}: {made.version()}")
    made.bucket = f"c-{request.param}-{secrets.token_hex(4)}"
    stack.boto().create_bucket(Bucket=made.bucket)
    return made


@pytest.fixture(scope="session")
def sources(work):
    """A file for each size, with its digest."""
    folder = work / "sources"
    folder.mkdir()
    made = {}
    for size in SIZES:
        path = folder / f"{size}.bin"
        data = os.urandom(min(size, 3 * MIB + 7))
        data = (data * (size // max(1, len(data)) + 1))[:size]
        path.write_bytes(data)
        made[size] = path, hashlib.sha256(data).hexdigest()
    return made


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_tools_own_listing(tool, sources):
    for size in (0, 65537):
        tool.put(sources[size][0], tool.bucket, f"listed/{size}")
    shown = tool.list(tool.bucket)
    assert (shown["listed/0"], shown["listed/65537"]) == (0, 65537)


@pytest.mark.parametrize("size", SIZES)
def test_round_trip(tool, stack, upstream, s3, sources, tmp_path, size):
    source, wanted = sources[size]
    key = f"size/{size}.bin"
    tool.put(source, tool.bucket, key)
    tool.get(tool.bucket, key, tmp_path / "back")
    assert digest(tmp_path / "back") == wanted

    head = s3.head_object(Bucket=tool.bucket, Key=key)
    assert head["ContentLength"] == size
    got = s3.get_object(Bucket=tool.bucket, Key=key)
    got["Body"].close()
    assert (got["ContentLength"], got["ETag"]) == (size, head["ETag"])
    for version in ("list_objects", "list_objects_v2"):
        entry = getattr(s3, version)(Bucket=tool.bucket, Prefix=key)["Contents"][0]
        assert (entry["Size"], entry["ETag"]) == (size, head["ETag"])
    assert upstream.head_object(Bucket=tool.bucket, Key=key)["ContentLength"] == layout.stored_size(size)


def test_keys(tool, s3, sources, tmp_path):
    source, wanted = sources[65537]
    keys = ["keys/" + key for key in KEYS]
    for key in keys:
        tool.put(source, tool.bucket, key)
    assert sorted(keys) == sorted(e["Key"] for e in s3.list_objects_v2(Bucket=tool.bucket, Prefix="keys/")["Contents"])
    shown = tool.list(tool.bucket)
    assert [shown.get(key) for key in keys] == [65537] * len(keys), shown
    for number, key in enumerate(keys):
        tool.get(tool.bucket, key, tmp_path / str(number))
        assert digest(tmp_path / str(number)) == wanted, key
    tool.delete(tool.bucket, keys[0])
    assert keys[0] not in tool.list(tool.bucket)


@pytest.mark.parametrize("name", [name for name, client in sorted(ALL.items()) if client.raw_keys])
def test_raw_keys(stack, fake, work, sources, tmp_path, name):
    """Keys that look like paths but are none, by the clients that do not tidy them up. The upstream is the fake, because
    stores refuse some of them."""
    tool = set_up(Behind(stack, fake.gateway.url), work / "raw", name)
    source, wanted = sources[1]
    fake.reset()
    for number, key in enumerate(RAW_KEYS):
        fake.buckets["bucket"].clear()
        tool.put_raw(source, "bucket", key)
        assert list(fake.buckets["bucket"]) == [key.encode()]
        tool.get_raw("bucket", key, tmp_path / str(number))
        assert digest(tmp_path / str(number)) == wanted
    fake.buckets["bucket"].clear()


class Behind:
    """The stack with another gateway's address."""

    def __init__(self, stack, url):
        self.stack, self.url = stack, url

    def __getattr__(self, name):
        return getattr(self.stack, name)


def test_metadata(tool, s3, sources):
    source, _ = sources[1]
    content = {"Content-Type": "text/x-client", "Cache-Control": "max-age=77", "Content-Disposition": "attachment"}
    if type(tool).__name__ in ("AwsCli", "DebianAwsCli", "Boto3", "Rclone", "Curl"):
        content["Content-Language"] = "de"
    tool.put(source, tool.bucket, "metadata", metadata={"colour": "blue", "shape": "round"}, content=content)
    head = s3.head_object(Bucket=tool.bucket, Key="metadata")
    assert {"colour": "blue", "shape": "round"}.items() <= head["Metadata"].items()
    for name, value in content.items():
        assert head[name.replace("-", "")] == value, name


@pytest.mark.parametrize("name", [name for name, client in sorted(ALL.items()) if hasattr(client, "copy_tree")])
def test_tree(stack, work, tmp_path, name):
    """A folder there and back; a second run has nothing to do."""
    tool = set_up(stack, work, name)
    tool.bucket = f"t-{name}-{secrets.token_hex(4)}"
    stack.boto().create_bucket(Bucket=tool.bucket)
    source = tmp_path / "source"
    for name, size in (("a.txt", 1), ("b/c d.txt", 65536), ("b/ü.txt", 0), ("b/e/f.bin", 200_000)):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(os.urandom(size))
    tool.copy_tree(source, tool.bucket)
    back = tmp_path / "back"
    back.mkdir()
    tool.fetch_tree(tool.bucket, back)
    names = sorted(p.relative_to(source) for p in source.rglob("*") if p.is_file())
    assert sorted(p.relative_to(back) for p in back.rglob("*") if p.is_file()) == names
    for name in names:
        assert (back / name).read_bytes() == (source / name).read_bytes()
    if hasattr(tool, "nothing_to_sync"):
        assert tool.nothing_to_sync(source, tool.bucket)


def test_overwrite(tool, sources, tmp_path):
    for size in (65537, 0):
        tool.put(sources[size][0], tool.bucket, "overwritten")
    tool.get(tool.bucket, "overwritten", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b""


def test_one_gib_by_curl(stack, upstream, work, tmp_path):
    """A GiB in one PUT and back, without a file for the way back."""
    import subprocess
    curl = ALL["curl"](stack, work / "homes" / "gib")
    bucket = "gib-" + secrets.token_hex(4)
    stack.boto().create_bucket(Bucket=bucket)
    source, piece, sha = tmp_path / "gib", os.urandom(MIB), hashlib.sha256()
    with open(source, "wb") as file:
        for i in range(1024):
            data = i.to_bytes(8, "big") + piece[8:]
            sha.update(data)
            file.write(data)
    curl.put(source, bucket, "gib")
    source.unlink()
    assert upstream.head_object(Bucket=bucket, Key="gib")["ContentLength"] == layout.stored_size(1 << 30)
    secret = f'user = "{stack.access_key}:{stack.secret_key}"\n'.encode()
    process = subprocess.Popen(["curl", "-sS", "-f", "--cacert", stack.ca_file, "-K", "-", "--aws-sigv4", "aws:amz:us-east-1:s3",
                                "-H", UNSIGNED, curl.url(bucket, "gib")], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdin.write(secret)
    process.stdin.close()
    back = hashlib.sha256()
    while data := process.stdout.read(MIB):
        back.update(data)
    assert process.wait() == 0
    assert back.hexdigest() == sha.hexdigest()
    upstream.delete_object(Bucket=bucket, Key="gib")
