"""The side towards the store: always TLS, always verified, and what clients hear when it fails."""

import socket
import subprocess
import threading
import time

import pytest

from support import sigv4
from support.fakes3 import FakeS3
from support.stack import free_port


def with_upstream(stack, url, **more):
    def change(config):
        config["upstream"].update(endpoint=url, **more)

    return stack.gateway(change, wait=False)


def first_answer(gateway, method="GET", key="k", **options):
    from support.rawclient import wait_until

    def up():
        assert gateway.process.poll() is None, gateway.log
        try:
            gateway.client().connect().close()
            return True
        except OSError:
            return False

    wait_until(up, 20, "the listener")
    return gateway.client().request(method, "bucket", key, **options)


@pytest.mark.parametrize("what", ["unknown-ca", "wrong-name", "expired"])
def test_a_server_that_cannot_be_verified(stack, tmp_path, what):
    pki = tmp_path / "pki"
    ca = str(pki / "ca.crt")
    if what == "unknown-ca":
        fake, ca = FakeS3(pki), stack.ca_file
    elif what == "wrong-name":
        fake = FakeS3(pki, address="127.0.0.2", name="127.0.0.2")  # loopback too, but not in the certificate
    else:
        FakeS3(pki).close()
        expire(pki, "fake")
        fake = FakeS3(pki, make_certificate=False)
    gateway = with_upstream(stack, fake.url, ca_file=ca)
    answer = first_answer(gateway, "PUT", body=b"never to be seen")
    assert (answer.status, answer.code) == (502, "BadGateway"), answer
    assert fake.requests == []
    gateway.stop()
    fake.close()


def expire(folder, name):
    """Replaces a certificate by one of the past."""
    subprocess.run(["openssl", "req", "-new", "-key", folder / f"{name}.key", "-subj", "/CN=old", "-out", folder / "old.csr"], check=True)
    (folder / "ext").write_text("subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n")
    (folder / "index").write_text("")
    (folder / "serial").write_text("77\n")
    (folder / "ca.conf").write_text(
        f"[ca]\ndefault_ca=c\n[c]\ndatabase={folder}/index\nserial={folder}/serial\nnew_certs_dir={folder}\ndefault_md=sha256\n"
        "policy=p\nunique_subject=no\n[p]\ncommonName=supplied\n")
    subprocess.run(["openssl", "ca", "-batch", "-config", folder / "ca.conf", "-cert", folder / "ca.crt", "-keyfile", folder / "ca.key",
                    "-startdate", "20200101000000Z", "-enddate", "20200201000000Z", "-extfile", folder / "ext", "-notext",
                    "-in", folder / "old.csr", "-out", folder / f"{name}.crt"], check=True, capture_output=True)


def test_http_upstream_is_refused(stack):
    gateway = with_upstream(stack, "http://127.0.0.1:9")
    assert gateway.process.wait(10) != 0
    assert "https" in gateway.log


def test_upstream_that_is_not_there(stack):
    gateway = with_upstream(stack, f"https://localhost:{free_port()}")
    answer = first_answer(gateway, "PUT", body=b"x" * 100_000)
    assert (answer.status, answer.code) == (503, "SlowDown"), answer
    gateway.stop()


def test_upstream_that_never_answers(stack):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        gateway = with_upstream(stack, f"https://localhost:{listener.getsockname()[1]}", connect_timeout="1s", stall_timeout="1s")
        begin = time.monotonic()
        answer = first_answer(gateway)
        assert answer.status == 503, answer
        assert time.monotonic() - begin < 15
        gateway.stop()


