"""The image and the compose file: built, started, used with TLS from outside, and as locked down as they say.

Uses the engine that runs; as root it starts one of its own. Images that cannot be pulled are made here under the same tags:
the base by debootstrap, MinIO from its program.
"""

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import time

import pytest

from support.rawclient import Client, wait_until
from support.stack import ROOT, free_port

COMPOSE = ROOT / "docker/docker-compose.yml"


def run(*command, check=True, **options):
    result = subprocess.run([str(c) for c in command], capture_output=True, text=True, **options)
    if check and result.returncode:
        raise AssertionError(f"{' '.join(map(str, command))}: {result.stderr[-3000:]}{result.stdout[-1000:]}")
    return result


def answers(host=None):
    env = {**os.environ, **({"DOCKER_HOST": host} if host else {})}
    return subprocess.run(["docker", "info"], env=env, capture_output=True).returncode == 0


def unpacks(host):
    """Inside a container an engine may start, and then fail to unpack an image."""
    empty = subprocess.run(["tar", "-c", "--files-from=/dev/null"], capture_output=True, check=True).stdout
    env = {**os.environ, "DOCKER_HOST": host}
    done = subprocess.run(["docker", "import", "-", "sealgate-probe"], input=empty, env=env, capture_output=True)
    subprocess.run(["docker", "image", "rm", "sealgate-probe"], env=env, capture_output=True)
    return done.returncode == 0


@pytest.fixture(scope="module")
def engine(work):
    """The environment of a container engine that works."""
    if not shutil.which("docker"):
        pytest.skip("docker is not installed")
    if answers():
        yield dict(os.environ)
        return
    dockerd = shutil.which("dockerd") or shutil.which("dockerd", path="/usr/sbin:/usr/bin")
    if os.geteuid() != 0 or not dockerd:
        pytest.skip("no container engine runs, and one can only be started by root with dockerd")
    folder = work / "docker"
    folder.mkdir()
    host = f"unix://{folder}/socket"
    # The second try is for kernels without what bridges and overlays need.
    for options in ([], ["--iptables=false", "--storage-driver=vfs"]):
        with open(folder / "log", "wb") as log:
            process = subprocess.Popen([dockerd, "-H", host, "--data-root", folder / "data", "--exec-root", folder / "exec",
                                        "-p", folder / "pid", *options], stdout=log, stderr=log, start_new_session=True)
        for _ in range(60):
            if process.poll() is not None or answers(host):
                break
            time.sleep(0.5)
        if process.poll() is None and answers(host) and unpacks(host):
            break
        if process.poll() is None:
            process.kill()
            process.wait()
    else:
        pytest.skip("no container engine can run here: " + (folder / "log").read_text()[-300:])
    yield {**os.environ, "DOCKER_HOST": host}
    process.send_signal(signal.SIGTERM)
    process.wait(60)


@pytest.fixture(scope="module")
def docker(engine):
    return lambda *arguments, **options: run("docker", *arguments, env=engine, **options)


def image_names():
    text = (ROOT / "docker/Dockerfile").read_text() + COMPOSE.read_text()
    base = re.search(r"^FROM (\S+) AS build", text, re.M).group(1)
    minio = re.search(r"image: (minio\S+)", text).group(1)
    return base, minio


@pytest.fixture(scope="module")
def images(docker, engine, work):
    """Both images that the files name, pulled or made."""
    base, minio = image_names()
    if docker("image", "inspect", base, check=False).returncode and docker("pull", base, check=False).returncode:
        if not shutil.which("debootstrap"):
            pytest.skip(f"{base} can be neither pulled nor made (debootstrap)")
        root = work / "base"
        run("debootstrap", "--variant=minbase", re.search(r":(\w+)", base).group(1), root)
        archive = subprocess.Popen(["tar", "-C", root, "--exclude=./var/cache/apt/*", "--exclude=./var/lib/apt/lists/*", "-c", "."], stdout=subprocess.PIPE)
        subprocess.run(["docker", "import", "-", base], stdin=archive.stdout, env=engine, check=True, capture_output=True)
        assert archive.wait() == 0
        print(f"\nmade {base} with debootstrap")
    if docker("image", "inspect", minio, check=False).returncode and docker("pull", minio, check=False).returncode:
        program = shutil.which("minio")
        if not program:
            pytest.skip(f"{minio} can neither be pulled nor made: no minio on PATH")
        folder = work / "minio-image"
        folder.mkdir()
        shutil.copy(program, folder / "minio")
        (folder / "Dockerfile").write_text(f"FROM {base}\nCOPY minio /usr/bin/minio\nENTRYPOINT [\"/usr/bin/minio\"]\n")
        docker("build", "-t", minio, folder)
        print(f"\nmade {minio} from {program}")


