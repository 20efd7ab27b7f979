"""Fixtures of the integration tests. One stack serves all tests of a run; buckets are fresh for each module."""

import os
import secrets
import shutil
import tempfile
from pathlib import Path

import pytest

from support.fakes3 import FakeS3
from support.stack import Stack


def pytest_terminal_summary(terminalreporter):
    """Counts for scripts/test, which adds up those of all groups."""
    path = os.environ.get("SG_TEST_COUNTS")
    if path:
        stats = terminalreporter.stats
        failed = len(stats.get("failed", [])) + len(stats.get("error", []))
        Path(path).write_text(f"{len(stats.get('passed', []))} {failed} {len(stats.get('skipped', []))}\n")


@pytest.fixture(scope="session")
def work():
    """A folder for the run; kept when SG_KEEP is set, for looking at logs."""
    folder = Path(tempfile.mkdtemp(prefix="sealgate-test-"))
    yield folder
    if os.environ.get("SG_KEEP"):
        print(f"\nkept: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def stack(work):
    stack = Stack(work / "stack")
    yield stack
    stack.down()


@pytest.fixture(scope="session")
def upstream(stack):
    return stack.upstream()


@pytest.fixture(scope="session")
def s3(stack):
    return stack.boto()


@pytest.fixture
def client(stack):
    client = stack.client()
    yield client
    client.close()


@pytest.fixture(scope="module")
def bucket(stack):
    name = "b-" + secrets.token_hex(6)
    stack.boto().create_bucket(Bucket=name)
    return name


@pytest.fixture(scope="session")
def fake(stack):
    """A manipulable upstream, and `fake.gateway` in front of it."""
    fake = FakeS3(stack.folder / "pki")

    def change(config):
        config["upstream"]["endpoint"] = fake.url

    fake.gateway = stack.gateway(change)
    yield fake
    fake.gateway.stop()
    fake.close()
