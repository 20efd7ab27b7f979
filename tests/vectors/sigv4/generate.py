#!/usr/bin/env python3
"""Writes the SigV4 vectors beside this file, with botocore as the independent signer.

Each case is a folder with
    request         the head as it is received: request line and headers, LF at line ends
    context         one block `name = value`: who signs, when, what is signed
    canonical, string_to_sign, signature
What a client may spell in several ways (escapes, '+', order, case of names, blanks in values) is spelled unevenly in
`request`; botocore is given the decoded meaning. So the vectors also prove the reading of requests.

outgoing.txt has requests that the gateway would send, as blocks: what is asked, and the URL and Authorization expected.

The five aws_* cases are published, with their signatures, in the S3 API reference ("Signature Calculations for the
Authorization Header: Transferring Payload in a Single Chunk", "Authenticating Requests: Using Query Parameters"); this
script stops when botocore does not agree with them.

Usage: pip install botocore; python3 tests/vectors/sigv4/generate.py    (rewrites the files; the result never varies)
"""
import calendar
import hashlib
import pathlib
import random
import time
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.compat import quote
from botocore.credentials import Credentials

HERE = pathlib.Path(__file__).parent
AWS_KEY, AWS_SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
EMPTY = hashlib.sha256(b"").hexdigest()
DATE = "20130524T000000Z"


def encoded_path(path):
    return quote(path, safe="/~")


def signer(cls, date, region, key=AWS_KEY, secret=AWS_SECRET, **more):
    return cls(Credentials(key, secret), "s3", region, **more), date


def results(auth, request):
    canonical = auth.canonical_request(request)
    to_sign = auth.string_to_sign(request, canonical)
    return canonical, to_sign, auth.signature(to_sign, request)


def write_case(name, raw_head, context, outcome):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    block = "".join(f"{key} = {value}\n" for key, value in context.items())
    for file, text in zip(("request", "context", "canonical", "string_to_sign", "signature"),
                          (raw_head, block, *outcome)):
        (folder / file).write_bytes(text.encode())


def header_case(name, method="GET", path="/", params=(), headers=(), region="us-east-1", date=DATE, raw_path=None,
                raw_query=None, key=AWS_KEY, secret=AWS_SECRET, payload=EMPTY, expect=None, unsigned=()):
    """`path`, `params` and `headers` are what is meant; raw_path and raw_query are how it is spelled."""
    headers = [*headers, ("x-amz-content-sha256", payload), ("X-Amz-Date", date)]
    request = AWSRequest(method=method, url="https://unused.example" + encoded_path(path), params=list(params))
    request.context["timestamp"] = date
    for header, value in headers:
        request.headers.add_header(header, value)
    auth, _ = signer(S3SigV4Auth, date, region, key, secret)
    outcome = results(auth, request)
    assert expect in (None, outcome[2]), name
    target = raw_path if raw_path is not None else encoded_path(path)
    if raw_query is None:
        raw_query = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in params)
    head = f"{method} {target}{'?' + raw_query if raw_query else ''} HTTP/1.1\n"
    head += "".join(f"{header}: {value}\n" for header, value in [*headers, *unsigned])
    write_case(name, head, {
        "access_key_id": key, "secret_access_key": secret, "region": region, "amz_date": date,
        "signed_headers": auth.signed_headers(auth.headers_to_sign(request)), "payload_hash": payload,
    }, outcome)


def presigned_case(name, method="GET", path="/", query="", host="examplebucket.s3.amazonaws.com", region="us-east-1",
                   date=DATE, expires=86400, headers=(), expect=None):
    request = AWSRequest(method=method, url=f"https://{host}{encoded_path(path)}{'?' + query if query else ''}")
    request.context["timestamp"] = date
    for header, value in headers:
        request.headers.add_header(header, value)
    auth, _ = signer(S3SigV4QueryAuth, date, region, expires=expires)
    auth._modify_request_before_signing(request)
    outcome = results(auth, request)
    assert expect in (None, outcome[2]), name
    url = urlsplit(request.url)
    head = f"{method} {url.path}?{url.query}&X-Amz-Signature={outcome[2]} HTTP/1.1\nHost: {host}\n"
    head += "".join(f"{header}: {value}\n" for header, value in headers)
    signed = ";".join(sorted({"host", *(header.lower() for header, _ in headers)}))
    write_case(name, head, {
        "access_key_id": AWS_KEY, "secret_access_key": AWS_SECRET, "region": region, "amz_date": date,
        "signed_headers": signed, "payload_hash": "UNSIGNED-PAYLOAD", "skip_param": "X-Amz-Signature",
    }, outcome)