def compose_command(engine):
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    if run("docker", "compose", "version", check=False, env=engine).returncode == 0:
        return ["docker", "compose"]
    return pytest.skip("neither docker-compose nor the compose plugin is installed")


@pytest.fixture(scope="module")
def deployment(images, docker, engine):
    project = "sealgate" + secrets.token_hex(4)
    port = free_port()
    env = {**engine, "SEALGATE_PORT": str(port), "DOCKER_BUILDKIT": engine.get("DOCKER_BUILDKIT", "0"), "COMPOSE_DOCKER_CLI_BUILD": "0"}

    def compose(*arguments, **options):
        return run(*compose_command(engine), "-p", project, "-f", COMPOSE, *arguments, env=env, timeout=1500, **options)

    try:
        compose("up", "-d", "--build")
        compose.container = lambda service: compose("ps", "-q", service).stdout.strip()
        compose.inspect = lambda service: json.loads(docker("inspect", compose.container(service)).stdout)[0]
        compose.url = f"https://localhost:{port}"
        wait_until(lambda: compose.inspect("gateway")["State"]["Health"]["Status"] == "healthy", 90, "the health check")
        yield compose
    except Exception:
        print(compose("logs", check=False).stdout[-5000:])
        raise
    finally:
        compose("down", "-v", check=False)


@pytest.fixture
def client(deployment, tmp_path):
    ca = tmp_path / "ca.crt"
    ca.write_text(deployment("exec", "-T", "gateway", "cat", "/etc/sealgate/ca.crt").stdout)
    words = deployment("exec", "-T", "gateway", "cat", "/etc/sealgate/credentials").stdout.split("\n")
    access, secret = next(line for line in words if line and not line.startswith("#")).split()
    return Client(deployment.url, access, secret, str(ca))


def test_round_trip_through_containers(client):
    body = os.urandom(300_000)
    assert client.request("PUT", "bucket").status == 200
    assert client.put("bucket", "key", body, headers=[("x-amz-meta-note", "a note")]).status == 200
    answer = client.get("bucket", "key")
    assert (answer.status, answer.body, answer["x-amz-meta-note"]) == (200, body, "a note")


def test_what_minio_holds_is_sealed(client, deployment, docker):
    client.request("PUT", "sealed")
    client.put("sealed", "key", b"PLAINTEXT-MARKER" * 100)
    found = docker("exec", deployment.container("minio"), "grep", "-rc", "PLAINTEXT-MARKER", "/data", check=False).stdout
    assert found and all(line.endswith(":0") for line in found.split())


def test_it_is_locked_down(deployment, docker):
    for service in ("gateway", "minio"):
        container = deployment.inspect(service)
        assert container["Config"]["User"] not in ("", "0", "root")
        assert container["HostConfig"]["ReadonlyRootfs"]
        assert container["HostConfig"]["CapDrop"] == ["ALL"]
        assert not container["HostConfig"]["CapAdd"]
        assert not container["HostConfig"]["Privileged"]
        status = docker("exec", container["Id"], "cat", "/proc/1/status").stdout
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert int(fields["CapEff"], 16) == int(fields["CapBnd"], 16) == 0
        assert fields["Uid"].split()[0] != "0"
        assert fields["NoNewPrivs"] == "1"
    assert docker("exec", deployment.container("gateway"), "touch", "/x", check=False).returncode != 0
    assert docker("exec", deployment.container("gateway"), "touch", "/etc/sealgate/x", check=False).returncode != 0
    # Only the gateway can be reached from outside.
    assert not any(deployment.inspect("minio")["NetworkSettings"]["Ports"].values())


def test_the_image_is_slim(docker, deployment):
    image = deployment.inspect("gateway")["Image"]
    for tool in ("gcc", "cmake", "python3"):
        assert docker("run", "--rm", "--entrypoint", "/bin/sh", image, "-c", f"command -v {tool}", check=False).returncode != 0
    print(f"\nimage of {json.loads(docker('image', 'inspect', image).stdout)[0]['Size'] / 1e6:.0f} MB")


def test_it_starts_again_with_the_same_keys(client, deployment):
    client.request("PUT", "again")
    client.put("again", "key", b"content")
    deployment("restart")
    client.close()

    def back():
        try:
            return client.get("again", "key").body == b"content"
        except OSError:
            return False

    wait_until(back, 60, "the deployment's return")


def test_it_stops_in_time(deployment):
    deployment("stop", "gateway")
    # One that has to be killed after ten seconds ends with 137.
    assert deployment.inspect("gateway")["State"]["ExitCode"] == 0
    deployment("start", "gateway")