def test_old_tls_upstream_is_refused(stack, work):
    """A server that only speaks TLS 1.1."""
    port = free_port()
    pki = stack.folder / "pki"
    server = subprocess.Popen(["openssl", "s_server", "-accept", str(port), "-cert", pki / "upstream.crt", "-key", pki / "upstream.key",
                               "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-www"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    gateway = with_upstream(stack, f"https://localhost:{port}")
    assert first_answer(gateway).status in (502, 503)
    gateway.stop()
    server.kill()
    server.wait()


def test_what_goes_upstream(fake):
    """Signed for the store, length always, no plaintext checksum, none of the client's credentials or bookkeeping."""
    fake.reset()
    client = fake.gateway.client()
    body = b"content" * 100
    headers = [("x-amz-meta-note", "secret note"), ("Content-MD5", sigv4.content_md5(body)), ("User-Agent", "secret agent"),
               ("x-amz-checksum-sha256", sigv4.checksum("sha256", body)), ("Cookie", "secret"), ("X-Unknown", "secret")]
    assert client.put("bucket", "outgoing", body, headers=headers).status == 200
    method, path, sent = next(r for r in fake.requests if r[0] == "PUT")
    sent = {n.lower(): v for n, v in sent}
    assert sent["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD"
    assert "content-length" in sent and "transfer-encoding" not in sent
    assert "secret" not in repr(sent)
    for name in sent:
        assert not name.startswith("x-amz-checksum-") and name not in ("content-md5", "expect", "x-amz-decoded-content-length"), name
    assert fake.gateway.stack.access_key not in sent["authorization"]
    fake.buckets["bucket"].clear()


def test_a_small_upload_is_replayed_once(fake):
    """The store closes a kept connection just as the next request arrives: nobody may notice."""
    fake.reset()
    client = fake.gateway.client()
    for i in range(4):
        assert client.put("bucket", f"warm/{i}", b"x").status == 200
    broken = []

    def close_once(handler, bucket, key, query):
        if handler.command == "PUT" and not broken:
            broken.append(key)
            handler.connection.shutdown(socket.SHUT_RDWR)
            handler.close_connection = True
            return True
        return False

    fake.hook = close_once
    answer = client.put("bucket", "replayed", b"small content")
    fake.hook = None
    assert broken == [b"replayed"]
    assert answer.status == 200, answer
    assert client.get("bucket", "replayed").body == b"small content"


def test_a_large_upload_is_not(fake):
    fake.reset()

    def close_always(handler, bucket, key, query):
        if handler.command == "PUT":
            handler.connection.shutdown(socket.SHUT_RDWR)
            handler.close_connection = True
            return True
        return False

    fake.hook = close_always
    answer = fake.gateway.client().put("bucket", "large", bytes(5 << 20))
    fake.hook = None
    assert (answer.status, answer.code) == (503, "SlowDown"), answer
    assert b"large" not in fake.buckets["bucket"]


@pytest.mark.parametrize("status, code, client_status, client_code", [
    (404, "NoSuchKey", 404, "NoSuchKey"), (404, "NoSuchBucket", 404, "NoSuchBucket"), (503, "SlowDown", 503, "SlowDown"),
    (500, "InternalError", None, None), (403, "AccessDenied", None, None), (403, "InvalidAccessKeyId", 502, None),
    (403, "SignatureDoesNotMatch", 502, None), (301, "PermanentRedirect", 502, None), (307, "TemporaryRedirect", 502, None),
    (412, "PreconditionFailed", 412, "PreconditionFailed"), (200, "not an error at all", None, None),
])
def test_upstream_errors(fake, status, code, client_status, client_code):
    fake.reset()

    def answer(handler, bucket, key, query):
        handler.read_body(int(handler.headers.get("content-length") or 0))
        handler.reply(status, [("Content-Type", "application/xml"), ("Location", "https://elsewhere.example/secret")],
                      f"<Error><Code>{code}</Code><Message>words of the store</Message><HostId>secret</HostId></Error>".encode())
        return True

    fake.hook = answer
    client = fake.gateway.client()
    for method, body in (("GET", b""), ("PUT", b"x" * 1000)):
        got = client.request(method, "bucket", "k", body=body)
        if status == 200 and method == "PUT":
            continue
        assert got.status >= 300 and got.status != 307 and got.status != 301, (method, got)
        if client_status:
            assert got.status == client_status, (method, got)
        if client_code:
            assert got.code == client_code
        assert got["location"] is None
        assert b"secret" not in got.body and b"elsewhere" not in got.body
    fake.hook = None


@pytest.mark.parametrize("raw", [
    b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", b"HTTP/1.1 99999 OK\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: " + b"a" * 400_000 + b"\r\n\r\n", b"HTTP/1.1 404 Not Found\r\nContent-Length: 400000\r\n\r\n" + b"<Error>" * 50_000,
    b"HTTP/1.1 404 Not Found\r\nContent-Length: 60\r\n\r\n" + b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><Error/>",
])
def test_answers_that_make_no_sense(fake, raw):
    fake.reset()

    def answer(handler, bucket, key, query):
        handler.wfile.write(raw)
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True
        return True

    fake.hook = answer
    got = fake.gateway.client().get("bucket", "k")
    fake.hook = None
    assert got.status in (404, 502, 503), got
    assert b"root:" not in got.body
    assert fake.gateway.process.poll() is None


def test_many_at_once(fake):
    """More clients than there are upstream connections; all are served, none gets another's bytes."""
    fake.reset()
    errors = []

    def work(number):
        client = fake.gateway.client()
        for i in range(20):
            key, body = f"many/{number}/{i}", f"{number}-{i}-".encode() * 2000
            if client.put("bucket", key, body).status != 200 or client.get("bucket", key).body != body:
                errors.append(key)
        client.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    fake.buckets["bucket"].clear()
