"""The command line and the configuration: help at each level, errors that say where and what to do, modes checked."""

import os
import shutil
import stat
import subprocess

import pytest
import yaml


@pytest.fixture
def sealgate(stack):
    def run(*arguments, **options):
        return subprocess.run([stack.program, *map(str, arguments)], capture_output=True, text=True, timeout=20, **options)

    return run


COMMANDS = [["serve"], ["check-config"], ["key"], ["key", "new"], ["key", "list"], ["key", "retire"], ["credential"],
            ["credential", "new"], ["open"], ["version"]]


@pytest.mark.parametrize("command", [[], *COMMANDS])
def test_help_at_each_level(sealgate, command):
    result = sealgate(*command, "--help")
    assert result.returncode == 0, result.stderr
    assert "usage" in result.stdout.lower()


def test_help_names_every_command(sealgate):
    text = sealgate("--help").stdout
    for command in ("serve", "check-config", "key", "credential", "open", "version"):
        assert command in text


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["serve", "--nonsense"], ["key", "nonsense"], ["serve", "--config"],
                                       ["serve", "--config", "/nonexistent/file"]])
def test_wrong_use(sealgate, arguments):
    result = sealgate(*arguments)
    assert result.returncode != 0
    assert result.stderr


def test_version(sealgate):
    result = sealgate("version")
    assert result.returncode == 0
    assert "sealgate" in result.stdout and "." in result.stdout


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_key_new_list_retire(sealgate, tmp_path):
    keyring = tmp_path / "keyring"
    assert sealgate("key", "new", "--keyring", keyring, "main").returncode == 0
    assert mode(keyring) == 0o600
    first = keyring.read_text()
    assert sealgate("key", "new", "--keyring", keyring, "main").returncode == 0
    listed = sealgate("key", "list", "--keyring", keyring).stdout
    assert "main:1" in listed and "main:2" in listed
    for line in keyring.read_text().splitlines():
        if line and not line.startswith("#"):
            assert line.split()[-1] not in listed  # never the key itself
    assert first.split()[-1] in keyring.read_text()  # nothing is lost
    assert sealgate("key", "new", "--keyring", keyring, "Bad Name").returncode != 0


def test_credential_new(sealgate, tmp_path):
    file = tmp_path / "credentials"
    assert sealgate("credential", "new", "--credentials", file).returncode == 0
    assert sealgate("credential", "new", "--credentials", file).returncode == 0
    assert mode(file) == 0o600
    lines = [line.split() for line in file.read_text().splitlines() if line and not line.startswith("#")]
    assert len({line[0] for line in lines}) == 2
    assert all(len(secret) >= 32 for _, secret in lines)


def test_check_config_accepts_the_running_one(sealgate, stack):
    result = sealgate("check-config", "--config", stack.env["GATEWAY_CONFIG"])
    assert result.returncode == 0, result.stderr


@pytest.fixture
def copied(stack, tmp_path):
    """A copy of the stack's configuration with files of its own, to be spoiled."""
    config = stack.config
    for section, name in ((config["server"], "certificate"), (config["server"], "key"), (config["upstream"], "ca_file"),
                          (config["upstream"], "credentials"), (config, "credentials"), (config, "keyring")):
        source = section[name]
        target = tmp_path / (("upstream-" if section is config["upstream"] else "") + os.path.basename(source))
        shutil.copy(source, target)
        section[name] = str(target)

    def check(sealgate):
        path = tmp_path / "gateway.yaml"
        path.write_text(yaml.safe_dump(config))
        return sealgate("check-config", "--config", path)

    config_and_check = (config, check, tmp_path)
    return config_and_check


def missing(config, folder):
    os.remove(config["keyring"])


def readable_by_others(config, folder):
    os.chmod(config["keyring"], 0o644)


def credentials_readable_by_others(config, folder):
    os.chmod(config["credentials"], 0o644)


def tls_key_readable_by_others(config, folder):
    os.chmod(config["server"]["key"], 0o644)


def zero_key(config, folder):
    with open(config["keyring"], "a") as file:
        file.write("zero:1 active " + "A" * 43 + "\n")


def short_key(config, folder):
    with open(config["keyring"], "a") as file:
        file.write("short:1 active AAAB\n")


def duplicate_key(config, folder):
    text = open(config["keyring"]).read()
    with open(config["keyring"], "a") as file:
        file.write(text)


def other_key(config, folder):
    subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", config["server"]["key"]], check=True)


def not_a_certificate(config, folder):
    open(config["server"]["certificate"], "w").write("nothing\n")


def no_ca(config, folder):
    open(config["upstream"]["ca_file"], "w").write("nothing\n")


def unknown_key_in_bucket(config, folder):
    config["buckets"][0]["keys"] = ["absent:1"]
    config["buckets"][0]["active_key"] = "absent:1"


def active_not_listed(config, folder):
    config["buckets"][0]["keys"] = []


def http_upstream(config, folder):
    config["upstream"]["endpoint"] = "http://localhost:9000"


def unknown_option(config, folder):
    config["server"]["verify"] = False


def upstream_verify_switch(config, folder):
    config["upstream"]["insecure"] = True


def no_keyring(config, folder):
    del config["keyring"]


def bad_number(config, folder):
    config["server"]["workers"] = "many"


def huge_number(config, folder):
    config["server"]["workers"] = 1 << 40


def bad_address(config, folder):
    config["server"]["addresses"] = ["localhost"]


def identities_twice(config, folder):
    rule = config["buckets"][0]
    config["buckets"] += [{**rule, "name": "one", "identity": "same"}, {**rule, "name": "two", "identity": "same"}]


def named_like_an_identity(config, folder):
    rule = config["buckets"][0]
    config["buckets"] += [{**rule, "name": "one", "identity": "two"}, {**rule, "name": "two"}]


@pytest.mark.parametrize("spoil", [
    missing, readable_by_others, credentials_readable_by_others, tls_key_readable_by_others, zero_key, short_key, duplicate_key,
    other_key, not_a_certificate, no_ca, unknown_key_in_bucket, active_not_listed, http_upstream, unknown_option,
    upstream_verify_switch, no_keyring, bad_number, huge_number, bad_address, identities_twice, named_like_an_identity,
])
def test_check_config_refuses(sealgate, copied, spoil):
    config, check, folder = copied
    assert check(sealgate).returncode == 0
    secrets = [line.split()[-1] for line in open(config["keyring"]) if line.strip() and not line.startswith("#")]
    secrets += [line.split()[-1] for line in open(config["credentials"]) if line.strip() and not line.startswith("#")]
    spoil(config, folder)
    result = check(sealgate)
    assert result.returncode != 0
    assert len(result.stderr) > 20
    for secret in secrets:
        assert secret not in result.stdout + result.stderr


@pytest.mark.parametrize("text, line", [
    ("server:\n  addresses: [\n", None), ("server:\n\taddresses: x\n", None), ("server: {addresses: [a:1]}\nunknown: 1\n", 2),
    ("- a\n- b\n", None), ("", None), ("server: *anchor\n", None),
])
def test_errors_name_file_and_line(sealgate, tmp_path, text, line):
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    result = sealgate("check-config", "--config", path)
    assert result.returncode != 0
    assert str(path) in result.stderr
    if line:
        assert f"{path}:{line}" in result.stderr


def test_secrets_do_not_show_in_the_process_list(stack):
    command = open(f"/proc/{stack.pid}/cmdline", "rb").read()
    assert stack.secret_key.encode() not in command
