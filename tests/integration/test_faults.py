"""Things break in the middle: the client gets the right error, and the object is there whole, or the old one, or none."""

import base64
import hashlib
import os
import signal
import socket
import threading
import time

import pytest

from support import sigv4
from support.rawclient import ConnectionLost, head_bytes, wait_until

SIZES = [0, 1, 65536, 65537, 1_000_000]
OLD = b"the old object"


@pytest.fixture(params=[False, True], ids=["no-object", "old-object"])
def key(request, client, bucket):
    """A key without an object, and one with an object that must survive."""
    name = "fault-" + os.urandom(6).hex()
    if request.param:
        assert client.put(bucket, name, OLD).status == 200
    yield name
    # Whatever the test did: the object is the old one, or there is none, here and upstream.
    wait_until(lambda: is_untouched(client, bucket, name, request.param), 10, "the key being as it was")


def is_untouched(client, bucket, name, had_old):
    answer = client.get(bucket, name)
    return (answer.status, answer.body) == (200, OLD) if had_old else answer.status == 404


def wrong_in_header(name):
    return lambda body: {"headers": [(f"x-amz-checksum-{name}", sigv4.checksum(name, body + b"x"))]}


def wrong_in_trailer(name, mode):
    return lambda body: {"payload": mode, "trailers": [(f"x-amz-checksum-{name}", sigv4.checksum(name, body + b"x"))]}


