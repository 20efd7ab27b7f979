"""Large bodies in parallel cost bounded memory, and no byte of them reaches a file system."""

import hashlib
import os
import re
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.clients import UNSIGNED

MIB = 1 << 20
PARALLEL = int(os.environ.get("SG_MEMORY_PARALLEL", "32"))
SIZE = int(os.environ.get("SG_MEMORY_MIB", "256")) * MIB
LIMIT = 64 * MIB + PARALLEL * 2 * MIB


def status_kib(pid, name):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith(name + ":"):
            return int(line.split()[1])
    raise KeyError(name)


def curl(gateway, stack, bucket, key, *arguments):
    command = ["curl", "-sS", "--fail-with-body", "--cacert", stack.ca_file, "--aws-sigv4", f"aws:amz:{stack.region}:s3", "-K", "-",
               "-H", UNSIGNED, *arguments, f"{gateway.url}/{bucket}/{key}"]
    return command, f'user = "{stack.access_key}:{stack.secret_key}"\n'.encode()


@pytest.fixture(scope="module")
def source(work):
    """A file of SIZE that does not compress, made from one random MiB."""
    path = work / "large"
    piece = os.urandom(MIB)
    with open(path, "wb") as file:
        for i in range(SIZE // MIB):
            file.write(i.to_bytes(8, "big") + piece[8:])
    yield path
    path.unlink()


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while data := file.read(MIB):
            digest.update(data)
    return digest.hexdigest()


def test_parallel_transfers(stack, upstream, bucket, source):
    if shutil.disk_usage(stack.folder).free < PARALLEL * SIZE * 1.2:
        pytest.skip("not enough free space for the store")
    gateway = stack.gateway()
    wanted = sha256_of(source)

    def put(number):
        command, secret = curl(gateway, stack, bucket, f"large/{number}", "-T", str(source))
        result = subprocess.run(command, input=secret, capture_output=True)
        assert result.returncode == 0, result.stderr + result.stdout

    def get(number):
        command, secret = curl(gateway, stack, bucket, f"large/{number}")
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process.stdin.write(secret)
        process.stdin.close()
        digest = hashlib.sha256()
        while data := process.stdout.read(MIB):
            digest.update(data)
        assert process.wait() == 0
        assert digest.hexdigest() == wanted

    peaks = {}
    try:
        with ThreadPoolExecutor(PARALLEL) as pool:
            list(pool.map(put, range(PARALLEL)))
            peaks["put"] = status_kib(gateway.pid, "VmHWM") * 1024
            Path(f"/proc/{gateway.pid}/clear_refs").write_text("5")  # the peak starts anew
            list(pool.map(get, range(PARALLEL)))
            peaks["get"] = status_kib(gateway.pid, "VmHWM") * 1024
        print(f"\npeak RSS of {PARALLEL} parallel transfers of {SIZE // MIB} MiB: "
              f"PUT {peaks['put'] / MIB:.1f} MiB, GET {peaks['get'] / MIB:.1f} MiB, limit {LIMIT / MIB:.0f} MiB")
        assert max(peaks.values()) < LIMIT
        # Sockets do not count here: this is what went, or is going, to a file system.
        io = open(f"/proc/{gateway.pid}/io").read()
        assert int(re.search(r"^write_bytes: (\d+)", io, re.M).group(1)) < MIB  # its log
    finally:
        for number in range(PARALLEL):
            upstream.delete_object(Bucket=bucket, Key=f"large/{number}")
        gateway.stop()


OPENED = re.compile(r'(?:open|openat|openat2|creat)\((?:AT_FDCWD, |\d+, )?"([^"]*)", ([A-Z_|{}= a-z0-9]*)')


def test_no_file_is_written(stack, bucket, source):
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    probe = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True)
    if probe.returncode:
        pytest.skip("strace may not trace here")
    trace = stack.folder / "trace"
    calls = "trace=open,openat,openat2,creat,memfd_create,rename,renameat,renameat2,link,linkat,mkdir,mkdirat,unlink,unlinkat,truncate," \
            "ftruncate,pwrite64,pwritev,pwritev2,sendfile,splice,copy_file_range,mknod,mknodat"

    def change(config):
        config.pop("log", None)  # the access log is the one file that it may write, when told to

    gateway = stack.gateway(change, prefix=["strace", "-f", "-qq", "-e", calls, "-e", "signal=none", "-o", str(trace)])
    client = gateway.client()
    body = os.urandom(3 * MIB)
    assert client.put(bucket, "traced", body).status == 200
    assert client.get(bucket, "traced").body == body
    assert client.get(bucket, "absent").status == 404
    command, secret = curl(gateway, stack, bucket, "traced-large", "-T", str(source))
    subprocess.run(command, input=secret, check=True, capture_output=True)
    time.sleep(0.5)
    gateway.stop()
    lines = trace.read_text().splitlines()
    assert any("gateway.yaml" in line for line in lines)  # the trace works
    written = []
    for line in lines:
        opened = OPENED.search(line)
        if opened:
            if re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|O_TMPFILE", opened.group(2)) and opened.group(1) != "/dev/null":
                written.append(line)
        elif "open" not in line.split("(")[0] and " = -1 " not in line and "resumed" not in line and "+++" not in line:
            written.append(line)
    assert not written, "\n".join(written[:20])
