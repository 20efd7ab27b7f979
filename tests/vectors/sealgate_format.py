#!/usr/bin/env python3
"""Reader and writer of sealgate's object format, version 1, after docs/format.md and independent of the gateway's C code.

As a library: write_object(), read_object() and the parts they are made of. As a command: `write`, `read`, `vectors`.
Needs Python 3.9 and the `cryptography` package. It works on whole objects in memory: a tool to check with and to rescue
data with, not a gateway.
"""
import argparse
import base64
import hashlib
import hmac
import json
import os
import re
import struct
import sys
from dataclasses import dataclass, field
from typing import Dict, List, Optional, Tuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# --- constants and notation (FMT-1, FMT-2) ---------------------------------------------------------------------------
S, O, UNIT, SLOT, TAIL = 65536, 28, 5 * 1024 * 1024, 44, 160
MAX_PARTS, MAX_CHECKSUM_BYTES, MAX_ENTRIES = 10000, 111, 128
ENVELOPE_HEADER, METADATA_HEADER = "x-amz-meta-sealgate", "x-amz-meta-sealgate-meta"
UPSTREAM_METADATA_MAX = 2048
CONTENT_HEADERS = {
    "cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires"}
CHECKSUM_LENGTHS = {1: 4, 2: 4, 3: 8, 4: 20, 5: 32, 6: 16, 7: 64, 8: 8, 9: 8, 10: 16}
COMPOSITE = 128


class FormatError(Exception):
    """Whatever a reader must refuse."""


def need(condition, what: str) -> None:
    if not condition:
        raise FormatError(what)


def u8(n: int) -> bytes:
    return struct.pack(">B", n)


def u16(n: int) -> bytes:
    return struct.pack(">H", n)


def u32(n: int) -> bytes:
    return struct.pack(">I", n)


def u64(n: int) -> bytes:
    return struct.pack(">Q", n)


def lp(x: bytes) -> bytes:
    return u32(len(x)) + x


def b64(x: bytes) -> str:
    return base64.urlsafe_b64encode(x).decode("ascii").rstrip("=")


def unb64(text: str) -> bytes:
    need(re.fullmatch(r"[A-Za-z0-9_-]*", text), "not base64url")
    need(len(text) % 4 != 1, "no base64url has this length")
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    need(b64(raw) == text, "base64url is not canonical")
    return raw


class Cursor:
    """Reads numbers and strings from the front of bytes and refuses to go past their end."""

    def __init__(self, data: bytes):
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        need(count <= len(self.data) - self.at, "cut short")
        self.at += count
        return self.data[self.at - count:self.at]

    def uint(self, width: int) -> int:
        return int.from_bytes(self.take(width), "big")

    def rest(self) -> bytes:
        return self.take(len(self.data) - self.at)


