"""Real clients behind one small interface, each configured as its users would do it, in a home folder of its own.

Uploads are single requests: thresholds for multipart uploads are set above the sizes used here.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import boto3
import boto3.s3.transfer

GIB = 1 << 30
# S3 wants this header; curl before version 8 signs it, but does not add it.
UNSIGNED = "x-amz-content-sha256: UNSIGNED-PAYLOAD"


class Missing(Exception):
    """The client is not installed on this machine."""


def find(*names):
    for name in names:
        path = shutil.which(name) if "/" not in name else name if os.access(name, os.X_OK) else None
        if path:
            return path
    raise Missing(f"{names[0]} is not installed")


class Client:
    # Can put user metadata and content headers, and show them again.
    metadata = True
    # Sends any key as it is; the others tidy up slashes and dots before they send.
    raw_keys = False

    def __init__(self, stack, home):
        self.stack, self.home = stack, Path(home)
        self.home.mkdir(parents=True, exist_ok=True)
        self.setup()

    def run(self, *command, input=None, env=None):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LC_ALL": "C.UTF-8", **(env or {})}
        result = subprocess.run([str(c) for c in command], input=input, capture_output=True, env=environment, timeout=300)
        if result.returncode:
            raise AssertionError(f"{command[0]} failed with {result.returncode}: {result.stderr.decode()[-1500:]} "
                                 f"{result.stdout.decode()[-500:]}")
        return result.stdout

    def write(self, name, text):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)
        return path


class AwsCli(Client):
    raw_keys = True  # through s3api

    def program(self):
        return find(str(Path(sys.executable).parent / "aws"))

    def setup(self):
        self.aws = self.program()
        self.write(".aws/credentials", f"[default]\naws_access_key_id = {self.stack.access_key}\n"
                                       f"aws_secret_access_key = {self.stack.secret_key}\n")
        self.write(".aws/config", f"[default]\nregion = {self.stack.region}\nca_bundle = {self.stack.ca_file}\n"
                                  "s3 =\n  multipart_threshold = 5GB\n  addressing_style = path\n")

    def call(self, *arguments):
        return self.run(self.aws, "--endpoint-url", self.stack.url, *arguments)

    def version(self):
        return self.run(self.aws, "--version").decode().split()[0]

    def put(self, path, bucket, key, metadata=None, content=None):
        if metadata is None:
            return self.call("s3", "cp", "--quiet", path, f"s3://{bucket}/{key}")
        options = ["--metadata", ",".join(f"{k}={v}" for k, v in metadata.items())]
        for name, value in (content or {}).items():
            options += ["--" + name.lower(), value]
        return self.call("s3", "cp", "--quiet", *options, path, f"s3://{bucket}/{key}")

    def get(self, bucket, key, path):
        self.call("s3", "cp", "--quiet", f"s3://{bucket}/{key}", path)

    def put_raw(self, path, bucket, key):
        self.call("s3api", "put-object", "--bucket", bucket, "--key", key, "--body", path)

    def get_raw(self, bucket, key, path):
        self.call("s3api", "get-object", "--bucket", bucket, "--key", key, path)

    def list(self, bucket):
        listed = self.call("s3", "ls", "--recursive", f"s3://{bucket}").decode().splitlines()
        return {line.split(None, 3)[3]: int(line.split(None, 3)[2]) for line in listed}

    def delete(self, bucket, key):
        self.call("s3", "rm", "--quiet", f"s3://{bucket}/{key}")

    def copy_tree(self, folder, bucket):
        self.call("s3", "sync", "--quiet", folder, f"s3://{bucket}/tree/")

    def fetch_tree(self, bucket, folder):
        self.call("s3", "sync", "--quiet", f"s3://{bucket}/tree/", folder)

    def nothing_to_sync(self, folder, bucket):
        return self.call("s3", "sync", "--dryrun", folder, f"s3://{bucket}/tree/") == b""


class DebianAwsCli(AwsCli):
    def program(self):
        return find("/usr/bin/aws")


class Boto3(Client):
    raw_keys = True

    def setup(self):
        self.s3 = boto3.client(
            "s3", endpoint_url=self.stack.url, verify=self.stack.ca_file, region_name=self.stack.region,
            aws_access_key_id=self.stack.access_key, aws_secret_access_key=self.stack.secret_key)
        self.transfer = boto3.s3.transfer.TransferConfig(multipart_threshold=5 * GIB)

    def version(self):
        return "boto3/" + boto3.__version__

    def put(self, path, bucket, key, metadata=None, content=None):
        extra = {"Metadata": metadata or {}, **{k.replace("-", ""): v for k, v in (content or {}).items()}}
        self.s3.upload_file(str(path), bucket, key, ExtraArgs=extra, Config=self.transfer)

    def get(self, bucket, key, path):
        self.s3.download_file(bucket, key, str(path), Config=self.transfer)

    def put_raw(self, path, bucket, key):
        self.put(path, bucket, key)

    def get_raw(self, bucket, key, path):
        self.get(bucket, key, path)

    def list(self, bucket):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return {entry["Key"]: entry["Size"] for page in pages for entry in page.get("Contents", [])}

    def delete(self, bucket, key):
        self.s3.delete_object(Bucket=bucket, Key=key)


class Mc(Client):
    def setup(self):
        cache = os.environ.get("SG_MC", "mc")
        self.mc = find(cache)
        self.write(".mc/certs/CAs/ca.crt", Path(self.stack.ca_file).read_text())
        self.call("alias", "set", "gw", self.stack.url, self.stack.access_key, self.stack.secret_key, "--path", "on")

    def call(self, *arguments):
        return self.run(self.mc, "--config-dir", self.home / ".mc", "--quiet", *arguments)

    def version(self):
        return " ".join(self.run(self.mc, "--version").decode().split()[:3])

    def put(self, path, bucket, key, metadata=None, content=None):
        attributes = ";".join(f"{k}={v}" for k, v in {**(metadata or {}), **(content or {})}.items())
        self.call("cp", "--disable-multipart", *(["--attr", attributes] if attributes else []), path, f"gw/{bucket}/{key}")

    def get(self, bucket, key, path):
        self.call("cp", f"gw/{bucket}/{key}", path)

    def list(self, bucket):
        import json
        lines = self.call("ls", "--recursive", "--json", f"gw/{bucket}").decode().splitlines()
        return {entry["key"]: entry["size"] for entry in map(json.loads, lines)}

    def delete(self, bucket, key):
        self.call("rm", f"gw/{bucket}/{key}")

    def copy_tree(self, folder, bucket):
        self.call("mirror", "--disable-multipart", folder, f"gw/{bucket}/tree")

    def fetch_tree(self, bucket, folder):
        self.call("mirror", f"gw/{bucket}/tree", folder)

    def nothing_to_sync(self, folder, bucket):
        return self.call("diff", folder, f"gw/{bucket}/tree") == b""


class Rclone(Client):
    def setup(self):
        self.rclone = find("rclone")
        self.config = self.write("rclone.conf", "[gw]\ntype = s3\nprovider = Other\n"
                                 f"endpoint = {self.stack.url}\nregion = {self.stack.region}\nno_check_bucket = true\n"
                                 f"access_key_id = {self.stack.access_key}\nsecret_access_key = {self.stack.secret_key}\n")

    def call(self, *arguments):
        return self.run(self.rclone, "--config", self.config, "--ca-cert", self.stack.ca_file, *arguments)

    def version(self):
        return self.run(self.rclone, "version").decode().split("\n")[0]

    def put(self, path, bucket, key, metadata=None, content=None):
        options = []
        for name, value in (metadata or {}).items():
            options += ["--header-upload", f"x-amz-meta-{name}: {value}"]
        for name, value in (content or {}).items():
            options += ["--header-upload", f"{name}: {value}"]
        self.call("copyto", *options, path, f"gw:{bucket}/{key}")

    def get(self, bucket, key, path):
        self.call("copyto", f"gw:{bucket}/{key}", path)

    def list(self, bucket):
        import json
        return {entry["Path"]: entry["Size"] for entry in json.loads(self.call("lsjson", "-R", "--files-only", f"gw:{bucket}"))}

    def delete(self, bucket, key):
        self.call("deletefile", f"gw:{bucket}/{key}")

    def copy_tree(self, folder, bucket):
        self.call("copy", folder, f"gw:{bucket}/tree")

    def fetch_tree(self, bucket, folder):
        self.call("copy", f"gw:{bucket}/tree", folder)

    def nothing_to_sync(self, folder, bucket):
        self.call("check", "--download", folder, f"gw:{bucket}/tree")
        return True


class S3cmd(Client):
    def setup(self):
        self.s3cmd = find("s3cmd")
        host = self.stack.url.split("//")[1]
        self.config = self.write(".s3cfg", f"[default]\nhost_base = {host}\nhost_bucket = {host}\nbucket_location = {self.stack.region}\n"
                                 f"access_key = {self.stack.access_key}\nsecret_key = {self.stack.secret_key}\nuse_https = True\n"
                                 f"ca_certs_file = {self.stack.ca_file}\nenable_multipart = False\n")

    def call(self, *arguments):
        return self.run(self.s3cmd, "-c", self.config, "--no-progress", *arguments)

    def version(self):
        return self.run(self.s3cmd, "--version").decode().strip()

    def put(self, path, bucket, key, metadata=None, content=None):
        options = []
        for name, value in (metadata or {}).items():
            options += [f"--add-header=x-amz-meta-{name}:{value}"]
        for name, value in (content or {}).items():
            options += [f"--mime-type={value}"] if name == "Content-Type" else [f"--add-header={name}:{value}"]
        self.call("put", "--guess-mime-type" if not content else "--no-mime-magic", *options, path, f"s3://{bucket}/{key}")

    def get(self, bucket, key, path):
        self.call("get", "--force", f"s3://{bucket}/{key}", path)

    def list(self, bucket):
        found = {}
        for line in self.call("ls", "--recursive", f"s3://{bucket}").decode().splitlines():
            _, _, size, url = line.split(None, 3)
            found[url.removeprefix(f"s3://{bucket}/")] = int(size)
        return found

    def delete(self, bucket, key):
        self.call("del", f"s3://{bucket}/{key}")

    def copy_tree(self, folder, bucket):
        self.call("sync", f"{folder}/", f"s3://{bucket}/tree/")

    def fetch_tree(self, bucket, folder):
        self.call("sync", f"s3://{bucket}/tree/", f"{folder}/")


class Curl(Client):
    raw_keys = True

    def setup(self):
        self.curl = find("curl")

    def call(self, *arguments):
        secret = f'user = "{self.stack.access_key}:{self.stack.secret_key}"\n'.encode()
        return self.run(self.curl, "-sS", "--fail-with-body", "--path-as-is", "--cacert", self.stack.ca_file, "-K", "-",
                        "--aws-sigv4", f"aws:amz:{self.stack.region}:s3", "-H", UNSIGNED, *arguments, input=secret)

    def url(self, bucket, key):
        from .rawclient import path_of
        return self.stack.url + path_of(bucket, key)

    def version(self):
        return " ".join(self.run(self.curl, "--version").decode().split()[:2])

    def put(self, path, bucket, key, metadata=None, content=None):
        options = []
        for name, value in {**{f"x-amz-meta-{k}": v for k, v in (metadata or {}).items()}, **(content or {})}.items():
            options += ["-H", f"{name}: {value}"]
        self.call(*options, "-T", path, self.url(bucket, key))

    def get(self, bucket, key, path):
        self.call("-o", path, self.url(bucket, key))

    def put_raw(self, path, bucket, key):
        # Not -T, which takes a URL that ends in a slash or in dots for a folder and adds the file's name.
        self.call("-X", "PUT", "--data-binary", f"@{path}", self.url(bucket, key))

    def get_raw(self, bucket, key, path):
        self.get(bucket, key, path)

    def list(self, bucket):
        import xml.etree.ElementTree as ElementTree
        found, namespace = {}, "{http://s3.amazonaws.com/doc/2006-03-01/}"
        for entry in ElementTree.fromstring(self.call(f"{self.stack.url}/{bucket}?list-type=2")).iter(namespace + "Contents"):
            found[entry.find(namespace + "Key").text] = int(entry.find(namespace + "Size").text)
        return found

    def delete(self, bucket, key):
        self.call("-X", "DELETE", self.url(bucket, key))


ALL = {"aws": AwsCli, "debian-aws": DebianAwsCli, "boto3": Boto3, "mc": Mc, "rclone": Rclone, "s3cmd": S3cmd, "curl": Curl}
