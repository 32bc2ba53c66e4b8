#!/bin/sh
# Runs the interoperability tests of one language: run.sh node|python. AIGW names the binary.
# Exit code 77, which ctest shows as skipped: the SDK could not be fetched here.
set -eu
cd "$(dirname "$0")"

skip() {
    echo "$1 is not here: sh tests/interop/setup.sh fetches it"
    exit 77
}

case ${1-} in
    node)
        [ -e node_modules/.fetched ] || skip "npm's openai"
        exec node --test openai.test.mjs
        ;;
    python)
        [ -e .venv/.fetched ] || skip "PyPI's openai"
        cd python
        exec ../.venv/bin/python -B -m unittest openai_test.py
        ;;
    *)
        echo "usage: run.sh node|python" >&2
        exit 2
        ;;
esac
