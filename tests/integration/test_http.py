"""The HTTPS listener as a stranger sees it: TLS only, strict framing, nothing read that was not asked for."""

import os
import socket
import ssl
import time
import warnings

import pytest

from support import sigv4
from support.rawclient import Connection, ConnectionLost, head_bytes
from support.stack import is_ready


def test_hsts_and_request_id_on_every_answer(client, bucket):
    for answer in (client.put(bucket, "h", b"x"), client.get(bucket, "h"), client.get(bucket, "absent"), client.request("GET"),
                   client.send(head_bytes("GET", "/", [("Host", client.host)]), b"")):
        assert answer["strict-transport-security"], answer
        assert answer["x-amz-request-id"], answer
        assert answer["date"], answer


def test_error_body(client, bucket):
    answer = client.get(bucket, "absent & <escaped>")
    assert answer["content-type"] == "application/xml"
    assert answer.xml("RequestId") == answer["x-amz-request-id"]
    assert answer.xml("Code") == "NoSuchKey" and answer.xml("Message")
    assert client.head(bucket, "absent").body == b""


def test_plain_http_on_the_tls_port(stack):
    with Connection(stack.url.replace("https", "http")) as connection:
        connection.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = connection.read_response()
        assert answer.status == 400
        assert b"HTTPS" in answer.body or b"https" in answer.body
        assert connection.is_closed()


def test_garbage_on_the_tls_port(stack):
    for data in (b"\x00" * 100, os.urandom(500), b"\x16\x03\x01\xff\xff" + b"x" * 100, b"SSH-2.0-x\r\n"):
        with Connection(stack.url.replace("https", "http")) as connection:
            connection.send(data)
            connection.socket.shutdown(socket.SHUT_WR)
            assert connection.is_closed(15)
    assert is_ready(stack.admin_url)


@pytest.mark.parametrize("method, target", [("GET", "/"), ("PUT", "/bucket/key"), ("HEAD", "/"), ("DELETE", "/b"), ("POST", "/b?delete")])
def test_the_listener_that_refuses_http(stack, method, target):
    with Connection(stack.http_url) as connection:
        connection.send(head_bytes(method, target, [("Host", "localhost"), ("Content-Length", "1000000")] if method in ("PUT", "POST")
                                   else [("Host", "localhost")]))
        answer = connection.read_response(method)
        assert answer.status == 403
        assert answer["location"] is None
        if method != "HEAD":
            assert answer.code == "AccessDenied"
        assert connection.is_closed()


