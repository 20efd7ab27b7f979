"""Somebody listens on both wires of the gateway: nothing there is plaintext."""

import os
import shutil
import subprocess
import time
from urllib.parse import urlsplit

import pytest

from support.rawclient import Connection, head_bytes, wait_until

MARKER = b"PLAINTEXT-MARKER"
NOTE = "METADATA-MARKER-METADATA-MARKER"
KEY = "key-marker/quite-secret-name"


@pytest.fixture
def capture(stack, tmp_path):
    if not shutil.which("tshark"):
        pytest.skip("tshark is not installed")
    file = tmp_path / "capture.pcap"
    os.chmod(tmp_path, 0o777)
    ports = [urlsplit(url).port for url in (stack.url, stack.upstream_url, stack.http_url)]
    errors = tmp_path / "errors"
    with open(errors, "wb") as log:
        process = subprocess.Popen(["tshark", "-q", "-i", "lo", "-B", "64", "-f", " or ".join(f"tcp port {p}" for p in ports),
                                    "-w", str(file)], stderr=log, stdin=subprocess.DEVNULL)

    def started():
        if process.poll() is not None:
            pytest.skip("cannot capture here: " + errors.read_text()[-200:])
        return file.exists() and file.stat().st_size > 0

    wait_until(started, 20, "the capture")
    time.sleep(1)

    def finish():
        time.sleep(1.5)
        process.terminate()
        process.wait(20)
        return file.read_bytes()

    yield finish
    if process.poll() is None:
        process.kill()
        process.wait()


def test_no_plaintext_on_the_wires(stack, bucket, capture):
    body = MARKER * 40_000
    client = stack.client()
    assert client.put(bucket, KEY, body, headers=[("x-amz-meta-note", NOTE), ("Content-Type", "text/x-marker-type")]).status == 200
    assert client.get(bucket, KEY).body == body
    assert client.head(bucket, KEY)["x-amz-meta-note"] == NOTE
    # The control: what is not encrypted must be found, or the capture proves nothing.
    with Connection(stack.http_url) as connection:
        connection.send(head_bytes("GET", "/control-marker", [("Host", "localhost")]))
        connection.read_response()
    packets = capture()
    assert b"control-marker" in packets
    assert len(packets) > 2 * len(body)  # in and out, twice
    for needle in (MARKER, MARKER[:8], NOTE.encode(), KEY.encode(), b"text/x-marker-type", stack.access_key.encode(),
                   stack.secret_key.encode(), stack.env["UPSTREAM_ACCESS_KEY_ID"].encode(), b"x-amz-meta-sealgate", b"AWS4-HMAC-SHA256"):
        assert needle not in packets, needle
