"""One object at a time: what goes in comes out, and what the upstream holds says nothing about it."""

import base64
import hashlib
import os

import pytest

from support import layout, sigv4

SIZES = [0, 1, 15, 16, 17, 65535, 65536, 65537, 131071, 131072, 131073, 1 << 20, (5 << 20) - 1, 5 << 20, (5 << 20) + 1]
MODES = [None, sigv4.UNSIGNED, sigv4.SIGNED_STREAM, sigv4.SIGNED_STREAM_TRAILER, sigv4.UNSIGNED_STREAM_TRAILER]


def listed(s3, version, bucket, key):
    answer = getattr(s3, version)(Bucket=bucket, Prefix=key)
    return next(entry for entry in answer["Contents"] if entry["Key"] == key)


@pytest.mark.parametrize("size", SIZES)
def test_round_trip(s3, upstream, client, bucket, size):
    body, key = os.urandom(size), f"size/{size}"
    put = client.put(bucket, key, body)
    assert put.status == 200, put
    etag = put["etag"]
    assert etag.endswith('-0"')

    head = client.head(bucket, key)
    assert (head.status, head["content-length"], head["etag"]) == (200, str(size), etag)
    got = client.get(bucket, key)
    assert (got.status, got["content-length"], got["etag"]) == (200, str(size), etag)
    assert got.body == body
    for version in ("list_objects", "list_objects_v2"):
        entry = listed(s3, version, bucket, key)
        assert (entry["Size"], entry["ETag"]) == (size, etag), version
    assert upstream.head_object(Bucket=bucket, Key=key)["ContentLength"] == layout.stored_size(size)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [0, 1, 65536, 65537, 200_000])
def test_payload_modes(client, bucket, mode, size):
    body = os.urandom(size)
    trailers = [("x-amz-checksum-crc32c", sigv4.checksum("crc32c", body))] if (mode or "").endswith("TRAILER") else []
    answer = client.put(bucket, "mode", body, payload=mode, trailers=trailers) if trailers else \
        client.put(bucket, "mode", body, payload=mode)
    assert answer.status == 200, answer
    assert client.get(bucket, "mode").body == body


@pytest.mark.parametrize("chunk", [1, 3, 100, 8191, 65537, 1 << 20])
@pytest.mark.parametrize("mode", [sigv4.SIGNED_STREAM, sigv4.UNSIGNED_STREAM_TRAILER])
def test_aws_chunks_of_any_size(client, bucket, mode, chunk):
    body = os.urandom(3000 if chunk < 100 else 300_000)
    answer = client.put(bucket, "chunks", body, payload=mode, chunk=chunk)
    assert answer.status == 200, answer
    assert client.get(bucket, "chunks").body == body


def test_http_chunks_around_aws_chunks(client, bucket):
    """As boto3 does it over TLS: no Content-Length, and frames that straddle each other."""
    body = os.urandom(150_000)
    head, payload = client.build("PUT", bucket, "http-chunked", body=body, payload=sigv4.UNSIGNED_STREAM_TRAILER,
                                 trailers=[("x-amz-checksum-crc32", sigv4.checksum("crc32", body))], chunk=40_000)
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
    lines.insert(1, b"Transfer-Encoding: chunked")
    pieces = [payload[i : i + 13_001] for i in range(0, len(payload), 13_001)]
    framed = b"".join(f"{len(p):x}\r\n".encode() + p + b"\r\n" for p in pieces) + b"0\r\n\r\n"
    answer = client.send(b"\r\n".join(lines), framed)
    assert answer.status == 200, answer
    assert client.get(bucket, "http-chunked").body == body


META = [
    ("x-amz-meta-plain", "a value"), ("x-amz-meta-empty", ""), ("x-amz-meta-punct", "a=b; c:d, \"e\" 'f' \\"),
    ("x-amz-meta-long", "0123456789" * 40),
]
CONTENT = [
    ("Content-Type", "text/x-fine; charset=utf-8"), ("Content-Encoding", "gzip"), ("Content-Language", "de, en"),
    ("Content-Disposition", 'attachment; filename="quite secret.txt"'), ("Cache-Control", "max-age=77, private"),
    ("Expires", "Thu, 01 Jan 2099 00:00:00 GMT"),
]


