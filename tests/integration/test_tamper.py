"""The store is the attacker: never one wrong plaintext byte, always an error.

Most attacks run against the fake upstream, where a stored object can be changed at will; those that a real store's interface
allows run against the real one too.
"""

import os
import random

import pytest

from support import layout
from support.format import sealgate_format
from support.rawclient import ConnectionLost, wait_until

ENVELOPE, SEALED = "x-amz-meta-sealgate", "x-amz-meta-sealgate-meta"
METADATA = [("x-amz-meta-note", "a note"), ("Content-Type", "text/x-note")]


class Reader:
    """Reads one object through the gateway and judges the answer."""

    def __init__(self, fake, key, body):
        self.fake, self.key, self.body = fake, key, body
        self.client = fake.gateway.client()
        self.wrong = []

    def fetch(self, method="GET", headers=()):
        try:
            return self.client.request(method, "bucket", self.key, headers=headers)
        except ConnectionLost as lost:
            return lost.response

    def must_fail(self, what, headers=(), first=0, expect=None):
        """No success, and whatever bytes came are right ones."""
        answer = self.fetch(headers=headers)
        if answer is None:
            return
        if answer.status in (200, 206):
            whole = len(answer.body) == int(answer["content-length"])
            if whole or not self.body[first:].startswith(answer.body):
                self.wrong.append((what, answer))
        elif answer.status < 400 or (expect and answer.status not in expect):
            self.wrong.append((what, answer))

    def may_only_give_the_truth(self, what, headers=(), first=0):
        answer = self.fetch(headers=headers)
        if answer is not None and answer.status in (200, 206):
            if not self.body[first:].startswith(answer.body) or answer["x-amz-meta-note"] != "a note":
                self.wrong.append((what, answer))


@pytest.fixture
def stored(fake):
    """stored(size) gives a Reader and the stored object, which the test may change."""

    def put(size, key="victim"):
        fake.reset()
        body = os.urandom(size)
        assert fake.gateway.client().put("bucket", key, body, headers=METADATA).status == 200
        return Reader(fake, key, body), fake.stored(key)

    yield put
    fake.reset()
    fake.buckets["bucket"].clear()
    fake.buckets.pop("other", None)


def flipped(data, bit):
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize("size", [0, 1, 40])
def test_every_bit_of_a_small_body(stored, size):
    reader, stored_object = stored(size)
    good = stored_object.body
    for bit in range(len(good) * 8):
        stored_object.body = flipped(good, bit)
        reader.must_fail(f"bit {bit}")
    assert not reader.wrong
    stored_object.body = good
    assert reader.fetch().body == reader.body


@pytest.mark.parametrize("header", [ENVELOPE, SEALED])
def test_every_bit_of_the_headers(stored, header):
    """As bytes on the wire; a change of letters' case in names aside, nothing of it may pass."""
    reader, stored_object = stored(1)
    good = stored_object.header(header)
    for bit in range(len(good) * 8):
        changed = flipped(good.encode("latin-1"), bit)
        if b"\r" in changed or b"\n" in changed:
            continue
        stored_object.set_header(header, changed)
        reader.must_fail(f"{header} bit {bit}: {changed!r}")
    stored_object.set_header(header, good)
    assert not reader.wrong
    assert reader.fetch().body == reader.body


def test_heads_too(stored):
    """HEAD of a spoiled envelope gives no length and no metadata."""
    reader, stored_object = stored(1)
    good = stored_object.header(ENVELOPE)
    generator = random.Random(1)
    for _ in range(200):
        changed = flipped(good.encode(), generator.randrange(len(good) * 8))
        if b"\r" in changed or b"\n" in changed:
            continue
        stored_object.set_header(ENVELOPE, changed)
        answer = reader.fetch("HEAD")
        assert answer.status >= 400, (changed, answer)
        assert answer["x-amz-meta-note"] is None


