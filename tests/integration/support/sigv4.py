"""AWS Signature Version 4 for S3, written from its documentation, for requests that no SDK would send."""

import base64
import hashlib
import hmac
import time
import zlib
from urllib.parse import quote

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
UNSIGNED = "UNSIGNED-PAYLOAD"
SIGNED_STREAM = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_STREAM_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_STREAM_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


def encode(text, safe=""):
    data = text if isinstance(text, bytes) else text.encode()
    return quote(data, safe="-_.~" + safe)


def hmac_sha256(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def amz_date(offset=0.0):
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() + offset))


def collapse(value):
    return " ".join(value.split())


class Signer:
    """Signs with one credential. Headers are lists of (name, value), because order and repetition matter here."""

    def __init__(self, access_key, secret_key, region="us-east-1", service="s3"):
        self.access_key, self.secret_key, self.region, self.service = access_key, secret_key, region, service

    def scope(self, date):
        return f"{date[:8]}/{self.region}/{self.service}/aws4_request"

    def key(self, date):
        key = hmac_sha256(("AWS4" + self.secret_key).encode(), date[:8])
        for part in (self.region, self.service, "aws4_request"):
            key = hmac_sha256(key, part)
        return key

    def canonical_request(self, method, path, query, headers, signed, payload):
        values = {}
        for name, value in headers:
            values.setdefault(name.lower(), []).append(collapse(value))
        lines = [method, path]
        lines.append("&".join(f"{n}={v}" for n, v in sorted((encode(n), encode(v or "")) for n, v in query)))
        lines += [f"{name}:{','.join(values[name])}" for name in signed]
        lines += ["", ";".join(signed), payload]
        return "\n".join(lines)

    def signature(self, date, canonical):
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{date}\n{self.scope(date)}\n{digest}"
        return hmac_sha256(self.key(date), text).hex()

    def sign(self, method, path, query, headers, payload, date=None, signed=None):
        """Adds x-amz-date, x-amz-content-sha256 and Authorization; gives the headers and the seed signature."""
        date = date or amz_date()
        headers = list(headers) + [("x-amz-date", date), ("x-amz-content-sha256", payload)]
        signed = signed or sorted({name.lower() for name, _ in headers})
        signature = self.signature(date, self.canonical_request(method, path, query, headers, signed, payload))
        headers.append(("Authorization", f"AWS4-HMAC-SHA256 Credential={self.access_key}/{self.scope(date)}, "
                                         f"SignedHeaders={';'.join(signed)}, Signature={signature}"))
        return headers, signature, date

    def presign(self, method, path, query, headers, expires=300, date=None, payload=UNSIGNED):
        """The query of a presigned URL; `headers` are those that must come with it, host among them."""
        date = date or amz_date()
        signed = sorted({name.lower() for name, _ in headers})
        query = list(query) + [
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", f"{self.access_key}/{self.scope(date)}"),
            ("X-Amz-Date", date),
            ("X-Amz-Expires", str(expires)),
            ("X-Amz-SignedHeaders", ";".join(signed)),
        ]
        canonical = self.canonical_request(method, path, query, headers, signed, payload)
        return query + [("X-Amz-Signature", self.signature(date, canonical))]

    def chunk_signature(self, date, previous, data):
        text = "\n".join(["AWS4-HMAC-SHA256-PAYLOAD", date, self.scope(date), previous, EMPTY_SHA256,
                          hashlib.sha256(data).hexdigest()])
        return hmac_sha256(self.key(date), text).hex()

    def trailer_signature(self, date, previous, trailers):
        digest = hashlib.sha256("".join(f"{n.lower()}:{v}\n" for n, v in trailers).encode()).hexdigest()
        text = "\n".join(["AWS4-HMAC-SHA256-TRAILER", date, self.scope(date), previous, digest])
        return hmac_sha256(self.key(date), text).hex()


def flip_last(text):
    """The same text with another last character, still a hexadecimal digit."""
    return text[:-1] + ("0" if text[-1] != "0" else "1")


class ChunkedBody:
    """An aws-chunked body in any of its three forms. `break_chunk`, `break_trailer` spoil one signature."""

    def __init__(self, signer, date, seed, data, mode, chunk=65536, trailers=(), break_chunk=None, break_trailer=False,
                 final=True):
        self.pieces = []
        signs = mode.startswith("STREAMING-AWS4")
        previous, number = seed, 0
        for start in range(0, len(data), chunk):
            piece = data[start : start + chunk]
            extension = ""
            if signs:
                previous = signer.chunk_signature(date, previous, piece)
                shown = flip_last(previous) if break_chunk == number else previous
                extension = f";chunk-signature={shown}"
            self.pieces.append(f"{len(piece):x}{extension}\r\n".encode() + piece + b"\r\n")
            number += 1
        if not final:
            return
        extension = ""
        if signs:
            previous = signer.chunk_signature(date, previous, b"")
            shown = flip_last(previous) if break_chunk in (number, "last") else previous
            extension = f";chunk-signature={shown}"
        tail = f"0{extension}\r\n"
        if mode.endswith("-TRAILER"):
            tail += "".join(f"{name}:{value}\r\n" for name, value in trailers)
            if signs:
                signature = signer.trailer_signature(date, previous, trailers)
                tail += f"x-amz-trailer-signature:{flip_last(signature) if break_trailer else signature}\r\n"
        self.pieces.append((tail + "\r\n").encode())

    def bytes(self):
        return b"".join(self.pieces)


def reflected_table(polynomial, bits):
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (polynomial if value & 1 else 0)
        table.append(value & (1 << bits) - 1)
    return table


CRC32C_TABLE = reflected_table(0x82F63B78, 32)
CRC64NVME_TABLE = reflected_table(0x9A6C9329AC4BC9B5, 64)


def crc(table, bits, data):
    value = mask = (1 << bits) - 1
    for byte in data:
        value = table[(value ^ byte) & 0xFF] ^ value >> 8
    return (value ^ mask).to_bytes(bits // 8, "big")


CHECKSUMS = {
    "crc32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "crc32c": lambda data: crc(CRC32C_TABLE, 32, data),
    "crc64nvme": lambda data: crc(CRC64NVME_TABLE, 64, data),
    "sha1": lambda data: hashlib.sha1(data).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
}


def checksum(name, data):
    """As S3 spells it: base64."""
    return base64.b64encode(CHECKSUMS[name](data)).decode()


def content_md5(data):
    return base64.b64encode(hashlib.md5(data).digest()).decode()