@pytest.mark.parametrize("mode", [None, sigv4.UNSIGNED_STREAM_TRAILER])
def test_metadata_and_content_headers_come_back(client, upstream, bucket, mode):
    headers = CONTENT + META
    if mode:
        # The token aws-chunked is the transfer's, not the object's; build() adds it as a second header.
        headers = [(n, v) for n, v in headers if n != "Content-Encoding"]
    assert client.put(bucket, "meta", b"body", headers=headers, payload=mode).status == 200
    for answer in (client.head(bucket, "meta"), client.get(bucket, "meta")):
        for name, value in headers:
            assert answer.all(name) == [value], name
        if mode:
            assert answer["content-encoding"] is None
        assert not [n for n, _ in answer.headers if n.lower().startswith("x-amz-meta-sealgate")]

    stored = upstream.head_object(Bucket=bucket, Key="meta")
    assert stored["ContentType"] == "application/octet-stream"
    assert set(stored["Metadata"]) == {"sealgate", "sealgate-meta"}
    for name in ("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "Expires"):
        assert name not in stored, name


def test_no_byte_of_plaintext_metadata_or_key_upstream(client, upstream, bucket, stack):
    marker = b"VERYSECRETMARKER"
    body, value = marker * 10_000, "METADATAMARKER" * 4
    assert client.put(bucket, "secret", body, headers=[("x-amz-meta-note", value), ("Content-Type", "text/x-typemarker")]).status == 200
    stored = upstream.get_object(Bucket=bucket, Key="secret")
    everything = stored["Body"].read() + repr(stored["ResponseMetadata"]).encode()
    needles = [marker, marker[:8], b"METADATAMARKER", b"typemarker", base64.b64encode(marker)[:16]]
    for line in open(stack.keyring):
        if line.strip() and not line.startswith("#"):
            key = line.split()[-1]
            needles += [key.encode(), base64.urlsafe_b64decode(key + "=")]
    for needle in needles:
        assert needle not in everything


def test_equal_objects_look_different_upstream(client, upstream, bucket):
    body = bytes(200_000)
    seen = set()
    for key in ("same-1", "same-2", "same-1"):
        assert client.put(bucket, key, body).status == 200
        stored = upstream.get_object(Bucket=bucket, Key=key)["Body"].read()
        pieces = [stored[i : i + 16] for i in range(0, len(stored) - 16, 16)]
        assert len(set(pieces)) == len(pieces)
        assert not seen & set(pieces)
        seen |= set(pieces)


RANGES = [
    # size, Range, first, last (None: whole object with 200, "416": refused)
    (200_000, "bytes=0-0", 0, 0), (200_000, "bytes=0-65535", 0, 65535), (200_000, "bytes=65535-65536", 65535, 65536),
    (200_000, "bytes=65536-65536", 65536, 65536), (200_000, "bytes=1-", 1, 199_999), (200_000, "bytes=199999-", 199_999, 199_999),
    (200_000, "bytes=0-", 0, 199_999), (200_000, "bytes=-1", 199_999, 199_999), (200_000, "bytes=-65536", 134_464, 199_999),
    (200_000, "bytes=-199999", 1, 199_999), (200_000, "bytes=-200000", 0, 199_999), (200_000, "bytes=-999999", 0, 199_999),
    (200_000, "bytes=100-999999", 100, 199_999), (200_000, "bytes=200000-", "416", None), (200_000, "bytes=-0", "416", None),
    (200_000, "bytes=200000-200100", "416", None), (200_000, "bytes=5-4", "416", None), (200_000, "bytes=a-b", None, None),
    (200_000, "bytes=", None, None), (200_000, "octets=0-1", None, None), (200_000, "bytes=0-1,5-6", None, None),
    (200_000, "bytes=99999999999999999999-", "416", None), (200_000, "bytes=0-99999999999999999999", 0, 199_999),
    (131_072, "bytes=65536-131071", 65536, 131_071), (131_072, "bytes=131071-131072", 131_071, 131_071),
    (131_072, "bytes=131072-", "416", None), (131_072, "bytes=-65537", 65535, 131_071),
    (1, "bytes=0-0", 0, 0), (1, "bytes=-1", 0, 0), (1, "bytes=1-", "416", None),
    (0, "bytes=0-", "416", None), (0, "bytes=0-0", "416", None), (0, "bytes=-1", "416", None),
]


@pytest.fixture(scope="module")
def range_objects(stack, bucket):
    bodies = {}
    for size in sorted({row[0] for row in RANGES}):
        bodies[size] = os.urandom(size)
        stack.client().put(bucket, f"range/{size}", bodies[size])
    return bodies


@pytest.mark.parametrize("size, value, first, last", RANGES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_range(client, bucket, range_objects, method, size, value, first, last):
    answer = client.request(method, bucket, f"range/{size}", headers=[("Range", value)])
    body = range_objects[size]
    if first == "416":
        assert answer.status == 416, answer
        if method == "GET":
            assert answer.code == "InvalidRange"
        return
    if first is None:
        assert (answer.status, answer["content-length"]) == (200, str(size)), answer
        wanted = body
    else:
        assert answer.status == 206, answer
        assert answer["content-range"] == f"bytes {first}-{last}/{size}"
        assert answer["content-length"] == str(last - first + 1)
        wanted = body[first : last + 1]
    if method == "GET":
        assert answer.body == wanted


def test_random_ranges(client, bucket):
    import random
    generator = random.Random(1)
    size = 700_001
    body = os.urandom(size)
    client.put(bucket, "random-ranges", body)
    for _ in range(60):
        first = generator.randrange(size)
        last = min(size - 1, first + generator.choice([0, 1, 100, 65535, 65536, 65537, 300_000]))
        answer = client.get(bucket, "random-ranges", headers=[("Range", f"bytes={first}-{last}")])
        assert (answer.status, answer.body == body[first : last + 1]) == (206, True), (first, last)


def test_conditional_reads(client, bucket):
    etag = client.put(bucket, "conditional", b"content")["etag"]
    modified = client.head(bucket, "conditional")["last-modified"]
    wrong = '"00000000000000000000000000000000-0"'
    table = [
        ([("If-Match", etag)], 200), ([("If-Match", etag.strip('"'))], 200), ([("If-Match", "*")], 200),
        ([("If-Match", wrong)], 412), ([("If-None-Match", etag)], 304), ([("If-None-Match", "*")], 304),
        ([("If-None-Match", wrong)], 200), ([("If-Modified-Since", modified)], 304),
        ([("If-Modified-Since", "Thu, 01 Jan 2015 00:00:00 GMT")], 200), ([("If-Unmodified-Since", modified)], 200),
        ([("If-Unmodified-Since", "Thu, 01 Jan 2015 00:00:00 GMT")], 412),
    ]
    for method in ("GET", "HEAD"):
        for headers, status in table:
            answer = client.request(method, bucket, "conditional", headers=headers)
            assert answer.status == status, (method, headers, answer)
            if status == 304:
                assert answer["etag"] == etag
            if status == 412 and method == "GET":
                assert answer.code == "PreconditionFailed"


def test_conditional_write(client, bucket):
    assert client.put(bucket, "only-once", b"first", headers=[("If-None-Match", "*")]).status == 200
    second = client.put(bucket, "only-once", b"second", headers=[("If-None-Match", "*")])
    assert (second.status, second.code) == (412, "PreconditionFailed")
    assert client.get(bucket, "only-once").body == b"first"


def test_overwrite(client, bucket):
    for body in (b"first" * 50_000, b"second", b""):
        assert client.put(bucket, "overwritten", body).status == 200
        assert client.get(bucket, "overwritten").body == body


@pytest.mark.parametrize("name", sorted(sigv4.CHECKSUMS))
@pytest.mark.parametrize("where", ["header", "trailer", "signed-trailer"])
def test_checksums(client, bucket, name, where):
    body = os.urandom(70_000)
    field = (f"x-amz-checksum-{name}", sigv4.checksum(name, body))
    if where == "header":
        answer = client.put(bucket, "checksum", body, headers=[field])
    else:
        mode = sigv4.UNSIGNED_STREAM_TRAILER if where == "trailer" else sigv4.SIGNED_STREAM_TRAILER
        answer = client.put(bucket, "checksum", body, payload=mode, trailers=[field])
    assert answer.status == 200, answer
    assert answer[field[0]] == field[1]
    got = client.get(bucket, "checksum", headers=[("x-amz-checksum-mode", "ENABLED")])
    assert got.body == body
    assert got[field[0]] in (None, field[1])
    part = client.get(bucket, "checksum", headers=[("x-amz-checksum-mode", "ENABLED"), ("Range", "bytes=0-9")])
    assert part.status == 206 and part[field[0]] is None  # a whole object's checksum beside a part would be wrong


def test_content_md5(client, bucket):
    assert client.put(bucket, "md5", b"content", headers=[("Content-MD5", sigv4.content_md5(b"content"))]).status == 200


def test_sse_headers(client, bucket):
    put = client.put(bucket, "sse", b"content")
    for answer in (put, client.get(bucket, "sse"), client.head(bucket, "sse")):
        assert answer["x-amz-server-side-encryption"] == "aws:kms"


def test_sse_of_the_customer_is_refused(client, bucket):
    key = os.urandom(32)
    headers = [
        ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
        ("x-amz-server-side-encryption-customer-key", base64.b64encode(key).decode()),
        ("x-amz-server-side-encryption-customer-key-md5", base64.b64encode(hashlib.md5(key).digest()).decode()),
    ]
    assert client.put(bucket, "sse-c", b"content", headers=headers).status in (400, 501)
    assert client.head(bucket, "sse-c").status == 404


def test_delete(client, upstream, bucket):
    client.put(bucket, "deleted", b"content")
    assert client.delete(bucket, "deleted").status == 204
    assert client.get(bucket, "deleted").code == "NoSuchKey"
    assert client.head(bucket, "deleted").status == 404
    assert client.delete(bucket, "deleted").status == 204
    assert not upstream.list_objects_v2(Bucket=bucket, Prefix="deleted").get("Contents")


def test_delete_many(s3, client, bucket):
    keys = [f"many/{name}" for name in ("a", "b c", "d+e", "ü", "f&<g>")]
    for key in keys:
        assert client.put(bucket, key, b"content").status == 200
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": k} for k in [*keys, "many/absent"]]})
    assert sorted(entry["Key"] for entry in answer["Deleted"]) == sorted([*keys, "many/absent"])
    assert not s3.list_objects_v2(Bucket=bucket, Prefix="many/").get("Contents")
    quiet = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "x"}], "Quiet": True})
    assert "Deleted" not in quiet


