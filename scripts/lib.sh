# What the scripts of this folder share. Sourced, never run.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Programs that are built once and used by every work tree: MinIO, mc.
CACHE=${SEALGATE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sealgate}

# The release that is wanted, and the same project by commit for Go proxies that do not know its release tags.
MINIO_MODULE=github.com/minio/minio
MINIO_VERSIONS=(RELEASE.2025-10-15T17-29-55Z v0.0.0-20260212201848-7aac2a2c5b7c)
MC_MODULE=github.com/minio/mc
MC_VERSIONS=(v0.0.0-20250313080218-cf909e1063a9)

# Progress goes to standard error, so that standard output is free for results.
step() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
note() { printf '    %s\n' "$*" >&2; }
die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command as root: directly, or with sudo.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif have sudo; then
        sudo "$@"
    else
        die "'$*' needs root: run this as root, or install sudo"
    fi
}

# Prints a program's path: from PATH, else from the cache. Fails when it is in neither.
find_tool() {
    if have "$1"; then
        command -v "$1"
    elif [ -x "$CACHE/bin/$1" ]; then
        printf '%s\n' "$CACHE/bin/$1"
    else
        return 1
    fi
}

# Prints the path of a Go that can fetch the toolchain a module asks for (1.21 or newer).
find_go() {
    local go version
    for go in go /usr/local/go/bin/go; do
        have "$go" || continue
        version=$("$go" env GOVERSION 2>/dev/null)
        version=${version#go1.}
        [ "${version%%.*}" -ge 21 ] 2>/dev/null || continue
        command -v "$go"
        return 0
    done
    return 1
}

# go_install MODULE VERSION...: the first version that can be had goes to the cache.
go_install() {
    local module=$1 go version
    shift
    go=$(find_go) || return 1
    mkdir -p "$CACHE/bin"
    for version in "$@"; do
        step "building $module@$version (once; this takes some minutes)"
        if GOBIN="$CACHE/bin" GOFLAGS="${GOFLAGS:-} -buildvcs=false" timeout 1800 "$go" install "$module@$version" \
            >"$CACHE/go-install.log" 2>&1; then
            return 0
        fi
        note "not available this way: $(tail -n 1 "$CACHE/go-install.log")"
    done
    return 1
}

# Takes the program out of the image that the compose file pins.
minio_from_image() {
    local image container
    have docker && docker info >/dev/null 2>&1 || return 1
    image=$(sed -n 's/^ *image: *\(minio[^ ]*\)/\1/p' "$ROOT/docker/docker-compose.yml" | head -n 1)
    [ -n "$image" ] || return 1
    step "taking MinIO from the image $image"
    container=$(docker create "$image" version) || return 1
    mkdir -p "$CACHE/bin"
    docker cp "$container:/usr/bin/minio" "$CACHE/bin/minio" >&2
    docker rm "$container" >/dev/null
    [ -x "$CACHE/bin/minio" ]
}

# Prints the path of MinIO's server, getting it if need be.
need_minio() {
    find_tool minio && return 0
    go_install "$MINIO_MODULE" "${MINIO_VERSIONS[@]}" || minio_from_image || die "MinIO is needed and could not be had.
    Any of these helps, then run this again:
      - put a 'minio' program on PATH
      - install Go 1.24 or newer (this script then builds MinIO; Debian 12's own Go is too old)
      - install and start Docker (this script then takes MinIO from its image)"
    find_tool minio
}

need_mc() {
    find_tool mc && return 0
    go_install "$MC_MODULE" "${MC_VERSIONS[@]}" || return 1
    find_tool mc
}

# Prints the path of the gateway, building the release preset if need be.
need_sealgate() {
    if [ -n "${SEALGATE:-}" ]; then
        [ -x "$SEALGATE" ] || die "SEALGATE=$SEALGATE is not a program"
        printf '%s\n' "$SEALGATE"
        return 0
    fi
    build_preset release sealgate
    printf '%s\n' "$ROOT/build/release/gateway/sealgate"
}

# build_preset PRESET TARGET...: configures if need be, builds, shows output only when something fails.
build_preset() {
    local preset=$1 log="$ROOT/build/$1.log"
    shift
    mkdir -p "$ROOT/build"
    if ! (cd "$ROOT" && cmake --preset "$preset" -DSG_TESTS="${SG_TESTS:-ON}" && cmake --build --preset "$preset" --target "$@") \
        >"$log" 2>&1; then
        tail -n 60 "$log" >&2
        die "the $preset build failed; the whole output is in ${log#"$ROOT/"}"
    fi
}

# Prints COUNT different ports on which nobody listens, below the range that the kernel gives to outgoing connections.
free_ports() {
    local count=$1 port taken=' '
    while [ "$count" -gt 0 ]; do
        port=$((RANDOM % 20000 + 12000))
        case $taken in *" $port "*) continue ;; esac
        [ -z "$(ss -Hltn "sport = :$port")" ] || continue
        taken="$taken$port "
        printf '%s\n' "$port"
        count=$((count - 1))
    done
}
