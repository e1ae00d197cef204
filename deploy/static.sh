#!/bin/sh
# Builds target/x86_64-unknown-linux-musl/release/entente: one static binary that needs nothing from its host.
# Wants a Rust toolchain with rustup, and on Debian or Ubuntu the packages musl-tools, build-essential and perl.
set -eu
cd "$(dirname "$0")/.."
command -v musl-gcc >/dev/null || {
    echo "musl-gcc is missing: apt-get install musl-tools build-essential perl" >&2
    exit 1
}
rustup target add x86_64-unknown-linux-musl
exec cargo build --locked --release -p connector --bin entente --features static --target x86_64-unknown-linux-musl "$@"