def test_delete_many_needs_an_integrity_header(client, bucket):
    body = b"<Delete><Object><Key>x</Key></Object></Delete>"
    assert client.request("POST", bucket, query=[("delete", None)], body=body).status == 400
    good = client.request("POST", bucket, query=[("delete", None)], body=body, headers=[("Content-MD5", sigv4.content_md5(body))])
    assert good.status == 200, good
    bad = client.request("POST", bucket, query=[("delete", None)], body=body, headers=[("Content-MD5", sigv4.content_md5(b"other"))])
    assert (bad.status, bad.code) == (400, "BadDigest")


@pytest.mark.parametrize("body", [
    b"", b"<Delete>", b"<Delete/>", b"<Other/>", b"<Delete><Object/></Delete>", b"not xml",
    b'<!DOCTYPE d [<!ENTITY e "x">]><Delete><Object><Key>&e;</Key></Object></Delete>',
    b"<Delete>" + b"<Object><Key>k</Key></Object>" * 1001 + b"</Delete>",
])
def test_delete_many_refuses(client, bucket, body):
    answer = client.request("POST", bucket, query=[("delete", None)], body=body, headers=[("Content-MD5", sigv4.content_md5(body))])
    assert answer.status == 400, answer
    assert answer.code in ("MalformedXML", "MissingRequestBodyError", "InvalidRequest")


