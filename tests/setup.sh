#!/bin/sh
# Fetches the public data and the clients that the tests use, in exact versions.
# Prints why when it cannot; the tests that need the data then say that they skip.
set -eu
cd "$(dirname "$0")"
folder="${ENTENTE_TEST_DATA:-../.cache/data}"
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# Exact versions, no install scripts, into the folder $1.
npm_install() {
    into=$1
    shift
    command -v npm >/dev/null || {
        echo "setup: npm is missing, so tests that need $* will skip" >&2
        return 0
    }
    mkdir -p "$into"
    [ -f "$into/package.json" ] || printf '{"private":true}\n' > "$into/package.json"
    (cd "$into" && npm install --no-audit --no-fund --ignore-scripts --save-exact "$@" >&2) || {
        echo "setup: npm gives no $*, so tests that need them will skip" >&2
    }
}

# Public data
[ -d "$folder/node_modules/vega-datasets" ] && [ -d "$folder/node_modules/@etalab/decoupage-administratif" ] ||
    npm_install "$folder" vega-datasets@3.2.1 @etalab/decoupage-administratif@6.0.0

# Clients of the management API. The newest of the first that runs on Node 20; 0.9.5 wants 24.
clients="$folder/clients"
[ -d "$clients/npm/node_modules/@think-it-labs/edc-connector-client" ] ||
    npm_install "$clients/npm" @think-it-labs/edc-connector-client@0.9.0

# Python packages in an exact version, into an environment of their own in the folder $1.
pip_install() {
    into=$1
    shift
    [ -f "$into/ready" ] && [ "$(cat "$into/ready")" = "$*" ] && return 0
    python3 -c 'import venv, ensurepip' 2>/dev/null || {
        echo "setup: python3 with venv is missing, so the test that needs $* will skip" >&2
        return 0
    }
    rm -rf "$into"
    python3 -m venv "$into" &&
        "$into/bin/pip" install -q --disable-pip-version-check "$@" >&2 &&
        echo "$*" > "$into/ready" || {
        echo "setup: pip gives no $*, so the test that needs it will skip" >&2
        rm -rf "$into"
    }
}

pip_install "$clients/python" edcpy==0.11.2
# Tests the management API against its OpenAPI document.
pip_install "$folder/schemathesis" schemathesis==4.32.5
