#!/usr/bin/env python3
"""The server over real sockets: usage test_wire.py FAKE_SERVER [unittest arguments]."""

import hashlib
import os
import random
import signal
import socket
import ssl
import sys
import threading
import time
import unittest

from wire import Server

BINARY = sys.argv.pop(1)
INSTRUMENTED = os.environ.get("SG_INSTRUMENTED") == "1"
BIG = 100 * 1000 * 1000 if not INSTRUMENTED else 20 * 1000 * 1000


def pattern(size):
    unit = bytes(range(251))
    return (unit * (size // 251 + 1))[:size]


def digest(data):
    return ("%d %s\n" % (len(data), hashlib.sha256(data).hexdigest())).encode()


def chunked(data, step=16384, extension="", trailer=""):
    out = [b"%x%s\r\n%s\r\n" % (len(data[at:at + step]), extension.encode(), data[at:at + step])
           for at in range(0, len(data), step)]
    return b"".join(out) + b"0\r\n" + trailer.encode() + b"\r\n"


def put(target, data, headers="", length=None):
    return ("PUT %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n%s\r\n" %
            (target, len(data) if length is None else length, headers)).encode() + data


def put_chunked(target, data, headers="", **how):
    return ("PUT %s HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n%s\r\n" %
            (target, headers)).encode() + chunked(data, **how)


def get(target, headers=""):
    return "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n" % (target, headers)


class WithServer(unittest.TestCase):
    settings = {}
    workers = 1

    @classmethod
    def setUpClass(cls):
        cls.server = Server(BINARY, cls.workers, **cls.settings)

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        if code != 0:
            raise AssertionError("server ended with %d: %s" % (code, cls.server.last_words))

    def ask(self, data, method="GET"):
        with self.server.connect() as client:
            client.send_soon(data)
            return client.reply(method)


class Bodies(WithServer):
    def test_uploads_arrive_whole(self):
        for size in (0, 1, 1000, 65535, 65536, 65537, 1 << 20, BIG):
            data = os.urandom(size)
            for request in (put("/sink", data), put_chunked("/sink", data)):
                reply = self.ask(request)
                self.assertEqual((reply.status, reply.body), (200, digest(data)), size)

    def test_downloads_arrive_whole(self):
        for size in (0, 1, 1000, 16384, 65535, 65536, 65537, 1 << 20, BIG):
            for target in ("/bytes/%d", "/chunked/%d"):
                reply = self.ask(get(target % size))
                self.assertTrue(reply.complete)
                self.assertEqual(reply.body, pattern(size), size)

    def test_lengths_are_told(self):
        reply = self.ask(get("/bytes/70000"))
        self.assertEqual((reply.one("content-length"), reply.all("transfer-encoding")), ("70000", []))
        reply = self.ask(get("/chunked/70000"))
        self.assertEqual((reply.all("content-length"), reply.one("transfer-encoding")), ([], "chunked"))

    def test_head_has_no_body(self):
        with self.server.connect() as client:
            for _ in range(2):
                client.send("HEAD /bytes/5000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
                reply = client.reply("HEAD")
                self.assertEqual((reply.status, reply.one("content-length"), reply.body), (200, "5000", b""))
            client.send(get("/bytes/3"))
            self.assertEqual(client.reply().body, pattern(3))

    def test_no_content_has_no_length(self):
        reply = self.ask(get("/none"))
        self.assertEqual((reply.status, reply.all("content-length"), reply.all("transfer-encoding")), (204, [], []))

    def test_slow_engine_holds_the_client_back(self):
        data = os.urandom(3 << 20)
        self.assertEqual(self.ask(put("/slow", data)).body, digest(data))
        self.assertEqual(self.ask(put_chunked("/slow", data, step=1000)).body, digest(data))

    def test_late_start_of_reading(self):
        data = os.urandom(2 << 20)
        self.assertEqual(self.ask(put("/late/200", data)).body, digest(data))
        self.assertEqual(self.ask(put_chunked("/late/200", data)).body, digest(data))

    def test_chunk_extensions_and_trailers_are_skipped(self):
        data = os.urandom(5000)
        request = put_chunked("/sink", data, step=7, extension=";a=b;c=\"d e\"", trailer="X-T: 1\r\nX-U: 2\r\n")
        with self.server.connect() as client:
            client.send(request + get("/bytes/10").encode())
            self.assertEqual(client.reply().body, digest(data))
            self.assertEqual(client.reply().body, pattern(10))

    def test_byte_by_byte(self):
        data = os.urandom(300)
        request = (put("/sink", data) + put_chunked("/sink", data, step=9, extension=";x", trailer="A: b\r\n") +
                   get("/bytes/5").encode())
        with self.server.connect() as client:
            for at in range(len(request)):
                client.send(request[at:at + 1])
            self.assertEqual(client.reply().body, digest(data))
            self.assertEqual(client.reply().body, digest(data))
            self.assertEqual(client.reply().body, pattern(5))

    def test_pipelined_requests_are_answered_in_order(self):
        bodies = [os.urandom(size) for size in (10, 70000, 0, 200000, 5)]
        requests = b"".join(put("/sink", body) + put_chunked("/sink", body) + get("/bytes/%d" % len(body)).encode()
                            for body in bodies)
        with self.server.connect() as client:
            client.send_soon(requests)
            for body in bodies:
                self.assertEqual(client.reply().body, digest(body))
                self.assertEqual(client.reply().body, digest(body))
                self.assertEqual(client.reply().body, pattern(len(body)))

    def test_slow_reader_gets_everything(self):
        size = 8 << 20
        with self.server.connect(receive_buffer=16384) as client:
            client.send(get("/bytes/%d" % size))
            time.sleep(0.3)
            self.assertEqual(client.reply().body, pattern(size))

    def test_slow_writer_is_waited_for(self):
        data = os.urandom(50000)
        request = put("/sink", data)
        with self.server.connect() as client:
            for at in range(0, len(request), 5000):
                client.send(request[at:at + 5000])
                time.sleep(0.05)
            self.assertEqual(client.reply().body, digest(data))


class Expectations(WithServer):
    def test_continue_is_said_when_the_body_is_wanted(self):
        data = os.urandom(100000)
        request = put("/sink", data, "Expect: 100-continue\r\n")
        with self.server.connect() as client:
            for _ in range(2):
                client.send(request[:-len(data)])
                self.assertEqual(client.reply().status, 100)
                client.send_soon(data)
                self.assertEqual(client.reply().body, digest(data))

    def test_continue_waits_for_the_engine(self):
        request = put("/late/300", b"x" * 10, "Expect: 100-continue\r\n")
        with self.server.connect() as client:
            client.send(request[:-10])
            before = time.monotonic()
            self.assertEqual(client.reply().status, 100)
            self.assertGreater(time.monotonic() - before, 0.2)
            client.send(request[-10:])
            self.assertEqual(client.reply().body, digest(b"x" * 10))

    def test_no_continue_when_the_body_is_there_already(self):
        self.assertEqual(self.ask(put("/sink", b"abc", "Expect: 100-continue\r\n")).body, digest(b"abc"))

    def test_refusal_instead_of_continue_closes(self):
        with self.server.connect() as client:
            client.send(put("/refuse", b"", "Expect: 100-continue\r\n", length=1000))
            reply = client.reply()
            self.assertEqual((reply.status, reply.one("connection")), (403, "close"))
            client.sock.settimeout(5)
            self.assertTrue(client.is_closed())

    def test_other_expectations_fail(self):
        reply = self.ask(put("/sink", b"abc", "Expect: 200-maybe\r\n"))
        self.assertEqual((reply.status, reply.one("connection")), (417, "close"))


class EarlyAnswers(WithServer):
    def test_small_rest_of_a_body_is_read_and_the_connection_kept(self):
        with self.server.connect() as client:
            client.send(put("/refuse", b"x" * 100000) + get("/bytes/4").encode())
            reply = client.reply()
            self.assertEqual((reply.status, reply.all("connection")), (403, []))
            self.assertEqual(client.reply().body, pattern(4))

    def test_large_rest_of_a_body_closes_after_the_answer(self):
        for request in (put("/refuse", b"x" * (3 << 20)), put_chunked("/refuse", b"x" * (3 << 20)),
                        put("/early/100000", b"x" * (3 << 20))):
            with self.server.connect() as client:
                client.send_soon(request)
                reply = client.reply()
                self.assertEqual((reply.status, reply.one("connection"), reply.complete), (403, "close", True))

    def test_endless_body_does_not_hold_the_server(self):
        with self.server.connect() as client:
            client.send_soon(put("/refuse", b"x" * (64 << 20), length=1 << 40))
            self.assertEqual(client.reply().status, 403)
            before = time.monotonic()
            while client.more():
                client.buffer = b""
            self.assertLess(time.monotonic() - before, 60)

    def test_silent_client_is_not_waited_for_after_the_answer(self):
        with self.server.connect() as client:
            client.send(put("/refuse", b"x", length=1 << 30))
            self.assertEqual(client.reply().status, 403)
            before = time.monotonic()
            self.assertTrue(client.is_closed())
            self.assertLess(time.monotonic() - before, 60)


class BrokenReplies(WithServer):
    def test_failure_in_the_middle_is_seen(self):
        for target in ("/fail/%d", "/short/%d", "/long/%d"):
            for size in (1000, 70000, 5 << 20):
                with self.server.connect() as client:
                    client.send(get(target % size))
                    reply = client.reply()
                    self.assertTrue(reply is None or not reply.complete, (target, size))
        counts = self.server.settled()
        self.assertEqual((counts["live"], counts["gone"]), (1, 9))

    def test_failure_of_an_empty_reply_is_seen(self):
        for target in ("/fail/0", "/fail/1", "/long/0"):
            reply = self.ask(get(target))
            self.assertTrue(reply is None or not reply.complete, target)


class BadRequests(WithServer):
    def refused(self, data, status=400, closed=False):
        with self.server.connect() as client:
            client.send_soon(data)
            reply = client.reply()
            self.assertIsNotNone(reply, data[:200])
            self.assertEqual((reply.status, reply.one("connection")), (status, "close"), data[:200])
            self.assertIn(b"<Error><Code>", reply.body)
            self.assertRegex(reply.one("x-amz-request-id"), "^[0-9A-F]{16}$")
            self.assertIsNotNone(reply.one("strict-transport-security"))
            if closed:
                self.assertTrue(client.is_closed())

    def test_heads_that_two_servers_might_read_differently(self):
        host = "Host: localhost\r\n"
        for head in ("GET / HTTP/1.1\r\n\r\n",
                     "GET / HTTP/1.1\r\n" + host + host + "\r\n",
                     "GET / HTTP/1.1\nHost: localhost\n\n",
                     "GET / HTTP/1.1\r\n" + host + "A: b\nC: d\r\n\r\n",
                     "GET / HTTP/1.1\r\n" + host + "A: b\r\n  folded\r\n\r\n",
                     "GET / HTTP/1.1\r\n" + host + "A : b\r\n\r\n",
                     "GET / HTTP/1.1\r\n" + host + "A: b\rc\r\n\r\n",
                     "GET / HTTP/1.1\r\n" + host + "A: b\0c\r\n\r\n",
                     "GET / HTTP/1.1\r\n" + host + ": b\r\n\r\n",
                     "GET / HTTP/1.1\r\n" + host + "no colon\r\n\r\n",
                     "GET  / HTTP/1.1\r\n" + host + "\r\n",
                     "GET / x HTTP/1.1\r\n" + host + "\r\n",
                     "GET /\r\n" + host + "\r\n",
                     "GET http://localhost/ HTTP/1.1\r\n" + host + "\r\n",
                     "CONNECT localhost:443 HTTP/1.1\r\n" + host + "\r\n",
                     "OPTIONS * HTTP/1.1\r\n" + host + "\r\n",
                     "GET / HTTP/2.0\r\n" + host + "\r\n",
                     "PUT /sink HTTP/1.1\r\n" + host + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
                     "PUT /sink HTTP/1.1\r\n" + host + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
                     "PUT /sink HTTP/1.1\r\n" + host + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
                     "PUT /sink HTTP/1.1\r\n" + host + "Content-Length: 3, 3\r\n\r\nabc",
                     "PUT /sink HTTP/1.1\r\n" + host + "Content-Length: +3\r\n\r\nabc",
                     "PUT /sink HTTP/1.1\r\n" + host + "Content-Length: -3\r\n\r\nabc",
                     "PUT /sink HTTP/1.1\r\n" + host + "Content-Length: 0x3\r\n\r\nabc",
                     "PUT /sink HTTP/1.1\r\n" + host + "Content-Length:\r\n\r\nabc",
                     "PUT /sink HTTP/1.1\r\n" + host + "Content-Length: 99999999999999999999\r\n\r\nabc",
                     "PUT /sink HTTP/1.1\r\n" + host +
                     "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"):
            self.refused(head)
        for coding in ("gzip, chunked", "identity", "chunked, identity", "chunked;q=1", "xchunked", ""):
            self.refused("PUT /sink HTTP/1.1\r\n" + host + "Transfer-Encoding: " + coding + "\r\n\r\n0\r\n\r\n", 501)
        self.refused("GET / HTTP/1.0\r\n" + host + "\r\n", 505)

    def test_heads_that_are_too_large(self):
        host = "GET / HTTP/1.1\r\nHost: localhost\r\n"
        self.refused(host + "A: " + "x" * 70000 + "\r\n\r\n")
        self.refused(host + "A: b\r\n" * 200 + "\r\n")
        self.refused("GET /" + "x" * 20000 + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.refused("x" * 80000, closed=True)

    def test_heads_at_the_limits_are_taken(self):
        self.assertEqual(self.ask(get("/bytes/1", "A: b\r\n" * 99)).status, 200)
        self.assertEqual(self.ask(get("/bytes/1", "A: " + "x" * 65000 + "\r\n")).status, 200)

    def test_bodies_that_are_not_chunked_coding(self):
        head = "PUT /sink HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        before = self.server.counts()["errors"]
        bad = ("3\nabc\r\n0\r\n\r\n", "3\r\nabc\n0\r\n\r\n", "3\r\nabcd\r\n0\r\n\r\n", "x\r\n", "-3\r\nabc\r\n", "3 \r\nabc\r\n",
               " 3\r\nabc\r\n", "0x3\r\nabc\r\n", "\r\nabc\r\n", "3;a\nabc\r\n0\r\n\r\n", "3;a\x01\r\nabc\r\n0\r\n\r\n",
               "1111111111111111\r\n", "ffffffffffffffff\r\n", "3\r\nabc\r\n0\r\nA: b\n\r\n", "0\r\n folded: x\r\n\r\n",
               "3\r\r\nabc\r\n0\r\n\r\n", "3\r\nabc\r\r\n0\r\n\r\n", "3;" + "x" * 5000 + "\r\nabc\r\n",
               "0\r\n" + "A: b\r\n" * 1000 + "\r\n")
        for body in bad:
            with self.server.connect() as client:
                client.send_soon(head + body)
                reply = client.reply()
                self.assertEqual((reply.status, reply.one("connection")), (400, "close"), body[:100])
        self.assertEqual(self.server.settled()["errors"] - before, len(bad))

    def test_short_body_is_told_to_who_still_listens(self):
        with self.server.connect() as client:
            client.send(put("/sink", b"x" * 10, length=20))
            socket.socket.shutdown(client.sock, socket.SHUT_WR)
            while client.more():
                pass
            self.assertIn(b"IncompleteBody", client.buffer)

    def test_headers_are_kept_as_they_came(self):
        reply = self.ask(get("/headers?a=%20b&c", "X-Amz-Meta-B:  two  words \r\nx-AMZ-meta-a: \xe4\xf6\r\nX-Amz-Meta-B:\r\n"))
        self.assertEqual(reply.body.decode("latin-1").split("\n")[1:],
                         ["[Host] [localhost]", "[X-Amz-Meta-B] [two  words]", "[x-AMZ-meta-a] [\xe4\xf6]",
                          "[X-Amz-Meta-B] []", ""])
        self.assertRegex(reply.body, rb"^TLSv1\.3 /headers\?a=%20b&c\n")


class Tls(WithServer):
    def context(self, **options):
        context = ssl.create_default_context(cafile=self.server.cert)
        for name, value in options.items():
            setattr(context, name, value)
        return context

    def test_versions_and_suites(self):
        for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
            context = self.context(minimum_version=version, maximum_version=version)
            context.set_alpn_protocols(["h2", "http/1.1"])
            with self.server.connect(context=context) as client:
                self.assertEqual(client.sock.version(), name)
                self.assertEqual(client.sock.selected_alpn_protocol(), "http/1.1")
                self.assertRegex(client.sock.cipher()[0], "GCM|CHACHA20")
                client.send(get("/headers"))
                self.assertTrue(client.reply().body.startswith(name.encode()))

    def test_old_versions_and_weak_suites_are_refused_with_an_alert(self):
        import warnings
        warnings.simplefilter("ignore")
        old = self.context(minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)
        old.set_ciphers("ALL:@SECLEVEL=0")
        weak = self.context(maximum_version=ssl.TLSVersion.TLSv1_2)
        weak.set_ciphers("ECDHE-ECDSA-AES128-SHA256:AES128-GCM-SHA256")
        h2 = self.context()
        h2.set_alpn_protocols(["h2"])
        for context, reason in ((old, "(?i)protocol version"), (weak, "(?i)handshake failure"), (h2, "(?i)no application protocol")):
            with self.assertRaisesRegex(ssl.SSLError, reason):
                self.server.connect(context=context)

    def test_sessions_are_resumed(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = self.context(minimum_version=version, maximum_version=version)
            with self.server.connect(context=context) as client:
                client.send(get("/bytes/1"))
                client.reply()
                session = client.sock.session
            raw = socket.create_connection(("127.0.0.1", self.server.port))
            with context.wrap_socket(raw, server_hostname="localhost", session=session) as again:
                self.assertTrue(again.session_reused)

    def test_plain_http_is_told_about_https(self):
        for request in (get("/"), put("/bucket/key", b"x" * 100000).decode("latin-1"), "OPTIONS * HTTP/1.0\r\n\r\n"):
            with self.server.connect(tls=False) as client:
                client.send_soon(request)
                reply = client.reply()
                self.assertEqual((reply.status, reply.one("connection")), (400, "close"))
                self.assertIn(b"https://", reply.body)
                self.assertIsNone(reply.one("strict-transport-security"))

    def test_garbage_is_dropped(self):
        chance = random.Random(7)
        for garbage in (b"\0", b"\x16\x03\x01\xff\xff" + b"\0" * 100, b"\x80\x2e\x01\0\x02", b"\xff" * 1000):
            with self.server.connect(tls=False, timeout=20) as client:
                client.send_soon(garbage)
                socket.socket.shutdown(client.sock, socket.SHUT_WR)
                while client.more():
                    pass
        for _ in range(50):
            with self.server.connect(tls=False, timeout=20) as client:
                client.send_soon(bytes([22, 3, 1]) + chance.randbytes(chance.randrange(600)))
                socket.socket.shutdown(client.sock, socket.SHUT_WR)
                while client.more():
                    pass
        self.assertEqual(self.server.get("/bytes/1").status, 200)

    def test_damaged_record_ends_the_connection(self):
        with self.server.connect() as client:
            client.send(put("/sink", b"x" * 10, length=100000))
            time.sleep(0.1)
            os.write(client.sock.fileno(), b"\x17\x03\x03\x00\x20" + b"\0" * 32)
            while client.more():
                pass
        self.assertEqual(self.server.settled()["live"], 1)


class Timeouts(WithServer):
    settings = {"idle_ms": 600, "head_ms": 400, "stall_ms": 500}

    def closes_after(self, client, low):
        """Not before its time; how long after it is the machine's business."""
        before = time.monotonic()
        self.assertTrue(client.is_closed())
        self.assertGreater(time.monotonic() - before, low)

    def test_idle_connections_are_closed(self):
        with self.server.connect() as client:
            self.closes_after(client, 0.3)
        with self.server.connect() as client:
            client.send(get("/bytes/1"))
            client.reply()
            self.closes_after(client, 0.3)

    def test_silent_connections_are_closed_before_tls(self):
        with self.server.connect(tls=False) as client:
            self.closes_after(client, 0.2)
        with self.server.connect(tls=False) as client:
            client.send(b"\x16\x03\x01")
            self.closes_after(client, 0.2)

    def test_slow_heads_are_cut(self):
        with self.server.connect() as client:
            try:
                for byte in get("/bytes/1", "A: b\r\n" * 20):
                    client.send(byte)
                    time.sleep(0.02)
            except (OSError, ssl.SSLError):
                pass
            reply = client.reply()
            self.assertTrue(reply is None or (reply.status == 400 and b"RequestTimeout" in reply.body))

    def test_stalled_body_is_cut(self):
        with self.server.connect() as client:
            client.send(put("/sink", b"x" * 10, length=20))
            reply = client.reply()
            self.assertEqual((reply.status, reply.body, reply.one("connection")), (400, b"RequestTimeout", "close"))

    def test_slow_body_is_not_cut(self):
        data = b"x" * 30
        request = put("/sink", data)
        with self.server.connect() as client:
            client.send(request[:-30])
            for _ in range(10):
                time.sleep(0.15)
                client.send(b"xxx")
            self.assertEqual(client.reply().body, digest(data))

    def test_waiting_for_the_engine_is_no_stall(self):
        self.assertEqual(self.ask(get("/wait/1500")).body, b"waited\n")
        self.assertEqual(self.ask(put("/late/1500", b"abc")).body, digest(b"abc"))

    def test_reader_that_stops_is_cut(self):
        gone = self.server.settled()["gone"]
        with self.server.connect(receive_buffer=16384) as client:
            client.send(get("/bytes/%d" % (64 << 20)))
            time.sleep(3)
            self.assertEqual(self.server.settled()["gone"], gone + 1)
            reply = client.reply()
            self.assertFalse(reply.complete)

    def test_reader_that_is_slow_is_not_cut(self):
        size = 3 << 20
        with self.server.connect(receive_buffer=65536) as client:
            client.send(get("/bytes/%d" % size))
            for _ in range(12):
                time.sleep(0.2)
                for _ in range(8):
                    client.more()
            self.assertEqual(client.reply().body, pattern(size))


class Aborts(WithServer):
    workers = 2

    def test_client_that_leaves_while_waiting_is_noticed(self):
        gone = self.server.settled()["gone"]
        client = self.server.connect()
        client.send(get("/wait/60000"))
        time.sleep(0.2)
        client.sock.close()
        time.sleep(0.5)
        counts = self.server.settled()
        self.assertEqual((counts["live"], counts["gone"]), (1, gone + 1))

    def test_reset_while_nothing_is_read_is_noticed(self):
        gone = self.server.settled()["gone"]
        client = self.server.connect()
        client.send(put("/late/60000", b"x" * 100000, length=1 << 30))
        time.sleep(0.2)
        client.reset()
        time.sleep(3)
        counts = self.server.settled()
        self.assertEqual((counts["live"], counts["gone"]), (1, gone + 1))

    def test_aborts_at_random_points(self):
        chance = random.Random(1)
        before = self.server.fds()
        rounds = 60 if INSTRUMENTED else 300
        for number in range(rounds):
            size = chance.choice((100, 70000, 1 << 20, 8 << 20))
            request = chance.choice((put("/sink", b"x" * size), put("/slow", b"x" * size), put_chunked("/sink", b"x" * size),
                                     put("/early/60000", b"x" * size), get("/bytes/%d" % size).encode(),
                                     get("/chunked/%d" % size).encode(), get("/fail/%d" % size).encode()))
            client = self.server.connect()
            client.sock.settimeout(0.05)
            try:
                client.send(request[:chance.randrange(len(request) + 1)])
                if chance.random() < 0.5:
                    client.sock.recv(chance.randrange(1, 100000))
            except (OSError, ssl.SSLError):
                pass
            if chance.random() < 0.5:
                client.reset()
            else:
                client.sock.close()
        counts = self.server.settled(20)
        self.assertEqual(counts["live"], 1)
        end = time.monotonic() + 10
        while self.server.fds() > before + 2 and time.monotonic() < end:
            time.sleep(0.1)
        self.assertLessEqual(self.server.fds(), before + 2)

    def test_many_clients_at_once(self):
        failures = []

        def work(seed):
            chance = random.Random(seed)
            try:
                with self.server.connect() as client:
                    for _ in range(30):
                        data = chance.randbytes(chance.choice((0, 10, 5000, 100000)))
                        client.send_soon(chance.choice((put, put_chunked))("/sink", data))
                        if client.reply().body != digest(data):
                            failures.append(seed)
                        size = chance.choice((0, 10, 5000, 300000))
                        client.send(get("/bytes/%d" % size))
                        if client.reply().body != pattern(size):
                            failures.append(seed)
            except Exception as problem:  # noqa: a thread must tell
                failures.append(problem)
        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        self.assertEqual(failures, [])


class Memory(WithServer):
    @unittest.skipIf(INSTRUMENTED, "sanitizers keep freed memory")
    def test_long_bodies_take_no_memory(self):
        request = put("/slow", b"x" * (20 << 20))
        statuses = []
        threads = [threading.Thread(target=lambda: statuses.append(self.ask(request).status)) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        self.assertEqual(statuses, [200] * 8)
        uploads = self.server.rss("VmHWM")
        for client in [self.server.connect(receive_buffer=65536) for _ in range(8)]:
            client.send(get("/bytes/%d" % (1 << 30)))
            client.take(1 << 20)
            client.reset()
        downloads = self.server.rss("VmHWM")
        self.assertLess(uploads, 32 << 20)
        self.assertLess(downloads, 40 << 20)


class Listeners(WithServer):
    settings = {"max_connections": 4}

    def test_plain_http_listener_refuses_everything(self):
        for request in (get("/"), put("/b/k", b"x" * 200000, length=1 << 30).decode("latin-1"), "x" * 10000, "GET / HTTP/1.0\r\n\r\n"):
            with self.server.connect(tls=False, port=self.server.refuse) as client:
                client.send_soon(request)
                reply = client.reply()
                self.assertEqual((reply.status, reply.one("connection"), reply.one("content-type")),
                                 (403, "close", "application/xml"))
                self.assertIn(b"<Code>AccessDenied</Code>", reply.body)
                self.assertEqual(reply.all("location"), [])
                self.assertTrue(client.is_closed())
        with self.server.connect(tls=False, port=self.server.refuse) as client:
            client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertEqual(client.reply("HEAD").status, 403)
            self.assertTrue(client.is_closed())

    def test_admin_pages(self):
        def page(target, method="GET"):
            with self.server.connect(tls=False, port=self.server.admin) as client:
                client.send("%s %s HTTP/1.1\r\nHost: x\r\n\r\n" % (method, target))
                return client.reply(method)
        self.assertEqual((page("/healthz").status, page("/healthz").body), (200, b"ok\n"))
        self.assertEqual(page("/readyz?x").status, 200)
        self.assertEqual(page("/readyz", "HEAD").status, 200)
        self.assertEqual(page("/").status, 404)
        self.assertEqual(page("/healthz/x").status, 404)
        self.assertEqual(page("/healthz", "PUT").status, 405)

    def test_idle_connections_make_room(self):
        clients = [self.server.connect() for _ in range(8)]
        for client in clients:
            client.sock.settimeout(5)
        clients[7].send(get("/bytes/5"))
        self.assertEqual(clients[7].reply().body, pattern(5))
        self.assertTrue(clients[0].is_closed())
        for client in clients:
            client.sock.close()

    def test_slow_beginners_make_room(self):
        silent = [self.server.connect(tls=False) for _ in range(4)]
        before = time.monotonic()
        self.assertEqual(self.server.get("/bytes/5").body, pattern(5))
        self.assertLess(time.monotonic() - before, 60)
        for client in silent:
            client.sock.close()

    def test_busy_connections_do_not_make_room(self):
        clients = [self.server.connect() for _ in range(4)]
        for client in clients:
            client.send(get("/wait/700"))
        time.sleep(0.1)
        before = time.monotonic()
        self.assertEqual(self.server.get("/bytes/5").body, pattern(5))
        self.assertGreater(time.monotonic() - before, 0.4)
        for client in clients:
            self.assertEqual(client.reply().body, b"waited\n")
            client.sock.close()


class Shutdown(unittest.TestCase):
    def test_requests_under_way_end(self):
        server = Server(BINARY, 2, shutdown_ms=20000)
        data = os.urandom(2 << 20)
        request = put("/sink", data)
        idle, busy, waiting = server.connect(), server.connect(), server.connect()
        busy.send(request[:1 << 20])
        waiting.send(get("/wait/1000"))
        time.sleep(0.2)
        server.process.send_signal(signal.SIGTERM)
        self.assertTrue(idle.is_closed())
        with self.assertRaises(OSError):
            server.connect()
        busy.send(request[1 << 20:])
        reply = busy.reply()
        self.assertEqual((reply.body, reply.one("connection")), (digest(data), "close"))
        self.assertEqual(waiting.reply().body, b"waited\n")
        self.assertEqual(server.process.wait(20), 0)
        for client in (idle, busy, waiting):
            client.sock.close()
        server.stop()

    def test_requests_that_do_not_end_are_cut(self):
        server = Server(BINARY, 1, shutdown_ms=500)
        client = server.connect()
        client.send(get("/wait/60000"))
        time.sleep(0.2)
        before = time.monotonic()
        self.assertEqual(server.stop(20), 0)
        self.assertLess(time.monotonic() - before, 60)
        self.assertIsNone(client.reply())
        client.sock.close()

    def test_second_signal_ends_at_once(self):
        server = Server(BINARY, 1, shutdown_ms=60000)
        client = server.connect()
        client.send(get("/wait/60000"))
        time.sleep(0.2)
        server.process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        server.process.send_signal(signal.SIGINT)
        self.assertEqual(server.process.wait(5), 1)
        client.sock.close()
        server.stop()

    def test_what_cannot_be_used_is_said(self):
        with self.assertRaisesRegex(RuntimeError, "127.0.0.1:nowhere: not an address"):
            Server(BINARY, refuse="nowhere")
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            with self.assertRaisesRegex(RuntimeError, "cannot listen there: Address already in use"):
                Server(BINARY, admin=other.getsockname()[1])
        first = Server(BINARY, 2)
        with self.assertRaisesRegex(RuntimeError, "cannot listen there: Address already in use"):
            Server(BINARY, 2, refuse=first.port)
        first.stop()


if __name__ == "__main__":
    unittest.main(verbosity=2)