@pytest.mark.parametrize("method, key, query", [
    ("POST", "k", "uploads"), ("PUT", "k", "partNumber=1&uploadId=x"), ("GET", "k", "uploadId=x"), ("DELETE", "k", "uploadId=x"),
    ("POST", "k", "uploadId=x"), ("GET", None, "uploads"), ("GET", None, "versions"), ("GET", "k", "tagging"), ("PUT", "k", "acl"),
    ("GET", "k", "acl"), ("GET", None, "policy"), ("PUT", None, "policy"), ("GET", None, "versioning"), ("PUT", None, "lifecycle"),
    ("GET", "k", "attributes"), ("GET", "k", "torrent"), ("POST", "k", "select&select-type=2"), ("POST", "k", "restore"),
    ("GET", None, "unknown-subresource"), ("PUT", None, "encryption"), ("GET", "k", "retention"), ("PUT", "k", "legal-hold"),
])
def test_other_operations_are_not_implemented(client, bucket, method, key, query):
    pairs = [tuple(p.split("=")) if "=" in p else (p, None) for p in query.split("&")]
    answer = client.request(method, bucket, key, query=pairs)
    assert (answer.status, answer.code) == (501, "NotImplemented"), answer


def test_copy_is_not_implemented(client, bucket):
    client.put(bucket, "source", b"content")
    answer = client.request("PUT", bucket, "copy", headers=[("x-amz-copy-source", f"/{bucket}/source")])
    assert (answer.status, answer.code) == (501, "NotImplemented")
    assert client.head(bucket, "copy").status == 404


