#!/bin/sh
# Sets up what is missing, then does one thing:
#   ./go lab    builds and starts a local data space
#   ./go test   runs all the tests
set -eu
cd "$(dirname "$0")"

say() { printf '%s\n' "$*" >&2; }

# Installs Debian packages when this user may, and otherwise names them exactly.
need() {
    missing=
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
    [ -z "$missing" ] && return 0
    if [ "$(id -u)" = 0 ]; then
        as=
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as=sudo
    else
        say "These Debian packages are missing and cannot be installed by this user:$missing"
        say "Install them with: sudo apt-get install$missing"
        exit 1
    fi
    say "Installing$missing"
    $as env DEBIAN_FRONTEND=noninteractive sh -c "apt-get update -q && apt-get install -y -q --no-install-recommends$missing" >&2
}

# The same for what can be done without; then the tests that want it say that they skip.
want() {
    (need "$@") || say "Going on without: $*"
}

command -v cargo >/dev/null || {
    say "A Rust toolchain (1.94 or newer) is needed: see https://rustup.rs"
    exit 1
}

case "${1-}" in
lab)
    shift
    need build-essential pkg-config libssl-dev
    cargo build --locked --release -p connector --bin entente
    exec "${CARGO_TARGET_DIR:-target}/release/entente" lab up "$@"
    ;;
test)
    shift
    need build-essential pkg-config libssl-dev nginx-light openssl curl
    # For the official protocol test kit and a live EDC
    { command -v java && command -v mvn; } >/dev/null || want default-jdk-headless maven
    # For the clients of the management API and for schemathesis
    { command -v npm; } >/dev/null || want npm
    python3 -c "import venv, ensurepip" 2>/dev/null || want python3 python3-venv
    sh tests/setup.sh
    cargo build --locked -p connector --bin entente
    cargo test --locked --workspace "$@"
    ;;
*)
    say "usage: ./go lab [options of 'entente lab up'] | ./go test [options of 'cargo test']"
    exit 2
    ;;
esac
