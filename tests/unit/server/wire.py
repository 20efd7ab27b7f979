"""What test_wire.py needs: certificates, a running fake_server, and a client that says exactly what it is told to."""

import os
import re
import select
import socket
import ssl
import subprocess
import tempfile
import time


def free_ports(count):
    """Ports that were free a moment ago, all different."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def make_certificate(folder):
    cert, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


class Server:
    """One fake_server process."""

    def __init__(self, binary, workers=1, **settings):
        self.folder = tempfile.TemporaryDirectory()
        self.cert, self.key = make_certificate(self.folder.name)
        self.port, self.refuse, self.admin = free_ports(3)
        settings.setdefault("refuse", self.refuse)
        settings.setdefault("admin", self.admin)
        self.errors = open(os.path.join(self.folder.name, "stderr"), "w+b")
        self.process = subprocess.Popen(
            [binary, self.cert, self.key, str(self.port), str(workers)] +
            ["%s=%s" % one for one in settings.items()], stdout=subprocess.PIPE, stderr=self.errors)
        line = self.process.stdout.readline()
        if not line.startswith(b"https "):
            self.stop()
            raise RuntimeError("no server: " + self.last_words)
        self.context = ssl.create_default_context(cafile=self.cert)

    def said(self):
        self.errors.flush()
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")

    def stop(self, timeout=60):
        """Ends the process and gives back its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(timeout)
        self.process.stdout.close()
        self.last_words = self.said()
        self.errors.close()
        self.folder.cleanup()
        return code

    def connect(self, **options):
        return Client(self, **options)

    def get(self, target, method="GET"):
        with self.connect() as client:
            client.send("%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % (method, target))
            return client.reply(method)

    def counts(self):
        text = self.get("/counts").body.decode()
        return {name: int(value) for name, value in re.findall(r"(\w+) (\d+)", text)}

    def settled(self, seconds=5):
        """Counts once no other request is alive."""
        end = time.monotonic() + seconds
        while True:
            counts = self.counts()
            if counts["live"] <= 1 or time.monotonic() > end:
                return counts
            time.sleep(0.05)

    def fds(self):
        return len(os.listdir("/proc/%d/fd" % self.process.pid))

    def rss(self, name="VmRSS"):
        with open("/proc/%d/status" % self.process.pid, encoding="ascii") as status:
            return int(re.search(name + r":\s+(\d+) kB", status.read()).group(1)) * 1024


class Reply:
    def __init__(self, status, headers, body, complete):
        self.status, self.headers, self.body, self.complete = status, headers, body, complete

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def one(self, name):
        values = self.all(name)
        return values[0] if len(values) == 1 else None


class Client:
    """A TLS connection (or a plain one) and strict reading of replies."""

    def __init__(self, server, context=None, tls=True, port=None, timeout=30, receive_buffer=None):
        self.sock = socket.socket()
        try:
            if receive_buffer:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            self.sock.settimeout(timeout)
            self.sock.connect(("127.0.0.1", port or server.port))
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls:
                self.sock = (context or server.context).wrap_socket(self.sock, server_hostname="localhost")
        except OSError:
            self.sock.close()
            raise
        self.buffer = b""
        self.pending = memoryview(b"")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data.encode("latin-1") if isinstance(data, str) else data)

    def send_soon(self, data):
        """Sends while replies are read, so that both directions can be busy."""
        data = data.encode("latin-1") if isinstance(data, str) else data
        self.pending = memoryview(bytes(self.pending) + data if len(self.pending) > 0 else data)

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.sock.close()

    def flush_some(self):
        """Sends what goes now of what is pending."""
        try:
            while len(self.pending) > 0:
                self.pending = self.pending[self.sock.send(self.pending[:65536]):]
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
            pass
        except (ConnectionError, ssl.SSLError):
            self.pending = memoryview(b"")  # what the server says about it can still be read

    def receive(self):
        """Bytes, b"" at the end, or None when there is nothing now."""
        try:
            return self.sock.recv(65536)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
            return None
        except (ConnectionError, ssl.SSLError):
            return b""

    def more(self):
        """Waits for bytes; False at the end."""
        timeout = self.sock.gettimeout()
        end = time.monotonic() + timeout
        self.sock.setblocking(False)
        try:
            while True:
                self.flush_some()
                data = self.receive()
                if data is not None:
                    self.buffer += data
                    return len(data) > 0
                wants = [self.sock] if len(self.pending) > 0 else []
                if select.select([self.sock], wants, [], max(0, end - time.monotonic())) == ([], [], []):
                    raise TimeoutError("the server says nothing")
        finally:
            self.sock.settimeout(timeout)

    def is_closed(self):
        """True when the server has nothing more to say and has closed."""
        return self.buffer == b"" and not self.more()

    def line(self):
        while b"\r\n" not in self.buffer:
            if not self.more():
                return None
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def take(self, size):
        chunks, have = [self.buffer], len(self.buffer)
        while have < size:
            self.buffer = b""
            if not self.more():
                break
            chunks.append(self.buffer)
            have += len(self.buffer)
        data = b"".join(chunks)
        self.buffer = data[size:]
        return data[:size]

    def chunks(self):
        body = b""
        while True:
            line = self.line()
            if line is None:
                return body, False
            size = int(line, 16)
            data = self.take(size)
            body += data
            if len(data) < size or self.line() != b"":
                return body, False
            if size == 0:
                return body, True

    def reply(self, method="GET"):
        """The next reply; None when the connection ends without one."""
        first = self.line()
        if first is None:
            return None
        match = re.fullmatch(rb"HTTP/1\.1 (\d{3}) [^\r\n]+", first)
        assert match, first
        status, headers = int(match.group(1)), []
        while True:
            line = self.line()
            if line is None:
                return Reply(status, headers, b"", False)
            if line == b"":
                break
            name, value = line.decode("latin-1").split(": ", 1)
            headers.append((name, value))
        reply = Reply(status, headers, b"", True)
        if method == "HEAD" or status in (100, 204, 304):
            return reply
        if reply.one("transfer-encoding") == "chunked":
            reply.body, reply.complete = self.chunks()
        else:
            size = int(reply.one("content-length"))
            reply.body = self.take(size)
            reply.complete = len(reply.body) == size
        return reply
