#!/bin/sh
# What docker-compose.yml runs once before MinIO (keys) and once before the gateway (bucket). Both do nothing the second time.
set -eu
umask 077
config=/etc/sealgate
minio=/minio

keys() {
    if [ -e "$config/gateway.yaml" ]; then
        echo "keys and certificates are there already"
        return
    fi
    work=$(mktemp -d)
    export PKI_DAYS=825
    pki "$work" gateway DNS:gateway
    pki "$work" minio DNS:minio
    # The CA's own key is not kept: nobody can make another certificate that these two would trust.
    cp "$work/ca.crt" "$work/gateway.crt" "$work/gateway.key" "$config/"
    cp "$work/minio.crt" "$minio/public.crt"
    cp "$work/minio.key" "$minio/private.key"
    rm -rf "$work"

    openssl rand -hex 8 >"$minio/root-user"
    openssl rand -hex 20 >"$minio/root-password"
    printf '%s %s\n' "$(cat "$minio/root-user")" "$(cat "$minio/root-password")" >"$config/upstream-credentials"
    sealgate key new --keyring "$config/keyring" main >/dev/null
    sealgate credential new --credentials "$config/credentials" >/dev/null
    cat >"$config/gateway.yaml.new" <<Y
server:
  addresses: ["0.0.0.0:8443"]
  certificate: $config/gateway.crt
  key: $config/gateway.key
  admin: "127.0.0.1:9080"
upstream:
  endpoint: https://minio:9000
  region: us-east-1
  ca_file: $config/ca.crt
  credentials: $config/upstream-credentials
region: us-east-1
credentials: $config/credentials
keyring: $config/keyring
state_bucket: sealgate-state
buckets:
  - name: "*"
    keys: ["main:1"]
    active_key: "main:1"
log:
  access: "-"
Y
    # Last, because its presence says that everything is there.
    mv "$config/gateway.yaml.new" "$config/gateway.yaml"
    echo "made a CA, two certificates, a keyring, a credential and the configuration"
}

# Waits for MinIO and makes the bucket that the gateway keeps its own state in.
bucket() {
    read -r user password <"$config/upstream-credentials"
    tries=60
    until curl -fs -o /dev/null --cacert "$config/ca.crt" https://minio:9000/minio/health/ready; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { echo "MinIO is not ready" >&2 && exit 1; }
        sleep 1
    done
    # The secret goes through standard input: a command line can be seen by others.
    status=$(printf 'user = "%s:%s"\n' "$user" "$password" | curl -sS -K - --cacert "$config/ca.crt" -X PUT \
        --aws-sigv4 aws:amz:us-east-1:s3 -o /dev/null -w '%{http_code}' https://minio:9000/sealgate-state)
    case $status in
    200 | 409) echo "the state bucket is there" ;;
    *) echo "MinIO answered $status" >&2 && exit 1 ;;
    esac
}

case ${1:-keys} in
keys) keys ;;
bucket) bucket ;;
*) echo "usage: init.sh keys|bucket" >&2 && exit 2 ;;
esac
