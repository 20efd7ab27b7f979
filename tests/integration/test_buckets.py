"""Buckets and listings."""

import secrets

import pytest
from botocore.exceptions import ClientError

from support import layout
from support.rawclient import wait_until


def code(call, *args, **kwargs):
    with pytest.raises(ClientError) as caught:
        call(*args, **kwargs)
    return caught.value.response["Error"]["Code"]


def test_life_of_a_bucket(s3, client):
    name = "life-" + secrets.token_hex(6)
    s3.create_bucket(Bucket=name)
    assert name in [b["Name"] for b in s3.list_buckets()["Buckets"]]
    s3.head_bucket(Bucket=name)
    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] in (None, "us-east-1")
    client.put(name, "k", b"content")
    assert code(s3.delete_bucket, Bucket=name) == "BucketNotEmpty"
    client.delete(name, "k")
    s3.delete_bucket(Bucket=name)
    assert name not in [b["Name"] for b in s3.list_buckets()["Buckets"]]
    assert code(s3.head_bucket, Bucket=name) == "404"
    assert code(s3.list_objects_v2, Bucket=name) == "NoSuchBucket"
    assert client.put(name, "k", b"content").code == "NoSuchBucket"
    assert client.get(name, "k").code == "NoSuchBucket"


def test_create_twice(s3, bucket):
    try:
        s3.create_bucket(Bucket=bucket)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "BucketAlreadyOwnedByYou"


def test_create_with_a_location(s3):
    name = "located-" + secrets.token_hex(6)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-east-1"})
    s3.delete_bucket(Bucket=name)


@pytest.mark.parametrize("name", ["ab", "a" * 64, "Upper", "under_score", "-dash", "dash-", "do..ts", "192.168.0.1"])
def test_bad_bucket_names(client, name):
    answer = client.request("PUT", name)
    assert answer.status == 400, answer
    assert answer.code == "InvalidBucketName"


def test_the_state_bucket_does_not_exist_for_clients(s3, client, stack):
    state = stack.config["state_bucket"]
    assert state not in [b["Name"] for b in s3.list_buckets()["Buckets"]]
    for answer in (client.request("GET", state), client.get(state, "k"), client.put(state, "k", b"x"), client.delete(state, "k"),
                   client.request("DELETE", state), client.request("PUT", state), client.request("HEAD", state),
                   client.request("GET", state, query=[("location", None)])):
        assert answer.status in (403, 404), answer
    assert state in [b["Name"] for b in stack.upstream().list_buckets()["Buckets"]]


@pytest.fixture(scope="module")
def tree(stack, bucket):
    keys = ["a", "b/1", "b/2", "b/c/3", "b d/4", "e+f", "g&<h>", "ü/1", "z" * 200]
    sizes = {}
    client = stack.client()
    for number, key in enumerate(keys):
        sizes[key] = number * 40_000
        assert client.put(bucket, "tree/" + key, bytes(sizes[key])).status == 200
    return sizes


def contents(answer):
    return {entry["Key"]: entry["Size"] for entry in answer.get("Contents", [])}


