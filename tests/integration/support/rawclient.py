"""An HTTP/1.1 client over a TLS socket that sends exactly what a test says, well-formed or not."""

import hashlib
import socket
import ssl
import time
import xml.etree.ElementTree as ElementTree
from urllib.parse import urlsplit

from . import sigv4


class ConnectionLost(Exception):
    """The peer closed, or reset, before the response was complete. `response` is what came, or None."""

    def __init__(self, text, response=None):
        super().__init__(text)
        self.response = response


class Response:
    def __init__(self, status, reason, headers):
        self.status, self.reason, self.headers, self.body = status, reason, headers, b""

    def __getitem__(self, name):
        found = self.all(name)
        return found[0] if found else None

    def all(self, name):
        return [v for n, v in self.headers if n.lower() == name.lower()]

    @property
    def code(self):
        """<Code> of an S3 error body."""
        return self.xml("Code")

    def xml(self, name):
        if not self.body:
            return None
        for element in ElementTree.fromstring(self.body).iter():
            if element.tag.rsplit("}", 1)[-1] == name:
                return element.text or ""
        return None

    def __repr__(self):
        return f"<{self.status} {self.reason} {self.body[:300]!r}>"


class Connection:
    """One connection. send() and read_response() are separate, so that a test can stop between any two bytes."""

    def __init__(self, url, ca_file=None, timeout=30, context=None, server_hostname=None):
        parts = urlsplit(url)
        self.host = parts.netloc
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if parts.scheme == "https":
            context = context or ssl.create_default_context(cafile=ca_file)
            self.socket = context.wrap_socket(self.socket, server_hostname=server_hostname or parts.hostname)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Closes with RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def fill(self):
        try:
            data = self.socket.recv(65536)
        except (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
            raise ConnectionLost(f"connection lost: {error}") from error
        if not data:
            raise ConnectionLost("connection closed")
        self.buffer += data

    def read_line(self):
        while b"\r\n" not in self.buffer:
            self.fill()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode("latin-1")

    def read_exactly(self, count):
        while len(self.buffer) < count:
            self.fill()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def read_head(self):
        _, status, *reason = self.read_line().split(" ", 2)
        headers = []
        while line := self.read_line():
            name, _, value = line.partition(":")
            headers.append((name, value.strip()))
        return Response(int(status), reason[0] if reason else "", headers)

    def read_response(self, method="GET", skip_continue=True):
        response = self.read_head()
        while skip_continue and response.status == 100:
            response = self.read_head()
        if method == "HEAD" or response.status in (100, 204, 304):
            return response
        try:
            if (response["transfer-encoding"] or "").lower() == "chunked":
                while size := int(self.read_line().split(";")[0], 16):
                    response.body += self.read_exactly(size)
                    self.read_line()
                while self.read_line():
                    pass
            else:
                left = int(response["content-length"] or 0)
                while left > 0:
                    if not self.buffer:
                        self.fill()
                    piece, self.buffer = self.buffer[:left], self.buffer[left:]
                    response.body += piece
                    left -= len(piece)
        except ConnectionLost as error:
            raise ConnectionLost(str(error), response) from error
        return response

    def is_closed(self, timeout=5):
        """True when the peer ends the connection within the time; whatever it still sends is dropped."""
        self.socket.settimeout(timeout)
        try:
            while True:
                self.buffer = b""
                self.fill()
        except ConnectionLost:
            return True
        except (TimeoutError, socket.timeout):
            return False


def head_bytes(method, target, headers, version="HTTP/1.1"):
    lines = [f"{method} {target} {version}"] + [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def path_of(bucket, key=None):
    path = "/" + bucket if bucket else "/"
    return path if key is None else path + "/" + sigv4.encode(key, safe="/")


def query_string(query):
    return "&".join(sigv4.encode(n) + ("=" + sigv4.encode(v) if v is not None else "") for n, v in query)


class Client:
    """Signed requests to one endpoint. A connection is kept and used again until the peer ends it."""

    def __init__(self, url, access_key, secret_key, ca_file, region="us-east-1", timeout=30):
        self.url, self.ca_file, self.timeout = url, ca_file, timeout
        self.signer = sigv4.Signer(access_key, secret_key, region)
        self.kept = None

    @property
    def host(self):
        return urlsplit(self.url).netloc

    def connect(self, **options):
        return Connection(self.url, self.ca_file, self.timeout, **options)

    def close(self):
        if self.kept:
            self.kept.close()
            self.kept = None

    def build(self, method, bucket, key=None, query=(), headers=(), body=b"", payload=None, date=None, signer=None,
              length=True, **chunked):
        """Head and body of a request, signed. `payload` is one of the payload modes of sigv4, or a literal value of
        x-amz-content-sha256; None means the real SHA-256. `chunked` goes to ChunkedBody."""
        signer = signer or self.signer
        path = path_of(bucket, key)
        headers = [("Host", self.host)] + list(headers)
        payload = payload or hashlib.sha256(body).hexdigest()
        streamed = payload.startswith("STREAMING-")
        if streamed:
            if length:
                headers.append(("x-amz-decoded-content-length", str(len(body))))
            headers.append(("Content-Encoding", "aws-chunked"))
            trailers = chunked.get("trailers", ())
            if trailers and payload.endswith("-TRAILER"):
                headers.append(("x-amz-trailer", ",".join(name for name, _ in trailers)))
        signed, seed, date = signer.sign(method, path, query, headers, payload, date)
        if streamed:
            body = sigv4.ChunkedBody(signer, date, seed, body, payload, **chunked).bytes()
        if length and (body or method in ("PUT", "POST")):
            signed.append(("Content-Length", str(len(body))))
        target = path + ("?" + query_string(query) if query else "")
        return head_bytes(method, target, signed), body

    def send(self, head, body, method="GET"):
        """Over the kept connection; once more over a new one when the peer had closed it meanwhile."""
        fresh = self.kept is None
        if fresh:
            self.kept = self.connect()
        try:
            try:
                self.kept.send(head + body)
            except OSError:
                if not fresh:
                    raise
                # The peer may have answered early and stopped reading.
            response = self.kept.read_response(method)
        except (ConnectionLost, OSError) as error:
            self.close()
            if fresh or (isinstance(error, ConnectionLost) and error.response is not None):
                raise
            return self.send(head, body, method)
        if (response["connection"] or "").lower() == "close":
            self.close()
        return response

    def request(self, method, bucket="", key=None, query=(), headers=(), body=b"", **options):
        head, body = self.build(method, bucket, key, query, headers, body, **options)
        return self.send(head, body, method)

    def get(self, bucket, key, **options):
        return self.request("GET", bucket, key, **options)

    def put(self, bucket, key, body, **options):
        return self.request("PUT", bucket, key, body=body, **options)

    def head(self, bucket, key, **options):
        return self.request("HEAD", bucket, key, **options)

    def delete(self, bucket, key, **options):
        return self.request("DELETE", bucket, key, **options)


def wait_until(condition, seconds=10, what="condition"):
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come true within {seconds} s")
        time.sleep(0.05)
    return found
