# MinIO as the upstream of a stack. Sourced by scripts/stack, which sets DIR, DATA and UPSTREAM_PORT.
# An upstream gives: upstream_prepare (once), upstream_command (sets the array `command`), upstream_ready.

upstream_prepare() {
    need_minio >/dev/null
    mkdir -p "$DIR/minio-certs" "$DATA"
    cp "$DIR/pki/upstream.crt" "$DIR/minio-certs/public.crt"
    cp "$DIR/pki/upstream.key" "$DIR/minio-certs/private.key"
}

upstream_command() {
    command=(env MINIO_ROOT_USER="$UPSTREAM_ACCESS_KEY_ID" MINIO_ROOT_PASSWORD="$UPSTREAM_SECRET_ACCESS_KEY"
        MINIO_BROWSER=off MINIO_UPDATE=off MINIO_CALLHOME_ENABLE=off
        "$(need_minio)" server --quiet --certs-dir "$DIR/minio-certs" --address "127.0.0.1:$UPSTREAM_PORT" "$DATA")
}

upstream_ready() {
    curl -fs -o /dev/null --max-time 2 --cacert "$DIR/pki/ca.crt" "$UPSTREAM_URL/minio/health/ready"
}
