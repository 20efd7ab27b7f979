"""A small S3 server with TLS whose stored objects a test can change at will, and which can misbehave on request.

It verifies no signature and keeps objects in memory, so that thousands of manipulated reads take seconds. Manipulations
that a real store can make are also tried on one, in test_tamper.py.
"""

import hashlib
import re
import socket
import ssl
import subprocess
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit
from xml.sax.saxutils import escape

from .stack import ROOT


class Stored:
    def __init__(self, body, headers):
        self.body, self.headers = body, headers  # headers: list of (name, value)
        self.time = time.time()

    @property
    def etag(self):
        return '"' + hashlib.md5(self.body).hexdigest() + '"'

    def copy(self):
        return Stored(self.body, list(self.headers))

    def header(self, name):
        return next((v for n, v in self.headers if n.lower() == name), None)

    def set_header(self, name, value):
        """value None removes it."""
        self.headers = [(n, v) for n, v in self.headers if n.lower() != name]
        if value is not None:
            self.headers.append((name, value))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "fake"

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def parts(self):
        split = urlsplit(self.path)
        bucket, _, key = split.path[1:].partition("/")
        return bucket, unquote_to_bytes(key), dict(parse_qsl(split.query, keep_blank_values=True))

    def reply(self, status, headers=(), body=b"", length=None):
        self.send_response(status)
        for name, value in headers:
            # Not send_header(): a test may send bytes that are no good header.
            self._headers_buffer.append(name.encode() + b": " + (value if isinstance(value, bytes) else value.encode("latin-1")) + b"\r\n")
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def error(self, status, code):
        self.reply(status, [("Content-Type", "application/xml")],
                   b"" if self.command == "HEAD" else f"<Error><Code>{code}</Code><Message>m</Message></Error>".encode())

    def run(self):
        bucket, key, query = self.parts
        length = self.headers.get("content-length")
        self.server.fake.requests.append((self.command, self.path, list(self.headers.items())))
        hook = self.server.fake.hook
        if hook and hook(self, bucket, key, query):
            return
        body = self.read_body(int(length or 0))
        if body is None:
            return
        if not key:
            return self.bucket_request(bucket, query, body)
        getattr(self, "object_" + self.command)(bucket, key, body)

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = run

    def read_body(self, length):
        body = b""
        while len(body) < length:
            piece = self.rfile.read1(min(65536, length - len(body)))
            if not piece:
                self.close_connection = True
                self.server.fake.broken_uploads += 1
                return None
            body += piece
        return body

    def bucket_request(self, bucket, query, body):
        fake = self.server.fake
        if self.command == "PUT":
            fake.buckets.setdefault(bucket, {})
            return self.reply(200)
        if bucket and bucket not in fake.buckets:
            return self.error(404, "NoSuchBucket")
        if self.command == "HEAD":
            return self.reply(200)
        if self.command == "DELETE":
            del fake.buckets[bucket]
            return self.reply(204)
        if self.command == "POST":
            keys = re.findall(rb"<Key>(.*?)</Key>", body)
            for key in keys:
                fake.buckets[bucket].pop(key, None)
            listed = b"".join(b"<Deleted><Key>" + key + b"</Key></Deleted>" for key in keys)
            return self.reply(200, [("Content-Type", "application/xml")], b"<DeleteResult>" + listed + b"</DeleteResult>")
        if not bucket:
            names = "".join(f"<Bucket><Name>{n}</Name><CreationDate>2024-01-01T00:00:00.000Z</CreationDate></Bucket>"
                            for n in sorted(fake.buckets))
            return self.reply(200, [("Content-Type", "application/xml")],
                              f"<ListAllMyBucketsResult><Buckets>{names}</Buckets></ListAllMyBucketsResult>".encode())
        self.reply(200, [("Content-Type", "application/xml")], self.listing(bucket, query))

    def listing(self, bucket, query):
        prefix = query.get("prefix", "").encode()
        entries = ""
        for key, stored in sorted(self.server.fake.buckets[bucket].items()):
            if key.startswith(prefix):
                when = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(stored.time))
                name = key.decode("utf-8", "replace")
                if query.get("encoding-type") == "url":
                    from urllib.parse import quote
                    name = quote(key)
                entries += (f"<Contents><Key>{escape(name)}</Key><LastModified>{when}</LastModified><ETag>{escape(stored.etag)}"
                            f"</ETag><Size>{len(stored.body)}</Size><StorageClass>STANDARD</StorageClass></Contents>")
        encoding = "<EncodingType>url</EncodingType>" if query.get("encoding-type") == "url" else ""
        return (f"<ListBucketResult><Name>{bucket}</Name><Prefix></Prefix>{encoding}<MaxKeys>1000</MaxKeys>"
                f"<IsTruncated>false</IsTruncated>{entries}</ListBucketResult>").encode()

    def stored(self, bucket, key):
        if bucket not in self.server.fake.buckets:
            self.error(404, "NoSuchBucket")
        elif key not in self.server.fake.buckets[bucket]:
            self.error(404, "NoSuchKey")
        else:
            return self.server.fake.buckets[bucket][key]
        return None

    def object_PUT(self, bucket, key, body):
        if bucket not in self.server.fake.buckets:
            return self.error(404, "NoSuchBucket")
        kept = [(n, v) for n, v in self.headers.items() if n.lower().startswith("x-amz-meta-") or n.lower() == "content-type"]
        stored = self.server.fake.buckets[bucket][key] = Stored(body, kept)
        self.reply(200, [("ETag", stored.etag)])

    def object_DELETE(self, bucket, key, _):
        self.server.fake.buckets.get(bucket, {}).pop(key, None)
        self.reply(204)

    def object_HEAD(self, bucket, key, body):
        self.object_GET(bucket, key, body)

    def object_GET(self, bucket, key, _):
        stored = self.stored(bucket, key)
        if stored is None:
            return
        body, headers, status = stored.body, list(stored.headers), 200
        headers += [("ETag", stored.etag), ("Last-Modified", formatdate(stored.time, usegmt=True)), ("Accept-Ranges", "bytes")]
        found = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("range", ""))
        if found:
            first, last = found.groups()
            start = int(first) if first else max(0, len(body) - int(last))
            end = min(int(last), len(body) - 1) if first and last else len(body) - 1
            if start >= len(body):
                return self.error(416, "InvalidRange")
            headers.append(("Content-Range", f"bytes {start}-{end}/{len(body)}"))
            body, status = body[start : end + 1], 206
        change = self.server.fake.change_response
        if change:
            status, headers, body = change(status, headers, body)
        cut = self.server.fake.cut_after
        if cut is not None and self.command == "GET":
            self.reply(status, headers, body[:cut], length=len(body))
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self.reply(status, headers, body, length=len(body))


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        pass  # a gateway that breaks off an upload is part of the tests


class FakeS3:
    """`hook(handler, bucket, key, query)` may answer a request itself and return True; `cut_after` cuts answers to GET after
    that many body bytes; `change_response(status, headers, body)` changes them."""

    def __init__(self, ca_folder, make_certificate=True, address="127.0.0.1", name="localhost"):
        if make_certificate:
            subprocess.run([ROOT / "scripts/pki", ca_folder, "fake"], check=True)
        self.buckets = {"sealgate-state": {}, "bucket": {}}
        self.requests, self.broken_uploads = [], 0
        self.hook = self.cut_after = self.change_response = None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(ca_folder / "fake.crt", ca_folder / "fake.key")
        self.server = Server((address, 0), Handler)
        self.server.fake = self
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://{name}:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stored(self, key, bucket="bucket"):
        return self.buckets[bucket][key if isinstance(key, bytes) else key.encode()]

    def reset(self):
        self.hook = self.cut_after = self.change_response = None
        self.requests.clear()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