REFUSALS = [
    *[(f"checksum-{n}", wrong_in_header(n), 400, "BadDigest") for n in sorted(sigv4.CHECKSUMS)],
    *[(f"trailer-{n}", wrong_in_trailer(n, sigv4.UNSIGNED_STREAM_TRAILER), 400, "BadDigest") for n in sorted(sigv4.CHECKSUMS)],
    *[(f"signed-trailer-{n}", wrong_in_trailer(n, sigv4.SIGNED_STREAM_TRAILER), 400, "BadDigest") for n in ("crc32", "sha256")],
    ("content-md5", lambda b: {"headers": [("Content-MD5", sigv4.content_md5(b + b"x"))]}, 400, "BadDigest"),
    ("content-md5-malformed", lambda b: {"headers": [("Content-MD5", "not base64")]}, 400, "InvalidDigest"),
    ("content-md5-short", lambda b: {"headers": [("Content-MD5", base64.b64encode(b"short").decode())]}, 400, "InvalidDigest"),
    ("payload-hash", lambda b: {"payload": hashlib.sha256(b + b"x").hexdigest()}, 400, "XAmzContentSHA256Mismatch"),
    ("first-chunk-signature", lambda b: {"payload": sigv4.SIGNED_STREAM, "break_chunk": 0}, 403, "SignatureDoesNotMatch"),
    ("last-chunk-signature", lambda b: {"payload": sigv4.SIGNED_STREAM, "break_chunk": "last"}, 403, "SignatureDoesNotMatch"),
    ("trailer-signature", lambda b: {"payload": sigv4.SIGNED_STREAM_TRAILER, "break_trailer": True,
                                     "trailers": [("x-amz-checksum-crc32", sigv4.checksum("crc32", b))]}, 403, "SignatureDoesNotMatch"),
    ("checksum-malformed", lambda b: {"headers": [("x-amz-checksum-crc32", "###")]}, 400, "InvalidRequest"),
    ("checksum-short", lambda b: {"headers": [("x-amz-checksum-sha256", "AAAA")]}, 400, "InvalidRequest"),
    ("checksum-unknown", lambda b: {"headers": [("x-amz-checksum-crc99", "AAAAAA==")]}, 400, None),
    ("two-checksums", lambda b: {"headers": [("x-amz-checksum-crc32", sigv4.checksum("crc32", b)),
                                             ("x-amz-checksum-sha1", sigv4.checksum("sha1", b))]}, 400, "InvalidRequest"),
    ("other-algorithm-named", lambda b: {"headers": [("x-amz-sdk-checksum-algorithm", "SHA256"),
                                                     ("x-amz-checksum-crc32", sigv4.checksum("crc32", b))]}, 400, "InvalidRequest"),
]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("options, status, code", [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_refused_upload_leaves_nothing(client, bucket, key, size, options, status, code):
    body = os.urandom(size)
    answer = client.put(bucket, key, body, **options(body))
    assert answer.status == status, answer
    if code:
        assert answer.code == code, answer


def chunked(client, bucket, key, body, mode, change):
    """An aws-chunked request whose framed body goes through change(); Content-Length is that of the result."""
    head, framed = client.build("PUT", bucket, key, body=body, payload=mode, chunk=50_000)
    changed = change(framed)
    head = head.replace(b"Content-Length: %d" % len(framed), b"Content-Length: %d" % len(changed))
    return client.send(head, changed, "PUT")


FRAMING = [
    ("no-last-chunk", lambda f: f[: f.rindex(b"\r\n0")] + b"\r\n"),
    ("data-behind", lambda f: f + b"x"),
    ("size-too-small", lambda f: b"c34f" + f[4:]),
    ("size-not-hex", lambda f: b"zz" + f[2:]),
    ("size-huge", lambda f: b"ffffffffffffffff" + f),
    ("size-beyond-64-bits", lambda f: b"1" + b"0" * 20 + f),
    ("no-crlf-behind-data", lambda f: f.replace(b"\r\n", b"\n")),
    ("long-extension", lambda f: f.replace(b"\r\n", b";x=" + b"y" * 10_000 + b"\r\n", 1)),
    ("only-garbage", lambda f: b"garbage" * 100),
    ("empty", lambda f: b""),
]


@pytest.mark.parametrize("mode", [sigv4.SIGNED_STREAM, sigv4.UNSIGNED_STREAM_TRAILER])
@pytest.mark.parametrize("change", [row[1] for row in FRAMING], ids=[row[0] for row in FRAMING])
def test_bad_aws_chunks(client, bucket, key, mode, change):
    try:
        answer = chunked(client, bucket, key, os.urandom(120_000), mode, change)
        assert answer.status in (400, 403), answer
    except ConnectionLost:
        pass


@pytest.mark.parametrize("length_off_by", [-1, 1, -65536, 100_000])
@pytest.mark.parametrize("mode", [sigv4.SIGNED_STREAM, sigv4.UNSIGNED_STREAM_TRAILER])
def test_decoded_length_that_is_not_true(client, bucket, key, mode, length_off_by):
    body = os.urandom(120_000)
    headers = [("Host", client.host), ("x-amz-decoded-content-length", str(len(body) + length_off_by))]
    signed, seed, date = client.signer.sign("PUT", f"/{bucket}/{key}", [], headers, mode)
    framed = sigv4.ChunkedBody(client.signer, date, seed, body, mode).bytes()
    head = head_bytes("PUT", f"/{bucket}/{key}", signed + [("Content-Length", str(len(framed)))])
    answer = client.send(head, framed, "PUT")
    assert (answer.status, answer.code) == (400, "IncompleteBody"), answer


TRAILERS = [
    ("announced-but-absent", [], "x-amz-checksum-crc32"),
    ("another-than-announced", [("x-amz-checksum-sha1", "AAAA")], "x-amz-checksum-crc32"),
    ("twice", [("x-amz-checksum-crc32", None), ("x-amz-checksum-crc32", None)], None),
    ("one-more", [("x-amz-checksum-crc32", None), ("x-amz-meta-late", "x")], None),
    ("very-long", [("x-amz-checksum-crc32", "A" * 10_000)], None),
]


@pytest.mark.parametrize("trailers, announce", [row[1:] for row in TRAILERS], ids=[row[0] for row in TRAILERS])
def test_bad_trailers(client, bucket, key, trailers, announce):
    body = os.urandom(70_000)
    trailers = [(n, sigv4.checksum("crc32", body) if v is None else v) for n, v in trailers]
    announce = announce or "x-amz-checksum-crc32"
    headers = [("Host", client.host), ("x-amz-decoded-content-length", str(len(body))), ("x-amz-trailer", announce)]
    signed, seed, date = client.signer.sign("PUT", f"/{bucket}/{key}", [], headers, sigv4.UNSIGNED_STREAM_TRAILER)
    framed = sigv4.ChunkedBody(client.signer, date, seed, body, sigv4.UNSIGNED_STREAM_TRAILER, trailers=trailers).bytes()
    answer = client.send(head_bytes("PUT", f"/{bucket}/{key}", signed + [("Content-Length", str(len(framed)))]), framed, "PUT")
    assert answer.status == 400, answer


@pytest.mark.parametrize("how", ["close", "reset", "half-close"])
@pytest.mark.parametrize("size, sent", [(100, 50), (65536, 65535), (1_000_000, 500_000), (10_000_000, 9_999_999)])
def test_client_that_goes_in_the_middle(stack, bucket, key, size, sent, how):
    client = stack.client()
    body = os.urandom(size)
    head, body = client.build("PUT", bucket, key, body=body)
    with client.connect() as connection:
        connection.send(head + body[:sent])
        time.sleep(0.2)
        if how == "reset":
            connection.reset()
        elif how == "half-close":
            connection.socket.shutdown(socket.SHUT_WR)
            try:
                assert connection.read_response("PUT").status >= 400
            except ConnectionLost:
                pass


def test_short_body_is_never_complete(stack, bucket, key):
    """Content-Length promises more than ever comes; the gateway gives up after its stall timeout."""
    gateway = stack.gateway(lambda config: config["server"].update(stall_timeout="1s"))
    client = gateway.client()
    head, body = client.build("PUT", bucket, key, body=b"content" * 1000)
    with client.connect() as connection:
        connection.send(head + body[:-1])
        answer = connection.read_response("PUT")
        assert (answer.status, answer.code) in ((400, "RequestTimeout"), (400, "IncompleteBody")), answer
    gateway.stop()


def upload_half(client, bucket, key, size):
    """Sends half of an upload and keeps the connection open."""
    head, body = client.build("PUT", bucket, key, body=os.urandom(size))
    connection = client.connect()
    connection.send(head + body[: size // 2])
    time.sleep(0.5)
    return connection, body[size // 2 :]


@pytest.mark.parametrize("size", [1_000_000, 40_000_000])
def test_gateway_killed_in_the_middle(stack, bucket, key, size):
    gateway = stack.gateway()
    connection, rest = upload_half(gateway.client(), bucket, key, size)
    gateway.stop(signal.SIGKILL)
    with pytest.raises((ConnectionLost, OSError)):
        connection.send(rest)
        connection.read_response("PUT")
    connection.close()


@pytest.mark.parametrize("size", [1_000_000, 40_000_000])
def test_upstream_killed_in_the_middle(stack, bucket, key, size):
    client = stack.client()
    connection, rest = upload_half(client, bucket, key, size)
    stack.stop("upstream", "KILL")
    try:
        try:
            connection.send(rest)
        except OSError:
            pass
        answer = connection.read_response("PUT")
        assert (answer.status, answer.code) == (503, "SlowDown"), answer
        down = stack.client().get(bucket, "anything")
        assert (down.status, down.code) == (503, "SlowDown"), down
    finally:
        stack.start("upstream")
    connection.close()
    wait_until(lambda: stack.client().get(bucket, "anything").status == 404, 20, "the gateway's recovery")


def test_gateway_killed_during_a_download(stack, bucket):
    gateway = stack.gateway()
    client = gateway.client()
    stack.client().put(bucket, "downloaded", os.urandom(40_000_000))
    head, _ = client.build("GET", bucket, "downloaded")
    with client.connect() as connection:
        connection.send(head)
        connection.read_head()
        connection.read_exactly(1_000_000)
        gateway.stop(signal.SIGKILL)
        with pytest.raises(ConnectionLost):
            connection.read_exactly(39_000_000)


def test_upstream_killed_during_a_download(stack, bucket):
    """The connection ends before Content-Length, and every byte that came is right."""
    body = os.urandom(60_000_000)
    stack.client().put(bucket, "cut", body)
    client = stack.client()
    head, _ = client.build("GET", bucket, "cut")
    with client.connect() as connection:
        connection.send(head)
        assert connection.read_head().status == 200
        got = connection.read_exactly(1_000_000)
        stack.stop("upstream", "KILL")
        try:
            with pytest.raises(ConnectionLost):
                while True:
                    connection.fill()
            got += connection.buffer
        finally:
            stack.start("upstream")
    assert len(got) < len(body)
    assert got == body[: len(got)]


@pytest.mark.parametrize("cut", [0, 1, 28, 65563, 65564, 65565, 200_000, 300_330])
def test_upstream_that_cuts_a_download(fake, cut):
    fake.reset()
    body = os.urandom(300_000)
    client = fake.gateway.client()
    assert client.put("bucket", "cut", body).status == 200
    fake.cut_after = cut
    try:
        answer = client.get("bucket", "cut")
        assert answer.status >= 500, answer
    except ConnectionLost as lost:
        assert lost.response.status == 200
        assert len(lost.response.body) < len(body)
        assert body.startswith(lost.response.body)
    finally:
        fake.reset()


@pytest.mark.parametrize("after", [0, 1000, 300_000])
def test_upstream_that_refuses_an_upload_early(fake, after):
    """The store answers 4xx before it has read everything: the client hears it, and the gateway serves on."""
    fake.reset()

    def refuse(handler, bucket, key, query):
        if handler.command != "PUT":
            return False
        handler.read_body(min(after, int(handler.headers["content-length"])))
        handler.close_connection = True
        handler.reply(403, [("Connection", "close")], b"<Error><Code>AccessDenied</Code></Error>")
        return True

    fake.hook = refuse
    client = fake.gateway.client()
    try:
        answer = client.put("bucket", "refused", os.urandom(1_000_000))
        assert answer.status >= 400, answer
    finally:
        fake.reset()
    assert client.put("bucket", "accepted", b"content").status == 200
    fake.buckets["bucket"].clear()


def test_two_writers_one_winner(stack, bucket):
    """Parallel uploads to one key: the result is one of them, whole."""
    bodies = [bytes([65 + n]) * 3_000_000 for n in range(6)]
    threads = [threading.Thread(target=lambda b=b: stack.client().put(bucket, "raced", b)) for b in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stack.client().get(bucket, "raced").body in bodies


def test_read_while_it_is_overwritten(stack, bucket):
    """A reader gets one version, whole, or an error; never two halves."""
    bodies = [bytes([65 + n]) * 2_000_000 for n in range(2)]
    writer = stack.client()
    writer.put(bucket, "mixed", bodies[0])
    stop = threading.Event()

    def write():
        turn = 0
        while not stop.is_set():
            turn += 1
            writer.put(bucket, "mixed", bodies[turn % 2])

    thread = threading.Thread(target=write)
    thread.start()
    reader, seen = stack.client(), 0
    try:
        for _ in range(40):
            try:
                answer = reader.get(bucket, "mixed")
            except ConnectionLost:
                reader.close()
                continue
            if answer.status == 200:
                assert answer.body in bodies
                seen += 1
    finally:
        stop.set()
        thread.join()
    assert seen
