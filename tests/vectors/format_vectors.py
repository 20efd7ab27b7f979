"""Writes tests/vectors/format/*.txt: blocks of `name = value`, with every random value stated. See docs/format.md.

`python3 sealgate_format.py vectors FOLDER` runs it. The result is always the same, byte for byte.
"""
import filecmp
import hashlib
import os
import struct
import tempfile

import sealgate_format as f

KEK = bytes(range(1, 33))
KEK_ID = "archive:2"
BUCKET, KEY = "photos", "2024/summer day/\u00e9t\u00e9.jpg"


def drawn(label: str, count: int) -> bytes:
    """Random in looks only: SHA-256 of a label and a counter."""
    blocks = (hashlib.sha256(("%s/%d" % (label, i)).encode()).digest() for i in range(-(-count // 32)))
    return b"".join(blocks)[:count]


def pattern(length: int) -> bytes:
    rows = -(-length // 256)
    step = bytes(131 * x % 256 for x in range(256))
    return b"".join(bytes((x + 7 * row + 17) % 256 for x in step) for row in range(rows))[:length]


class File:
    def __init__(self, folder: str, name: str, what: str):
        self.path, self.lines = os.path.join(folder, name), ["# " + what, ""]

    def block(self, **fields) -> None:
        for name, value in fields.items():
            text = value.hex() if isinstance(value, bytes) else str(value)
            self.lines.append(("%s = %s" % (name, text)).rstrip())
        self.lines.append("")

    def close(self) -> None:
        with open(self.path, "w", encoding="ascii", newline="\n") as file:
            file.write("\n".join(self.lines[:-1]) + "\n")


def write_sizes(folder: str) -> None:
    out = File(folder, "sizes.txt", "G: plaintext and stored sizes. FMT-4, FMT-5")
    corners = [0, f.S, 2 * f.S, f.UNIT, 2 * f.UNIT, 9999 * f.UNIT, 10000 * f.UNIT, 10001 * f.UNIT, 5366371124, 2**40]
    for plain in sorted({max(0, corner + d) for corner in corners for d in (-1, 0, 1)} | {2**50}):
        out.block(plain=plain, sealed=f.sealed_size(plain))
    out.close()


def write_keys(folder: str) -> None:
    out = File(folder, "keys.txt", "What is derived from a data key. FMT-10, FMT-11, FMT-37")
    for i, dek in enumerate([bytes(32), bytes(range(32)), drawn("keys", 32)]):
        keys, digest = f.Keys(dek), drawn("digest%d" % i, 32)
        out.block(dek=dek, content=keys.content, footer=keys.footer, metadata=keys.metadata, upload=keys.upload,
                  commitment=keys.commitment, digest=digest, footer_iv=keys.footer_iv(digest))
    out.close()


# --- envelopes -------------------------------------------------------------------------------------------------------
def envelope_case(out: File, label: str, parts: str, kek: str, plain: int, sealed_metadata: str, ikek: bytes = b""):
    envelope = f.Envelope(parts, "sealed" if sealed_metadata else "plain", kek, ikek=ikek)
    wrapping_key, dek, nonce = drawn(label + " kek", 32), drawn(label + " dek", 32), drawn(label + " nonce", 24)
    context = envelope.context(BUCKET, KEY, sealed_metadata, plain)
    f.seal_envelope(envelope, wrapping_key, dek, context, nonce)
    out.block(wrapping_key=wrapping_key, dek=dek, nonce=nonce, parts=parts, meta=envelope.meta, kek=kek, ikek=ikek,
              bucket=BUCKET, object_key=KEY.encode(), plain=plain, sealed_metadata=sealed_metadata, context=context,
              text=envelope.text())


def write_envelopes(folder: str) -> None:
    out = File(folder, "envelope.txt", "Envelopes, with the random nonce and the context. FMT-14 to FMT-17")
    envelope_case(out, "first", "one", "a:1", 0, "")
    envelope_case(out, "second", "one", KEK_ID, 1234567, "c2VhbGVkIG1ldGFkYXRh")
    envelope_case(out, "third", "many", "a.long_name-with.32.characters-x:9999999999", 10**10, "x" * 1778)
    envelope_case(out, "fourth", "many", "kms:7", 5, "AA", drawn("short", 1))
    envelope_case(out, "fifth", "one", "kms:8", 2**50, "", drawn("long", 1024))
    out.close()


def bad_envelopes():
    good = f.Envelope("one", "sealed", "a:1", drawn("bad dek", 72), drawn("bad kc", 32)).text()
    fields = dict(pair.split("=", 1) for pair in good.split("; "))

    def changed(**other):
        return "; ".join("%s=%s" % (name, other.get(name, value)) for name, value in fields.items())

    yield from ["", "v=1", good[1:], good[:-1], good + ";", good + "; ", good + " ", " " + good, good + "; x=1"]
    yield from [good.replace("; ", sep) for sep in (";", ";  ", ", ", " ;", "; ;", "&", ";\t")]
    yield from [changed(v=v) for v in ("0", "2", "01", "1.0", "", " 1", "10")]
    yield from [changed(parts=v) for v in ("", "two", "One", "one ", "many,one")]
    yield from [changed(meta=v) for v in ("", "open", "SEALED", "seale")]
    yield from [changed(kek=v) for v in ("", "a", "a:", ":1", "a:0", "a:01", "a:1:1", "A:1", "a b:1", "a:x", "a:-1", "a/b:1",
                                         "a:12345678901", "a" * 33 + ":1")]
    yield from [changed(dek=v) for v in ("", fields["dek"][:-1], fields["dek"] + "A", fields["dek"][:-1] + "=",
                                         "+" + fields["dek"][1:], "/" + fields["dek"][1:], fields["dek"][:-4],
                                         fields["dek"] + "AAAA", " " + fields["dek"])]
    # The last digit of 32 bytes has two unused bits.
    odd = fields["kc"][:-1] + chr(ord(fields["kc"][-1]) + 1)
    yield from [changed(kc=v) for v in ("", fields["kc"][:-1], fields["kc"] + "A", fields["kc"] + "=", odd)]
    yield from [good + "; ikek=" + v for v in ("", "A", "AB", "=", "AA==", "A" * 1367, "AA; ikek=AA", "AA;", "AA; ")]
    names = list(fields)
    for i, name in enumerate(names):
        yield "; ".join("%s=%s" % (n, fields[n]) for n in names if n != name)
        yield "; ".join("%s=%s" % (n, fields[n]) for n in names[:i + 1] + names[i:])
        yield good.replace(name + "=", name.upper() + "=", 1)
        yield good.replace(name + "=", name + " =", 1)
        yield good.replace(name + "=", name + "= ", 1)
        yield good.replace(name + "=", name, 1)
        if i > 0:
            swapped = names[:i - 1] + [name, names[i - 1]] + names[i + 1:]
            yield "; ".join("%s=%s" % (n, fields[n]) for n in swapped)
    yield "ikek=AA; " + good
    yield good.replace("; kc=", "; ikek=AA; kc=")
    yield good + "\x00"
    yield good + "\n"


def write_bad_envelopes(folder: str) -> None:
    out = File(folder, "envelope_bad.txt", "Texts (in hex) that are no envelope. FMT-14")
    for text in bad_envelopes():
        try:
            f.parse_envelope(text)
        except f.FormatError as why:
            out.block(why=why, text=text.encode())
        else:
            raise AssertionError("accepted: " + text)
    out.close()


# --- metadata --------------------------------------------------------------------------------------------------------
def write_metadata(folder: str) -> None:
    out = File(folder, "metadata.txt", "Entries as a client sent them, M, and the header value. FMT-23 to FMT-27")
    cases = [
        [],
        [(1, "colour", b"blue")],
        [(2, "Content-Type", b"image/jpeg"), (1, "B", b""), (1, "a", b"1"), (1, "A", b"2"), (3, "CRC32C", b"yZRlqg==")],
        [(1, "ab", b"x"), (1, "a", b"y"), (1, "a-b", b"z"), (1, "a.b", bytes(range(128, 256))), (1, "z", b"a\tb ,c")],
        [(2, name, b"v") for name in sorted(f.CONTENT_HEADERS, reverse=True)],
        [(1, "%02x" % i, b"%d" % (i % 3)) for i in range(127, -1, -1)],
    ]
    for i, entries in enumerate(cases):
        dek, iv = drawn("metadata dek %d" % i, 32), drawn("metadata iv %d" % i, 12)
        value = f.seal_metadata(f.Keys(dek), entries, BUCKET, KEY, iv)
        packed = b"".join(f.u8(kind) + f.lp(name.encode()) + f.lp(data) for kind, name, data in entries)
        out.block(dek=dek, iv=iv, bucket=BUCKET, object_key=KEY.encode(), entries=packed,
                  message=f.print_metadata(entries), value=value)
    out.close()


def bad_messages():
    def entry(kind, name, value):
        return f.u8(kind) + f.u16(len(name)) + name + f.u16(len(value)) + value

    good = entry(1, b"a", b"1")
    yield "twice", good + good
    yield "names descend", entry(1, b"b", b"") + good
    yield "a prefix after what it is a prefix of", entry(1, b"ab", b"") + good
    yield "kinds descend", entry(2, b"expires", b"") + good
    yield "kind 0", entry(0, b"a", b"")
    yield "kind 4", entry(4, b"a", b"")
    yield "kind 255", entry(255, b"a", b"")
    yield "no name", entry(1, b"", b"1")
    yield "capital", entry(1, b"A", b"1")
    for bad in b" :\"(),/;<=>?@[\\]{}\x00\r\n\x7f\x80\xff":
        yield "character %d in a name" % bad, entry(1, bytes([97, bad]), b"1")
    for bad in b"\x00\r\n":
        yield "character %d in a value" % bad, entry(1, b"a", bytes([49, bad]))
    yield "reserved", entry(1, b"sealgate", b"1")
    yield "reserved, longer", entry(1, b"sealgate-meta", b"1")
    yield "not a content header", entry(2, b"etag", b"1")
    yield "a content header with its blank", entry(2, b"content-type ", b"1")
    for cut in range(1, len(good)):
        yield "cut to %d bytes" % cut, good[:cut]
        yield "a second entry cut to %d bytes" % cut, entry(1, b"a", b"") + entry(1, b"b", b"1")[:cut]
    yield "one byte behind", good + b"\x00"
    yield "zeros behind", good + bytes(5)
    yield "name longer than the rest", f.u8(1) + f.u16(65535) + b"a" + f.u16(0)
    yield "value longer than the rest", f.u8(1) + f.u16(1) + b"a" + f.u16(65535) + b"b"
    yield "129 entries", b"".join(entry(1, b"%03d" % i, b"") for i in range(129))


def write_bad_metadata(folder: str) -> None:
    out = File(folder, "metadata_bad.txt", "Header values that authenticate and must be refused. FMT-24 to FMT-27")
    dek = drawn("bad metadata dek", 32)
    keys = f.Keys(dek)
    for why, message in bad_messages():
        try:
            f.parse_metadata(message)
        except f.FormatError:
            iv = drawn(why, 12)
            sealed = f.gcm_seal(keys.metadata, iv, message, f.metadata_aad(BUCKET, KEY))
            out.block(why=why, dek=dek, bucket=BUCKET, object_key=KEY.encode(), value=f.b64(iv + sealed))
        else:
            raise AssertionError("accepted: " + why)
    out.close()


# --- segments, footers, objects --------------------------------------------------------------------------------------
def write_segments(folder: str) -> None:
    out = File(folder, "segments.txt", "Sealed parts of the plaintext pattern. FMT-31 to FMT-34")
    highest = bytes([255]) * 12
    cases = [(0, 0, drawn("iv a", 12)), (0, 1, drawn("iv b", 12)), (1, 100, drawn("iv c", 12)), (10000, 700, highest),
             (0, f.S - 1, drawn("iv d", 12)), (0, f.S, drawn("iv e", 12)), (3, f.S + 1, drawn("iv f", 12)),
             (7, 3 * f.S, highest[:-1] + bytes([254])), (8, 4 * f.S + 5, bytes(3) + highest[:8] + bytes([253]))]
    for part, length, iv0 in cases:
        dek = drawn("segments dek %d" % length, 32)
        sealed = f.seal_part(f.Keys(dek), part, pattern(length), iv0)
        fields = {"sealed": sealed} if length <= 1000 else {}
        out.block(dek=dek, part=part, iv0=iv0, plain=length, sealed_len=len(sealed),
                  sealed_sha256=hashlib.sha256(sealed).digest(), **fields)
    out.close()


def footer_fields(footer: f.Footer) -> dict:
    parts = b"".join(struct.pack(">IQI", *part) for part in footer.parts)
    sums = b"".join(f.u8(alg) + f.u8(len(value)) + value for alg, value in footer.checksums)
    return {"plain": footer.plain, "many": int(footer.many), "upload_digest": footer.digest,
            "part_count": len(footer.parts), "parts": parts, "checksum_count": len(footer.checksums), "checksums": sums}


def many(lengths, checksums=(), first=1) -> f.Footer:
    parts = [(first + 2 * i, length, 0x01020304 + i if i % 3 else 0) for i, length in enumerate(lengths)]
    return f.Footer(sum(lengths), True, drawn("H %d" % len(lengths), 32), parts, list(checksums))


def all_checksums():
    ids = [1, 2, 3, 6, 8, 9, 129, 130, 131, 136, 137]
    return [(alg, drawn("checksum %d" % alg, f.CHECKSUM_LENGTHS[alg & 127])) for alg in ids]


def write_footers(folder: str) -> None:
    out = File(folder, "footer.txt", "Footers: what they say, T, and sealed. FMT-36 to FMT-45")
    crc = [(2, drawn("crc", 4))]
    cases = [f.Footer(0), f.Footer(1, checksums=crc), f.Footer(f.UNIT - 1, checksums=crc + [(5, drawn("sha", 32))]),
             f.Footer(f.UNIT, checksums=[(7, drawn("sha512", 64)), (138, drawn("xxh", 16))]),
             f.Footer(5366371124), f.Footer(9, checksums=all_checksums()), many([0]), many([1]), many([f.UNIT, 0]),
             many([f.UNIT + 1] * 7 + [3], crc), many([f.UNIT + 99] * 12 + [f.S], all_checksums(), 9),
             many([10 * f.UNIT], [(130, drawn("composite", 4))], 10000)]
    for i, footer in enumerate(cases):
        dek = drawn("footer dek %d" % i, 32)
        sealed, text = f.seal_footer(f.Keys(dek), footer), f.print_footer(footer)
        f.open_footer(f.Keys(dek), sealed, footer.plain, footer.many)
        fields = {"text": text, "sealed": sealed} if len(text) < 4000 else {}
        out.block(dek=dek, **footer_fields(footer), sealed_len=len(sealed),
                  sealed_sha256=hashlib.sha256(sealed).digest(), **fields)
    out.close()


def bad_footers():
    """(why, T, L, many)"""
    one, two = f.Footer(77), many([f.UNIT, 5])
    text, text2 = f.print_footer(one), f.print_footer(two)

    def put(data, at, new):
        return data[:at] + new + data[at + len(new):]

    yield "L less one", put(text, 0, f.u64(76)), 77, False
    yield "L of 2^64 - 1", put(text, 0, f.u64(2**64 - 1)), 77, False
    yield "one with a part", put(text, 8, f.u32(1)), 77, False
    yield "one with a digest", put(text, 12, b"\x01"), 77, False
    yield "one with the end of a digest", put(text, 43, b"\x01"), 77, False
    yield "one opened as many", text, 77, True
    yield "many opened as one", text2, two.plain, False
    yield "many without parts", put(text2, 8, f.u32(0)), two.plain, True
    yield "one part more than L admits", put(text2, 8, f.u32(3)), two.plain, True
    yield "2^32 - 1 parts", put(text2, 8, f.u32(2**32 - 1)), two.plain, True
    for number in (0, 10001, 2**32 - 1):
        yield "first part is %d" % number, put(text2, 44, f.u32(number)), two.plain, True
    for number in (0, 1, 10001):
        yield "last part is %d" % number, put(text2, 60, f.u32(number)), two.plain, True
    yield "first part below UNIT", put(put(text2, 48, f.u64(f.UNIT - 1)), 64, f.u64(6)), two.plain, True
    yield "parts are less than L", put(text2, 64, f.u64(4)), two.plain, True
    yield "parts are more than L", put(text2, 64, f.u64(6)), two.plain, True
    wrapped = put(put(text2, 48, f.u64(2**64 - 1)), 64, f.u64(two.plain + 1))
    yield "parts are L modulo 2^64", wrapped, two.plain, True
    for length in (len(text) - 1, len(text) + 1, len(text) + 28):
        yield "T has %d bytes" % length, (text + bytes(28))[:length], 77, False
    shortest = f.print_footer(many([f.UNIT, f.UNIT]))[:45 + 32]
    yield "T as short as its content", shortest, 2 * f.UNIT, True
    yield "T of 45 bytes", text[:45], 77, False
    yield "T of 44 bytes", text[:44], 77, False
    yield "T of no bytes", b"", 77, False
    for at in (45, 100, len(text) - 1):
        yield "byte %d behind the end is not zero" % at, put(text, at, b"\x01"), 77, False
    sums = [("unknown", [(11, b"1234")]), ("zero", [(0, b"1234")]), ("128", [(128, b"1234")]), ("255", [(255, b"1")]),
            ("short CRC32", [(1, b"123")]), ("long CRC32", [(1, b"12345")]), ("empty", [(1, b"")]),
            ("twice", [(1, b"1234"), (1, b"1234")]), ("descending", [(2, b"1234"), (1, b"1234")]),
            ("composite before whole", [(129, b"1234"), (1, b"1234")]),
            ("112 bytes", [(5, bytes(32)), (7, bytes(64)), (130, bytes(4)), (129, bytes(4))]),
            ("112 bytes, ascending", [(2, bytes(4)), (5, bytes(32)), (7, bytes(64)), (129, bytes(4))])]
    for why, values in sums:
        raw = f.u8(len(values)) + b"".join(f.u8(alg) + f.u8(len(value)) + value for alg, value in values)
        yield "checksums: " + why, put(text, 44, raw), 77, False
    yield "255 checksums", put(text, 44, b"\xff"), 77, False
    yield "checksum longer than T", put(text, 44, bytes([1, 7, 200])), 77, False


def write_bad_footers(folder: str) -> None:
    out = File(folder, "footer_bad.txt", "Footers that authenticate and must be refused. FMT-38 to FMT-45")
    dek = drawn("bad footer dek", 32)
    keys = f.Keys(dek)
    for why, text, plain, is_many in bad_footers():
        sealed = f.seal_footer_text(keys, text)
        try:
            f.open_footer(keys, sealed, plain, is_many)
        except f.FormatError:
            out.block(why=why, dek=dek, plain=plain, many=int(is_many), sealed=sealed)
        else:
            raise AssertionError("accepted: " + why)
    out.close()


def write_objects(folder: str) -> None:
    out = File(folder, "objects.txt", "Whole objects of the plaintext pattern, and all that was drawn for them.")
    entries = [(1, "colour", b"blue"), (2, "content-type", b"image/jpeg")]
    cases = [([0], False), ([1], False), ([1000], False), ([f.S], False), ([f.S + 1], False), ([f.UNIT], False),
             ([0], True), ([5], True), ([f.UNIT + 3, f.UNIT, 17], True)]
    for i, (lengths, is_many) in enumerate(cases):
        numbers = [5 + 3 * n for n in range(len(lengths))] if is_many else [0]
        data, parts, stream = pattern(sum(lengths)), [], []
        for number, length in zip(numbers, lengths):
            parts.append((number, data[:length]))
            data = data[length:]

        def random(count, label="object %d" % i):
            stream.append(drawn("%s/%d" % (label, len(stream)), count))
            return stream[-1]

        meta = None if i == 1 else entries
        body, headers = f.write_object(KEK_ID, KEK, BUCKET, KEY, parts, is_many, meta, [(2, drawn("crc", 4))],
                                       drawn("H", 32) if is_many else bytes(32), random=random)
        f.read_object(body, headers, {KEK_ID: ("active", KEK)}, BUCKET, KEY)
        fields = {"body": body} if len(body) < 3000 else {}
        out.block(kek_id=KEK_ID, kek=KEK, bucket=BUCKET, object_key=KEY.encode(), many=int(is_many), plain=sum(lengths),
                  part_count=len(lengths), parts=b"".join(struct.pack(">IQ", *p) for p in zip(numbers, lengths)),
                  drawn=b"".join(stream), envelope=headers[f.ENVELOPE_HEADER],
                  sealed_metadata=headers.get(f.METADATA_HEADER, ""), body_len=len(body),
                  body_sha256=hashlib.sha256(body).digest(), **fields)
    out.close()


def write_all(folder: str) -> None:
    os.makedirs(folder, exist_ok=True)
    for write in (write_sizes, write_keys, write_envelopes, write_bad_envelopes, write_metadata, write_bad_metadata,
                  write_segments, write_footers, write_bad_footers, write_objects):
        write(folder)


def check_all(folder: str) -> None:
    with tempfile.TemporaryDirectory() as fresh:
        write_all(fresh)
        names = sorted(os.listdir(fresh))
        f.need(names == sorted(os.listdir(folder)), "other files than in " + folder)
        _, changed, missing = filecmp.cmpfiles(fresh, folder, names, shallow=False)
        f.need(not changed and not missing, "differ: " + ", ".join(changed + missing))