def test_random_bits_of_a_large_body(stored):
    reader, stored_object = stored(200_001)
    good = stored_object.body
    generator = random.Random(2)
    for _ in range(400):
        bit = generator.randrange(len(good) * 8)
        stored_object.body = flipped(good, bit)
        reader.must_fail(f"bit {bit}")
        start = max(0, bit // 8 // layout.STORED_SEGMENT * layout.SEGMENT)
        if start < len(reader.body) and bit // 8 < layout.footer_start(len(reader.body)):
            reader.must_fail(f"bit {bit}, its segment alone", headers=[("Range", f"bytes={start}-{start}")], first=start)
    assert not reader.wrong


@pytest.mark.parametrize("size", [0, 1, 40])
def test_cut_at_every_byte(stored, size):
    reader, stored_object = stored(size)
    good = stored_object.body
    for length in range(len(good)):
        stored_object.body = good[:length]
        reader.must_fail(f"cut to {length}")
    assert not reader.wrong


@pytest.mark.parametrize("size", [65536, 65537, 200_000, 1 << 20])
def test_cut_and_extended_around_borders(stored, size):
    reader, stored_object = stored(size)
    good = stored_object.body
    borders = [i * layout.STORED_SEGMENT for i in range(1, layout.segments(size) + 1)] + [layout.footer_start(size), len(good)]
    for border in borders:
        for length in range(border - 30, border + 31):
            if length != len(good):
                stored_object.body = good[:length] if length < len(good) else good + bytes(length - len(good))
                reader.must_fail(f"length {length}")
    for plain in (0, 1, size - layout.SEGMENT, size - 1, size + 1, size + layout.SEGMENT):
        if plain >= 0 and plain != size:  # the exact stored size of another plaintext
            stored_object.body = (good + good)[: layout.stored_size(plain)]
            reader.must_fail(f"the size of {plain}")
    assert not reader.wrong


def segments_of(body, size):
    pieces = [body[i * layout.STORED_SEGMENT : (i + 1) * layout.STORED_SEGMENT] for i in range(size // layout.SEGMENT)]
    return pieces, body[len(pieces) * layout.STORED_SEGMENT :]


def test_segments_moved(stored):  # FMT-31, FMT-33
    size = 4 * layout.SEGMENT + 100
    reader, stored_object = stored(size)
    pieces, tail = segments_of(stored_object.body, size)
    arrangements = {
        "swapped": [1, 0, 2, 3], "reversed": [3, 2, 1, 0], "doubled": [0, 0, 2, 3], "dropped": [1, 2, 3], "repeated": [0, 1, 2, 3, 3],
        "rotated": [1, 2, 3, 0], "all the same": [2, 2, 2, 2],
    }
    for name, order in arrangements.items():
        stored_object.body = b"".join(pieces[i] for i in order) + tail
        reader.must_fail(name)
        reader.must_fail(name + ", a range", headers=[("Range", "bytes=0-199999")])
    stored_object.body = b"".join(pieces) + tail[layout.OVERHEAD + 100 :]
    reader.must_fail("last segment dropped")
    stored_object.body = b"".join(pieces[:3]) + tail[: layout.OVERHEAD + 100] + pieces[3] + tail[layout.OVERHEAD + 100 :]
    reader.must_fail("last two swapped")
    assert not reader.wrong


def test_parts_of_another_upload_of_the_same_object(stored, fake):
    """Every mixture of two versions of one key: segments, footer, envelope, sealed metadata."""
    size = 3 * layout.SEGMENT
    reader, first = stored(size)
    old = first.copy()
    assert fake.gateway.client().put("bucket", "victim", reader.body, headers=METADATA).status == 200
    new = fake.stored("victim")
    good = new.copy()
    old_pieces, old_tail = segments_of(old.body, size)
    new_pieces, new_tail = segments_of(good.body, size)
    for i in range(3):
        new.body = b"".join(new_pieces[:i] + [old_pieces[i]] + new_pieces[i + 1 :]) + new_tail
        reader.must_fail(f"segment {i} of the older version")
        reader.must_fail(f"segment {i} of the older version alone",
                         headers=[("Range", f"bytes={i * layout.SEGMENT}-{(i + 1) * layout.SEGMENT - 1}")], first=i * layout.SEGMENT)
    new.body = b"".join(new_pieces) + old_tail
    reader.must_fail("older footer")
    new.body = old.body
    reader.must_fail("older body")
    new.body = good.body
    for header in (ENVELOPE, SEALED):
        new.set_header(header, old.header(header))
        reader.must_fail(f"older {header}")
        new.set_header(header, good.header(header))
    assert not reader.wrong
    assert reader.fetch().body == reader.body


def test_moved_to_another_key_or_bucket(stored, fake):  # FMT-16, FMT-22
    reader, stored_object = stored(1000)
    assert reader.fetch().body == reader.body  # its DEK may be cached now
    fake.buckets["other"] = {b"victim": stored_object.copy()}
    fake.buckets["bucket"].update({b"victim2": stored_object.copy(), b"victi": stored_object.copy(), b"/victim": stored_object.copy()})
    client = fake.gateway.client()
    for bucket, key in (("other", "victim"), ("bucket", "victim2"), ("bucket", "victi"), ("bucket", "/victim")):
        for method in ("GET", "HEAD"):
            answer = client.request(method, bucket, key)
            assert answer.status >= 400, (bucket, key, answer)
            assert answer["x-amz-meta-note"] is None


def test_headers_removed_and_repeated(stored):  # FMT-14, FMT-19, FMT-21
    reader, stored_object = stored(1000)
    good = list(stored_object.headers)
    envelope, sealed = stored_object.header(ENVELOPE), stored_object.header(SEALED)
    changes = {
        "no envelope": [h for h in good if h[0].lower() != ENVELOPE],
        "no sealed metadata": [h for h in good if h[0].lower() != SEALED],
        "nothing": [],
        "envelope twice": good + [(ENVELOPE, envelope)],
        "sealed metadata twice": good + [(SEALED, sealed)],
        "two envelopes": good + [(ENVELOPE, envelope.replace("v=1", "v=2"))],
        "empty envelope": [h for h in good if h[0].lower() != ENVELOPE] + [(ENVELOPE, "")],
        "empty sealed metadata": [h for h in good if h[0].lower() != SEALED] + [(SEALED, "")],
        "changed places": [h for h in good if h[0].lower() not in (ENVELOPE, SEALED)] + [(ENVELOPE, sealed), (SEALED, envelope)],
    }
    for name, headers in changes.items():
        stored_object.headers = headers
        reader.must_fail(name)
        assert reader.fetch("HEAD").status >= 400, name
    assert not reader.wrong


def fields(envelope):
    return [field.split("=", 1) for field in envelope.split("; ")]


def join(pairs):
    return "; ".join("=".join(pair) for pair in pairs)


def test_fields_of_the_envelope(stored):  # FMT-13, FMT-14, FMT-17, FMT-18
    reader, stored_object = stored(1000)
    good = stored_object.header(ENVELOPE)
    pairs = fields(good)
    names = [name for name, _ in pairs]
    values = dict(pairs)
    changed = {
        **{f"without {n}": join([p for p in pairs if p[0] != n]) for n in names},
        **{f"{n} twice": join([q for p in pairs for q in ([p, p] if p[0] == n else [p])]) for n in names},
        **{f"{n} empty": join([[p[0], ""] if p[0] == n else p for p in pairs]) for n in names},
        "reversed": join(pairs[::-1]), "unknown field": join(pairs + [["x", "1"]]), "unknown field in front": join([["x", "1"]] + pairs),
        "v=2": good.replace("v=1", "v=2"), "v=01": good.replace("v=1", "v=01"), "parts=many": good.replace("parts=one", "parts=many"),
        "parts=none": good.replace("parts=one", "parts=none"), "meta=plain": good.replace("meta=sealed", "meta=plain"),
        "kek=main:2": good.replace("kek=main:1", "kek=main:2"), "kek=other:1": good.replace("kek=main:1", "kek=other:1"),
        "kek=main:01": good.replace("kek=main:1", "kek=main:01"), "ikek added": good + "; ikek=AAAA",
        "padding": good.replace("dek=" + values["dek"], "dek=" + values["dek"] + "="), "blank behind": good + " ",
        "other separator": good.replace("; ", ";"), "upper case": good.upper(), "dek short": good.replace(values["dek"], values["dek"][:-4]),
        "dek long": good.replace(values["dek"], values["dek"] + "AAAA"), "kc zero": good.replace(values["kc"], "A" * len(values["kc"])),
        "very long": good + "; x=" + "a" * 2000,
    }
    for name, envelope in changed.items():
        if envelope.strip() != good:
            stored_object.set_header(ENVELOPE, envelope)
            reader.must_fail(name)
    assert not reader.wrong


def test_meta_plain_does_not_let_upstream_headers_in(stored):
    """The upstream cannot turn sealed metadata into plain metadata of its choice."""
    reader, stored_object = stored(1000)
    good = stored_object.header(ENVELOPE)
    stored_object.set_header(ENVELOPE, good.replace("meta=sealed", "meta=plain"))
    stored_object.set_header(SEALED, None)
    stored_object.headers.append(("x-amz-meta-note", "theirs"))
    reader.must_fail("plain instead of sealed")
    assert not reader.wrong


def test_headers_added_upstream_are_not_shown(stored):  # FMT-29
    reader, stored_object = stored(1000)
    stored_object.headers = [h for h in stored_object.headers if h[0].lower() != "content-type"] + [
        ("Content-Type", "text/html"), ("Content-Encoding", "gzip"), ("Content-Disposition", "inline"), ("Cache-Control", "public"),
        ("Expires", "0"), ("Content-Language", "xx"), ("x-amz-meta-added", "theirs"), ("x-amz-website-redirect-location", "/x"),
        ("x-amz-checksum-crc32", "AAAAAA=="), ("Set-Cookie", "a=b"), ("Location", "https://elsewhere.example/"),
    ]
    for method in ("GET", "HEAD"):
        answer = reader.fetch(method)
        assert answer.status == 200
        assert answer["content-type"] == "text/x-note"
        for name in ("content-encoding", "content-disposition", "cache-control", "expires", "content-language", "x-amz-meta-added",
                     "x-amz-checksum-crc32", "set-cookie", "location"):
            assert answer[name] is None, name
    assert reader.fetch().body == reader.body


def test_answers_about_another_place(stored, fake):  # FMT-46, FMT-47
    """The upstream lies about what it sends: ranges, totals, statuses."""
    size = 3 * layout.SEGMENT + 1000
    reader, stored_object = stored(size)
    good = stored_object.body

    def lie(change):
        fake.change_response = lambda status, headers, body: change(status, dict(headers), body)

    def with_total(total):
        def change(status, headers, body):
            if "Content-Range" in headers:
                headers["Content-Range"] = headers["Content-Range"].rsplit("/", 1)[0] + f"/{total}"
            return status, list(headers.items()), body
        return change

    def whole_instead(status, headers, body):
        headers.pop("Content-Range", None)
        return 200, list(headers.items()), good

    def other_segment(status, headers, body):
        return status, list(headers.items()), good[layout.STORED_SEGMENT * 2 :][: len(body)]

    def no_content_range(status, headers, body):
        headers.pop("Content-Range", None)
        return status, list(headers.items()), body

    def garbage_content_range(status, headers, body):
        if "Content-Range" in headers:
            headers["Content-Range"] = "bytes x-y/z"
        return status, list(headers.items()), body

    lies = [with_total(layout.stored_size(size + 1)), with_total(layout.stored_size(layout.SEGMENT * 2)), with_total(0), with_total("*"),
            with_total(1 << 63), with_total((1 << 64) + 5), whole_instead, other_segment, no_content_range, garbage_content_range]
    for number, change in enumerate(lies):
        lie(change)
        for value, first in (("bytes=70000-70010", 70_000), ("bytes=-10", size - 10), (f"bytes={size - 5}-", size - 5)):
            answer = reader.fetch(headers=[("Range", value)])
            if answer is None or answer.status >= 400:
                continue
            if answer.status == 206 and reader.body[first:].startswith(answer.body):
                if number not in range(6) or answer["content-range"].endswith(f"/{size}"):
                    continue
            reader.wrong.append((number, value, answer))
    assert not reader.wrong


def test_footers_at_their_bounds(stored, fake, stack):  # FMT-45, FMT-48
    """Footers sealed with the right key that say something impossible, made by the independent writer."""
    reader, stored_object = stored(1000)
    keyring = sealgate_format.parse_keyring(open(stack.keyring).read())
    envelope = sealgate_format.parse_envelope(stored_object.header(ENVELOPE))
    sealed = stored_object.header(SEALED)
    keys = sealgate_format.open_envelope(envelope, keyring["main:1"][1], envelope.context("bucket", "victim", sealed, 1000))
    segments, good = stored_object.body[: layout.footer_start(1000)], stored_object.body
    footer = sealgate_format.open_footer(keys, good, 1000, False)
    text = sealgate_format.print_footer(footer)
    changes = {
        "other length": text[:7] + bytes([text[7] ^ 1]) + text[8:], "one part": text[:8] + b"\0\0\0\1" + text[12:],
        "many parts": text[:8] + b"\xff\xff\xff\xff" + text[12:], "digest": text[:12] + b"\1" + text[13:],
        "too many checksums": text[:44] + b"\xff" + text[45:], "not zero at the end": text[:-1] + b"\1",
        "unknown checksum": text[:44] + b"\1\x7f\4abcd" + text[51:], "checksum too long": text[:44] + b"\1\1\xff" + text[47:],
        "checksum twice": text[:44] + b"\2\1\4abcd\1\4abcd" + text[57:], "checksums descending": text[:44] + b"\2\2\4abcd\1\4abcd" + text[57:],
    }
    for name, changed in changes.items():
        assert len(changed) == len(text), name
        stored_object.body = segments + sealgate_format.seal_footer_text(keys, changed)
        reader.must_fail(name)
    assert not reader.wrong
    stored_object.body = segments + sealgate_format.seal_footer_text(keys, text)
    assert reader.fetch().body == reader.body


def test_failure_after_the_start_cuts_the_connection(stored):
    reader, stored_object = stored(20 * layout.SEGMENT)
    good = stored_object.body
    stored_object.body = flipped(good, 15 * layout.STORED_SEGMENT * 8 + 800)
    client = reader.client
    head, _ = client.build("GET", "bucket", "victim")
    with client.connect() as connection:
        connection.send(head)
        answer = connection.read_head()
        if answer.status == 200:
            with pytest.raises(ConnectionLost):
                while True:
                    connection.fill()
            assert len(connection.buffer) <= 15 * layout.SEGMENT
            assert reader.body.startswith(connection.buffer)
        else:
            assert answer.status >= 500


def test_refusals_are_audited_and_say_nothing(stored, fake):
    reader, stored_object = stored(1000)
    stored_object.set_header(ENVELOPE, None)
    answer = reader.fetch()
    assert (answer.status, answer.code) == (403, "AccessDenied")
    wait_until(lambda: "NOT_SEALED" in fake.gateway.access_log + fake.gateway.log, what="the audit line")
    for word in (b"envelope", b"kek", b"main:1", b"tag"):
        assert word not in answer.body.lower()


def test_the_gateway_still_stands(fake):
    """Behind everything above, with not one restart."""
    assert fake.gateway.process.poll() is None
    assert fake.gateway.client().put("bucket", "after", b"content").status == 200
    assert fake.gateway.client().get("bucket", "after").body == b"content"


# --- on the real store --------------------------------------------------------------------------------------------------


@pytest.fixture
def real(client, upstream, bucket):
    body = os.urandom(100_000)
    assert client.put(bucket, "victim", body, headers=METADATA).status == 200
    answer = upstream.get_object(Bucket=bucket, Key="victim")
    return body, answer["Body"].read(), answer["Metadata"]


def fails(client, bucket, key, body):
    try:
        answer = client.get(bucket, key)
    except ConnectionLost as lost:
        answer = lost.response
        return answer is None or (len(answer.body) < len(body) and body.startswith(answer.body))
    return answer.status >= 400


def test_real_bits(client, upstream, bucket, real):
    body, sealed, metadata = real
    generator = random.Random(3)
    for _ in range(60):
        changed = flipped(sealed, generator.randrange(len(sealed) * 8))
        upstream.put_object(Bucket=bucket, Key="victim", Body=changed, Metadata=metadata)
        assert fails(client, bucket, "victim", body)
    for name in metadata:
        for _ in range(30):
            at = generator.randrange(len(metadata[name]))
            other = generator.choice("ABCxyz019-_=; ".replace(metadata[name][at], ""))
            changed = {**metadata, name: metadata[name][:at] + other + metadata[name][at + 1 :]}
            if changed[name].strip() == metadata[name]:
                continue
            upstream.put_object(Bucket=bucket, Key="victim", Body=sealed, Metadata=changed)
            assert fails(client, bucket, "victim", body), changed


def test_real_swaps(stack, client, upstream, bucket, real):
    import secrets
    body, sealed, metadata = real
    other_bucket = "o-" + secrets.token_hex(6)
    stack.boto().create_bucket(Bucket=other_bucket)
    source = {"Bucket": bucket, "Key": "victim"}
    upstream.copy_object(Bucket=bucket, Key="elsewhere", CopySource=source)
    upstream.copy_object(Bucket=other_bucket, Key="victim", CopySource=source)
    assert client.get(bucket, "victim").body == body
    assert fails(client, bucket, "elsewhere", body)
    assert fails(client, other_bucket, "victim", body)
    # Two objects change places.
    client.put(bucket, "second", body)
    for key, from_key in (("third", "victim"), ("victim", "second"), ("second", "third")):
        upstream.copy_object(Bucket=bucket, Key=key, CopySource={"Bucket": bucket, "Key": from_key})
    assert fails(client, bucket, "victim", body)
    assert fails(client, bucket, "second", body)


def test_real_copy_to_itself_still_opens(client, upstream, bucket, real):
    """A raw copy of bytes and metadata is complete."""
    body, sealed, metadata = real
    upstream.put_object(Bucket=bucket, Key="victim", Body=sealed, Metadata=metadata)
    assert client.get(bucket, "victim").body == body