def published():
    host = ("Host", "examplebucket.s3.amazonaws.com")
    header_case("aws_get_object_range", path="/test.txt", headers=[host, ("Range", "bytes=0-9")],
                expect="f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    header_case("aws_put_object", method="PUT", path="/test$file.text", raw_path="/test$file.text",
                headers=[host, ("Date", "Fri, 24 May 2013 00:00:00 GMT"),
                         ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
                payload=hashlib.sha256(b"Welcome to Amazon S3.").hexdigest(),
                expect="98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
    header_case("aws_get_lifecycle", params=[("lifecycle", "")], raw_query="lifecycle", headers=[host],
                expect="fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
    header_case("aws_list_objects", params=[("max-keys", "2"), ("prefix", "J")], headers=[host],
                expect="34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
    presigned_case("aws_presigned_get", path="/test.txt",
                   expect="aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")


def awkward():
    host = ("Host", "gateway.example:8443")

    def case(name, **more):
        header_case(name, headers=[host, *more.pop("headers", [])], **more)

    case("key_double_slash", path="/bucket//a//b/")
    case("key_dot_segments", path="/bucket/a/../b/./c")
    case("key_spaces", path="/bucket/a b  c", raw_path="/bucket/a%20b%20%20c")
    case("key_plus_is_plus", path="/bucket/a+b", raw_path="/bucket/a+b")
    case("key_plus_escaped", path="/bucket/a+b", raw_path="/bucket/a%2bb")
    case("key_percent", path="/bucket/100%/%2F", raw_path="/bucket/100%25/%252F")
    case("key_slash_escaped", path="/bucket/a/b", raw_path="/bucket/a%2Fb")
    case("key_unicode", path="/bucket/\u00fcber/\u65e5\u672c\u8a9e/\U0001f512")
    case("key_unicode_raw_bytes", path="/bucket/\u00fc", raw_path="/bucket/\u00fc")
    case("key_tilde", path="/bucket/~a~", raw_path="/bucket/%7ea~")
    case("key_reserved_unescaped", path="/bucket/!$&'()*,;:@=", raw_path="/bucket/!$&'()*,;:@=")
    case("key_control_characters", path="/bucket/a\x01\n\r\x7f")
    case("query_plus_is_blank", params=[("prefix", "a b")], raw_query="prefix=a+b")
    case("query_escaped_plus", params=[("prefix", "a+b")], raw_query="prefix=a%2Bb")
    case("query_repeated_names", params=[("x", "2"), ("x", "10"), ("x", ""), ("X", "z")], raw_query="x=2&x=10&x&X=z")
    case("query_empty_pieces", params=[("a", "1"), ("b", "2")], raw_query="&a=1&&b=2&")
    case("query_sorted_as_encoded", params=[("a b", "1"), ("a-b", "2"), ("a", "3"), ("\u00e9", "4"), ("~", "5")],
         raw_query="~=5&%c3%a9=4&a=3&a-b=2&a+b=1")
    case("query_prefix_name", params=[("max", "1"), ("max-keys", "2")], raw_query="max-keys=2&max=1")
    case("query_equals_in_value", params=[("marker", "a=b=c&d")], raw_query="marker=a=b%3dc%26d")
    case("query_no_equals", method="POST", path="/bucket/key", params=[("uploads", "")], raw_query="uploads")
    case("header_blanks_inside", method="PUT", path="/bucket/key",
         headers=[("X-Amz-Meta-A", "  one   two\t three  "), ("x-amz-meta-b", "\t")])
    case("header_repeated", method="PUT", path="/bucket/key",
         headers=[("x-amz-meta-a", "2"), ("X-AMZ-META-A", " 1  1 "), ("x-amz-meta-a", "3,4"), ("x-amz-meta-a", "")])
    case("header_unicode", method="PUT", path="/bucket/key", headers=[("x-amz-meta-name", "gr\u00fc\u00dfe \u2713")])
    case("header_unsigned_user_agent", unsigned=[("User-Agent", "whatever  1.0"), ("Connection", "close")])
    case("header_prefix_names", headers=[("x-amz-meta-a-b", "1"), ("x-amz-meta-a", "2"), ("x-amz-meta-a_b", "3")])
    case("region_empty", region="")
    case("region_other", region="eu-central-1", date="20991231T235959Z")
    case("key_pair_unusual", key="a/b/c", secret="x" * 100)
    case("payload_unsigned", method="PUT", path="/b/k", payload="UNSIGNED-PAYLOAD")
    case("payload_streaming", method="PUT", path="/b/k", payload="STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
         headers=[("x-amz-decoded-content-length", "66560"), ("content-encoding", "aws-chunked")])
    presigned_case("presigned_put", method="PUT", path="/a b/\u00fc~+%", host="gateway.example:8443", expires=1,
                   headers=[("content-type", "text/plain"), ("x-amz-meta-a", "1  2")])
    presigned_case("presigned_query", path="/b/k", query="response-content-type=text%2Fplain&partNumber=2", region="")


def spell_path(random_source, path):
    """Some escapes in lower case, some letters escaped though they need not be, some reserved characters as they are."""
    spelled = []
    for byte in path.encode():
        char = chr(byte)
        if (char.isalnum() and byte < 128) or char in "/-_.~":
            spelled.append(char if random_source.random() < 0.9 or char == "/" else f"%{byte:02x}")
        elif char in "!$&'()*,;:@=+" and random_source.random() < 0.5:
            spelled.append(char)
        else:
            spelled.append(f"%{byte:02{random_source.choice('xX')}}")
    return "".join(spelled)


def spell_query(random_source, params):
    pieces = []
    for name, value in params:
        name, value = (quote(text, safe=random_source.choice(["", "/:", "*'()!"])) for text in (name, value))
        if random_source.random() < 0.5:
            name, value = name.replace("%20", "+"), value.replace("%20", "+")
        pieces.append(name if value == "" and random_source.random() < 0.5 else f"{name}={value}")
    return "&".join(pieces)


def random_cases(count):
    characters = "abzAZ09-_.~/+ %&=?#:;,@!$'()*[]{}|\\\"<>^`\u00e9\u20ac\U0001f600"
    values = "abz09 ,;=\"'()+-./\u00e9"

    def text(random_source, alphabet, longest):
        return "".join(random_source.choices(alphabet, k=random_source.randrange(longest)))

    for number in range(count):
        source = random.Random(number)
        path = "/bucket/" + text(source, characters, 40)
        params = [(text(source, characters, 8) or "p", text(source, characters, 12)) for _ in range(source.randrange(6))]
        names = [f"x-amz-meta-{source.choice('abcdABCD')}" for _ in range(source.randrange(5))]
        headers = [("Host", "s3.example")] + [(name, text(source, values, 20)) for name in names]
        source.shuffle(headers)
        header_case(f"random_{number:02}", method=source.choice(["GET", "PUT", "DELETE"]), path=path, params=params,
                    headers=headers, raw_path=spell_path(source, path), raw_query=spell_query(source, params),
                    region=source.choice(["us-east-1", "eu-west-3", "", "auto"]),
                    payload=source.choice([EMPTY, "UNSIGNED-PAYLOAD"]))


def outgoing():
    """What the gateway asks its upstream: always UNSIGNED-PAYLOAD, all headers signed but User-Agent."""
    blocks = []

    def case(method="GET", endpoint="https://minio.example:9000", virtual_host=0, bucket="bucket", key="", query=(),
             headers=(), region="us-east-1", date="20260102T030405Z"):
        authority = endpoint.removeprefix("https://").lower().removesuffix(":443")
        host, path = authority, "/" + (f"{bucket}/{key}" if key else bucket)
        if virtual_host:
            host, path = (f"{bucket}." if bucket else "") + authority, "/" + key
        request = AWSRequest(method=method, url="https://" + host + encoded_path(path), params=list(query))
        request.context["timestamp"] = date
        for header, value in [("Host", host), *headers, ("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"),
                              ("X-Amz-Date", date)]:
            request.headers.add_header(header, value)
        auth, _ = signer(S3SigV4Auth, date, region)
        canonical_query = auth.canonical_query_string(request)
        url = request.url + ("?" + canonical_query if canonical_query else "")
        auth._inject_signature_to_request(request, results(auth, request)[2])
        lines = [("method", method), ("endpoint", endpoint), ("virtual_host", virtual_host), ("bucket", bucket),
                 ("key", key.encode().hex()), ("query", canonical_query), ("region", region),
                 ("wall_s", calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ")))]
        lines += [(f"header{i}", f"{name}: {value}") for i, (name, value) in enumerate(headers)]
        lines += [("url", url), ("authorization", request.headers["Authorization"])]
        blocks.append("".join(f"{name} = {value}".rstrip() + "\n" for name, value in lines))

    case(bucket="")
    case(query=[("list-type", "2"), ("prefix", "a b/+%"), ("encoding-type", "url")])
    case(method="PUT", key="a//b/../c d+e%\u00fc~", headers=[("content-type", "text/plain"), ("x-amz-meta-x", "y")])
    case(method="HEAD", key="k", endpoint="https://S3.Example:443", headers=[("Range", "bytes=0-9")])
    case(method="POST", query=[("delete", "")], headers=[("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==")], region="")
    case(key="k", endpoint="https://[2001:db8::1]:9000")
    case(method="DELETE", key="/leading/", endpoint="https://s3.example", virtual_host=1)
    case(bucket="", endpoint="https://s3.example", virtual_host=1)
    case(method="PUT", key="k", headers=[("x-amz-meta-b", "1   2"), ("X-Amz-Meta-A", "3"), ("x-amz-meta-a", "4")])
    case(key="k", headers=[("User-Agent", "sealgate")])
    (HERE / "outgoing.txt").write_text("\n".join(blocks))


if __name__ == "__main__":
    published()
    awkward()
    random_cases(40)
    outgoing()