@pytest.mark.parametrize("name", ["x-amz-meta-sealgate", "x-amz-meta-sealgate-meta", "X-Amz-Meta-SealGate", "x-amz-meta-sealgate-x"])
def test_reserved_metadata_is_refused(client, bucket, name):
    answer = client.put(bucket, "reserved", b"content", headers=[(name, "v=1")])
    assert answer.status == 400, answer
    assert client.head(bucket, "reserved").status == 404


def test_metadata_too_large(client, bucket):
    fits = [(f"x-amz-meta-{i}", "v" * 300) for i in range(4)]
    assert client.put(bucket, "metadata", b"", headers=fits).status == 200
    answer = client.put(bucket, "metadata", b"", headers=[(f"x-amz-meta-{i}", "v" * 300) for i in range(8)])
    assert (answer.status, answer.code) == (400, "MetadataTooLarge")


def test_body_without_length(client, bucket):
    head, _ = client.build("PUT", bucket, "no-length", body=b"content", length=False)
    answer = client.send(head.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n"), b"7\r\ncontent\r\n0\r\n\r\n")
    assert (answer.status, answer.code) == (411, "MissingContentLength")
    assert client.head(bucket, "no-length").status == 404


@pytest.mark.parametrize("length, status", [(5_366_371_125, 400), (1 << 40, 400), ((1 << 63) - 1, 400)])
def test_entity_too_large_before_a_byte_is_sent(client, bucket, length, status):
    head, _ = client.build("PUT", bucket, "large", payload=sigv4.UNSIGNED, length=False)
    head = head.replace(b"\r\n\r\n", b"\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n" % length)
    answer = client.send(head, b"", "PUT")
    assert (answer.status, answer.code) == (status, "EntityTooLarge"), answer


def test_key_of_1024_bytes(client, stack, fake):
    """The upstream here is the fake: a store may have a smaller limit of its own."""
    with_fake = fake.gateway.client()
    assert with_fake.put("bucket", "k" * 1024, b"content").status == 200
    assert with_fake.get("bucket", "k" * 1024).body == b"content"
    answer = with_fake.put("bucket", "k" * 1025, b"content")
    assert (answer.status, answer.code) == (400, "KeyTooLongError")


KEYS = [
    "plain", "with space", " leading and trailing ", "plus+plus", "percent%41", "percent%", "%2F", "a/b/c", "ends/", "quote'\"",
    "ümläut/日本語/🙂", "a&b=c;d?e#f", "back\\slash", "tilde~()*!", "control\x01\x1f", "<xml>&amp;", "new\nline", "comma,colon:",
    "/leading", "//leading", "double//slash", "a///b", "..", "../up", "a/../b", ".", "./here", "a/./b", "a/..", "...", "nul-free\x7f",
]


@pytest.mark.parametrize("key", KEYS)
def test_keys_are_not_touched(fake, key):
    """Every key is itself and no other, in the object's path and in listings. The fake upstream takes any."""
    fake.buckets["bucket"].clear()
    client = fake.gateway.client()
    body = key.encode() * 3
    assert client.put("bucket", key, body).status == 200
    assert list(fake.buckets["bucket"]) == [key.encode()]
    answer = client.get("bucket", key)
    assert (answer.status, answer.body) == (200, body)
    assert client.head("bucket", key).status == 200
    listing = fake.gateway.boto().list_objects_v2(Bucket="bucket", EncodingType="url")
    from urllib.parse import unquote
    assert [unquote(c["Key"]) for c in listing["Contents"]] == [key]
    assert client.delete("bucket", key).status == 204
    assert not fake.buckets["bucket"]


@pytest.mark.parametrize("key", [k for k in KEYS if "\n" not in k])
def test_keys_on_a_real_store(client, bucket, key):
    """A store may refuse a key; then so does the gateway, and nothing else was written."""
    answer = client.put(bucket, key, key.encode())
    assert answer.status in (200, 400, 404, 502), answer
    if answer.status == 200:
        assert client.get(bucket, key).body == key.encode()
        assert client.delete(bucket, key).status == 204


def test_clean_and_unclean_keys_are_two_keys(fake):
    client = fake.gateway.client()
    for key in ("a/b", "a//b", "a/./b", "a/x/../b", "/a/b", "a/b/"):
        assert client.put("bucket", key, key.encode()).status == 200
    for key in ("a/b", "a//b", "a/./b", "a/x/../b", "/a/b", "a/b/"):
        assert client.get("bucket", key).body == key.encode()
