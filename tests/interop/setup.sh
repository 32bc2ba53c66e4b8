#!/bin/sh
# Fetches the SDKs that the interoperability tests drive: npm's from the lock file, PyPI's into a virtual
# environment. Fetches nothing when they are in place. A registry out of reach is no failure: its tests then report
# themselves as skipped.
set -eu
cd "$(dirname "$0")"

is_current() {  # is_current WANTED COPY
    cmp -s "$1" "$2"
}

try_fetch() {  # try_fetch WHAT COMMAND...
    what=$1
    shift
    log=$(mktemp)
    for pause in 2 10 0; do
        if "$@" >"$log" 2>&1; then
            rm -f "$log"
            echo "fetched $what"
            return 0
        fi
        sleep "$pause"
    done
    tail -n 3 "$log" >&2
    rm -f "$log"
    echo "cannot fetch $what here: its tests will be skipped"
    return 1
}

fetch_node_sdk() {
    npm ci --no-audit --no-fund --loglevel=error --fetch-retries=1 --fetch-timeout=60000
}

fetch_python_sdk() {
    rm -rf .venv
    python3 -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --retries 1 --timeout 30 -r python/requirements.txt
}

if ! is_current package-lock.json node_modules/.fetched && try_fetch "npm's SDKs" fetch_node_sdk; then
    cp package-lock.json node_modules/.fetched
fi
if ! is_current python/requirements.txt .venv/.fetched && try_fetch "PyPI's SDKs" fetch_python_sdk; then
    cp python/requirements.txt .venv/.fetched
fi