# --- sizes (FMT-3 to FMT-7) ------------------------------------------------------------------------------------------
def segments(length: int) -> int:
    return -(-length // S)


def body_size(length: int) -> int:
    return length + O * segments(length)


def slots(plain: int) -> int:
    return min(MAX_PARTS, plain // UNIT + 1)


def sealed_size(plain: int) -> int:
    """G(L)."""
    return body_size(plain) + SLOT * slots(plain) + TAIL


def plain_size(sealed: int) -> int:
    """The L with G(L) = sealed."""
    need(sealed >= 204, "smaller than any object of ours")
    k = min(MAX_PARTS, (sealed - TAIL) // 5245164 + 1)
    body = sealed - TAIL - SLOT * k
    plain = body - O * -(-body // (S + O))
    need(plain >= 0 and sealed_size(plain) == sealed, "no plaintext has this stored size")
    return plain


# --- primitives ------------------------------------------------------------------------------------------------------
def hkdf_extract(salt: bytes, key: bytes) -> bytes:
    return hmac.new(salt or bytes(32), key, hashlib.sha256).digest()


def hkdf_expand(prk: bytes, info: bytes, length: int) -> bytes:
    out = block = b""
    for counter in range(1, -(-length // 32) + 1):
        block = hmac.new(prk, block + info + u8(counter), hashlib.sha256).digest()
        out += block
    return out[:length]


def gcm_seal(key: bytes, iv: bytes, plain: bytes, aad: bytes) -> bytes:
    return AESGCM(key).encrypt(iv, plain, aad)


def gcm_open(key: bytes, iv: bytes, sealed: bytes, aad: bytes, what: str) -> bytes:
    try:
        return AESGCM(key).decrypt(iv, sealed, aad)
    except (InvalidTag, ValueError) as error:
        raise FormatError(what + " does not authenticate") from error


def xaes_key(key: bytes, nonce: bytes) -> bytes:
    """XAES-256-GCM (C2SP): the key for one nonce, from AES-CMAC over two one-block messages."""
    aes = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    zero = int.from_bytes(aes.update(bytes(16)), "big")
    k1 = (zero << 1 ^ (0x87 if zero >> 127 else 0)) & (1 << 128) - 1
    blocks = [bytes([0, i, 0x58, 0]) + nonce[:12] for i in (1, 2)]
    return b"".join(aes.update((int.from_bytes(b, "big") ^ k1).to_bytes(16, "big")) for b in blocks)


def xaes_seal(key: bytes, nonce: bytes, plain: bytes, aad: bytes) -> bytes:
    return gcm_seal(xaes_key(key, nonce), nonce[12:], plain, aad)


def xaes_open(key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
    return gcm_open(xaes_key(key, nonce), nonce[12:], sealed, aad, "data key")


# --- keys of an object (FMT-10, FMT-11) ------------------------------------------------------------------------------
class Keys:
    def __init__(self, dek: bytes):
        need(len(dek) == 32, "a data key has 32 bytes")
        self.prk = hkdf_extract(b"", dek)
        self.content = self.expand(b"sealgate v1 content")
        self.footer = self.expand(b"sealgate v1 footer")
        self.metadata = self.expand(b"sealgate v1 metadata")
        self.upload = self.expand(b"sealgate v1 upload")
        self.commitment = self.expand(b"sealgate v1 commitment")

    def expand(self, info: bytes, length: int = 32) -> bytes:
        return hkdf_expand(self.prk, info, length)

    def footer_iv(self, digest: bytes) -> bytes:
        return self.expand(b"sealgate v1 footer iv" + digest, 12)


# --- key file (FMT-63, FMT-64) ---------------------------------------------------------------------------------------
KEK_ID = re.compile(r"[a-z0-9._-]{1,32}:[1-9][0-9]{0,9}")


def parse_keyring(text: str) -> Dict[str, Tuple[str, bytes]]:
    """NAME:VERSION -> (state, key)."""
    keys: Dict[str, Tuple[str, bytes]] = {}
    active = set()
    for number, line in enumerate(text.split("\n"), 1):
        fields = line.split()
        if not fields or fields[0].startswith("#"):
            continue
        where = "line %d: " % number
        need(len(fields) == 3, where + "not NAME:VERSION STATE KEY")
        kek, state, key = fields[0], fields[1], unb64(fields[2])
        need(KEK_ID.fullmatch(kek), where + "not NAME:VERSION")
        need(state in ("active", "decrypt-only", "disabled"), where + "no such state")
        need(len(key) == 32 and any(key), where + "a key has 32 bytes, not all of them zero")
        need(kek not in keys and all(key != other for _, other in keys.values()), where + "stands twice")
        name = kek.split(":")[0]
        need(state != "active" or name not in active, where + "two active versions")
        if state == "active":
            active.add(name)
        keys[kek] = (state, key)
    return keys


# --- envelope (FMT-14 to FMT-19) -------------------------------------------------------------------------------------
@dataclass
class Envelope:
    parts: str
    meta: str
    kek: str
    dek: bytes = b""
    kc: bytes = b""
    ikek: bytes = b""

    def text(self) -> str:
        fields = [("v", "1"), ("parts", self.parts), ("meta", self.meta), ("kek", self.kek), ("dek", b64(self.dek)),
                  ("kc", b64(self.kc))]
        if self.ikek:
            fields.append(("ikek", b64(self.ikek)))
        return "; ".join("=".join(pair) for pair in fields)

    def context(self, bucket: str, key: str, sealed_metadata: str, plain: int) -> bytes:
        need(sealed_metadata.isascii(), "not ASCII")
        if self.meta == "sealed":
            need(sealed_metadata, "the sealed metadata is missing")
            meta = b"sealed" + hashlib.sha256(sealed_metadata.encode("ascii")).digest()
        else:
            need(not sealed_metadata, "sealed metadata beside meta=plain")
            meta = b"plain"
        return b"".join(map(lp, [
            b"sealgate v1", self.parts.encode(), u64(plain) if self.parts == "one" else b"", self.kek.encode(),
            self.ikek, bucket.encode(), key.encode(), meta]))


def seal_envelope(envelope: Envelope, wrapping_key: bytes, dek: bytes, context: bytes, nonce: bytes) -> None:
    need(KEK_ID.fullmatch(envelope.kek), "kek is not NAME:VERSION")
    envelope.dek = nonce + xaes_seal(wrapping_key, nonce, dek, context)
    envelope.kc = Keys(dek).commitment


def parse_envelope(text: str) -> Envelope:
    need(len(text) <= 2048, "the envelope is too long")
    match = re.fullmatch(
        r"v=1; parts=(one|many); meta=(sealed|plain); kek=([^;]*); dek=([^;]*); kc=([^;]*)(?:; ikek=([^;]*))?", text)
    need(match and "\n" not in text, "not an envelope of version 1")
    parts, meta, kek, dek, kc, ikek = match.groups()
    need(KEK_ID.fullmatch(kek), "kek is not NAME:VERSION")
    envelope = Envelope(parts, meta, kek, unb64(dek), unb64(kc), unb64(ikek or ""))
    need(len(envelope.dek) == 72 and len(envelope.kc) == 32, "dek or kc has a wrong length")
    need(ikek is None or 1 <= len(envelope.ikek) <= 1024, "ikek has a wrong length")
    return envelope


def open_envelope(envelope: Envelope, wrapping_key: bytes, context: bytes) -> Keys:
    keys = Keys(xaes_open(wrapping_key, envelope.dek[:24], envelope.dek[24:], context))
    need(hmac.compare_digest(keys.commitment, envelope.kc), "the commitment is not that of the data key")
    return keys


# --- sealed metadata (FMT-23 to FMT-28) ------------------------------------------------------------------------------
Entry = Tuple[int, str, bytes]  # kind, name, value
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")


def check_entry(kind: int, name: str, value: bytes) -> None:
    need(kind in (1, 2, 3), "no such kind of metadata")
    need(TOKEN.fullmatch(name), "not a name of metadata")
    need(kind != 1 or not name.startswith("sealgate"), "a reserved name")
    need(kind != 2 or name in CONTENT_HEADERS, "not a content header")
    need(not set(value) & {0, 10, 13}, "CR, LF or NUL in a value")


def print_metadata(entries: List[Entry]) -> bytes:
    """M: joins what stands twice and sorts."""
    joined: Dict[Tuple[int, bytes], bytes] = {}
    for kind, name, value in entries:
        name = name.lower()
        check_entry(kind, name, value)
        at = (kind, name.encode("ascii"))
        joined[at] = joined[at] + b"," + value if at in joined else value
    need(len(joined) <= MAX_ENTRIES, "too many entries")
    return b"".join(u8(kind) + u16(len(name)) + name + u16(len(value)) + value
                    for (kind, name), value in sorted(joined.items()))


def parse_metadata(message: bytes) -> List[Entry]:
    cursor, entries, last = Cursor(message), [], (0, b"")
    while cursor.at < len(message):
        kind, name = cursor.uint(1), cursor.take(cursor.uint(2))
        value = cursor.take(cursor.uint(2))
        need((kind, name) > last, "entries are out of order")
        last = (kind, name)
        check_entry(kind, name.decode("latin-1"), value)
        entries.append((kind, name.decode("latin-1"), value))
    need(len(entries) <= MAX_ENTRIES, "too many entries")
    return entries


def metadata_aad(bucket: str, key: str) -> bytes:
    return lp(b"sealgate v1 metadata") + lp(bucket.encode()) + lp(key.encode())


def seal_metadata(keys: Keys, entries: List[Entry], bucket: str, key: str, iv: bytes) -> str:
    value = b64(iv + gcm_seal(keys.metadata, iv, print_metadata(entries), metadata_aad(bucket, key)))
    need(len(value) <= metadata_room(), "too much metadata")
    return value


def open_metadata(keys: Keys, value: str, bucket: str, key: str) -> List[Entry]:
    need(len(value) <= 2048, "the sealed metadata is too long")
    raw = unb64(value)
    return parse_metadata(gcm_open(keys.metadata, raw[:12], raw[12:], metadata_aad(bucket, key), "metadata"))


def metadata_room(ikek_length: int = 0) -> int:
    """How long the value of x-amz-meta-sealgate-meta may be."""
    envelope = len("v=1; parts=many; meta=sealed; kek=; dek=; kc=") + 43 + 96 + 43
    if ikek_length:
        rounded = -(-ikek_length // 32) * 32
        envelope += len("; ikek=") + -(-rounded * 8 // 6)
    return max(0, UPSTREAM_METADATA_MAX - len(ENVELOPE_HEADER) - len(METADATA_HEADER) - envelope)


# --- segments (FMT-31 to FMT-34) -------------------------------------------------------------------------------------
def iv_add(iv: bytes, n: int) -> bytes:
    return ((int.from_bytes(iv, "big") + n) % 2**96).to_bytes(12, "big")


def segment_aad(part: int, index: int, last: bool) -> bytes:
    return lp(b"seg") + u32(part) + u64(index) + u8(last)


def seal_part(keys: Keys, part: int, plain: bytes, iv0: bytes) -> bytes:
    out, count = [], segments(len(plain))
    for i in range(count):
        iv = iv_add(iv0, i)
        aad = segment_aad(part, i, i == count - 1)
        out += [iv, gcm_seal(keys.content, iv, plain[i * S:(i + 1) * S], aad)]
    return b"".join(out)


def open_part(keys: Keys, part: int, sealed: bytes, pin: int = 0) -> bytes:
    out, iv0, count = [], None, -(-len(sealed) // (S + O))
    for i in range(count):
        segment = sealed[i * (S + O):(i + 1) * (S + O)]
        need(len(segment) > O, "a segment without content")
        start = iv_add(segment[:12], -i)
        need(iv0 in (None, start), "the IVs of the segments do not run on")
        need(pin == 0 or start[:4] == u32(pin), "the segment is not of the pinned upload")
        iv0 = start
        aad = segment_aad(part, i, i == count - 1)
        out.append(gcm_open(keys.content, segment[:12], segment[12:], aad, "segment %d of part %d" % (i, part)))
    return b"".join(out)


# --- footer (FMT-36 to FMT-45) ---------------------------------------------------------------------------------------
@dataclass
class Footer:
    plain: int
    many: bool = False
    digest: bytes = bytes(32)
    parts: List[Tuple[int, int, int]] = field(default_factory=list)  # number, length, pin
    checksums: List[Tuple[int, bytes]] = field(default_factory=list)  # id, raw value

    def segment_count(self) -> int:
        return sum(segments(length) for _, length, _ in self.parts) if self.many else segments(self.plain)

    def length(self) -> int:
        """F."""
        return sealed_size(self.plain) - self.plain - O * self.segment_count()


def print_footer(footer: Footer) -> bytes:
    """T."""
    table = b"".join(u32(number) + u64(length) + u32(pin) for number, length, pin in footer.parts)
    sums = b"".join(u8(alg) + u8(len(value)) + value for alg, value in footer.checksums)
    text = u64(footer.plain) + u32(len(footer.parts)) + footer.digest + table + u8(len(footer.checksums)) + sums
    return text + bytes(footer.length() - 32 - len(text))


def parse_footer(text: bytes, plain: int, many: bool) -> Footer:
    cursor = Cursor(text)
    need(cursor.uint(8) == plain, "the footer is that of another length")
    count, digest = cursor.uint(4), cursor.take(32)
    need(1 <= count <= slots(plain) if many else count == 0, "a wrong number of parts")
    need(many or not any(digest), "an upload digest where there was no upload")
    footer = Footer(plain, many, digest)
    for _ in range(count):
        footer.parts.append((cursor.uint(4), cursor.uint(8), cursor.uint(4)))
    numbers = [0] + [number for number, _, _ in footer.parts]
    need(all(a < b for a, b in zip(numbers, numbers[1:])) and numbers[-1] <= MAX_PARTS, "part numbers do not ascend")
    need(all(length >= UNIT for _, length, _ in footer.parts[:-1]), "a short part that is not the last")
    need(not many or sum(length for _, length, _ in footer.parts) == plain, "the parts are not the whole")
    for _ in range(cursor.uint(1)):
        footer.checksums.append((cursor.uint(1), cursor.take(cursor.uint(1))))
    ids = [alg for alg, _ in footer.checksums]
    need(ids == sorted(set(ids)), "checksums do not ascend")
    need(all(CHECKSUM_LENGTHS.get(alg & 127) == len(value) for alg, value in footer.checksums), "no such checksum")
    need(sum(2 + len(value) for _, value in footer.checksums) <= MAX_CHECKSUM_BYTES, "too many checksums")
    need(not any(cursor.rest()), "the footer is not filled up with zeros")
    need(len(text) + 32 == footer.length(), "the footer has a wrong length")
    return footer


def footer_aad(length: int) -> bytes:
    return lp(b"foot") + u32(length)


def seal_footer_text(keys: Keys, text: bytes) -> bytes:
    length = u32(len(text) + 32)
    iv = keys.footer_iv(hashlib.sha256(length + text).digest())
    return iv + gcm_seal(keys.footer, iv, text, footer_aad(len(text) + 32)) + length


def seal_footer(keys: Keys, footer: Footer) -> bytes:
    return seal_footer_text(keys, print_footer(footer))


def open_footer(keys: Keys, body: bytes, plain: int, many: bool) -> Footer:
    """`body` ends with the footer."""
    need(len(body) >= 4, "cut short")
    length = int.from_bytes(body[-4:], "big")
    need(77 <= length <= SLOT * slots(plain) + TAIL and length <= len(body), "the footer has a length that none has")
    sealed = body[-length:]
    text = gcm_open(keys.footer, sealed[:12], sealed[12:-4], footer_aad(length), "footer")
    return parse_footer(text, plain, many)


def upload_id(bucket: str, key: str, upstream_upload_id: bytes) -> str:
    return hashlib.sha256(lp(bucket.encode()) + lp(key.encode()) + lp(upstream_upload_id)).hexdigest()


def upload_digest(upload: str, listed: List[Tuple[int, str]]) -> bytes:
    """H, for the list in CompleteMultipartUpload as the client sent it."""
    entries = b"".join(u32(number) + lp(etag.strip('"').encode()) for number, etag in listed)
    return hashlib.sha256(lp(upload.encode()) + entries).digest()


# --- whole objects ---------------------------------------------------------------------------------------------------
@dataclass
class Result:
    plain: bytes
    metadata: List[Entry]
    footer: Footer
    envelope: Envelope


def write_object(kek: str, wrapping_key: bytes, bucket: str, key: str, parts: List[Tuple[int, bytes]], many=False,
                 entries: Optional[List[Entry]] = None, checksums=(), digest=bytes(32), ikek=b"", random=os.urandom):
    """Returns (body, headers). `entries` None means meta=plain. `random` is asked for the DEK (32), the IV of each part
    that is not empty (12), the IV of the metadata (12) and the nonce (24), in this order."""
    need(many or (len(parts) == 1 and parts[0][0] == 0), "a single object is its part 0")
    dek = random(32)
    keys = Keys(dek)
    plain = sum(len(data) for _, data in parts)
    footer = Footer(plain, many, digest, [], sorted(checksums))
    body = []
    for number, data in parts:
        iv0 = random(12) if data else bytes(12)
        body.append(seal_part(keys, number, data, iv0))
        if many:
            footer.parts.append((number, len(data), int.from_bytes(iv0[:4], "big")))
    sealed_footer = seal_footer(keys, footer)
    open_footer(keys, sealed_footer, plain, many)  # a writer obeys the rules that its readers check
    envelope = Envelope("many" if many else "one", "plain" if entries is None else "sealed", kek, ikek=ikek)
    sealed_metadata = "" if entries is None else seal_metadata(keys, entries, bucket, key, random(12))
    need(len(sealed_metadata) <= metadata_room(len(ikek)), "too much metadata")
    seal_envelope(envelope, wrapping_key, dek, envelope.context(bucket, key, sealed_metadata, plain), random(24))
    headers = {ENVELOPE_HEADER: envelope.text()}
    if entries is not None:
        headers[METADATA_HEADER] = sealed_metadata
    result = b"".join(body) + sealed_footer
    assert len(result) == sealed_size(plain)
    return result, headers


def read_object(body: bytes, headers: Dict[str, str], keyring: Dict[str, Tuple[str, bytes]], bucket: str,
                key: str) -> Result:
    headers = {name.lower(): value for name, value in headers.items()}
    need(ENVELOPE_HEADER in headers, "there is no envelope")
    envelope = parse_envelope(headers[ENVELOPE_HEADER])
    need(envelope.kek in keyring and keyring[envelope.kek][0] != "disabled", "the key is not available")
    need(not envelope.ikek, "an intermediate key beside a key of the file keyring")
    plain, many = plain_size(len(body)), envelope.parts == "many"
    sealed_metadata = headers.get(METADATA_HEADER, "")
    context = envelope.context(bucket, key, sealed_metadata, plain)
    keys = open_envelope(envelope, keyring[envelope.kek][1], context)
    entries = open_metadata(keys, sealed_metadata, bucket, key) if envelope.meta == "sealed" else []
    footer = open_footer(keys, body, plain, many)
    out, at = [], 0
    for number, length, pin in footer.parts if many else [(0, plain, 0)]:
        out.append(open_part(keys, number, body[at:at + body_size(length)], pin))
        at += body_size(length)
    need(at + footer.length() == len(body), "bytes between the parts and the footer")
    result = Result(b"".join(out), entries, footer, envelope)
    need(len(result.plain) == plain, "the parts are not the whole")
    return result


# --- command line ----------------------------------------------------------------------------------------------------
def read_file(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def write_file(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)


def pair(text: str) -> Tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError("not NAME=VALUE: " + text)
    return name, value


def cut(plain: bytes, sizes: Optional[str]) -> Tuple[List[Tuple[int, bytes]], bool]:
    """`5242880,5242880` cuts into parts 1, 2 and the rest; `1:5242880,9:` chooses the numbers."""
    if sizes is None:
        return [(0, plain)], False
    parts, at = [], 0
    for number, size in enumerate(sizes.split(","), 1):
        chosen, colon, size = size.rpartition(":")
        length = int(size) if size else len(plain) - at
        parts.append((int(chosen) if colon else number, plain[at:at + length]))
        at += length
    if at < len(plain):
        parts.append((parts[-1][0] + 1, plain[at:]))
    return parts, True


def command_write(args) -> None:
    keyring = parse_keyring(read_file(args.keyring).decode("ascii"))
    need(args.kek in keyring and keyring[args.kek][0] == "active", "no such key, or it is not active")
    entries = [(1, name, value.encode()) for name, value in args.user]
    entries += [(2, name, value.encode()) for name, value in args.content]
    checksums = [(int(alg), bytes.fromhex(value)) for alg, value in args.checksum]
    parts, many = cut(read_file(args.plain), args.parts)
    body, headers = write_object(args.kek, keyring[args.kek][1], args.bucket, args.key, parts, many,
                                 None if args.meta == "plain" else entries, checksums)
    write_file(args.body, body)
    write_file(args.headers, (json.dumps(headers, indent=1) + "\n").encode())


def command_read(args) -> None:
    keyring = parse_keyring(read_file(args.keyring).decode("ascii"))
    result = read_object(read_file(args.body), json.loads(read_file(args.headers)), keyring, args.bucket, args.key)
    write_file(args.plain, result.plain)
    print(json.dumps({
        "kek": result.envelope.kek, "parts": result.envelope.parts, "meta": result.envelope.meta,
        "length": len(result.plain), "sha256": hashlib.sha256(result.plain).hexdigest(),
        "metadata": [[kind, name, value.decode("utf-8", "backslashreplace")] for kind, name, value in result.metadata],
        "part_table": result.footer.parts,
        "checksums": [[alg, value.hex()] for alg, value in result.footer.checksums]}, indent=1))


def command_vectors(args) -> None:
    import format_vectors  # beside this file; it imports this module in turn
    (format_vectors.check_all if args.check else format_vectors.write_all)(args.folder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(required=True)
    for name, function in (("write", command_write), ("read", command_read)):
        command = commands.add_parser(name)
        command.set_defaults(function=function)
        command.add_argument("--keyring", required=True, help="key file, lines of NAME:VERSION STATE KEY")
        command.add_argument("--bucket", required=True, help="bucket identity")
        command.add_argument("--key", required=True, help="object key")
        command.add_argument("--plain", required=True, help="file of the plaintext")
        command.add_argument("--body", required=True, help="file of the stored object")
        command.add_argument("--headers", required=True, help="file of the stored object's metadata, JSON")
        if name == "write":
            command.add_argument("--kek", required=True, help="NAME:VERSION")
            command.add_argument("--meta", choices=["sealed", "plain"], default="sealed")
            command.add_argument("--parts", help="sizes of parts of a multipart upload: 5242880,5242880 or 1:5242880,9:")
            command.add_argument("--user", type=pair, action="append", default=[], help="user metadata, NAME=VALUE")
            command.add_argument("--content", type=pair, action="append", default=[], help="content header, NAME=VALUE")
            command.add_argument("--checksum", type=pair, action="append", default=[], help="number=hex")
    command = commands.add_parser("vectors", help="writes the files of tests/vectors/format")
    command.set_defaults(function=command_vectors)
    command.add_argument("--check", action="store_true", help="compares with what is there instead")
    command.add_argument("folder")
    args = parser.parse_args()
    try:
        args.function(args)
    except FormatError as error:
        print("refused: %s" % error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
