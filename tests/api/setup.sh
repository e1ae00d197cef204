#!/bin/sh
# Makes the Python environment of the API test: schemathesis in an exact version, in the folder of test data.
# Prints why when it cannot; the test then says that it skips.
set -eu
cd "$(dirname "$0")"
folder="${ENTENTE_TEST_DATA:-../../.cache/data}"
version=4.32.5
mkdir -p "$folder"
[ -x "$folder/schemathesis/bin/schemathesis" ] &&
    "$folder/schemathesis/bin/schemathesis" --version | grep -q "$version" && exit 0
command -v python3 >/dev/null || {
    echo "setup: python3 is missing, so the API test will skip" >&2
    exit 0
}
{ python3 -m venv "$folder/schemathesis" &&
    "$folder/schemathesis/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version" >&2; } || {
    rm -rf "$folder/schemathesis"
    echo "setup: no Python environment with schemathesis can be made here, so the API test will skip" >&2
}