@pytest.mark.parametrize("version", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("encoding", [None, "url"])
def test_listing(s3, bucket, tree, version, encoding):
    options = {"EncodingType": encoding} if encoding else {}
    answer = getattr(s3, version)(Bucket=bucket, Prefix="tree/", **options)
    assert contents(answer) == {"tree/" + k: v for k, v in tree.items()} or encoding == "url"
    assert sorted(contents(answer).values()) == sorted(tree.values())
    assert not answer["IsTruncated"]
    assert answer["Name"] == bucket


@pytest.mark.parametrize("version", ["list_objects", "list_objects_v2"])
def test_delimiter(s3, bucket, tree, version):
    answer = getattr(s3, version)(Bucket=bucket, Prefix="tree/", Delimiter="/")
    assert [p["Prefix"] for p in answer["CommonPrefixes"]] == ["tree/b d/", "tree/b/", "tree/ü/"]
    assert sorted(contents(answer)) == sorted("tree/" + k for k in tree if "/" not in k)


@pytest.mark.parametrize("version", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("page", [1, 2, 100])
def test_pages(s3, bucket, tree, version, page):
    pages = s3.get_paginator(version).paginate(Bucket=bucket, Prefix="tree/", PaginationConfig={"PageSize": page})
    found = {}
    for answer in pages:
        assert len(contents(answer)) <= page
        found.update(contents(answer))
    assert found == {"tree/" + k: v for k, v in tree.items()}


def test_start_after_and_marker(s3, bucket, tree):
    after = s3.list_objects_v2(Bucket=bucket, Prefix="tree/", StartAfter="tree/g&<h>")
    assert list(contents(after)) == sorted(("tree/" + k for k in tree if k > "g&<h>"))
    marker = s3.list_objects(Bucket=bucket, Prefix="tree/", Marker="tree/g&<h>")
    assert contents(marker) == contents(after)


def test_empty_listing_and_zero_keys(s3, bucket, tree):
    assert s3.list_objects_v2(Bucket=bucket, Prefix="nothing")["KeyCount"] == 0
    assert contents(s3.list_objects_v2(Bucket=bucket, MaxKeys=0)) == {}


def test_fetch_owner(s3, bucket, tree):
    answer = s3.list_objects_v2(Bucket=bucket, Prefix="tree/", FetchOwner=True)
    assert all("Owner" in entry for entry in answer["Contents"])


@pytest.mark.parametrize("query", [[("max-keys", "x")], [("max-keys", "-1")], [("list-type", "3")], [("encoding-type", "base64")]])
def test_bad_arguments(client, bucket, query):
    answer = client.request("GET", bucket, query=query)
    assert answer.status in (400, 501), answer


def test_a_thousand_keys(fake):
    fake.buckets["bucket"].clear()
    from support.fakes3 import Stored
    for i in range(1000):
        fake.buckets["bucket"][b"key %04d &<>" % i] = Stored(bytes(layout.stored_size(i)), [])
    answer = fake.gateway.boto().list_objects_v2(Bucket="bucket")
    assert [entry["Size"] for entry in answer["Contents"]] == list(range(1000))
    assert all(entry["ETag"].endswith('-0"') for entry in answer["Contents"])
    fake.buckets["bucket"].clear()


def test_sizes_that_are_not_ours_are_shown_as_they_are(s3, upstream, bucket):
    upstream.put_object(Bucket=bucket, Key="foreign/size", Body=bytes(100))
    assert contents(s3.list_objects_v2(Bucket=bucket, Prefix="foreign/")) == {"foreign/size": 100}


def test_foreign_objects_are_refused(client, upstream, bucket, stack):
    upstream.put_object(Bucket=bucket, Key="foreign/plain", Body=b"x" * 300, Metadata={"note": "theirs"})
    for answer in (client.get(bucket, "foreign/plain"), client.head(bucket, "foreign/plain"),
                   client.get(bucket, "foreign/plain", headers=[("Range", "bytes=0-1")])):
        assert answer.status == 403, answer
        assert answer["x-amz-meta-note"] is None
    wait_until(lambda: "NOT_SEALED" in stack.access_log + stack.log, what="the audit line")


def test_foreign_objects_pass_where_configured(stack, upstream, bucket):
    upstream.put_object(Bucket=bucket, Key="foreign/passes", Body=b"x" * 300, Metadata={"note": "theirs"}, ContentType="text/x-theirs")

    def change(config):
        config["buckets"].insert(0, {"name": bucket, "keys": ["main:1"], "active_key": "main:1", "foreign": "pass"})

    gateway = stack.gateway(change)
    client = gateway.client()
    answer = client.get(bucket, "foreign/passes")
    assert (answer.status, answer.body, answer["content-type"]) == (200, b"x" * 300, "text/x-theirs")
    part = client.get(bucket, "foreign/passes", headers=[("Range", "bytes=1-5")])
    assert (part.status, part.body, part["content-range"]) == (206, b"xxxxx", "bytes 1-5/300")
    assert client.head(bucket, "foreign/passes")["content-length"] == "300"
    assert client.put(bucket, "foreign/sealed", b"content").status == 200
    assert client.get(bucket, "foreign/sealed").body == b"content"
    gateway.stop()


def test_a_bucket_opens_only_with_its_keys(stack, client, upstream, bucket, tmp_path):
    """Two keys, two rules: an object of one bucket's key is refused in a bucket that does not list it."""
    import base64
    import os
    keyring = tmp_path / "keyring"
    other = base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()
    keyring.write_text(open(stack.keyring).read() + f"other:1 active {other}\n")
    keyring.chmod(0o600)

    def change(config):
        config["keyring"] = str(keyring)
        config["buckets"] = [{"name": bucket, "keys": ["other:1"], "active_key": "other:1"}]

    client.put(bucket, "by-main", b"content")
    gateway = stack.gateway(change)
    guarded = gateway.client()
    for answer in (guarded.get(bucket, "by-main"), guarded.head(bucket, "by-main")):
        assert answer.status == 403, answer
    assert guarded.put(bucket, "by-other", b"content").status == 200
    assert "kek=other:1" in upstream.head_object(Bucket=bucket, Key="by-other")["Metadata"]["sealgate"]
    assert guarded.get(bucket, "by-other").body == b"content"
    assert client.get(bucket, "by-other").status in (403, 503)  # the first gateway has no such key
    assert guarded.put("not-configured", "k", b"x").status in (403, 404)
    gateway.stop()


def test_plain_metadata_where_configured(stack, upstream, bucket):
    def change(config):
        config["buckets"].insert(0, {"name": bucket, "keys": ["main:1"], "active_key": "main:1", "metadata": "plain"})

    gateway = stack.gateway(change)
    client = gateway.client()
    headers = [("x-amz-meta-note", "visible"), ("Content-Type", "text/x-visible"), ("Cache-Control", "no-store")]
    assert client.put(bucket, "plain-metadata", b"content", headers=headers).status == 200
    stored = upstream.head_object(Bucket=bucket, Key="plain-metadata")
    assert (stored["Metadata"]["note"], stored["ContentType"], stored["CacheControl"]) == ("visible", "text/x-visible", "no-store")
    assert "sealgate-meta" not in stored["Metadata"]
    assert upstream.get_object(Bucket=bucket, Key="plain-metadata")["Body"].read().find(b"content") == -1
    answer = client.get(bucket, "plain-metadata")
    assert answer.body == b"content"
    for name, value in headers:
        assert answer[name.lower()] == value
    gateway.stop()
