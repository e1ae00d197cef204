#!/bin/sh
# Fetches the public data that the tests use: npm packages, exact versions, no install scripts.
# Prints why when it cannot; the tests that need the data then say that they skip.
set -eu
cd "$(dirname "$0")"
folder="${ENTENTE_TEST_DATA:-../.cache/data}"
mkdir -p "$folder"
if [ -d "$folder/node_modules/vega-datasets" ] && [ -d "$folder/node_modules/@etalab/decoupage-administratif" ]; then
    exit 0
fi
command -v npm >/dev/null || {
    echo "setup: npm is missing, so tests with public data will skip" >&2
    exit 0
}
cd "$folder"
[ -f package.json ] || printf '{"private":true}\n' > package.json
npm install --no-audit --no-fund --ignore-scripts --save-exact \
    vega-datasets@3.2.1 @etalab/decoupage-administratif@6.0.0 >&2
