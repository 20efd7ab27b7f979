"""The environment of scripts/stack from Python, and further gateways with other configurations beside it."""

import copy
import os
import re
import shlex
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from urllib.request import urlopen

import boto3
import yaml
from botocore.config import Config

from .rawclient import Client, wait_until

ROOT = Path(__file__).resolve().parents[3]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def boto_client(url, access_key, secret_key, ca_file, region="us-east-1", **config):
    config = {"signature_version": "s3v4", "s3": {"addressing_style": "path"}, "retries": {"max_attempts": 1}, **config}
    return boto3.client("s3", endpoint_url=url, aws_access_key_id=access_key, aws_secret_access_key=secret_key,
                        region_name=region, verify=str(ca_file), config=Config(**config))


def read_env(path):
    values = {}
    for line in Path(path).read_text().splitlines():
        for word in shlex.split(line):
            name, found, value = word.partition("=")
            if found:
                values[name] = value
    return values


class Gateway:
    """One running gateway and how to reach it."""

    def __init__(self, stack, process, config, folder):
        self.stack, self.process, self.config, self.folder = stack, process, config, folder
        self.url = "https://localhost:" + config["server"]["addresses"][0].rsplit(":", 1)[1]
        self.http_url = "http://" + config["server"]["refuse_http"]
        self.admin_url = "http://" + config["server"]["admin"]
        self.is_wrapped = False

    def client(self, **options):
        return Client(self.url, self.stack.access_key, self.stack.secret_key, self.stack.ca_file, **options)

    def boto(self, **config):
        return boto_client(self.url, self.stack.access_key, self.stack.secret_key, self.stack.ca_file, **config)

    def is_ready(self):
        return is_ready(self.admin_url)

    @property
    def access_log(self):
        return Path(self.config["log"]["access"]).read_text()

    @property
    def log(self):
        return (self.folder / "gateway.log").read_text()

    @property
    def pid(self):
        """Of the gateway itself, also when another program runs it."""
        if not self.is_wrapped:
            return self.process.pid
        return int(Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()[0])

    def stop(self, sig=signal.SIGTERM, timeout=30):
        if self.process.poll() is None:
            os.kill(self.pid, sig)
        return self.process.wait(timeout)


def is_ready(admin_url):
    try:
        with urlopen(admin_url + "/readyz", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


# What a gateway built with sanitizers writes when it finds something, and what any writes that gives itself up. Looked for at
# the end of every run.
COMPLAINT = re.compile(r"Sanitizer:|runtime error:|internal error:")


class Stack:
    def __init__(self, folder, *options):
        self.folder = Path(folder)
        os.environ.setdefault("LSAN_OPTIONS", f"suppressions={ROOT}/tests/support/lsan.supp:print_suppressions=0")
        self.run("up", *options)
        self.gateways = []

    def run(self, verb, *arguments):
        result = subprocess.run([ROOT / "scripts/stack", verb, self.folder, *arguments], stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, timeout=300)
        if result.returncode:
            raise RuntimeError(f"scripts/stack {verb} failed: {result.stderr[-2000:]}")
        self.env = read_env(self.folder / "env")

    def down(self):
        for gateway in self.gateways:
            gateway.stop(signal.SIGKILL)
        self.run("down")
        for log in [self.folder / "gateway.log", *self.folder.glob("gateway-*/gateway.log")]:
            found = [line for line in log.read_text(errors="replace").splitlines() if COMPLAINT.search(line)]
            assert not found, f"{log}: {found[:5]}"

    def start(self, what):
        self.run("start", what)

    def stop(self, what, sig="TERM"):
        self.run("stop", what, sig)

    url = property(lambda self: self.env["GATEWAY_URL"])
    upstream_url = property(lambda self: self.env["UPSTREAM_URL"])
    admin_url = property(lambda self: self.env["ADMIN_URL"])
    http_url = property(lambda self: self.env["HTTP_URL"])
    ca_file = property(lambda self: self.env["CA_FILE"])
    access_key = property(lambda self: self.env["AWS_ACCESS_KEY_ID"])
    secret_key = property(lambda self: self.env["AWS_SECRET_ACCESS_KEY"])
    region = property(lambda self: self.env["AWS_REGION"])
    keyring = property(lambda self: self.env["KEYRING"])
    program = property(lambda self: self.env["SEALGATE"])
    pid = property(lambda self: int(self.env["GATEWAY_PID"]))
    upstream_pid = property(lambda self: int(self.env["UPSTREAM_PID"]))
    access_log = property(lambda self: (self.folder / "access.log").read_text())
    log = property(lambda self: (self.folder / "gateway.log").read_text())

    @property
    def config(self):
        return yaml.safe_load(Path(self.env["GATEWAY_CONFIG"]).read_text())

    def client(self, **options):
        """Signed requests to the gateway, byte by byte."""
        return Client(self.url, self.access_key, self.secret_key, self.ca_file, **options)

    def boto(self, **config):
        return boto_client(self.url, self.access_key, self.secret_key, self.ca_file, **config)

    def upstream(self):
        """boto3 that talks to the upstream directly."""
        return boto_client(self.upstream_url, self.env["UPSTREAM_ACCESS_KEY_ID"], self.env["UPSTREAM_SECRET_ACCESS_KEY"],
                           self.ca_file)

    def upstream_client(self):
        return Client(self.upstream_url, self.env["UPSTREAM_ACCESS_KEY_ID"], self.env["UPSTREAM_SECRET_ACCESS_KEY"],
                      self.ca_file)

    def change_config(self, change):
        """This stack's configuration on other ports, after change(config)."""
        config = copy.deepcopy(self.config)
        config["server"]["addresses"] = [f"127.0.0.1:{free_port()}"]
        config["server"]["refuse_http"] = f"127.0.0.1:{free_port()}"
        config["server"]["admin"] = f"127.0.0.1:{free_port()}"
        if change:
            change(config)
        return config

    def gateway(self, change=None, wait=True, prefix=(), env=None):
        """Another gateway on other ports; `prefix` is a command that runs it, such as strace."""
        folder = Path(tempfile.mkdtemp(prefix="gateway-", dir=self.folder))
        config = self.change_config(change)
        config.setdefault("log", {}).setdefault("access", None)
        config["log"]["access"] = config["log"]["access"] and str(folder / "access.log")
        if not config["log"]["access"]:
            del config["log"]
        (folder / "gateway.yaml").write_text(yaml.safe_dump(config))
        with open(folder / "gateway.log", "wb") as log:
            process = subprocess.Popen([*prefix, self.program, "serve", "--config", folder / "gateway.yaml"],
                                       stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       env={**os.environ, **(env or {})})
        gateway = Gateway(self, process, config, folder)
        gateway.is_wrapped = bool(prefix)
        self.gateways.append(gateway)
        if wait:
            def ready():
                if process.poll() is not None:
                    raise AssertionError(f"the gateway ended at start with {process.returncode}:\n{gateway.log}")
                return gateway.is_ready()

            wait_until(ready, 20, "the gateway's readiness")
        return gateway