def tls(stack, minimum, maximum, ciphers=None):
    context = ssl.create_default_context(cafile=stack.ca_file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old versions are the point
        context.minimum_version, context.maximum_version = minimum, maximum
    if ciphers:
        context.set_ciphers(ciphers)
    with Connection(stack.url, context=context) as connection:
        return connection.socket.version(), connection.socket.cipher()[0]


def test_tls_versions(stack):
    v = ssl.TLSVersion
    assert tls(stack, v.TLSv1_2, v.TLSv1_3)[0] == "TLSv1.3"
    assert tls(stack, v.TLSv1_2, v.TLSv1_2)[0] == "TLSv1.2"
    for version in (v.TLSv1, v.TLSv1_1):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            tls(stack, version, version, "ALL:@SECLEVEL=0")


@pytest.mark.parametrize("suite", ["ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES256-SHA", "ECDHE-ECDSA-AES128-SHA"])
def test_suites_without_aead_are_refused(stack, suite):
    with pytest.raises((ssl.SSLError, ConnectionError)):
        tls(stack, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2, suite + ":@SECLEVEL=0")


def test_alpn(stack):
    context = ssl.create_default_context(cafile=stack.ca_file)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with Connection(stack.url, context=context) as connection:
        assert connection.socket.selected_alpn_protocol() == "http/1.1"


def status_of(stack, data, timeout=10):
    """The status that the bytes get, and whether the connection ends behind it; 0: closed without an answer."""
    with Connection(stack.url, stack.ca_file, timeout) as connection:
        try:
            connection.send(data)
            answer = connection.read_response()
        except (ConnectionLost, OSError):
            return 0, True
        return answer.status, connection.is_closed(3)


HOST = b"Host: localhost\r\n"


@pytest.mark.parametrize("data", [
    b"GET / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"PUT /b/k HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    b"PUT /b/k HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    b"PUT /b/k HTTP/1.1\r\n" + HOST + b"Content-Length: 3, 4\r\n\r\nabcd",
    b"PUT /b/k HTTP/1.1\r\n" + HOST + b"Content-Length: +3\r\n\r\nabc",
    b"PUT /b/k HTTP/1.1\r\n" + HOST + b"Content-Length: -3\r\n\r\nabc",
    b"PUT /b/k HTTP/1.1\r\n" + HOST + b"Content-Length: 0x3\r\n\r\nabc",
    b"PUT /b/k HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999999999999999999\r\n\r\nabc",
    b"PUT /b/k HTTP/1.1\r\n" + HOST + b"Content-Length:\r\n\r\nabc",
    b"PUT /b/k HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip\r\n\r\nabc",
    b"PUT /b/k HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    b"PUT /b/k HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    b"PUT /b/k HTTP/1.1\r\n" + HOST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    b"PUT /b/k HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"PUT /b/k HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"X-Folded: a\r\n b\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b" X-Leading: a\r\n\r\n",
    b"GET / HTTP/1.1\n" + b"Host: localhost\n\n",
    b"GET / HTTP/1.1\r\nHost: localhost\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"X: a\nY: b\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"X: a\rb\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"X: a\x00b\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"X y: a\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b": a\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"Host: other\r\n\r\n",
    b"GET / HTTP/2.0\r\n" + HOST + b"\r\n",
    b"GET / HTTP/1.2\r\n" + HOST + b"\r\n",
    b"GET /\r\n\r\n",
    b"GET  / HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET / extra HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET * HTTP/1.1\r\n" + HOST + b"\r\n",
    b"CONNECT localhost:1 HTTP/1.1\r\n" + HOST + b"\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\r\n\r\n\r\nfoo\r\n\r\n",
])
def test_bad_http_is_refused_and_the_connection_ends(stack, data):
    status, closed = status_of(stack, data)
    assert status in (0, 400, 405, 501, 505), status
    assert closed


def test_smuggled_request_is_not_served(stack):
    """What stands behind a refused request is never read as a request."""
    data = (b"PUT /b/k HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n")
    before = stack.access_log.count("smuggled")
    with Connection(stack.url, stack.ca_file) as connection:
        connection.send(data)
        try:
            assert connection.read_response().status == 400
        except ConnectionLost:
            pass
        assert connection.is_closed()
        assert b"HTTP/1.1 " not in connection.buffer
    assert stack.access_log.count("smuggled") == before


@pytest.mark.parametrize("lines", [
    [b"X-Long: " + b"a" * 70_000], [b"X-%d: a" % i for i in range(200)],
    [b"X-%d: %s" % (i, b"a" * 1000) for i in range(80)],
])
def test_head_too_large(stack, lines):
    status, closed = status_of(stack, b"GET / HTTP/1.1\r\n" + HOST + b"\r\n".join(lines) + b"\r\n\r\n")
    assert status in (400, 431, 0)
    assert closed


def test_target_too_long(stack):
    status, _ = status_of(stack, b"GET /" + b"a" * 17_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n")
    assert status in (400, 414)


@pytest.mark.parametrize("target", ["/%", "/%zz", "/b/%f", "/b/k%00", "/\xff", "http://localhost/b", "/b/%c0%80", "/b/\x01"])
def test_bad_targets(stack, target):
    status, _ = status_of(stack, b"GET " + target.encode("latin-1") + b" HTTP/1.1\r\n" + HOST + b"\r\n")
    assert status in (0, 400, 403)


@pytest.mark.parametrize("body", [
    b"5\r\nabcd\r\n0\r\n\r\n", b"x\r\nabc\r\n0\r\n\r\n", b"-1\r\n\r\n", b"3\nabc\n0\n\n", b"3;" + b"x" * 70_000 + b"\r\nabc\r\n0\r\n\r\n",
    b"ffffffffffffffff\r\nabc", b"fffffffffffffffff\r\nabc", b"3\r\nabcX0\r\n\r\n", b" 3\r\nabc\r\n0\r\n\r\n", b"0x3\r\nabc\r\n0\r\n\r\n",
])
def test_bad_http_chunks(stack, bucket, body):
    client = stack.client()
    head, payload = client.build("PUT", bucket, "never", body=b"abc", payload=sigv4.UNSIGNED_STREAM_TRAILER)
    lines = [l for l in head.split(b"\r\n") if not l.lower().startswith(b"content-length")]
    lines.insert(1, b"Transfer-Encoding: chunked")
    with client.connect() as connection:
        connection.send(b"\r\n".join(lines) + body)
        connection.socket.settimeout(3)
        try:
            answer = connection.read_response("PUT")
            assert answer.status in (400, 408), answer
        except (ConnectionLost, TimeoutError):
            pass
    assert client.head(bucket, "never").status == 404


def test_keep_alive_and_pipelining(stack, bucket):
    client = stack.client()
    requests = b""
    for i in range(5):
        head, body = client.build("PUT", bucket, f"pipelined/{i}", body=b"content %d" % i)
        requests += head + body
        head, _ = client.build("GET", bucket, f"pipelined/{i}")
        requests += head
    with client.connect() as connection:
        connection.send(requests)
        for i in range(5):
            assert connection.read_response("PUT").status == 200
            assert connection.read_response().body == b"content %d" % i


def test_head_byte_by_byte(stack, bucket):
    client = stack.client()
    head, body = client.build("PUT", bucket, "slow", body=b"slow content")
    with client.connect() as connection:
        for i in range(len(head + body)):
            connection.send((head + body)[i : i + 1])
        assert connection.read_response("PUT").status == 200
    assert client.get(bucket, "slow").body == b"slow content"


def test_connection_close(stack, bucket):
    client = stack.client()
    client.put(bucket, "closing", b"content")
    head, _ = client.build("GET", bucket, "closing")
    with client.connect() as connection:
        connection.send(head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        answer = connection.read_response()
        assert (answer.status, answer.body) == (200, b"content"), answer
        assert connection.is_closed(3)


def test_http_1_0_is_told_so(stack):
    status, closed = status_of(stack, b"GET / HTTP/1.0\r\n" + HOST + b"\r\n")
    assert (status, closed) == (505, True)


def test_early_error_reaches_a_client_that_keeps_sending(stack):
    """The refusal must arrive although its reason was known before the body."""
    client = stack.client()
    head, _ = client.build("PUT", "no-such-bucket-here", "k", payload=sigv4.UNSIGNED, length=False)
    body = os.urandom(400_000)
    with client.connect() as connection:
        connection.send(head.replace(b"\r\n\r\n", b"\r\nContent-Length: %d\r\n\r\n" % len(body)))
        try:
            connection.send(body)
        except OSError:
            pass
        assert connection.read_response("PUT").status == 404


def test_idle_and_slow_connections_end(stack, bucket):
    def change(config):
        config["server"].update(idle_timeout="1s", head_timeout="1s", stall_timeout="1s")

    gateway = stack.gateway(change)
    client = gateway.client()
    client.put(bucket, "idle", b"content")
    begin = time.monotonic()
    assert client.kept.is_closed(8)  # idle between requests
    with client.connect() as connection:  # never a whole head
        connection.send(b"GET / HTTP/1.1\r\nHost: x\r\n")
        assert connection.is_closed(8)
    with Connection(gateway.url.replace("https", "http")) as connection:  # never a handshake
        assert connection.is_closed(15)
    client.close()
    head, _ = client.build("PUT", bucket, "never", payload=sigv4.UNSIGNED, length=False)
    with client.connect() as connection:  # a body that stops
        connection.send(head.replace(b"\r\n\r\n", b"\r\nContent-Length: 100\r\n\r\nonly this"))
        answer = connection.read_response("PUT")
        assert (answer.status, answer.code) == (400, "RequestTimeout")
    assert time.monotonic() - begin < 25
    assert client.head(bucket, "never").status == 404
    gateway.stop()


def test_slow_body_that_moves_is_not_cut(stack, bucket):
    """Stall timeouts, no whole-transfer timeout."""
    gateway = stack.gateway(lambda config: config["server"].update(stall_timeout="1500ms", idle_timeout="1500ms"))
    client = gateway.client()
    body = b"0123456789"
    head, _ = client.build("PUT", bucket, "moving", body=body)
    with client.connect() as connection:
        connection.send(head)
        for i in range(len(body)):
            time.sleep(0.4)
            connection.send(body[i : i + 1])
        assert connection.read_response("PUT").status == 200
    gateway.stop()


def test_graceful_shutdown_finishes_what_runs(stack, bucket):
    gateway = stack.gateway()
    client = gateway.client()
    body = os.urandom(300_000)
    head, _ = client.build("PUT", bucket, "finishing", body=body)
    with client.connect() as connection, client.connect() as idle:
        idle.send(client.build("GET", bucket)[0])
        idle.read_response()
        connection.send(head + body[:100_000])
        time.sleep(0.3)
        gateway.process.terminate()
        time.sleep(0.5)
        assert idle.is_closed(5)
        with pytest.raises(OSError):
            client.connect()
        connection.send(body[100_000:])
        assert connection.read_response("PUT").status == 200
    assert gateway.process.wait(15) == 0
    assert stack.client().get(bucket, "finishing").body == body


def test_admin_listener(stack):
    from urllib.error import HTTPError
    from urllib.request import urlopen
    assert urlopen(stack.admin_url + "/healthz").status == 200
    assert urlopen(stack.admin_url + "/readyz").status == 200
    with pytest.raises(HTTPError):
        urlopen(stack.admin_url + "/other")


def test_virtual_host_style(stack, bucket):
    client = stack.client()
    client.put(bucket, "virtual", b"content")
    signed, _, _ = client.signer.sign("GET", "/virtual", [], [("Host", f"{bucket}.s3.test")], sigv4.EMPTY_SHA256)
    with client.connect(server_hostname=f"{bucket}.s3.test") as connection:
        connection.send(head_bytes("GET", "/virtual", signed))
        assert connection.read_response().body == b"content"


def test_access_log_line(stack, bucket):
    import json
    gateway = stack.gateway()
    client = gateway.client()
    put = client.put(bucket, "logged key", b"content", headers=[("x-amz-meta-note", "metadata value")])
    client.get(bucket, "absent")
    gateway.stop()
    lines = [json.loads(line) for line in gateway.access_log.splitlines()]
    assert len(lines) == 2
    text = gateway.access_log
    assert "PutObject" in text and put["x-amz-request-id"] in text and stack.access_key in text and "logged key" in text
    assert "NO_SUCH_KEY" in text or "NoSuchKey" in text
    assert "TLSv1.3" in text
    for secret in (stack.secret_key, "metadata value", "Signature="):
        assert secret not in text + gateway.log


def test_keys_can_be_hashed_in_the_log(stack, bucket):
    gateway = stack.gateway(lambda config: config["log"].update(hash_keys=True))
    gateway.client().put(bucket, "a quite secret name", b"content")
    gateway.stop()
    assert "PutObject" in gateway.access_log
    assert "secret name" not in gateway.access_log + gateway.log
