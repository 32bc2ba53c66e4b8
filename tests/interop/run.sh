#!/bin/sh
# Runs the interoperability tests of one SDK: run.sh LANGUAGE-SDK, such as node-openai. AIGW names the binary.
# Exit code 77, which ctest shows as skipped: the SDKs could not be fetched here.
set -eu
cd "$(dirname "$0")"

skip() {
    echo "the SDKs for $1 are not here: sh tests/interop/setup.sh fetches them"
    exit 77
}

case ${1-} in
    node-?*)
        [ -e node_modules/.fetched ] || skip Node
        exec node --test "${1#node-}.test.mjs"
        ;;
    python-?*)
        [ -e .venv/.fetched ] || skip Python
        cd python
        exec ../.venv/bin/python -B -m unittest "${1#python-}_test.py"
        ;;
    *)
        echo "usage: run.sh node-SDK|python-SDK" >&2
        exit 2
        ;;
esac
